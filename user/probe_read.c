// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is done with the programs and maps while they are there. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "probe_priv.h" /* before the skeleton, which uses its types */
#include "gilwatch.skel.h"
#include "iterator.h"
#include "now.h"

/* ---- targets --------------------------------------------------------------
 */

int probe_watch(struct probe *p, pid_t tgid)
{
	__u32 key = (__u32)tgid, one = 1;

	if (bpf_map_update_elem(bpf_map__fd(p->skel->maps.targets), &key, &one,
				BPF_ANY))
		return -errno;
	return 0;
}

/* Where the records of an iterator go. */
struct taker {
	probe_live_fn live;
	probe_sleeper_fn sleeper;
	void *ctx;
};

static int take_sleeper(void *ctx, const void *record)
{
	const struct taker *t = ctx;

	return t->sleeper(t->ctx, record);
}

static int take_live(void *ctx, const void *record)
{
	const struct taker *t = ctx;

	return t->live(t->ctx, record, false);
}

static int read_sleepers(struct bpf_link *link, struct taker *t)
{
	return iterator_read(bpf_link__fd(link), sizeof(struct gw_sleeper),
			     take_sleeper, t);
}

int probe_adopt(struct probe *p, probe_sleeper_fn fn, void *ctx)
{
	struct taker t = { .sleeper = fn, .ctx = ctx };
	int err = read_sleepers(p->skel->links.adopt_threads, &t);

	return err ? err : read_sleepers(p->skel->links.adopt_waits, &t);
}

/* ---- reading --------------------------------------------------------------
 */

int probe_read_threads(struct probe *p, probe_live_fn fn, void *ctx)
{
	struct taker t = { .live = fn, .ctx = ctx };

	return iterator_read(bpf_link__fd(p->skel->links.read_threads),
			     sizeof(struct gw_live), take_live, &t);
}

int probe_read_messages(struct probe *p, probe_live_fn ended,
			probe_message_fn other, void *ctx)
{
	int n;

	p->ended = ended;
	p->other = other;
	p->ctx = ctx;
	n = ring_buffer__consume(p->ring);
	return n < 0 ? n : 0;
}

int probe_poll_fd(const struct probe *p)
{
	return ring_buffer__epoll_fd(p->ring);
}

int probe_read_migrations(struct probe *p, probe_migration_fn fn, void *ctx)
{
	return tables_read_migrations(&p->tables, fn, ctx);
}

struct tables *probe_tables(struct probe *p)
{
	return &p->tables;
}

const struct gw_state *probe_state(const struct probe *p)
{
	return &p->skel->bss->state;
}

void probe_window(struct probe *p, uint32_t window)
{
	p->skel->bss->state.window = window;
}

/* An event is there when its slot says which round it is of; one that an
 * interrupt delays holds up those behind it. */
size_t probe_events(struct probe *p, struct gw_event *out, size_t room)
{
	struct gw_ring *ring = &p->skel->bss->ring;
	uint64_t tail = ring->tail;
	size_t n = 0;

	while (n < room && p->events) {
		struct gw_event *e = &p->events[tail % p->events_size];
		uint16_t round = (uint16_t)(tail / p->events_size + 1);

		if (__atomic_load_n(&e->seq, __ATOMIC_ACQUIRE) != round)
			break;
		out[n] = *e;
		out[n++].seq = 0;
		tail++;
	}
	__atomic_store_n(&ring->tail, tail, __ATOMIC_RELEASE);
	return n;
}

const struct gw_ring *probe_ring(const struct probe *p)
{
	return &p->skel->bss->ring;
}

/* ---- recognised locks -----------------------------------------------------
 */

static int enter_word(struct probe *p, uint32_t image, uint32_t lock,
		      const struct probe_word *w)
{
	struct gw_word_key key = { .addr = w->addr, .image = image };
	struct gw_word word = { .lock = lock, .role = (__u8)w->role };

	return bpf_map_update_elem(bpf_map__fd(p->skel->maps.words), &key,
				   &word, BPF_ANY)
		       ? -errno
		       : 0;
}

bool probe_knows(const struct probe *p, uint32_t image, uint64_t addr)
{
	struct gw_word_key key = { .addr = addr, .image = image };
	struct gw_word word;

	return !bpf_map_lookup_elem(bpf_map__fd(p->skel->maps.words), &key,
				    &word);
}

int probe_add_words(struct probe *p, uint32_t image, uint32_t index,
		    const struct probe_word *words, size_t count)
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = enter_word(p, image, index, &words[i]);
	/* Threads forget what they remember of these words. */
	__atomic_fetch_add(&p->skel->bss->state.epoch, 1, __ATOMIC_RELEASE);
	return err;
}

int probe_add_lock(struct probe *p, uint32_t image, pid_t pid, uint64_t id,
		   enum gw_kind kind, const struct probe_word *words,
		   size_t count, uint32_t *index)
{
	struct gw_lock *lock;

	if (!tables_take_lock(&p->tables, index))
		return -ENOSPC;
	lock = &p->tables.locks[*index];
	lock->id = id;
	lock->tgid = (__u32)pid;
	lock->kind = kind;
	__atomic_store_n(&lock->image, image, __ATOMIC_RELEASE);
	return probe_add_words(p, image, *index, words, count);
}

/* ---- the end --------------------------------------------------------------
 */

void probe_stop(struct probe *p)
{
	__atomic_store_n(&p->skel->bss->state.stopped_ns, now_ns(),
			 __ATOMIC_RELEASE);
}

uint64_t probe_memory(const struct probe *p)
{
	return p->memory;
}

int probe_read_costs(const struct probe *p, probe_cost_fn fn, void *ctx)
{
	struct bpf_program *prog;
	int err = 0;

	bpf_object__for_each_program(prog, p->skel->obj)
	{
		struct bpf_prog_info info = { 0 };
		struct probe_cost cost = { .program = bpf_program__name(prog) };
		__u32 size = sizeof(info);

		if (err || !bpf_program__autoload(prog))
			continue;
		if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size))
			return -errno;
		cost.runs = info.run_cnt;
		cost.ns = info.run_time_ns;
		cost.skipped = info.recursion_misses;
		err = fn(ctx, &cost);
	}
	return err;
}

static int add_skipped(void *ctx, const struct probe_cost *cost)
{
	*(uint64_t *)ctx += cost->skipped;
	return 0;
}

uint64_t probe_skipped(const struct probe *p)
{
	uint64_t all = 0;

	return probe_read_costs(p, add_skipped, &all) ? 0 : all;
}
