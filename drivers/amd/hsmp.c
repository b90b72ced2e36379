/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Power limit and power draw of AMD server sockets, by HSMP. Only the messages in hsmp.h are sent: the original values of fabric,
 * link and boost settings could not be restored. Limits below 1 mW or above the firmware's maximum are rejected here, because the
 * firmware does not report an error for them. */

#include "drivers/amd/hsmp.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "base/parse.h"

#define HSMP_DEVICE "dev/hsmp"
#define HSMP_IOCTL  _IOWR(0xf8, 0, struct hsmp_message)
#define UW_PER_MW   1000

static_assert(sizeof(struct hsmp_message) == 44, "layout of the kernel's struct hsmp_message");

static int send_ioctl(const struct hsmp *hsmp, struct hsmp_message *message) {
        return ioctl(hsmp->fd, HSMP_IOCTL, message) < 0 ? -errno : 0;
}

void hsmp_open(struct hsmp *hsmp, const struct gov_host *host) {
        *hsmp = (struct hsmp){ .fd = -1 };
        if (host->simulated)
                return;
        hsmp->fd = openat(host->root_fd, HSMP_DEVICE, O_RDWR | O_CLOEXEC | O_NOCTTY);
        if (hsmp->fd >= 0)
                hsmp->send = send_ioctl;
}

void hsmp_close(struct hsmp *hsmp) {
        if (hsmp->send)
                hsmp->fd = close_fd(hsmp->fd);
        hsmp->send = NULL;
}

static int query_value(const struct hsmp *hsmp, uint32_t id, uint32_t socket, uint32_t *ret) {
        struct hsmp_message message = { .id = id, .n_responses = 1, .socket = (uint16_t) socket };
        int r = hsmp->send ? hsmp->send(hsmp, &message) : -ENODEV;

        if (r < 0)
                return r == -ENOMSG ? -EOPNOTSUPP : r; /* ENOMSG: this firmware does not support the message */
        *ret = message.words[0];
        return 0;
}

int hsmp_read(const struct hsmp *hsmp, uint32_t id, uint32_t socket, char *ret, size_t size) {
        uint32_t mw;
        int r = query_value(hsmp, id, socket, &mw);

        if (r >= 0)
                r = text_format(ret, size, "%llu", (unsigned long long) mw * UW_PER_MW);
        return r < 0 ? r : (int) strlen(ret);
}

int hsmp_write_limit(const struct hsmp *hsmp, uint32_t socket, const char *value) {
        struct hsmp_message message = {
                .id = HSMP_SET_SOCKET_POWER_LIMIT,
                .n_arguments = 1,
                .socket = (uint16_t) socket,
        };
        uint32_t max_mw;
        int64_t uw;
        int r = parse_i64(value, &uw);

        if (r < 0)
                return r;
        r = query_value(hsmp, HSMP_GET_SOCKET_POWER_LIMIT_MAX, socket, &max_mw);
        if (r < 0)
                return r;
        if (uw < UW_PER_MW || uw / UW_PER_MW > max_mw)
                return -ERANGE;
        message.words[0] = (uint32_t) (uw / UW_PER_MW);
        return hsmp->send(hsmp, &message);
}

static int add_socket(const struct hsmp *hsmp, struct knobset *set, uint32_t socket, uint32_t row_limit, uint32_t row_power) {
        struct gov_instance limit = { .domain = socket, .min = UW_PER_MW, .step = UW_PER_MW };
        struct gov_instance power = { .domain = socket, .min = 1, .max = 0 };
        uint32_t max_mw = 0, now;
        int r = 0;

        if (query_value(hsmp, HSMP_GET_SOCKET_POWER_LIMIT_MAX, socket, &max_mw) >= 0 && max_mw > 0) {
                limit.max = (int64_t) max_mw * UW_PER_MW;
                r = knobset_add(set, row_limit, &limit);
        }
        if (r >= 0 && query_value(hsmp, HSMP_GET_SOCKET_POWER, socket, &now) >= 0)
                r = knobset_add(set, row_power, &power);
        return r;
}

int hsmp_add(const struct hsmp *hsmp, struct knobset *set, uint32_t row_limit, uint32_t row_power) {
        uint32_t socket, version;

        for (socket = 0; socket < HSMP_SOCKETS_MAX; socket++) {
                if (query_value(hsmp, HSMP_GET_PROTO_VER, socket, &version) < 0)
                        break;
                if (add_socket(hsmp, set, socket, row_limit, row_power) < 0)
                        return -ENOMEM;
        }
        return (int) socket;
}
