/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The histogram of durations that both sides use: log-linear, eight buckets
 * of equal width in each power of two from 64 ns to 64 s (2^36 ns), one bucket
 * below and one above. A bucket is at most 1/8 of its lower bound wide, so
 * that the middle of a bucket is within 6.25 % of every value in it.
 *
 * The layout is that of HdrHistogram with three significant bits.
 *
 * Pure: no BPF helper, no libc.
 */
#ifndef GILWATCH_HIST_H
#define GILWATCH_HIST_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif

#define HIST_SUB_BITS 3
#define HIST_SUB (1u << HIST_SUB_BITS)
#define HIST_MIN_BITS 6  /* 2^6 = 64 ns */
#define HIST_MAX_BITS 36 /* 2^36 ns = 68.7 s */
#define HIST_BUCKETS ((HIST_MAX_BITS - HIST_MIN_BITS) * HIST_SUB + 2)

/*
 * Few buckets of a histogram ever have counts. Beside it a word tells where to
 * look: a bit for each group of eight buckets, which is set with the first
 * count in it.
 */
#define HIST_GROUP 8u
#define HIST_GROUPS ((HIST_BUCKETS + HIST_GROUP - 1) / HIST_GROUP)

_Static_assert(HIST_GROUPS <= 32, "a bit for each");

/*
 * Counts by bucket. A count is 32 bits wide and wraps; a reader takes the
 * difference between two readings modulo 2^32. Whole groups, so that of many
 * histograms, one after the other, no group begins in one cache line and ends
 * in the next.
 */
struct hist {
	__u32 count[HIST_GROUPS * HIST_GROUP];
};

/*
 * Of the counts of a histogram those that lie in the upper half of their
 * bucket, from 1 ms to 8.6 s, where percentiles are looked at closely. 16 bits
 * wide: where more than 65535 come between two readings, the half is not sure.
 */
#define HIST_UPPER_FIRST ((20 - HIST_MIN_BITS) * HIST_SUB + 1)
#define HIST_UPPER_BUCKETS (13 * HIST_SUB)

struct hist_upper {
	__u16 count[HIST_UPPER_BUCKETS];
};

/**
 * hist_group() - the group that a bucket belongs to
 * @bucket: 0 to HIST_BUCKETS - 1
 *
 * Return: 0 to HIST_GROUPS - 1.
 */
static inline __u32 hist_group(__u32 bucket)
{
	return bucket / HIST_GROUP;
}

/* 1 when @v is above @limit, both below 2^63: by the sign of the difference.
 * Without a branch, because the verifier would walk each side of every one. */
static inline __u64 hist_above(__u64 v, __u64 limit)
{
	__u64 difference = limit - v;

	asm("" : "+r"(difference)); /* or the compiler makes it a branch */
	return difference >> 63;
}

/**
 * hist_log2() - position of the highest set bit
 * @v: 1 to 2^63 - 1
 *
 * BPF has no instruction for this, hence the halving.
 *
 * Return: 0 to 62.
 */
static inline __u32 hist_log2(__u64 v)
{
	__u64 bit = 0, step;

	step = hist_above(v, 0xffffffff) << 5;
	bit |= step;
	v >>= step;
	step = hist_above(v, 0xffff) << 4;
	bit |= step;
	v >>= step;
	step = hist_above(v, 0xff) << 3;
	bit |= step;
	v >>= step;
	step = hist_above(v, 0xf) << 2;
	bit |= step;
	v >>= step;
	step = hist_above(v, 0x3) << 1;
	bit |= step;
	v >>= step;
	return (__u32)(bit | hist_above(v, 1));
}

/**
 * hist_bucket() - the bucket that a duration belongs to
 * @ns: duration in ns, any value
 *
 * Return: 0 (below 64 ns) to HIST_BUCKETS - 1 (64 s and more).
 */
static inline __u32 hist_bucket(__u64 ns)
{
	__u32 bit, sub;

	if (ns < (1ull << HIST_MIN_BITS))
		return 0;
	if (ns >= (1ull << HIST_MAX_BITS))
		return HIST_BUCKETS - 1;
	bit = hist_log2(ns);
	sub = (ns >> (bit - HIST_SUB_BITS)) & (HIST_SUB - 1);
	return (bit - HIST_MIN_BITS) * HIST_SUB + sub + 1;
}

/**
 * hist_upper() - whether a duration lies in the upper half of its bucket
 * @ns: duration in ns, any value
 *
 * Return: 0 or 1; 0 in the first and in the last bucket.
 */
static inline __u32 hist_upper(__u64 ns)
{
	if (ns < (1ull << HIST_MIN_BITS) || ns >= (1ull << HIST_MAX_BITS))
		return 0;
	return (ns >> (hist_log2(ns) - HIST_SUB_BITS - 1)) & 1;
}

/**
 * hist_low() - lower bound of a bucket, itself inside the bucket
 * @bucket: 0 to HIST_BUCKETS; HIST_BUCKETS gives the end of the last bucket
 *
 * Return: ns; the upper bound of bucket i, outside it, is hist_low(i + 1).
 */
static inline __u64 hist_low(__u32 bucket)
{
	__u32 bit, sub;

	if (bucket == 0)
		return 0;
	if (bucket >= HIST_BUCKETS)
		return ~0ull;
	bit = HIST_MIN_BITS + (bucket - 1) / HIST_SUB;
	sub = (bucket - 1) % HIST_SUB;
	return (1ull << bit) + ((__u64)sub << (bit - HIST_SUB_BITS));
}

#endif /* GILWATCH_HIST_H */
