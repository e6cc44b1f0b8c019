// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iterator.h"

#define RECORDS_AT_ONCE 64

/* Hands on the whole records in buf; returns the bytes that are left. */
static size_t take_records(char *buf, size_t have, size_t size,
			   iterator_take_fn take, void *ctx, int *err)
{
	size_t used = 0;

	for (; !*err && have - used >= size; used += size)
		*err = take(ctx, buf + used);
	memmove(buf, buf + used, have - used);
	return have - used;
}

int iterator_read(int link, size_t size, iterator_take_fn take, void *ctx)
{
	size_t have = 0, room = RECORDS_AT_ONCE * size;
	int err = 0, fd = bpf_iter_create(link);
	char *buf = malloc(room);
	ssize_t n;

	if (fd < 0)
		err = -errno;
	else if (!buf)
		err = -ENOMEM;
	while (!err && (n = read(fd, buf + have, room - have)) != 0) {
		if (n > 0)
			have = take_records(buf, have + (size_t)n, size, take,
					    ctx, &err);
		else if (errno != EINTR && errno != EAGAIN)
			err = -errno;
	}
	free(buf);
	if (fd >= 0)
		close(fd);
	return err;
}
