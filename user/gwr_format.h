/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_GWR_FORMAT_H
#define GILWATCH_GWR_FORMAT_H

#include <endian.h>
#include <stdint.h>
#include <zlib.h>

#include "gwr.h"

/*
 * How a record lies in its file; between gwr_write.c and gwr_read.c. Fields are
 * in the machine's order, which must be little-endian.
 */
_Static_assert(__BYTE_ORDER == __LITTLE_ENDIAN, "records are little-endian");

#define GWR_MAGIC "gwr\r\n\x1a\n"   /* with its end: 8 bytes */
#define GWR_BLOCK_MAGIC 0x424b5747u /* "GWKB" */

/* Blocks begin at multiples of this, the first after the head. */
#define GWR_ALIGN 64u
#define GWR_FIRST 1024u

/* More than this no block unpacks to. */
#define GWR_RAW_MAX (64u << 20)

struct gwr_head {
	char magic[8];
	uint32_t version;
	uint32_t size; /* of this head */
	uint32_t record_size[GWR_KINDS];
	uint32_t limited; /* 1: oldest blocks may be missing */
	struct gwr_info info;
	uint32_t pad_end;
	uint32_t crc; /* of all before it */
};

struct gwr_block {
	uint32_t magic;
	uint32_t kind;
	uint64_t number; /* from 0 on, without a gap */
	uint64_t first_ns, last_ns;
	uint32_t count;  /* of records */
	uint32_t packed; /* bytes that follow */
	uint64_t pad;
	uint32_t pad_end;
	uint32_t crc; /* of all before it */
};

_Static_assert(sizeof(struct gwr_block) == 56, "no hole");
_Static_assert(sizeof(struct gwr_head) <= GWR_FIRST, "before the first block");
_Static_assert(sizeof(struct gwr_head) % 8 == 0, "no hole");

/* crc is the last member of both heads. */
#define gwr_crc(head)                                                          \
	((uint32_t)crc32(0, (const void *)(head),                              \
			 sizeof(*(head)) - sizeof(uint32_t)))

/* What a block takes in the file. */
static inline uint64_t gwr_room(uint32_t packed)
{
	uint64_t bytes = sizeof(struct gwr_block) + packed;

	return (bytes + GWR_ALIGN - 1) / GWR_ALIGN * GWR_ALIGN;
}

#endif
