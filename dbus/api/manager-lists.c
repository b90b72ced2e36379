/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Read-only methods of Manager1; ListGovernors and ListSessions are in governor-methods.c and session-open.c. They need no
 * authorization. Most return an array of structs, to which each callback of the manager adds a row. A reply is sent when all its
 * rows have been built; if one fails, an error is sent instead. */

#include "dbus/api/manager-lists.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "dbus/bus/allowance.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/describe.h"
#include "dbus/bus/errors.h"
#include "dbus/bus/marshal.h"

struct list {
        sd_bus_message *reply;
        const char *row;             /* type of the struct, without parentheses */
        struct allowance *allowance; /* of the caller's user */
};

static void list_done(struct list *list) {
        sd_bus_message_unref(list->reply);
}

#define LIST_TYPE_MAX 32

static int list_begin(struct list *list, struct bus *bus, sd_bus_message *call, const char *row, sd_bus_error *error) {
        char type[LIST_TYPE_MAX];
        int r = allowance_get(bus, call, &list->allowance, error);

        list->row = row;
        if (r >= 0)
                r = sd_bus_message_new_method_return(call, &list->reply);
        if (r >= 0)
                r = TEXT_FORMAT(type, "(%s)", row);
        return r < 0 ? r : sd_bus_message_open_container(list->reply, 'a', type);
}

static int list_send(struct list *list) {
        int r = sd_bus_message_close_container(list->reply);

        if (r >= 0)
                r = sd_bus_send(NULL, list->reply, NULL);
        return r < 0 ? r : 1;
}

static int row_begin(struct list *list) {
        allowance_take(list->allowance, 1);
        return sd_bus_message_open_container(list->reply, 'r', list->row);
}

static int row_end(struct list *list, int r) {
        return r < 0 ? r : sd_bus_message_close_container(list->reply);
}

static int add_texts(struct list *list, const char *const *texts, size_t n) {
        int r = row_begin(list);

        if (r >= 0)
                r = append_texts(list->reply, texts, n);
        return row_end(list, r);
}

static uint64_t usec_left(uint64_t deadline) {
        uint64_t now = clock_usec(CLOCK_BOOTTIME);

        if (deadline == 0)
                return 0;
        return deadline > now ? deadline - now : 1; /* the deadline has passed; 0 would mean that there is none */
}

static int add_request_row(struct list *list, const struct request *request, const struct request_row *row) {
        const char *const texts[] = { row->kind, row->domain, row->value, request->application, request->reason, request->owner };
        int effective = row->effect == EFFECT_YES, r = row_begin(list);

        if (r >= 0)
                r = sd_bus_message_append(list->reply, "u", request->cookie);
        if (r >= 0)
                r = append_texts(list->reply, texts, ARRAY_SIZE(texts));
        if (r >= 0)
                r = sd_bus_message_append(list->reply, "utb", (uint32_t) request->pid, usec_left(request->deadline_usec),
                                          effective);
        if (r >= 0)
                r = append_text(list->reply, request_effect_note(row->effect));
        return row_end(list, r);
}

static int add_request(struct list *list, const struct request *request) {
        struct request_row rows[REQUEST_ROWS_MAX];
        size_t n = describe_request(request, rows);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n; i++)
                r = add_request_row(list, request, &rows[i]);
        return r;
}

/* Cost of a plan for all knobs, in rows. Each value that is read for it costs another row. */
#define WEIGHING_COST 64

int manager_method_list_requests(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(list_done) struct list list = {};
        struct bus *bus = userdata;
        const struct requests *requests = manager_requests(bus->manager);
        int r = list_begin(&list, bus, call, "ussssssutbs", error);

        if (r >= 0) {
                allowance_take(list.allowance, WEIGHING_COST);
                allowance_take(list.allowance, manager_weigh_requests(bus->manager));
        }
        for (size_t i = 0; r >= 0 && i < requests->n; i++)
                r = add_request(&list, requests->items[i]);
        return r < 0 ? r : list_send(&list);
}

static int add_driver(const struct driver_view *driver, void *userdata) {
        const char *const texts[] = {
                driver->name, driver->description, driver->backend, driver->mode, driver->state, driver->note
        };
        struct list *list = userdata;
        int r = row_begin(list);

        if (r >= 0)
                r = append_texts(list->reply, texts, ARRAY_SIZE(texts));
        if (r >= 0)
                r = sd_bus_message_append(list->reply, "u", driver->n_knobs);
        return row_end(list, r);
}

static int add_counter(const char *name, uint64_t value, const char *help, void *userdata) {
        struct list *list = userdata;
        int r = row_begin(list);

        if (r >= 0)
                r = sd_bus_message_append(list->reply, "sts", name, value, help);
        return row_end(list, r);
}

int manager_method_get_statistics(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(list_done) struct list list = {};
        struct bus *bus = userdata;
        int r = list_begin(&list, bus, call, "sts", error);

        if (r >= 0)
                r = manager_each_counter(bus->manager, add_counter, &list);
        return r < 0 ? r : list_send(&list);
}

int manager_method_list_drivers(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(list_done) struct list list = {};
        struct bus *bus = userdata;
        int r = list_begin(&list, bus, call, "ssssssu", error);

        if (r >= 0)
                r = manager_each_driver(bus->manager, add_driver, &list);
        return r < 0 ? r : list_send(&list);
}

/* "" means all domains. */
static int read_domain(sd_bus_message *call, uint32_t *ret_scope, uint32_t *ret_number, sd_bus_error *error) {
        const char *domain;
        int r = sd_bus_message_read(call, "s", &domain);

        *ret_scope = GOV_SCOPE_COUNT;
        *ret_number = 0;
        if (r < 0 || !domain[0])
                return r;
        if (domain_parse(domain, ret_scope, ret_number) < 0)
                return sd_bus_error_setf(error, ERROR_NO_SUCH_DOMAIN, "There is no domain '%s'", domain);
        return 0;
}

static int add_knob(const struct knob_view *knob, void *userdata) {
        const char *const texts[] = { knob->domain, knob->knob, knob->value, knob->original, knob->wanted, knob->unit, knob->range,
                                      knob->driver, knob->path, knob->state, knob->message,  knob->label,  knob->help };

        return add_texts(userdata, texts, ARRAY_SIZE(texts));
}

/* Only root gets the values of energy counters, because they are a side channel. */
int manager_method_list_knobs(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(list_done) struct list list = {};
        struct bus *bus = userdata;
        uint32_t scope, number;
        int r = read_domain(call, &scope, &number, error);

        if (r >= 0)
                r = list_begin(&list, bus, call, "sssssssssssss", error);
        if (r < 0)
                return r;
        r = manager_each_knob(bus->manager, scope, number, caller_is_root(bus, call), add_knob, &list);
        return r < 0 ? error_set(error, r, NULL) : list_send(&list);
}

static int add_explanation(const struct explain_view *knob, void *userdata) {
        const char *const texts[] = { knob->domain, knob->knob,    knob->now,    knob->then,
                                      knob->unit,   knob->limiter, knob->driver, knob->label };

        return add_texts(userdata, texts, ARRAY_SIZE(texts));
}

int manager_method_explain(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(list_done) struct list list = {};
        struct bus *bus = userdata;
        const char *what;
        int r = sd_bus_message_read(call, "s", &what);

        if (r >= 0)
                r = list_begin(&list, bus, call, "ssssssss", error);
        if (r < 0)
                return r;
        r = manager_explain(bus->manager, what, add_explanation, &list);
        if (r == -ENOENT)
                return sd_bus_error_setf(error, ERROR_INVALID_PROFILE, "'%.*s' is neither a profile nor a level from 0 to 1024",
                                         text_cut(what, 64), what);
        return r < 0 ? error_set(error, r, NULL) : list_send(&list);
}

static int add_change(const struct change_view *change, void *userdata) {
        const char *const texts[] = {
                change->domain, change->knob, change->old_value, change->new_value, change->cause, change->who
        };
        struct list *list = userdata;
        int r = row_begin(list);

        if (r >= 0)
                r = sd_bus_message_append(list->reply, "t", change->usec);
        if (r >= 0)
                r = append_texts(list->reply, texts, ARRAY_SIZE(texts));
        return row_end(list, r);
}

int manager_method_why(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(list_done) struct list list = {};
        struct bus *bus = userdata;
        uint32_t scope, number;
        int r = read_domain(call, &scope, &number, error);

        if (r >= 0)
                r = list_begin(&list, bus, call, "tssssss", error);
        if (r < 0)
                return r;
        r = manager_why(bus->manager, scope, number, add_change, &list);
        return r < 0 ? error_set(error, r, NULL) : list_send(&list);
}

static int add_cpu(const struct cpu_view *cpu, void *userdata) {
        const struct gov_cpu_facts *facts = &cpu->facts;
        struct list *list = userdata;

        allowance_take(list->allowance, 1);
        return sd_bus_message_append(list->reply, "(uuusuttttbuuttt)", cpu->cpu, cpu->policy, cpu->package,
                                     describe_core_kind(facts->kind), facts->capacity, facts->min_khz, facts->efficient_khz,
                                     facts->base_khz, facts->max_khz, (int) cpu->online, cpu->floor, cpu->ceiling, cpu->now_khz,
                                     cpu->idle_usec, cpu->total_usec);
}

/* Costs more than its rows: it reads /proc/stat, for which the kernel sums up the counters of all CPUs and interrupts. */
int manager_method_list_cpus(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(list_done) struct list list = {};
        struct bus *bus = userdata;
        int r = list_begin(&list, bus, call, "uuusuttttbuuttt", error);

        if (r >= 0)
                allowance_take(list.allowance, ALLOWANCE_QUESTION);
        if (r >= 0)
                r = manager_each_cpu_now(bus->manager, add_cpu, &list);
        return r < 0 ? r : list_send(&list);
}

/* Number of bytes of text that cost as much as one row. */
#define DUMP_ROW 64

int manager_method_dump(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        _cleanup_(list_done) struct list list = {};
        _cleanup_free_ char *text = NULL;
        struct bus *bus = userdata;
        int r = allowance_get(bus, call, &list.allowance, error);

        if (r >= 0)
                r = manager_dump(bus->manager, &text);
        if (r >= 0)
                allowance_take(list.allowance, strlen(text) / DUMP_ROW);
        if (r >= 0)
                r = sd_bus_message_new_method_return(call, &list.reply);
        if (r >= 0)
                r = append_text(list.reply, text);
        if (r >= 0)
                r = sd_bus_send(NULL, list.reply, NULL);
        return r < 0 ? r : 1;
}
