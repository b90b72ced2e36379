/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A request is a demand with an owner, a reason and an end. This module only stores requests: core/decide/arbiter.c defines their
 * effect, and the manager watches for their end. */

enum request_kind { REQUEST_PROFILE, REQUEST_LEVEL };

/* The interface through which a request arrived. The end of the request is signalled to its owner on the same interface.
 * DOOR_PERSISTENT: a lasting level of the administrator, which has no owner. */
enum request_door { DOOR_PPD, DOOR_PPD_LEGACY, DOOR_GOVERNORD, DOOR_PERSISTENT };

/* The effect of a request. If a request acts on several knobs, the highest value among these knobs counts. */
enum request_effect {
        EFFECT_NO_MACHINE,
        EFFECT_NO_KNOB,
        EFFECT_NO_LOWER_LIMIT, /* of a floor: levels act on an upper limit of the domain, but on no lower limit */
        EFFECT_NO_UPPER_LIMIT, /* of a ceiling: levels act on a lower limit of the domain, which the ceiling does not change */
        EFFECT_OVERRULED,
        EFFECT_FAILED,
        EFFECT_OTHER_HOLD,
        EFFECT_UNAVAILABLE,
        EFFECT_YES
};

struct request {
        uint32_t cookie; /* never 0; reused only after all other numbers */
        enum request_kind kind;
        enum request_door door;
        char *owner; /* unique bus name; "" for DOOR_PERSISTENT */
        char *application;
        char *reason;
        uid_t uid;              /* user of the owner */
        pid_t pid;              /* 0: unknown */
        const char *who;        /* in templates only: the program that makes the request, for the history; NULL: the service */
        int pidfd;              /* -1 none */
        const char *profile;    /* REQUEST_PROFILE: interned name */
        uint32_t scope, domain; /* REQUEST_LEVEL */
        int floor, ceiling;     /* 0..1024, -1 none */
        /* as of the latest manager_weigh_requests(); a hold uses only floor_effect */
        enum request_effect floor_effect, ceiling_effect;
        uint64_t deadline_usec; /* CLOCK_BOOTTIME, so that time in suspend counts; 0 none */
        void *source;           /* the manager's event source for pidfd */
        const char *end_reason; /* after its end: a constant text */
        struct request *next_ended;
};

struct requests {
        struct request **items; /* in order of arrival */
        size_t n;
        uint32_t last_cookie;
        /* requests that have ended and are still to be reported, in the order of their end; last_ended is NULL if there are none */
        struct request *ended, **last_ended;
};

/* Maximum length in bytes of owner, application and reason; longer texts are truncated at a UTF-8 boundary. */
#define REQUEST_TEXT_MAX 256

/* Copies `template` including its texts, assigns a cookie and appends the copy. Takes ownership of pidfd only on success. Returns 0
 * and sets *ret, or -ENOMEM. */
int requests_add(struct requests *requests, const struct request *template, struct request **ret);
/* Removes and frees the request and closes its pidfd. */
void requests_remove(struct requests *requests, struct request *request);
/* Removes the request and keeps it in `ended` until requests_take_ended(). `reason` is a constant text. */
void requests_end(struct requests *requests, struct request *request, const char *reason);
/* Removes and returns the request that ended first, NULL none. The caller frees it. */
struct request *requests_take_ended(struct requests *requests);
void request_free(struct request *request);
/* Frees all requests, including those that ended. */
void requests_clear(struct requests *requests);
struct request *requests_find(const struct requests *requests, uint32_t cookie);
/* Returns the persistent level request of a domain, or NULL. */
struct request *requests_find_persistent(const struct requests *requests, uint32_t scope, uint32_t domain);
/* Count requests, without those of DOOR_PERSISTENT: of one user; of root, or with `root` false of all other users together; of one
 * bus name. */
size_t requests_count_user(const struct requests *requests, uid_t uid);
size_t requests_count_root(const struct requests *requests, bool root);
size_t requests_count_owner(const struct requests *requests, const char *owner);
/* Returns the earliest deadline (CLOCK_BOOTTIME, microseconds), 0 if there is none. */
uint64_t requests_next_deadline(const struct requests *requests);

#endif
