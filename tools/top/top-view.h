/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_VIEW_H
#define TOOLS_TOP_VIEW_H

#include "tools/common/table.h"
#include "tools/top/top-model.h"

/* The content of the terminal: lines of cleaned text that are not wider than it, each in one style. */
struct top_lines {
        struct top_line {
                char *text;
                enum style style;
        } * items;
        size_t n;
};

/* Properties of the output. */
struct top_place {
        size_t width, height;
        bool plain;   /* no charts, and no list of keys */
        bool verbose; /* with the rung, and why no higher one is used */
        enum top_sort sort;
};

void top_view(const struct top_model *model, const struct top_place *place, struct top_lines *ret);
void top_lines_free(struct top_lines *lines);

#endif
