/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TUI_HISTORY_H
#define GILWATCH_TUI_HISTORY_H

#include <stddef.h>
#include <stdint.h>

/*
 * A few figures of each lock and each thread over the last intervals. An
 * interval in which nothing was noted counts as 0.
 */

#define HISTORY_LENGTH 60
#define HISTORY_VALUES 3

/* What the values of a lock and of a thread are. */
enum { HISTORY_BUSY, HISTORY_HANDOFFS, HISTORY_STOLEN };
enum { HISTORY_RUNNING, HISTORY_RUNNABLE, HISTORY_LOCK_WAIT };

/* Whose: a lock of a process image, or a thread. */
struct history_key {
	uint64_t owner; /* image, or HISTORY_THREAD */
	uint64_t id;    /* of the lock, or serial of the thread */
};

#define HISTORY_THREAD UINT64_MAX

struct history;

/* Empty; NULL when memory is short. */
struct history *history_new(void);

/* The same once more, for a picture that stands still; NULL as above. */
struct history *history_copy(const struct history *h);

/* Give everything back; NULL is fine. */
void history_free(struct history *h);

/* A new interval begins; what was silent for all of the length is forgotten. */
void history_tick(struct history *h);

/* Note the figures of this interval, once a tick. Returns 0 or -ENOMEM. */
int history_note(struct history *h, struct history_key key,
		 const float value[HISTORY_VALUES]);

/* One figure over the last intervals, oldest first, this one last. */
void history_get(const struct history *h, struct history_key key,
		 unsigned int value, float out[HISTORY_LENGTH]);

/* How many are kept at the moment, silent ones included. */
size_t history_count(const struct history *h);

#endif
