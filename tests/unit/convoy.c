// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "array.h"
#include "convoy.h"
#include "file.h"

#define LOCK 0
#define US 1000ull
#define TIMEOUT (-110)
#define ASLEEP 1 /* enum track_leave, of a header that needs an includer */

const char *convoy_name[CONVOY_THREADS] = { "", "main", "cpu-0", "cpu-1",
					    "io" };

struct convoy {
	struct gw_event *e;
	size_t n, room;
	uint64_t now;
	struct convoy_counts counts;
};

/* ---- events ---------------------------------------------------------------
 */

static struct gw_event *add(struct convoy *c, enum gw_event_type type,
			    uint32_t thread, uint16_t cpu, uint64_t after_us)
{
	assert_int_equal(array_grow(&c->e, c->n, &c->room), 0);
	c->now += after_us * US;
	c->e[c->n] = (struct gw_event){ .ns = c->now,
					.thread = thread,
					.cpu = cpu,
					.type = (uint8_t)type };
	return &c->e[c->n++];
}

static void waits(struct convoy *c, uint32_t thread, uint16_t cpu)
{
	add(c, GW_EV_WAIT, thread, cpu, 3)->lock = LOCK;
	add(c, GW_EV_OUT, thread, cpu, 2)->how = ASLEEP;
}

static void returns(struct convoy *c, uint32_t thread, uint16_t cpu, int result)
{
	add(c, GW_EV_IN, thread, cpu, 10);
	add(c, GW_EV_WAITED, thread, cpu, 2)->result = result;
}

/* A thread releases the lock and wakes another. */
static void wakes(struct convoy *c, uint32_t from, uint16_t cpu, uint32_t to)
{
	struct gw_event *e;

	add(c, GW_EV_WAKE, from, cpu, 1)->lock = LOCK;
	e = add(c, GW_EV_WAKING, to, cpu, 1);
	e->other = from;
	e->flags = GW_EV_RELEASE;
	e->since_ns = 1 * US;
	add(c, GW_EV_WOKE, from, cpu, 1)->result = 1;
}

static void begins(struct convoy *c, uint32_t serial, enum gw_run run)
{
	struct gw_event *e =
		add(c, GW_EV_BEGIN, serial, (uint16_t)(serial & 1), 1);

	e->how = (uint8_t)run;
	e->image = 1;
	e->tgid = CONVOY_PID;
	e->tid = CONVOY_PID + serial - 1;
}

/* Another thread has taken the lock before it: it sleeps again. */
static void robbed(struct convoy *c, uint32_t thread, uint32_t by)
{
	wakes(c, by, 1, thread);
	returns(c, thread, 0, 0);
	waits(c, thread, 0);
	c->counts.stolen++;
}

/* `holds` computes on CPU 0 while `next` waits; in the end they have changed
 * places, and the I/O thread had its turn between. */
static void turn(struct convoy *c, uint32_t holds, uint32_t next, bool rob)
{
	uint64_t begun = c->now;

	add(c, GW_EV_WAKING, CONVOY_IO, 1, 2000);
	add(c, GW_EV_IN, CONVOY_IO, 1, 20);
	waits(c, CONVOY_IO, 1);
	add(c, GW_EV_WAKING, next, 1, 2900);
	returns(c, next, 1, TIMEOUT);
	waits(c, next, 1);
	c->counts.timeouts++;
	wakes(c, holds, 0, CONVOY_IO);
	waits(c, holds, 0);
	returns(c, CONVOY_IO, 1, 0);
	if (rob)
		robbed(c, next, CONVOY_IO);
	c->now += 200 * US;
	wakes(c, CONVOY_IO, 1, next);
	add(c, GW_EV_OUT, CONVOY_IO, 1, 5)->how = ASLEEP;
	returns(c, next, 0, 0);
	c->counts.handoffs += 2;
	c->counts.turns++;
	assert_true(c->now < begun + CONVOY_TURN);
	c->now = begun + CONVOY_TURN;
}

static void make(struct convoy *c, unsigned int turns)
{
	*c = (struct convoy){ .now = CONVOY_START };
	begins(c, CONVOY_MAIN, GW_SLEEPING);
	begins(c, CONVOY_CPU0, GW_RUNNING);
	begins(c, CONVOY_CPU1, GW_RUNNING);
	begins(c, CONVOY_IO, GW_SLEEPING);
	waits(c, CONVOY_CPU1, 1);
	for (unsigned int i = 0; i < turns; i++)
		turn(c, i & 1 ? CONVOY_CPU1 : CONVOY_CPU0,
		     i & 1 ? CONVOY_CPU0 : CONVOY_CPU1, i % 4 == 3);
}

uint64_t convoy_end(unsigned int turns)
{
	return CONVOY_START + 9 * US + turns * CONVOY_TURN;
}

/* ---- who is who -----------------------------------------------------------
 */

struct gwr_info convoy_info(void)
{
	return (struct gwr_info){ .start_ns = CONVOY_START,
				  .start_unix_ns = 1700000000000000000,
				  .boot_ns = 5000000000,
				  .cpus = 2,
				  .all = 1,
				  .machine = "test",
				  .release = "6.1.0",
				  .made_by = "test",
				  .target = "a convoy" };
}

static void describe(struct gwr_thread thread[CONVOY_THREADS - 1],
		     struct gwr_lock *lock, struct gwr_image *image)
{
	for (uint32_t i = 1; i < CONVOY_THREADS; i++) {
		thread[i - 1] = (struct gwr_thread){ .serial = i,
						     .image = 1,
						     .tgid = CONVOY_PID,
						     .tid = CONVOY_PID + i - 1,
						     .start_ns = i };
		memcpy(thread[i - 1].names.comm, convoy_name[i],
		       strlen(convoy_name[i]));
		memcpy(thread[i - 1].names.process, "convoy", 7);
	}
	*lock = (struct gwr_lock){ .id = CONVOY_LOCK,
				   .switch_interval_ns = 5000000,
				   .index = LOCK,
				   .image = 1,
				   .tgid = CONVOY_PID,
				   .kind = GW_KIND_GIL,
				   .name = "CPython 3.11 GIL" };
	*image = (struct gwr_image){ .image = 1,
				     .tgid = CONVOY_PID,
				     .comm = "convoy" };
}

struct convoy_counts convoy_play(struct replay *r, unsigned int turns)
{
	struct gwr_thread thread[CONVOY_THREADS - 1];
	struct gwr_lock lock;
	struct gwr_image image;
	struct convoy c;

	describe(thread, &lock, &image);
	make(&c, turns);
	assert_int_equal(
		replay_item(r, &(struct gwr_item){ GWR_IMAGES, &image, 1 }), 0);
	assert_int_equal(
		replay_item(r, &(struct gwr_item){ GWR_LOCKS, &lock, 1 }), 0);
	assert_int_equal(
		replay_item(r, &(struct gwr_item){ GWR_THREADS, thread,
						   CONVOY_THREADS - 1 }),
		0);
	assert_int_equal(
		replay_item(r, &(struct gwr_item){ GWR_EVENTS, c.e, c.n }), 0);
	free(c.e);
	return c.counts;
}

struct convoy_counts convoy_write(const char *path, unsigned int turns)
{
	const struct gwr_config config = { .path = path,
					   .uid = FILE_KEEP_UID,
					   .gid = FILE_KEEP_GID };
	const struct gwr_info info = convoy_info();
	struct gwr_moment end = { .ns = convoy_end(turns) };
	struct gwr_thread thread[CONVOY_THREADS - 1];
	struct gwr_image image;
	struct gwr_writer *w;
	struct gwr_lock lock;
	char msg[GWR_MSG];
	struct convoy c;

	describe(thread, &lock, &image);
	make(&c, turns);
	end.unix_ns = info.start_unix_ns + (end.ns - info.start_ns);
	if (gwr_create(&w, &config, &info, msg))
		fail_msg("%s", msg);
	assert_int_equal(gwr_put(w, GWR_IMAGES, &image, 1, 0, 0), 0);
	assert_int_equal(gwr_put(w, GWR_LOCKS, &lock, 1, 0, 0), 0);
	assert_int_equal(
		gwr_put(w, GWR_THREADS, thread, CONVOY_THREADS - 1, 0, 0), 0);
	for (size_t i = 0; i < c.n; i += 1000)
		assert_int_equal(gwr_put(w, GWR_EVENTS, c.e + i,
					 c.n - i < 1000 ? c.n - i : 1000,
					 c.e[i].ns, c.e[i].ns),
				 0);
	assert_int_equal(gwr_put(w, GWR_END, &end, 1, 0, 0), 0);
	if (gwr_publish(w, msg))
		fail_msg("%s", msg);
	gwr_discard(w);
	free(c.e);
	return c.counts;
}
