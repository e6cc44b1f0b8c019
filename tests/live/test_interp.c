// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Every interpreter of this machine with two threads that compute: its lock is
 * found by symbol, its fields and its futex calls are as said, and behaviour
 * alone never names another lock. Prints how long each search took.
 */
#define _GNU_SOURCE
#include "live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "futexes.h"
#include "gilwatch.h"
#include "interps.h"

/* How long futex calls are recorded. Ruby's time slice is 0.1 s. */
#define RECORD_SECONDS 0.5
#define RECORD_SECONDS_RUBY 2.0

/* At least this part of all calls is on the lock's words. */
#define SHARE_PERCENT 90

static struct interps list[INTERPS_MAX];

/* The calls on the words of one role. */
struct tally {
	size_t waits, timed, untimed, wakes;
};

static struct tally tally_of(const struct futexes *f, const struct interp *in,
			     int role)
{
	struct tally t = { 0 };
	size_t i;

	for (i = 0; i < f->count; i++) {
		if (interps_role(in, f->call[i].addr) != role)
			continue;
		t.wakes += futexes_is_wake(&f->call[i]);
		if (!futexes_is_wait(&f->call[i]))
			continue;
		t.waits++;
		t.timed += f->call[i].timed;
		t.untimed += !f->call[i].timed;
	}
	return t;
}

static bool is_python3(const struct interps *i)
{
	return i->kind == INTERPS_PYTHON && i->major == 3;
}

static void check_identity(const struct interps *i, const struct interp *in)
{
	const struct interp_lock *l = &in->lock[0];
	char name[64];

	if (in->locks != 1)
		fail_msg("%zu locks:\n%s", in->locks, interps_explain());
	assert_int_equal(l->certainty, INTERP_SURE);
	assert_false(l->disputed || in->later || in->full || in->gil_disabled);
	if (i->kind == INTERPS_PYTHON) {
		snprintf(name, sizeof(name), "CPython %d.%d GIL", i->major,
			 i->minor);
		assert_string_equal(l->name, name);
	} else if (i->kind == INTERPS_RUBY) {
		assert_int_equal(l->kind, INTERP_RUBY);
	} else {
		assert_int_equal(l->kind, INTERP_GILVM);
		assert_non_null(strstr(l->name, i->policy));
	}
	if (is_python3(i))
		assert_int_equal(l->interval_ns, 4000000);
}

/* The fields of a lock that two threads pass to and fro. */
static void check_fields(pid_t pid, const struct interp_lock *l)
{
	struct mem_process p;
	struct mem m;
	uint64_t before = 0, after = 0;
	uint32_t value;
	int i;

	mem_process_open(&p, pid);
	m = mem_of_process(&p);
	if (l->at.switch_number)
		assert_int_equal(mem_u64(&m, l->at.switch_number, &before), 0);
	for (i = 0; i < 50; i++) {
		if (l->at.locked) {
			assert_int_equal(mem_u32(&m, l->at.locked, &value), 0);
			assert_in_range(value, 0, 1);
		}
		if (l->at.free) {
			assert_int_equal(mem_u32(&m, l->at.free, &value), 0);
			assert_in_range(value, 0, 1);
		}
		live_sleep(0.01);
	}
	if (l->at.switch_number) {
		assert_int_equal(mem_u64(&m, l->at.switch_number, &after), 0);
		assert_true(after > before);
	}
	mem_process_close(&p);
}

static void check_roles(const struct interps *i, const struct interp *in,
			const struct futexes *f)
{
	struct tally wait = tally_of(f, in, GW_ROLE_WAIT);
	struct tally inner = tally_of(f, in, GW_ROLE_INNER);
	struct tally other = tally_of(f, in, GW_ROLE_SWITCH);
	struct tally none = tally_of(f, in, -1);
	size_t ours = wait.waits + wait.wakes + inner.waits + inner.wakes +
		      other.waits + other.wakes;

	printf("# %s: WAIT %zu waits %zu wakes, INNER %zu %zu, SWITCH %zu %zu, "
	       "other words %zu %zu\n",
	       i->name, wait.waits, wait.wakes, inner.waits, inner.wakes,
	       other.waits, other.wakes, none.waits, none.wakes);
	assert_true(wait.waits > 0);
	assert_true(wait.wakes > 0);
	assert_true(ours * 100 >=
		    (ours + none.waits + none.wakes) * SHARE_PERCENT);
	assert_int_equal(inner.timed, 0);
	assert_int_equal(other.timed, 0);
	if (is_python3(i)) {
		assert_int_equal(wait.untimed, 0);
		assert_int_equal(none.timed, 0);
	}
}

/* The right lock or none; from CPython 3.7 on and in gilvm's like, the right.
 */
static void check_behaviour(const struct interps *i, const struct interp *in,
			    const struct futexes *f)
{
	struct behave_lock guess[4];
	struct behave_word *words;
	size_t n, count = futexes_words(f, &words), k;

	n = behave_find(words, count, guess, 4);
	free(words);
	for (k = 0; k < n; k++)
		if (interps_role(in, guess[k].address) != GW_ROLE_WAIT)
			fail_msg("behaviour names 0x%jx",
				 (uintmax_t)guess[k].address);
	printf("# %s: by behaviour %s\n", i->name,
	       n ? guess[0].why : "not found");
	if (is_python3(i) || !strcmp(i->policy, "interval"))
		assert_int_equal(n, 1);
}

static void busy(void **state)
{
	const struct interps *i = *state;
	double seconds =
		i->kind == INTERPS_RUBY ? RECORD_SECONDS_RUBY : RECORD_SECONDS;
	struct live *l = interps_busy(i);
	struct interp_hints none = { .no_symbols = true };
	const struct interp *in;
	struct futexes f;
	double ms;

	live_sleep(0.2);
	in = interps_search(l->pid, NULL, &ms);
	printf("# %s: %s, by %s, %zu words, %.2f ms\n", i->name,
	       in->locks ? in->lock[0].name : "nothing",
	       in->locks ? interp_method_name(in->lock[0].method) : "-",
	       in->words, ms);
	check_identity(i, in);
	check_fields(l->pid, &in->lock[0]);
	f = futexes_record(l->pid, seconds);
	check_roles(i, in, &f);
	check_behaviour(i, in, &f);
	futexes_free(&f);
	assert_int_equal(interps_search(l->pid, &none, NULL)->locks, 0);
	live_done(l);
}

static void there_are_some(void **state)
{
	(void)state;
	assert_true(list[0].path[0]);
}

int main(void)
{
	struct CMUnitTest tests[INTERPS_MAX + 1] = {
		{ "there_are_some", there_are_some, NULL, NULL, NULL },
	};
	size_t i, n = interps_find(list);

	for (i = 0; i < n; i++)
		tests[i + 1] = (struct CMUnitTest){ list[i].name, busy, NULL,
						    live_teardown, &list[i] };
	return _cmocka_run_group_tests("interp", tests, n + 1, NULL, NULL);
}
