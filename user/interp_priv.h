/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the searches for the single interpreters share. */
#ifndef GILWATCH_INTERP_PRIV_H
#define GILWATCH_INTERP_PRIV_H

#include "elfsym.h"
#include "gilwatch.h"
#include "interp.h"

/* One search. */
struct search {
	const struct interp_source *src;
	const struct interp_hints *hints;
	struct interp *out;
	struct buf *explain; /* NULL: nobody asks */
	bool musl; /* its conditions have no futex words of their own */
};

/* A program or library of the process, as it is loaded. */
struct image {
	const struct maps_range *range; /* its first mapping */
	struct elfsym elf;
	char name[64]; /* last part of the path, harmless to print */
};

/* Add one line to the explanation (without its newline). */
void interp_say(struct search *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * A new lock, zeroed but for its address, kind and method, sure and alone; its
 * name is still empty. Returns it, or NULL where there is no room, which is
 * then told. An address that is there already gives NULL too.
 */
struct interp_lock *interp_add(struct search *s, enum interp_kind kind,
			       enum interp_method method, uint64_t address);

/* Add a word to the lock that was added last. */
void interp_word(struct search *s, uint64_t addr, enum gw_role role);

/*
 * Add the words of a condition variable at addr, for both glibc layouts. With
 * musl there are none: each waiter sleeps on a word on its own stack
 * (src/thread/pthread_cond_timedwait.c).
 */
void interp_cond(struct search *s, uint64_t addr, enum gw_role role);

/*
 * Address and size of a dynamic symbol of an image. Returns 0, or -ENOENT and
 * *addr 0. size may be NULL.
 */
int interp_symbol(const struct image *image, const char *name, uint64_t *addr,
		  uint64_t *size);

/*
 * Addresses of symbols in the full symbol table of the image's file, 0 for
 * those not found; all 0 where the file cannot be read or is stripped. Returns
 * how many were found, or a negative errno.
 */
int interp_static(struct search *s, const struct image *image,
		  const char *const *name, size_t count, uint64_t *addr);

/*
 * Address and size of a section of the image's file, for what is linked into a
 * stripped program and not exported. Returns 0 or a negative errno.
 */
int interp_section(struct search *s, const struct image *image,
		   const char *name, uint64_t *addr, uint64_t *size);

/*
 * The variable that the first "mov rip-relative, register" of a function reads:
 * its address, 0 where there is none in the function's first 64 bytes. x86-64
 * only.
 */
uint64_t interp_code_variable(struct search *s, uint64_t function);

/* Search one image. Each adds the locks that it finds. */
void interp_python(struct search *s, const struct image *image);
void interp_python_old(struct search *s, const struct image *image);
void interp_ruby(struct search *s, const struct image *image);
void interp_gilvm(struct search *s, const struct image *image);

/* The version of CPython in an image, -1 where it is not known. */
void interp_python_version(struct search *s, const struct image *image,
			   int *major, int *minor);

/* "CPython 3.11 GIL", or with " of interpreter N". */
void interp_python_name(struct interp_lock *l);

/* A GIL of 3.7 or newer, whose field `interval` is at `at`. */
struct interp_lock *interp_python_gil(struct search *s, uint64_t at,
				      enum interp_method method);

#endif
