/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PLUGIN_H
#define CORE_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/machine/access.h"
#include "include/governord/driver.h"

/*
 * Driver plugins. A plugin is found, checked for trust, opened and checked for validity before any of its functions is called. It
 * is never unloaded while the service runs.
 */

enum plugin_state {
        PLUGIN_LOADED,  /* was probed and has a state */
        PLUGIN_ABSENT,  /* its hardware is not here */
        PLUGIN_LATER,   /* probe() returned -EAGAIN; it is probed again when hardware appears */
        PLUGIN_BLOCKED, /* by --block-driver or `block =` */
        PLUGIN_REFUSED, /* not trusted, wrong ABI or invalid table: see note */
};

struct plugin {
        const char *name; /* file name without ".so", interned */
        int fd;           /* stays open: the dynamic linker identifies the plugin by /proc/self/fd/N, so N must not be reused */
        enum plugin_state state;
        char note[256];                  /* why the plugin was refused, or the driver's own note */
        const struct gov_driver *driver; /* NULL when refused */
        struct gov_host host;
        void *driver_state; /* while PLUGIN_LOADED */
        struct gov_driver_info info;
        const char *mode; /* info.mode, interned */
        bool stale;       /* has to be probed (again) */

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
        /* Takes over a driver whose calls may block. Returns the transport to reach it, which stays valid until plugins_free(), or
         * NULL to refuse the driver. If this pointer is NULL, all such drivers are refused. */
        const struct access_transport *(*transport)(struct plugin *plugin, const struct gov_driver *driver, void *userdata);
        void *userdata;
};

/* Opens every *.so of a directory, in order of name. *ret is an array of *ret_n pointers, to be freed with plugins_free(). An
 * invalid plugin is kept as PLUGIN_REFUSED. Returns 0 or a negative errno (-ENOENT: no such directory). `host` must outlive the
 * plugins. */
int plugins_load(const char *directory, const struct plugin_host *host, struct plugin ***ret, size_t *ret_n);
void plugins_free(struct plugin **plugins, size_t n);

/* Probes the driver and sets `state`, `info` and `note`. `blocked` is a list of words that name drivers or backends. */
void plugin_probe(struct plugin *plugin, const char *blocked);
/* Removes the state of the driver, so that plugin_probe() may be called again. */
void plugin_remove(struct plugin *plugin);
const char *plugin_state_name(enum plugin_state state);

/* Returns true if the driver states that it reads this key of its section [driver NAME]. */
bool driver_has_option(const struct gov_driver *driver, const char *key);
/* Checks a table before any function in it is called: magic, ABI, sizes, names, required functions. Returns 0, or -EINVAL with the
 * reason in `reason`. */
int plugin_check_table(const struct gov_driver *driver, const char *name, char *reason, size_t size);

#endif
