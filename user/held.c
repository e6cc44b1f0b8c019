// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array.h"
#include "full_write.h"
#include "held.h"

struct held {
	int to;
	FILE *file;
	/* Is in the place of the file's descriptor while output is held. */
	int store;
	bool holds;
	char *text;
	size_t room;
};

static int open_file(struct held *h)
{
	int fd = fcntl(h->to, F_DUPFD_CLOEXEC, 3);

	if (fd < 0)
		return -errno;
	h->file = fdopen(fd, "w");
	if (h->file)
		return 0;
	close(fd);
	return -ENOMEM;
}

int held_new(struct held **held, int to)
{
	struct held *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	h->to = to;
	h->store = memfd_create("gilwatch-frame", MFD_CLOEXEC);
	err = h->store < 0 ? -errno : open_file(h);
	if (err)
		held_free(h);
	else
		*held = h;
	return err;
}

void held_free(struct held *h)
{
	if (!h)
		return;
	if (h->file)
		fclose(h->file);
	if (h->store >= 0)
		close(h->store);
	free(h->text);
	free(h);
}

FILE *held_file(const struct held *h)
{
	return h->file;
}

int held_start(struct held *h)
{
	if (lseek(h->store, 0, SEEK_SET) < 0 ||
	    dup3(h->store, fileno(h->file), O_CLOEXEC) < 0)
		return -errno;
	h->holds = true;
	return 0;
}

/* Reads what was gathered. Returns its size in bytes, or a negative errno. */
static ssize_t gathered(struct held *h)
{
	off_t size = lseek(h->store, 0, SEEK_CUR);
	ssize_t n;
	int err;

	if (size < 0)
		return -errno;
	err = array_reserve(&h->text, (size_t)size, &h->room);
	if (err)
		return err;
	n = pread(h->store, h->text, (size_t)size, 0);
	return n < 0 ? -errno : n;
}

int held_release(struct held *h)
{
	ssize_t n;

	if (!h->holds)
		return 0;
	h->holds = false;
	if (dup3(h->to, fileno(h->file), O_CLOEXEC) < 0)
		return -errno;
	n = gathered(h);
	return n < 0 ? (int)n : full_write(h->to, h->text, (size_t)n);
}
