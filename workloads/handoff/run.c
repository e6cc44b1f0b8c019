// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "run.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

/* How long a holder waits for the thread that it has robbed to notice, where
 * that can be seen and where it cannot. */
#define ROBBED_SEEN_NS (20 * NSEC_PER_MSEC)
#define ROBBED_UNSEEN_NS (200 * NSEC_PER_USEC)

/* The threads that must find the lock taken come that much later. */
#define SECOND_NS (50 * NSEC_PER_MSEC)

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static bool is_over(const struct run *run)
{
	return atomic_load(&run->stop) || interrupted;
}

static void count_pass(struct run *run)
{
	int passes = atomic_fetch_add(&run->passes, 1) + 1;

	if (run->options.count && passes >= run->options.count)
		atomic_store(&run->stop, true);
}

/* Has the lock for as long as the options say. */
static void hold(struct thread *t, uint64_t ns)
{
	if (t->run->options.sleep)
		sleep_until(now_ns() + ns);
	else
		burn(CLOCK_THREAD_CPUTIME_ID, ns);
}

static void acquire(struct thread *t)
{
	struct passage p;
	int from = lock_acquire(t->lock, t->index, &p);

	if (p.contended) {
		t->wait_ns += now_ns() - p.begin_ns;
		t->waits++;
		if (from >= 0)
			t->from[from]++;
	}
	for (int i = 0; i < FAILURES; i++)
		t->failed[i] += p.failed[i];
	count_pass(t->run);
}

/*
 * The lock goes round: a holder waits until all others wait for it, and who has
 * released it waits until another has it. So there is contention also on one
 * CPU. The waiting is done on the CPU, as a sleep would be an event too.
 */
static void wait_for_rivals(const struct thread *t)
{
	if (t->run->options.rush)
		return;
	while (atomic_load(&t->lock->waiters) < t->rivals && !is_over(t->run))
		sched_yield();
}

static void wait_for_successor(const struct thread *t, uint64_t turn)
{
	if (t->run->options.rush)
		return;
	while (atomic_load(&t->lock->waiters) > 0 &&
	       atomic_load(&t->lock->acquisitions) == turn && !is_over(t->run))
		sched_yield();
}

/* The lock was taken back; the thread woken for nothing has to run to see. */
static void wait_for_robbed(const struct thread *t, uint64_t failures)
{
	bool seen = lock_sees_failures(t->lock->kind);
	uint64_t end = now_ns() + (seen ? ROBBED_SEEN_NS : ROBBED_UNSEEN_NS);

	while (atomic_load(&t->lock->failures) == failures && now_ns() < end &&
	       !is_over(t->run))
		sched_yield();
}

/* Keeps the lock when it is this thread's turn to rob another one. */
static void take_back(struct thread *t)
{
	uint64_t failures = atomic_load(&t->lock->failures);

	if (!lock_take_back(t->lock, t->index)) {
		acquire(t);
		return;
	}
	count_pass(t->run);
	if (t->rivals)
		wait_for_robbed(t, failures);
}

static void hold_in_turn(struct thread *t)
{
	wait_for_rivals(t);
	hold(t, t->run->options.hold_ns);
}

static void take_turn(struct thread *t)
{
	const struct options *o = &t->run->options;
	uint64_t turn;

	acquire(t);
	hold_in_turn(t);
	turn = atomic_load(&t->lock->acquisitions);
	if (o->steal && turn % (uint64_t)o->steal == 0) {
		take_back(t);
		hold_in_turn(t);
		turn = atomic_load(&t->lock->acquisitions);
	}
	lock_release(t->lock, t->index);
	wait_for_successor(t, turn);
	burn(CLOCK_THREAD_CPUTIME_ID, o->out_ns);
}

/* The first thread keeps the lock, each other has it once after that. */
static void take_long_turn(struct thread *t)
{
	const struct options *o = &t->run->options;

	acquire(t);
	if (t->index != 0)
		hold(t, o->hold_ns);
	else if (o->sleep)
		sleep_until(now_ns() + o->long_ns);
	else
		burn(CLOCK_MONOTONIC, o->long_ns);
	lock_release(t->lock, t->index);
}

static void wait_for_start(const struct thread *t)
{
	uint64_t start = t->run->start_ns;

	if (t->run->options.long_ns && t->index != 0)
		start += SECOND_NS;
	sleep_until(start);
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;

	t->tid = gettid();
	pthread_setname_np(pthread_self(), t->name);
	wait_for_start(t);
	if (t->run->options.long_ns)
		take_long_turn(t);
	else
		while (!is_over(t->run))
			take_turn(t);
	t->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	t->wall_ns = now_ns() - t->created_ns;
	return NULL;
}

/* Allowed CPU number @n, counted round; -1 when @cpu is asked for and not
 * allowed. */
static int pick_cpu(const struct options *o, int n)
{
	cpu_set_t allowed;
	int cpu = -1;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return -1;
	if (o->pin_cpu >= 0)
		return o->pin_cpu < CPU_SETSIZE &&
				       CPU_ISSET(o->pin_cpu, &allowed)
			       ? o->pin_cpu
			       : -1;
	n %= CPU_COUNT(&allowed);
	do {
		cpu++;
		if (CPU_ISSET(cpu, &allowed))
			n--;
	} while (n >= 0);
	return cpu;
}

static int start_thread(struct thread *t)
{
	const struct options *o = &t->run->options;
	pthread_attr_t attr;
	cpu_set_t set;
	int cpu;
	int err;

	pthread_attr_init(&attr);
	if (o->pin || o->pin_cpu >= 0) {
		cpu = pick_cpu(o, t->index);
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	}
	t->created_ns = now_ns();
	err = -pthread_create(&t->handle, &attr, thread_main, t);
	pthread_attr_destroy(&attr);
	return err;
}

static int init_locks(struct run *run)
{
	const struct options *o = &run->options;
	int err;

	run->nlocks = o->adjacent ? 2 : 1;
	for (int i = 0; i < run->nlocks; i++) {
		err = lock_init(&run->locks[i], o->kind, &run->words[i],
				o->timed_ns);
		if (err)
			return err;
	}
	return 0;
}

static int init_threads(struct run *run)
{
	int n = run->options.threads;

	run->threads = calloc((size_t)n, sizeof(*run->threads));
	if (!run->threads)
		return -ENOMEM;
	for (int i = 0; i < n; i++) {
		struct thread *t = &run->threads[i];

		t->run = run;
		t->index = i;
		t->lock = &run->locks[i % run->nlocks];
		t->rivals = (uint32_t)((n - i % run->nlocks - 1) / run->nlocks);
		snprintf(t->name, sizeof(t->name), "pass-%d", i);
		t->from = calloc((size_t)n, sizeof(*t->from));
		if (!t->from)
			return -ENOMEM;
	}
	return 0;
}

/* Ends the run when its time is over or a signal asks for it, and waits for
 * the first @n threads. */
static void finish(struct run *run, int n)
{
	if (run->options.duration_ns && n == run->options.threads) {
		sleep_until(run->start_ns + run->options.duration_ns);
		atomic_store(&run->stop, true);
	}
	for (int i = 0; i < n; i++)
		pthread_join(run->threads[i].handle, NULL);
}

/* Signals go to the main thread only, so that they interrupt no lock call. */
static void catch_signals(sigset_t *set)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
}

static int start_threads(struct run *run)
{
	sigset_t set;
	int err = 0;
	int n = 0;

	catch_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	run->start_ns = now_ns() + run->options.delay_ns + SECOND_NS;
	while (!err && n < run->options.threads) {
		err = start_thread(&run->threads[n]);
		if (!err)
			n++;
	}
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	if (err)
		atomic_store(&run->stop, true);
	finish(run, n);
	return err;
}

int run_all(struct run *run, const struct options *options)
{
	int err;

	memset(run, 0, sizeof(*run));
	run->options = *options;
	if (options->pin_cpu >= 0 && pick_cpu(options, 0) < 0) {
		fprintf(stderr,
			"handoff: --pin-cpu %d: this process may not run "
			"there\n",
			options->pin_cpu);
		return -EINVAL;
	}
	err = init_locks(run);
	if (!err)
		err = init_threads(run);
	if (!err)
		err = start_threads(run);
	if (err)
		fprintf(stderr, "handoff: cannot start %d threads: %s\n",
			options->threads, strerror(-err));
	return err;
}

void run_free(struct run *run)
{
	for (int i = 0; run->threads && i < run->options.threads; i++)
		free(run->threads[i].from);
	free(run->threads);
}
