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
	const struct gwr_info info = recording_info();
	struct replay *all = replay_new(&info, NULL);
	struct recording made = { .bits = 9 };
	struct gw_event e[BLOCK];
	struct gwr_writer *w;
	char msg[GWR_MSG];

	assert_non_null(all);
	assert_int_equal(gwr_create(&w, &config, &info, msg), 0);
	recording_names(w);
	for (int i = 0; i < ROUNDS; i++) {
		const struct gwr_item item = { GWR_EVENTS, e, BLOCK };

		recording_events(&made, e, BLOCK);
		assert_int_equal(replay_item(all, &item), 0);
		assert_int_equal(gwr_put(w, GWR_EVENTS, e, BLOCK, e[0].ns,
					 e[BLOCK - 1].ns),
				 0);
		if (gwr_wants_state(w))
			assert_int_equal(replay_save(all, w), 0);
	}
	assert_int_equal(gwr_publish(w, msg), 0);
	gwr_discard(w);
	replay_free(all);
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
