// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

#include "column.h"

#define COUNT_OF(a) (sizeof(a) / sizeof(*(a)))

/* A getter of one expression over the row `r`. */
#define GETTER(name, type, ...)                                                \
	static struct value name(const void *row)                              \
	{                                                                      \
		const type *r = row;                                           \
		return (struct value){ __VA_ARGS__ };                          \
	}
#define LOCK(name, expr) GETTER(lock_##name, struct model_lock, .number = expr)
#define LOCK_TEXT(name, expr)                                                  \
	GETTER(lock_##name, struct model_lock, .text = expr)
#define THREAD(name, expr)                                                     \
	GETTER(thread_##name, struct model_thread, .number = expr)
#define THREAD_TEXT(name, expr)                                                \
	GETTER(thread_##name, struct model_thread, .text = expr)
#define SHARE(name, expr)                                                      \
	GETTER(thread_##name, struct model_thread, .number = expr,             \
	       .whole = r->wall_ns)
#define HANDOFF(name, expr)                                                    \
	GETTER(handoff_##name, struct model_handoff, .number = expr)
#define HANDOFF_TEXT(name, expr)                                               \
	GETTER(handoff_##name, struct model_handoff, .text = expr)
#define MOVE(name, expr)                                                       \
	GETTER(move_##name, struct model_migration, .number = expr)
#define BUCKET(name, expr)                                                     \
	GETTER(bucket_##name, struct column_bucket, .number = expr)

/* A thread's id, where the thread is known; 0 for a sum of threads. */
static uint64_t known(pid_t tid)
{
	return tid >= 0 ? (uint64_t)tid : MODEL_UNKNOWN;
}

/* ---- locks ----------------------------------------------------------------
 */

LOCK(pid, (uint64_t)r->pid)
LOCK_TEXT(comm, r->comm)
LOCK(id, r->id)
LOCK(folded, r->folded)
LOCK_TEXT(kind, model_lock_kind(r))
LOCK_TEXT(shown_kind, model_lock_is_word(r) ? "GIL word" : model_lock_kind(r))
LOCK_TEXT(name, r->name)
LOCK(waits, r->waits)
LOCK(acquired, r->acquired)
LOCK(handoffs, r->handoffs)
LOCK(inferred, r->inferred)
LOCK(cross, r->cross)
LOCK(stolen, r->failed[GW_STOLEN])
LOCK(timeouts, r->failed[GW_TIMEOUT])
LOCK(races, r->failed[GW_RACE])
LOCK(signals, r->failed[GW_SIGNAL])
LOCK(wakes, r->wakes)
LOCK(wakes_empty, r->wakes_empty)
LOCK(waiters_max, r->waiters_max)
LOCK(open_waits, r->open_waits)
LOCK(wait_ns, r->wait_ns)
LOCK(blocked_ns, r->blocked_ns)
GETTER(lock_runnable, struct model_lock, .number = r->runnable_ns,
       .whole = r->blocked_ns + r->runnable_ns)
GETTER(lock_busy, struct model_lock, .number = r->busy_ns,
       .whole = r->window_ns)
LOCK(wait_p50, r->dist[GW_WAIT].p50)
LOCK(wait_p99, r->dist[GW_WAIT].p99)
LOCK(wait_max, r->dist[GW_WAIT].max)
LOCK(wakeup_p50, r->dist[GW_WAKEUP].p50)
LOCK(wakeup_p99, r->dist[GW_WAKEUP].p99)
LOCK(wakeup_max, r->dist[GW_WAKEUP].max)
LOCK(hold_ns, r->hold_ns)
LOCK(hold_p50, r->dist[GW_HOLD].p50)
LOCK(hold_p99, r->dist[GW_HOLD].p99)
LOCK(hold_max, r->dist[GW_HOLD].max)
LOCK(response_p50, r->dist[GW_RESPONSE].p50)
LOCK(response_p99, r->dist[GW_RESPONSE].p99)
LOCK(response_max, r->dist[GW_RESPONSE].max)
LOCK(inner_ns, r->inner_ns)
LOCK(switch_ns, r->switch_ns)
LOCK(lost, r->lost)
LOCK(interval, r->switch_interval_ns ? r->switch_interval_ns : MODEL_UNKNOWN)
LOCK(owner, r->owner ? (uint64_t)r->owner : MODEL_UNKNOWN)

static const struct column lock_columns[] = {
	{ "pid", NULL, VALUE_PLAIN, 0, "", "process id", lock_pid },
	{ "comm", NULL, VALUE_NAME, 0, "", "name of the process", lock_comm },
	{ "lock", "LOCK", VALUE_HEX, 0, "",
	  "address of the futex word or of the lock's structure", lock_id },
	{ "kind", NULL, VALUE_TEXT, 0, "",
	  "what its futex calls look like: mutex, condvar, semaphore, join, "
	  "...; lock: a semaphore that threads take and give back",
	  lock_kind },
	{ NULL, "KIND", VALUE_TEXT, 0, "",
	  "the same; GIL word: one of the words that a GIL consists of, as "
	  "counted until the GIL was found; others, unlisted: many locks "
	  "together",
	  lock_shown_kind },
	{ "name", "NAME", VALUE_TEXT, 8, "", "what the lock is, where known",
	  lock_name },
	{ "waits", "WAITS", VALUE_COUNT, 0, "",
	  "times a thread began to wait for it", lock_waits },
	{ "acquired", "ACQUIRED", VALUE_COUNT, 3, "",
	  "waits that ended with the thread having the lock", lock_acquired },
	{ "handoffs", "HANDOFFS", VALUE_COUNT, 0, "",
	  "contended handoffs: one thread released it, another got it",
	  lock_handoffs },
	{ "handoffs_inferred", NULL, VALUE_COUNT, 0, "",
	  "of these, the releaser is the last known one, not a seen waker",
	  lock_inferred },
	{ "handoffs_cross_core", "X-CORE", VALUE_COUNT, 2, "",
	  "handoffs to a thread on another CPU than it was released on",
	  lock_cross },
	{ "stolen", "STOLEN", VALUE_COUNT, 0, "",
	  "woken by a release, but another thread took the lock first",
	  lock_stolen },
	{ "timeouts", "TIMEOUTS", VALUE_COUNT, 4, "",
	  "the waiter's own timer woke it and it had to wait on",
	  lock_timeouts },
	{ "races", NULL, VALUE_COUNT, 0, "",
	  "the futex word had changed (EAGAIN) and it had to wait on",
	  lock_races },
	{ "signals", NULL, VALUE_COUNT, 0, "", "a signal interrupted the wait",
	  lock_signals },
	{ "wakes", NULL, VALUE_COUNT, 0, "", "FUTEX_WAKE calls on it",
	  lock_wakes },
	{ "wakes_empty", NULL, VALUE_COUNT, 0, "",
	  "of these, calls that woke nobody", lock_wakes_empty },
	{ "waiters_max", "MOST", VALUE_COUNT, 7, "",
	  "most threads in FUTEX_WAIT on it at once, since the start",
	  lock_waiters_max },
	{ "+switch_interval_ns", "INTERVAL", VALUE_NS, 7, "ns",
	  "switch interval of a GIL, as the process has set it",
	  lock_interval },
	{ "+holder_tid", "HOLDER", VALUE_PLAIN, 7, "",
	  "thread that has it now, where a C library's mutex tells; of a "
	  "join: whose end is waited for",
	  lock_owner },
	{ "+open_waits", "OPEN", VALUE_COUNT, 6, "",
	  "waits that had not ended at the end of the window: waiters now",
	  lock_open_waits },
	{ "+busy_ns", "BUSY", VALUE_SHARE, 5, "% of time",
	  "share of the time in which at least one thread waited for it",
	  lock_busy },
	{ "wait_ns_total", "WAITED", VALUE_NS, 0, "ns",
	  "time that threads waited for it, added up; open waits included",
	  lock_wait_ns },
	{ "+wait_blocked_ns_total", NULL, VALUE_NS, 0, "ns",
	  "of these, asleep: nobody had woken the thread yet",
	  lock_blocked_ns },
	{ "+wait_runnable_ns_total", "NO CPU", VALUE_SHARE, 4, "% of time",
	  "of these, woken but without a CPU", lock_runnable },
	{ "wait_ns_p50", "WAIT p50", VALUE_NS, 1, "ns",
	  "half of the waits that ended took at most this", lock_wait_p50 },
	{ "wait_ns_p99", "p99", VALUE_NS, 1, "ns",
	  "99 % of the waits that ended took at most this", lock_wait_p99 },
	{ "wait_ns_max", "max", VALUE_NS, 1, "ns",
	  "the longest wait, open ones included", lock_wait_max },
	{ "wakeup_ns_p50", NULL, VALUE_NS, 0, "ns",
	  "from the release's wakeup to running, half take at most this",
	  lock_wakeup_p50 },
	{ "wakeup_ns_p99", NULL, VALUE_NS, 0, "ns", "the same, 99 %",
	  lock_wakeup_p99 },
	{ "wakeup_ns_max", NULL, VALUE_NS, 0, "ns", "the same, longest",
	  lock_wakeup_max },
	{ "hold_ns_total", NULL, VALUE_NS, 0, "ns",
	  "time held after a contended acquisition, up to the next release "
	  "that the kernel sees or another thread's acquisition",
	  lock_hold_ns },
	{ "hold_ns_p50", NULL, VALUE_NS, 0, "ns", "half of the holds",
	  lock_hold_p50 },
	{ "hold_ns_p99", NULL, VALUE_NS, 0, "ns", "99 % of the holds",
	  lock_hold_p99 },
	{ "hold_ns_max", "HOLD max", VALUE_NS, 5, "ns",
	  "the longest hold, an open one included", lock_hold_max },
	{ "response_ns_p50", NULL, VALUE_NS, 0, "ns",
	  "response delay: from the wakeup out of a sleep elsewhere (I/O) to "
	  "having the lock, half take at most this",
	  lock_response_p50 },
	{ "response_ns_p99", NULL, VALUE_NS, 0, "ns", "the same, 99 %",
	  lock_response_p99 },
	{ "response_ns_max", NULL, VALUE_NS, 0, "ns", "the same, longest",
	  lock_response_max },
	{ "inner_wait_ns_total", NULL, VALUE_NS, 0, "ns",
	  "waits for the mutex that guards the lock's own fields",
	  lock_inner_ns },
	{ "switch_wait_ns_total", NULL, VALUE_NS, 0, "ns",
	  "waits of a releaser for its successor (forced switching)",
	  lock_switch_ns },
	{ "lost", NULL, VALUE_COUNT, 0, "",
	  "handoffs whose pair could not be kept", lock_lost },
	{ "+folded", NULL, VALUE_COUNT, 0, "",
	  "locks that this row is the sum of (lock 0x0); 0: one lock",
	  lock_folded },
};

/* ---- threads --------------------------------------------------------------
 */

THREAD(pid, (uint64_t)r->pid)
THREAD(tid, (uint64_t)r->tid)
THREAD_TEXT(comm, r->comm)
THREAD_TEXT(class, model_class_name(r->class))
SHARE(running, r->time_ns[GW_RUNNING])
SHARE(runnable, r->time_ns[GW_RUNNABLE])
SHARE(lock_wait, r->time_ns[GW_LOCK_WAIT])
SHARE(gil_wait, r->gil_wait_ns)
THREAD(gil_delay, r->gil_delay_ns)
SHARE(sleeping, r->time_ns[GW_SLEEPING])
THREAD(voluntary, r->voluntary)
THREAD(preempted, r->preempted)
THREAD(wakeups, r->wakeups)
THREAD(wakeup_p50, r->wakeup.p50)
THREAD(wakeup_p99, r->wakeup.p99)
THREAD(wakeup_max, r->wakeup.max)
THREAD(migrations, r->migrations)
THREAD(in, r->handoffs_in)
THREAD(out, r->handoffs_out)
THREAD(stolen, r->failed[GW_STOLEN])
THREAD(folded, r->folded)
THREAD(response_p50, r->response.p50)
THREAD(response_p99, r->response.p99)
THREAD(response_max, r->response.max)

static const struct column thread_columns[] = {
	{ "pid", NULL, VALUE_PLAIN, 0, "", "process id", thread_pid },
	{ "tid", "TID", VALUE_PLAIN, 0, "", "thread id", thread_tid },
	{ "comm", "THREAD", VALUE_NAME, 0, "", "name of the thread",
	  thread_comm },
	{ "class", "CLASS", VALUE_TEXT, 1, "",
	  "CPU-bound, I/O-bound, mixed or idle in this window", thread_class },
	{ "running_ns", "RUN", VALUE_SHARE, 0, "% of time", "on a CPU",
	  thread_running },
	{ "runnable_ns", "RUNNABLE", VALUE_SHARE, 0, "% of time",
	  "woken or preempted, waiting for a CPU", thread_runnable },
	{ "lock_wait_ns", "LOCK", VALUE_SHARE, 0, "% of time",
	  "asleep on a lock", thread_lock_wait },
	{ "gil_wait_ns", "GIL", VALUE_SHARE, 2, "% of time",
	  "of these, asleep on the GIL; unknown without a recognised GIL",
	  thread_gil_wait },
	{ "+gil_delay_ns", NULL, VALUE_NS, 0, "ns",
	  "from asking for the GIL to having it: asleep, woken, trying again",
	  thread_gil_delay },
	{ "sleeping_ns", "SLEEP", VALUE_SHARE, 0, "% of time",
	  "asleep elsewhere: I/O, timers", thread_sleeping },
	{ "voluntary", NULL, VALUE_COUNT, 0, "",
	  "times it left its CPU to sleep", thread_voluntary },
	{ "preempted", NULL, VALUE_COUNT, 0, "",
	  "times it left its CPU while still runnable", thread_preempted },
	{ "wakeups", NULL, VALUE_COUNT, 0, "", "times it was woken",
	  thread_wakeups },
	{ "wakeup_ns_p50", "WAKEUP p50", VALUE_NS, 1, "ns",
	  "from being woken to running, for any cause, half take at most this",
	  thread_wakeup_p50 },
	{ "wakeup_ns_p99", "p99", VALUE_NS, 1, "ns", "the same, 99 %",
	  thread_wakeup_p99 },
	{ "wakeup_ns_max", NULL, VALUE_NS, 0, "ns", "the same, longest",
	  thread_wakeup_max },
	{ "migrations", "MIGR", VALUE_COUNT, 4, "",
	  "times it was moved to another CPU", thread_migrations },
	{ "handoffs_in", "IN", VALUE_COUNT, 3, "",
	  "contended handoffs of any lock to it", thread_in },
	{ "handoffs_out", "OUT", VALUE_COUNT, 3, "",
	  "contended handoffs of any lock from it", thread_out },
	{ "stolen", "STOLEN", VALUE_COUNT, 2, "",
	  "times it was woken for a lock that was gone", thread_stolen },
	{ "response_ns_p50", "RESP p50", VALUE_NS, 5, "ns",
	  "response delay: woken from I/O or a timer, until it has the lock",
	  thread_response_p50 },
	{ "response_ns_p99", "p99", VALUE_NS, 5, "ns", "the same, 99 %",
	  thread_response_p99 },
	{ "response_ns_max", NULL, VALUE_NS, 0, "ns", "the same, longest",
	  thread_response_max },
	{ "+folded", NULL, VALUE_COUNT, 0, "",
	  "ended threads that this row is the sum of (tid 0); 0: one thread",
	  thread_folded },
};

/* ---- handoffs, migrations, histograms -------------------------------------
 */

HANDOFF(pid, (uint64_t)r->pid)
HANDOFF(lock, r->lock_id)
HANDOFF(from, known(r->from))
HANDOFF_TEXT(from_comm, r->from_comm)
HANDOFF(to, known(r->to))
HANDOFF_TEXT(to_comm, r->to_comm)
HANDOFF(count, r->handoffs)
HANDOFF(inferred, r->inferred)
HANDOFF(cross, r->cross)
HANDOFF(latency, r->timed ? r->latency_ns : MODEL_UNKNOWN)
HANDOFF(latency_mean, r->timed ? r->latency_ns / r->timed : MODEL_UNKNOWN)
HANDOFF(latency_max, r->timed ? r->latency_max_ns : MODEL_UNKNOWN)

static const struct column handoff_columns[] = {
	{ "pid", NULL, VALUE_PLAIN, 0, "", "process id", handoff_pid },
	{ "lock", "LOCK", VALUE_HEX, 2, "", "address of the lock",
	  handoff_lock },
	{ "from_tid", "FROM", VALUE_PLAIN, 0, "", "thread that released it",
	  handoff_from },
	{ "from_comm", "THREAD", VALUE_NAME, 1, "", "its name",
	  handoff_from_comm },
	{ "to_tid", "TO", VALUE_PLAIN, 0, "", "thread that got it",
	  handoff_to },
	{ "to_comm", "THREAD", VALUE_NAME, 1, "", "its name", handoff_to_comm },
	{ "handoffs", "HANDOFFS", VALUE_COUNT, 0, "",
	  "contended handoffs from the one to the other", handoff_count },
	{ "inferred", "INFERRED", VALUE_COUNT, 4, "",
	  "of these, the releaser is the last known one", handoff_inferred },
	{ "cross_core", "X-CORE", VALUE_COUNT, 3, "",
	  "of these, to another CPU", handoff_cross },
	{ "latency_ns_total", NULL, VALUE_NS, 0, "ns",
	  "from the release to having the lock, added up", handoff_latency },
	{ NULL, "LATENCY mean", VALUE_NS, 0, "ns",
	  "from the release to having the lock, on average",
	  handoff_latency_mean },
	{ "latency_ns_max", "max", VALUE_NS, 0, "ns", "the same, longest",
	  handoff_latency_max },
};

MOVE(pid, (uint64_t)r->pid)
MOVE(tid, known(r->tid))
GETTER(move_comm, struct model_migration, .text = r->comm)
MOVE(from, r->from)
MOVE(to, r->to)
MOVE(count, r->migrations)

static const struct column migration_columns[] = {
	{ "pid", NULL, VALUE_PLAIN, 0, "", "process id", move_pid },
	{ "tid", "TID", VALUE_PLAIN, 0, "", "thread id", move_tid },
	{ "comm", "THREAD", VALUE_NAME, 0, "", "its name", move_comm },
	{ "from_cpu", "FROM", VALUE_PLAIN, 0, "", "CPU it left", move_from },
	{ "to_cpu", "TO", VALUE_PLAIN, 0, "", "CPU it was moved to", move_to },
	{ "migrations", "MIGRATIONS", VALUE_COUNT, 0, "", "how often",
	  move_count },
};

BUCKET(pid, (uint64_t)r->pid)
BUCKET(lock, r->lock_known ? r->lock : MODEL_UNKNOWN)
BUCKET(tid, r->tid ? (uint64_t)r->tid : MODEL_UNKNOWN)
GETTER(bucket_metric, struct column_bucket,
       .text = model_metric_name(r->metric))
BUCKET(low, r->low_ns)
BUCKET(high, r->high_ns)
BUCKET(count, r->count)

static const struct column bucket_columns[] = {
	{ "pid", NULL, VALUE_PLAIN, 0, "", "process id", bucket_pid },
	{ "lock", NULL, VALUE_HEX, 0, "", "address of the lock, or empty",
	  bucket_lock },
	{ "tid", NULL, VALUE_PLAIN, 0, "", "thread id, or empty", bucket_tid },
	{ "metric", NULL, VALUE_TEXT, 0, "", "wait, wakeup, hold or response",
	  bucket_metric },
	{ "low_ns", NULL, VALUE_NS, 0, "ns", "lower bound, inside",
	  bucket_low },
	{ "high_ns", NULL, VALUE_NS, 0, "ns",
	  "upper bound, outside; empty: none", bucket_high },
	{ "count", NULL, VALUE_COUNT, 0, "", "samples", bucket_count },
};

#define SET(name_, columns_)                                                   \
	{                                                                      \
		.name = name_, .columns = columns_,                            \
		.count = COUNT_OF(columns_)                                    \
	}

const struct column_set column_locks = SET("locks", lock_columns);
const struct column_set column_threads = SET("threads", thread_columns);
const struct column_set column_handoffs = SET("handoffs", handoff_columns);
const struct column_set column_migrations =
	SET("migrations", migration_columns);
const struct column_set column_histograms = SET("histograms", bucket_columns);
