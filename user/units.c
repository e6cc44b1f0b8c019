// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "text.h"

/* Wide enough for any uint64_t times a million. */
typedef unsigned __int128 wide;

struct unit {
	uint64_t size; /* in the unit of the value */
	const char *name;
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static wide round_div(wide a, wide b)
{
	return a / b + (a % b >= b - a % b);
}

static const char *unknown(char buf[TEXT_NUM])
{
	return strcpy(buf, "-");
}

/*
 * value / size with three significant digits: 1.23, 12.3, 123. False where
 * rounding makes it a thousand or more.
 */
static bool three_digits(char buf[TEXT_NUM], wide value, wide size,
			 const char *name)
{
	unsigned int places, scale, n;

	for (places = 2, scale = 100;; places--, scale /= 10) {
		wide q = round_div(value * scale, size);

		if (q < 1000) {
			n = (unsigned int)q;
			break;
		}
		if (!places)
			return false;
	}
	if (places)
		snprintf(buf, TEXT_NUM, "%u.%0*u%s", n / scale, (int)places,
			 n % scale, name);
	else
		snprintf(buf, TEXT_NUM, "%u%s", n, name);
	return true;
}

/*
 * The value in the smallest unit that holds it. The first unit is the whole
 * one: below 1000 of it there are no decimals.
 */
static bool in_units(char buf[TEXT_NUM], uint64_t value,
		     const struct unit *unit, size_t count)
{
	size_t i;

	if (value < 1000) {
		snprintf(buf, TEXT_NUM, "%u%s", (unsigned int)value,
			 unit[0].name);
		return true;
	}
	for (i = 1; i < count; i++)
		if (three_digits(buf, value, unit[i].size, unit[i].name))
			return true;
	return false;
}

#define SECOND 1000000000ull

/* A whole and its parts: 125 by 60 with "ms" is 2m05s. */
static void two_parts(char buf[TEXT_NUM], unsigned int n, unsigned int parts,
		      const char letter[2])
{
	snprintf(buf, TEXT_NUM, "%u%c%02u%c", n / parts, letter[0], n % parts,
		 letter[1]);
}

const char *text_ns(char buf[TEXT_NUM], uint64_t ns)
{
	static const struct unit unit[] = {
		{ 1, "ns" },
		{ 1000, "us" },
		{ 1000000, "ms" },
	};
	unsigned int minutes, hours;
	wide seconds;

	if (ns == TEXT_UNKNOWN)
		return unknown(buf);
	if (in_units(buf, ns, unit, COUNT_OF(unit)))
		return buf;
	/* From 59.95 s on three digits would show a minute. */
	if (ns < 5995 * (SECOND / 100)) {
		three_digits(buf, ns, SECOND, "s");
		return buf;
	}
	seconds = round_div(ns, SECOND);
	minutes = (unsigned int)round_div(ns, 60 * SECOND);
	hours = (unsigned int)round_div(ns, 3600 * SECOND);
	if (seconds < 3600)
		two_parts(buf, (unsigned int)seconds, 60, "ms");
	else if (minutes < 24 * 60)
		two_parts(buf, minutes, 60, "hm");
	else
		two_parts(buf, hours, 24, "dh");
	return buf;
}

const char *text_count(char buf[TEXT_NUM], uint64_t n)
{
	static const struct unit unit[] = {
		{ 1, "" },
		{ 1000, "k" },
		{ 1000000, "M" },
		{ 1000000000, "G" },
		{ 1000000000000, "T" },
		{ 1000000000000000, "P" },
		{ 1000000000000000000, "E" },
	};

	if (n == TEXT_UNKNOWN)
		return unknown(buf);
	in_units(buf, n, unit, COUNT_OF(unit));
	return buf;
}

const char *text_bytes(char buf[TEXT_NUM], uint64_t bytes)
{
	static const struct unit unit[] = {
		{ 1, "B" },
		{ 1ull << 10, "KiB" },
		{ 1ull << 20, "MiB" },
		{ 1ull << 30, "GiB" },
		{ 1ull << 40, "TiB" },
		{ 1ull << 50, "PiB" },
		{ 1ull << 60, "EiB" },
	};

	if (bytes == TEXT_UNKNOWN)
		return unknown(buf);
	in_units(buf, bytes, unit, COUNT_OF(unit));
	return buf;
}

const char *text_percent(char buf[TEXT_NUM], uint64_t part, uint64_t whole)
{
	wide percent;

	if (!whole || part == TEXT_UNKNOWN || whole == TEXT_UNKNOWN)
		return unknown(buf);
	percent = round_div((wide)part * 100, whole);
	if (part && (wide)part * 100 < whole)
		return strcpy(buf, "<1%");
	if (part < whole && percent >= 100)
		return strcpy(buf, ">99%");
	if (percent > 99999)
		return strcpy(buf, ">99999%");
	snprintf(buf, TEXT_NUM, "%u%%", (unsigned int)percent);
	return buf;
}

/* Rates are counted in hundredths, the finest that is shown. */
const char *text_rate(char buf[TEXT_NUM], uint64_t n, uint64_t ns)
{
	static const struct unit unit[] = {
		{ 1, "" },           { 1000, "k" },          { 1000000, "M" },
		{ 1000000000, "G" }, { 1000000000000, "T" },
	};
	wide value = (wide)n * SECOND;
	size_t i;

	if (!ns || n == TEXT_UNKNOWN || ns == TEXT_UNKNOWN)
		return unknown(buf);
	if (!n)
		return strcpy(buf, "0/s");
	if (value * 100 < ns)
		return strcpy(buf, "<0.01/s");
	for (i = 0; i < COUNT_OF(unit); i++)
		if (three_digits(buf, value, (wide)ns * unit[i].size,
				 unit[i].name))
			break;
	if (i == COUNT_OF(unit))
		return strcpy(buf, ">999T/s");
	strcat(buf, "/s");
	return buf;
}
