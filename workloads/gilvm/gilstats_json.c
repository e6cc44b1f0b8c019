// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The truth as JSON. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "gilstats_priv.h"

/* The counters that are written, for the lock as a whole and each thread. */
static const struct counter {
	const char *name;
	size_t offset;
} counters[] = {
#define COUNTER(field)                                                         \
	{                                                                      \
#field, offsetof(struct gil_stats, field)                      \
	}
	COUNTER(acquired), COUNTER(contended),   COUNTER(handoffs),
	COUNTER(waits),    COUNTER(steals),      COUNTER(timeouts),
	COUNTER(races),    COUNTER(wait_ns),     COUNTER(hold_ns),
	COUNTER(ticks),    COUNTER(io_releases), COUNTER(lost_from),
#undef COUNTER
};

#define N_COUNTERS (sizeof(counters) / sizeof(counters[0]))

static uint64_t *field_of(struct gil_stats *s, const struct counter *c)
{
	return (uint64_t *)(void *)((char *)s + c->offset);
}

static const char *policy_name(void)
{
	static const char *const names[] = { "", "ticks", "interval", "fair",
					     "none" };

	return names[gilvm_gil.policy];
}

static const char *lock_name(void)
{
	static const char *const names[] = { "", "sem", "cond", "futex",
					     "none" };

	return names[gilvm_gil.lock];
}

/* Thread names are any bytes: what JSON cannot hold becomes \u00NN. */
static void write_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void write_counters(FILE *f, struct gil_stats *s)
{
	for (size_t i = 0; i < N_COUNTERS; i++)
		fprintf(f, "%s\"%s\":%" PRIu64, i ? "," : "", counters[i].name,
			*field_of(s, &counters[i]));
}

static void write_hist(FILE *f, const char *name, const struct gil_hist *h)
{
	const char *sep = "";

	fprintf(f, ",\n\"%s\":[", name);
	for (unsigned int i = 0; i < GIL_HIST_N; i++) {
		if (!h->count[i])
			continue;
		fprintf(f, "%s[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]", sep,
			gil_hist_low(i), gil_hist_low(i + 1), h->count[i]);
		sep = ",";
	}
	fputs("]", f);
}

static void add(struct gil_stats *sum, struct gil_stats *s)
{
	for (size_t i = 0; i < N_COUNTERS; i++)
		*field_of(sum, &counters[i]) += *field_of(s, &counters[i]);
	for (unsigned int i = 0; i < GIL_HIST_N; i++) {
		sum->wait.count[i] += s->wait.count[i];
		sum->hold.count[i] += s->hold.count[i];
	}
}

static const char *name_of(uint32_t tid)
{
	for (struct gil_stats *s = gil_stats_head; s; s = s->next) {
		if (s->tid == tid)
			return s->name;
	}
	return "";
}

static void write_threads(FILE *f)
{
	fputs(",\n\"threads\":[", f);
	for (struct gil_stats *s = gil_stats_head; s; s = s->next) {
		fprintf(f, "\n{\"tid\":%u,\"name\":", s->tid);
		write_string(f, s->name);
		fputc(',', f);
		write_counters(f, s);
		fprintf(f, "}%s", s->next ? "," : "");
	}
	fputs("]", f);
}

static void write_edge(FILE *f, const struct gil_from *from,
		       const struct gil_stats *to)
{
	fprintf(f, "{\"from\":%u,\"from_name\":", from->tid);
	write_string(f, name_of(from->tid));
	fprintf(f, ",\"to\":%u,\"to_name\":", to->tid);
	write_string(f, to->name);
	fprintf(f, ",\"handoffs\":%" PRIu64 "}", from->handoffs);
}

static void write_matrix(FILE *f)
{
	const char *sep = "\n";

	fputs(",\n\"matrix\":[", f);
	for (struct gil_stats *s = gil_stats_head; s; s = s->next) {
		for (uint32_t i = 0; i < s->from_size; i++) {
			if (!s->from[i].tid)
				continue;
			fputs(sep, f);
			write_edge(f, &s->from[i], s);
			sep = ",\n";
		}
	}
	fputs("]", f);
}

/* Where the lock is, and on which futex words threads wait for it. */
static void write_place(FILE *f)
{
	fprintf(f,
		"\"gilvm_gil\":%" PRIuPTR ",\"wait_words\":[%" PRIu64
		",%" PRIu64 "],\n",
		(uintptr_t)&gilvm_gil, gilvm_gil.wait_word[0],
		gilvm_gil.wait_word[1]);
}

int gil_stats_write(FILE *f, uint64_t start_ns, uint64_t end_ns)
{
	static struct gil_stats sum;

	memset(&sum, 0, sizeof(sum));
	for (struct gil_stats *s = gil_stats_head; s; s = s->next)
		add(&sum, s);
	fprintf(f,
		"{\"pid\":%d,\"policy\":\"%s\",\"lock\":\"%s\","
		"\"interval_ns\":%" PRIu64 ",\"check_interval\":%u,\n"
		"\"start_ns\":%" PRIu64 ",\"end_ns\":%" PRIu64
		",\"switches\":%" PRIu64 ",\n",
		getpid(), policy_name(), lock_name(), gilvm_gil.interval_ns,
		gilvm_gil.check_interval, start_ns, end_ns,
		gilvm_gil.switch_number);
	write_place(f);
	write_counters(f, &sum);
	write_hist(f, "wait_hist", &sum.wait);
	write_hist(f, "hold_hist", &sum.hold);
	write_threads(f);
	write_matrix(f);
	fputs("}\n", f);
	return ferror(f) || fflush(f) ? -EIO : 0;
}
