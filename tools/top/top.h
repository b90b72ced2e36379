/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_H
#define TOOLS_TOP_H

#include <systemd/sd-event.h>

#include "tools/common/cli.h"
#include "tools/top/top-model.h"

/* One run of governorctl top: command-top.c has when it looks, top-look.c how, and top-show.c what is seen then. */

struct top {
        struct cli *cli;
        sd_event *event;
        sd_event_source *look_timer, *draw_timer;
        struct top_model model;
        bool fills; /* the terminal */
        enum top_sort sort;
        uint64_t delay_usec, count, looks; /* count 0: no end */
        unsigned pending;                  /* answers that are due */
        bool counted;                      /* ... and belong to a look of the interval */
        bool outdated;                     /* the list of sessions is */
        bool absent, failed;               /* what the answers so far say */
        bool asked;                        /* once: the bus may have started the service for it */
        struct session_list sessions;      /* of the look that is under way */
};

#endif
