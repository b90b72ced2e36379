/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PLUGIN_H
#define CORE_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/machine/access.h"
#include "include/governord/driver.h"

/*
 * Driver plugins. Before any function of a plugin is called, the owner and mode of its file are checked, the file is loaded, and
 * its table is checked. A plugin is never unloaded while the service runs.
 */

enum plugin_state {
        PLUGIN_LOADED,  /* probed successfully; driver_state is valid */
        PLUGIN_ABSENT,  /* not probed yet, hardware not found, or another failure of probe() */
        PLUGIN_LATER,   /* probe() returned -EAGAIN; it is probed again later */
        PLUGIN_BLOCKED, /* by --block-driver or `block =` */
        PLUGIN_REFUSED, /* cannot be used, for example not trusted or wrong ABI: see note */
};

struct plugin {
        const char *name; /* file name without ".so", interned */
        int fd;           /* stays open: the dynamic linker identifies the plugin by /proc/self/fd/N, so N must not be reused */
        enum plugin_state state;
        char note[256];                  /* the reason for the state, or the driver's note */
        const struct gov_driver *driver; /* NULL if refused */
        struct gov_host host;
        void *driver_state; /* while PLUGIN_LOADED */
        struct gov_driver_info info;
        const char *mode; /* info.mode, interned */
        bool stale;       /* must be probed by the next machine_probe() */

        struct access_times times;
        const struct access_transport *transport; /* NULL: the driver runs in this process */
        struct access_call *calls;                /* writes that have not been answered, oldest first */
        uint64_t last_cookie;
        bool abandoned; /* did not answer in time */
};

struct plugin_host {
        int root_fd;
        bool simulated, rig;
        bool trust_any_owner; /* do not require that files belong to root: tests and simulated machines run from a build folder */
        const char *(*option)(const char *driver, const char *key, void *userdata);
        /* Called for a driver whose calls may block. Returns the transport for calls of this driver, which must stay valid until
         * plugins_free(), or NULL to refuse the driver. If this pointer is NULL, all such drivers are refused. */
        const struct access_transport *(*transport)(struct plugin *plugin, const struct gov_driver *driver, void *userdata);
        void *userdata;
};

/* Loads every *.so of a directory, in order of name. *ret is an array of *ret_n pointers, to be freed with plugins_free(). An
 * invalid plugin is kept in state PLUGIN_REFUSED. Returns 0 or a negative errno (-ENOENT: no such directory). `host` must outlive
 * the plugins. */
int plugins_load(const char *directory, const struct plugin_host *host, struct plugin ***ret, size_t *ret_n);
void plugins_free(struct plugin **plugins, size_t n);

/* Probes the driver and sets `state`, `info` and `note`; does nothing for a refused plugin. `blocked` is a list of words that name
 * drivers or backends. */
void plugin_probe(struct plugin *plugin, const char *blocked);
/* Frees the state of the driver. plugin_probe() may be called afterwards. */
void plugin_remove(struct plugin *plugin);
const char *plugin_state_name(enum plugin_state state);

/* Returns true if the driver states that it reads this key of its section [driver NAME]. */
bool driver_has_option(const struct gov_driver *driver, const char *key);
/* Checks a table before any function in it is called: magic, ABI, sizes, names, required functions, rows. Returns 0, or -EINVAL
 * with the reason in `reason`. */
int plugin_check_table(const struct gov_driver *driver, const char *name, char *reason, size_t size);

#endif
