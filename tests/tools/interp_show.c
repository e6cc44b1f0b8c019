// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* interp_show PID: how the interpreter locks of a process are found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gilwatch.h"
#include "interp.h"

static const char *const role_name[] = {
	[GW_ROLE_WAIT] = "WAIT",
	[GW_ROLE_INNER] = "INNER",
	[GW_ROLE_SWITCH] = "SWITCH",
};

static double ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) * 1e3 +
	       (double)(now.tv_nsec - start->tv_nsec) / 1e6;
}

static void show(const struct interp *in)
{
	size_t i;

	for (i = 0; i < in->locks; i++)
		printf("%s at 0x%jx, %s, switch interval %ju ns\n",
		       in->lock[i].name, (uintmax_t)in->lock[i].address,
		       in->lock[i].certainty == INTERP_SURE ? "sure"
							    : "probable",
		       (uintmax_t)in->lock[i].interval_ns);
	for (i = 0; i < in->words; i++)
		printf("  0x%jx %-6s of %s\n", (uintmax_t)in->word[i].addr,
		       role_name[in->word[i].role],
		       in->lock[in->word[i].lock].name);
	printf("GIL disabled: %s; look again later: %s; more than fits: %s\n",
	       in->gil_disabled ? "yes" : "no", in->later ? "yes" : "no",
	       in->full ? "yes" : "no");
}

int main(int argc, char **argv)
{
	static struct interp in;
	struct buf explain = { 0 };
	struct timespec start;
	pid_t pid = argc == 2 ? (pid_t)atoi(argv[1]) : 0;
	double ms;
	int err;

	if (pid <= 0) {
		fprintf(stderr, "usage: interp_show PID\n");
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	err = interp_find(pid, NULL, &in, &explain);
	ms = ms_since(&start);
	buf_write(&explain, stdout);
	buf_free(&explain);
	if (err) {
		fprintf(stderr, "interp_show: process %d: %s\n", (int)pid,
			strerror(-err));
		return 1;
	}
	show(&in);
	printf("%.2f ms\n", ms);
	return 0;
}
