/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_OUTFILE_H
#define GILWATCH_OUTFILE_H

#include "file.h"

/* One file of output by its path, written aside and renamed when it is whole.
 * Errors are told in one line. */
struct outfile {
	struct file_dir dir;
	struct file_aside file;
	const char *path, *name; /* name: its last part */
	off_t at;
};

/* Nothing is open. */
#define OUTFILE_NONE                                                           \
	{                                                                      \
		.dir.fd = -1, .file.fd = -1                                    \
	}

/*
 * Open. path must live on. uid, gid: the owner, as in file.h.
 *
 * Returns 0 or a negative errno with one line in msg; then nothing is open.
 */
int outfile_open(struct outfile *f, const char *path, uid_t uid, gid_t gid,
		 char msg[FILE_MSG]);

/* Add bytes at the end. ctx: the struct outfile. Returns 0 or a negative errno.
 */
int outfile_write(void *ctx, const void *data, size_t n);

/*
 * Put it in its place, after what was written had this result (0: all well),
 * else remove it. Returns 0 or a negative errno with one line in msg.
 */
int outfile_end(struct outfile *f, int result, char msg[FILE_MSG]);

/* Remove what is not put in its place; what is not open is left alone. */
void outfile_close(struct outfile *f);

#endif
