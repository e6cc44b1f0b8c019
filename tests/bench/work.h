/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_BENCH_WORK_H
#define GILWATCH_BENCH_WORK_H

#include <stdbool.h>
#include <stdint.h>

/* Small things that are done over and over, by kind. */

struct work_kind {
	const char *name;
	bool (*open)(void); /* or NULL */
	void (*once)(void);
	void (*close)(void);   /* or NULL */
	unsigned int per_once; /* operations in one call of once */
};

/* N of the kind that is open. */
extern unsigned int work_size;

/* futex(2) on a word of this process, without timeout. */
long work_futex(uint32_t *word, int op, uint32_t val);

/* Two threads that hand a turn to and fro: begin, once, end. */
bool work_pingpong_open(void);
void work_pingpong_once(void);
void work_pingpong_close(void);

extern const struct work_kind work_pingpong, work_ring, work_words,
	work_processes;
extern const struct work_kind work_getppid, work_wake, work_pipe, work_spawn;

#endif
