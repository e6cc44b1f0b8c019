// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "report.h"

#include <inttypes.h>
#include <unistd.h>

/* What all threads of one lock counted together. */
struct sum {
	uint64_t waits;
	uint64_t wait_ns;
	uint64_t handoffs;
	uint64_t failed[FAILURES];
};

static struct sum sum_of(const struct run *run, const struct lock *lock)
{
	struct sum sum = { 0 };

	for (int i = 0; i < run->options.threads; i++) {
		const struct thread *t = &run->threads[i];

		if (t->lock != lock)
			continue;
		sum.waits += t->waits;
		sum.wait_ns += t->wait_ns;
		for (int k = 0; k < FAILURES; k++)
			sum.failed[k] += t->failed[k];
		for (int from = 0; from < run->options.threads; from++)
			if (from != i)
				sum.handoffs += t->from[from];
	}
	return sum;
}

static void write_words(const struct lock *lock, FILE *out)
{
	struct lock_words words = lock_words(lock);

	fprintf(out,
		"\"address\": \"0x%" PRIxPTR "\", \"words\": [\"0x%" PRIxPTR
		"\"",
		words.wait[0], words.wait[0]);
	if (words.wait[1])
		fprintf(out, ", \"0x%" PRIxPTR "\"", words.wait[1]);
	if (words.inner)
		fprintf(out, "], \"inner\": \"0x%" PRIxPTR "\"", words.inner);
	else
		fprintf(out, "], \"inner\": null");
}

static void write_failure(const struct lock *lock, const char *name,
			  uint64_t count, FILE *out)
{
	if (lock_sees_failures(lock->kind))
		fprintf(out, ", \"%s\": %" PRIu64, name, count);
	else
		fprintf(out, ", \"%s\": null", name);
}

static void write_matrix(const struct run *run, const struct lock *lock,
			 FILE *out)
{
	const char *comma = "";

	fprintf(out, ",\n   \"matrix\": [");
	for (int to = 0; to < run->options.threads; to++)
		for (int from = 0; from < run->options.threads; from++) {
			const struct thread *t = &run->threads[to];

			if (t->lock != lock || !t->from[from])
				continue;
			fprintf(out,
				"%s\n    {\"from_tid\": %d, \"to_tid\": %d, "
				"\"n\": %" PRIu64 "}",
				comma, run->threads[from].tid, t->tid,
				t->from[from]);
			comma = ",";
		}
	fprintf(out, "]");
}

static void write_lock(const struct run *run, const struct lock *lock,
		       FILE *out)
{
	struct sum sum = sum_of(run, lock);

	fprintf(out, "{");
	write_words(lock, out);
	fprintf(out,
		",\n   \"acquisitions\": %" PRIu64 ", \"contended\": %" PRIu64
		", \"handoffs\": %" PRIu64 ", \"wait_ns_total\": %" PRIu64,
		lock->acquisitions, sum.waits, sum.handoffs, sum.wait_ns);
	write_failure(lock, "stolen", sum.failed[FAIL_STOLEN], out);
	write_failure(lock, "timeouts", sum.failed[FAIL_TIMEOUT], out);
	write_failure(lock, "races", sum.failed[FAIL_RACE], out);
	fprintf(out, ", \"violations\": %" PRIu64, lock->violations);
	write_matrix(run, lock, out);
	fprintf(out, "}");
}

static void write_thread(const struct run *run, const struct thread *t,
			 FILE *out)
{
	fprintf(out,
		"{\"tid\": %d, \"name\": \"%s\", \"lock\": %d, "
		"\"waits\": %" PRIu64 ", \"wait_ns\": %" PRIu64
		", \"wall_ns\": %" PRIu64 ", \"cpu_ns\": %" PRIu64 "}",
		t->tid, t->name, (int)(t->lock - run->locks), t->waits,
		t->wait_ns, t->wall_ns, t->cpu_ns);
}

void report_write(const struct run *run, FILE *out)
{
	fprintf(out, "{\"pid\": %d, \"kind\": \"%s\",\n \"locks\": [", getpid(),
		lock_kind_name(run->options.kind));
	for (int i = 0; i < run->nlocks; i++) {
		fprintf(out, "%s\n  ", i ? "," : "");
		write_lock(run, &run->locks[i], out);
	}
	fprintf(out, "],\n \"threads\": [");
	for (int i = 0; i < run->options.threads; i++) {
		fprintf(out, "%s\n  ", i ? "," : "");
		write_thread(run, &run->threads[i], out);
	}
	fprintf(out, "]}\n");
}
