// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Each frame of the live screen is one write, so nobody sees half of one. */
#include "pane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What strace saw between two askings for the terminal's size, which begin a
 * frame. */
struct frames {
	int whole; /* one write */
	int same;  /* none: nothing had changed */
	int torn;  /* more */
};

static void end_frame(struct frames *f, int writes)
{
	f->whole += writes == 1;
	f->same += !writes;
	f->torn += writes > 1;
}

/* One line of the trace. `writes` counts those of the frame that goes on, or is
 * below 0 before the first one. */
static void read_line(struct frames *f, int *writes, const char *line)
{
	if (strstr(line, "TIOCGWINSZ")) {
		if (*writes >= 0)
			end_frame(f, *writes);
		*writes = 0;
	} else if (*writes >= 0 && strstr(line, "write(") &&
		   strstr(line, "/dev/pts")) {
		++*writes;
	}
}

/* From entering the alternate screen until leaving it: before and after there
 * are no frames. */
static struct frames read_trace(const char *path)
{
	FILE *file = fopen(path, "r");
	struct frames f = { 0 };
	bool entered = false;
	int writes = -1;
	char *line = NULL;
	size_t room = 0;

	assert_non_null(file);
	while (getline(&line, &room, file) > 0 && !strstr(line, "[?25h")) {
		if (entered)
			read_line(&f, &writes, line);
		entered |= !!strstr(line, "[?1049h");
	}
	free(line);
	fclose(file);
	return f;
}

static void one_write_a_frame(void **state)
{
	char trace[512];
	struct frames f;

	(void)state;
	live_require();
	if (system("command -v strace >/dev/null"))
		live_skip("strace is not installed");
	snprintf(trace, sizeof(trace), "%s/trace", pane_open(80, 24));
	pane_line("strace -y -s 80 -e trace=write,ioctl -o %s %s -i 0.2 -p %d",
		  trace, live_gilwatch(), (int)pane_handoffs()->pid);
	pane_await("condvar");
	for (const char *key = "2345?1"; *key; key++) {
		pane_keys((char[]){ *key, '\0' }, NULL);
		live_sleep(0.5);
	}
	pane_resize(300, 80);
	pane_await("BUSY last");
	pane_keys("C-l", NULL);
	live_sleep(0.5);
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
	f = read_trace(trace);
	print_message("%d frames in one write, %d without, %d torn\n", f.whole,
		      f.same, f.torn);
	assert_int_equal(f.torn, 0);
	assert_true(f.whole > 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_write_a_frame, pane_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
