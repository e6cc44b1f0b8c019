/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_FOLDER_H
#define GILWATCH_TEST_FOLDER_H

/* A folder of its own for each test, and files in it. */

/* cmocka setup: make an empty folder in /tmp and go there. 0, or not 0. */
int folder_enter(void **state);

/* cmocka teardown: leave it and remove it with all that is in it. */
int folder_leave(void **state);

#define FOLDER_TEST(f)                                                         \
	cmocka_unit_test_setup_teardown(f, folder_enter, folder_leave)

/*
 * Make a file with this text; missing folders above it are made as well.
 * Returns 0 or a negative errno.
 */
int folder_write(const char *path, const char *text);

/* Has the file exactly this text (up to 4095 bytes)? 1 or 0. */
int folder_has(const char *path, const char *text);

/* How many names a folder has, the hidden ones too; negative on an error. */
int folder_count(const char *path);

#endif
