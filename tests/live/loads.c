// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "loads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csvtable.h"
#include "figure.h"
#include "live.h"

#define SAMPLE_S 0.1

/* Of the memory that is in use at half time; a heap is given back in pieces. */
#define GROWTH_MAX 0.10
#define GROWTH_KIB 4096 /* and this, whatever is in use: snapshots differ */

/* ---- running --------------------------------------------------------------
 */

static uint64_t rss_kib(pid_t pid)
{
	unsigned long long kib = 0;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "RssAnon: %llu", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

/* "lost: 32612 (lock table full, ...); 5 (...); gilwatch itself..." */
uint64_t loads_lost(const struct loads *l, const char *cause)
{
	const char *text = strstr(l->truth, "lost: "), *at;
	unsigned long long n = 0;

	text = text ? strchr(text, ' ') : NULL;
	at = text && *cause ? strstr(text, cause) : NULL;
	if (!at)
		return 0;
	/* Back over " (" to the number's beginning. */
	for (at -= 3; at > text && *at != ' ' && *at != '\n'; at--)
		;
	return sscanf(at, " %llu", &n) == 1 ? n : 0;
}

/* The truth is at the beginning, what was lost at the end. */
static void keep_text(struct loads *l, const char *out)
{
	const char *lost = strstr(out, "lost: ");

	snprintf(l->truth, sizeof(l->truth), "%.400s\n%s", out,
		 lost ? lost : "");
}

void loads_run(struct loads *l, const char *kind, uint64_t a, uint64_t b)
{
	loads_run_with(l, "-q", kind, a, b);
}

void loads_run_with(struct loads *l, const char *option, const char *kind,
		    uint64_t a, uint64_t b)
{
	struct live *w;

	*l = (struct loads){ .csv = live_path(live_folder(), "out") };
	w = live_start((const char *[]){ live_gilwatch(), "-q", option,
					 "--as-root", "--csv-all", "--csv",
					 l->csv, "--", live_workload("load"),
					 kind, live_number(a), live_number(b),
					 NULL },
		       NULL, NULL);
	while (!live_ended(w)) {
		live_sleep(SAMPLE_S);
		if (l->samples < LOADS_SAMPLES)
			l->rss[l->samples++] = rss_kib(w->pid);
	}
	if (w->status)
		fail_msg("%s: status %d: %s%s", kind, w->status, live_err(w),
			 live_out(w));
	keep_text(l, live_out(w));
	live_done(w);
}

uint64_t loads_truth(const struct loads *l, const char *name)
{
	size_t length = strlen(name);
	const char *line = l->truth;

	while (line) {
		if (!strncmp(line, name, length) && line[length] == ' ')
			return strtoull(line + length, NULL, 10);
		line = strchr(line, '\n');
		line += line != NULL;
	}
	fail_msg("the workload does not say %s: %s", name, l->truth);
	return 0;
}

/* ---- checking -------------------------------------------------------------
 */

void loads_check(const struct loads *l, const char *what, uint64_t counted,
		 uint64_t truth, const char *cause)
{
	uint64_t lost = loads_lost(l, cause);

	figure("%s: %llu of %llu counted, %llu lost", what,
	       (unsigned long long)counted, (unsigned long long)truth,
	       (unsigned long long)lost);
	if (counted + lost != truth)
		fail_msg("%s: %llu counted and %llu lost are not %llu", what,
			 (unsigned long long)counted, (unsigned long long)lost,
			 (unsigned long long)truth);
}

static uint64_t most(const struct loads *l, size_t from, size_t to)
{
	uint64_t kib = 0;

	for (size_t i = from; i < to; i++)
		kib = l->rss[i] > kib ? l->rss[i] : kib;
	return kib;
}

/* Its highest in the third and in the last quarter: it swings with each
 * reading. */
void loads_check_memory(const struct loads *l, const char *what)
{
	uint64_t third = most(l, l->samples / 2, l->samples * 3 / 4);
	uint64_t last = most(l, l->samples * 3 / 4, l->samples);

	assert_true(l->samples >= 16);
	figure("%s: memory of gilwatch at most %llu MiB, in the last quarter "
	       "%llu MiB",
	       what, (unsigned long long)third / 1024,
	       (unsigned long long)last / 1024);
	if ((double)last > (double)third * (1 + GROWTH_MAX) + GROWTH_KIB)
		fail_msg("%s: memory grows: %llu KiB, then %llu KiB", what,
			 (unsigned long long)third, (unsigned long long)last);
}

/* ---- waits ----------------------------------------------------------------
 */

uint64_t loads_waits(const struct loads *l)
{
	struct csvtable t;
	uint64_t sum;

	csv_read(&t, l->csv, "locks");
	sum = csv_sum(&t, "waits", "scope", "total", NULL) -
	      csv_sum(&t, "waits", "scope", "total", "kind", "join", NULL);
	csv_done(&t);
	return sum;
}

uint64_t loads_waits_of(const struct loads *l, uint64_t address)
{
	struct csvtable t;
	uint64_t sum;

	csv_read(&t, l->csv, "locks");
	sum = csv_sum(&t, "waits", "scope", "total", "lock", live_hex(address),
		      NULL);
	csv_done(&t);
	return sum;
}

/* Main waits for the ends of two threads: words of pthread_join, which can be
 * in a sum with others, or among what was lost. */
#define JOINS 2

void loads_check_locks(const struct loads *l, const char *what)
{
	uint64_t truth = loads_truth(l, "waits"), all = loads_waits(l);
	uint64_t hot = loads_truth(l, "hot_waits"), joins;

	joins = all + loads_lost(l, "lock table full") - truth - hot;
	if (joins <= JOINS)
		all -= joins;
	loads_check(l, what, all, truth + hot, "lock table full");
}
