// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Writes the known inputs of fuzz_record into the folder that is its argument:
 * a record that is whole, and one that has kept its last part only and begins
 * with a state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "../unit/recording.h"
#include "file.h"
#include "replay.h"

#define EVENTS 60
#define BLOCK 20
#define ROUNDS 12

static void write_state(const char *path)
{
	const struct gwr_config config = { .path = path,
					   .uid = FILE_KEEP_UID,
					   .gid = FILE_KEEP_GID,
					   .keep_ns = 100000 };
	struct recording made = { .bits = 9 };

	replay_free(
		recording_write_part(&config, &made, ROUNDS * BLOCK, BLOCK));
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1])) {
		fprintf(stderr, "Usage: record_seeds FOLDER\n");
		return 1;
	}
	recording_write("whole", EVENTS, BLOCK);
	write_state("state");
	return 0;
}
