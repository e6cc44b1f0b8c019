// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CPython before _PyRuntime.
 *
 * 3.2 - 3.6 (Python/ceval_gil.h): file-local variables, in the full symbol
 * table only.
 *
 * 2.x (Python/ceval.c): the variable `interpreter_lock` is a pointer to a
 * sem_t. Without the full symbol table it is the first variable that
 * PyEval_ReleaseLock() reads.
 */
#include <stdio.h>
#include <string.h>

#include "gil.h"
#include "interp_priv.h"

enum variable {
	V_SEMAPHORE,
	V_COND,
	V_MUTEX,
	V_SWITCH_COND,
	V_SWITCH_MUTEX,
	V_LOCKED,
	V_HOLDER,
	V_SWITCHES,
	V_INTERVAL,
	VARIABLES,
};

static const char *const variable_name[] = {
	[V_SEMAPHORE] = "interpreter_lock",
	[V_COND] = "gil_cond",
	[V_MUTEX] = "gil_mutex",
	[V_SWITCH_COND] = "switch_cond",
	[V_SWITCH_MUTEX] = "switch_mutex",
	[V_LOCKED] = "gil_locked",
	[V_HOLDER] = "gil_last_holder",
	[V_SWITCHES] = "gil_switch_number",
	[V_INTERVAL] = "gil_interval",
};

/* glibc from 2.21, struct new_sem: value, waiters, private, pad. */
struct semaphore {
	uint32_t value;
	uint32_t waiters;
	uint32_t private;
	uint32_t pad;
};

#define WAITERS_MAX (1u << 20)

/* ---- 2.x ---------------------------------------------------------------- */

static bool semaphore_fits(struct search *s, uint64_t addr)
{
	struct semaphore sem;

	return gil_pointer_fits(addr) &&
	       !mem_get(&s->src->mem, addr, &sem, sizeof(sem)) &&
	       sem.value <= 1 && sem.waiters <= WAITERS_MAX && !sem.private;
}

static void take_semaphore(struct search *s, const struct image *image,
			   uint64_t variable, enum interp_method method)
{
	struct interp_lock *l;
	uint64_t addr;

	if (mem_u64(&s->src->mem, variable, &addr)) {
		interp_say(s, "%s: interpreter_lock at 0x%jx: not readable",
			   image->name, (uintmax_t)variable);
		return;
	}
	if (!addr) {
		s->out->later = true;
		interp_say(s, "%s: no GIL before the first thread starts",
			   image->name);
		return;
	}
	if (!semaphore_fits(s, addr)) {
		interp_say(s, "%s: interpreter_lock 0x%jx is no semaphore",
			   image->name, (uintmax_t)addr);
		return;
	}
	l = interp_add(s, INTERP_CPYTHON, method, addr);
	if (!l)
		return;
	interp_say(s, "%s: semaphore of interpreter_lock at 0x%jx (%s)",
		   image->name, (uintmax_t)addr, interp_method_name(method));
	l->at.free = addr;
	interp_word(s, addr, GW_ROLE_WAIT);
	interp_python_version(s, image, &l->major, &l->minor);
	interp_python_name(l);
}

/* Only 2.x has its byte strings under this name. */
static bool is_python2(const struct image *image)
{
	uint64_t addr;

	return !interp_symbol(image, "PyString_FromString", &addr, NULL);
}

static void search_python2(struct search *s, const struct image *image,
			   uint64_t variable, uint64_t release)
{
	enum interp_method method = INTERP_BY_SYMBOL;

	if (!variable) {
		method = INTERP_BY_CODE;
		variable = interp_code_variable(s, release);
	}
	if (variable)
		take_semaphore(s, image, variable, method);
	else
		interp_say(s,
			   "%s: CPython 2, stripped, and the code of "
			   "PyEval_ReleaseLock is not as expected",
			   image->name);
}

/* ---- 3.2 - 3.6 ---------------------------------------------------------- */

static bool statics_fit(struct search *s, const uint64_t *v)
{
	unsigned char mutex[2][sizeof(pthread_mutex_t)];
	unsigned char cond[2][sizeof(pthread_cond_t)];

	return !mem_get(&s->src->mem, v[V_MUTEX], mutex[0], sizeof(mutex[0])) &&
	       !mem_get(&s->src->mem, v[V_SWITCH_MUTEX], mutex[1],
			sizeof(mutex[1])) &&
	       !mem_get(&s->src->mem, v[V_COND], cond[0], sizeof(cond[0])) &&
	       !mem_get(&s->src->mem, v[V_SWITCH_COND], cond[1],
			sizeof(cond[1])) &&
	       gil_mutex_fits(mutex[0]) && gil_mutex_fits(mutex[1]) &&
	       gil_cond_fits(cond[0]) && gil_cond_fits(cond[1]);
}

static void fill_statics(struct search *s, struct interp_lock *l,
			 const uint64_t *v)
{
	uint64_t interval;

	l->at.switch_number = v[V_SWITCHES];
	l->at.locked = v[V_LOCKED];
	l->at.holder = v[V_HOLDER];
	l->at.interval = v[V_INTERVAL];
	l->at.interval_unit_ns = 1000;
	l->at.interval_size = 8;
	if (v[V_INTERVAL] && !mem_u64(&s->src->mem, v[V_INTERVAL], &interval) &&
	    interval <= GIL_INTERVAL_MAX)
		l->interval_ns = interval * 1000;
	interp_cond(s, v[V_COND], GW_ROLE_WAIT);
	interp_word(s, v[V_MUTEX], GW_ROLE_INNER);
	interp_cond(s, v[V_SWITCH_COND], GW_ROLE_SWITCH);
	interp_word(s, v[V_SWITCH_MUTEX], GW_ROLE_INNER);
}

static void search_statics(struct search *s, const struct image *image,
			   const uint64_t *v)
{
	struct interp_lock *l;
	uint32_t locked;

	if (!v[V_MUTEX] || !v[V_SWITCH_COND] || !v[V_SWITCH_MUTEX] ||
	    !v[V_LOCKED] || mem_u32(&s->src->mem, v[V_LOCKED], &locked)) {
		interp_say(s, "%s: gil_cond is there, others are not",
			   image->name);
		return;
	}
	if (locked > 1) {
		s->out->later = true;
		interp_say(s, "%s: no GIL before the first thread starts",
			   image->name);
		return;
	}
	if (!statics_fit(s, v)) {
		interp_say(s, "%s: gil_cond and gil_mutex are not in use",
			   image->name);
		return;
	}
	l = interp_add(s, INTERP_CPYTHON, INTERP_BY_SYMBOL, v[V_COND]);
	if (!l)
		return;
	interp_say(s, "%s: gil_cond at 0x%jx (full symbol table)", image->name,
		   (uintmax_t)v[V_COND]);
	fill_statics(s, l, v);
	interp_python_version(s, image, &l->major, &l->minor);
	interp_python_name(l);
}

/* PyEval_ReleaseLock was in each version up to 3.12. */
void interp_python_old(struct search *s, const struct image *image)
{
	uint64_t v[VARIABLES], runtime, release;

	if (interp_symbol(image, "PyEval_ReleaseLock", &release, NULL) ||
	    !interp_symbol(image, "_PyRuntime", &runtime, NULL))
		return;
	interp_static(s, image, variable_name, VARIABLES, v);
	if (v[V_COND])
		search_statics(s, image, v);
	else if (is_python2(image))
		search_python2(s, image, v[V_SEMAPHORE], release);
	else
		interp_say(s,
			   "%s: CPython before 3.7, stripped: its lock has no "
			   "symbol, only its behaviour tells",
			   image->name);
}
