/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The last record of a thread, as it is sent to user space: without what is
 * empty of its histograms, which are most of it. Ten thousand threads that end
 * at once then fit into the buffer.
 *
 * Pure: no BPF helper, no libc.
 */
#ifndef GILWATCH_ENDED_H
#define GILWATCH_ENDED_H

#include "gilwatch.h"

/* Always inlined, as in track_base.h. */
#define ENDED_FN static inline __attribute__((always_inline))

/* All of a thread that comes before its histograms. */
#define ENDED_HEAD __builtin_offsetof(struct gw_thread, wakeup)

/* One group of buckets (hist.h) of one of a thread's histograms. */
struct ended_part {
	__u32 count[HIST_GROUP];
	__u16 upper[HIST_GROUP]; /* of gw_thread.response_upper */
	__u16 response;          /* 1: of response, 0: of wakeup */
	__u16 group;
};

#define ENDED_PARTS (2 * HIST_GROUPS)

/* GW_MSG_ENDED: a thread's last record; what is sent of it ends with the last
 * of the parts that are in use. */
struct gw_ended {
	struct gw_message head;
	struct gw_names names;
	__u64 now_ns;
	__u8 thread[ENDED_HEAD]; /* of struct gw_thread */
	__u32 parts;
	struct ended_part part[ENDED_PARTS];
};

_Static_assert(ENDED_HEAD % 8 == 0 &&
		       ENDED_HEAD + 2 * sizeof(struct hist) +
				       sizeof(struct hist_upper) ==
			       sizeof(struct gw_thread),
	       "histograms are the end of a thread");

/* The place of a bucket in response_upper; ENDED_NO_UPPER: it has none there.
 */
#define ENDED_NO_UPPER HIST_UPPER_BUCKETS

ENDED_FN __u32 ended_upper(__u32 bucket)
{
	__u32 place = bucket - HIST_UPPER_FIRST;

	return place < HIST_UPPER_BUCKETS ? place : ENDED_NO_UPPER;
}

ENDED_FN void ended_fill(struct ended_part *part, const struct hist *hist,
			 const struct hist_upper *upper, __u32 group)
{
	part->group = (__u16)group;
	part->response = upper != 0;
	for (__u32 i = 0; i < HIST_GROUP; i++) {
		__u32 bucket = group * HIST_GROUP + i;
		__u32 place = ended_upper(bucket);

		part->count[i] = hist->count[bucket];
		part->upper[i] = 0;
		if (upper && place != ENDED_NO_UPPER)
			part->upper[i] = upper->count[place];
	}
}

/* Adds one histogram's groups that have counts. How many parts there are is
 * read anew each time: the verifier else walks every way to each number. */
ENDED_FN void ended_add(struct gw_ended *to, const struct hist *hist,
			const struct hist_upper *upper, __u32 groups)
{
	for (__u32 group = 0; group < HIST_GROUPS; group++) {
		__u32 n = *(volatile __u32 *)&to->parts;

		__asm__ volatile("" : "+r"(n)); /* one copy: see track_base.h */
		if (!(groups & (1u << group)) || n >= ENDED_PARTS)
			continue;
		ended_fill(&to->part[n], hist, upper, group);
		*(volatile __u32 *)&to->parts = n + 1;
	}
}

/**
 * ended_pack() - the histograms of a thread
 * @to: where; its head, names and thread are left as they are
 * @t: the thread
 *
 * Return: how many bytes of @to are to be sent.
 */
ENDED_FN __u32 ended_pack(struct gw_ended *to, const struct gw_thread *t)
{
	__u32 n;

	to->parts = 0;
	ended_add(to, &t->wakeup, 0, t->wakeup_max.groups);
	ended_add(to, &t->response, &t->response_upper, t->response_max.groups);
	n = *(volatile __u32 *)&to->parts;
	__asm__ volatile("" : "+r"(n)); /* one copy: see track_base.h */
	if (n > ENDED_PARTS)
		n = ENDED_PARTS;
	return (__u32) __builtin_offsetof(struct gw_ended, part) +
	       n * (__u32)sizeof(struct ended_part);
}

#endif /* GILWATCH_ENDED_H */
