/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEXT_H
#define GILWATCH_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/*
 * Text for people: other programs' names made harmless, widths on a terminal,
 * and (units.c) numbers with a unit. Nothing here prints.
 */

/* Room for any number that the functions below write, with its end. */
#define TEXT_NUM 16

/* A value that is not known; every text_* function writes it as "-". */
#define TEXT_UNKNOWN UINT64_MAX

/* Enough for a kernel thread name (16 bytes) with every byte escaped. */
#define TEXT_COMM (16 * 4 + 1)

/*
 * Copy a name that came from another program so that it can go to a terminal
 * or a file: UTF-8 stays, and these bytes are written as \xNN (two lower-case
 * hex digits a byte):
 *
 *   - control characters: 00-1f, 7f, U+0080-U+009F;
 *   - what is no valid UTF-8: overlong forms, surrogates, above U+10FFFF,
 *     cut off, stray continuation bytes;
 *   - characters that are invisible or turn the direction of text (U+00AD,
 *     U+061C, U+200B-200F, U+2028-202E, U+2060-206F, variation selectors,
 *     fillers, tags, U+FEFF, U+FFF9-FFFB and the like) and noncharacters.
 *
 * A backslash is always written as two. So `\\` is a backslash, `\xNN` a byte,
 * nothing else starts with a backslash, and the original can be got back.
 *
 * dst, size: where to write; always terminated when size > 0; a character or
 *            an escape that does not fit as a whole is left out, and so is
 *            everything after it.
 * bytes, n:  the name: n bytes, or up to the first NUL within them, which is
 *            how the kernel pads names.
 *
 * Returns the length that the whole text needs without its end, as snprintf
 * does: a result >= size means that it was cut.
 *
 * UTF-8: RFC 3629, section 4.
 */
size_t text_escape(char *dst, size_t size, const void *bytes, size_t n);

/*
 * True where the locale's character set is UTF-8 (setlocale(LC_CTYPE, "")
 * decides, called once by main).
 */
bool text_utf8(void);

/*
 * Columns that s takes on a terminal. s is UTF-8 as text_escape leaves it.
 * Widths come from wcwidth() and so from the locale: 2 for wide characters, 0
 * for combining marks; a character that the locale does not know counts 1, as
 * does a byte of invalid UTF-8.
 */
size_t text_width(const char *s);

/*
 * The character at s, which is not at its end: its code point ('?' where no
 * valid UTF-8 begins) and the columns it takes, as in text_width. Returns its
 * length in bytes.
 */
size_t text_glyph(const char *s, uint32_t *code, size_t *columns);

enum text_align { TEXT_LEFT, TEXT_RIGHT };

/*
 * Add s to out as exactly `width` columns: padded with spaces on the side that
 * `align` leaves free, or, where it is too wide, cut and ended with "…" ("~"
 * where the locale has no UTF-8). A wide character is never halved: a space
 * takes its place.
 */
void text_fit(struct buf *out, const char *s, size_t width,
	      enum text_align align);

/*
 * A duration in ns with at most three significant digits: 0ns, 850ns, 12.3us,
 * 4.99ms, 1.20s, then 2m05s, 3h04m, 12d03h. Rounded half up, and carried into
 * the next unit where rounding reaches it: 999999 is 1.00ms. Returns buf.
 */
const char *text_ns(char buf[TEXT_NUM], uint64_t ns);

/* A count: 999, 1.00k, 12.3k, 4.56M, up to E; rounded as text_ns. */
const char *text_count(char buf[TEXT_NUM], uint64_t n);

/* A size in bytes by powers of 1024: 512B, 1.50KiB, 12.3MiB. */
const char *text_bytes(char buf[TEXT_NUM], uint64_t bytes);

/*
 * part of whole: 0%, <1%, 12%, >99%, 100%; more than 100% is possible. 0% and
 * 100% mean exactly that. "-" where whole is 0 or either is unknown.
 */
const char *text_percent(char buf[TEXT_NUM], uint64_t part, uint64_t whole);

/*
 * n events in ns as a rate: 0/s, <0.01/s, 0.25/s, 12.3/s, 4.56k/s. "-" where
 * ns is 0 or either is unknown.
 */
const char *text_rate(char buf[TEXT_NUM], uint64_t n, uint64_t ns);

#endif
