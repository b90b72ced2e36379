/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/requests.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/manager/events.h"
#include "core/manager/manager-private.h"
#include "core/manager/settle.h"

/* Maximum number of requests, which limits the duration of a switch. Root has its own count, so that other users cannot use up its
 * share. */
#define REQUESTS_MAX 4096

/* Returns the DIRTY_* bits for requests that were added or have ended: another profile may be due, or other limits. */
static uint32_t dirty_by(const struct manager *manager) {
        return DIRTY_CHOICE | (manager->changed & CHANGED_LEVELS ? DIRTY_PLAN : 0);
}

static void requests_ended(struct manager *manager, const char *cause, const char *who) {
        (void) manager_settle(manager, &(struct turn){ .dirty = dirty_by(manager), .cause = cause, .who = who });
}

int requests_on_deadline(sd_event_source *source, uint64_t usec, void *userdata) {
        struct manager *manager = userdata;

        for (size_t i = manager->requests.n; i-- > 0;) {
                struct request *request = manager->requests.items[i];

                if (request->deadline_usec > 0 && request->deadline_usec <= usec)
                        manager_end_request(manager, request, "deadline");
        }
        requests_ended(manager, "deadline of a request", NULL);
        return 0;
}

static int on_process_end(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        struct manager *manager = userdata;

        for (size_t i = manager->requests.n; i-- > 0;)
                if (manager->requests.items[i]->source == source) {
                        manager_end_request(manager, manager->requests.items[i], "owner-gone");
                        break;
                }
        requests_ended(manager, "the process of a request ended", NULL);
        return 0;
}

static int check_profile_request(const struct manager *manager, const struct request *request, struct message *ret) {
        const char *name = request->profile ? request->profile : "";
        const struct profile *profile = config_profile(manager->config, name);

        if (!profile)
                return message_error(ret, -ENOENT, "There is no profile '%.*s'", text_cut(name, 64), name);
        if (!manager->available[profile->base])
                return message_error(ret, -EOPNOTSUPP, "Profile '%s' is not available on this machine", profile->name);
        return 0;
}

static int check_level_request(const struct manager *manager, const struct request *request, struct message *ret) {
        char domain[24];

        if (request->floor < -1 || request->floor > LEVEL_MAX || request->ceiling < -1 || request->ceiling > LEVEL_MAX)
                return message_error(ret, -EINVAL, "A level must be 0 to %d, or -1 for none; got floor %d, ceiling %d", LEVEL_MAX,
                                     request->floor, request->ceiling);
        if (request->floor < 0 && request->ceiling < 0 && request->door != DOOR_PERSISTENT)
                return message_error(ret, -EINVAL, "Neither a floor nor a ceiling was given");
        if (request->floor >= 0 && request->ceiling >= 0 && request->floor > request->ceiling)
                return message_error(ret, -EINVAL, "The floor %d is above the ceiling %d", request->floor, request->ceiling);
        if (machine_has_domain(&manager->machine, request->scope, request->domain))
                return 0;
        domain_format(domain, sizeof(domain), request->scope, request->domain);
        return message_error(ret, -ENXIO, "This machine has no domain '%s'", domain);
}

static int check_quota(const struct manager *manager, const struct request *request, struct message *ret) {
        const struct config *config = manager->config;
        bool root = request->uid == 0;

        if (requests_count_owner(&manager->requests, request->owner) >= config->requests_per_client_max)
                return message_error(ret, -EDQUOT, "A client may have %u request%s at a time (max-requests-per-client)",
                                     config->requests_per_client_max, text_plural(config->requests_per_client_max));
        if (!root && requests_count_user(&manager->requests, request->uid) >= config->requests_per_user)
                return message_error(ret, -EDQUOT, "A user may have %u request%s at a time (requests-per-user)",
                                     config->requests_per_user, text_plural(config->requests_per_user));
        if (requests_count_root(&manager->requests, root) >= REQUESTS_MAX)
                return message_error(ret, -EDQUOT, "There are %d requests already, which is the maximum", REQUESTS_MAX);
        return 0;
}

static int check_request(const struct manager *manager, const struct request *request, struct message *ret) {
        int r = request->door == DOOR_PERSISTENT ? 0 : check_quota(manager, request, ret);

        if (r < 0)
                return r;
        return request->kind == REQUEST_PROFILE ? check_profile_request(manager, request, ret) :
                                                  check_level_request(manager, request, ret);
}

static int take_in(struct manager *manager, const struct request *template, struct request **ret) {
        struct request copy = *template;
        int r;

        if (copy.profile)
                copy.profile = config_profile(manager->config, copy.profile)->name;
        if (copy.deadline_usec > 0 && __builtin_add_overflow(copy.deadline_usec, clock_usec(CLOCK_BOOTTIME), &copy.deadline_usec))
                copy.deadline_usec = 0; /* later than the clock can represent: never */
        copy.who = NULL;
        r = requests_add(&manager->requests, &copy, ret);
        if (r < 0)
                return r;
        if ((*ret)->pidfd >= 0) {
                sd_event_source *source = NULL;

                if (sd_event_add_io(manager->event, &source, (*ret)->pidfd, EPOLLIN, on_process_end, manager) >= 0)
                        (*ret)->source = source;
        }
        manager->changed |= copy.kind == REQUEST_PROFILE ? CHANGED_HOLDS : CHANGED_LEVELS;
        return 0;
}

static void describe(const struct request *request, char *ret, size_t size) {
        const char *application = request->application[0] ? request->application : "a client";
        int length = text_cut(application, 64);

        if (request->kind == REQUEST_PROFILE)
                (void) text_format(ret, size, "hold of %s by %.*s", request->profile, length, application);
        else if (request->floor < 0 && request->ceiling < 0)
                (void) text_format(ret, size, "level removed by %.*s", length, application);
        else if (request->floor < 0)
                (void) text_format(ret, size, "ceiling %d by %.*s", request->ceiling, length, application);
        else if (request->ceiling < 0)
                (void) text_format(ret, size, "floor %d by %.*s", request->floor, length, application);
        else
                (void) text_format(ret, size, "floor %d and ceiling %d by %.*s", request->floor, request->ceiling, length,
                                   application);
}

int manager_request(struct manager *manager, const struct request *template, uint32_t *ret_cookie, struct message *ret) {
        struct request *request;
        char cause[CAUSE_MAX];
        int r;

        events_probe_late_drivers(manager, true);
        r = check_request(manager, template, ret);
        if (r < 0)
                return r;
        r = take_in(manager, template, &request);
        if (r < 0)
                return r;
        describe(request, cause, sizeof(cause));
        *ret_cookie = request->cookie;
        r = manager_settle(
                manager,
                &(struct turn){ .dirty = dirty_by(manager), .cause = cause, .who = template->who, .added = request, .ret = ret });
        if (r >= 0)
                return 0;
        request->source = sd_event_source_disable_unref(request->source);
        request->pidfd = -1; /* the caller keeps ownership */
        requests_remove(&manager->requests, request);
        manager->changed &= ~(CHANGED_HOLDS | CHANGED_LEVELS);
        (void) manager_settle(manager, &(struct turn){ .dirty = DIRTY_CHOICE, .cause = "a request could not be fulfilled" });
        return r;
}

int manager_release(struct manager *manager, uint32_t cookie, const char *owner, const char *who) {
        struct request *request = requests_find(&manager->requests, cookie);

        if (!request || request->door == DOOR_PERSISTENT)
                return -ENOENT;
        if (owner && strcmp(request->owner, owner) != 0)
                return -EPERM;
        manager_end_request(manager, request, "released");
        requests_ended(manager, "release of a request", who);
        return 0;
}

void manager_owner_gone(struct manager *manager, const char *owner) {
        bool any = false;

        for (size_t i = manager->requests.n; i-- > 0;) {
                struct request *request = manager->requests.items[i];

                if (request->door == DOOR_PERSISTENT || strcmp(request->owner, owner) != 0)
                        continue;
                manager_end_request(manager, request, "owner-gone");
                any = true;
        }
        if (any)
                requests_ended(manager, "the owner of a request left the bus", NULL);
}

const struct requests *manager_requests(const struct manager *manager) {
        return &manager->requests;
}

/* -- the administrator's lasting levels -- */

static bool same_domain(const struct state_level *a, const struct state_level *b) {
        return a->scope == b->scope && a->domain == b->domain;
}

static bool is_saved(const struct state *state, const struct state_level *level) {
        for (uint32_t i = 0; i < state->n_levels; i++)
                if (same_domain(&state->levels[i], level))
                        return true;
        return false;
}

/* Saved levels of domains that do not exist at the moment are kept. */
static void remember_level(struct state *state, const struct state_level *level) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < state->n_levels; i++)
                if (!same_domain(&state->levels[i], level))
                        state->levels[n++] = state->levels[i];
        if ((level->floor >= 0 || level->ceiling >= 0) && n < STATE_LEVELS_MAX)
                state->levels[n++] = *level;
        state->n_levels = n;
}

static struct request persistent(const struct state_level *level) {
        return (struct request){
                .kind = REQUEST_LEVEL,
                .door = DOOR_PERSISTENT,
                .owner = (char *) "",
                .application = (char *) "the administrator",
                .reason = (char *) "",
                .pidfd = -1,
                .scope = level->scope,
                .domain = level->domain,
                .floor = level->floor,
                .ceiling = level->ceiling,
        };
}

int manager_set_level(struct manager *manager, uint32_t scope, uint32_t domain, int floor, int ceiling, const char *who,
                      struct message *ret) {
        const struct state_level level = { .scope = scope, .domain = domain, .floor = floor, .ceiling = ceiling };
        struct request *request = requests_find_persistent(&manager->requests, scope, domain), template = persistent(&level);
        int old_floor = request ? request->floor : -1, old_ceiling = request ? request->ceiling : -1;
        const bool removes = floor < 0 && ceiling < 0;
        char cause[CAUSE_MAX];
        int r;

        /* if its domain is absent, or was at the start, a saved level has no request, and can be removed all the same */
        r = removes && is_saved(&manager->state, &level) ? 0 : check_level_request(manager, &template, ret);
        if (r >= 0 && !request && !removes && manager->state.n_levels >= STATE_LEVELS_MAX)
                r = message_error(ret, -EDQUOT, "Levels can be saved for at most %d domains", STATE_LEVELS_MAX);
        if (r < 0)
                return r;
        if (!request && removes) {
                remember_level(&manager->state, &level);
                (void) manager_settle(manager, &(struct turn){ .dirty = DIRTY_STATE });
                return 0;
        }
        if (!request)
                r = take_in(manager, &template, &request);
        if (r < 0)
                return r;
        request->floor = floor;
        request->ceiling = ceiling;
        manager->changed |= CHANGED_LEVELS;
        describe(&template, cause, sizeof(cause));
        r = manager_settle(
                manager,
                &(struct turn){ .dirty = DIRTY_CHOICE | DIRTY_PLAN, .cause = cause, .who = who, .added = request, .ret = ret });
        if (r >= 0)
                remember_level(&manager->state, &level);
        else {
                request->floor = old_floor;
                request->ceiling = old_ceiling;
        }
        if (request->floor < 0 && request->ceiling < 0)
                manager_end_request(manager, request, "released");
        (void) manager_settle(manager, &(struct turn){ .dirty = r < 0 ? 0 : DIRTY_STATE });
        return r;
}

void requests_restore(struct manager *manager) {
        for (uint32_t i = 0; i < manager->state.n_levels; i++) {
                struct request template = persistent(&manager->state.levels[i]), *request;
                struct message message;

                if (check_level_request(manager, &template, &message) < 0)
                        (void) log_warning(0, "A saved level is kept, but has no effect: %s", message.text);
                else
                        (void) take_in(manager, &template, &request);
        }
}
