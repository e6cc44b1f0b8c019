/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The text of a program, kept for tracebacks. */
#ifndef GILVM_SOURCE_H
#define GILVM_SOURCE_H

#include <stddef.h>

/* Programs larger than this are refused. */
#define SOURCE_MAX (16u << 20)

struct source {
	char *name;
	char *text; /* ends with NUL */
	size_t len;
};

/*
 * Read the file of this name. Returns 0 or a negative errno (-EFBIG: larger
 * than SOURCE_MAX).
 */
int source_read(struct source *s, const char *name);

/* A source from memory; copies both. */
void source_from(struct source *s, const char *name, const char *text,
		 size_t len);

void source_free(struct source *s);

/* Line `line` (from 1) without leading space; *len is 0 if there is none. */
const char *source_line(const struct source *s, int line, int *len);

#endif
