// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "contend.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Far from where programs and libraries are put. */
#define PAGE_AT 0x10000000ul

/* A turn is long against the time that waking the other side takes. */
#define TURN_NS 300000

struct thread_args {
	const struct contend *contend;
	struct contend_side *side;
};

_Atomic uint32_t *contend_page(void)
{
	void *want = (void *)PAGE_AT;
	void *page =
		mmap(want, 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (page != want)
		_exit(99);
	return page;
}

static void burn(long ns)
{
	struct timespec begin, now;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - begin.tv_sec) * 1000000000l + now.tv_nsec -
			 begin.tv_nsec <
		 ns);
}

struct contend_side contend_turns(const struct contend *c, unsigned int side)
{
	struct contend_side s = { .tid = gettid() };
	unsigned int waited;

	for (unsigned int i = 0; i < c->rounds; i++) {
		waited = 0;
		while (atomic_load(c->word) != side) {
			waited = 1;
			syscall(SYS_futex, c->word,
				FUTEX_WAIT | FUTEX_PRIVATE_FLAG, !side, NULL);
		}
		s.waits += waited;
		burn(TURN_NS);
		atomic_store(c->word, !side);
		syscall(SYS_futex, c->word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
	}
	return s;
}

static void *other_side(void *arg)
{
	const struct thread_args *args = arg;

	*args->side = contend_turns(args->contend, 1);
	return NULL;
}

void contend_both(const struct contend *c, struct contend_side sides[2])
{
	struct thread_args args = { c, &sides[1] };
	pthread_t thread;

	atomic_store(c->word, 0);
	if (pthread_create(&thread, NULL, other_side, &args))
		_exit(99);
	sides[0] = contend_turns(c, 0);
	pthread_join(thread, NULL);
}
