// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "held.h"

struct held {
	int to;
	FILE *file;
	/* Takes the place of the file's descriptor while output is held back.
	 */
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

static int make_room(struct held *h, size_t size)
{
	char *text;

	if (size <= h->room)
		return 0;
	text = realloc(h->text, size);
	if (!text)
		return -ENOMEM;
	h->text = text;
	h->room = size;
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
	err = make_room(h, (size_t)size);
	if (err)
		return err;
	n = pread(h->store, h->text, (size_t)size, 0);
	return n < 0 ? -errno : n;
}

/* Somebody else may have made the terminal one that does not wait. */
static bool try_again(int fd)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };

	if (errno == EAGAIN)
		poll(&out, 1, -1);
	return errno == EINTR || errno == EAGAIN;
}

static int write_out(int fd, const char *text, size_t n)
{
	ssize_t done;

	while (n) {
		done = write(fd, text, n);
		if (done < 0 && try_again(fd))
			continue;
		if (done < 0)
			return -errno;
		text += done;
		n -= (size_t)done;
	}
	return 0;
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
	return n < 0 ? (int)n : write_out(h->to, h->text, (size_t)n);
}
