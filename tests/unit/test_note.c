// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "note.h"

#define CHECK(text, ...) check((struct note){ __VA_ARGS__ }, text)

static void check(struct note n, const char *want)
{
	char *text = note_text(&n);

	if (want)
		assert_string_equal(text, want);
	else
		assert_null(text);
	free(text);
}

static void what_is_said_of_a_process(void **state)
{
	(void)state;
	CHECK(NULL, .inner_pid = 0);
	CHECK("7 in its container", .inner_pid = 7);
	CHECK("GIL disabled", .gil_disabled = true);
	CHECK("not searched for a GIL yet: its words count as ordinary locks",
	      .search = NOTE_PENDING);
	CHECK("GIL found after 21.0ms, until then its words counted as "
	      "ordinary locks",
	      .search = NOTE_LATE, .late_ns = 21000000);
	CHECK("7 in its container, GIL disabled", .inner_pid = 7,
	      .gil_disabled = true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_of_a_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
