// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Symbols of real files as the loader knows them, and files that lie: cut at
 * each byte, with counts and offsets that lead nowhere.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "elfsym.h"
#include "maps.h"

/* More reads than this for one look-up would be a walk without end. */
#define READS_MAX 50000

/* Local, so in the full symbol table only. */
static int __attribute__((noinline)) a_local_function(int n)
{
	return n * 3 + (int)getpid();
}

/* A file in a buffer that counts how often it is read. */
struct counted {
	struct mem_buffer buffer;
	unsigned int reads;
};

static ssize_t counted_read(void *ctx, uint64_t addr, void *buf, size_t n)
{
	struct counted *c = ctx;
	struct mem m = mem_of_buffer(&c->buffer);

	c->reads++;
	return m.read(m.ctx, addr, buf, n);
}

static struct mem counted(struct counted *c, const void *data, size_t n)
{
	c->buffer = (struct mem_buffer){ 0, data, n };
	c->reads = 0;
	return (struct mem){ counted_read, c };
}

static unsigned char *whole_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char *data;
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	*size = (size_t)st.st_size;
	data = malloc(*size);
	assert_non_null(data);
	assert_int_equal(read(fd, data, *size), st.st_size);
	close(fd);
	return data;
}

/* The library that holds a function, as it is loaded into this process. */
static const struct maps_range *library_of(const struct maps *m,
					   const void *function)
{
	const struct maps_range *r = maps_at(m, (uintptr_t)function);

	assert_non_null(r);
	while (r > m->range && maps_same_file(r, r - 1))
		r--;
	return r;
}

static void dynamic_symbols(void **state)
{
	void *function = dlsym(RTLD_DEFAULT, "_assert_true");
	struct elfsym_symbol symbol;
	const struct maps_range *r;
	struct counted c;
	struct elfsym e;
	struct maps m;
	unsigned char *data;
	size_t size;

	(void)state;
	assert_non_null(function);
	assert_int_equal(maps_read(&m, getpid()), 0);
	r = library_of(&m, function);
	data = whole_file(r->path, &size);
	assert_int_equal(elfsym_open_loaded(&e, counted(&c, data, size),
					    r->start, r->offset),
			 0);
	assert_false(e.program);
	assert_int_equal(elfsym_dynamic(&e, "_assert_true", &symbol), 0);
	assert_int_equal(symbol.value + e.bias, (uintptr_t)function);
	assert_int_equal(elfsym_dynamic(&e, "_assert_tru", &symbol), -ENOENT);
	assert_int_equal(elfsym_dynamic(&e, "", &symbol), -ENOENT);
	/* Used by the library and not defined in it. */
	assert_int_equal(elfsym_dynamic(&e, "malloc", &symbol), -ENOENT);
	assert_int_equal(symbol.value, 0);
	free(data);
	maps_free(&m);
}

static void full_symbols(void **state)
{
	static const char *const name[] = { "a_local_function", "main",
					    "no_such_name" };
	struct elfsym_symbol symbol[3];
	const struct maps_range *r;
	struct counted c;
	struct elfsym e;
	struct maps m;
	unsigned char *data;
	size_t size;

	(void)state;
	assert_true(a_local_function(1));
	assert_int_equal(maps_read(&m, getpid()), 0);
	r = library_of(&m, (const void *)(uintptr_t)a_local_function);
	data = whole_file("/proc/self/exe", &size);
	assert_int_equal(elfsym_open_loaded(&e, counted(&c, data, size),
					    r->start, r->offset),
			 0);
	assert_true(e.program);
	assert_int_equal(elfsym_static(&e, name, 3, symbol), 2);
	assert_int_equal(symbol[0].value + e.bias, (uintptr_t)a_local_function);
	assert_true(symbol[0].size > 0);
	assert_int_equal(symbol[2].value, 0);
	assert_int_equal(elfsym_section(&e, ".data", &symbol[0]), 0);
	assert_int_equal(elfsym_section(&e, ".dat", &symbol[0]), -ENOENT);
	assert_int_equal(elfsym_section(&e, ".symtab", &symbol[0]), -ENOENT);
	free(data);
	maps_free(&m);
}

/* Everything that can be asked of a file; the answers may be anything. */
static void ask_all(const unsigned char *data, size_t size)
{
	static const char *const name[] = { "_assert_true", "nothing" };
	struct elfsym_symbol symbol[2];
	struct counted c;
	struct elfsym e;

	if (elfsym_open_loaded(&e, counted(&c, data, size), 0x10000, 0))
		return;
	elfsym_dynamic(&e, name[0], symbol);
	elfsym_dynamic(&e, name[1], symbol);
	elfsym_section(&e, ".PyRuntime", symbol);
	elfsym_static(&e, name, 2, symbol);
	if (c.reads > READS_MAX)
		fail_msg("%u reads", c.reads);
}

static unsigned char *some_library(size_t *size)
{
	Dl_info info;

	assert_true(dladdr(dlsym(RTLD_DEFAULT, "_assert_true"), &info));
	return whole_file(info.dli_fname, size);
}

static void cut_anywhere(void **state)
{
	size_t size, n;
	unsigned char *data = some_library(&size), *cut;

	(void)state;
	for (n = 0; n < size; n = n < 8192 ? n + 1 : n + 97) {
		cut = malloc(n ? n : 1);
		assert_non_null(cut);
		memcpy(cut, data, n);
		ask_all(cut, n);
		free(cut);
	}
	free(data);
}

/* Each of the first bytes, where all the headers are, becomes each extreme. */
static void bytes_changed(void **state)
{
	static const unsigned char value[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	size_t size, at, i;
	unsigned char *data = some_library(&size), old;

	(void)state;
	for (at = 4; at < 4096 && at < size; at++) {
		old = data[at];
		for (i = 0; i < sizeof(value); i++) {
			data[at] = value[i];
			ask_all(data, size);
		}
		data[at] = old;
	}
	free(data);
}

static void random_bytes(void **state)
{
	size_t size, i, round;
	unsigned char *data = some_library(&size), *copy = malloc(size);

	(void)state;
	assert_non_null(copy);
	srandom(4711);
	for (round = 0; round < 3000; round++) {
		memcpy(copy, data, size);
		for (i = 0; i < 64; i++)
			copy[(size_t)random() % size] = (unsigned char)random();
		ask_all(copy, size);
	}
	free(copy);
	free(data);
}

static void refused(void **state)
{
	size_t size;
	unsigned char *data = some_library(&size);
	Elf64_Ehdr *h = (Elf64_Ehdr *)data;
	struct counted c;
	struct elfsym e;

	(void)state;
	h->e_phnum = ELFSYM_SEGMENTS_MAX + 1;
	assert_int_equal(elfsym_open(&e, counted(&c, data, size)), -EBADMSG);
	h->e_phnum = 1;
	h->e_phoff = UINT64_MAX - 8;
	assert_int_equal(elfsym_open(&e, counted(&c, data, size)), -EBADMSG);
	h->e_machine = EM_S390;
	assert_int_equal(elfsym_open(&e, counted(&c, data, size)), -ENOTSUP);
	h->e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(elfsym_open(&e, counted(&c, data, size)), -ENOTSUP);
	h->e_ident[0] = 'x';
	assert_int_equal(elfsym_open(&e, counted(&c, data, size)), -ENOEXEC);
	assert_int_equal(elfsym_open(&e, counted(&c, data, 0)), -ENOEXEC);
	free(data);
}

/* A file that claims a symbol table of 64 MiB and is not that long. */
static void claims(void **state)
{
	static const char *const name[] = { "x" };
	struct {
		Elf64_Ehdr h;
		Elf64_Shdr s[3];
	} file = { 0 };
	struct elfsym_symbol symbol;
	struct counted c;
	struct elfsym e;

	(void)state;
	memcpy(file.h.e_ident, ELFMAG, SELFMAG);
	file.h.e_ident[EI_CLASS] = ELFCLASS64;
	file.h.e_ident[EI_DATA] = ELFDATA2LSB;
	file.h.e_type = ET_DYN;
#ifdef __aarch64__
	file.h.e_machine = EM_AARCH64;
#else
	file.h.e_machine = EM_X86_64;
#endif
	file.h.e_shentsize = sizeof(Elf64_Shdr);
	file.h.e_shoff = offsetof(typeof(file), s);
	file.h.e_shnum = 3;
	file.s[1] = (Elf64_Shdr){ .sh_type = SHT_SYMTAB,
				  .sh_size = ELFSYM_TABLE_MAX,
				  .sh_entsize = sizeof(Elf64_Sym),
				  .sh_link = 2 };
	file.s[2] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
				  .sh_size = ELFSYM_TABLE_MAX };
	assert_int_equal(elfsym_open(&e, counted(&c, &file, sizeof(file))), 0);
	assert_int_equal(elfsym_static(&e, name, 1, &symbol), 0);
	assert_true(c.reads < 20);
	file.s[1].sh_size = ELFSYM_TABLE_MAX + 1;
	assert_int_equal(elfsym_static(&e, name, 1, &symbol), -EBADMSG);
	file.s[1].sh_size = 24;
	file.s[1].sh_link = 3;
	assert_int_equal(elfsym_static(&e, name, 1, &symbol), -EBADMSG);
	e.sections = ELFSYM_SECTIONS_MAX + 1;
	assert_int_equal(elfsym_static(&e, name, 1, &symbol), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dynamic_symbols),
		cmocka_unit_test(full_symbols),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(bytes_changed),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(refused),
		cmocka_unit_test(claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
