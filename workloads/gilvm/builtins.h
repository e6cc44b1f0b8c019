/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The built-in names, and the modules that can be imported. */
#ifndef GILVM_BUILTINS_H
#define GILVM_BUILTINS_H

#include "object.h"

/* What starts it all; before any program code runs. */
void builtins_init(void);

/* Borrowed value of a built-in name, or NULL. */
struct obj *builtin_find(const char *name);

/* Fill in vm.builtins for the names of the program. */
void builtins_resolve(void);

/* One function for each module: makes it. argv: of the program. */
struct moduleobj *mod_time(void);
struct moduleobj *mod_os(void);
struct moduleobj *mod_sys(void);
struct moduleobj *mod_socket(void);
struct moduleobj *mod_signal(void);
struct moduleobj *mod_threading(void);
struct moduleobj *mod_multiprocessing(void);

/* Arguments of the program, for sys.argv. */
void sys_set_argv(int argc, char **argv);

/* Functions that live in files of their own. */
struct obj *builtin_print(struct obj *self, const struct args *a);
extern struct native math_functions[]; /* sum, min, max, ... */

#endif
