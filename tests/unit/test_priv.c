// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What stands in the way, who called sudo, and what is left after the drop. */
#include <errno.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "priv.h"

#define BIT(cap) (1ull << (cap))
#define NEEDED (BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_SYS_PTRACE))

/* A user that every system has besides root. */
#define NOBODY 65534

static const struct priv_facts fine = {
	.caps = NEEDED,
	.release = "6.1.0-13-amd64",
	.initial_userns = true,
};

static void check_judge(struct priv_facts f, int err, const char *part)
{
	char msg[PRIV_MSG];

	assert_int_equal(priv_judge(&f, msg), err);
	if (!err)
		assert_string_equal(msg, "");
	else if (!strstr(msg, part))
		fail_msg("\"%s\" lacks \"%s\"", msg, part);
	assert_null(strchr(msg, '\n'));
}

static void check_kernel(const char *release, int err)
{
	struct priv_facts f = fine;
	char part[64];

	f.release = release;
	snprintf(part, sizeof(part), "kernel %s: 5.12 or newer", release);
	check_judge(f, err, part);
}

static void kernels(void **state)
{
	struct priv_facts f = fine;

	(void)state;
	check_kernel("5.12.0", 0);
	check_kernel("5.12", 0);
	check_kernel("5.15.0-91-generic", 0);
	check_kernel("6.0.0-rc1", 0);
	check_kernel("10.1", 0);
	check_kernel("5.11.22", -ENOTSUP);
	check_kernel("5.1.12", -ENOTSUP);
	check_kernel("5.2", -ENOTSUP);
	check_kernel("4.18.0-513.el8.x86_64", -ENOTSUP);
	check_kernel("4.99.0", -ENOTSUP);
	f.release = "unknown";
	check_judge(f, -ENOTSUP, "kernel's version from \"unknown\"");
}

static void btf(void **state)
{
	struct priv_facts f = fine;

	(void)state;
	f.btf = -ENOENT;
	check_judge(f, -ENOTSUP, "built without CONFIG_DEBUG_INFO_BTF");
	f.btf = -EACCES;
	check_judge(f, -EPERM, "/sys/kernel/btf/vmlinux: Permission denied");
	f.btf = -EIO;
	check_judge(f, -ENOTSUP, "vmlinux: Input/output error");
}

static void capabilities(void **state)
{
	struct priv_facts f = fine;

	(void)state;
	check_judge(f, 0, NULL);
	f.caps = ~0ull;
	check_judge(f, 0, NULL);
	f.caps = NEEDED & ~BIT(CAP_BPF);
	check_judge(f, -EPERM, "capabilities: cap_bpf: run it with sudo");
	f.caps = NEEDED & ~BIT(CAP_PERFMON);
	check_judge(f, -EPERM, "capabilities: cap_perfmon: run");
	f.caps = NEEDED & ~BIT(CAP_SYS_PTRACE);
	check_judge(f, -EPERM, "capabilities: cap_sys_ptrace: run");
	f.caps = ~NEEDED;
	check_judge(f, -EPERM,
		    "cap_sys_ptrace, cap_perfmon, cap_bpf: run it with sudo");
	f.root = true;
	check_judge(f, -EPERM, "root lacks them here");
}

static void user_namespace(void **state)
{
	struct priv_facts f = fine;

	(void)state;
	f.initial_userns = false;
	check_judge(f, -EPERM, "root of a user namespace only");
}

static void the_first_obstacle_is_told(void **state)
{
	struct priv_facts f = {
		.release = "5.11.0",
		.btf = -ENOENT,
	};

	(void)state;
	check_judge(f, -ENOTSUP, "kernel 5.11.0");
	f.release = "5.12.0";
	check_judge(f, -ENOTSUP, "no BTF");
	f.btf = 0;
	check_judge(f, -EPERM, "missing capabilities");
	f.caps = ~0ull;
	check_judge(f, -EPERM, "user namespace");
}

static void check_prints_one_line(void **state)
{
	char *text;
	size_t len;
	FILE *err = open_memstream(&text, &len);
	int result = priv_check(err);

	(void)state;
	fclose(err);
	if (result)
		assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	else
		assert_int_equal(len, 0);
	assert_int_equal(!strncmp(text, "gilwatch: ", 10), result != 0);
	free(text);
}

static void need_root(void)
{
	if (!geteuid())
		return;
	fprintf(stderr, "SKIP-REASON: not root: who called sudo\n");
	skip();
}

static void set_sudo(const char *uid, const char *gid)
{
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	if (uid)
		setenv("SUDO_UID", uid, 1);
	if (gid)
		setenv("SUDO_GID", gid, 1);
}

static void check_bad_sudo(const char *uid, const char *gid, int err,
			   const char *part)
{
	char msg[PRIV_MSG];
	struct priv_user u;

	set_sudo(uid, gid);
	assert_int_equal(priv_sudo_user(&u, msg), err);
	assert_false(u.set);
	assert_non_null(strstr(msg, part));
}

static void check_no_sudo(const char *uid, const char *gid)
{
	char msg[PRIV_MSG];
	struct priv_user u;

	set_sudo(uid, gid);
	assert_int_equal(priv_sudo_user(&u, msg), 0);
	assert_false(u.set);
	assert_string_equal(msg, "");
}

static void sudo_user(void **state)
{
	char msg[PRIV_MSG];
	struct priv_user u;

	(void)state;
	need_root();
	check_no_sudo(NULL, NULL);
	check_no_sudo(NULL, "1000");
	check_no_sudo("0", "0");
	check_bad_sudo("", NULL, -EINVAL, "SUDO_UID is no number");
	check_bad_sudo("x", NULL, -EINVAL, "SUDO_UID is no number");
	check_bad_sudo("-1", NULL, -EINVAL, "SUDO_UID is no number");
	check_bad_sudo("1000 ", NULL, -EINVAL, "SUDO_UID is no number");
	check_bad_sudo("4294967295", NULL, -EINVAL, "SUDO_UID is no number");
	check_bad_sudo("4294967296", NULL, -EINVAL, "SUDO_UID is no number");
	check_bad_sudo("65534", "x", -EINVAL, "SUDO_GID is no number");
	check_bad_sudo("65534", "4294967295", -EINVAL, "SUDO_GID");
	check_bad_sudo("4294967294", NULL, -ENOENT, "no such user");

	set_sudo("65534", NULL);
	assert_int_equal(priv_sudo_user(&u, msg), 0);
	assert_true(u.set);
	assert_int_equal(u.uid, NOBODY);
	assert_int_not_equal(u.gid, 0);
	assert_string_equal(u.name, "nobody");
	assert_true(*u.home == '/' && *u.shell == '/');

	set_sudo("65534", "7");
	assert_int_equal(priv_sudo_user(&u, msg), 0);
	assert_int_equal(u.gid, 7);
	set_sudo(NULL, NULL);
}

/* The number after "name:" in this process's status, or all ones. */
static uint64_t status_of(const char *name, int base)
{
	FILE *f = fopen("/proc/self/status", "r");
	uint64_t value = UINT64_MAX;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			value = strtoull(line + strlen(name) + 1, NULL, base);
	if (f)
		fclose(f);
	return value;
}

/* 0, or which of the things that have to hold does not. */
static int drop(const char *uid, uint64_t caps)
{
	char msg[PRIV_MSG];
	struct priv_user u;

	set_sudo(uid, uid);
	if (priv_sudo_user(&u, msg) || priv_drop(&u))
		return 1;
	if (status_of("CapEff", 16) != caps || status_of("CapPrm", 16) != caps)
		return 2;
	if (status_of("CapInh", 16) || status_of("CapAmb", 16))
		return 3;
	if (status_of("CapBnd", 16) || status_of("NoNewPrivs", 10) != 1)
		return 4;
	if (getuid() != u.uid || geteuid() != u.uid || getgid() != u.gid)
		return 5;
	/* There is no way back. */
	if (u.set && (!setuid(0) || !setgid(0)))
		return 6;
	return 0;
}

static void check_drop(const char *uid, uint64_t caps)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		_exit(drop(uid, caps));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void drop_keeps_three(void **state)
{
	(void)state;
	need_root();
	if ((status_of("CapPrm", 16) & NEEDED) != NEEDED) {
		fprintf(stderr, "SKIP-REASON: root has no CAP_BPF\n");
		skip();
	}
	check_drop("65534", NEEDED);
	check_drop(NULL, NEEDED | BIT(CAP_DAC_OVERRIDE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels),
		cmocka_unit_test(btf),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(user_namespace),
		cmocka_unit_test(the_first_obstacle_is_told),
		cmocka_unit_test(check_prints_one_line),
		cmocka_unit_test(sudo_user),
		cmocka_unit_test(drop_keeps_three),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
