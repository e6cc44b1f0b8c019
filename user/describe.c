// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "describe.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

/* Names come from the command line, but end on a terminal all the same. */
static void add(char *text, const char *before, const char *name)
{
	size_t used = strlen(text), n = strlen(before);

	if (used + n >= DESCRIBE_TEXT)
		return;
	memcpy(text + used, before, n + 1);
	text_escape(text + used + n, DESCRIBE_TEXT - used - n, name,
		    strlen(name));
}

void describe(char text[DESCRIBE_TEXT], const struct options *o)
{
	char pid[32];

	*text = '\0';
	if (!options_named(o))
		add(text, "", "every process that contends for a lock");
	if (o->command)
		add(text, "command ", o->command[0]);
	for (size_t i = 0; i < o->pid_count; i++) {
		snprintf(pid, sizeof(pid), "%d", (int)o->pids[i]);
		add(text, i ? "," : "pid ", pid);
	}
	for (size_t i = 0; i < o->name_count; i++)
		add(text, i ? ", " : "name ", o->names[i]);
}
