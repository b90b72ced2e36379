/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_H
#define TOOLS_TOP_H

#include <systemd/sd-event.h>

#include "tools/common/cli.h"
#include "tools/top/top-model.h"

/* The state of governorctl top. command-top.c has the timing of queries, top-look.c the calls, and top-show.c the output. */

struct top {
        struct cli *cli;
        sd_event *event;
        sd_event_source *look_timer, *draw_timer;
        struct top_model model;
        bool fills; /* the program runs in full-screen mode */
        enum top_sort sort;
        uint64_t delay_usec, count, looks; /* looks: updates so far; count: updates until the end, 0: unlimited */
        unsigned pending;                  /* number of pending answers */
        bool counted;                      /* the current query counts as an update, since it is due by the timer */
        bool outdated;                     /* a signal of the service requires a new query */
        bool absent, failed;               /* results of the current query: no service; an error */
        bool asked;                        /* the first query has been made; later ones must not start the service */
        struct session_list sessions;      /* of the current query */
        char *owner;                       /* the bus name of the instance of the service that sent the latest list of sessions */
};

#endif
