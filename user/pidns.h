/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_PIDNS_H
#define GILWATCH_PIDNS_H

/* The inode of this process's pid namespace; 0: it is the first one, or cannot
 * be told. */
unsigned int pidns_inode(void);

#endif
