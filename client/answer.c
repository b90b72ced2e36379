/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the reply to OpenSession(). Unknown details are skipped; known ones must have the right type, and the ring a supported
 * version. */

#include "client/answer.h"

#include <errno.h>
#include <string.h>

struct details {
        uint32_t slot, cookie, version;
        const char *rung, *kick;
};

static int read_detail(sd_bus_message *m, struct details *details) {
        const char *key;
        int r = sd_bus_message_read_basic(m, 's', &key);

        if (r < 0)
                return r;
        if (strcmp(key, "slot") == 0)
                return sd_bus_message_read(m, "v", "u", &details->slot);
        if (strcmp(key, "cookie") == 0)
                return sd_bus_message_read(m, "v", "u", &details->cookie);
        if (strcmp(key, "ring-version") == 0)
                return sd_bus_message_read(m, "v", "u", &details->version);
        if (strcmp(key, "rung") == 0)
                return sd_bus_message_read(m, "v", "s", &details->rung);
        if (strcmp(key, "kick") == 0)
                return sd_bus_message_read(m, "v", "s", &details->kick);
        return sd_bus_message_skip(m, "v");
}

static int read_details(sd_bus_message *m, struct details *details) {
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_detail(m, details);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int check_details(const struct details *details, struct answer *answer) {
        if (details->version != GOVERNORD_RING_VERSION)
                return -EPROTONOSUPPORT;
        /* Only the version of the ring and the kind of kick determine how to report. The rung is shown to users; a later service
         * may return another one. */
        if (strcmp(details->rung, "bpf") == 0)
                answer->rung = GOV_QOS_RUNG_BPF;
        else if (strcmp(details->rung, "user") == 0)
                answer->rung = GOV_QOS_RUNG_USER;
        else
                answer->rung = GOV_QOS_RUNG_OTHER;
        if (strcmp(details->kick, "bpf") == 0)
                answer->kick = KICK_BPF;
        else if (strcmp(details->kick, "eventfd") == 0)
                answer->kick = KICK_EVENTFD;
        answer->slot = details->slot;
        answer->cookie = details->cookie;
        return 0;
}

int answer_read(sd_bus_message *m, struct answer *ret) {
        struct answer answer = { .ring_fd = -1, .kick_fd = -1, .kick = KICK_NONE };
        struct details details = { .version = GOVERNORD_RING_VERSION, .rung = "", .kick = "" };
        const char *path;
        int r = sd_bus_message_read(m, "ohh", &path, &answer.ring_fd, &answer.kick_fd);

        if (r >= 0 && strlen(path) < sizeof(answer.path))
                (void) strcpy(answer.path, path);
        else
                r = -EBADMSG;
        if (r >= 0)
                r = read_details(m, &details);
        r = r < 0 ? -EBADMSG : check_details(&details, &answer);
        *ret = answer;
        return r;
}
