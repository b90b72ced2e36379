/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/decide/request.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static char *bounded_copy(const char *text) {
        return strndup(text ? text : "", text ? (size_t) text_cut(text, REQUEST_TEXT_MAX) : 0);
}

void request_free(struct request *request) {
        if (!request)
                return;
        free(request->owner);
        free(request->application);
        free(request->reason);
        (void) close_fd(request->pidfd);
        free(request);
}

static struct request *request_copy(const struct request *template) {
        struct request *request = malloc(sizeof(*request));

        if (!request)
                return NULL;
        *request = *template;
        request->pidfd = -1;
        request->source = NULL;
        request->end_reason = NULL;
        request->next_ended = NULL;
        request->owner = bounded_copy(template->owner);
        request->application = bounded_copy(template->application);
        request->reason = bounded_copy(template->reason);
        if (!request->owner || !request->application || !request->reason) {
                request_free(request);
                return NULL;
        }
        return request;
}

int requests_add(struct requests *requests, const struct request *template, struct request **ret) {
        struct request **items = reallocarray(requests->items, requests->n + 1, sizeof(*items));
        struct request *request;

        if (!items)
                return -ENOMEM;
        requests->items = items;
        request = request_copy(template);
        if (!request)
                return -ENOMEM;
        request->pidfd = template->pidfd;
        request->cookie = ++requests->last_cookie;
        if (request->cookie == 0) /* after 2^32 requests; 0 means "none" to gnome-settings-daemon */
                request->cookie = ++requests->last_cookie;
        items[requests->n++] = request;
        *ret = request;
        return 0;
}

static void take_out(struct requests *requests, const struct request *request) {
        for (size_t i = 0; i < requests->n; i++) {
                if (requests->items[i] != request)
                        continue;
                memmove(requests->items + i, requests->items + i + 1, (requests->n - i - 1) * sizeof(*requests->items));
                requests->n--;
                break;
        }
}

void requests_remove(struct requests *requests, struct request *request) {
        take_out(requests, request);
        request_free(request);
}

void requests_end(struct requests *requests, struct request *request, const char *reason) {
        assert(!request->end_reason); /* a request ends only once */
        take_out(requests, request);
        request->end_reason = reason;
        *(requests->last_ended ? requests->last_ended : &requests->ended) = request;
        requests->last_ended = &request->next_ended;
}

struct request *requests_take_ended(struct requests *requests) {
        struct request *request = requests->ended;

        if (!request)
                return NULL;
        requests->ended = request->next_ended;
        if (!requests->ended)
                requests->last_ended = NULL;
        return request;
}

void requests_clear(struct requests *requests) {
        struct request *request;

        for (size_t i = 0; i < requests->n; i++)
                request_free(requests->items[i]);
        while ((request = requests_take_ended(requests)))
                request_free(request);
        free(requests->items);
        requests->items = NULL;
        requests->n = 0;
}

struct request *requests_find(const struct requests *requests, uint32_t cookie) {
        for (size_t i = 0; i < requests->n; i++)
                if (requests->items[i]->cookie == cookie)
                        return requests->items[i];
        return NULL;
}

struct request *requests_find_persistent(const struct requests *requests, uint32_t scope, uint32_t domain) {
        for (size_t i = 0; i < requests->n; i++) {
                struct request *request = requests->items[i];

                if (request->door == DOOR_PERSISTENT && request->scope == scope && request->domain == domain)
                        return request;
        }
        return NULL;
}

size_t requests_count_owner(const struct requests *requests, const char *owner) {
        size_t n = 0;

        for (size_t i = 0; i < requests->n; i++)
                n += strcmp(requests->items[i]->owner, owner) == 0;
        return n;
}

size_t requests_count_user(const struct requests *requests, uid_t uid) {
        size_t n = 0;

        for (size_t i = 0; i < requests->n; i++)
                n += requests->items[i]->door != DOOR_PERSISTENT && requests->items[i]->uid == uid;
        return n;
}

size_t requests_count_root(const struct requests *requests, bool root) {
        size_t n = 0;

        for (size_t i = 0; i < requests->n; i++)
                n += requests->items[i]->door != DOOR_PERSISTENT && (requests->items[i]->uid == 0) == root;
        return n;
}

uint64_t requests_next_deadline(const struct requests *requests) {
        uint64_t next = 0;

        for (size_t i = 0; i < requests->n; i++) {
                uint64_t deadline = requests->items[i]->deadline_usec;

                if (deadline > 0 && (next == 0 || deadline < next))
                        next = deadline;
        }
        return next;
}
