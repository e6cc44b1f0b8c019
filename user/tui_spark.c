// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "tui_spark.h"

#define FULL 0x2588

/* 0 to steps; 0 only for 0. */
static int steps_of(double share, int steps)
{
	int n;

	if (!(share > 0))
		return 0;
	if (share >= 1)
		return steps;
	n = (int)(share * steps + 0.5);
	return n ? n : 1;
}

/* A column of blocks, n eighths high. */
static uint32_t eighths_high(int n, bool utf8)
{
	static const char ascii[] = " .:-=+*%#";

	_Static_assert(sizeof(ascii) == SPARK_LEVELS + 2, "one a level");
	if (!utf8)
		return (uint32_t)ascii[n];
	return n ? 0x2580 + (uint32_t)n : ' ';
}

uint32_t spark_level(double share, bool utf8)
{
	return eighths_high(steps_of(share, SPARK_LEVELS), utf8);
}

uint32_t spark_column(double share, int height, int row, bool utf8)
{
	int n = steps_of(share, height * SPARK_LEVELS) - row * SPARK_LEVELS;

	n = n < 0 ? 0 : n > SPARK_LEVELS ? SPARK_LEVELS : n;
	return eighths_high(n, utf8);
}

void spark_bar(uint32_t *out, int width, double share, bool utf8)
{
	int n = steps_of(share, width * (utf8 ? 8 : 1));

	for (int i = 0; i < width; i++, n -= utf8 ? 8 : 1) {
		if (n <= 0)
			out[i] = ' ';
		else if (!utf8)
			out[i] = '#';
		else
			/* U+2588 is full, U+258F one eighth. */
			out[i] = n >= 8 ? FULL : FULL + 8 - (uint32_t)n;
	}
}

uint32_t spark_shade(double share, bool utf8)
{
	static const uint32_t blocks[] = { ' ', 0x2591, 0x2592, 0x2593, FULL };
	static const char ascii[] = " .-+#";

	int n = steps_of(share, 4);

	return utf8 ? blocks[n] : (uint32_t)ascii[n];
}

uint32_t spark_part(unsigned int part, bool utf8)
{
	static const uint32_t blocks[] = { FULL, 0x2593, 0x2592, 0x2591 };
	static const char ascii[] = "#+x.";

	_Static_assert(sizeof(ascii) == SPARK_PARTS + 1, "one a part");
	return utf8 ? blocks[part] : (uint32_t)ascii[part];
}

/* Gives one cell more to the part that lacks most of what it should have. */
static void give_one(int *share, const uint64_t *part, double per_cell)
{
	double lack, most = 0;
	int best = -1;

	for (int i = 0; i < SPARK_PARTS; i++) {
		lack = (double)part[i] / per_cell - share[i];
		if (part[i] && (best < 0 || lack > most)) {
			most = lack;
			best = i;
		}
	}
	share[best]++;
}

/* Takes a cell from the part that has most above what it should, its last one
 * only where all others are at theirs. */
static void take_one(int *share, const uint64_t *part, double per_cell)
{
	double over, most = 0;
	int best = -1;

	for (int i = 0; i < SPARK_PARTS; i++) {
		if (!share[i])
			continue;
		over = share[i] - (double)part[i] / per_cell;
		if (share[i] == 1)
			over -= 1e9;
		if (best < 0 || over > most) {
			most = over;
			best = i;
		}
	}
	share[best]--;
}

void spark_stack(uint8_t *cells, int width, const uint64_t part[SPARK_PARTS])
{
	int share[SPARK_PARTS], used = 0, at = 0;
	double whole = 0, per_cell;

	memset(cells, SPARK_NONE, (size_t)(width > 0 ? width : 0));
	for (int i = 0; i < SPARK_PARTS; i++)
		whole += (double)part[i];
	if (whole <= 0 || width <= 0)
		return;
	per_cell = whole / width;
	for (int i = 0; i < SPARK_PARTS; i++) {
		share[i] = (int)((double)part[i] / per_cell);
		if (part[i] && !share[i])
			share[i] = 1;
		used += share[i];
	}
	for (; used < width; used++)
		give_one(share, part, per_cell);
	for (; used > width; used--)
		take_one(share, part, per_cell);
	for (int i = 0; i < SPARK_PARTS; i++)
		for (int k = 0; k < share[i]; k++)
			cells[at++] = (uint8_t)i;
}
