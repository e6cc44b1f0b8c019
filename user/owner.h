/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_OWNER_H
#define GILWATCH_OWNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mem.h"

/*
 * Who has a mutex of the C library: it notes its owner beside the futex word.
 * glibc, struct __pthread_mutex_s (sysdeps/nptl/bits/struct_mutex.h): lock 0,
 * count 4, owner 8, nusers 12, kind 16.
 */

enum owner_state {
	OWNER_UNKNOWN, /* the bytes are no mutex, or cannot be read */
	OWNER_FREE,    /* a mutex that nobody has */
	OWNER_HELD,    /* tid has it, by the mutex's own account */
};

struct owner {
	enum owner_state state;
	/* In the process's own pid namespace: owner_thread() translates. */
	uint32_t tid;
	bool recursive; /* PTHREAD_MUTEX_RECURSIVE: held `count` times */
	uint32_t count;
};

/*
 * Judge a futex word as a glibc mutex. Plain, recursive, error-checking and
 * adaptive mutexes are known; robust and priority-inheriting ones have the
 * owner in the word itself. What is read is checked, but 20 bytes of something
 * else can look like a mutex: confirm the owner with owner_thread().
 */
struct owner owner_read(const struct mem *m, uint64_t word);

/* The same of n words of one process, at most MEM_GATHER_MAX, at less cost. */
void owner_read_many(struct mem_process *p, const uint64_t *word,
		     struct owner *out, size_t n);

/*
 * The thread of process pid whose number in the innermost pid namespace is
 * inner.
 *
 * Returns its number as /proc and so gilwatch sees it, -ESRCH where no live
 * thread of the process has it, or the negative errno of reading /proc.
 */
pid_t owner_thread(pid_t pid, uint32_t inner);

/* The number of process pid in its own, the innermost, pid namespace; 0: not
 * known. */
uint32_t owner_inner(pid_t pid);

/* Whether the threads of process pid have the same numbers in its own pid
 * namespace as in /proc. */
bool owner_same_numbers(pid_t pid);

#endif
