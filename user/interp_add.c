// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Building the result of a search, and small helpers of its parts. */
#include <stdio.h>
#include <string.h>

#include "gil.h"
#include "interp_priv.h"

const char *interp_kind_name(enum interp_kind kind)
{
	static const char *const name[] = {
		[INTERP_UNKNOWN] = "unknown",
		[INTERP_CPYTHON] = "cpython",
		[INTERP_RUBY] = "ruby",
		[INTERP_GILVM] = "gilvm",
	};

	return name[kind];
}

const char *interp_method_name(enum interp_method method)
{
	static const char *const name[] = {
		[INTERP_BY_SYMBOL] = "symbol",
		[INTERP_BY_OFFSETS] = "offsets",
		[INTERP_BY_CODE] = "code",
		[INTERP_BY_BEHAVIOUR] = "behaviour",
	};

	return name[method];
}

struct interp_lock *interp_add(struct search *s, enum interp_kind kind,
			       enum interp_method method, uint64_t address)
{
	struct interp *out = s->out;
	struct interp_lock *l;
	size_t i;

	for (i = 0; i < out->locks; i++)
		if (out->lock[i].address == address)
			return NULL;
	if (out->locks == INTERP_LOCKS_MAX) {
		out->full = true;
		return NULL;
	}
	l = &out->lock[out->locks++];
	*l = (struct interp_lock){
		.kind = kind,
		.method = method,
		.certainty = INTERP_SURE,
		.address = address,
		.major = -1,
		.minor = -1,
		.interpreter = -1,
	};
	return l;
}

void interp_word(struct search *s, uint64_t addr, enum gw_role role)
{
	struct interp *out = s->out;

	if (out->words == INTERP_WORDS_MAX) {
		out->full = true;
		return;
	}
	out->word[out->words++] = (struct interp_word){
		.addr = addr,
		.lock = (uint16_t)(out->locks - 1),
		.role = role,
	};
}

void interp_cond(struct search *s, uint64_t addr, enum gw_role role)
{
	if (s->musl)
		return;
	interp_word(s, addr + COND_WORDS, role);
	interp_word(s, addr + COND_WORDS + 4, role);
	interp_word(s, addr + COND_WORDS_NEW, role);
	interp_word(s, addr + COND_WORDS_NEW + 4, role);
	interp_word(s, addr + COND_REFS, GW_ROLE_INNER);
	interp_word(s, addr + COND_REFS + 4, GW_ROLE_INNER);
}

/*
 * Intel SDM, volume 2, MOV: REX.W (48 or 4c) 8b, ModRM with mod 00 and r/m 101,
 * then the distance from the end of the instruction.
 */
uint64_t interp_code_variable(struct search *s, uint64_t function)
{
#ifdef __x86_64__
	unsigned char code[64];
	size_t i, n;
	int32_t distance;

	n = mem_part(&s->src->mem, function, code, sizeof(code));
	for (i = 0; i + 7 <= n; i++) {
		if ((code[i] & 0xfb) != 0x48 || code[i + 1] != 0x8b ||
		    (code[i + 2] & 0xc7) != 0x05)
			continue;
		memcpy(&distance, code + i + 3, sizeof(distance));
		return function + i + 7 + (uint64_t)(int64_t)distance;
	}
#else
	(void)s;
	(void)function;
#endif
	return 0;
}
