// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CPython 3.7 and newer: everything is in the object _PyRuntime, which is in
 * .dynsym where the interpreter is to be extended, and in a section of its own
 * from 3.11 on.
 *
 * 3.13 and newer begin it with the offsets of the fields that matter here
 * (struct _Py_DebugOffsets, Include/internal/pycore_debug_offsets.h). In older
 * versions the GIL's structure is found by its shape.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gil.h"
#include "interp_priv.h"

#define COOKIE "xdebugpy"

/* _PyRuntime had 656 bytes in 3.9 and 460 kB in 3.12. */
#define RUNTIME_MIN 256
#define RUNTIME_MAX (4u << 20)

/* No field is further inside an interpreter's state. */
#define STATE_MAX (8u << 20)

/* 64-bit words of the published offsets that are read. */
#define OFFSET_WORDS 32

/* Where things are, published or known. */
struct layout {
	uint64_t head; /* in _PyRuntime: pointer to the first interpreter */
	uint64_t next; /* in the interpreter's state */
	uint64_t id;
	uint64_t gil;   /* pointer to its GIL */
	uint64_t shift; /* of `interval` in the GIL: 8 behind the flag */
	bool free_threaded;
};

/* The object and a copy of it. */
struct runtime {
	uint64_t addr;
	size_t size;
	const unsigned char *bytes;
	int major;
	int minor;
};

static uint64_t word_at(const struct runtime *r, size_t offset)
{
	uint64_t v = 0;

	if (offset < r->size && r->size - offset >= sizeof(v))
		memcpy(&v, r->bytes + offset, sizeof(v));
	return v;
}

struct interp_lock *interp_python_gil(struct search *s, uint64_t at,
				      enum interp_method method)
{
	unsigned char bytes[GIL_SIZE];
	struct interp_lock *l;
	uint64_t interval;

	if (mem_get(&s->src->mem, at, bytes, sizeof(bytes)) ||
	    gil_fits(bytes) == GIL_NO)
		return NULL;
	l = interp_add(s, INTERP_CPYTHON, method, at);
	if (!l)
		return NULL;
	memcpy(&interval, bytes + GIL_INTERVAL, sizeof(interval));
	l->interval_ns = interval * 1000;
	l->at.switch_number = at + GIL_SWITCHES;
	l->at.locked = at + GIL_LOCKED;
	l->at.holder = at + GIL_HOLDER;
	l->at.interval = at + GIL_INTERVAL;
	l->at.interval_unit_ns = 1000;
	l->at.interval_size = 8;
	interp_cond(s, at + GIL_COND, GW_ROLE_WAIT);
	interp_word(s, at + GIL_MUTEX, GW_ROLE_INNER);
	interp_cond(s, at + GIL_SWITCH_COND, GW_ROLE_SWITCH);
	interp_word(s, at + GIL_SWITCH_MUTEX, GW_ROLE_INNER);
	return l;
}

/* ---- from interpreter to interpreter ------------------------------------ */

static void name_gil(const struct runtime *r, struct interp_lock *l, int64_t id)
{
	l->major = r->major;
	l->minor = r->minor;
	l->interpreter = id;
	interp_python_name(l);
}

/* A free-threaded build can run with its GIL, when told to. */
static bool is_disabled(struct search *s, const struct layout *at, uint64_t gil)
{
	uint32_t enabled;

	return at->free_threaded && at->shift &&
	       !mem_u32(&s->src->mem, gil, &enabled) && !enabled;
}

static void take_gil(struct search *s, const struct runtime *r,
		     const struct layout *at, uint64_t gil, int64_t id)
{
	struct interp_lock *l;
	size_t i;

	if (is_disabled(s, at, gil)) {
		s->out->gil_disabled = true;
		s->out->unused = (struct interp_lock){
			.kind = INTERP_CPYTHON,
			.certainty = INTERP_SURE,
			.method = INTERP_BY_OFFSETS,
			.address = gil + at->shift,
		};
		name_gil(r, &s->out->unused, id);
		interp_say(s, "interpreter %jd: GIL disabled (free-threaded)",
			   (intmax_t)id);
		return;
	}
	for (i = 0; i < s->out->locks; i++) {
		if (s->out->lock[i].address == gil + at->shift) {
			interp_say(s, "interpreter %jd: has the GIL 0x%jx too",
				   (intmax_t)id, (uintmax_t)gil);
			name_gil(r, &s->out->lock[i], id);
			return;
		}
	}
	l = interp_python_gil(s, gil + at->shift, INTERP_BY_OFFSETS);
	if (!l) {
		s->out->later = true;
		interp_say(s, "interpreter %jd: no GIL at 0x%jx yet",
			   (intmax_t)id, (uintmax_t)gil);
		return;
	}
	interp_say(s, "interpreter %jd: GIL at 0x%jx", (intmax_t)id,
		   (uintmax_t)l->address);
	name_gil(r, l, id);
}

/* The newest is the first, and the main one, number 0, the last. */
static int walk_interpreters(struct search *s, const struct runtime *r,
			     const struct layout *at)
{
	uint64_t state = word_at(r, at->head), gil, id;
	int n;

	for (n = 0; state && n < INTERP_LOCKS_MAX; n++) {
		if (!gil_pointer_fits(state) ||
		    mem_u64(&s->src->mem, state + at->gil, &gil) ||
		    mem_u64(&s->src->mem, state + at->id, &id) ||
		    !gil_pointer_fits(gil)) {
			s->out->later = true;
			interp_say(s, "interpreter state at 0x%jx: no sense",
				   (uintmax_t)state);
			return n;
		}
		take_gil(s, r, at, gil, (int64_t)id);
		if (mem_u64(&s->src->mem, state + at->next, &state))
			break;
	}
	if (state) {
		s->out->full = true;
		interp_say(s, "more than %d interpreters: the rest left out",
			   INTERP_LOCKS_MAX);
	}
	return n;
}

/* ---- 3.13 and newer: published offsets ---------------------------------- */

/*
 * Words 1, 2, 5, 7, 8: version, free_threaded, interpreters_head, id, next. New
 * versions insert fields before ceval_gil, so that it is found by what follows
 * it: gil_runtime_state, _enabled, _locked and _holder.
 */
static bool find_gil_offset(const uint64_t *w, struct layout *at)
{
	uint64_t shift;
	size_t i;

	for (i = 9; i + 4 < OFFSET_WORDS; i++) {
		shift = w[i + 3] - w[i + 1] - GIL_LOCKED;
		if (w[i] < STATE_MAX && w[i + 1] < STATE_MAX && w[i + 2] <= 8 &&
		    (shift == 0 || shift == 8) && w[i + 4] + 8 == w[i + 3]) {
			at->gil = w[i];
			at->shift = shift;
			return true;
		}
	}
	return false;
}

static bool read_offsets(const struct runtime *r, struct layout *at)
{
	uint64_t w[OFFSET_WORDS];

	if (r->size < sizeof(w) || memcmp(r->bytes, COOKIE, 8))
		return false;
	memcpy(w, r->bytes, sizeof(w));
	at->free_threaded = w[2] != 0;
	at->head = w[5];
	at->id = w[7];
	at->next = w[8];
	return at->head < r->size && at->id < STATE_MAX &&
	       at->next < STATE_MAX && find_gil_offset(w, at);
}

/* ---- 3.7 - 3.12: by shape ----------------------------------------------- */

/* 3.12's _PyRuntime.interpreters, and its interpreter's state. */
enum { HEAD_312 = 40, MAIN_312 = 48, NEXT_312 = 0, ID_312 = 8 };

/* In 3.12 only the main interpreter's GIL is in _PyRuntime. */
static bool layout_312(const struct runtime *r, uint64_t gil, struct layout *at)
{
	uint64_t state = word_at(r, MAIN_312), offset;
	size_t i;

	if (state < r->addr || state - r->addr >= r->size || state & 7)
		return false;
	offset = state - r->addr;
	if (word_at(r, offset + NEXT_312) || word_at(r, offset + ID_312))
		return false;
	for (i = 16; i < 4096; i += 8) {
		if (word_at(r, offset + i) != gil)
			continue;
		*at = (struct layout){ .head = HEAD_312,
				       .next = NEXT_312,
				       .id = ID_312,
				       .gil = i };
		return true;
	}
	return false;
}

static void search_shape(struct search *s, const struct runtime *r)
{
	struct gil_match m = gil_scan(r->bytes, r->size);
	struct interp_lock *l;
	struct layout at;

	if (m.fit == GIL_NO) {
		s->out->later = true;
		interp_say(s, "no GIL in _PyRuntime: Python is not started");
		return;
	}
	l = interp_python_gil(s, r->addr + m.offset, INTERP_BY_SYMBOL);
	if (!l)
		return;
	interp_say(s, "GIL at _PyRuntime + %zu, %zu place%s fit%s", m.offset,
		   m.best, m.best == 1 ? "" : "s", m.best == 1 ? "s" : "");
	/* 3.7 was the last to use the other clock. */
	if (m.best > 1 || (m.fit == GIL_LIKE && r->minor != 7))
		l->certainty = INTERP_PROBABLE;
	name_gil(r, l, -1);
	if (r->minor != 12)
		return;
	if (layout_312(r, l->address, &at))
		walk_interpreters(s, r, &at);
	else
		interp_say(s, "3.12: its list of interpreters was not found");
}

static void search_runtime(struct search *s, struct runtime *r)
{
	struct layout at = { 0 };
	size_t before = s->out->locks;

	if (!read_offsets(r, &at)) {
		search_shape(s, r);
		return;
	}
	r->major = (int)(word_at(r, 8) >> 24 & 0xff);
	r->minor = (int)(word_at(r, 8) >> 16 & 0xff);
	interp_say(s, "offsets published by CPython %d.%d%s", r->major,
		   r->minor, at.free_threaded ? ", free-threaded" : "");
	walk_interpreters(s, r, &at);
	if (s->out->locks == before && !s->out->gil_disabled &&
	    !at.free_threaded)
		search_shape(s, r);
}

/* ---- the object --------------------------------------------------------- */

static int find_runtime(struct search *s, const struct image *image,
			struct runtime *r, const char **how)
{
	uint64_t size;

	*how = "dynamic symbol";
	if (interp_symbol(image, "_PyRuntime", &r->addr, &size)) {
		*how = "section";
		if (!image->elf.program ||
		    interp_section(s, image, ".PyRuntime", &r->addr, &size))
			return -ENOENT;
	}
	if (size < RUNTIME_MIN)
		return -EBADMSG;
	r->size = size < RUNTIME_MAX ? size : RUNTIME_MAX;
	return 0;
}

void interp_python(struct search *s, const struct image *image)
{
	struct runtime r = { 0 };
	unsigned char *bytes;
	const char *how;
	int err;

	err = find_runtime(s, image, &r, &how);
	if (err == -ENOENT)
		return;
	interp_say(s, "%s: _PyRuntime at 0x%jx, %zu bytes (%s)", image->name,
		   (uintmax_t)r.addr, r.size, err ? "too small" : how);
	if (err)
		return;
	bytes = malloc(r.size);
	if (!bytes) {
		interp_say(s, "not enough memory to read it");
		return;
	}
	r.size = mem_part(&s->src->mem, r.addr, bytes, r.size);
	r.bytes = bytes;
	interp_python_version(s, image, &r.major, &r.minor);
	search_runtime(s, &r);
	free(bytes);
}
