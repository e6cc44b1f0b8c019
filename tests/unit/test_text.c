// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names made harmless, and widths on a terminal. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "text.h"

struct pair {
	const char *in, *out;
};

static void check_escape(const char *in, const char *want)
{
	char got[512];

	assert_int_equal(text_escape(got, sizeof(got), in, strlen(in)),
			 strlen(want));
	assert_string_equal(got, want);
}

static void escape_keeps_what_is_shown(void **state)
{
	static const char *const same[] = {
		"",       "python3",        "a b",
		"~",      "ThreadPoolEx-0", "\u00a0",
		"müller", "日本",           "\U0001f40d",
		"\u200a", "\u2010",         "\u2027",
		"\u202f", "\u205f",         "\u2070",
		"\ufffd", "\uffef",         "\U0001d172",
		"\ue000", "\xed\x9f\xbf",   "\u00ac",
		"\u00ae",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		check_escape(same[i], same[i]);
}

static void escape_writes_bytes_of_the_rest(void **state)
{
	static const struct pair pairs[] = {
		/* control characters, both ends of each range */
		{ "\x01", "\\x01" },
		{ "a\nb", "a\\x0ab" },
		{ "\x1b[2J", "\\x1b[2J" },
		{ "\x1f", "\\x1f" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x80", "\\xc2\\x80" },
		{ "\xc2\x9b", "\\xc2\\x9b" },
		{ "\xc2\x9f", "\\xc2\\x9f" },
		/* stray and missing continuation bytes */
		{ "\x80", "\\x80" },
		{ "\xbf", "\\xbf" },
		{ "\xc3", "\\xc3" },
		{ "\xc3(", "\\xc3(" },
		{ "\xe2\x82", "\\xe2\\x82" },
		{ "\xe2\x82z", "\\xe2\\x82z" },
		{ "\xf0\x9f\x90", "\\xf0\\x9f\\x90" },
		{ "\xe2\xc3\xa9", "\\xe2é" },
		/* overlong forms of / and of the last shorter code point */
		{ "\xc0\xaf", "\\xc0\\xaf" },
		{ "\xc1\xbf", "\\xc1\\xbf" },
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
		{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf" },
		{ "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf" },
		/* surrogates, and above U+10FFFF */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xed\xbf\xbf", "\\xed\\xbf\\xbf" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80" },
		{ "\xfe\xff", "\\xfe\\xff" },
		/* invisible, or turning the direction */
		{ "\u00ad", "\\xc2\\xad" },
		{ "\u200b", "\\xe2\\x80\\x8b" },
		{ "\u200f", "\\xe2\\x80\\x8f" },
		{ "\u2028", "\\xe2\\x80\\xa8" },
		{ "\u202e", "\\xe2\\x80\\xae" },
		{ "\u2066", "\\xe2\\x81\\xa6" },
		{ "\u2069", "\\xe2\\x81\\xa9" },
		{ "\u3164", "\\xe3\\x85\\xa4" },
		{ "\ufe0f", "\\xef\\xb8\\x8f" },
		{ "\ufeff", "\\xef\\xbb\\xbf" },
		{ "\uffff", "\\xef\\xbf\\xbf" },
		{ "\U000e0041", "\\xf3\\xa0\\x81\\x81" },
		{ "\U0010ffff", "\\xf4\\x8f\\xbf\\xbf" },
		/* what could be taken for an escape */
		{ "\\", "\\\\" },
		{ "\\x1b", "\\\\x1b" },
		{ "\\\x1b", "\\\\\\x1b" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		check_escape(pairs[i].in, pairs[i].out);
}

/* Undo text_escape; the length of what came out. */
static size_t unescape(unsigned char *dst, const char *s)
{
	unsigned int byte;
	size_t n = 0;

	while (*s) {
		if (*s != '\\') {
			dst[n++] = (unsigned char)*s++;
		} else if (s[1] == '\\') {
			dst[n++] = '\\';
			s += 2;
		} else {
			assert_int_equal(sscanf(s, "\\x%2x", &byte), 1);
			dst[n++] = (unsigned char)byte;
			s += 4;
		}
	}
	return n;
}

static void escape_can_be_undone(void **state)
{
	unsigned char in[3], back[16];
	unsigned int v, i;
	char text[64];

	(void)state;
	/* Every pair of bytes, alone and before a 'x'. */
	for (v = 0; v < 0x10000; v++) {
		in[0] = (unsigned char)(v >> 8 ? v >> 8 : 1);
		in[1] = (unsigned char)(v & 255 ? v & 255 : 1);
		in[2] = 'x';
		text_escape(text, sizeof(text), in, 3);
		assert_int_equal(unescape(back, text), 3);
		assert_memory_equal(back, in, 3);
		for (i = 0; text[i]; i++)
			assert_true((unsigned char)text[i] >= 0x20 &&
				    text[i] != 0x7f);
	}
}

static void escape_stops_at_n_and_at_nul(void **state)
{
	char got[32];

	(void)state;
	assert_int_equal(text_escape(got, sizeof(got), "abcdef", 3), 3);
	assert_string_equal(got, "abc");
	assert_int_equal(text_escape(got, sizeof(got), "ab\0cd", 5), 2);
	assert_string_equal(got, "ab");
	/* A character that n cuts is no character. */
	assert_int_equal(text_escape(got, sizeof(got), "aé", 2), 5);
	assert_string_equal(got, "a\\xc3");
}

static void escape_never_splits(void **state)
{
	static const struct {
		const char *in;
		size_t size;
		const char *out;
	} c[] = {
		{ "aé", 4, "aé" },
		{ "aé", 3, "a" },
		{ "a\x01", 6, "a\\x01" },
		{ "a\x01", 5, "a" },
		{ "\\", 3, "\\\\" },
		{ "\\", 2, "" },
		{ "\u200b", 13, "\\xe2\\x80\\x8b" },
		{ "\u200b", 12, "" },
		/* nothing after what was left out */
		{ "é!", 2, "" },
		{ "ab", 1, "" },
	};
	char got[32], untouched = 'u';
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		memset(got, 'x', sizeof(got));
		text_escape(got, c[i].size, c[i].in, strlen(c[i].in));
		assert_string_equal(got, c[i].out);
		assert_int_equal(got[c[i].size], 'x');
	}
	assert_int_equal(text_escape(&untouched, 0, "abc", 3), 3);
	assert_int_equal(untouched, 'u');
}

static void comm_has_room_for_all_escapes(void **state)
{
	char got[TEXT_COMM], name[16];

	(void)state;
	memset(name, 0x1b, sizeof(name));
	assert_true(text_escape(got, sizeof(got), name, sizeof(name)) <
		    sizeof(got));
}

static void check_fit(const char *s, size_t width, enum text_align align,
		      const char *want)
{
	struct buf b = { 0 };

	text_fit(&b, s, width, align);
	buf_add(&b, "", 1);
	assert_int_equal(buf_error(&b), 0);
	assert_string_equal(b.data, want);
	buf_free(&b);
}

/* Of the two ways that C libraries spell the locale. */
static void need_utf8(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "C.utf8")) {
		fprintf(stderr, "SKIP-REASON: no C.UTF-8 locale\n");
		skip();
	}
}

static void width_in_utf8(void **state)
{
	(void)state;
	need_utf8();
	assert_true(text_utf8());
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("äöü"), 3);
	assert_int_equal(text_width("日本"), 4);
	assert_int_equal(text_width("e\u0301"), 1);
	assert_int_equal(text_width("\xff"), 1);
	assert_int_equal(text_width("\xe6\x97"), 2);
}

static void fit_in_utf8(void **state)
{
	(void)state;
	need_utf8();
	check_fit("abc", 5, TEXT_LEFT, "abc  ");
	check_fit("abc", 5, TEXT_RIGHT, "  abc");
	check_fit("abc", 3, TEXT_LEFT, "abc");
	check_fit("abcd", 3, TEXT_LEFT, "ab…");
	check_fit("abcd", 1, TEXT_LEFT, "…");
	check_fit("abcd", 0, TEXT_LEFT, "");
	check_fit("", 2, TEXT_RIGHT, "  ");
	check_fit("日本", 4, TEXT_LEFT, "日本");
	/* Half of a wide character is no character. */
	check_fit("日本", 3, TEXT_LEFT, "日…");
	check_fit("日本", 2, TEXT_LEFT, "… ");
	check_fit("日本", 2, TEXT_RIGHT, " …");
	/* A combining mark belongs to the letter before. */
	check_fit("e\u0301e\u0301", 2, TEXT_LEFT, "e\u0301e\u0301");
	check_fit("e\u0301xy", 2, TEXT_LEFT, "e\u0301…");
}

static void fit_without_utf8(void **state)
{
	(void)state;
	setlocale(LC_CTYPE, "C");
	assert_false(text_utf8());
	check_fit("abcd", 3, TEXT_LEFT, "ab~");
	assert_int_equal(text_width("äöü"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escape_keeps_what_is_shown),
		cmocka_unit_test(escape_writes_bytes_of_the_rest),
		cmocka_unit_test(escape_can_be_undone),
		cmocka_unit_test(escape_stops_at_n_and_at_nul),
		cmocka_unit_test(escape_never_splits),
		cmocka_unit_test(comm_has_room_for_all_escapes),
		cmocka_unit_test(width_in_utf8),
		cmocka_unit_test(fit_in_utf8),
		cmocka_unit_test(fit_without_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
