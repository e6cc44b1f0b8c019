// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads records. Everything in the file is taken for hostile. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "array.h"
#include "gwr_format.h"
#include "text.h"

/* Bytes that are searched at once for the next whole block. */
#define SEARCH_BYTES (64u << 10)

struct place {
	uint64_t offset;
	struct gwr_block head;
};

struct gwr {
	FILE *f;
	char name[256]; /* fit to print */
	struct gwr_info info;
	bool limited;
	uint64_t bytes;
	struct place *blocks; /* in order of number, once chosen */
	size_t nblocks, room;
	size_t first, next;
	ZSTD_DCtx *unpack;
	void *packed, *raw;
	size_t packed_room, raw_room;
};

size_t gwr_size(enum gwr_kind kind)
{
	static const size_t size[GWR_KINDS] = {
		[GWR_EVENTS] = sizeof(struct gw_event),
		[GWR_THREADS] = sizeof(struct gwr_thread),
		[GWR_LOCKS] = sizeof(struct gwr_lock),
		[GWR_IMAGES] = sizeof(struct gwr_image),
		[GWR_MOMENT] = sizeof(struct gwr_moment),
		[GWR_END] = sizeof(struct gwr_moment),
		[GWR_STATE] = sizeof(struct gwr_moment),
		[GWR_STATE_THREADS] = sizeof(struct gw_thread),
		[GWR_STATE_LOCKS] = sizeof(struct gwr_state_lock),
		[GWR_STATE_EDGES] = sizeof(struct gw_edge),
		[GWR_STATE_MIGRATIONS] = sizeof(struct snapshot_migration),
	};

	return (unsigned int)kind < GWR_KINDS ? size[kind] : 0;
}

/* ---- the head -------------------------------------------------------------
 */

static int refuse(const struct gwr *r, int err, const char *what,
		  char msg[GWR_MSG])
{
	snprintf(msg, GWR_MSG, "%s: %s", r->name, what);
	return err;
}

static bool sizes_fit(const struct gwr_head *head)
{
	for (unsigned int kind = 0; kind < GWR_KINDS; kind++)
		if (head->record_size[kind] != gwr_size(kind))
			return false;
	return head->size == sizeof(*head);
}

/* Every string ends, and none tears a terminal. Backslashes are from when the
 * writer made it so. */
static void take_string(char *s, size_t size)
{
	char clean[sizeof(((struct gwr_info *)0)->target)] = { 0 };
	size_t n, used = 0, part;

	s[size - 1] = '\0';
	n = strlen(s);
	for (size_t at = 0; at < n && used + 1 < size; at += part + 1) {
		part = strcspn(s + at, "\\");
		part = part < n - at ? part : n - at;
		used += text_escape(clean + used, size - used, s + at, part);
		if (at + part < n && used + 1 < size)
			clean[used++] = '\\';
	}
	clean[size - 1] = '\0';
	memcpy(s, clean, size);
}

static void take_info(struct gwr_info *out, const struct gwr_info *in)
{
	*out = *in;
	take_string(out->machine, sizeof(out->machine));
	take_string(out->release, sizeof(out->release));
	take_string(out->made_by, sizeof(out->made_by));
	take_string(out->target, sizeof(out->target));
}

static int read_at(struct gwr *r, uint64_t offset, void *out, size_t n)
{
	if (offset > r->bytes || n > r->bytes - offset)
		return -EPROTO;
	if (fseeko(r->f, (off_t)offset, SEEK_SET))
		return -errno;
	return fread(out, 1, n, r->f) == n ? 0 : -EPROTO;
}

static int read_head(struct gwr *r, char msg[GWR_MSG])
{
	struct gwr_head head;
	off_t end;

	if (fseeko(r->f, 0, SEEK_END) || (end = ftello(r->f)) < 0)
		return refuse(r, -EPROTO, "not a file that can be read twice",
			      msg);
	r->bytes = (uint64_t)end;
	memset(&head, 0, sizeof(head));
	if (read_at(r, 0, &head,
		    r->bytes < sizeof(head) ? r->bytes : sizeof(head)) ||
	    memcmp(head.magic, GWR_MAGIC, sizeof(head.magic)))
		return refuse(r, -EPROTO, "not a record of gilwatch", msg);
	if (head.version > GWR_VERSION)
		return refuse(r, -ENOTSUP,
			      "made by a newer gilwatch than this one: read it "
			      "with that",
			      msg);
	if (r->bytes < sizeof(head))
		return refuse(r, -ENODATA, "cut off before its first event",
			      msg);
	if (head.version != GWR_VERSION || !sizes_fit(&head))
		return refuse(r, -ENOTSUP,
			      "made by another version of gilwatch: read it "
			      "with that",
			      msg);
	if (head.crc != gwr_crc(&head))
		return refuse(r, -EPROTO, "damaged in its first bytes", msg);
	take_info(&r->info, &head.info);
	r->limited = head.limited;
	return 0;
}

/* ---- blocks ---------------------------------------------------------------
 */

/* A head that is whole; what follows it may still be damaged. */
static bool is_block(const struct gwr *r, uint64_t offset,
		     const struct gwr_block *b)
{
	return b->magic == GWR_BLOCK_MAGIC && b->crc == gwr_crc(b) &&
	       gwr_size(b->kind) &&
	       b->count <= GWR_RAW_MAX / gwr_size(b->kind) &&
	       b->packed <= r->bytes - offset - sizeof(*b);
}

static bool block_at(struct gwr *r, uint64_t offset, struct gwr_block *b)
{
	return !read_at(r, offset, b, sizeof(*b)) && is_block(r, offset, b);
}

/* The next place from offset on where a whole block begins; r->bytes: none. */
static uint64_t search(struct gwr *r, uint64_t offset)
{
	static char buf[SEARCH_BYTES];
	struct gwr_block b;
	size_t n;

	for (; offset + sizeof(b) <= r->bytes; offset += n) {
		n = r->bytes - offset < sizeof(buf) ? r->bytes - offset
						    : sizeof(buf);
		if (read_at(r, offset, buf, n))
			break;
		for (size_t i = 0; i + sizeof(b) <= n; i += GWR_ALIGN) {
			memcpy(&b, buf + i, sizeof(b));
			if (is_block(r, offset + i, &b))
				return offset + i;
		}
		n = n / GWR_ALIGN * GWR_ALIGN;
		if (!n)
			break;
	}
	return r->bytes;
}

static int find_blocks(struct gwr *r)
{
	uint64_t offset = GWR_FIRST;
	struct gwr_block b;

	while (offset < r->bytes) {
		if (!block_at(r, offset, &b)) {
			offset = search(r, offset);
			continue;
		}
		if (array_grow(&r->blocks, r->nblocks, &r->room))
			return -ENOMEM;
		r->blocks[r->nblocks++] =
			(struct place){ .offset = offset, .head = b };
		offset += gwr_room(b.packed);
	}
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->head.number > y->head.number) -
	       (x->head.number < y->head.number);
}

/* Of what lies there since earlier rounds only the newest run counts; in it the
 * first block that a reader can begin with. */
static void choose_blocks(struct gwr *r)
{
	size_t first = r->nblocks;

	if (first)
		qsort(r->blocks, r->nblocks, sizeof(*r->blocks), by_number);
	while (first > 0 &&
	       (first == r->nblocks || r->blocks[first - 1].head.number + 1 ==
					       r->blocks[first].head.number))
		first--;
	while (first < r->nblocks && r->blocks[first].head.number &&
	       r->blocks[first].head.kind != GWR_STATE)
		first++;
	r->first = r->next = first;
}

/* A gap in a record that has no limit is no end: the file is damaged there. */
static int check_gaps(const struct gwr *r, char msg[GWR_MSG])
{
	for (size_t i = 0; !r->limited && i < r->nblocks; i++)
		if (r->blocks[i].head.number != i) {
			snprintf(msg, GWR_MSG, "%s: damaged before byte %llu",
				 r->name,
				 (unsigned long long)r->blocks[i].offset);
			return -EPROTO;
		}
	return 0;
}

static void *grow(void **buf, size_t *room, size_t n)
{
	void *bigger;

	if (n <= *room && *buf)
		return *buf;
	bigger = realloc(*buf, n + 1);
	if (!bigger)
		return NULL;
	*buf = bigger;
	*room = n;
	return bigger;
}

static int read_block(struct gwr *r, const struct place *p)
{
	const struct gwr_block *b = &p->head;
	size_t raw = b->count * gwr_size(b->kind), n;
	int err;

	if (!grow(&r->packed, &r->packed_room, b->packed) ||
	    !grow(&r->raw, &r->raw_room, raw))
		return -ENOMEM;
	err = read_at(r, p->offset + sizeof(*b), r->packed, b->packed);
	if (err)
		return err;
	n = ZSTD_decompressDCtx(r->unpack, r->raw, raw, r->packed, b->packed);
	return ZSTD_isError(n) || n != raw ? -EPROTO : 0;
}

/* ---- outside --------------------------------------------------------------
 */

static int open_all(struct gwr *r, char msg[GWR_MSG])
{
	int err = read_head(r, msg);

	if (err)
		return err;
	r->unpack = ZSTD_createDCtx();
	if (!r->unpack || find_blocks(r))
		return refuse(r, -ENOMEM, "out of memory", msg);
	err = check_gaps(r, msg);
	if (err)
		return err;
	choose_blocks(r);
	if (r->first == r->nblocks)
		return refuse(r, -ENODATA, "cut off before its first event",
			      msg);
	return 0;
}

int gwr_open_stream(struct gwr **out, FILE *f, const char *name,
		    char msg[GWR_MSG])
{
	struct gwr *r = calloc(1, sizeof(*r));
	int err;

	*out = NULL;
	if (!r) {
		snprintf(msg, GWR_MSG, "out of memory");
		fclose(f);
		return -ENOMEM;
	}
	r->f = f;
	text_escape(r->name, sizeof(r->name), name, strlen(name));
	err = open_all(r, msg);
	if (err)
		gwr_close(r);
	else
		*out = r;
	return err;
}

int gwr_open(struct gwr **out, const char *path, char msg[GWR_MSG])
{
	FILE *f = fopen(path, "re");
	char name[256];
	int err = -errno;

	*out = NULL;
	if (f)
		return gwr_open_stream(out, f, path, msg);
	text_escape(name, sizeof(name), path, strlen(path));
	snprintf(msg, GWR_MSG, "cannot open %s: %s", name, strerror(-err));
	return err;
}

void gwr_close(struct gwr *r)
{
	if (!r)
		return;
	ZSTD_freeDCtx(r->unpack);
	fclose(r->f);
	free(r->blocks);
	free(r->packed);
	free(r->raw);
	free(r);
}

const struct gwr_info *gwr_info(const struct gwr *r)
{
	return &r->info;
}

bool gwr_lacks_start(const struct gwr *r)
{
	return r->blocks[r->first].head.number != 0;
}

bool gwr_cut(const struct gwr *r)
{
	return r->blocks[r->nblocks - 1].head.kind != GWR_END;
}

int gwr_next(struct gwr *r, struct gwr_item *item, char msg[GWR_MSG])
{
	const struct place *p = &r->blocks[r->next];
	int err;

	if (r->next == r->nblocks)
		return 0;
	err = read_block(r, p);
	if (err == -ENOMEM)
		return refuse(r, err, "out of memory", msg);
	if (err) {
		snprintf(msg, GWR_MSG, "%s: damaged at byte %llu", r->name,
			 (unsigned long long)p->offset);
		return -EPROTO;
	}
	*item = (struct gwr_item){ .kind = p->head.kind,
				   .records = r->raw,
				   .count = p->head.count };
	r->next++;
	return 1;
}

void gwr_rewind(struct gwr *r)
{
	r->next = r->first;
}
