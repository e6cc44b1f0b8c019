/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_MAPS_H
#define GILWATCH_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a process has mapped where, from /proc/PID/maps; proc(5). */

/* More ranges or text than this is not read (vm.max_map_count is 65530). */
#define MAPS_RANGES_MAX 131072
#define MAPS_TEXT_MAX (32u << 20)

enum maps_access {
	MAPS_READ = 1,
	MAPS_WRITE = 2,
	MAPS_EXEC = 4,
};

struct maps_range {
	uint64_t start;
	uint64_t end; /* first byte after it */
	uint64_t offset;
	uint64_t inode; /* 0: not a file */
	uint32_t major;
	uint32_t minor;
	uint8_t access; /* enum maps_access, or'ed */
	bool deleted;   /* the file has no name any more */
	/* As the kernel writes it (newline as \012), without " (deleted)";
	 * "" where it has none. Points into maps.text. */
	const char *path;
};

/* Ascending by start, none empty, none overlapping. Zeroed: empty. */
struct maps {
	struct maps_range *range;
	size_t count;
	bool cut; /* there was more than the limits allow */
	char *text;
};

/*
 * Parse n bytes of the text of /proc/PID/maps. Lines that do not have its form,
 * or that are empty, overlap or go backwards are left out.
 *
 * Returns 0 or -ENOMEM. Free with maps_free.
 */
int maps_parse(struct maps *m, const char *text, size_t n);

/* The same for a process. Also returns the negative errno of reading. */
int maps_read(struct maps *m, pid_t pid);

/* The range that has the address, or NULL. */
const struct maps_range *maps_at(const struct maps *m, uint64_t addr);

/* Whether two ranges are of the same file. */
bool maps_same_file(const struct maps_range *a, const struct maps_range *b);

/* Give the memory back; m is empty and usable again. */
void maps_free(struct maps *m);

#endif
