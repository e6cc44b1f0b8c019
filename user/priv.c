// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "priv.h"

/* The first user namespace's number: PROC_USER_INIT_INO, linux/proc_ns.h. */
#define INITIAL_USERNS 0xEFFFFFFDul

#define BTF_FILE "/sys/kernel/btf/vmlinux"

#define CAP_BIT(cap) (1ull << (cap))

/* What stays after attaching. */
static const unsigned int kept_caps[] = {
	CAP_BPF,
	CAP_PERFMON,
	CAP_SYS_PTRACE,
};

#define KEPT (sizeof(kept_caps) / sizeof(kept_caps[0]))

static int judge_kernel(const char *release, char msg[PRIV_MSG])
{
	unsigned int major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) != 2) {
		snprintf(msg, PRIV_MSG,
			 "cannot tell the kernel's version from \"%s\"",
			 release);
		return -ENOTSUP;
	}
	if (major > PRIV_KERNEL_MAJOR ||
	    (major == PRIV_KERNEL_MAJOR && minor >= PRIV_KERNEL_MINOR))
		return 0;
	snprintf(msg, PRIV_MSG,
		 "this is kernel %s: %d.%d or newer is needed (task storage "
		 "in tracing programs)",
		 release, PRIV_KERNEL_MAJOR, PRIV_KERNEL_MINOR);
	return -ENOTSUP;
}

static int judge_btf(int err, char msg[PRIV_MSG])
{
	if (!err)
		return 0;
	if (err == -ENOENT)
		snprintf(msg, PRIV_MSG,
			 "no BTF (" BTF_FILE "): kernel built without "
			 "CONFIG_DEBUG_INFO_BTF");
	else
		snprintf(msg, PRIV_MSG, "cannot read " BTF_FILE ": %s",
			 strerror(-err));
	return err == -EACCES || err == -EPERM ? -EPERM : -ENOTSUP;
}

/* System calls are seen without tracefs where that is not to be had. */
static uint64_t needed_caps(void)
{
	uint64_t need = 0;
	size_t i;

	for (i = 0; i < KEPT; i++)
		need |= CAP_BIT(kept_caps[i]);
	return need;
}

static int judge_caps(const struct priv_facts *f, char msg[PRIV_MSG])
{
	uint64_t missing = needed_caps() & ~f->caps;
	const char *comma = "", *name;
	size_t used;
	unsigned int cap;

	if (!missing)
		return 0;
	used = (size_t)snprintf(msg, PRIV_MSG, "missing capabilities: ");
	for (cap = 0; cap < 64; cap++) {
		if (!(missing & CAP_BIT(cap)))
			continue;
		name = capng_capability_to_name(cap);
		used += (size_t)snprintf(msg + used, PRIV_MSG - used,
					 "%scap_%s", comma, name ? name : "?");
		comma = ", ";
	}
	snprintf(msg + used, PRIV_MSG - used, ": %s",
		 f->root ? "root lacks them here, so run it on the host or add "
			   "them to the container"
			 : "run it with sudo");
	return -EPERM;
}

int priv_judge(const struct priv_facts *f, char msg[PRIV_MSG])
{
	int err;

	msg[0] = '\0';
	err = judge_kernel(f->release, msg);
	if (!err)
		err = judge_btf(f->btf, msg);
	if (!err)
		err = judge_caps(f, msg);
	if (!err && !f->initial_userns) {
		snprintf(msg, PRIV_MSG,
			 "root of a user namespace only: the kernel allows BPF "
			 "outside of it, so run it on the host or in a "
			 "privileged container");
		err = -EPERM;
	}
	return err;
}

static uint64_t effective_caps(void)
{
	uint64_t caps = 0;
	unsigned int cap;

	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_get_caps_process())
		return 0;
	for (cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (capng_have_capability(CAPNG_EFFECTIVE, cap))
			caps |= CAP_BIT(cap);
	return caps;
}

static int try_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int priv_check(FILE *err)
{
	struct priv_facts facts = {
		.caps = effective_caps(),
		.root = !geteuid(),
	};
	struct utsname kernel;
	char msg[PRIV_MSG];
	struct stat st;
	int result;

	uname(&kernel);
	facts.release = kernel.release;
	facts.btf = try_open(BTF_FILE);
	/* No such file: a kernel without user namespaces. */
	facts.initial_userns =
		stat("/proc/self/ns/user", &st) || st.st_ino == INITIAL_USERNS;
	result = priv_judge(&facts, msg);
	if (result)
		fprintf(err, "gilwatch: %s\n", msg);
	return result;
}

/* A user or group number; the last one means "none" to the kernel. */
static bool read_id(const char *s, unsigned int *id)
{
	unsigned long long v = 0;
	size_t i;

	for (i = 0; s && s[i]; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (unsigned long long)(s[i] - '0');
		if (v >= UINT_MAX)
			return false;
	}
	*id = (unsigned int)v;
	return i > 0;
}

static bool copy_text(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src);

	if (n >= size)
		return false;
	memcpy(dst, src, n + 1);
	return true;
}

/* What the user database says about u->uid. */
static int look_up(struct priv_user *u, gid_t *gid, char msg[PRIV_MSG])
{
	struct passwd entry, *found;
	char text[16384];
	int err;

	err = getpwuid_r(u->uid, &entry, text, sizeof(text), &found);
	/* getpwuid_r(3): "not found" has many names; this, without any file. */
	if (err == ENOENT)
		err = 0;
	if (err || !found) {
		snprintf(msg, PRIV_MSG,
			 "SUDO_UID=%u: %s: unset it, or call sudo again",
			 u->uid, err ? strerror(err) : "no such user");
		return err ? -err : -ENOENT;
	}
	*gid = entry.pw_gid;
	if (copy_text(u->name, sizeof(u->name), entry.pw_name) &&
	    copy_text(u->home, sizeof(u->home), entry.pw_dir) &&
	    copy_text(u->shell, sizeof(u->shell), entry.pw_shell))
		return 0;
	snprintf(msg, PRIV_MSG, "SUDO_UID=%u: the user's entry is too long",
		 u->uid);
	return -ENAMETOOLONG;
}

/* Whom the environment names; false, and why, where that is no number. */
static bool read_sudo_ids(struct priv_user *u, bool *has_gid,
			  char msg[PRIV_MSG])
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	const char *wrong = NULL;

	*has_gid = gid;
	if (!read_id(uid, &u->uid))
		wrong = "SUDO_UID";
	else if (gid && !read_id(gid, &u->gid))
		wrong = "SUDO_GID";
	if (wrong)
		snprintf(msg, PRIV_MSG,
			 "%s is no number: unset it, or call sudo again",
			 wrong);
	return !wrong;
}

int priv_sudo_user(struct priv_user *u, char msg[PRIV_MSG])
{
	gid_t main_group = 0;
	bool has_gid;
	int err;

	msg[0] = '\0';
	*u = (struct priv_user){ 0 };
	if (geteuid() || !getenv("SUDO_UID"))
		return 0;
	if (!read_sudo_ids(u, &has_gid, msg))
		return -EINVAL;
	if (!u->uid)
		return 0;
	err = look_up(u, &main_group, msg);
	if (err)
		return err;
	if (!has_gid)
		u->gid = main_group;
	u->set = true;
	return 0;
}

static int become(const struct priv_user *u)
{
	if (!u->set)
		return capng_apply(CAPNG_SELECT_CAPS);
	return capng_change_id((int)u->uid, (int)u->gid, CAPNG_INIT_SUPP_GRP);
}

int priv_drop(const struct priv_user *u)
{
	size_t i;

	/*
	 * First, while CAP_SETPCAP is there. Where it is not, the bounds stay
	 * and no_new_privs keeps anything from being gained by an exec.
	 */
	capng_clear(CAPNG_SELECT_BOTH);
	capng_apply(CAPNG_SELECT_BOUNDS);
	capng_clear(CAPNG_SELECT_BOTH);
	for (i = 0; i < KEPT; i++)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			     kept_caps[i]);
	if (!u->set && !geteuid())
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			     CAP_DAC_OVERRIDE);
	errno = 0;
	if (become(u))
		return errno ? -errno : -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}
