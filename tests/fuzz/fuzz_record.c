// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as a record: what can be read is played, and what comes of it is a
 * snapshot that a model can be made of. The same with the heads' checksums made
 * right, and as bare records of any kind, because hardly an input gets behind
 * the checksums.
 */
#include <stdlib.h>
#include <string.h>

#include "gwr_format.h"
#include "model.h"
#include "replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend(uint8_t *bytes, size_t size)
{
	struct gwr_head head;
	struct gwr_block b;

	if (size < sizeof(head))
		return;
	memcpy(&head, bytes, sizeof(head));
	head.crc = gwr_crc(&head);
	memcpy(bytes, &head, sizeof(head));
	for (size_t at = GWR_FIRST; at + sizeof(b) <= size; at += GWR_ALIGN) {
		memcpy(&b, bytes + at, sizeof(b));
		if (b.magic != GWR_BLOCK_MAGIC)
			continue;
		b.crc = gwr_crc(&b);
		memcpy(bytes + at, &b, sizeof(b));
	}
}

static void show(struct replay *r)
{
	struct snapshot s;
	struct model m;

	if (replay_snapshot(r, replay_now(r), &s))
		return;
	if (!model_new(&m, NULL, &s, true))
		model_free(&m);
	snapshot_free(&s);
}

static void play(uint8_t *bytes, size_t size)
{
	FILE *f = size ? fmemopen(bytes, size, "r") : NULL;
	char msg[GWR_MSG] = "";
	struct replay *r;
	struct gwr *file;

	if (!f)
		return;
	if (gwr_open_stream(&file, f, "fuzz", msg)) {
		if (!*msg || strchr(msg, '\n'))
			abort();
		return;
	}
	r = replay_new(gwr_info(file), NULL);
	if (!r)
		abort();
	replay_until(r, file, replay_now(r) + 1000000, msg);
	show(r);
	replay_until(r, file, UINT64_MAX, msg);
	show(r);
	replay_free(r);
	gwr_close(file);
}

/* A byte for the kind, one for how many, then the records. */
static void play_bare(const uint8_t *data, size_t size)
{
	const struct gwr_info info = { .cpus = 1 };
	struct replay *r = replay_new(&info, NULL);
	struct gwr_item item = { 0 };
	void *records;
	size_t n;

	for (; r && size > 2; data += n, size -= n) {
		item.kind = data[0] % GWR_KINDS;
		n = data[1] * gwr_size(item.kind);
		data += 2;
		size -= 2;
		n = n < size ? n : size;
		if (!gwr_size(item.kind))
			continue;
		item.count = n / gwr_size(item.kind);
		records = malloc(n + 1); /* in its place, and no longer */
		if (!records)
			break;
		memcpy(records, data, n);
		item.records = records;
		if (replay_item(r, &item))
			size = n;
		free(records);
	}
	if (r)
		show(r);
	replay_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 1);

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	play(bytes, size);
	mend(bytes, size);
	play(bytes, size);
	play_bare(data, size);
	free(bytes);
	return 0;
}
