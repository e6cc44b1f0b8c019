// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch.h"
#include "target.h"
#include "text.h"

/*
 * Over the channel go, from the child, one int each: 0 when it is ready, or the
 * errno of what failed on the way; after the exec failed, its errno. The parent
 * sends one int: go. An exec that works closes the channel.
 */

/* ---- in the child ------------------------------------------------------- */

static void default_signals(void)
{
	sigset_t none;
	int sig;

	for (sig = 1; sig <= SIGRTMAX; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int become(const struct priv_user *u)
{
	if (initgroups(u->name, u->gid) || setresgid(u->gid, u->gid, u->gid) ||
	    setresuid(u->uid, u->uid, u->uid))
		return errno;
	/* A number that means "leave it" to the kernel would leave root. */
	if (getuid() != u->uid || getgid() != u->gid)
		return EPERM;
	if (setenv("HOME", u->home, 1) || setenv("USER", u->name, 1) ||
	    setenv("LOGNAME", u->name, 1) || setenv("SHELL", u->shell, 1))
		return errno;
	return 0;
}

/*
 * Nothing is to pass through the exec but what the new user has: inheritable
 * and ambient capabilities would. Root's own come back by being root.
 */
static int clear_caps(bool all)
{
	unsigned int cap;

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (all)
		capng_clear(CAPNG_SELECT_CAPS);
	else if (capng_get_caps_process())
		return EPERM;
	for (cap = 0; !all && cap <= CAP_LAST_CAP; cap++)
		capng_update(CAPNG_DROP, CAPNG_INHERITABLE, cap);
	return capng_apply(CAPNG_SELECT_CAPS) ? EPERM : 0;
}

static int redirect(int output)
{
	int input = open("/dev/null", O_RDONLY);

	if (input < 0 || dup2(input, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		return errno;
	return 0;
}

static int set_up(const struct priv_user *user, int output)
{
	int err = 0;

	default_signals();
	if (output >= 0 && (err = redirect(output)))
		return err;
	if (user->set)
		err = become(user);
	if (!err)
		err = clear_caps(user->set);
	if (!err && close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC))
		err = errno;
	return err;
}

/* Is there a file of that name anywhere in PATH, executable or not? */
static bool in_path(const char *name)
{
	const char *dir = getenv("PATH");
	char file[PATH_MAX];
	size_t n;

	for (; dir && *dir; dir += n + (dir[n] == ':')) {
		n = strcspn(dir, ":");
		if (snprintf(file, sizeof(file), "%.*s/%s", (int)n, dir, name) <
			    (int)sizeof(file) &&
		    !access(file, F_OK))
			return true;
	}
	return false;
}

/*
 * execvp; the errno of its failure. It says "permission denied" also for a
 * command that is nowhere, where PATH has a folder that the user may not enter.
 */
static int exec(char *const *argv)
{
	int err;

	execvp(argv[0], argv);
	err = errno;
	if (err == EACCES && !strchr(argv[0], '/') && !in_path(argv[0]))
		err = ENOENT;
	return err;
}

static void tell(int channel, int err)
{
	send(channel, &err, sizeof(err), MSG_NOSIGNAL);
}

__attribute__((noreturn)) static void
child(int channel, char *const *argv, const struct priv_user *user, int output)
{
	int err = set_up(user, output), go;
	ssize_t n;

	tell(channel, err);
	if (err)
		_exit(LAUNCH_NOT_EXECUTABLE);
	do {
		n = recv(channel, &go, sizeof(go), 0);
	} while (n < 0 && errno == EINTR);
	/* Nobody is left to say go. */
	if (n != sizeof(go))
		_exit(LAUNCH_NOT_EXECUTABLE);
	err = exec(argv);
	tell(channel, err);
	_exit(launch_status(-err));
}

/* ---- in the parent ------------------------------------------------------ */

/* What the child tells next: its errno, 0, or -1 when it closed the channel. */
static int hear(int channel)
{
	ssize_t n;
	int err;

	do {
		n = recv(channel, &err, sizeof(err), 0);
	} while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? err : -1;
}

/* A child that is about to end, or is made to. */
static void reap(struct launch *l)
{
	while (waitpid(l->pid, &l->status, 0) < 0 && errno == EINTR)
		continue;
	l->reaped = true;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Fork with all signals held back: no handler of ours runs in the child. */
static pid_t fork_child(const int ends[2], char *const *argv,
			const struct priv_user *user, int output)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (!pid) {
		close(ends[0]);
		child(ends[1], argv, user, output);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return pid < 0 ? -errno : pid;
}

int launch_prepare_apart(struct launch *l, char *const *argv,
			 const struct priv_user *user, int output)
{
	int ends[2], err;

	*l = LAUNCH_NONE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	l->pid = fork_child(ends, argv, user, output);
	close(ends[1]);
	l->channel = ends[0];
	if (l->pid < 0) {
		err = l->pid;
		l->pid = 0;
		goto fail;
	}
	err = -hear(l->channel);
	if (err) {
		/* It said what failed, or was killed on the way. */
		err = err > 0 ? -ECANCELED : err;
		goto fail;
	}
	l->pidfd = target_pidfd(l->pid);
	if (l->pidfd >= 0)
		return 0;
	err = l->pidfd;
fail:
	launch_cancel(l);
	return err;
}

int launch_prepare(struct launch *l, char *const *argv,
		   const struct priv_user *user)
{
	return launch_prepare_apart(l, argv, user, -1);
}

int launch_output_file(char path[PATH_MAX], const struct priv_user *user)
{
	const char *dir = getenv("TMPDIR");
	int fd, err;

	if (!dir || !*dir)
		dir = "/tmp";
	if (snprintf(path, PATH_MAX, "%s/gilwatch-XXXXXX.log", dir) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = mkostemps(path, 4, O_CLOEXEC | O_APPEND);
	if (fd < 0)
		return -errno;
	if (!user->set || !fchown(fd, user->uid, user->gid))
		return fd;
	err = -errno;
	unlink(path);
	close(fd);
	return err;
}

int launch_go(struct launch *l)
{
	int go = 1, err;

	/* A child that is gone leaves a closed channel: launch_wait tells. */
	send(l->channel, &go, sizeof(go), MSG_NOSIGNAL);
	err = hear(l->channel);
	close_fd(&l->channel);
	if (err <= 0)
		return 0;
	reap(l);
	return -err;
}

int launch_status(int err)
{
	return err == -ENOENT ? LAUNCH_NOT_FOUND : LAUNCH_NOT_EXECUTABLE;
}

const char *launch_explain(char msg[LAUNCH_MSG], const char *command, int err)
{
	const char *what = strerror(-err);
	char shown[256];

	text_escape(shown, sizeof(shown), command, strlen(command));
	if (err == -ENOENT)
		what = strchr(command, '/')
			       ? "no such file (or its interpreter is missing)"
			       : "command not found in PATH";
	else if (err == -EACCES)
		what = "not executable for the user it would run as";
	else if (err == -ECANCELED)
		what = "killed before it could start";
	snprintf(msg, LAUNCH_MSG, "cannot start %s: %s", shown, what);
	return msg;
}

int launch_wait(struct launch *l, bool block, int *status)
{
	pid_t pid;

	if (!l->reaped) {
		pid = waitpid(l->pid, &l->status, block ? 0 : WNOHANG);
		if (pid < 0)
			return -errno;
		if (!pid)
			return 0;
		l->reaped = true;
	}
	*status = WIFSIGNALED(l->status) ? LAUNCH_SIGNAL + WTERMSIG(l->status)
					 : WEXITSTATUS(l->status);
	return 1;
}

void launch_cancel(struct launch *l)
{
	bool waiting = l->channel >= 0 && l->pid && !l->reaped;

	close_fd(&l->channel);
	if (waiting) {
		/* One that is stopped would not see the channel close. */
		kill(l->pid, SIGKILL);
		reap(l);
	}
	close_fd(&l->pidfd);
	*l = LAUNCH_NONE;
}
