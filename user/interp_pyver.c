// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which CPython an image is, and what its lock is called. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interp_priv.h"

/* "libpython3.11.so.1.0", "python2.7": the number behind the last "python". */
static bool version_of_name(const char *name, int *major, int *minor)
{
	const char *at = NULL, *next = name;
	char *end;
	long a, b;

	while ((next = strstr(next, "python")))
		at = next += strlen("python");
	if (!at || *at < '0' || *at > '9')
		return false;
	a = strtol(at, &end, 10);
	if (*end != '.' || end[1] < '0' || end[1] > '9')
		return false;
	b = strtol(end + 1, NULL, 10);
	if (a < 1 || a > 9 || b < 0 || b > 99)
		return false;
	*major = (int)a;
	*minor = (int)b;
	return true;
}

/* Py_Version is from 3.11 on: an unsigned long like PY_VERSION_HEX. */
static bool version_of_symbol(struct search *s, const struct image *image,
			      int *major, int *minor)
{
	uint64_t addr, hex;

	if (interp_symbol(image, "Py_Version", &addr, NULL) ||
	    mem_u64(&s->src->mem, addr, &hex) || hex >> 32)
		return false;
	*major = (int)(hex >> 24);
	*minor = (int)(hex >> 16 & 0xff);
	return *major >= 3 && *major <= 9;
}

void interp_python_version(struct search *s, const struct image *image,
			   int *major, int *minor)
{
	const struct maps *maps = s->src->maps;
	size_t i;

	if (version_of_symbol(s, image, major, minor) ||
	    version_of_name(image->name, major, minor))
		return;
	/* Embedded: the standard library's modules lie in a folder of that
	 * name. */
	for (i = 0; i < maps->count; i++)
		if (maps->range[i].inode &&
		    version_of_name(maps->range[i].path, major, minor))
			return;
	*major = -1;
	*minor = -1;
}

void interp_python_name(struct interp_lock *l)
{
	char version[12] = "";
	char which[40] = "";

	if (l->major >= 0)
		snprintf(version, sizeof(version), " %d.%d", l->major % 100,
			 l->minor % 1000);
	if (l->interpreter > 0)
		snprintf(which, sizeof(which), " of interpreter %jd",
			 (intmax_t)l->interpreter);
	snprintf(l->name, sizeof(l->name), "CPython%s GIL%s", version, which);
}
