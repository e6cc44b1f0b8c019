// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "note.h"
#include "text.h"

static const char *between(const struct buf *b)
{
	return b->len ? ", " : "";
}

char *note_text(const struct note *n)
{
	char late[TEXT_NUM];
	struct buf b = { 0 };
	char *text = NULL;

	if (n->inner_pid)
		buf_printf(&b, "%u in its container", n->inner_pid);
	if (n->gil_disabled)
		buf_printf(&b, "%sGIL disabled", between(&b));
	if (n->search == NOTE_PENDING)
		buf_printf(&b,
			   "%snot searched for a GIL yet: its words count as "
			   "ordinary locks",
			   between(&b));
	if (n->search == NOTE_LATE)
		buf_printf(&b,
			   "%sGIL found after %s, until then its words counted "
			   "as ordinary locks",
			   between(&b), text_ns(late, n->late_ns));
	if (b.len && !buf_error(&b))
		text = strndup(b.data, b.len);
	buf_free(&b);
	return text;
}
