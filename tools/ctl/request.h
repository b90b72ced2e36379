/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_REQUEST_H
#define TOOLS_REQUEST_H

#include "tools/common/cli.h"

#define LEVEL_MAX  1024
#define LEVEL_NONE (-1)

/* The options of hold and launch: a profile, a range of levels, or both. Profile and range are separate requests to the service. */
struct request {
        const char *profile; /* NULL: none */
        const char *domain, *reason, *application;
        int floor, ceiling;    /* LEVEL_NONE: none */
        uint64_t timeout_usec; /* 0: none */
        uint32_t cookies[2];   /* of the requests that the service has accepted */
        size_t n_cookies;
};

/* Parses a level 0..1024: a number, or a percentage of 1024 ("60%"). Returns 0, -EINVAL or -ERANGE. */
#define LEVEL_WORDS "a level is a number from 0 to 1024, or a percentage of 1024, such as 60%%"
int level_parse(const char *text, int *ret);
/* Sets floor and ceiling from --level, --floor and --ceiling. The caller has set *ret_floor to LEVEL_NONE. Returns an exit status.
 * */
int request_levels(const struct cli *cli, int *ret_floor, int *ret_ceiling);
/* Fills *request from the options of hold and launch. The caller has set the defaults of profile, reason and application. Returns
 * an exit status. */
int request_options(const struct cli *cli, struct request *request);
/* Sends the requests. If the second one fails, the first one is released. Returns an exit status. */
int request_send(struct cli *cli, struct request *request);
/* Releases all requests. Failures are not reported, since disconnecting from the bus ends the requests as well. */
void request_release(struct cli *cli, struct request *request);
/* If the cookie is that of one of these requests, removes it and returns true. */
bool request_forget(struct request *request, uint32_t cookie);

#endif
