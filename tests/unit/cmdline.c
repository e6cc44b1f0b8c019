// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cmdline.h"

static void split(struct call *c, const char *line)
{
	char *word, *rest;

	c->line = strdup(line);
	c->argv[c->argc++] = (char *)"gilwatch";
	for (rest = c->line; (word = strsep(&rest, " "));) {
		if (!*word)
			continue;
		assert_true(c->argc <= ARGS_MAX);
		c->argv[c->argc++] = strcmp(word, "''") ? word : (char *)"";
	}
	c->argv[c->argc] = NULL;
}

struct call *cmdline_call(const char *line)
{
	static struct call c;
	size_t out_len, err_len;
	FILE *out, *err;

	memset(&c, 0, sizeof(c));
	split(&c, line);
	out = open_memstream(&c.out, &out_len);
	err = open_memstream(&c.err, &err_len);
	c.result = options_parse(&c.o, c.argc, c.argv, out, err);
	fclose(out);
	fclose(err);
	return &c;
}

void cmdline_done(struct call *c)
{
	if (!c->result)
		options_free(&c->o);
	assert_null(c->o.pids);
	assert_null(c->o.names);
	free(c->line);
	free(c->out);
	free(c->err);
}

struct call *cmdline_good(const char *line)
{
	struct call *c = cmdline_call(line);

	if (*c->err)
		fprintf(stderr, "%s: %s", line, c->err);
	assert_int_equal(c->result, 0);
	assert_string_equal(c->out, "");
	assert_string_equal(c->err, "");
	return c;
}

void cmdline_bad(const char *line, const char *part)
{
	struct call *c = cmdline_call(line);

	assert_int_equal(c->result, -EINVAL);
	assert_string_equal(c->out, "");
	assert_int_equal(strncmp(c->err, "gilwatch: ", 10), 0);
	assert_ptr_equal(strchr(c->err, '\n'), c->err + strlen(c->err) - 1);
	if (!strstr(c->err, part))
		fprintf(stderr, "%s: %s", line, c->err);
	assert_non_null(strstr(c->err, part));
	cmdline_done(c);
}
