/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One query of governorctl top: three concurrent calls. They are asynchronous, so that keys work even if the service hangs. The first
 * query may start the service by bus activation; later ones must not start a service that a user has stopped. */

#include "tools/top/top-look.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "include/governord/bus-errors.h"
#include "tools/common/bus.h"
#include "tools/common/columns.h"
#include "tools/common/xalloc.h"
#include "tools/top/top-show.h"

#define ANSWER_USEC UINT64_C(5000000)

/* -- answers -- */

void top_set_problem(struct top *top, const char *problem, const char *text) {
        free(top->model.problem_text);
        top->model.problem_text = text ? xstrdup(text) : NULL;
        top->model.problem = problem;
}

static void finish_look(struct top *top) {
        if (top->absent) {
                session_list_free(&top->sessions);
                top_model_forget(&top->model);
                top_set_problem(top, "governord does not answer, waiting for it; systemctl status governord shows more", NULL);
        } else {
                top->model.running = top->model.manager.active != NULL;
                top_model_sessions(&top->model, &top->sessions, top->counted ? clock_usec(CLOCK_MONOTONIC) : 0);
                if (!top->failed)
                        top_set_problem(top, NULL, NULL);
        }
        top_show(top);
}

/* Handles error replies. Returns true if the message is not an error. */
static bool is_answer(struct top *top, sd_bus_message *m) {
        const sd_bus_error *error = sd_bus_message_get_error(m);
        const char *sender, *text;
        enum gov_bus_error kind;

        if (!error)
                return true;
        sender = sd_bus_message_get_sender(m);
        kind = gov_bus_error(error->name, error->message, sender);
        text = gov_bus_error_text(kind);
        if (kind >= GOV_BUS_ERROR_ABSENT && kind <= GOV_BUS_ERROR_SILENT)
                top->absent = true;
        else if (!top->failed)
                top_set_problem(top, text ? text : "governord answered with an error",
                                error->message ? error->message : error->name);
        top->failed = true;
        return false;
}

static int answered(struct top *top, int r) {
        if (r < 0) {
                top_set_problem(top,
                                "the answer of governord has an unknown format; its version may differ from that of governorctl",
                                NULL);
                top->failed = true;
        }
        if (--top->pending == 0)
                finish_look(top);
        return 0;
}

static int on_manager(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct top *top = userdata;
        struct manager manager;
        int r = 0;

        (void) error;
        if (is_answer(top, m)) {
                r = manager_read(m, &manager);
                if (r >= 0) {
                        manager_free(&top->model.manager);
                        top->model.manager = manager;
                }
        }
        return answered(top, r);
}

/* The service may have been restarted between two queries, and its sessions then have the paths of former ones. */
static void note_owner(struct top *top, const char *owner) {
        if (!owner || (top->owner && strcmp(top->owner, owner) == 0))
                return;
        top_model_forget_history(&top->model);
        free(top->owner);
        top->owner = xstrdup(owner);
}

static int on_objects(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct top *top = userdata;
        int r = 0;

        (void) error;
        session_list_free(&top->sessions);
        if (is_answer(top, m)) {
                note_owner(top, sd_bus_message_get_sender(m));
                r = session_list_read(m, &top->sessions);
        }
        return answered(top, r);
}

static int on_cpus(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct top *top = userdata;
        struct rows cpus;
        int r = 0;

        (void) error;
        if (is_answer(top, m)) {
                r = rows_read(&cpus, &cpu_columns, m);
                if (r >= 0) {
                        rows_free(&top->model.cpus);
                        top->model.cpus = cpus;
                }
        }
        return answered(top, r);
}

/* -- calls -- */

static int start_call(struct top *top, const char *interface, const char *member, const char *argument,
                      sd_bus_message_handler_t handler) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r = sd_bus_message_new_method_call(top->cli->bus, &m, MANAGER_NAME, MANAGER_PATH, interface, member);

        if (r >= 0 && argument)
                r = sd_bus_message_append(m, "s", argument);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, !top->asked);
        if (r >= 0)
                r = sd_bus_call_async(top->cli->bus, NULL, m, handler, top, ANSWER_USEC);
        if (r >= 0)
                top->pending++;
        return r;
}

/* Only one query is in progress at a time. If another one is requested meanwhile, none is started; with `counted`, the one in
 * progress becomes an update. */
int top_look(struct top *top, bool counted) {
        int r;

        if (top->pending > 0) {
                top->counted = top->counted || counted;
                return 0;
        }
        top->counted = counted;
        top->outdated = top->absent = top->failed = false;
        r = start_call(top, PROPERTIES_INTERFACE, "GetAll", MANAGER_INTERFACE, on_manager);
        if (r >= 0)
                r = start_call(top, OBJECTS_INTERFACE, "GetManagedObjects", NULL, on_objects);
        if (r >= 0)
                r = start_call(top, MANAGER_INTERFACE, "ListCpus", NULL, on_cpus);
        top->asked = true;
        return r;
}
