// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"

int folder_enter(void **state)
{
	char *path = strdup("/tmp/gilwatch-test.XXXXXX");

	*state = path;
	/* Tests may look at it as another user. */
	return !path || !mkdtemp(path) || chmod(path, 0755) || chdir(path);
}

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

int folder_leave(void **state)
{
	int err = chdir("/") ||
		  nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return err;
}

static int make_above(const char *path)
{
	char above[512];
	size_t i;

	for (i = 0; path[i] && i < sizeof(above); i++) {
		if (i && path[i] == '/') {
			above[i] = '\0';
			if (mkdir(above, 0755) && errno != EEXIST)
				return -errno;
		}
		above[i] = path[i];
	}
	return 0;
}

int folder_write(const char *path, const char *text)
{
	int err = make_above(path);
	FILE *f;

	if (err)
		return err;
	f = fopen(path, "w");
	if (!f)
		return -errno;
	err = fputs(text, f) < 0 ? -EIO : 0;
	return fclose(f) ? -errno : err;
}

int folder_has(const char *path, const char *text)
{
	char got[4096];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		return 0;
	n = fread(got, 1, sizeof(got), f);
	fclose(f);
	return n == strlen(text) && !memcmp(got, text, n);
}

int folder_count(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	if (!dir)
		return -errno;
	while (readdir(dir))
		n++;
	closedir(dir);
	/* . and .. */
	return n - 2;
}
