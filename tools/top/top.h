/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_H
#define TOOLS_TOP_H

#include <systemd/sd-event.h>

#include "tools/common/cli.h"
#include "tools/top/top-model.h"

/* One run of governorctl top: command-top.c has the timing of queries, top-look.c the calls, and top-show.c the output. */

struct top {
        struct cli *cli;
        sd_event *event;
        sd_event_source *look_timer, *draw_timer;
        struct top_model model;
        bool fills; /* the program runs in full-screen mode */
        enum top_sort sort;
        uint64_t delay_usec, count, looks; /* count 0: no end */
        unsigned pending;                  /* number of pending answers */
        bool counted;                      /* ... which belong to a query of the interval */
        bool outdated;                     /* the list of sessions has changed */
        bool absent, failed;               /* result of the answers so far */
        bool asked;                        /* a first call was made, for which the bus may have started the service */
        struct session_list sessions;      /* of the current query */
};

#endif
