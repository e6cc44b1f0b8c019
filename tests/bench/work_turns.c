// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Threads and processes that hand a turn to each other. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "work.h"

unsigned int work_size;

long work_futex(uint32_t *word, int op, uint32_t val)
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
	work_futex(&turn, FUTEX_WAKE, 1);
}

static uint32_t wait_turn(uint32_t mine)
{
	uint32_t now;

	while ((now = __atomic_load_n(&turn, __ATOMIC_SEQ_CST)) != mine &&
	       now != STOP)
		work_futex(&turn, FUTEX_WAIT, now);
	return now;
}

static void *partner_main(void *arg)
{
	while (wait_turn(1) != STOP)
		pass_turn(0);
	return arg;
}

bool work_pingpong_open(void)
{
	turn = 0;
	return !pthread_create(&partner, NULL, partner_main, NULL);
}

void work_pingpong_once(void)
{
	pass_turn(1);
	wait_turn(0);
}

void work_pingpong_close(void)
{
	pass_turn(STOP);
	pthread_join(partner, NULL);
}

const struct work_kind work_pingpong = { "pingpong", work_pingpong_open,
					 work_pingpong_once,
					 work_pingpong_close, 2 };

/* ---- many threads pass a token round ------------------------------------ */

#define RING_MAX 10000u
#define RING_STACK (32u << 10)

/* Handoffs between two looks of the one that measures. */
#define RING_LAP 64u

/* Each waits on a word of its own, the one that measures on the last. */
static uint32_t ring_word[RING_MAX + 1];
static pthread_t ring_thread[RING_MAX];
static unsigned int ring_left, ring_next;
static bool ring_over;

static void ring_pass(unsigned int to)
{
	__atomic_store_n(&ring_word[to], 1, __ATOMIC_SEQ_CST);
	work_futex(&ring_word[to], FUTEX_WAKE, 1);
}

static void ring_wait(unsigned int mine)
{
	while (!__atomic_exchange_n(&ring_word[mine], 0, __ATOMIC_SEQ_CST))
		work_futex(&ring_word[mine], FUTEX_WAIT, 0);
}

static void *ring_main(void *arg)
{
	unsigned int mine = (unsigned int)(uintptr_t)arg;

	for (;;) {
		ring_wait(mine);
		if (ring_over)
			return NULL;
		ring_next = (mine + 1) % work_size;
		ring_pass(--ring_left ? ring_next : RING_MAX);
	}
}

static bool ring_open(void)
{
	pthread_attr_t attr;
	bool good = work_size >= 2 && work_size <= RING_MAX;

	ring_over = false;
	ring_next = 0;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, RING_STACK);
	for (uintptr_t i = 0; i < work_size && good; i++) {
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
	for (unsigned int i = 0; i < work_size; i++)
		ring_pass(i);
	for (unsigned int i = 0; i < work_size; i++)
		pthread_join(ring_thread[i], NULL);
}

const struct work_kind work_ring = { "ring", ring_open, ring_once, ring_close,
				     RING_LAP + 1 };

/* ---- two threads hand turns to and fro, on many words in turn ------------ */

#define WORDS_MAX 100000u

static uint32_t words[WORDS_MAX];
static unsigned int words_at;
static bool words_over;

static void words_pass(unsigned int at, uint32_t to)
{
	__atomic_store_n(&words[at], to, __ATOMIC_SEQ_CST);
	work_futex(&words[at], FUTEX_WAKE, 1);
}

static void words_wait(unsigned int at, uint32_t mine)
{
	uint32_t now;

	while ((now = __atomic_load_n(&words[at], __ATOMIC_SEQ_CST)) != mine)
		work_futex(&words[at], FUTEX_WAIT, now);
}

static void *words_main(void *arg)
{
	for (unsigned int at = 0;; at = (at + 1) % work_size) {
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
	return work_size && work_size <= WORDS_MAX &&
	       !pthread_create(&partner, NULL, words_main, NULL);
}

static void words_once(void)
{
	words_pass(words_at, 1);
	words_wait(words_at, 0);
	words_at = (words_at + 1) % work_size;
}

static void words_close(void)
{
	words_over = true;
	words_pass(words_at, 1);
	pthread_join(partner, NULL);
	words[words_at] = 0;
}

const struct work_kind work_words = { "words", words_open, words_once,
				      words_close, 2 };
