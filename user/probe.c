// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ended_read.h"
#include "pidns.h"
#include "probe_priv.h" /* before the skeleton, which uses its types */
#include "gilwatch.skel.h"
#include "iterator.h"
#include "kernel.h"
#include "maps.h"
#include "now.h"
#include "tracefs.h"

/* ---- loading --------------------------------------------------------------
 */

static int print_all(enum libbpf_print_level level, const char *format,
		     va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, format, args);
}

static int print_nothing(enum libbpf_print_level level, const char *format,
			 va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static unsigned int or_default(unsigned int value, unsigned int fallback)
{
	return value ? value : fallback;
}

/* The last records of so many threads that end at once, and less where memory
 * is to be saved; a power of two of pages. */
static unsigned int messages_size(unsigned int locks)
{
	return locks < PROBE_LOCKS ? locks << 10 : PROBE_MESSAGES;
}

static int set_sizes(struct probe *p, const struct probe_config *config)
{
	struct gilwatch_bpf *s = p->skel;
	unsigned int locks = or_default(config->locks, PROBE_LOCKS);
	unsigned int edges = or_default(config->edges, 2 * locks);
	unsigned int moves = or_default(config->migrations, PROBE_MIGRATIONS);

	p->tables.locks_size = locks;
	p->tables.edges_size = edges;
	s->rodata->locks_size = locks;
	s->rodata->edges_size = edges;
	s->bss->state.epoch = 1;
	s->bss->state.locks.given = locks;
	s->bss->state.edges.given = edges;
	s->rodata->messages_enough = messages_size(locks) / 32;
	if ((locks & (locks - 1)) || (edges & (edges - 1)))
		return -EINVAL;
	/* A condition variable has two words. */
	if (bpf_map__set_max_entries(s->maps.words, 2 * locks) ||
	    bpf_map__set_max_entries(s->maps.locks, locks) ||
	    bpf_map__set_max_entries(s->maps.lock_slots, locks) ||
	    bpf_map__set_max_entries(s->maps.edges, edges) ||
	    bpf_map__set_max_entries(s->maps.edge_slots, edges) ||
	    bpf_map__set_max_entries(s->maps.edge_index, edges) ||
	    bpf_map__set_max_entries(s->maps.migrations, moves) ||
	    bpf_map__set_max_entries(s->maps.messages, messages_size(locks)))
		return -EINVAL;
	return 0;
}

/* The greatest power of two of events that fits. */
static int set_events(struct probe *p, const struct probe_config *config)
{
	uint64_t bytes = config->buffer ? config->buffer : PROBE_BUFFER;
	struct gilwatch_bpf *s = p->skel;
	__u32 shift = 0;

	if (!config->record)
		return 0;
	while (2 * sizeof(struct gw_event) << shift <= bytes)
		shift++;
	p->events_size = (size_t)1 << shift;
	s->rodata->record_events = true;
	s->rodata->events_shift = shift;
	return bpf_map__set_max_entries(s->maps.events, 1u << shift) ? -EINVAL
								     : 0;
}

/* Of the tables that are large; what else there is takes some 11 MiB. */
static unsigned int table_mib(const struct probe *p)
{
	uint64_t bytes = sizeof(struct gw_lock) * p->tables.locks_size +
			 sizeof(struct gw_edge) * p->tables.edges_size +
			 sizeof(struct gw_event) * p->events_size +
			 messages_size(p->tables.locks_size);

	return (unsigned int)(bytes >> 20) + 11;
}

/* Maps are memory of the cgroup of whoever makes them. */
static void say_refused(const struct probe *p, char msg[PROBE_MSG], int err)
{
	if (err == -ENOMEM)
		snprintf(msg, PROBE_MSG,
			 "no memory for the tables in the kernel, about %u "
			 "MiB: make room, raise the memory limit of the "
			 "cgroup or container that gilwatch runs in, or lower "
			 "--max-locks",
			 table_mib(p));
	else
		snprintf(msg, PROBE_MSG,
			 "the kernel refused the BPF programs: %s "
			 "(-v shows its reasons)",
			 strerror(-err));
}

static int open_and_load(struct probe *p, const struct probe_config *config,
			 int tracefs, char msg[PROBE_MSG])
{
	int err;

	p->skel = gilwatch_bpf__open();
	if (!p->skel) {
		err = -errno;
		snprintf(msg, PROBE_MSG, "cannot open the BPF programs: %s",
			 strerror(-err));
		return err;
	}
	p->skel->rodata->watch_all = config->watch_all;
	p->skel->rodata->sched_only = config->sched_only;
	p->skel->rodata->tell_names = config->tell_names;
	p->skel->rodata->own_tgid = (__u32)getpid();
	p->skel->rodata->pidns_inode = pidns_inode();
	p->skel->rodata->realtime_offset_ns =
		clock_ns(CLOCK_REALTIME) - now_ns();
	err = set_sizes(p, config);
	if (!err)
		err = set_events(p, config);
	if (!err) {
		if (config->sched_only)
			syscalls_leave_out(p->skel->obj);
		else
			syscalls_choose(p->skel->obj, tracefs);
		bpf_program__set_autoload(p->skel->progs.task_rename,
					  config->tell_names);
		err = gilwatch_bpf__load(p->skel);
	}
	if (err)
		say_refused(p, msg, err);
	return err;
}

/* Iterators are attached too; they run only when they are read. */
static int attach(struct probe *p, int tracefs, char msg[PROBE_MSG])
{
	int err = gilwatch_bpf__attach(p->skel);

	if (!err)
		err = syscalls_attach(&p->syscalls, p->skel->obj, tracefs);
	if (err)
		snprintf(msg, PROBE_MSG,
			 "cannot attach to the kernel's tracepoints: %s "
			 "(-v shows more)",
			 strerror(-err));
	return err;
}

static int check_sched_only(char msg[PROBE_MSG])
{
	if (kernel_has_helper("BPF_FUNC_task_pt_regs"))
		return 0;
	snprintf(msg, PROBE_MSG,
		 "--probes=sched needs Linux 5.15 or newer: leave it out");
	return -EOPNOTSUPP;
}

/* Which tracepoints exist and what their numbers are is read from tracefs,
 * where gilwatch may. */
static int load_and_attach(struct probe *p, const struct probe_config *config,
			   char msg[PROBE_MSG])
{
	int tracefs = -1, err = 0;

	if (config->sched_only)
		err = check_sched_only(msg);
	else
		tracefs = tracefs_open();
	if (!err)
		err = open_and_load(p, config, tracefs, msg);
	if (!err)
		err = attach(p, tracefs, msg);
	if (tracefs >= 0)
		close(tracefs);
	return err;
}

/* fdinfo's memlock counts what the map really takes. */
static uint64_t map_memory(int fd)
{
	unsigned long long bytes = 0;
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			break;
	fclose(f);
	return bytes;
}

static uint64_t all_memory(const struct probe *p)
{
	struct bpf_map *map;
	uint64_t bytes = 0;

	bpf_object__for_each_map(map, p->skel->obj) bytes +=
		map_memory(bpf_map__fd(map));
	return bytes;
}

static size_t table_bytes(const struct bpf_map *map)
{
	return (size_t)bpf_map__max_entries(map) *
	       ((bpf_map__value_size(map) + 7) & ~7u);
}

static void *map_table(const struct bpf_map *map)
{
	void *table = mmap(NULL, table_bytes(map), PROT_READ | PROT_WRITE,
			   MAP_SHARED, bpf_map__fd(map), 0);

	return table == MAP_FAILED ? NULL : table;
}

static void unmap_table(const struct bpf_map *map, void *table)
{
	if (table)
		munmap(table, table_bytes(map));
}

/* The child of a search (interp_guard.h) has no use for the tables, and to hand
 * it their 27,000 pages takes 10 ms. By their names: where libbpf has mapped
 * the buffer of messages it does not tell. */
static void keep_from_children(void)
{
	struct maps maps;

	if (maps_read(&maps, getpid()))
		return;
	for (size_t i = 0; i < maps.count; i++)
		if (!strcmp(maps.range[i].path, "anon_inode:bpf-map"))
			madvise((void *)(uintptr_t)maps.range[i].start,
				maps.range[i].end - maps.range[i].start,
				MADV_DONTFORK);
	maps_free(&maps);
}

static int on_message(void *ctx, void *data, size_t size)
{
	struct probe *p = ctx;
	const struct gw_message *m = data;
	struct gw_live live;

	if (m->type != GW_MSG_ENDED)
		return p->other ? p->other(p->ctx, m) : 0;
	if (!p->ended || !ended_read(&live, data, size))
		return 0;
	return p->ended(p->ctx, &live, true);
}

/* The entries of an array are multiples of 8 bytes. */
static int map_tables(struct probe *p, char msg[PROBE_MSG])
{
	struct gilwatch_bpf *s = p->skel;
	struct tables *t = &p->tables;

	t->state = &s->bss->state;
	t->locks = map_table(s->maps.locks);
	t->edges = map_table(s->maps.edges);
	t->lock_slots = map_table(s->maps.lock_slots);
	t->edge_slots = map_table(s->maps.edge_slots);
	t->words = bpf_map__fd(s->maps.words);
	t->edge_index = bpf_map__fd(s->maps.edge_index);
	t->migrations = bpf_map__fd(s->maps.migrations);
	t->marker = bpf_link__fd(s->links.mark_locks);
	if (p->events_size)
		p->events = map_table(s->maps.events);
	p->ring = ring_buffer__new(bpf_map__fd(p->skel->maps.messages),
				   on_message, p, NULL);
	p->memory = all_memory(p);
	keep_from_children();
	if (t->locks && t->edges && t->lock_slots && t->edge_slots && p->ring &&
	    (!p->events_size || p->events))
		return 0;
	snprintf(msg, PROBE_MSG, "cannot map the kernel's tables: %s",
		 strerror(errno));
	return -errno;
}

/* The kernel times programs as long as the descriptor is open. */
static int time_programs(struct probe *p, char msg[PROBE_MSG])
{
	p->stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (p->stats >= 0)
		return 0;
	p->stats = -errno;
	snprintf(msg, PROBE_MSG,
		 "--cost: the kernel does not time programs: %s (it needs "
		 "Linux 5.8 and CAP_SYS_ADMIN)",
		 strerror(-p->stats));
	return p->stats;
}

int probe_new(struct probe **out, const struct probe_config *config,
	      char msg[PROBE_MSG])
{
	struct probe *p = calloc(1, sizeof(*p));
	int err;

	*out = NULL;
	if (!p) {
		snprintf(msg, PROBE_MSG, "out of memory");
		return -ENOMEM;
	}
	p->stats = -1;
	libbpf_set_print(config->verbose ? print_all : print_nothing);
	err = config->cost ? time_programs(p, msg) : 0;
	if (!err)
		err = load_and_attach(p, config, msg);
	if (!err)
		err = map_tables(p, msg);
	if (err) {
		probe_free(p);
		return err;
	}
	*out = p;
	return 0;
}

static void unmap_tables(struct probe *p)
{
	const struct tables *t = &p->tables;

	unmap_table(p->skel->maps.locks, t->locks);
	unmap_table(p->skel->maps.edges, t->edges);
	unmap_table(p->skel->maps.lock_slots, t->lock_slots);
	unmap_table(p->skel->maps.edge_slots, t->edge_slots);
	unmap_table(p->skel->maps.events, p->events);
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	if (p->skel)
		unmap_tables(p);
	if (p->stats >= 0)
		close(p->stats);
	ring_buffer__free(p->ring);
	syscalls_detach(&p->syscalls);
	gilwatch_bpf__destroy(p->skel);
	free(p);
}
