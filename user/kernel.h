/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_KERNEL_H
#define GILWATCH_KERNEL_H

#include <stdbool.h>

/*
 * Whether the running kernel has a BPF helper, by its name in enum bpf_func_id:
 * "BPF_FUNC_task_pt_regs". libbpf's own probe cannot tell for tracing programs.
 */
bool kernel_has_helper(const char *name);

#endif
