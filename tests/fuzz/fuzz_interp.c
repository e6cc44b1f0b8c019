// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as the memory of a process that exports the names of interpreters:
 * every search ends, and its result is whole. The first byte chooses the names.
 */
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#define BASE 0x7f0000000000ull

/* More reads than this for one library would be a walk without end. */
#define READS_MAX 100000

/* Which names are there, and where in the data. */
static const struct {
	unsigned char bit;
	const char *name;
	size_t offset;
	size_t size;
} names[] = {
	{ 1, "_PyRuntime", 0, 1u << 20 },
	{ 2, "Py_Version", 8, 8 },
	{ 4, "gilvm_gil", 256, 512 },
	{ 8, "ruby_vm_at_exit", 0, 8 },
	{ 16, "ruby_current_vm_ptr", 16, 8 },
	{ 8, "ruby_version", 24, 6 },
	{ 32, "PyEval_ReleaseLock", 0, 8 },
	{ 64, "PyString_FromString", 8, 8 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct interp *in)
{
	size_t i;

	if (in->locks > INTERP_LOCKS_MAX || in->words > INTERP_WORDS_MAX)
		abort();
	for (i = 0; i < in->words; i++)
		if (in->word[i].lock >= in->locks)
			abort();
	for (i = 0; i < in->locks; i++)
		if (!in->lock[i].name[0] ||
		    !memchr(in->lock[i].name, '\0', INTERP_NAME))
			abort();
}

static void check_text(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		if (b->data[i] != '\n' &&
		    (b->data[i] < ' ' || b->data[i] > '~'))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct interp in;
	struct interp_hints hints = { 0 };
	struct buf explain = { 0 };
	struct fake f;
	size_t i;

	if (!size)
		return 0;
	fake_open(&f, BASE, size - 1, "/usr/lib/libpython3.11.so");
	memcpy(fake_at(&f, 0), data + 1, size - 1);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (data[0] & names[i].bit)
			fake_symbol(&f, names[i].name, names[i].offset,
				    names[i].size);
	if (data[0] & 128)
		hints.lock = fake_addr(&f, size / 2);
	fake_search(&f, &hints, &in, &explain);
	if (f.reads > READS_MAX)
		abort();
	check(&in);
	check_text(&explain);
	buf_free(&explain);
	fake_close(&f);
	return 0;
}
