// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIVE_MAX 32
#define FOLDERS_MAX 64
#define ARGS_MAX 40

/* How often a condition is looked at. */
#define POLL_SECONDS 0.005

static struct live pool[LIVE_MAX];
static char *folders[FOLDERS_MAX];

/* ---- after a test -------------------------------------------------------- */

static struct live *from_pool(void)
{
	for (size_t i = 0; i < LIVE_MAX; i++)
		if (!pool[i].used)
			return &pool[i];
	fail_msg("more than %d programs at once", LIVE_MAX);
	return NULL;
}

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

int live_teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < LIVE_MAX; i++)
		if (pool[i].used)
			live_done(&pool[i]);
	for (size_t i = 0; i < FOLDERS_MAX; i++) {
		if (!folders[i])
			continue;
		nftw(folders[i], remove_one, 16,
		     FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
		free(folders[i]);
		folders[i] = NULL;
	}
	return 0;
}

/* ---- paths --------------------------------------------------------------- */

static const char *absolute(char path[PATH_MAX], const char *from)
{
	if (!realpath(from, path))
		fail_msg("%s: %s", from, strerror(errno));
	return path;
}

const char *live_gilwatch(void)
{
	static char path[PATH_MAX];
	const char *other = getenv("GILWATCH_TEST_PROGRAM");

	return *path ? path : absolute(path, other ? other : "./gilwatch");
}

const char *live_workload(const char *name)
{
	static char path[PATH_MAX];
	const char *build = getenv("BUILD");
	char from[PATH_MAX];

	snprintf(from, sizeof(from), "%s/workloads/%s", build ? build : "build",
		 name);
	return absolute(path, from);
}

const char *live_folder(void)
{
	char *path = strdup("/tmp/gilwatch-live.XXXXXX");

	assert_true(path && mkdtemp(path) && !chmod(path, 0755));
	for (size_t i = 0; i < FOLDERS_MAX; i++)
		if (!folders[i]) {
			folders[i] = path;
			return path;
		}
	fail_msg("more than %d folders", FOLDERS_MAX);
	return NULL;
}

const char *live_path(const char *folder, const char *name)
{
	static char path[4][PATH_MAX];
	static unsigned int turn;
	char *p = path[turn++ % 4];

	snprintf(p, PATH_MAX, "%s/%s", folder, name);
	return p;
}

static const char *format(bool hex, uint64_t value)
{
	static char text[8][24];
	static unsigned int turn;
	char *p = text[turn++ % 8];

	snprintf(p, sizeof(text[0]), hex ? "0x%" PRIx64 : "%" PRIu64, value);
	return p;
}

const char *live_number(uint64_t value)
{
	return format(false, value);
}

const char *live_hex(uint64_t value)
{
	return format(true, value);
}

void live_sleep(double seconds)
{
	struct timespec t = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9),
	};

	while (nanosleep(&t, &t) && errno == EINTR)
		continue;
}

/* ---- starting ------------------------------------------------------------ */

static int output(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		fail_msg("memfd_create: %s", strerror(errno));
	/* Several processes write to it, and the kernel keeps no order between
	 * their positions in such a file. */
	if (fcntl(fd, F_SETFL, O_APPEND))
		fail_msg("O_APPEND: %s", strerror(errno));
	return fd;
}

/* Returns also in the child, with pid 0 there. The child ends with this
 * process. */
static struct live *start(void)
{
	struct live *l = from_pool();
	pid_t parent = getpid();

	*l = (struct live){ .used = true,
			    .out = output("stdout"),
			    .err = output("stderr") };
	fflush(NULL);
	l->pid = fork();
	if (l->pid < 0)
		fail_msg("fork: %s", strerror(errno));
	if (l->pid)
		return l;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	dup2(l->out, STDOUT_FILENO);
	dup2(l->err, STDERR_FILENO);
	/* Whoever runs the tests: a test that wants a sudo user says so. */
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	/* A call that gilwatch's own filter has not, ends it. */
	setenv("GILWATCH_SECCOMP", "kill", 1);
	return l;
}

struct live *live_start(const char *const *argv, live_setup_fn setup, void *ctx)
{
	struct live *l = start();

	if (l->pid)
		return l;
	if (setup && setup(ctx)) {
		dprintf(l->err, "setting up: %s\n", strerror(errno));
		_exit(125);
	}
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	dprintf(l->err, "%s: %s\n", argv[0], strerror(errno));
	_exit(125);
}

struct live *live_call(int (*fn)(void *ctx), void *ctx)
{
	struct live *l = start();

	if (!l->pid)
		_exit(fn(ctx));
	return l;
}

/* ---- output -------------------------------------------------------------- */

static const char *text_of(struct live *l, int which)
{
	int fd = which ? l->err : l->out;
	struct stat st;
	ssize_t n;

	free(l->text[which]);
	assert_int_equal(fstat(fd, &st), 0);
	l->text[which] = malloc((size_t)st.st_size + 1);
	assert_non_null(l->text[which]);
	n = pread(fd, l->text[which], (size_t)st.st_size, 0);
	assert_true(n >= 0);
	l->text[which][n] = '\0';
	return l->text[which];
}

const char *live_out(struct live *l)
{
	return text_of(l, 0);
}

const char *live_err(struct live *l)
{
	return text_of(l, 1);
}

static void await_text(struct live *l, int which, const char *text)
{
	bool ended = false;

	for (int i = 0; i < LIVE_LIMIT / POLL_SECONDS; i++) {
		if (strstr(text_of(l, which), text))
			return;
		if (ended)
			fail_msg("ended with %d, without \"%s\":\n%s%s",
				 l->status, text, text_of(l, 0), text_of(l, 1));
		ended = live_ended(l);
		live_sleep(POLL_SECONDS);
	}
	fail_msg("no \"%s\" in %d s:\n%s%s", text, LIVE_LIMIT, text_of(l, 0),
		 text_of(l, 1));
}

void live_await_err(struct live *l, const char *text)
{
	await_text(l, 1, text);
}

void live_await_out(struct live *l, const char *text)
{
	await_text(l, 0, text);
}

/* ---- ending -------------------------------------------------------------- */

static void keep_status(struct live *l, int status)
{
	l->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					: WEXITSTATUS(status);
	l->pid = 0;
}

bool live_ended(struct live *l)
{
	int status;

	if (l->pid && waitpid(l->pid, &status, WNOHANG) == l->pid)
		keep_status(l, status);
	return !l->pid;
}

int live_wait(struct live *l)
{
	for (int i = 0; !live_ended(l) && i < LIVE_LIMIT / POLL_SECONDS; i++)
		live_sleep(POLL_SECONDS);
	if (l->pid)
		fail_msg("still runs after %d s:\n%s%s", LIVE_LIMIT,
			 text_of(l, 0), text_of(l, 1));
	return l->status;
}

void live_signal(struct live *l, int sig)
{
	assert_true(l->pid > 0);
	assert_int_equal(kill(l->pid, sig), 0);
}

void live_done(struct live *l)
{
	int status;

	if (l->pid > 0) {
		kill(l->pid, SIGKILL);
		waitpid(l->pid, &status, 0);
	}
	close(l->out);
	close(l->err);
	free(l->text[0]);
	free(l->text[1]);
	*l = (struct live){ .used = false };
}

struct live *live_run(const char *const *argv, live_setup_fn setup, void *ctx)
{
	struct live *l = live_start(argv, setup, ctx);

	live_wait(l);
	return l;
}

/* ---- gilwatch ------------------------------------------------------------ */

struct live *live_watch(const char *const *args)
{
	const char *argv[ARGS_MAX] = { live_gilwatch() };
	struct live *l;
	size_t n = 1;

	for (; *args; args++) {
		assert_true(n < ARGS_MAX - 1);
		argv[n++] = *args;
	}
	l = live_start(argv, NULL, NULL);
	live_await_err(l, "gilwatch: watching");
	return l;
}

/* ---- skipping ------------------------------------------------------------ */

void live_skip(const char *fmt, ...)
{
	va_list args;

	fputs("SKIP-REASON: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	skip();
}

/* One line about what is missing here, not about a mistake of gilwatch. */
static bool is_refusal(const char *err)
{
	static const char *const signs[] = {
		"missing capabilities",
		"kernel",
		"BTF",
		"namespace",
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (strstr(err, signs[i]))
			return true;
	return false;
}

void live_require(void)
{
	static char *refusal;
	const char *argv[] = { live_gilwatch(),
			       "-q",
			       "-d",
			       "0.1",
			       "-p",
			       live_number((uint64_t)getpid()),
			       NULL };
	static bool tried;
	struct live *l;

	if (!tried) {
		tried = true;
		l = live_run(argv, NULL, NULL);
		if (l->status && is_refusal(live_err(l)))
			refusal = strndup(live_err(l),
					  strcspn(live_err(l), "\n"));
		live_done(l);
	}
	if (refusal)
		live_skip("%s", refusal);
}
