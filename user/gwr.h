/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_GWR_H
#define GILWATCH_GWR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "gilwatch.h"
#include "snapshot.h"

/*
 * A record: one file with what a watched program did, event by event.
 *
 * A head, then blocks. A block has its own head, which a CRC guards, and an
 * array of records of one kind, packed by zstd with its checksum. Blocks are
 * numbered. Where the file's size is limited, the newest blocks overwrite the
 * oldest, so that a reader first looks for all that are whole and then takes
 * the longest run that ends with the newest. Everything is little-endian.
 */

#define GWR_VERSION 3
#define GWR_FILE "gilwatch.gwr" /* when no other name is given */

/* A file that is limited is at least this big. */
#define GWR_BYTES_MIN (1u << 20)

/* Room for any message about a record. */
#define GWR_MSG 512

/* What the record is of. */
struct gwr_info {
	uint64_t start_ns, start_unix_ns; /* when counting began */
	uint64_t boot_ns; /* CLOCK_BOOTTIME - CLOCK_MONOTONIC then */
	uint32_t cpus;    /* online */
	uint32_t all;     /* 1: the targets were named by the user */
	char machine[32]; /* as uname tells */
	char release[96];
	char made_by[32]; /* gilwatch's version */
	char target[256]; /* what was watched, in words */
};

/* Kinds of blocks, and so of records. */
enum gwr_kind {
	GWR_EVENTS = 1, /* struct gw_event */
	GWR_THREADS,    /* struct gwr_thread: new ones, and new names */
	GWR_LOCKS,      /* struct gwr_lock: new ones, and what is new of them */
	GWR_IMAGES,     /* struct gwr_image */
	GWR_MOMENT,     /* struct gwr_moment: one, about all before it */
	GWR_END,        /* struct gwr_moment: one, the end of a whole record */
	/* A state, so that a reader can begin here; in this order. */
	GWR_STATE,         /* struct gwr_moment: one, the first of the state */
	GWR_STATE_THREADS, /* struct gw_thread */
	GWR_STATE_LOCKS,   /* struct gwr_state_lock */
	GWR_STATE_EDGES,   /* struct gw_edge */
	GWR_STATE_MIGRATIONS, /* struct snapshot_migration */
	GWR_KINDS,
};

#define GWR_NAME 80
#define GWR_NOTE 192

struct gwr_thread {
	uint32_t serial, image, tgid, tid;
	uint64_t start_ns; /* of the task */
	struct gw_names names;
};

struct gwr_lock {
	uint64_t id, first_val;
	uint64_t switch_interval_ns; /* of a GIL; 0: not known */
	uint32_t index, image, tgid;
	uint32_t kind; /* enum gw_kind */
	uint32_t shared;
	uint32_t owner;      /* as in struct snapshot_lock */
	char name[GWR_NAME]; /* "": none */
};

struct gwr_image {
	uint32_t image, tgid;
	char comm[GW_COMM_LEN];
	uint64_t later_ns; /* as in struct snapshot_image */
	char note[GWR_NOTE], later_note[GWR_NOTE]; /* "": none */
};

struct gwr_moment {
	uint64_t ns, unix_ns;
	uint64_t lost[GW_LOST_CAUSES]; /* GW_LOST_EVENTS: in the record */
	uint64_t unordered; /* events whose place in the order is a guess */
	uint64_t cpu_ns, before_ns, map_bytes; /* what gilwatch cost, as in
						* struct snapshot_cost */
};

struct gwr_state_lock {
	uint32_t index, pad;
	struct gw_lock k;
};

/* The size of a record of this kind; 0: there is no such kind. */
size_t gwr_size(enum gwr_kind kind);

/* Fill in what is known of this machine: clocks' offset, CPUs, kernel. */
void gwr_info_here(struct gwr_info *info);

/* ---- writing ------------------------------------------------------------- */

struct gwr_writer;

/* Where a record goes. */
struct gwr_config {
	const char *path;
	uid_t uid; /* the file's owner, or FILE_KEEP_UID; as in file.h */
	gid_t gid;
	uint64_t max_bytes; /* of the file; 0: no limit */
	uint64_t keep_ns; /* keep the last that long, in memory; 0: in the file
			   */
};

/*
 * Begin a record beside its file, under another name.
 *
 * msg: on an error gets one line
 *
 * Returns 0 or a negative errno.
 */
int gwr_create(struct gwr_writer **out, const struct gwr_config *config,
	       const struct gwr_info *info, char msg[GWR_MSG]);

/*
 * Add records of one kind, all in one block.
 *
 * first_ns, last_ns: times of events, 0 for other kinds
 *
 * Returns 0 or a negative errno; after one the file is whole up to the block
 * before, and nothing more goes into it.
 */
int gwr_put(struct gwr_writer *w, enum gwr_kind kind, const void *records,
	    size_t count, uint64_t first_ns, uint64_t last_ns);

/* Whether it is time for a state: oldest blocks can go only up to one. */
bool gwr_wants_state(const struct gwr_writer *w);

/* Bytes of the blocks that are kept, and whether older ones were dropped. */
uint64_t gwr_bytes(const struct gwr_writer *w);
bool gwr_dropped(const struct gwr_writer *w);

/*
 * Write what is in memory, if the record is kept there, and give the file its
 * name, replacing an older one. Can be called again after more was put.
 *
 * Returns 0, or a negative errno with one line in msg.
 */
int gwr_publish(struct gwr_writer *w, char msg[GWR_MSG]);

/* Close; what was not published is removed. NULL is fine. */
void gwr_discard(struct gwr_writer *w);

/* ---- reading ------------------------------------------------------------- */

struct gwr;

/*
 * Open a record.
 *
 * msg: on an error gets one line: what is wrong with which file
 *
 * Returns 0 or a negative errno (-EPROTO: no record; -ENOTSUP: of a newer or
 * an incompatible gilwatch; -ENODATA: not one whole block).
 */
int gwr_open(struct gwr **out, const char *path, char msg[GWR_MSG]);

/* The same for a stream that can seek; it is closed by gwr_close, or at once
 * on an error. name: for messages. */
int gwr_open_stream(struct gwr **out, FILE *f, const char *name,
		    char msg[GWR_MSG]);

/* Close; NULL is fine. */
void gwr_close(struct gwr *r);

const struct gwr_info *gwr_info(const struct gwr *r);

/* The oldest part is not in the file: it was dropped. */
bool gwr_lacks_start(const struct gwr *r);

/* The record has no end: it was cut off, or is still being written. */
bool gwr_cut(const struct gwr *r);

/* Records of one block; they belong to the reader and end with the next call.
 */
struct gwr_item {
	enum gwr_kind kind;
	const void *records;
	size_t count;
};

/*
 * The next block, from the oldest that a reader can begin with.
 *
 * Returns 1; 0 at the end; -EPROTO with one line in msg for a damaged block.
 */
int gwr_next(struct gwr *r, struct gwr_item *item, char msg[GWR_MSG]);

/* From the beginning again. */
void gwr_rewind(struct gwr *r);

#endif
