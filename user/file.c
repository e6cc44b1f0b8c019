// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "text.h"

/* A name in a folder is at most 255 bytes; ours are longer by a dot and a PID.
 */
#define TEMP_NAME 300

/* Root's own groups, while another user's rights to files are borrowed. */
struct borrowed {
	bool active;
	int groups;
	gid_t *group;
};

static int save_groups(struct borrowed *b)
{
	b->groups = getgroups(0, NULL);
	if (b->groups < 0)
		return -errno;
	b->group = calloc((size_t)b->groups + 1, sizeof(*b->group));
	if (!b->group)
		return -ENOMEM;
	b->groups = getgroups(b->groups, b->group);
	return b->groups < 0 ? -errno : 0;
}

static void give_back(struct borrowed *b)
{
	if (b->active) {
		setfsuid(0);
		setfsgid(getegid());
		setgroups((size_t)b->groups, b->group);
	}
	free(b->group);
}

/* From here to give_back files are opened with what the user may do. */
static int borrow(struct borrowed *b, uid_t uid, gid_t gid)
{
	struct passwd *user;
	int err;

	*b = (struct borrowed){ 0 };
	if (geteuid() || uid == FILE_KEEP_UID || !uid)
		return 0;
	err = save_groups(b);
	if (err)
		return err;
	user = getpwuid(uid);
	if (user ? initgroups(user->pw_name, gid) : setgroups(1, &gid))
		return -errno;
	b->active = true;
	setfsgid(gid);
	/* Leaving 0 also takes away root's override of file modes. */
	setfsuid(uid);
	return 0;
}

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0)
		return fd;
	/* O_DIRECTORY hides that it is a link. */
	if (errno == ENOTDIR && !lstat(path, &st) && S_ISLNK(st.st_mode))
		return -ELOOP;
	return -errno;
}

static int make_dir(const char *path)
{
	int fd = open_dir(path);

	if (fd != -ENOENT)
		return fd;
	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	return open_dir(path);
}

/* A copy without slashes at the end: O_NOFOLLOW does not see through them. */
static char *last_name(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	return strndup(path, n);
}

int file_dir_open(struct file_dir *d, const char *path, uid_t uid, gid_t gid)
{
	struct borrowed b;
	int err;

	*d = (struct file_dir){ .fd = -1, .uid = uid, .gid = gid };
	d->path = last_name(path);
	if (!d->path)
		return -ENOMEM;
	err = borrow(&b, uid, gid);
	if (!err)
		d->fd = err = make_dir(d->path);
	if (err >= 0 && faccessat(d->fd, ".", W_OK | X_OK, AT_EACCESS))
		err = -errno;
	give_back(&b);
	if (err < 0)
		file_dir_close(d);
	return err < 0 ? err : 0;
}

void file_dir_close(struct file_dir *d)
{
	if (d->fd >= 0)
		close(d->fd);
	free(d->path);
	*d = (struct file_dir){ .fd = -1 };
}

/* All of buf from `at` on, however often the kernel takes only a part. */
static int write_all(int fd, const void *buf, size_t len, off_t at)
{
	const char *p = buf;
	ssize_t n;

	while (len) {
		n = pwrite(fd, p, len, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		p += n;
		len -= (size_t)n;
		at += n;
	}
	return 0;
}

static int create(const struct file_dir *d, const char *name)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(d->fd, name, flags, 0600);

	/* Left by a process that had our number and was killed. */
	if (fd < 0 && errno == EEXIST && !unlinkat(d->fd, name, 0))
		fd = openat(d->fd, name, flags, 0600);
	if (fd < 0)
		return -errno;
	if (!geteuid() && d->uid != FILE_KEEP_UID &&
	    fchown(fd, d->uid, d->gid)) {
		int err = -errno;

		close(fd);
		unlinkat(d->fd, name, 0);
		return err;
	}
	return fd;
}

/* What is no ordinary file is not replaced by one: least of all /dev/null. A
 * link goes, and what it leads to stays. */
static int may_replace(const struct file_dir *d, const char *name)
{
	struct stat st;

	if (!*name || strchr(name, '/'))
		return -EINVAL;
	if (fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) || S_ISLNK(st.st_mode) ? 0 : -EEXIST;
}

/* buf in a new file beside `name`, which is `temp`; its descriptor. */
static int write_temp(const struct file_dir *d, const char *name,
		      char temp[TEMP_NAME], const void *buf, size_t len)
{
	int fd, err = may_replace(d, name);

	if (err)
		return err;
	if (snprintf(temp, TEMP_NAME, ".%s.%d", name, (int)getpid()) >=
	    TEMP_NAME)
		return -ENAMETOOLONG;
	fd = create(d, temp);
	if (fd < 0)
		return fd;
	err = write_all(fd, buf, len, 0);
	if (!err)
		return fd;
	close(fd);
	unlinkat(d->fd, temp, 0);
	return err;
}

/* Give the temporary file its name; it is gone where that fails. */
static int rename_temp(const struct file_dir *d, const char *temp,
		       const char *name)
{
	int err;

	if (!renameat(d->fd, temp, d->fd, name))
		return 0;
	err = -errno;
	unlinkat(d->fd, temp, 0);
	return err;
}

int file_replace(const struct file_dir *d, const char *name, const void *buf,
		 size_t len)
{
	char temp[TEMP_NAME];
	int fd, err;

	fd = write_temp(d, name, temp, buf, len);
	if (fd < 0)
		return fd;
	/* Some file systems tell only here that the disk was full. */
	if (close(fd)) {
		err = -errno;
		unlinkat(d->fd, temp, 0);
		return err;
	}
	return rename_temp(d, temp, name);
}

int file_rows_open(struct file_rows *f, const struct file_dir *d,
		   const char *name, const void *head, size_t len)
{
	char temp[TEMP_NAME];
	int fd, err;

	*f = (struct file_rows){ .fd = -1 };
	fd = write_temp(d, name, temp, head, len);
	if (fd < 0)
		return fd;
	err = rename_temp(d, temp, name);
	if (err) {
		close(fd);
		return err;
	}
	f->fd = fd;
	f->size = (off_t)len;
	return 0;
}

int file_rows_add(struct file_rows *f, const void *buf, size_t len)
{
	int err = write_all(f->fd, buf, len, f->size);

	if (!err) {
		f->size += (off_t)len;
		return 0;
	}
	/* Making it shorter needs no room; an error here changes nothing. */
	while (ftruncate(f->fd, f->size) && errno == EINTR)
		continue;
	return err;
}

void file_rows_close(struct file_rows *f)
{
	if (f->fd >= 0)
		close(f->fd);
	*f = (struct file_rows){ .fd = -1 };
}

/* ---- files written aside --------------------------------------------------
 */

static void forget_aside(struct file_aside *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->name);
	free(f->part);
	*f = (struct file_aside){ .fd = -1 };
}

int file_aside_open(struct file_aside *f, const struct file_dir *d,
		    const char *name)
{
	int err = may_replace(d, name);

	*f = (struct file_aside){ .fd = -1, .dir = d };
	if (err)
		return err;
	f->name = strdup(name);
	if (!f->name ||
	    asprintf(&f->part, "%s.%d.part", name, (int)getpid()) < 0) {
		f->part = NULL;
		err = -ENOMEM;
	} else {
		f->fd = err = create(d, f->part);
	}
	if (err < 0)
		forget_aside(f);
	return err < 0 ? err : 0;
}

int file_aside_write(struct file_aside *f, const void *buf, size_t len,
		     off_t at)
{
	return write_all(f->fd, buf, len, at);
}

/* Some file systems tell only when a file is closed that the disk was full. */
static int publish(struct file_aside *f, unsigned int how, bool partly)
{
	const int dir = f->dir->fd;
	int err = close(f->fd) && !partly ? -errno : 0;

	f->fd = -1;
	if (!err && renameat2(dir, f->part, dir, f->name, how))
		err = -errno;
	if (err && partly)
		unlinkat(dir, f->part, 0);
	forget_aside(f);
	return err;
}

int file_aside_publish(struct file_aside *f)
{
	return publish(f, 0, false);
}

int file_aside_publish_part(struct file_aside *f, off_t size)
{
	int err;

	do
		err = ftruncate(f->fd, size) ? -errno : 0;
	while (err == -EINTR);
	if (err) {
		file_aside_discard(f);
		return err;
	}
	return publish(f, RENAME_NOREPLACE, true);
}

void file_aside_discard(struct file_aside *f)
{
	if (f->fd >= 0)
		unlinkat(f->dir->fd, f->part, 0);
	forget_aside(f);
}

/* ---- messages -------------------------------------------------------------
 */

static const char *dir_advice(int err)
{
	switch (-err) {
	case ENOTDIR:
		return "it is not a folder: give another name";
	case ELOOP:
		return "it is a symbolic link: give the folder itself";
	case ENOENT:
		return "the folder above it does not exist: make that first";
	case EACCES:
	case EPERM:
		return "no permission to write there: give a folder of yours";
	case EROFS:
		return "the file system is read-only: give another folder";
	case ENOSPC:
	case EDQUOT:
		return "the disk is full: make room or give another folder";
	default:
		return NULL;
	}
}

static const char *file_advice(int err)
{
	switch (-err) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return "what was written before is kept: make room and start "
		       "again";
	case EEXIST:
		return "it is a device, a pipe or a socket: give another name";
	case EISDIR:
		return "a folder has that name: remove it";
	default:
		return "what was written before is kept";
	}
}

const char *file_explain(char msg[FILE_MSG], const char *path, const char *name,
			 int err)
{
	const char *advice;
	char shown[300];

	text_escape(shown, sizeof(shown), path, strlen(path));
	if (name) {
		snprintf(msg, FILE_MSG, "cannot write %s/%s: %s: %s", shown,
			 name, strerror(-err), file_advice(err));
		return msg;
	}
	advice = dir_advice(err);
	snprintf(msg, FILE_MSG, "folder %s: %s", shown,
		 advice ? advice : strerror(-err));
	return msg;
}
