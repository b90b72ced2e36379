/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_VIEW_H
#define TOOLS_TOP_VIEW_H

#include "tools/common/table.h"
#include "tools/top/top-model.h"

/* What stands on the terminal: lines of text that are clean and not wider than it, each in one style. */
struct top_lines {
        struct top_line {
                char *text;
                enum style style;
        } * items;
        size_t n;
};

/* Where it will stand. */
struct top_place {
        size_t width, height;
        bool plain;   /* no charts, no hint at keys */
        bool verbose; /* with the rung, and why there is no higher one */
        enum top_sort sort;
};

void top_view(const struct top_model *model, const struct top_place *place, struct top_lines *ret);
void top_lines_free(struct top_lines *lines);

#endif
