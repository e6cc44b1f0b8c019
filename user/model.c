// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model.h"
#include "mutual.h"
#include "rows.h"

static void sort(void *base, size_t n, size_t size,
		 int (*order)(const void *, const void *))
{
	if (n)
		qsort(base, n, size, order);
}

static int number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* ---- processes ------------------------------------------------------------
 */

static int process_by_image(const void *a, const void *b)
{
	const struct model_process *x = a, *y = b;

	return number(x->image, y->image);
}

struct model_process *rows_process(const struct model *m, uint32_t image)
{
	struct model_process key = { .image = image };

	if (!m->nprocesses)
		return NULL;
	return bsearch(&key, m->processes, m->nprocesses, sizeof(key),
		       process_by_image);
}

/* A process that nobody asked for counts when it contended for a lock, any
 * other when it was there at all. */
static void drop_others(struct model *m, bool all)
{
	const struct model_process *p;
	size_t kept = 0;

	for (size_t i = 0; i < m->nprocesses; i++) {
		p = &m->processes[i];
		if (p->locks || (all && p->threads))
			m->processes[kept++] = *p;
	}
	m->nprocesses = kept;
}

static const char *note_of(const struct snapshot_image *image,
			   const struct snapshot *before)
{
	return before && image->later_ns && before->now_ns >= image->later_ns
		       ? image->later_note
		       : image->note;
}

static int process_rows(struct model *m, const struct rows_pair *pair, bool all)
{
	const struct snapshot *now = pair->now;
	struct model_process *p;

	m->processes = calloc(now->nimages + 1, sizeof(*m->processes));
	if (!m->processes)
		return -ENOMEM;
	for (size_t i = 0; i < now->nimages; i++)
		m->processes[m->nprocesses++] = (struct model_process){
			.image = now->images[i].image,
			.pid = (pid_t)now->images[i].tgid,
			.comm = now->images[i].comm,
			.note = note_of(&now->images[i], pair->before),
			.folded = now->images[i].folded,
		};
	for (size_t i = 0; i < m->nlocks; i++) {
		p = rows_process(m, m->locks[i].row.image);
		if (p) {
			p->wait_ns += m->locks[i].wait_ns;
			p->locks += m->locks[i].waits || m->locks[i].wait_ns;
		}
	}
	for (size_t i = 0; i < m->nthreads; i++) {
		p = rows_process(m, m->threads[i].row.image);
		if (p) {
			p->running_ns += m->threads[i].time_ns[GW_RUNNING];
			p->threads++;
		}
	}
	drop_others(m, all);
	return 0;
}

/* ---- what ties rows together ----------------------------------------------
 */

static int thread_by_tid(const void *a, const void *b)
{
	const struct model_thread *x = a, *y = b;

	if (x->row.image != y->row.image)
		return number(x->row.image, y->row.image);
	if (x->tid != y->tid)
		return number((uint64_t)x->tid, (uint64_t)y->tid);
	return number(x->serial, y->serial);
}

/* The thread with this id; of several, one after the other, the last. */
static struct model_thread *thread_of(const struct model *m, uint32_t image,
				      pid_t tid)
{
	struct model_thread key = { .row.image = image,
				    .tid = tid,
				    .serial = UINT32_MAX };
	size_t low = 0, high = m->nthreads, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (thread_by_tid(&m->threads[mid], &key) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || m->threads[low - 1].row.image != image ||
	    m->threads[low - 1].tid != tid)
		return NULL;
	return &m->threads[low - 1];
}

/* Serials of the threads, which are in order of them: a search in this small
 * array touches little memory. */
static uint32_t *serials_of(const struct model *m)
{
	uint32_t *serial = calloc(m->nthreads + 1, sizeof(*serial));

	for (size_t i = 0; serial && i < m->nthreads; i++)
		serial[i] = m->threads[i].serial;
	return serial;
}

static struct model_thread *thread_by_serial(const struct model *m,
					     const uint32_t *serials,
					     uint32_t serial)
{
	size_t low = 0, high = m->nthreads, mid;

	/* Where no thread has gone, it is as far from the first as its serial.
	 */
	mid = high ? serial - serials[0] : 0;
	if (mid < high && serials[mid] == serial)
		return &m->threads[mid];
	while (low < high) {
		mid = low + (high - low) / 2;
		if (serials[mid] < serial)
			low = mid + 1;
		else
			high = mid;
	}
	return low < m->nthreads && serials[low] == serial ? &m->threads[low]
							   : NULL;
}

/* Any thread: the sum of rare pairs of a lock. */
static void tie_rest(struct model_handoff *h)
{
	if (h->from_serial == GW_THREAD_REST)
		h->from_comm = snapshot_others;
	if (h->to_serial == GW_THREAD_REST)
		h->to_comm = snapshot_others;
}

/* Only the receiver of a handoff knows it in the kernel. */
static void tie_handoffs(struct model *m, const uint32_t *serials)
{
	struct model_handoff *h;
	struct model_thread *t;

	for (size_t i = 0; i < m->nhandoffs; i++) {
		h = &m->handoffs[i];
		tie_rest(h);
		t = thread_by_serial(m, serials, h->from_serial);
		if (t) {
			t->handoffs_out += h->handoffs;
			h->from = t->tid;
			h->from_comm = t->comm;
		}
		t = thread_by_serial(m, serials, h->to_serial);
		if (t) {
			t->handoffs_in += h->handoffs;
			h->to = t->tid;
			h->to_comm = t->comm;
		}
	}
}

static void tie_migrations(struct model *m, const uint32_t *serials)
{
	struct model_thread *t;

	for (size_t i = 0; i < m->nmigrations; i++) {
		t = thread_by_serial(m, serials, m->migrations[i].serial);
		if (!t)
			continue;
		/* A thread keeps its number when it becomes another program. */
		m->migrations[i].row.image = t->row.image;
		m->migrations[i].pid = t->pid;
		m->migrations[i].tid = t->tid;
		m->migrations[i].comm = t->comm;
	}
}

static int tie_threads(struct model *m)
{
	uint32_t *serials = serials_of(m);

	if (!serials)
		return -ENOMEM;
	tie_handoffs(m, serials);
	tie_migrations(m, serials);
	free(serials);
	return 0;
}

/* Without a known GIL its share of a thread's waiting is not 0 but unknown. */
static void tie_gil(struct model *m)
{
	struct model_process *p;
	bool *known = calloc(m->nprocesses + 1, sizeof(*known));

	for (size_t i = 0; known && i < m->nlocks; i++) {
		p = rows_process(m, m->locks[i].row.image);
		if (p && m->locks[i].kind == GW_KIND_GIL)
			known[p - m->processes] = true;
	}
	for (size_t i = 0; i < m->nthreads; i++) {
		p = rows_process(m, m->threads[i].row.image);
		if (known && p && known[p - m->processes])
			continue;
		m->threads[i].gil_wait_ns = MODEL_UNKNOWN;
		m->threads[i].gil_delay_ns = MODEL_UNKNOWN;
	}
	free(known);
}

/* A word of pthread_join holds the id of the thread that is waited for. */
static void tie_joins(struct model *m)
{
	struct model_lock *l;

	for (size_t i = 0; i < m->nlocks; i++) {
		l = &m->locks[i];
		if (l->kind == GW_KIND_JOIN && !l->joined && !l->owner &&
		    !thread_of(m, l->row.image, (pid_t)l->first_val))
			l->kind = GW_KIND_FUTEX;
	}
}

/* Of the snapshot: a GIL that nobody waits for has no row. The first wins, the
 * main interpreter's. */
static void tie_gil_names(struct model *m, const struct snapshot *now)
{
	const struct snapshot_lock *l;
	struct model_process *p;

	for (size_t i = now->nlocks; i-- > 0;) {
		l = &now->locks[i];
		if (!l->name || l->k.kind != GW_KIND_GIL)
			continue;
		p = rows_process(m, l->k.image);
		if (p)
			p->gil = l->name;
	}
}

/*
 * CPython's locks are semaphores: those of its threading module, and those that
 * its queues, events and joins are made of.
 */
static void tie_names(struct model *m)
{
	static const char cpython[] = "CPython";
	struct model_process *p;
	struct model_lock *l;

	for (l = m->locks; l < m->locks + m->nlocks; l++) {
		p = rows_process(m, l->row.image);
		if (p && p->gil && !strncmp(p->gil, cpython, strlen(cpython)) &&
		    l->kind == GW_KIND_SEM && !*l->name)
			l->name = l->mutual ? "threading.Lock" : "Python lock";
	}
}

/* ---- the whole ------------------------------------------------------------
 */

static void window(struct model *m, const struct rows_pair *p,
		   uint64_t start_unix_ns, uint64_t start_ns)
{
	m->total = !p->before;
	m->start_unix_ns = start_unix_ns;
	m->end_unix_ns = p->now->unix_ns;
	m->window_ns = p->now->now_ns - start_ns;
	m->stuck_ns = p->now->stuck_ns;
	m->cpus = p->now->cpus ? p->now->cpus
			       : (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	m->cost = p->now->cost;
	for (unsigned int i = 0; i < GW_LOST_CAUSES; i++)
		m->lost[i] =
			p->now->lost[i] - (p->before ? p->before->lost[i] : 0);
	if (p->before)
		m->cost.cpu_ns -= p->before->cost.cpu_ns;
}

static int fill(struct model *m, const struct rows_pair *p, bool all)
{
	int err = rows_locks(m, p);

	if (!err)
		err = rows_threads(m, p);
	if (!err)
		err = rows_handoffs(m, p);
	if (!err)
		err = rows_migrations(m, p);
	if (err)
		return err;
	err = process_rows(m, p, all);
	if (err)
		return err;
	if (mutual_mark(m))
		return -ENOMEM;
	err = tie_threads(m);
	if (err)
		return err;
	sort(m->threads, m->nthreads, sizeof(*m->threads), thread_by_tid);
	tie_gil(m);
	tie_joins(m);
	tie_gil_names(m, p->now);
	tie_names(m);
	for (size_t i = 0; i < m->nthreads; i++)
		m->threads[i].class = model_classify(&m->threads[i]);
	return rows_group(m);
}

int model_new(struct model *m, const struct snapshot *before,
	      const struct snapshot *now, bool all)
{
	struct rows_pair p = { .before = before, .now = now };
	int err;

	*m = (struct model){ 0 };
	window(m, &p, before ? before->unix_ns : now->start_unix_ns,
	       before ? before->now_ns : now->start_ns);
	err = fill(m, &p, all);
	if (err)
		model_free(m);
	return err;
}

void model_free(struct model *m)
{
	free(m->processes);
	free(m->locks);
	free(m->threads);
	free(m->handoffs);
	free(m->migrations);
	free(m->buckets);
	*m = (struct model){ 0 };
}
