// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Writes records: into a file as they come, or, to keep only the last seconds,
 * into memory and from there into a file when asked.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zstd.h>

#include "file.h"
#include "gwr_format.h"
#include "now.h"

/* Fast: at level 1 a core packs some 10 million events a second. */
#define LEVEL 1

/* A state comes so many times in what is kept. */
#define STATES 8

/* A block that is kept: where it is in the file, or its bytes. */
struct kept {
	struct gwr_block head;
	uint64_t offset;
	char *bytes; /* in memory: the block with its head; else NULL */
};

struct gwr_writer {
	struct gwr_config config;
	struct gwr_head head;
	struct file_dir dir;
	struct file_aside file;
	char *name;
	ZSTD_CCtx *pack;
	char *room; /* for one block */
	size_t room_size;
	uint64_t number, offset; /* of the next block */
	struct kept *kept;       /* a round buffer, oldest first */
	size_t first, nkept, kept_room;
	uint64_t bytes;       /* of the kept blocks */
	uint64_t state_bytes; /* put since the last state */
	uint64_t state_ns, last_ns;
	bool dropped;
	int err; /* of the file: nothing more goes into it */
};

void gwr_info_here(struct gwr_info *info)
{
	struct utsname here;

	info->boot_ns = clock_ns(CLOCK_BOOTTIME) - now_ns();
	info->cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (uname(&here))
		return;
	snprintf(info->machine, sizeof(info->machine), "%.31s", here.machine);
	snprintf(info->release, sizeof(info->release), "%s", here.release);
}

/* ---- beginning ------------------------------------------------------------
 */

static void make_head(struct gwr_head *h, const struct gwr_config *config,
		      const struct gwr_info *info)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->magic, GWR_MAGIC, sizeof(h->magic));
	h->version = GWR_VERSION;
	h->size = sizeof(*h);
	for (unsigned int kind = 0; kind < GWR_KINDS; kind++)
		h->record_size[kind] = (uint32_t)gwr_size(kind);
	h->limited = config->max_bytes || config->keep_ns;
	h->info = *info;
	h->crc = gwr_crc(h);
}

static int explain(const struct gwr_writer *w, const char *name, int err,
		   char msg[GWR_MSG])
{
	_Static_assert(GWR_MSG >= FILE_MSG, "room for a file's message");

	file_explain(msg, w->dir.path ? w->dir.path : w->config.path, name,
		     err);
	return err;
}

/* The folder, and the name in it. */
static int open_dir(struct gwr_writer *w, char msg[GWR_MSG])
{
	const char *slash = strrchr(w->config.path, '/');
	char *dir = slash ? strndup(w->config.path,
				    slash == w->config.path
					    ? 1
					    : (size_t)(slash - w->config.path))
			  : strdup(".");
	int err = -ENOMEM;

	w->name = strdup(slash ? slash + 1 : w->config.path);
	if (dir && w->name)
		err = file_dir_open(&w->dir, dir, w->config.uid, w->config.gid);
	if (err)
		file_explain(msg, dir ? dir : "", NULL, err);
	free(dir);
	return err;
}

static int begin_file(struct gwr_writer *w)
{
	char room[GWR_FIRST] = { 0 };
	int err = file_aside_open(&w->file, &w->dir, w->name);

	if (err)
		return err;
	memcpy(room, &w->head, sizeof(w->head));
	err = file_aside_write(&w->file, room, sizeof(room), 0);
	if (err)
		file_aside_discard(&w->file);
	return err;
}

int gwr_create(struct gwr_writer **out, const struct gwr_config *config,
	       const struct gwr_info *info, char msg[GWR_MSG])
{
	struct gwr_writer *w = calloc(1, sizeof(*w));
	int err = -ENOMEM;

	*out = NULL;
	snprintf(msg, GWR_MSG, "out of memory");
	if (!w)
		return err;
	w->config = *config;
	w->dir.fd = w->file.fd = -1;
	w->offset = GWR_FIRST;
	make_head(&w->head, config, info);
	w->pack = ZSTD_createCCtx();
	if (w->pack)
		err = open_dir(w, msg);
	/* Also where it is kept in memory: to know now that it can be made. */
	if (!err) {
		err = begin_file(w);
		if (err)
			explain(w, w->name, err, msg);
	}
	if (!err && config->keep_ns)
		file_aside_discard(&w->file);
	if (err)
		gwr_discard(w);
	else
		*out = w;
	return err;
}

void gwr_discard(struct gwr_writer *w)
{
	if (!w)
		return;
	file_aside_discard(&w->file);
	file_dir_close(&w->dir);
	ZSTD_freeCCtx(w->pack);
	for (size_t i = 0; i < w->nkept; i++)
		free(w->kept[(w->first + i) % w->kept_room].bytes);
	free(w->kept);
	free(w->room);
	free(w->name);
	free(w);
}

/* ---- what is kept ---------------------------------------------------------
 */

static struct kept *kept_at(const struct gwr_writer *w, size_t i)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): some are kept */
	return &w->kept[(w->first + i) % w->kept_room];
}

static int kept_add(struct gwr_writer *w, const struct kept *k)
{
	size_t more = w->kept_room ? 2 * w->kept_room : 64;
	struct kept *bigger;

	if (w->nkept == w->kept_room) {
		bigger = calloc(more, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		for (size_t i = 0; i < w->nkept; i++)
			bigger[i] = *kept_at(w, i);
		free(w->kept);
		w->kept = bigger;
		w->kept_room = more;
		w->first = 0;
	}
	*kept_at(w, w->nkept++) = *k;
	w->bytes += gwr_room(k->head.packed);
	return 0;
}

static void drop_oldest(struct gwr_writer *w)
{
	struct kept *k = kept_at(w, 0);

	w->bytes -= gwr_room(k->head.packed);
	free(k->bytes);
	w->first = (w->first + 1) % w->kept_room;
	w->nkept--;
	w->dropped = true;
}

/* The block before which everything is older than what must be kept: where a
 * state begins. 0: none. */
static size_t keep_from(const struct gwr_writer *w)
{
	uint64_t edge = w->last_ns > w->config.keep_ns
				? w->last_ns - w->config.keep_ns
				: 0;
	size_t from = 0;

	for (size_t i = 1; i < w->nkept; i++)
		if (kept_at(w, i)->head.kind == GWR_STATE &&
		    kept_at(w, i)->head.first_ns <= edge)
			from = i;
	return from;
}

static void drop_old(struct gwr_writer *w)
{
	size_t n = keep_from(w);

	while (n--)
		drop_oldest(w);
	while (w->config.max_bytes && w->bytes > w->config.max_bytes &&
	       w->nkept > 1)
		drop_oldest(w);
}

/* ---- putting --------------------------------------------------------------
 */

/* Everything is behind the head in w->room. */
static int pack(struct gwr_writer *w, struct gwr_block *b, const void *records,
		size_t raw)
{
	size_t most = ZSTD_compressBound(raw), n;
	size_t need = sizeof(*b) + most + GWR_ALIGN;
	char *bigger;

	if (need > w->room_size) {
		bigger = realloc(w->room, need);
		if (!bigger)
			return -ENOMEM;
		w->room = bigger;
		w->room_size = need;
	}
	ZSTD_CCtx_setParameter(w->pack, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(w->pack, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(w->pack, w->room + sizeof(*b), most, records, raw);
	if (ZSTD_isError(n))
		return -ENOMEM;
	b->packed = (uint32_t)n;
	b->crc = gwr_crc(b);
	memcpy(w->room, b, sizeof(*b));
	memset(w->room + sizeof(*b) + n, 0,
	       gwr_room(b->packed) - sizeof(*b) - n);
	return 0;
}

static int put_memory(struct gwr_writer *w, const struct gwr_block *b)
{
	uint64_t bytes = gwr_room(b->packed);
	struct kept k = { .head = *b, .bytes = malloc(bytes) };

	if (!k.bytes)
		return -ENOMEM;
	memcpy(k.bytes, w->room, bytes);
	if (kept_add(w, &k)) {
		free(k.bytes);
		return -ENOMEM;
	}
	drop_old(w);
	return 0;
}

/* From the first place on again, over the oldest blocks. */
static void make_room(struct gwr_writer *w, uint64_t bytes)
{
	const struct kept *k;

	if (w->config.max_bytes && w->offset + bytes > w->config.max_bytes) {
		/* Those behind would look newer than those to come. */
		while (w->nkept && kept_at(w, 0)->offset >= w->offset)
			drop_oldest(w);
		w->offset = GWR_FIRST;
	}
	while (w->nkept) {
		k = kept_at(w, 0);
		if (k->offset < w->offset || k->offset >= w->offset + bytes)
			break;
		drop_oldest(w);
	}
}

/* Cuts back what a failed write has left of itself, unless it lies over older
 * blocks: a reader passes over such remains. */
static int put_file(struct gwr_writer *w, const struct gwr_block *b)
{
	uint64_t bytes = gwr_room(b->packed);
	struct kept k = { .head = *b };

	make_room(w, bytes);
	k.offset = w->offset;
	w->err = file_aside_write(&w->file, w->room, bytes, (off_t)w->offset);
	if (w->err) {
		/* An error here changes nothing. */
		while (!w->dropped && ftruncate(w->file.fd, (off_t)w->offset) &&
		       errno == EINTR)
			continue;
		return w->err;
	}
	w->offset += bytes;
	if (w->config.max_bytes)
		return kept_add(w, &k);
	w->bytes += bytes;
	return 0;
}

int gwr_put(struct gwr_writer *w, enum gwr_kind kind, const void *records,
	    size_t count, uint64_t first_ns, uint64_t last_ns)
{
	struct gwr_block b = {
		.magic = GWR_BLOCK_MAGIC,
		.kind = kind,
		.number = w->number,
		.first_ns = first_ns,
		.last_ns = last_ns,
		.count = (uint32_t)count,
	};
	int err = w->err;

	if (!err)
		err = pack(w, &b, records, count * gwr_size(kind));
	if (err)
		return err;
	if (last_ns > w->last_ns)
		w->last_ns = last_ns;
	err = w->config.keep_ns ? put_memory(w, &b) : put_file(w, &b);
	if (err)
		return err;
	w->number++;
	w->state_bytes += gwr_room(b.packed);
	if (kind == GWR_STATE) {
		w->state_bytes = 0;
		w->state_ns = w->last_ns;
	}
	return 0;
}

bool gwr_wants_state(const struct gwr_writer *w)
{
	if (w->config.keep_ns &&
	    w->last_ns - w->state_ns >= w->config.keep_ns / STATES)
		return true;
	return w->config.max_bytes &&
	       w->state_bytes >= w->config.max_bytes / STATES;
}

uint64_t gwr_bytes(const struct gwr_writer *w)
{
	return w->bytes;
}

bool gwr_dropped(const struct gwr_writer *w)
{
	return w->dropped;
}

/* ---- the end --------------------------------------------------------------
 */

/* whole: gets where the last whole block ends */
static int write_kept(struct gwr_writer *w, uint64_t *whole)
{
	int err = begin_file(w);
	uint64_t bytes;

	*whole = GWR_FIRST;
	for (size_t i = 0; i < w->nkept && !err; i++) {
		const struct kept *k = kept_at(w, i);

		bytes = gwr_room(k->head.packed);
		err = file_aside_write(&w->file, k->bytes, bytes,
				       (off_t)*whole);
		*whole += err ? 0 : bytes;
	}
	return err;
}

/* The disk is full. A part of the last seconds is better than nothing, but not
 * than an older file that is whole. */
static void keep_part(struct gwr_writer *w, uint64_t whole, int err,
		      char msg[GWR_MSG])
{
	bool kept = w->file.fd >= 0 && whole > GWR_FIRST &&
		    !file_aside_publish_part(&w->file, (off_t)whole);

	snprintf(
		msg, GWR_MSG,
		"cannot write %.200s: %s: %s of the last seconds is kept there",
		w->name, strerror(-err),
		kept ? "only the first part" : "nothing");
	file_aside_discard(&w->file);
}

int gwr_publish(struct gwr_writer *w, char msg[GWR_MSG])
{
	uint64_t whole = 0;
	int err = w->config.keep_ns ? write_kept(w, &whole) : 0;

	/* What is whole is kept where the disk is full. */
	if (w->file.fd >= 0 && !err)
		err = file_aside_publish(&w->file);
	if (!err)
		return 0;
	if (w->config.keep_ns) {
		keep_part(w, whole, err, msg);
	} else {
		file_aside_discard(&w->file);
		explain(w, w->name, err, msg);
	}
	return err;
}
