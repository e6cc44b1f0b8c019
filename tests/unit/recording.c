// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "file.h"
#include "recording.h"

/* xorshift64: Marsaglia, "Xorshift RNGs", 2003. */
static uint32_t draw(struct recording *r, uint32_t below)
{
	r->bits ^= r->bits << 13;
	r->bits ^= r->bits >> 7;
	r->bits ^= r->bits << 17;
	return (uint32_t)(r->bits >> 32) % below;
}

struct gwr_info recording_info(void)
{
	struct gwr_info info = {
		.start_ns = RECORDING_START_NS,
		.start_unix_ns = 1700000000000000000u,
		.cpus = 7,
		.all = 1,
		.machine = "pdp11",
		.release = "0.0.1",
		.made_by = "0",
		.target = "made-up threads",
	};

	return info;
}

void recording_names(struct gwr_writer *w)
{
	struct gwr_thread threads[RECORDING_THREADS] = { 0 };
	struct gwr_lock locks[RECORDING_LOCKS] = { 0 };
	struct gwr_image image = { .image = 1, .tgid = 100, .comm = "prog" };

	for (uint32_t i = 0; i < RECORDING_THREADS; i++) {
		threads[i].serial = i + 1;
		threads[i].image = 1;
		threads[i].tgid = 100;
		threads[i].tid = 100 + i;
		snprintf(threads[i].names.comm, GW_COMM_LEN, "thread-%u", i);
		snprintf(threads[i].names.process, GW_COMM_LEN, "prog");
	}
	for (uint32_t i = 0; i < RECORDING_LOCKS; i++) {
		locks[i].index = i;
		locks[i].image = 1;
		locks[i].tgid = 100;
		locks[i].id = 0x1000 * (i + 1);
		locks[i].kind = i ? GW_KIND_MUTEX : GW_KIND_GIL;
		snprintf(locks[i].name, GWR_NAME, "lock %u", i);
	}
	assert_int_equal(
		gwr_put(w, GWR_THREADS, threads, RECORDING_THREADS, 0, 0), 0);
	assert_int_equal(gwr_put(w, GWR_LOCKS, locks, RECORDING_LOCKS, 0, 0),
			 0);
	assert_int_equal(gwr_put(w, GWR_IMAGES, &image, 1, 0, 0), 0);
}

/* What a thread does one after the other, from its beginning on: it waits for a
 * lock, is woken for it by another, has it and passes it on. */
static const struct gw_event life[] = {
	{ .type = GW_EV_WAIT },
	{ .type = GW_EV_OUT, .how = TRACK_ASLEEP },
	{ .type = GW_EV_WAKING, .flags = GW_EV_RELEASE, .since_ns = 900 },
	{ .type = GW_EV_MIGRATE, .to = 1 },
	{ .type = GW_EV_IN },
	{ .type = GW_EV_WAITED },
	{ .type = GW_EV_OUT, .how = TRACK_PREEMPTED },
	{ .type = GW_EV_IN },
	{ .type = GW_EV_WAKE },
	{ .type = GW_EV_WOKE, .result = 1 },
	{ .type = GW_EV_OUT, .how = TRACK_ASLEEP },
	{ .type = GW_EV_WAKING },
	{ .type = GW_EV_IN },
};

#define LIFE (sizeof(life) / sizeof(*life))

static struct gw_event begin_event(uint32_t i)
{
	return (struct gw_event){ .type = GW_EV_BEGIN,
				  .how = GW_RUNNING,
				  .image = 1,
				  .tgid = 100,
				  .tid = 100 + i };
}

static void next_event(struct recording *r, struct gw_event *e)
{
	static const int32_t results[] = { 0, 0, 0, -110, -11, -4 };
	uint32_t i = draw(r, RECORDING_THREADS), step = r->step[i]++;

	*e = step ? life[(step - 1) % LIFE] : begin_event(i);
	r->now += draw(r, 60000);
	e->ns = r->now;
	e->thread = i + 1;
	e->cpu = (uint16_t)draw(r, 2);
	if (e->type == GW_EV_WAIT || e->type == GW_EV_WAKE)
		e->lock = draw(r, RECORDING_LOCKS);
	if (e->type == GW_EV_WAITED)
		e->result = results[draw(r, 6)];
	if (e->flags & GW_EV_RELEASE)
		e->other = draw(r, RECORDING_THREADS) + 1;
	if (e->type == GW_EV_OUT && !draw(r, 4))
		e->flags |= GW_EV_LATER;
}

void recording_events(struct recording *r, struct gw_event *out, size_t n)
{
	if (r->now < RECORDING_START_NS)
		r->now = RECORDING_START_NS;
	for (size_t i = 0; i < n; i++)
		next_event(r, &out[i]);
}

void recording_write(const char *path, size_t n, size_t block)
{
	const struct gwr_config config = { .path = path,
					   .uid = FILE_KEEP_UID,
					   .gid = FILE_KEEP_GID };
	struct gw_event *e = calloc(block, sizeof(*e));
	const struct gwr_info info = recording_info();
	struct recording r = { .bits = 1 };
	struct gwr_moment end = { 0 };
	struct gwr_writer *w;
	char msg[GWR_MSG];

	assert_non_null(e);
	assert_int_equal(gwr_create(&w, &config, &info, msg), 0);
	recording_names(w);
	for (size_t done = 0; done < n; done += block) {
		size_t now = n - done < block ? n - done : block;

		recording_events(&r, e, now);
		assert_int_equal(
			gwr_put(w, GWR_EVENTS, e, now, e[0].ns, e[now - 1].ns),
			0);
	}
	end.ns = r.now;
	assert_int_equal(gwr_put(w, GWR_END, &end, 1, 0, 0), 0);
	assert_int_equal(gwr_publish(w, msg), 0);
	gwr_discard(w);
	free(e);
}

struct replay *recording_write_part(const struct gwr_config *config,
				    struct recording *made, size_t n,
				    size_t block)
{
	const struct gwr_info info = recording_info();
	struct replay *all = replay_new(&info, NULL);
	struct gw_event *e = calloc(block, sizeof(*e));
	const struct gwr_item item = { GWR_EVENTS, e, (uint32_t)block };
	struct gwr_writer *w;
	char msg[GWR_MSG];

	assert_true(all && e);
	assert_int_equal(gwr_create(&w, config, &info, msg), 0);
	recording_names(w);
	for (size_t i = 0; i < n; i += block) {
		recording_events(made, e, block);
		assert_int_equal(replay_item(all, &item), 0);
		assert_int_equal(gwr_put(w, GWR_EVENTS, e, block, e[0].ns,
					 e[block - 1].ns),
				 0);
		if (gwr_wants_state(w))
			assert_int_equal(replay_save(all, w), 0);
	}
	assert_true(gwr_dropped(w));
	assert_int_equal(gwr_publish(w, msg), 0);
	assert_true(!config->max_bytes || gwr_bytes(w) <= config->max_bytes);
	gwr_discard(w);
	free(e);
	return all;
}
