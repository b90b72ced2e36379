/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joins a generic netlink group and passes its messages to a callback. The messages are parsed elsewhere, so that tests can run the
 * parsers on crafted messages without a socket. With PrivateNetwork= in the unit the group can be joined, but no events arrive: the
 * kernel sends them only to the initial network namespace. */

#include "core/watch/genl.h"

#include <errno.h>
#include <linux/filter.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/cleanup.h"

struct genl {
        struct nl_sock *socket;
        sd_event_source *source;
        genl_callback callback;
        void *userdata;
};

static int nl_error(int r) {
        switch (-r) {
        case NLE_OBJ_NOTFOUND:
        case NLE_OPNOTSUPP:
        case NLE_PROTO_MISMATCH:
                return -EOPNOTSUPP;
        case NLE_AF_NOSUPPORT:
                return -EAFNOSUPPORT;
        case NLE_PERM:
        case NLE_NOACCESS:
                return -EPERM;
        case NLE_NOMEM:
                return -ENOMEM;
        default:
                return -EIO;
        }
}

static int valid_message(struct nl_msg *message, void *userdata) {
        struct genl *genl = userdata;

        genl->callback(nlmsg_hdr(message), genl->userdata);
        return NL_OK;
}

static int readable(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        struct genl *genl = userdata;
        int r = nl_recvmsgs_default(genl->socket);

        (void) source, (void) fd, (void) revents;
        if (r == -NLE_NOMEM) /* ENOBUFS */
                genl->callback(NULL, genl->userdata);
        return 0;
}

static int join(struct genl *genl, const char *family, const char *group) {
        int r;

        genl->socket = nl_socket_alloc();
        if (!genl->socket)
                return -ENOMEM;
        r = genl_connect(genl->socket);
        if (r >= 0)
                r = genl_ctrl_resolve_grp(genl->socket, family, group);
        if (r >= 0)
                r = nl_socket_add_membership(genl->socket, r);
        if (r >= 0)
                r = nl_socket_set_nonblocking(genl->socket);
        if (r < 0)
                return nl_error(r);
        nl_socket_disable_seq_check(genl->socket); /* events have no sequence numbers */
        r = nl_socket_modify_cb(genl->socket, NL_CB_VALID, NL_CB_CUSTOM, valid_message, genl);
        return r < 0 ? nl_error(r) : 0;
}

int genl_new(sd_event *event, const char *family, const char *group, genl_callback callback, void *userdata, struct genl **ret) {
        struct genl *genl = calloc(1, sizeof(*genl));
        int r;

        if (!genl)
                return -ENOMEM;
        genl->callback = callback;
        genl->userdata = userdata;
        r = join(genl, family, group);
        if (r >= 0)
                r = sd_event_add_io(event, &genl->source, nl_socket_get_fd(genl->socket), EPOLLIN, readable, genl);
        if (r < 0) {
                (void) genl_free(genl);
                return r;
        }
        *ret = genl;
        return 0;
}

struct genl *genl_free(struct genl *genl) {
        if (!genl)
                return NULL;
        (void) sd_event_source_disable_unref(genl->source);
        nl_socket_free(genl->socket);
        free(genl);
        return NULL;
}

int genl_fd(const struct genl *genl) {
        return nl_socket_get_fd(genl->socket);
}

int genl_drop(int fd, uint8_t command) {
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NLMSG_HDRLEN + offsetof(struct genlmsghdr, cmd)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, command, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
                BPF_STMT(BPF_RET | BPF_K, UINT32_MAX), /* the whole message */
        };
        const struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

        return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno : 0;
}
