/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The D-Bus part of requests, for all interfaces: watches the owner, identifies its process and sends the reply. A request fails if
 * its sender has already left the bus, because the request would never end. */

#include "dbus/bus/request-bus.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/changes.h"
#include "dbus/bus/owners.h"

/* The watch is added before the process ID is requested. If the sender has left the bus before, the bus reports no process ID; if
 * it leaves later, the watch detects this. */
static int identify(struct bus *bus, sd_bus_message *call, struct caller *ret, struct message *ret_message) {
        int r = owners_watch(bus, call, ret_message);

        if (r >= 0)
                r = caller_get(bus, call, ret);
        if (r < 0)
                owners_prune(bus); /* if the sender has left, no signal will remove its watch */
        return r;
}

static int reply_cookie(struct bus *bus, sd_bus_message *call, uint32_t cookie) {
        int r = sd_bus_reply_method_return(call, "u", cookie);

        bus_emit_changes(bus);
        return r;
}

int request_submit(struct bus *bus, sd_bus_message *call, const struct request *template, struct message *ret) {
        struct request request = *template;
        _cleanup_close_ int pidfd = -1;
        struct caller caller;
        uint32_t cookie;
        int r = identify(bus, call, &caller, ret);

        if (r < 0)
                return r == -ENXIO ? -ECONNRESET : r; /* -ENXIO would mean an unknown domain */
        if (!descriptors_are_left()) {
                owners_prune(bus);
                (void) TEXT_FORMAT(
                        ret->text,
                        "The service has no file descriptor left for another request; try again when other requests have ended");
                return -EMFILE;
        }
        pidfd = caller_pidfd(&caller);
        request.owner = (char *) sd_bus_message_get_sender(call); /* copied */
        request.uid = caller.uid;
        request.pid = caller.pid;
        request.who = caller.who;
        request.pidfd = pidfd;
        r = manager_request(bus->manager, &request, &cookie, ret);
        if (r < 0) {
                owners_prune(bus);
                return r;
        }
        (void) TAKE_FD(pidfd);
        r = reply_cookie(bus, call, cookie);
        return r < 0 ? r : 0;
}

int request_release(struct bus *bus, sd_bus_message *call, uint32_t cookie) {
        const struct request *request = requests_find(manager_requests(bus->manager), cookie);
        struct caller caller;
        int r;

        /* Any user may make this call. So that a denied call stays cheap, the bus is queried for the caller's process only after
         * the check of the owner. */
        if (!request)
                return -ESRCH;
        if (!text_equal(request->owner, sd_bus_message_get_sender(call)) && !caller_is_root(bus, call))
                return -EPERM;
        (void) caller_get(bus, call, &caller);
        r = manager_release(bus->manager, cookie, NULL, caller.who);
        return r == -ENOENT ? -ESRCH : r;
}

bool requests_owns(const struct bus *bus, const char *owner) {
        return requests_count_owner(manager_requests(bus->manager), owner) > 0;
}

void requests_owner_gone(struct bus *bus, const char *owner) {
        manager_owner_gone(bus->manager, owner);
}
