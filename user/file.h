/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_FILE_H
#define GILWATCH_FILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Report files in one folder that is opened once. No symbolic link is followed
 * at its last component or at a file, no file is ever seen half-written, and what
 * has the name of one but is a device, a pipe or a socket stays (-EEXIST).
 */

/* "Leave the owner as it is." */
#define FILE_KEEP_UID ((uid_t)-1)
#define FILE_KEEP_GID ((gid_t)-1)

/* Room for any message that file_explain writes. */
#define FILE_MSG 512

struct file_dir {
	int fd;     /* -1: not open */
	char *path; /* as the user wrote it, for messages */
	uid_t uid;  /* owner of what is made here; FILE_KEEP_UID */
	gid_t gid;
};

/*
 * Open the folder for reports; make it (mode 0700, one level) if it is missing.
 *
 * uid, gid: who shall own what is made, where the process is root; or
 *           FILE_KEEP_UID, FILE_KEEP_GID. As root, the folder is made, opened
 *           and tried with that user's rights, so that root never writes where
 *           the user could not.
 *
 * Returns 0, or a negative errno for file_explain(dir's path): -ENOTDIR (a
 * file, or a symbolic link: -ELOOP), -EACCES, -EROFS, -ENOENT (the folder above
 * is missing), -ENOSPC, -ENOMEM.
 */
int file_dir_open(struct file_dir *d, const char *path, uid_t uid, gid_t gid);

/* Close; a struct that is not open (fd -1) is left alone. */
void file_dir_close(struct file_dir *d);

/*
 * Make or replace the file `name` (no slash) in d with exactly buf: readers see
 * the old content or the new, never a part. Mode 0600, the owner as in
 * file_dir_open. It is written beside it under a temporary name and renamed.
 *
 * Returns 0 or a negative errno; then the old file is untouched and the
 * temporary one is gone.
 */
int file_replace(const struct file_dir *d, const char *name, const void *buf,
		 size_t len);

/*
 * A file that grows by whole blocks. Rewriting a table for every interval
 * would cost more with every hour; this costs what the new rows cost.
 */
struct file_rows {
	int fd; /* -1: not open */
	off_t size;
};

/*
 * Make or replace the file `name` with `head` (as file_replace) and keep it
 * open for more. Returns 0 or a negative errno; then nothing is open.
 */
int file_rows_open(struct file_rows *f, const struct file_dir *d,
		   const char *name, const void *head, size_t len);

/*
 * Add buf at the end, as a whole: on an error (-ENOSPC, -EDQUOT, -EFBIG, -EIO)
 * the file is cut back to what it was before. Returns 0 or a negative errno.
 */
int file_rows_add(struct file_rows *f, const void *buf, size_t len);

/* Close; a struct that is not open (fd -1) is left alone. */
void file_rows_close(struct file_rows *f);

/*
 * A file that is written beside its place, as NAME.PID.part, until it is whole.
 */
struct file_aside {
	int fd; /* -1: not open */
	const struct file_dir *dir;
	char *name, *part;
};

/* Begin a file. d must stay open. Returns 0 or a negative errno; then nothing
 * is open. */
int file_aside_open(struct file_aside *f, const struct file_dir *d,
		    const char *name);

/* Write buf at an offset. Returns 0 or a negative errno. */
int file_aside_write(struct file_aside *f, const void *buf, size_t len,
		     off_t at);

/*
 * Give the file its name, in place of an older one, and close it.
 * Returns 0 or a negative errno; then the part stays as it is.
 */
int file_aside_publish(struct file_aside *f);

/*
 * The same for its first bytes, after an error, and only where there is no file
 * of its name.
 *
 * size: what is to stay of it
 *
 * Returns 0 or a negative errno (-EEXIST: there is one); either way what was
 * written aside is gone.
 */
int file_aside_publish_part(struct file_aside *f, off_t size);

/* Close, and remove a file that is not published; one that is not open (fd -1)
 * is left alone. */
void file_aside_discard(struct file_aside *f);

/*
 * One line, without a newline, for an error of the functions above: what
 * happened, to which file, what to do.
 *
 * path: the folder
 * name: the file in it, or NULL where opening the folder failed
 * err:  the negative errno
 *
 * Returns msg.
 */
const char *file_explain(char msg[FILE_MSG], const char *path, const char *name,
			 int err);

#endif
