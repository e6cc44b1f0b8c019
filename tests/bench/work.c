// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Does one small thing over and over and says what it costs. A line
 *
 *	KIND[:N] MS
 *
 * on standard input asks for one measurement of that length; the answer is one
 * line with the ns that one operation took. The process lives on in between,
 * so that observers can come and go. All of it runs on one CPU, the last one
 * that it may use unless the first argument names another.
 *
 * The time is the lowest tenth of short slices: what the machine does beside
 * makes some of them longer, and none shorter.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLICES 100
#define MS_MAX 60000

/* Each operation is done in rounds of this many between two looks at the clock.
 */
#define ROUND 16

struct kind {
	const char *name;
	bool (*open)(void);
	void (*once)(void);
	void (*close)(void);
	unsigned int per_once; /* operations in one call of once */
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static long futex(uint32_t *word, int op, uint32_t val)
{
	return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, val, NULL,
		       NULL, 0);
}

/* ---- two threads hand a turn to and fro --------------------------------- */

#define STOP 2u

static uint32_t turn;
static pthread_t partner;

static void pass_turn(uint32_t to)
{
	__atomic_store_n(&turn, to, __ATOMIC_SEQ_CST);
	futex(&turn, FUTEX_WAKE, 1);
}

static uint32_t wait_turn(uint32_t mine)
{
	uint32_t now;

	while ((now = __atomic_load_n(&turn, __ATOMIC_SEQ_CST)) != mine &&
	       now != STOP)
		futex(&turn, FUTEX_WAIT, now);
	return now;
}

static void *partner_main(void *arg)
{
	while (wait_turn(1) != STOP)
		pass_turn(0);
	return arg;
}

static bool pingpong_open(void)
{
	turn = 0;
	return !pthread_create(&partner, NULL, partner_main, NULL);
}

static void pingpong_once(void)
{
	pass_turn(1);
	wait_turn(0);
}

static void pingpong_close(void)
{
	pass_turn(STOP);
	pthread_join(partner, NULL);
}

/* ---- many threads pass a token round ------------------------------------ */

#define RING_MAX 10000u
#define RING_STACK (32u << 10)

/* Handoffs between two looks of the one that measures. */
#define RING_LAP 64u

static unsigned int size; /* N of the kind */

/* Each waits on a word of its own, the one that measures on the last. */
static uint32_t ring_word[RING_MAX + 1];
static pthread_t ring_thread[RING_MAX];
static unsigned int ring_left, ring_next;
static bool ring_over;

static void ring_pass(unsigned int to)
{
	__atomic_store_n(&ring_word[to], 1, __ATOMIC_SEQ_CST);
	futex(&ring_word[to], FUTEX_WAKE, 1);
}

static void ring_wait(unsigned int mine)
{
	while (!__atomic_exchange_n(&ring_word[mine], 0, __ATOMIC_SEQ_CST))
		futex(&ring_word[mine], FUTEX_WAIT, 0);
}

static void *ring_main(void *arg)
{
	unsigned int mine = (unsigned int)(uintptr_t)arg;

	for (;;) {
		ring_wait(mine);
		if (ring_over)
			return NULL;
		ring_next = (mine + 1) % size;
		ring_pass(--ring_left ? ring_next : RING_MAX);
	}
}

static bool ring_open(void)
{
	pthread_attr_t attr;
	bool good = size >= 2 && size <= RING_MAX;

	ring_over = false;
	ring_next = 0;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, RING_STACK);
	for (uintptr_t i = 0; i < size && good; i++) {
		ring_word[i] = 0;
		good = !pthread_create(&ring_thread[i], &attr, ring_main,
				       (void *)i);
	}
	pthread_attr_destroy(&attr);
	return good;
}

static void ring_once(void)
{
	ring_left = RING_LAP;
	ring_pass(ring_next);
	ring_wait(RING_MAX);
}

static void ring_close(void)
{
	ring_over = true;
	for (unsigned int i = 0; i < size; i++)
		ring_pass(i);
	for (unsigned int i = 0; i < size; i++)
		pthread_join(ring_thread[i], NULL);
}

/* ---- two threads hand turns to and fro, on many words in turn ------------ */

#define WORDS_MAX 100000u

static uint32_t words[WORDS_MAX];
static unsigned int words_at;
static bool words_over;

static void words_pass(unsigned int at, uint32_t to)
{
	__atomic_store_n(&words[at], to, __ATOMIC_SEQ_CST);
	futex(&words[at], FUTEX_WAKE, 1);
}

static void words_wait(unsigned int at, uint32_t mine)
{
	uint32_t now;

	while ((now = __atomic_load_n(&words[at], __ATOMIC_SEQ_CST)) != mine)
		futex(&words[at], FUTEX_WAIT, now);
}

static void *words_main(void *arg)
{
	for (unsigned int at = 0;; at = (at + 1) % size) {
		words_wait(at, 1);
		if (words_over)
			return arg;
		words_pass(at, 0);
	}
}

static bool words_open(void)
{
	words_at = 0;
	words_over = false;
	return size && size <= WORDS_MAX &&
	       !pthread_create(&partner, NULL, words_main, NULL);
}

static void words_once(void)
{
	words_pass(words_at, 1);
	words_wait(words_at, 0);
	words_at = (words_at + 1) % size;
}

static void words_close(void)
{
	words_over = true;
	words_pass(words_at, 1);
	pthread_join(partner, NULL);
	words[words_at] = 0;
}

/* ---- system calls of one thread ----------------------------------------- */

static void getppid_once(void)
{
	syscall(SYS_getppid);
}

static void wake_once(void)
{
	static uint32_t nobody;

	futex(&nobody, FUTEX_WAKE, 1);
}

/* ---- two processes send a byte to and fro ------------------------------- */

static int there[2], back[2];
static pid_t child;

static void echo(void)
{
	char byte;

	close(there[1]);
	close(back[0]);
	while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
		;
	_exit(0);
}

static bool pipe_open(void)
{
	if (pipe(there) || pipe(back))
		return false;
	child = fork();
	if (!child)
		echo();
	close(there[0]);
	close(back[1]);
	return child > 0;
}

static void pipe_once(void)
{
	char byte = 0;

	if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
		_exit(1);
}

static void pipe_close(void)
{
	close(there[1]);
	close(back[0]);
	waitpid(child, NULL, 0);
}

/* ---- what make does: fork, exec, wait ----------------------------------- */

static void spawn_once(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static const struct kind kinds[] = {
	{ "pingpong", pingpong_open, pingpong_once, pingpong_close, 2 },
	{ "ring", ring_open, ring_once, ring_close, RING_LAP + 1 },
	{ "words", words_open, words_once, words_close, 2 },
	{ "getppid", NULL, getppid_once, NULL, 1 },
	{ "wake", NULL, wake_once, NULL, 1 },
	{ "pipe", pipe_open, pipe_once, pipe_close, 2 },
	{ "spawn", NULL, spawn_once, NULL, 1 },
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* ---- measuring ---------------------------------------------------------- */

static double slice(const struct kind *k, uint64_t ns)
{
	uint64_t start = now_ns(), end;
	unsigned int done = 0;

	do {
		for (int i = 0; i < ROUND; i++)
			k->once();
		done += ROUND * k->per_once;
		end = now_ns();
	} while (end - start < ns);
	return (double)(end - start) / done;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double measure(const struct kind *k, unsigned int ms)
{
	double cost[SLICES];

	if (k->open && !k->open())
		return -1;
	slice(k, ms * 100000ull); /* a tenth to warm up */
	for (int i = 0; i < SLICES; i++)
		cost[i] = slice(k, ms * 1000000ull / SLICES);
	if (k->close)
		k->close();
	qsort(cost, SLICES, sizeof(*cost), compare);
	return cost[SLICES / 10];
}

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static bool stay_on_one_cpu(const char *asked)
{
	cpu_set_t may, one;
	int cpu = -1;

	if (sched_getaffinity(0, sizeof(may), &may))
		return false;
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &may))
			cpu = i;
	if (asked)
		cpu = atoi(asked);
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return !sched_setaffinity(0, sizeof(one), &one);
}

int main(int argc, char **argv)
{
	const struct kind *kind;
	unsigned int ms;
	char name[16], *n;

	if (!stay_on_one_cpu(argc > 1 ? argv[1] : NULL)) {
		fprintf(stderr, "work: cannot stay on one CPU\n");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (scanf("%15s %u", name, &ms) == 2) {
		n = strchr(name, ':');
		size = n ? (unsigned int)strtoul(n + 1, NULL, 10) : 0;
		if (n)
			*n = '\0';
		kind = find_kind(name);
		if (!kind || !ms || ms > MS_MAX) {
			fprintf(stderr, "work: cannot do %s for %u ms\n", name,
				ms);
			return 2;
		}
		printf("%.2f\n", measure(kind, ms));
	}
	return 0;
}
