/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TUI_SPARK_H
#define GILWATCH_TUI_SPARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Small pictures of numbers as characters: block elements (U+2580-259F) where
 * the locale has UTF-8, ASCII otherwise. Pure. Shares are 0 to 1; what is
 * outside is taken for the nearer end, NaN for 0. What is not 0 is always seen.
 */

/* Steps of a sparkline, 0 apart; ASCII has as many. */
#define SPARK_LEVELS 8

/* One column of a sparkline, one row high. */
uint32_t spark_level(double share, bool utf8);

/*
 * One cell of a column that is `height` rows high.
 *
 * row: counted from the bottom, 0 to height - 1
 */
uint32_t spark_column(double share, int height, int row, bool utf8);

/*
 * A bar that lies: `width` characters into out, ending in an eighth of a
 * character where there is UTF-8.
 */
void spark_bar(uint32_t *out, int width, double share, bool utf8);

/* A cell of a matrix: blank, then four shades. */
uint32_t spark_shade(double share, bool utf8);

/* The parts of a stacked bar that can be told apart without colour. */
#define SPARK_PARTS 4

/*
 * Divide `width` cells among parts: by the largest remainder, but each part
 * that is not 0 gets a cell where there are enough.
 *
 * cells: gets `width` part numbers in order; all SPARK_NONE when all are 0
 */
#define SPARK_NONE 0xff

void spark_stack(uint8_t *cells, int width, const uint64_t part[SPARK_PARTS]);

/* What a part is filled with; the four look different. */
uint32_t spark_part(unsigned int part, bool utf8);

#endif
