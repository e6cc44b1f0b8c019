/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Standard output and error of the program. */
#ifndef GILVM_OUT_H
#define GILVM_OUT_H

#include <stdbool.h>
#include <stddef.h>

enum out_stream { OUT_STDOUT, OUT_STDERR };

/* Decide on buffering: lines on a terminal, else blocks; stderr has none. */
void out_init(void);

/*
 * Write len bytes. Data for stdout is kept in a buffer until that is full, a
 * line ends on a terminal, or out_flush(). Returns 0 or the negative errno of
 * a write that failed.
 */
int out_write(enum out_stream to, const char *s, size_t len);

/* Write out what is kept, with the GIL released. Result as out_write(). */
int out_flush(void);

/* The same without touching the GIL; before the end and before a fork. */
int out_flush_held(void);

/* In a forked child: the lock as new. */
void out_after_fork(void);

#endif
