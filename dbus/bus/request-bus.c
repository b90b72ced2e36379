/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What requests need from the bus, through whichever door they come: an owner that can be watched, a process, a reply. A request
 * of a sender that has left already is refused: nothing would ever end it. */

#include "dbus/bus/request-bus.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/changes.h"
#include "dbus/bus/owners.h"

/* The watch is asked for before the sender's pid, so that one who leaves in between is noticed by one of the two. */
static int identify(struct bus *bus, sd_bus_message *call, struct caller *ret, struct message *ret_message) {
        int r = owners_watch(bus, call, ret_message);

        if (r >= 0)
                r = caller_get(bus, call, ret);
        if (r < 0)
                owners_prune(bus); /* the sender has left, and no signal will tell of it again */
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
                return r == -ENXIO ? -ECONNRESET : r; /* -ENXIO means a domain here */
        if (!descriptors_are_left()) {
                owners_prune(bus);
                (void) TEXT_FORMAT(ret->text, "No file descriptor left for another request: try again when others have ended");
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

        /* The bus is asked about callers who may end it only: the call costs nothing else, and is open to all. */
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
