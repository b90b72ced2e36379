/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PLUGIN_H
#define CORE_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/machine/access.h"
#include "include/governord/driver.h"

/*
 * Driver plugins: found, trusted, opened, checked, and only then called. A plugin is never unloaded while the service runs.
 */

enum plugin_state {
        PLUGIN_LOADED,  /* probed: has a state */
        PLUGIN_ABSENT,  /* its hardware is not here */
        PLUGIN_LATER,   /* said -EAGAIN: probed again when hardware appears */
        PLUGIN_BLOCKED, /* by --block-driver or `block =` */
        PLUGIN_REFUSED, /* not trusted, wrong ABI, broken table: see note */
};

struct plugin {
        const char *name; /* file name without ".so", interned */
        int fd;           /* stays open: the dynamic linker knows the plugin by /proc/self/fd/N, which must not be reused */
        enum plugin_state state;
        char note[256];                  /* why refused, or the driver's own note */
        const struct gov_driver *driver; /* NULL when refused */
        struct gov_host host;
        void *driver_state; /* while PLUGIN_LOADED */
        struct gov_driver_info info;
        const char *mode; /* info.mode, interned */
        bool stale;       /* is to be probed (again) */

        struct access_times times;
        const struct access_transport *transport; /* NULL: the driver runs in this process */
        struct access_call *calls;                /* not answered yet, the oldest first */
        uint64_t last_cookie;
        bool abandoned; /* did not answer in time */
};

struct plugin_host {
        int root_fd;
        bool simulated, rig;
        bool trust_any_owner; /* tests and simulated machines run from a build folder */
        const char *(*option)(const char *driver, const char *key, void *userdata);
        /* Takes over a driver whose calls may block. Returns how to reach it, which stays valid until plugins_free(), or NULL: it is refused. NULL itself:
         * such drivers are refused. */
        const struct access_transport *(*transport)(struct plugin *plugin, const struct gov_driver *driver, void *userdata);
        void *userdata;
};

/* Opens every *.so of a directory, in order of name. *ret is an array of *ret_n pointers. A bad plugin is kept as PLUGIN_REFUSED.
 * 0 or negative errno (-ENOENT: no such directory). `host` must outlive them. */
int plugins_load(const char *directory, const struct plugin_host *host, struct plugin ***ret, size_t *ret_n);
void plugins_free(struct plugin **plugins, size_t n);

/* Probes; `blocked` are words that name drivers or backends. Sets state, info and note. */
void plugin_probe(struct plugin *plugin, const char *blocked);
/* Gives the state back, so that plugin_probe() may be called again. */
void plugin_remove(struct plugin *plugin);
const char *plugin_state_name(enum plugin_state state);

/* Checks a table before any call: magic, ABI, sizes, names, required functions. 0 or -EINVAL with a reason. */
int plugin_check_table(const struct gov_driver *driver, const char *name, char *reason, size_t size);

#endif
