// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of columns: what the CSV files promise, and that it is complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "column.h"

#define COUNT_OF(a) (sizeof(a) / sizeof(*(a)))

/* The contract: these columns, in this order. Others' programs read them. */
static const struct {
	const struct column_set *set;
	const char *header;
} files[] = {
	{ &column_locks,
	  "scope,start_s,end_s,pid,comm,lock,kind,name,waits,acquired,handoffs,"
	  "handoffs_inferred,handoffs_cross_core,stolen,timeouts,races,signals,"
	  "wakes,wakes_empty,waiters_max,wait_ns_total,wait_ns_p50,wait_ns_p99,"
	  "wait_ns_max,wakeup_ns_p50,wakeup_ns_p99,wakeup_ns_max,hold_ns_total,"
	  "hold_ns_p50,hold_ns_p99,hold_ns_max,response_ns_p50,response_ns_p99,"
	  "response_ns_max,inner_wait_ns_total,switch_wait_ns_total,lost\n" },
	{ &column_threads,
	  "scope,start_s,end_s,pid,tid,comm,class,running_ns,runnable_ns,"
	  "lock_wait_ns,gil_wait_ns,sleeping_ns,voluntary,preempted,wakeups,"
	  "wakeup_ns_p50,wakeup_ns_p99,wakeup_ns_max,migrations,handoffs_in,"
	  "handoffs_out,stolen,response_ns_p50,response_ns_p99,"
	  "response_ns_max\n" },
	{ &column_handoffs,
	  "scope,start_s,end_s,pid,lock,from_tid,from_comm,to_tid,to_comm,"
	  "handoffs,inferred,cross_core,latency_ns_total,latency_ns_max\n" },
	{ &column_migrations,
	  "scope,start_s,end_s,pid,tid,comm,from_cpu,to_cpu,migrations\n" },
	{ &column_histograms,
	  "scope,start_s,end_s,pid,lock,tid,metric,low_ns,high_ns,count\n" },
};

static const char *const names[] = { "locks", "threads", "handoffs",
				     "migrations", "histograms" };

static char *text_of(struct csv *c)
{
	assert_int_equal(buf_error(&c->out), 0);
	buf_add(&c->out, "", 1);
	return c->out.data;
}

static void csv_contract(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct csv c = { 0 };

		assert_string_equal(files[i].set->name, names[i]);
		column_csv_header(&c, files[i].set);
		assert_string_equal(text_of(&c), files[i].header);
		buf_free(&c.out);
	}
}

static void all_columns_are_more(void **state)
{
	struct csv c = { .all = true };

	(void)state;
	column_csv_header(&c, &column_threads);
	assert_string_equal(
		text_of(&c),
		"scope,start_s,end_s,pid,tid,comm,class,running_ns,runnable_ns,"
		"lock_wait_ns,gil_wait_ns,gil_delay_ns,sleeping_ns,"
		"voluntary,preempted,wakeups,wakeup_ns_p50,wakeup_ns_p99,"
		"wakeup_ns_max,migrations,handoffs_in,handoffs_out,stolen,"
		"response_ns_p50,response_ns_p99,response_ns_max,folded\n");
	buf_free(&c.out);
}

static void check_column(const struct column *c)
{
	static const char *const units[] = { "", "ns", "% of time" };
	int known = 0;

	if (!c->id && !c->title)
		fail_msg("a column with neither id nor title");
	for (size_t i = 0; i < COUNT_OF(units); i++)
		known |= !strcmp(c->unit, units[i]);
	assert_true(known);
	assert_non_null(c->help);
	assert_true(strlen(c->help) >= 4);
	assert_null(strchr(c->help, '\n'));
	assert_non_null(c->get);
	assert_true(c->priority >= 0);
	/* Values of ns say so, in their id and by their unit. */
	if (c->type == VALUE_NS)
		assert_string_equal(c->unit, "ns");
	if (c->type == VALUE_SHARE)
		assert_string_equal(c->unit, "% of time");
	if (c->id && (c->type == VALUE_NS || c->type == VALUE_SHARE))
		assert_non_null(strstr(c->id, "ns"));
	if (c->id && strpbrk(c->id, ",\" \n"))
		fail_msg("%s has to be quoted", c->id);
	if (c->title)
		assert_in_range(strlen(c->title), 1, 12);
}

static void every_column_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++)
		for (size_t j = 0; j < files[i].set->count; j++)
			check_column(&files[i].set->columns[j]);
}

static void no_id_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		const struct column_set *s = files[i].set;

		for (size_t a = 0; a < s->count; a++)
			for (size_t b = 0; b < a; b++)
				if (s->columns[a].id && s->columns[b].id)
					assert_string_not_equal(
						s->columns[a].id,
						s->columns[b].id);
	}
}

/* ---- values ---------------------------------------------------------------
 */

static const struct column *column(const struct column_set *set, const char *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->columns[i].id && !strcmp(set->columns[i].id, id))
			return &set->columns[i];
	fail_msg("no column %s", id);
	return NULL;
}

static void check_value(const struct column_set *set, const char *id,
			const void *row, const char *csv, const char *text)
{
	const struct column *c = column(set, id);
	char shown[COLUMN_TEXT];
	struct csv out = { 0 };

	column_csv(&out, c, row);
	csv_end_row(&out);
	text_of(&out);
	out.out.data[strlen(out.out.data) - 1] = '\0';
	if (strcmp(out.out.data, csv))
		print_error("%s in CSV:\n", id);
	assert_string_equal(out.out.data, csv);
	buf_free(&out.out);
	if (!text)
		return;
	if (strcmp(column_text(shown, c, row), text))
		print_error("%s as text:\n", id);
	assert_string_equal(column_text(shown, c, row), text);
}

static void unknown_is_not_zero(void **state)
{
	const struct model_dist none = { 0, MODEL_UNKNOWN, MODEL_UNKNOWN,
					 MODEL_UNKNOWN };
	const struct model_lock l = { .comm = "",
				      .name = "",
				      .dist = { none, none, none, none } };
	const struct model_thread t = { .comm = "",
					.wall_ns = 100,
					.gil_wait_ns = MODEL_UNKNOWN,
					.gil_delay_ns = MODEL_UNKNOWN,
					.wakeup = none,
					.response = none };
	const struct model_handoff h = { .handoffs = 2 };
	const struct model_migration m = { 0 };
	const struct column_bucket b = { .high_ns = UINT64_MAX };

	(void)state;
	check_value(&column_locks, "wait_ns_p50", &l, "", "-");
	check_value(&column_locks, "wait_ns_max", &l, "", "-");
	check_value(&column_locks, "hold_ns_p99", &l, "", "-");
	check_value(&column_locks, "response_ns_max", &l, "", "-");
	check_value(&column_locks, "wait_ns_total", &l, "0", "0ns");
	check_value(&column_locks, "name", &l, "", "-");
	check_value(&column_threads, "wakeup_ns_p99", &t, "", "-");
	check_value(&column_threads, "gil_wait_ns", &t, "", "-");
	check_value(&column_threads, "+gil_delay_ns", &t, "", "-");
	check_value(&column_locks, "+switch_interval_ns", &l, "", "-");
	check_value(&column_locks, "+holder_tid", &l, "", "-");
	check_value(&column_threads, "response_ns_p50", &t, "", "-");
	check_value(&column_threads, "running_ns", &t, "0", "0%");
	check_value(&column_handoffs, "from_comm", &h, "", "-");
	check_value(&column_handoffs, "inferred", &h, "0", "0");
	/* All inferred: no release was seen to count from. */
	check_value(&column_handoffs, "latency_ns_total", &h, "", "-");
	check_value(&column_handoffs, "latency_ns_max", &h, "", "-");
	check_value(&column_migrations, "comm", &m, "", "-");
	check_value(&column_histograms, "lock", &b, "", NULL);
	check_value(&column_histograms, "tid", &b, "", NULL);
	check_value(&column_histograms, "high_ns", &b, "", NULL);
	check_value(&column_histograms, "low_ns", &b, "0", NULL);
}

static void known_values(void **state)
{
	const struct model_lock l = {
		.pid = 4711,
		.comm = "python3",
		.id = 0x7f0000001000,
		.kind = GW_KIND_COND,
		.name = "",
		.waits = 12345,
		.failed = { 1, 2, 3, 4 },
		.waiters_max = 3,
		.switch_interval_ns = 5000000,
		.owner = 4712,
		.open_waits = 2,
		.busy_ns = 500,
		.window_ns = 1000,
		.blocked_ns = 300,
		.runnable_ns = 100,
		.dist[GW_WAIT] = { 5, 5000000, 5100000, 5200000 },
	};
	const struct model_thread t = {
		.pid = 4711,
		.tid = 4712,
		.comm = "Thread-1 (work)",
		.class = MODEL_IO_BOUND,
		.wall_ns = 1000,
		.time_ns = { 250, 0, 500, 250 },
		.gil_wait_ns = 400,
		.gil_delay_ns = 70,
	};
	const struct model_handoff h = {
		.lock_id = 0x1000,
		.from = 1,
		.to = 2,
		.handoffs = 4,
		.timed = 2,
		.latency_ns = 3000,
		.latency_max_ns = 2000,
	};
	const struct column_bucket b = { .pid = 1,
					 .tid = 2,
					 .lock = 0x1000,
					 .lock_known = true,
					 .metric = GW_HOLD,
					 .low_ns = 64,
					 .high_ns = 72,
					 .count = 3 };

	(void)state;
	check_value(&column_locks, "pid", &l, "4711", "4711");
	check_value(&column_locks, "lock", &l, "0x7f0000001000",
		    "0x7f0000001000");
	check_value(&column_locks, "kind", &l, "condvar", "condvar");
	check_value(&column_locks, "waits", &l, "12345", "12.3k");
	check_value(&column_locks, "stolen", &l, "1", "1");
	check_value(&column_locks, "timeouts", &l, "2", "2");
	check_value(&column_locks, "races", &l, "3", "3");
	check_value(&column_locks, "signals", &l, "4", "4");
	check_value(&column_locks, "waiters_max", &l, "3", "3");
	check_value(&column_locks, "+switch_interval_ns", &l, "5000000",
		    "5.00ms");
	check_value(&column_locks, "+holder_tid", &l, "4712", "4712");
	check_value(&column_locks, "+open_waits", &l, "2", "2");
	check_value(&column_locks, "+busy_ns", &l, "500", "50%");
	check_value(&column_locks, "+wait_blocked_ns_total", &l, "300", NULL);
	check_value(&column_locks, "+wait_runnable_ns_total", &l, "100", "25%");
	check_value(&column_locks, "wait_ns_p50", &l, "5000000", "5.00ms");
	check_value(&column_locks, "wait_ns_p99", &l, "5100000", "5.10ms");
	check_value(&column_locks, "wait_ns_max", &l, "5200000", "5.20ms");
	check_value(&column_threads, "tid", &t, "4712", "4712");
	check_value(&column_threads, "class", &t, "I/O-bound", "I/O-bound");
	check_value(&column_threads, "running_ns", &t, "250", "25%");
	check_value(&column_threads, "runnable_ns", &t, "0", "0%");
	check_value(&column_threads, "lock_wait_ns", &t, "500", "50%");
	check_value(&column_threads, "gil_wait_ns", &t, "400", "40%");
	check_value(&column_threads, "+gil_delay_ns", &t, "70", NULL);
	check_value(&column_threads, "sleeping_ns", &t, "250", "25%");
	check_value(&column_handoffs, "latency_ns_total", &h, "3000", NULL);
	check_value(&column_handoffs, "latency_ns_max", &h, "2000", "2.00us");
	check_value(&column_histograms, "lock", &b, "0x1000", NULL);
	check_value(&column_histograms, "tid", &b, "2", NULL);
	check_value(&column_histograms, "metric", &b, "hold", NULL);
	check_value(&column_histograms, "high_ns", &b, "72", NULL);
}

/* Other programs' bytes: 16 of them, perhaps without an end. */
static void names_are_harmless(void **state)
{
	static const struct {
		char comm[GW_COMM_LEN + 1];
		const char *csv, *text;
	} of[] = {
		{ "a,b", "\"a,b\"", "a,b" },
		{ "say \"hi\"", "\"say \"\"hi\"\"\"", "say \"hi\"" },
		{ "two\nlines", "two\\x0alines", "two\\x0alines" },
		{ "\x1b[2J", "\\x1b[2J", "\\x1b[2J" },
		{ "\xff\xc3(", "\\xff\\xc3(", "\\xff\\xc3(" },
		{ "M\xc3\xbcller", "M\xc3\xbcller", "M\xc3\xbcller" },
		{ "sixteen bytes..!", "sixteen bytes..!", "sixteen bytes..!" },
		{ "\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r",
		  "\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d"
		  "\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d",
		  "\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d"
		  "\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d" },
	};
	char comm[GW_COMM_LEN + 1];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(of); i++) {
		const struct model_thread t = { .comm = comm };
		const struct model_handoff h = { .to_comm = comm };

		/* What lies behind the name must not be read. */
		memcpy(comm, of[i].comm, GW_COMM_LEN);
		comm[GW_COMM_LEN] = '!';
		check_value(&column_threads, "comm", &t, of[i].csv, of[i].text);
		check_value(&column_handoffs, "to_comm", &h, of[i].csv,
			    of[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_contract),
		cmocka_unit_test(all_columns_are_more),
		cmocka_unit_test(every_column_is_complete),
		cmocka_unit_test(no_id_twice),
		cmocka_unit_test(unknown_is_not_zero),
		cmocka_unit_test(known_values),
		cmocka_unit_test(names_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
