// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Module time. */
#include <errno.h>
#include <time.h>

#include "builtins.h"
#include "convert.h"
#include "errors.h"
#include "signals.h"
#include "thread.h"
#include "values.h"

#define NSEC 1000000000

static int64_t read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * NSEC + ts.tv_nsec;
}

static struct obj *seconds(clockid_t clock)
{
	return float_new((double)read_clock(clock) / NSEC);
}

static struct obj *m_time(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return seconds(CLOCK_REALTIME);
}

static struct obj *m_perf_counter(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return seconds(CLOCK_MONOTONIC);
}

static struct obj *m_perf_counter_ns(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return int_new(read_clock(CLOCK_MONOTONIC));
}

static struct obj *m_process_time(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static struct obj *m_thread_time(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return seconds(CLOCK_THREAD_CPUTIME_ID);
}

static struct obj *m_sleep(struct obj *self, struct obj **a)
{
	struct timespec until;
	int64_t ns;
	int err;

	(void)self;
	if (to_ns(a[0], &ns))
		return NULL;
	ns += read_clock(CLOCK_MONOTONIC);
	until.tv_sec = ns / NSEC;
	until.tv_nsec = ns % NSEC;
	do {
		io_begin();
		err = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until,
				      NULL);
		io_end();
		if (err == EINTR && signals_after_eintr())
			return NULL;
	} while (err == EINTR);
	return err ? err_errno(err) : none_ref();
}

static struct native functions[] = {
	NATIVE("time", m_time, 0, 0, ""),
	NATIVE("perf_counter", m_perf_counter, 0, 0, ""),
	NATIVE("perf_counter_ns", m_perf_counter_ns, 0, 0, ""),
	NATIVE("monotonic", m_perf_counter, 0, 0, ""),
	NATIVE("monotonic_ns", m_perf_counter_ns, 0, 0, ""),
	NATIVE("process_time", m_process_time, 0, 0, ""),
	NATIVE("thread_time", m_thread_time, 0, 0, ""),
	NATIVE("sleep", m_sleep, 1, 1, ""),
	NATIVE_END,
};

struct moduleobj *mod_time(void)
{
	return module_new("time", functions);
}
