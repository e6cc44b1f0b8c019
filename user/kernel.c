// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <string.h>

#include "kernel.h"

static bool names(const struct btf *btf, const struct btf_type *type,
		  const char *name)
{
	const struct btf_enum *e = btf_enum(type);

	for (int i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, e[i].name_off), name))
			return true;
	return false;
}

bool kernel_has_helper(const char *name)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool has = false;
	int id;

	if (!btf)
		return false;
	id = btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM);
	if (id > 0)
		has = names(btf, btf__type_by_id(btf, (__u32)id), name);
	btf__free(btf);
	return has;
}
