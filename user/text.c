// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <langinfo.h>
#include <string.h>
#include <wchar.h>

#include "text.h"

#define CODE_MAX 0x10ffff

struct range {
	uint32_t low, high;
};

/*
 * Code points that a terminal does not show, or that change how it shows
 * others: joiners, direction marks, line separators, fillers, variation
 * selectors, format controls, tags; and the noncharacters U+FDD0-FDEF. Letters
 * and marks that are seen stay. Unicode 15.0, UnicodeData.txt and
 * DerivedCoreProperties.txt (Default_Ignorable_Code_Point).
 */
static const struct range hidden[] = {
	{ 0x00ad, 0x00ad },   { 0x034f, 0x034f },   { 0x061c, 0x061c },
	{ 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
	{ 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },
	{ 0x3164, 0x3164 },   { 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },
	{ 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

/*
 * The length of the character at s (n > 0 bytes are there) and its code point;
 * 0 where no valid UTF-8 begins. RFC 3629, section 4.
 */
static size_t decode(const unsigned char *s, size_t n, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len, i;
	uint32_t c;

	if (s[0] < 0x80) {
		*code = s[0];
		return 1;
	}
	len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc0 || s[0] > 0xf7 || len > n)
		return 0;
	c = s[0] & (0xffu >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > CODE_MAX || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return len;
}

static bool is_shown(uint32_t c)
{
	size_t i;

	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return false;
	if ((c & 0xfffe) == 0xfffe)
		return false;
	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].low && c <= hidden[i].high)
			return false;
	return true;
}

/* What one byte becomes when it cannot stay; returns its length. */
static size_t escape_byte(char out[4], unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";

	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[byte >> 4];
	out[3] = hex[byte & 15];
	return 4;
}

/*
 * What stands for the character at s; sets how many bytes it takes from s and
 * returns how many it gives to out.
 */
static size_t escape_one(char out[4 * 4], const unsigned char *s, size_t n,
			 size_t *taken)
{
	size_t len, i, used = 0;
	uint32_t c;

	len = decode(s, n, &c);
	*taken = len ? len : 1;
	if (len && c == '\\') {
		out[0] = out[1] = '\\';
		return 2;
	}
	if (len && is_shown(c)) {
		memcpy(out, s, len);
		return len;
	}
	for (i = 0; i < *taken; i++)
		used += escape_byte(out + used, s[i]);
	return used;
}

size_t text_escape(char *dst, size_t size, const void *bytes, size_t n)
{
	const unsigned char *s = bytes;
	size_t taken, used, done = 0, need = 0;
	bool full = false;
	char one[4 * 4];

	n = strnlen(bytes, n);
	for (; n; s += taken, n -= taken) {
		used = escape_one(one, s, n, &taken);
		need += used;
		full = full || done + used >= size;
		if (full)
			continue;
		memcpy(dst + done, one, used);
		done += used;
	}
	if (size)
		dst[done] = '\0';
	return need;
}

bool text_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

size_t text_glyph(const char *s, uint32_t *code, size_t *columns)
{
	size_t len;
	int width;

	*columns = 1;
	/* Up to four bytes: a NUL among them is no continuation byte. */
	len = decode((const unsigned char *)s, strnlen(s, 4), code);
	if (!len) {
		*code = '?';
		return 1;
	}
	width = wcwidth((wchar_t)*code);
	if (width >= 0)
		*columns = (size_t)width;
	return len;
}

size_t text_width(const char *s)
{
	size_t total = 0, columns;
	uint32_t code;

	while (*s) {
		s += text_glyph(s, &code, &columns);
		total += columns;
	}
	return total;
}

/* Bytes of s that fit into `width` columns; sets the columns they take. */
static size_t head_of(const char *s, size_t width, size_t *taken)
{
	size_t bytes = 0, len, columns;
	uint32_t code;

	*taken = 0;
	while (s[bytes]) {
		len = text_glyph(s + bytes, &code, &columns);
		if (*taken + columns > width)
			break;
		bytes += len;
		*taken += columns;
	}
	return bytes;
}

void text_fit(struct buf *out, const char *s, size_t width,
	      enum text_align align)
{
	const char *mark = "";
	size_t bytes, taken, pad;

	bytes = head_of(s, width, &taken);
	if (s[bytes] && width) {
		mark = text_utf8() ? "…" : "~";
		bytes = head_of(s, width - 1, &taken);
		taken++;
	}
	pad = width - taken;
	if (align == TEXT_RIGHT)
		buf_fill(out, ' ', pad);
	buf_add(out, s, bytes);
	buf_str(out, mark);
	if (align == TEXT_LEFT)
		buf_fill(out, ' ', pad);
}
