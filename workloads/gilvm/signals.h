/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Signals as CPython treats them: the handler in C only notes the signal; the
 * main thread runs what the program wants done, between two bytecodes.
 */
#ifndef GILVM_SIGNALS_H
#define GILVM_SIGNALS_H

#include "object.h"

/* SIGINT raises KeyboardInterrupt; SIGPIPE is ignored. */
void signals_init(void);

/* Run the handlers of all signals that wait; main thread. -1: one raised. */
int signals_run(void);

/*
 * A blocking call returned EINTR, and the GIL is held again. -1: a handler
 * raised; else the call can be made again.
 */
int signals_after_eintr(void);

#endif
