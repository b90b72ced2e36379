/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl top: shows the result of a query, on the terminal or as a block of lines. */

#include "tools/top/top-show.h"

#include "tools/top/top-plain.h"
#include "tools/top/top-screen.h"
#include "tools/top/top-view.h"

void top_draw(struct top *top) {
        struct top_place place = { .verbose = option_value(&top->cli->options, 'v'), .sort = top->sort };
        struct top_lines lines;

        screen_size(&place.width, &place.height);
        top_view(&top->model, &place, &lines);
        screen_draw(&lines, top->cli->color);
        top_lines_free(&lines);
}

void top_show(struct top *top) {
        if (top->fills)
                top_draw(top);
        else if (top->counted)
                top_print(top->cli, &top->model);
        if (top->counted && ++top->looks == top->count)
                (void) sd_event_exit(top->event, top->absent ? CLI_ABSENT : top->failed ? CLI_FAILED : CLI_OK);
}
