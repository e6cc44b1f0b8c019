/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_MEM_H
#define GILWATCH_MEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Reading bytes by address: another process's memory, a file, or a buffer in
 * the tests. Nothing that is read may be trusted, and every read may fail.
 */

/* No single read is longer than this. */
#define MEM_READ_MAX (16u << 20)

/*
 * A range of bytes. read copies up to n bytes from addr to buf, stops at the
 * first byte that cannot be read, and returns how many it copied (0: none, not
 * even the first) or a negative errno. It is called with 0 < n <= MEM_READ_MAX
 * and addr + n not wrapped.
 */
struct mem {
	ssize_t (*read)(void *ctx, uint64_t addr, void *buf, size_t n);
	void *ctx;
};

/*
 * Copy up to n bytes from addr; n is cut to MEM_READ_MAX and to the end of the
 * address space. Returns the bytes copied, 0 where none can be read or on an
 * error.
 */
size_t mem_part(const struct mem *m, uint64_t addr, void *buf, size_t n);

/*
 * Copy exactly n bytes from addr. Returns 0 or -EFAULT; then the content of
 * buf is all zeros.
 */
int mem_get(const struct mem *m, uint64_t addr, void *buf, size_t n);

/* One integer in host order. Return 0, or -EFAULT and *value is 0. */
int mem_u32(const struct mem *m, uint64_t addr, uint32_t *value);
int mem_u64(const struct mem *m, uint64_t addr, uint64_t *value);

/* Bytes in this process, seen at the addresses base .. base + size - 1. */
struct mem_buffer {
	uint64_t base;
	const void *data;
	size_t size;
};

/* The buffer as a range; b has to stay. */
struct mem mem_of_buffer(struct mem_buffer *b);

/* A file, seen at the addresses 0 .. size - 1. fd stays the caller's. */
struct mem_file {
	int fd;
};

/* The file as a range; f has to stay. */
struct mem mem_of_file(struct mem_file *f);

/*
 * The memory of a process, read while it runs: process_vm_readv(2), or
 * /proc/PID/mem where that is refused. The process is never stopped.
 */
struct mem_process {
	pid_t pid;
	int fd;  /* /proc/PID/mem once it was needed, else -1 */
	int err; /* 0, or why neither way works: a negative errno */
};

/* Begin to read pid; opens nothing yet. Close with mem_process_close. */
void mem_process_open(struct mem_process *p, pid_t pid);
void mem_process_close(struct mem_process *p);

/*
 * Copy n records of size bytes each, from these addresses, one after the other
 * to buf: one system call for all, as far as that works.
 *
 * n: at most MEM_GATHER_MAX
 *
 * Returns how many of them, from the first one on, were copied: what follows
 * may be readable too.
 */
#define MEM_GATHER_MAX 64
size_t mem_gather(const struct mem_process *p, const uint64_t *addr, size_t n,
		  void *buf, size_t size);

/* The process as a range; p has to stay. */
struct mem mem_of_process(struct mem_process *p);

#endif
