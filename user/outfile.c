// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "outfile.h"

static int explain(const struct outfile *f, int err, char msg[FILE_MSG])
{
	file_explain(msg, f->dir.path ? f->dir.path : f->path, f->name, err);
	return err;
}

static int open_dir(struct outfile *f, uid_t uid, gid_t gid, char msg[FILE_MSG])
{
	const char *slash = strrchr(f->path, '/');
	size_t n = slash ? (size_t)(slash - f->path) : 0;
	char *dir = !slash ? strdup(".") : strndup(f->path, n ? n : 1);
	int err = -ENOMEM;

	f->name = slash ? slash + 1 : f->path;
	if (dir)
		err = file_dir_open(&f->dir, dir, uid, gid);
	if (err)
		file_explain(msg, dir ? dir : f->path, NULL, err);
	free(dir);
	return err;
}

int outfile_open(struct outfile *f, const char *path, uid_t uid, gid_t gid,
		 char msg[FILE_MSG])
{
	int err;

	*f = (struct outfile)OUTFILE_NONE;
	f->path = path;
	err = open_dir(f, uid, gid, msg);
	if (err)
		return err;
	err = file_aside_open(&f->file, &f->dir, f->name);
	if (err) {
		explain(f, err, msg);
		outfile_close(f);
	}
	return err;
}

int outfile_write(void *ctx, const void *data, size_t n)
{
	struct outfile *f = ctx;
	int err = file_aside_write(&f->file, data, n, f->at);

	if (!err)
		f->at += (off_t)n;
	return err;
}

int outfile_end(struct outfile *f, int result, char msg[FILE_MSG])
{
	int err = result ? result : file_aside_publish(&f->file);

	if (err)
		explain(f, err, msg);
	outfile_close(f);
	return err;
}

void outfile_close(struct outfile *f)
{
	if (f->file.fd >= 0)
		file_aside_discard(&f->file);
	if (f->dir.fd >= 0)
		file_dir_close(&f->dir);
	f->dir.fd = -1;
}
