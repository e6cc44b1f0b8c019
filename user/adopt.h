/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_ADOPT_H
#define GILWATCH_ADOPT_H

#include "probe.h"
#include "recognise.h"

/*
 * Take in the threads that exist already, with what each is doing now. Where
 * one sleeps on half of a condition variable, which only its process's memory
 * tells, both words are made one lock first; and where it waits for the lock of
 * an interpreter, that is recognised first.
 *
 * recognise: NULL where interpreters are looked for later
 *
 * May be called again when there are new targets. Needs to read other
 * processes' memory; where that fails, each word stays a lock of its own.
 *
 * Returns 0 or a negative errno.
 */
int adopt(struct probe *p, struct recognise *recognise);

#endif
