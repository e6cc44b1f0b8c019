// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set);
}

const char *built(const char *name)
{
	static char path[512];
	const char *dir = getenv("BUILD");

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "build", name);
	return path;
}

static char temp_dir[64];

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void remove_temp(void)
{
	nftw(temp_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *temp_name(const char *name)
{
	static char path[256];

	if (!temp_dir[0]) {
		snprintf(temp_dir, sizeof(temp_dir), "/tmp/gilvm-test-XXXXXX");
		assert_non_null(mkdtemp(temp_dir));
		/* gilwatch writes as the user who called sudo. */
		chmod(temp_dir, 0711);
		atexit(remove_temp);
	}
	snprintf(path, sizeof(path), "%s/%s", temp_dir, name);
	return path;
}

char *read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *s;
	long n;

	if (!f)
		return NULL;
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	s = calloc((size_t)n + 1, 1);
	if (fread(s, 1, (size_t)n, f) != (size_t)n)
		s[0] = '\0';
	fclose(f);
	return s;
}

void write_file(const char *path, const char *data, size_t len)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static bool comes_first;

void run_first(void)
{
	comes_first = true;
}

/* A session has a weight of its own beside the priorities in it (autogroup).
 */
static void come_first(void)
{
	int fd = open("/proc/self/autogroup", O_WRONLY);

	if (fd >= 0 && write(fd, "-20", 3) < 0)
		errno = 0;
	if (fd >= 0)
		close(fd);
	setpriority(PRIO_PROCESS, 0, -20);
}

static void child(char **argv, const char *out, const char *err)
{
	int in_fd = open("/dev/null", O_RDONLY);
	int out_fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int err_fd = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	/* A session and group of its own, so that its children end with it. */
	setsid();
	if (comes_first)
		come_first();
	signal(SIGINT, SIG_DFL);
	dup2(in_fd, 0);
	dup2(out_fd, 1);
	dup2(err_fd, 2);
	execvp(argv[0], argv);
	_exit(127);
}

static int wait_for(pid_t pid, int seconds)
{
	double end = now() + seconds;
	struct timespec nap = { 0, 2000000 };
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now() > end) {
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			return 124;
		}
		nanosleep(&nap, NULL);
	}
	kill(-pid, SIGKILL);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static void split(char *line, char **argv)
{
	int n = 0;

	for (char *w = strtok(line, " "); w; w = strtok(NULL, " ")) {
		assert_true(n < MAX_ARGS - 1);
		argv[n++] = w;
	}
	argv[n] = NULL;
}

void run(struct result *r, int seconds, const char *fmt, ...)
{
	char out[256], err[256], line[2048];
	char *argv[MAX_ARGS];
	va_list ap;
	pid_t pid;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	split(line, argv);
	snprintf(out, sizeof(out), "%s", temp_name("stdout"));
	snprintf(err, sizeof(err), "%s", temp_name("stderr"));
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(argv, out, err);
	r->status = wait_for(pid, seconds);
	r->out = read_file(out);
	r->err = read_file(err);
	if (r->status == 127)
		fail_msg("cannot run %s", argv[0]);
}

void result_free(struct result *r)
{
	free(r->out);
	free(r->err);
}

const char *python_version(void)
{
	static char version[64];
	FILE *p;

	if (version[0])
		return version;
	p = popen("python3 --version 2>/dev/null", "re");
	if (!p)
		return NULL;
	if (!fgets(version, sizeof(version), p))
		version[0] = '\0';
	version[strcspn(version, "\n")] = '\0';
	return pclose(p) == 0 && version[0] ? version : NULL;
}

void skip_because(const char *fmt, ...)
{
	va_list ap;

	fputs("SKIP-REASON: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	skip();
}

double json_number(const char *text, const char *key)
{
	char want[64];
	const char *hit;

	snprintf(want, sizeof(want), "\"%s\":", key);
	hit = text ? strstr(text, want) : NULL;
	return hit ? strtod(hit + strlen(want), NULL) : -1;
}

double number_after(const char *text, const char *word)
{
	char want[64];
	const char *hit;

	snprintf(want, sizeof(want), "%s ", word);
	hit = text ? strstr(text, want) : NULL;
	return hit ? strtod(hit + strlen(want), NULL) : -1;
}
