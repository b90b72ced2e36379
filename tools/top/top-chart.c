/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small charts of braille characters, and bars. They have no scale, since the current values are printed next to them. */

#include "tools/top/top-chart.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "tools/common/xalloc.h"

#define DOTS 4U

/* The bits of a braille character (U+2800 and up) for the dots of each column, from the bottom to the top. */
static const uint8_t columns[2][DOTS] = { { 0x40, 0x04, 0x02, 0x01 }, { 0x80, 0x20, 0x10, 0x08 } };

static uint32_t height(uint32_t value, uint32_t full) {
        if (value == CHART_NONE)
                return 0;
        return value >= full ? DOTS : 1 + (uint32_t) ((uint64_t) value * DOTS / full);
}

static void add_dots(uint8_t *cell, size_t column, uint32_t value, uint32_t full) {
        for (uint32_t i = 0; i < MIN(height(value, full), DOTS); i++)
                *cell |= columns[column][i];
}

/* Writes a character from U+0800 to U+FFFF as UTF-8. */
static void put_character(FILE *f, uint32_t c) {
        (void) fputc(0xe0 | (int) (c >> 12), f);
        (void) fputc(0x80 | (int) (c >> 6 & 0x3f), f);
        (void) fputc(0x80 | (int) (c & 0x3f), f);
}

char *chart_line(const uint32_t *values, size_t n, uint32_t full, size_t cells) {
        size_t places = cells * 2, shown = MIN(n, places), size = 0;
        char *text = NULL;
        FILE *f = must(open_memstream(&text, &size));

        for (size_t cell = 0; cell < cells; cell++) {
                uint8_t dots = 0;

                for (size_t column = 0; column < 2; column++) {
                        size_t place = cell * 2 + column;

                        if (place + shown >= places)
                                add_dots(&dots, column, values[n - (places - place)], full);
                }
                put_character(f, 0x2800U + dots);
        }
        (void) fclose(f);
        return must(text);
}

char *chart_range(uint32_t floor, uint32_t ceiling, uint32_t full, size_t cells) {
        size_t first = (size_t) MIN((uint64_t) floor * cells / full, (uint64_t) cells - 1), size = 0;
        size_t end = (size_t) MAX(((uint64_t) ceiling * cells + full - 1) / full, (uint64_t) first + 1);
        char *text = NULL;
        FILE *f = must(open_memstream(&text, &size));

        for (size_t i = 0; i < cells; i++)
                put_character(f, i >= first && i < end ? 0x2588 : 0x2500); /* a full block, or a line */
        (void) fclose(f);
        return must(text);
}
