// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Ruby 3.0 and newer (thread_pthread.h, vm_core.h, ractor_core.h of its
 *sources). Each ractor has a lock (GVL) of its own. The object of the virtual
 *machine names the main ractor; inside a ractor the lock is found by its shape:
 *
 *	3.0 - 3.2	threads.set	list, at M - 40
 *		owner		pointer to the thread that has the lock, M - 8
 *		lock		mutex, M
 *		waitq		list, M + 40
 *		switch_cond, switch_wait_cond	at M + 72, M + 120
 *	3.3 and newer	threads.set	list, at M - 32
 *		lock		mutex, M
 *		running		pointer to the thread, M + 40
 *		readyq		list, M + 56
 *
 * A thread waits for the lock on a condition variable of its own: in its struct
 * (3.0, 3.1) or in its native thread's, which points back to it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gil.h"
#include "interp_priv.h"

/* Bytes of a ractor, of a thread and of a native thread that are looked at. */
#define RACTOR_SIZE 4096
#define THREAD_SIZE 1024
#define NATIVE_SIZE 256

/* How often a lock that does not look like one is looked at again. */
#define ATTEMPTS 4

/* Threads whose words are given. */
#define THREADS_MAX 512

/* struct rb_vm_struct begins: self, ractor.set, two counts, main_ractor. */
#define VM_MAIN_RACTOR 32

/* Where the parts are, counted from the mutex. */
struct shape {
	const char *since;
	int set; /* list of the threads */
	int owner;
	int queue;    /* list of the waiting threads */
	int cond[2];  /* of a forced switch; 0: has none */
	int timer_ns; /* time slice; 0: not a timed wait */
};

static const struct shape shapes[] = {
	{ "3.0-3.2", -40, -8, 40, { 72, 120 }, 100000000 },
	{ "3.3+", -32, 40, 56, { 0, 0 }, 0 },
};

/* Where the lock was found. */
struct found {
	uint64_t vm;
	const struct shape *shape;
	uint64_t mutex;
};

static uint64_t word_in(const unsigned char *bytes, size_t at)
{
	uint64_t v;

	memcpy(&v, bytes + at, sizeof(v));
	return v;
}

/* A place relative to the mutex, which lies at least 40 bytes inside. */
static size_t place(size_t mutex, int distance)
{
	return (size_t)((int64_t)mutex + distance);
}

/* A list head of ccan: both neighbours point back, empty ones to itself. */
static bool is_list(struct search *s, uint64_t head, uint64_t next,
		    uint64_t prev)
{
	uint64_t back, forth;

	if (next == head || prev == head)
		return next == prev;
	return gil_pointer_fits(next) && gil_pointer_fits(prev) &&
	       !mem_u64(&s->src->mem, next + 8, &back) && back == head &&
	       !mem_u64(&s->src->mem, prev, &forth) && forth == head;
}

static bool has_list(struct search *s, const unsigned char *bytes,
		     uint64_t base, size_t at)
{
	return is_list(s, base + at, word_in(bytes, at),
		       word_in(bytes, at + 8));
}

static bool shape_fits(struct search *s, const struct shape *shape,
		       const unsigned char *bytes, uint64_t base, size_t at)
{
	uint64_t owner = word_in(bytes, place(at, shape->owner));
	uint32_t threads;
	int i;

	memcpy(&threads, bytes + place(at, shape->set) + 16, sizeof(threads));
	if (!gil_mutex_fits(bytes + at) || !threads || threads > 1u << 20 ||
	    (owner && !gil_pointer_fits(owner)))
		return false;
	for (i = 0; i < 2 && shape->cond[i]; i++)
		if (gil_cond_fits(bytes + place(at, shape->cond[i])) != 2)
			return false;
	return has_list(s, bytes, base, place(at, shape->set)) &&
	       word_in(bytes, place(at, shape->set)) !=
		       base + place(at, shape->set) &&
	       has_list(s, bytes, base, place(at, shape->queue));
}

static bool find_lock_once(struct search *s, uint64_t ractor, struct found *f)
{
	unsigned char bytes[RACTOR_SIZE];
	size_t n, at, i;

	n = mem_part(&s->src->mem, ractor, bytes, sizeof(bytes));
	for (at = 40; at + 168 <= n; at += 8) {
		for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
			if (!shape_fits(s, &shapes[i], bytes, ractor, at))
				continue;
			f->shape = &shapes[i];
			f->mutex = ractor + at;
			return true;
		}
	}
	return false;
}

/* A list that is changed while it is read can look torn. */
static bool find_lock(struct search *s, uint64_t ractor, struct found *f)
{
	int i;

	for (i = 0; i < ATTEMPTS; i++)
		if (find_lock_once(s, ractor, f))
			return true;
	return false;
}

/* ---- the threads' own condition variables -------------------------------- */

/* Made for the monotonic clock, which hardly any other 48 bytes look like. */
static bool is_cond(const unsigned char *bytes)
{
	uint32_t wrefs[2];

	memcpy(&wrefs[0], bytes + 28, sizeof(wrefs[0]));
	memcpy(&wrefs[1], bytes + 36, sizeof(wrefs[1]));
	return gil_cond_fits(bytes) == 2 && wrefs[0] < 1 << 8 &&
	       wrefs[1] < 1 << 8;
}

/*
 * 3.2 and newer: behind the field running_thread of the native thread, which is
 * empty while the thread sleeps; from 3.3 on the second field is the virtual
 * machine.
 */
static uint64_t cond_of_native(struct search *s, const struct found *f,
			       uint64_t native, uint64_t thread)
{
	unsigned char bytes[NATIVE_SIZE];
	uint64_t running;
	size_t n, at;

	n = mem_part(&s->src->mem, native, bytes, sizeof(bytes));
	for (at = 16; at + 8 + sizeof(pthread_cond_t) <= n; at += 8) {
		running = word_in(bytes, at);
		if ((running == thread ||
		     (!running && word_in(bytes, 8) == f->vm)) &&
		    is_cond(bytes + at + 8))
			return native + at + 8;
	}
	return 0;
}

/*
 * The node of the queue lies before the condition variable. While the thread is
 * the only one in the queue, both pointers of the node are the same, and the
 * node and what follows look like a condition variable too: the real one is
 * behind.
 */
static size_t after_node(const unsigned char *bytes, size_t at, size_t n)
{
	const size_t node = 2 * sizeof(uint64_t);

	return at + node + sizeof(pthread_cond_t) <= n &&
			       is_cond(bytes + at + node)
		       ? at + node
		       : at;
}

/* 3.0 and 3.1: behind the node that hangs in the queue. */
static uint64_t cond_of_thread(struct search *s, const struct found *f,
			       uint64_t thread, bool native)
{
	unsigned char bytes[THREAD_SIZE];
	uint64_t addr, cond;
	size_t n, at;

	n = mem_part(&s->src->mem, thread, bytes, sizeof(bytes));
	for (at = 16; at + sizeof(pthread_cond_t) <= n; at += 8) {
		addr = word_in(bytes, at);
		if (!native && is_cond(bytes + at))
			return thread + after_node(bytes, at, n);
		if (!native || !gil_pointer_fits(addr) || addr == thread)
			continue;
		cond = cond_of_native(s, f, addr, thread);
		if (cond)
			return cond;
	}
	return 0;
}

/* Before 3.2 what a thread points to is never its condition variable, though
 * it may look like one. */
static uint64_t cond_of(struct search *s, const struct found *f,
			const struct interp_lock *l, uint64_t thread)
{
	bool in_thread = l->major == 3 && l->minor < 2;
	uint64_t cond = 0;

	if (!in_thread)
		cond = cond_of_thread(s, f, thread, true);
	return cond ? cond : cond_of_thread(s, f, thread, false);
}

static void take_threads(struct search *s, const struct found *f,
			 const struct interp_lock *l)
{
	uint64_t head = f->mutex + (uint64_t)(int64_t)f->shape->set;
	uint64_t node = 0, cond;
	int n, without = 0;

	mem_u64(&s->src->mem, head, &node);
	for (n = 0; node != head && n < THREADS_MAX; n++) {
		if (!gil_pointer_fits(node))
			break;
		/* The list's node is the first field of the thread. */
		cond = cond_of(s, f, l, node);
		if (cond)
			interp_cond(s, cond, GW_ROLE_WAIT);
		else
			without++;
		if (mem_u64(&s->src->mem, node, &node))
			break;
	}
	if (node != head && n == THREADS_MAX)
		s->out->full = true;
	interp_say(s, "%d threads, %d of them without condition variable", n,
		   without);
}

/* ---- the virtual machine --------------------------------------------------
 */

/* ruby_version is a string like "3.1.2". */
static void read_version(struct search *s, const struct image *image,
			 struct interp_lock *l)
{
	char text[8] = "";
	uint64_t addr;
	int major, minor;

	if (!interp_symbol(image, "ruby_version", &addr, NULL) &&
	    mem_part(&s->src->mem, addr, text, sizeof(text) - 1) &&
	    sscanf(text, "%1d.%2d", &major, &minor) == 2) {
		l->major = major;
		l->minor = minor;
		snprintf(l->name, sizeof(l->name), "Ruby %d.%d GVL", major,
			 minor);
	} else {
		snprintf(l->name, sizeof(l->name), "Ruby GVL");
	}
}

static void take_lock(struct search *s, const struct image *image,
		      const struct found *f, enum interp_method method)
{
	struct interp_lock *l;
	int i;

	l = interp_add(s, INTERP_RUBY, method, f->mutex);
	if (!l)
		return;
	read_version(s, image, l);
	l->mixed = true;
	l->interval_ns = (uint64_t)f->shape->timer_ns;
	l->at.holder = f->mutex + (uint64_t)(int64_t)f->shape->owner;
	interp_word(s, f->mutex, GW_ROLE_INNER);
	for (i = 0; i < 2 && f->shape->cond[i]; i++)
		interp_cond(s, f->mutex + (uint64_t)f->shape->cond[i],
			    GW_ROLE_SWITCH);
	take_threads(s, f, l);
}

/*
 * The variable is exported up to 3.2. Later it is the first that the exported
 * function ruby_vm_at_exit() reads.
 */
static uint64_t find_vm(struct search *s, const struct image *image,
			enum interp_method *method)
{
	uint64_t variable, function, vm = 0;

	*method = INTERP_BY_SYMBOL;
	if (interp_symbol(image, "ruby_current_vm_ptr", &variable, NULL)) {
		*method = INTERP_BY_CODE;
		interp_symbol(image, "ruby_vm_at_exit", &function, NULL);
		variable = function ? interp_code_variable(s, function) : 0;
	}
	if (variable)
		mem_u64(&s->src->mem, variable, &vm);
	return gil_pointer_fits(vm) ? vm : 0;
}

void interp_ruby(struct search *s, const struct image *image)
{
	enum interp_method method;
	struct found found = { 0 };
	uint64_t addr, vm, ractor;

	if (interp_symbol(image, "ruby_vm_at_exit", &addr, NULL))
		return;
	vm = find_vm(s, image, &method);
	if (!vm || mem_u64(&s->src->mem, vm + VM_MAIN_RACTOR, &ractor) ||
	    !gil_pointer_fits(ractor)) {
		s->out->later = true;
		interp_say(s, "%s: Ruby, its virtual machine was not found",
			   image->name);
		return;
	}
	found.vm = vm;
	if (!find_lock(s, ractor, &found)) {
		interp_say(s,
			   "%s: Ruby, no known lock in its main ractor 0x%jx",
			   image->name, (uintmax_t)ractor);
		return;
	}
	interp_say(s, "%s: Ruby, lock as in %s at main ractor + %ju",
		   image->name, found.shape->since,
		   (uintmax_t)(found.mutex - ractor));
	take_lock(s, image, &found, method);
}
