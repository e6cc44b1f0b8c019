// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object.h"

void source_from(struct source *s, const char *name, const char *text,
		 size_t len)
{
	s->name = strdup(name);
	s->text = xcalloc(len + 1, 1);
	memcpy(s->text, text, len);
	s->len = len;
}

static int read_all(FILE *f, struct source *s)
{
	size_t cap = 65536;
	size_t n;

	s->text = xcalloc(cap, 1);
	while ((n = fread(s->text + s->len, 1, cap - s->len - 1, f)) > 0) {
		s->len += n;
		if (s->len > SOURCE_MAX)
			return -EFBIG;
		if (cap - s->len < 65536) {
			cap *= 2;
			s->text = xrealloc(s->text, cap, 1);
		}
	}
	s->text[s->len] = '\0';
	return ferror(f) ? -EIO : 0;
}

int source_read(struct source *s, const char *name)
{
	FILE *f = fopen(name, "re");
	int err;

	memset(s, 0, sizeof(*s));
	if (!f)
		return -errno;
	s->name = strdup(name);
	errno = 0;
	err = read_all(f, s);
	if (err == -EIO && errno)
		err = -errno;
	fclose(f);
	if (err)
		source_free(s);
	return err;
}

void source_free(struct source *s)
{
	free(s->name);
	free(s->text);
	memset(s, 0, sizeof(*s));
}

const char *source_line(const struct source *s, int line, int *len)
{
	const char *p = s->text;
	const char *end;

	*len = 0;
	while (p && --line > 0) {
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
	}
	if (!p)
		return "";
	p += strspn(p, " \t\f");
	end = p + strcspn(p, "\r\n");
	*len = end - p > 300 ? 300 : (int)(end - p);
	return p;
}
