// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "mem.h"

size_t mem_part(const struct mem *m, uint64_t addr, void *buf, size_t n)
{
	ssize_t got;

	if (n > MEM_READ_MAX)
		n = MEM_READ_MAX;
	if (n > UINT64_MAX - addr)
		n = (size_t)(UINT64_MAX - addr);
	if (!n)
		return 0;
	got = m->read(m->ctx, addr, buf, n);
	return got > 0 ? (size_t)got : 0;
}

int mem_get(const struct mem *m, uint64_t addr, void *buf, size_t n)
{
	if (mem_part(m, addr, buf, n) == n)
		return 0;
	memset(buf, 0, n);
	return -EFAULT;
}

int mem_u32(const struct mem *m, uint64_t addr, uint32_t *value)
{
	return mem_get(m, addr, value, sizeof(*value));
}

int mem_u64(const struct mem *m, uint64_t addr, uint64_t *value)
{
	return mem_get(m, addr, value, sizeof(*value));
}

static ssize_t read_buffer(void *ctx, uint64_t addr, void *buf, size_t n)
{
	const struct mem_buffer *b = ctx;

	if (addr < b->base || addr - b->base >= b->size)
		return 0;
	addr -= b->base;
	if (n > b->size - addr)
		n = b->size - addr;
	memcpy(buf, (const char *)b->data + addr, n);
	return (ssize_t)n;
}

struct mem mem_of_buffer(struct mem_buffer *b)
{
	return (struct mem){ read_buffer, b };
}

static ssize_t read_file(void *ctx, uint64_t addr, void *buf, size_t n)
{
	const struct mem_file *f = ctx;
	size_t done = 0;
	ssize_t got;

	if (addr > INT64_MAX - n)
		return 0;
	while (done < n) {
		got = pread(f->fd, (char *)buf + done, n - done,
			    (off_t)(addr + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

struct mem mem_of_file(struct mem_file *f)
{
	return (struct mem){ read_file, f };
}

void mem_process_open(struct mem_process *p, pid_t pid)
{
	p->pid = pid;
	p->fd = -1;
	p->err = 0;
}

void mem_process_close(struct mem_process *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

/* The other way: needs the file's mode, but no process_vm_readv. */
static ssize_t read_proc_mem(struct mem_process *p, uint64_t addr, void *buf,
			     size_t n)
{
	struct mem_file file;
	char path[64];

	if (p->fd < 0) {
		snprintf(path, sizeof(path), "/proc/%d/mem", (int)p->pid);
		p->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (p->fd < 0) {
		p->err = -errno;
		return p->err;
	}
	file.fd = p->fd;
	return read_file(&file, addr, buf, n);
}

static ssize_t read_process(void *ctx, uint64_t addr, void *buf, size_t n)
{
	struct mem_process *p = ctx;
	struct iovec here = { .iov_base = buf, .iov_len = n };
	struct iovec there = { .iov_base = (void *)(uintptr_t)addr,
			       .iov_len = n };
	ssize_t got;

	if (p->err)
		return p->err;
	if (p->fd < 0) {
		got = process_vm_readv(p->pid, &here, 1, &there, 1, 0);
		if (got >= 0)
			return got;
		if (errno == EFAULT)
			return 0;
		if (errno == ESRCH)
			return p->err = -ESRCH;
	}
	return read_proc_mem(p, addr, buf, n);
}

/* process_vm_readv(2) splits no element: a part is so many whole ones. */
size_t mem_gather(const struct mem_process *p, const uint64_t *addr, size_t n,
		  void *buf, size_t size)
{
	struct iovec here = { .iov_base = buf, .iov_len = n * size };
	struct iovec there[MEM_GATHER_MAX];
	ssize_t got;

	if (p->err || p->fd >= 0 || n > MEM_GATHER_MAX)
		return 0;
	for (size_t i = 0; i < n; i++)
		there[i] = (struct iovec){ (void *)(uintptr_t)addr[i], size };
	got = process_vm_readv(p->pid, &here, 1, there, n, 0);
	return got > 0 ? (size_t)got / size : 0;
}

struct mem mem_of_process(struct mem_process *p)
{
	return (struct mem){ read_process, p };
}
