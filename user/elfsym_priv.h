/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What elfsym.c and elfsym_full.c share. */
#ifndef GILWATCH_ELFSYM_PRIV_H
#define GILWATCH_ELFSYM_PRIV_H

#include <elf.h>
#include <stdbool.h>

#include "elfsym.h"

/* Whether the file has the symbol itself, at an address of its own. */
static inline bool elfsym_is_defined(const Elf64_Sym *s)
{
	return s->st_shndx != SHN_UNDEF && s->st_value &&
	       ELF64_ST_TYPE(s->st_info) != STT_TLS;
}

#endif
