// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Processes that take turns: in each, two threads hand a turn of their own to
 * and fro for a while. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

#define PROCESSES_MAX 1000u

/* Of each process when it is its turn, and the handoffs that these are. */
#define ROUNDS 32u
#define HANDOFFS (2 * ROUNDS)

/* Memory of all: each waits on a word of its own, the one that measures on the
 * last. */
static struct common {
	uint32_t word[PROCESSES_MAX + 1];
	uint32_t over;
} * common;

static pid_t process[PROCESSES_MAX];
static unsigned int next;

static void give(unsigned int to)
{
	__atomic_store_n(&common->word[to], 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &common->word[to], FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void await(unsigned int mine)
{
	uint32_t *word = &common->word[mine];

	while (!__atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void take_turns(unsigned int mine)
{
	if (!work_pingpong_open())
		_exit(1);
	for (;;) {
		await(mine);
		if (common->over)
			_exit(0);
		for (unsigned int i = 0; i < ROUNDS; i++)
			work_pingpong_once();
		give(PROCESSES_MAX);
	}
}

static void processes_close(void)
{
	common->over = 1;
	for (unsigned int i = 0; i < work_size && process[i] > 0; i++) {
		give(i);
		waitpid(process[i], NULL, 0);
	}
	munmap(common, sizeof(*common));
}

static bool processes_open(void)
{
	if (!work_size || work_size > PROCESSES_MAX)
		return false;
	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (common == MAP_FAILED)
		return false;
	next = 0;
	for (unsigned int i = 0; i < work_size; i++) {
		process[i] = fork();
		if (!process[i])
			take_turns(i);
		if (process[i] > 0)
			continue;
		processes_close();
		return false;
	}
	return true;
}

static void processes_once(void)
{
	give(next);
	await(PROCESSES_MAX);
	next = (next + 1) % work_size;
}

const struct work_kind work_processes = { "processes", processes_open,
					  processes_once, processes_close,
					  HANDOFFS + 2 };
