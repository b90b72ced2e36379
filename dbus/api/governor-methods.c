/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods ListGovernors and LoadGovernor of Manager1: they list the governors of the engine (eBPF files, or policies that are
 * compiled into the service), and replace the running one. The engine implements both. */

#include "dbus/api/governor-methods.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/sessions/sessions.h"
#include "dbus/bus/allowance.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/changes.h"
#include "dbus/bus/errors.h"
#include "dbus/bus/marshal.h"

static const struct engine *engine_of(const struct bus *bus) {
        return bus->options.sessions ? sessions_engine(bus->options.sessions) : NULL;
}

static int add_governor(const struct governor_view *governor, void *userdata) {
        const char *const texts[] = { governor->name, governor->description, governor->path };
        sd_bus_message *reply = userdata;
        int r = sd_bus_message_open_container(reply, 'r', "sssubbs");

        if (r >= 0)
                r = append_texts(reply, texts, ARRAY_SIZE(texts));
        if (r >= 0)
                r = sd_bus_message_append(reply, "ubb", governor->priority, governor->fits, governor->loaded);
        if (r >= 0)
                r = append_text(reply, governor->reason);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int manager_method_list_governors(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const struct engine *engine = engine_of(userdata);
        sd_bus_message *reply = NULL;
        int r = allowance_spend(userdata, call, ALLOWANCE_QUESTION, error);

        if (r < 0)
                return r;
        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(sssubbs)");
        if (r >= 0 && engine)
                r = engine->governors(engine->userdata, add_governor, reply);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        return r < 0 ? error_set(error, r, NULL) : 1;
}

int manager_load_governor(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        const struct engine *engine = engine_of(bus);
        struct message message = {};
        const char *name;
        int r = sd_bus_message_read(call, "s", &name);

        if (r < 0)
                return r;
        if (!engine)
                return sd_bus_error_setf(error, ERROR_NOT_SUPPORTED,
                                         "This governord does not support sessions, so it cannot load a governor");
        r = engine->load(engine->userdata, name, message.text, sizeof(message.text));
        if (r == -ENOENT)
                return error_set_text(error, ERROR_NO_SUCH_GOVERNOR, message.text);
        return r < 0 ? error_set_text(error, ERROR_NOT_SUPPORTED, message.text) : bus_reply_changed(bus, call);
}
