// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Does one small thing over and over and says what it costs. A line
 *
 *	KIND[:N] MS
 *
 * on standard input asks for one measurement of that length; the answer is one
 * line with the ns that one operation took. The process lives on in between,
 * so that observers can come and go. All of it runs on one CPU, the last one
 * that it may use unless the first argument names another.
 *
 * The time is the lowest tenth of short slices: what the machine does beside
 * makes some of them longer, and none shorter.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "work.h"

#define SLICES 100
#define MS_MAX 60000

/* Each operation is done in rounds of this many between two looks at the clock.
 */
#define ROUND 16

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static const struct work_kind *const kinds[] = {
	&work_pingpong, &work_ring, &work_words, &work_processes,
	&work_getppid,  &work_wake, &work_pipe,  &work_spawn,
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* ---- measuring ---------------------------------------------------------- */

static double slice(const struct work_kind *k, uint64_t ns)
{
	uint64_t start = now_ns(), end;
	unsigned int done = 0;

	do {
		for (int i = 0; i < ROUND; i++)
			k->once();
		done += ROUND * k->per_once;
		end = now_ns();
	} while (end - start < ns);
	return (double)(end - start) / done;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double measure(const struct work_kind *k, unsigned int ms)
{
	double cost[SLICES];

	if (k->open && !k->open())
		return -1;
	slice(k, ms * 100000ull); /* a tenth to warm up */
	for (int i = 0; i < SLICES; i++)
		cost[i] = slice(k, ms * 1000000ull / SLICES);
	if (k->close)
		k->close();
	qsort(cost, SLICES, sizeof(*cost), compare);
	return cost[SLICES / 10];
}

static const struct work_kind *find_kind(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

static bool stay_on_one_cpu(const char *asked)
{
	cpu_set_t may, one;
	int cpu = -1;

	if (sched_getaffinity(0, sizeof(may), &may))
		return false;
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &may))
			cpu = i;
	if (asked)
		cpu = atoi(asked);
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return !sched_setaffinity(0, sizeof(one), &one);
}

int main(int argc, char **argv)
{
	const struct work_kind *kind;
	unsigned int ms;
	char name[16], *n;

	if (!stay_on_one_cpu(argc > 1 ? argv[1] : NULL)) {
		fprintf(stderr, "work: cannot stay on one CPU\n");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (scanf("%15s %u", name, &ms) == 2) {
		n = strchr(name, ':');
		work_size = n ? (unsigned int)strtoul(n + 1, NULL, 10) : 0;
		if (n)
			*n = '\0';
		kind = find_kind(name);
		if (!kind || !ms || ms > MS_MAX) {
			fprintf(stderr, "work: cannot do %s for %u ms\n", name,
				ms);
			return 2;
		}
		printf("%.2f\n", measure(kind, ms));
	}
	return 0;
}
