/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads driver plugins. Owner and mode of a file are checked on the opened descriptor, so that the file cannot be replaced after
 * the check, and before dlopen(), which runs the ELF constructors of the file. */

#include "core/machine/plugin.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"

#define ROWS_MAX        256
#define NAME_MAX_LENGTH 32
#define STRING_OF(x)    #x
#define STRING(x)       STRING_OF(x)

static void __attribute__((format(printf, 2, 3))) refuse(struct plugin *plugin, const char *format, ...) {
        va_list args;

        plugin->state = PLUGIN_REFUSED;
        plugin->driver = NULL;
        va_start(args, format);
        (void) vsnprintf(plugin->note, sizeof(plugin->note), format, args);
        va_end(args);
        (void) log_error(0, "Driver %s was refused: %s; continuing without it", plugin->name, plugin->note);
}

static bool name_is_plain(const char *name) {
        size_t length = strlen(name);

        for (const char *p = name; *p; p++)
                if (!islower((unsigned char) *p) && !isdigit((unsigned char) *p) && *p != '-')
                        return false;
        return length > 0 && length <= NAME_MAX_LENGTH;
}

/* Returns NULL for a valid row. */
static const char *row_fault(const struct gov_knob_row *row) {
        if (!row->name || row->name[0] == '\0')
                return "it has no name";
        if (!name_is_plain(row->name))
                return "a name must consist of at most " STRING(NAME_MAX_LENGTH) " lower-case letters, digits and \"-\"";
        if (!row->help || row->help[0] == '\0')
                return "it has no help text";
        if (row->scope >= GOV_SCOPE_COUNT)
                return "its scope is none of GOV_SCOPE_*";
        return row->unit >= GOV_UNIT_COUNT ? "its unit is none of GOV_UNIT_*" : NULL;
}

static int check_rows(const struct gov_driver *driver, char *reason, size_t size) {
        if (driver->row_size != sizeof(struct gov_knob_row) || !driver->rows || driver->n_rows > ROWS_MAX)
                return text_format(reason, size,
                                   "it has a table of %u row%s of %u byte%s; rows must have %zu bytes, and there can be at most %d",
                                   driver->n_rows, text_plural(driver->n_rows), driver->row_size, text_plural(driver->row_size),
                                   sizeof(struct gov_knob_row), ROWS_MAX),
                       -EINVAL;
        for (uint32_t i = 0; i < driver->n_rows; i++) {
                const char *fault = row_fault(&driver->rows[i]);

                if (fault)
                        return text_format(reason, size, "row %u (\"%.40s\"): %s", i,
                                           driver->rows[i].name ? driver->rows[i].name : "", fault),
                               -EINVAL;
                for (uint32_t j = 0; j < i; j++)
                        if (driver->rows[i].scope == driver->rows[j].scope &&
                            strcmp(driver->rows[i].name, driver->rows[j].name) == 0)
                                return text_format(reason, size, "two rows with the same scope are named \"%s\"",
                                                   driver->rows[i].name),
                                       -EINVAL;
        }
        return 0;
}

/* Returns NULL if the driver has all required functions. */
static const char *missing_function(const struct gov_driver *driver) {
        return !driver->probe    ? "probe" :
               !driver->remove   ? "remove" :
               !driver->info     ? "info" :
               !driver->count    ? "count" :
               !driver->describe ? "describe" :
               !driver->read     ? "read" :
                                   NULL;
}

int plugin_check_table(const struct gov_driver *driver, const char *name, char *reason, size_t size) {
        const char *missing;

        if (driver->magic != GOVERNORD_DRIVER_MAGIC)
                return text_format(reason, size, "its symbol %s is not a driver table", GOVERNORD_DRIVER_SYMBOL), -EINVAL;
        if (driver->abi_major != GOVERNORD_ABI_MAJOR || driver->abi_minor != GOVERNORD_ABI_MINOR)
                return text_format(reason, size, "it was built for driver ABI %u.%u, but this service has ABI %u.%u; rebuild it",
                                   driver->abi_major, driver->abi_minor, GOVERNORD_ABI_MAJOR, GOVERNORD_ABI_MINOR),
                       -EINVAL;
        if (driver->size != sizeof(struct gov_driver))
                return text_format(reason, size, "it has a table of %u byte%s; %zu are expected", driver->size,
                                   text_plural(driver->size), sizeof(struct gov_driver)),
                       -EINVAL;
        if (!name_is_plain(name))
                return text_format(reason, size,
                                   "the name of a driver must consist of at most %d lower-case letters, digits and \"-\"",
                                   NAME_MAX_LENGTH),
                       -EINVAL;
        if (!driver->name || !driver->name[0])
                return text_format(reason, size, "its table has no name"), -EINVAL;
        if (strcmp(driver->name, name) != 0)
                return text_format(reason, size, "the name in its table is \"%.40s\", so its file must be named \"%.40s.so\"",
                                   driver->name, driver->name),
                       -EINVAL;
        if (!driver->description)
                return text_format(reason, size, "it has no description"), -EINVAL;
        missing = missing_function(driver);
        if (missing)
                return text_format(reason, size, "the required function %s is missing", missing), -EINVAL;
        return check_rows(driver, reason, size);
}

static bool file_is_trusted(int fd, bool trust_any_owner) {
        struct stat st;

        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return false;
        return trust_any_owner || (st.st_uid == 0 && (st.st_mode & 022) == 0);
}

/* A driver whose calls may block would block the whole service, so it needs a transport. Returns NULL if there is none. */
static const struct gov_driver *reach(struct plugin *plugin, const struct gov_driver *driver, const struct plugin_host *host) {
        if (!(driver->flags & GOV_DRIVER_MAY_BLOCK))
                return driver;
        plugin->transport = host->transport ? host->transport(plugin, driver, host->userdata) : NULL;
        return plugin->transport ? plugin->transport->driver : NULL;
}

/* The dynamic linker names the file as it was opened, by its descriptor: at the beginning of a message, where the name is left out, or
 * within it, where `path` replaces it. */
static void refuse_object(struct plugin *plugin, const char *path, const char *by_fd) {
        const char *error = dlerror(), *name;
        size_t length = strlen(by_fd);

        if (!error)
                error = "unknown reason";
        if (strncmp(error, by_fd, length) == 0 && strncmp(error + length, ": ", 2) == 0)
                error += length + 2;
        name = strstr(error, by_fd);
        if (name)
                refuse(plugin, "%s cannot be loaded: %.*s%s%s", path, (int) (name - error), error, path, name + length);
        else
                refuse(plugin, "%s cannot be loaded: %s", path, error);
}

static void open_plugin(struct plugin *plugin, const char *directory, const struct plugin_host *host) {
        char path[PATH_MAX], by_fd[64], reason[192];
        const struct gov_driver *driver;
        void *handle;

        if (TEXT_FORMAT(path, "%s/%s.so", directory, plugin->name) < 0)
                return refuse(plugin, "its path is too long");
        plugin->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* O_NONBLOCK: open() must not block on a FIFO */
        if (plugin->fd < 0)
                return refuse(plugin, "cannot open %s: %s", path, strerrordesc_np(errno));
        if (!file_is_trusted(plugin->fd, host->trust_any_owner))
                return refuse(plugin, "%s must be a regular file that belongs to root and that only root may write", path);
        (void) TEXT_FORMAT(by_fd, "/proc/self/fd/%d", plugin->fd);
        handle = dlopen(by_fd, RTLD_NOW | RTLD_LOCAL);
        if (!handle)
                return refuse_object(plugin, path, by_fd);
        driver = dlsym(handle, GOVERNORD_DRIVER_SYMBOL);
        if (!driver)
                return refuse(plugin, "%s has no symbol %s", path, GOVERNORD_DRIVER_SYMBOL);
        if (plugin_check_table(driver, plugin->name, reason, sizeof(reason)) < 0)
                return refuse(plugin, "%s", reason);
        plugin->driver = reach(plugin, driver, host);
        if (!plugin->driver)
                return refuse(plugin, "it has the flag GOV_DRIVER_MAY_BLOCK, which this version does not support: "
                                      "its calls could block the whole service");
        plugin->state = PLUGIN_ABSENT;
}

static const struct plugin *plugin_of(const struct gov_host *host) {
        return (const struct plugin *) (const void *) ((const char *) host - offsetof(struct plugin, host));
}

static void __attribute__((format(printf, 3, 4))) plugin_log(const struct gov_host *host, int level, const char *format, ...) {
        va_list args;
        char line[512];

        va_start(args, format);
        (void) vsnprintf(line, sizeof(line), format, args);
        va_end(args);
        (void) log_full(level, 0, "%s: %s", plugin_of(host)->name, line);
}

bool driver_has_option(const struct gov_driver *driver, const char *key) {
        return driver->options && word_in_list(driver->options, key);
}

static const char *plugin_option(const struct gov_host *host, const char *key) {
        const struct plugin_host *service = host->userdata;

        return service->option && driver_has_option(plugin_of(host)->driver, key) ?
                       service->option(plugin_of(host)->name, key, service->userdata) :
                       NULL;
}

struct loading {
        const char *directory;
        const struct plugin_host *host;
        struct plugin **plugins;
        size_t n;
};

static struct plugin *plugin_new(const char *file_name, const struct plugin_host *host) {
        struct plugin *plugin = calloc(1, sizeof(*plugin));
        char name[NAME_MAX + 1];

        if (!plugin)
                return NULL;
        (void) TEXT_FORMAT(name, "%.*s", (int) (strlen(file_name) - strlen(".so")), file_name);
        plugin->name = text_intern(name);
        plugin->stale = true;
        plugin->fd = -1;
        plugin->mode = "";
        plugin->host = (struct gov_host){
                .size = sizeof(struct gov_host),
                .root_fd = host->root_fd,
                .simulated = !host->simulated ? 0 :
                             host->rig        ? GOV_SIMULATED_RIG :
                                                GOV_SIMULATED_TREE,
                .userdata = (void *) host,
                .log = plugin_log,
                .option = plugin_option,
        };
        if (!plugin->name) {
                free(plugin);
                return NULL;
        }
        return plugin;
}

static int load_one(const char *file_name, void *userdata) {
        struct loading *loading = userdata;
        size_t length = strlen(file_name);
        struct plugin **plugins, *plugin;

        if (length <= strlen(".so") || strcmp(file_name + length - strlen(".so"), ".so") != 0)
                return 0;
        plugins = reallocarray(loading->plugins, loading->n + 1, sizeof(*plugins));
        if (!plugins)
                return -ENOMEM;
        loading->plugins = plugins;
        plugin = plugin_new(file_name, loading->host);
        if (!plugin)
                return -ENOMEM;
        plugins[loading->n++] = plugin;
        open_plugin(plugin, loading->directory, loading->host);
        return 0;
}

int plugins_load(const char *directory, const struct plugin_host *host, struct plugin ***ret, size_t *ret_n) {
        struct loading loading = { .directory = directory, .host = host };
        _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r;

        if (fd < 0)
                return -errno;
        r = attr_walk(fd, ".", "", load_one, &loading);
        if (r < 0) {
                plugins_free(loading.plugins, loading.n);
                return r;
        }
        *ret = loading.plugins;
        *ret_n = loading.n;
        return 0;
}

void plugins_free(struct plugin **plugins, size_t n) {
        for (size_t i = 0; i < n; i++) {
                access_expire(plugins[i], UINT64_MAX);
                plugin_remove(plugins[i]);
                (void) close_fd(plugins[i]->fd);
                free(plugins[i]);
        }
        free(plugins);
}

static void terminate_info(struct gov_driver_info *info) {
        info->backend[sizeof(info->backend) - 1] = '\0';
        info->mode[sizeof(info->mode) - 1] = '\0';
        info->note[sizeof(info->note) - 1] = '\0';
}

static void plugin_loaded(struct plugin *plugin, const char *blocked) {
        plugin->state = PLUGIN_LOADED;
        if (access_info(plugin, &plugin->info) < 0)
                plugin->info = (struct gov_driver_info){};
        terminate_info(&plugin->info);
        plugin->mode = text_intern(plugin->info.mode);
        if (!plugin->mode)
                plugin->mode = "";
        (void) TEXT_FORMAT(plugin->note, "%s", plugin->info.note);
        if (!word_in_list(blocked, plugin->info.backend))
                return;
        plugin_remove(plugin);
        plugin->state = PLUGIN_BLOCKED;
        (void) TEXT_FORMAT(plugin->note, "%s is blocked by option or configuration", plugin->info.backend);
}

void plugin_probe(struct plugin *plugin, const char *blocked) {
        int r;

        if (plugin->state == PLUGIN_REFUSED)
                return;
        plugin_remove(plugin);
        plugin->info = (struct gov_driver_info){};
        plugin->note[0] = '\0';
        if (word_in_list(blocked, plugin->name)) {
                plugin->state = PLUGIN_BLOCKED;
                (void) TEXT_FORMAT(plugin->note, "blocked by option or configuration");
                return;
        }
        r = access_probe(plugin);
        if (r >= 0)
                return plugin_loaded(plugin, blocked);
        plugin->state = r == -EAGAIN ? PLUGIN_LATER : PLUGIN_ABSENT;
        if (r == -EAGAIN)
                (void) TEXT_FORMAT(plugin->note,
                                   "waits for %.120s; it is probed again when a profile is chosen, at reload, and when the "
                                   "kernel reports a new driver",
                                   plugin->driver->waits_for ? plugin->driver->waits_for : "its hardware");
        else if (r != -ENODEV)
                (void) TEXT_FORMAT(plugin->note, "probing failed: %s", strerrordesc_np(-r));
}

void plugin_remove(struct plugin *plugin) {
        if (plugin->state != PLUGIN_LOADED)
                return;
        access_remove(plugin);
        plugin->driver_state = NULL;
        plugin->state = PLUGIN_ABSENT;
}

const char *plugin_state_name(enum plugin_state state) {
        static const char *const names[] = {
                [PLUGIN_LOADED] = "loaded",   [PLUGIN_ABSENT] = "absent",   [PLUGIN_LATER] = "later",
                [PLUGIN_BLOCKED] = "blocked", [PLUGIN_REFUSED] = "refused",
        };

        return names[state];
}
