/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_INTERP_H
#define GILWATCH_INTERP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "behave.h"
#include "buf.h"
#include "maps.h"
#include "mem.h"

/*
 * Which interpreters a process runs, and where their global locks are: each
 * lock's futex words with their roles (enum gw_role).
 *
 * The process runs on while it is read, nothing is stopped and nothing that is
 * read is believed without a check. What the checks let through is a lock whose
 * fields have the values that such a lock can have.
 */

/* Locks and words of one process; more are left out and told. */
#define INTERP_LOCKS_MAX 64
#define INTERP_WORDS_MAX 2048

/* Room for a lock's name, with its end. */
#define INTERP_NAME 64

enum interp_kind {
	INTERP_UNKNOWN, /* looks like a global lock, of what is not known */
	INTERP_CPYTHON,
	INTERP_RUBY,
	INTERP_GILVM,
};

enum interp_certainty {
	INTERP_PROBABLE, /* to be shown as "probable" */
	INTERP_SURE,
};

enum interp_method {
	INTERP_BY_SYMBOL,    /* a symbol and the shape of what it names */
	INTERP_BY_OFFSETS,   /* offsets that the interpreter itself publishes */
	INTERP_BY_CODE,      /* an address inside a known function's code */
	INTERP_BY_BEHAVIOUR, /* what its futex calls look like */
};

/* What a futex word is to a lock. */
struct interp_word {
	uint64_t addr;
	uint16_t lock; /* index into interp.lock */
	uint8_t role;  /* enum gw_role */
};

/* Where the lock keeps its own truth in the process's memory; 0: nowhere. */
struct interp_fields {
	uint64_t switch_number; /* u64: times that the holder changed */
	uint64_t locked;        /* u32: 1 while held, 0 free */
	uint64_t free;          /* u32: 0 while held, 1 free (a semaphore) */
	uint64_t holder;        /* u64: the holder's own structure, no tid */
	uint64_t holder_tid;    /* u32: the thread that has or had it last */
	uint64_t interval;      /* switch interval, in unit interval_unit_ns */
	uint32_t interval_unit_ns;
	uint32_t interval_size; /* bytes: 4 or 8 */
};

struct interp_lock {
	enum interp_kind kind;
	enum interp_certainty certainty;
	enum interp_method method;
	int major; /* version of the interpreter; -1: not known */
	int minor;
	int64_t interpreter;  /* its number where there are several; -1: one */
	uint64_t address;     /* of the structure: the lock's id */
	uint64_t interval_ns; /* switch interval; 0: has none, or not known */
	/* Threads sleep on WAIT words for other reasons too (Ruby's sleep and
	 * Queue use the condition variable on which they wait for the lock). */
	bool mixed;
	/* Another lock of the same process was found another way. */
	bool disputed;
	struct interp_fields at;
	char name[INTERP_NAME]; /* "CPython 3.11 GIL"; printable ASCII */
};

/* What was found. Zeroed: nothing. */
struct interp {
	size_t locks;
	size_t words;
	bool gil_disabled; /* an interpreter that runs without its GIL */
	/* Of a free-threaded CPython, the GIL that is not used; its address is
	 * 0 when there is none. */
	struct interp_lock unused;
	bool later; /* an interpreter is there and its lock is not yet: look
		     * again when the process has more threads */
	bool full;  /* there was more than fits here */
	struct interp_lock lock[INTERP_LOCKS_MAX];
	struct interp_word word[INTERP_WORDS_MAX];
};

/* What the search may use beside the process itself. Zeroed: nothing. */
struct interp_hints {
	bool no_symbols; /* for tests: behaviour only */
	uint64_t lock;   /* the user's word for where it is; 0: none */
	const struct behave_word *seen; /* futex words of the process */
	size_t seen_count;
};

/*
 * Find the interpreter locks of a process. Symbols first, then behaviour; where
 * both find a lock and they are not the same, both are given and `disputed`.
 *
 * explain: gets a line for each step and its result; may be NULL
 *
 * Returns 0, also where there is no interpreter (out is then empty), or a
 * negative errno where the process cannot be read (-ESRCH: it has ended, -EPERM
 * or -EACCES: not allowed) or -ENOMEM.
 */
int interp_find(pid_t pid, const struct interp_hints *hints, struct interp *out,
		struct buf *explain);

/*
 * The same for memory from anywhere. open_file, where set, gives the file
 * behind a range for what is not loaded (the full symbol table); it returns 0
 * or a negative errno, and close_file ends each success.
 */
struct interp_source {
	const struct maps *maps;
	struct mem mem;
	int (*open_file)(void *ctx, const struct maps_range *r,
			 struct mem *file);
	void (*close_file)(void *ctx);
	void *ctx;
};

int interp_search(const struct interp_source *src,
		  const struct interp_hints *hints, struct interp *out,
		  struct buf *explain);

/* A short name: "cpython", "ruby", "gilvm", "unknown". */
const char *interp_kind_name(enum interp_kind kind);

/* "symbol", "offsets", "code", "behaviour". */
const char *interp_method_name(enum interp_method method);

#endif
