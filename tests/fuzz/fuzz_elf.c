// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as an ELF file: every look-up ends, within bounds. */
#include <stdlib.h>

#include "elfsym.h"

/* More reads than this for a few look-ups would be a walk without end. */
#define READS_MAX 100000

struct counted {
	struct mem_buffer buffer;
	unsigned int reads;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ssize_t counted_read(void *ctx, uint64_t addr, void *buf, size_t n)
{
	struct counted *c = ctx;
	struct mem m = mem_of_buffer(&c->buffer);

	if (++c->reads > READS_MAX)
		abort();
	return m.read(m.ctx, addr, buf, n);
}

static void ask(const struct elfsym *e)
{
	static const char *const name[] = { "_PyRuntime", "gil_cond", "a" };
	struct elfsym_symbol symbol[3];

	elfsym_dynamic(e, name[0], symbol);
	elfsym_dynamic(e, name[2], symbol);
	elfsym_section(e, ".PyRuntime", symbol);
	elfsym_static(e, name, 3, symbol);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct counted c = { { 0, data, size }, 0 };
	const struct mem file = { counted_read, &c };
	struct elfsym e;

	if (!elfsym_open(&e, file))
		ask(&e);
	if (!elfsym_open_loaded(&e, file, 0x10000, 0))
		ask(&e);
	return 0;
}
