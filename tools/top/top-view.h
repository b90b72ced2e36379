/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_VIEW_H
#define TOOLS_TOP_VIEW_H

#include "tools/common/table.h"
#include "tools/top/top-model.h"

/* The content of the terminal: lines of cleaned text, truncated to its width, each in one style. */
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
        bool plain;   /* without charts and without the list of keys */
        bool verbose; /* with the rung and the reason for it */
        enum top_sort sort;
};

void top_view(const struct top_model *model, const struct top_place *place, struct top_lines *ret);
void top_lines_free(struct top_lines *lines);

#endif
