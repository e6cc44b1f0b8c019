/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_LANES_H
#define GILWATCH_LANES_H

#include "buf.h"
#include "model.h"
#include "timeline.h"

/*
 * A timeline small enough for a page: one lane a thread, of pieces that are
 * tiles, or, where tiles are shorter than can be seen, mixes of them with the
 * share of each state.
 */

/* What a page has room for; 4 to 8 bytes each. */
#define LANES_PIECES_MAX 200000
#define LANES_MAX 200

/* Intervals that are kept of a run without events; more are joined by twos. */
#define LANES_INTERVALS_MAX 1024

/* Shares are in 255ths; pieces end at whole units. */
#define LANES_WHOLE 255
#define LANES_UNIT_NS 1000u

/* In the place of a state: a mix. */
#define LANES_MIX TILE_STATES

struct lane_piece {
	uint64_t start_ns, end_ns;
	uint32_t lock, other; /* TIMELINE_NONE: none; other: a thread */
	uint32_t tiles;       /* LANES_MIX: so many are mixed; 0: not known */
	uint8_t state;        /* enum tile_state, or LANES_MIX */
	uint8_t result;       /* enum timeline_result of TILE_WAITS */
	uint64_t ns[TILE_STATES]; /* of each state */
};

struct lane {
	pid_t pid, tid;
	char comm[GW_COMM_LEN];
	bool has_gil;
	uint32_t thread; /* what `other` calls it */
	struct lane_piece *piece;
	size_t pieces, room;
	uint64_t ns[TILE_STATES]; /* of all its pieces */
};

struct lanes {
	uint64_t start_ns, end_ns;
	struct lane *lane; /* by process, the busiest first */
	size_t lanes, lanes_room;
	size_t left_out;      /* threads beyond LANES_MAX */
	uint64_t shortest_ns; /* shorter tiles are mixed; 0: none are */
	bool intervals; /* pieces are the intervals of a run without events */
	size_t joined;  /* intervals so far, before they were joined */
};

/*
 * Make lanes of a timeline.
 *
 * room: pieces in all, LANES_PIECES_MAX
 *
 * Returns 0 or -ENOMEM.
 */
int lanes_of_timeline(struct lanes *l, const struct timeline *t, size_t room);

/* Add the next interval of a run without events. Returns 0 or -ENOMEM. */
int lanes_add_interval(struct lanes *l, const struct model *m);

/* Put lanes that were made of intervals in order. */
void lanes_sort(struct lanes *l);

/*
 * The pieces of a lane as bytes for a page. Each is a byte with the state in
 * its low 3 bits and flags (8: lock, 16: other, 32: result), then numbers of
 * 7 bits a byte, low first: the units it lasts, [lock], [other], [result]; a
 * mix has the number of tiles and a byte for each state's share instead.
 */
void lanes_encode(const struct lanes *l, const struct lane *lane,
		  struct buf *out);

/* Time of each state of a lane from one moment to another. */
void lanes_shares(const struct lane *lane, uint64_t from_ns, uint64_t to_ns,
		  double ns[TILE_STATES]);

/* Give everything back and zero it. */
void lanes_free(struct lanes *l);

#endif
