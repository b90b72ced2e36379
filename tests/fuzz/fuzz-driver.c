/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets the input as the table of a driver, and then as everything that its functions return: instances, ranges, choices,
 * values, facts about CPUs. Asserts that what the core accepts from such a driver is valid; the core must leave out the rest. */

#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "core/config/config.h"
#include "core/decide/plan.h"
#include "tests/fuzz/fuzz.h"

#define ROWS_ROOM 300 /* more than the core accepts */
#define COUNT_MAX 40

static struct {
        const uint8_t *data;
        size_t size;
} input;

static struct gov_knob_row rows[ROWS_ROOM];
static struct config *config;
static char root[] = "/tmp/fuzz-driver-XXXXXX";
static int root_fd;

static void take(void *ret, size_t size) {
        size_t n = MIN(size, input.size);

        memset(ret, 0, size);
        if (n > 0)
                memcpy(ret, input.data, n);
        input.data += n;
        input.size -= n;
}

static uint32_t take_u32(void) {
        uint32_t n;

        take(&n, sizeof(n));
        return n;
}

/* A text of the driver, or NULL. */
static const char *take_name(void) {
        static const char *const names[] = {
                "epp",
                "governor",
                "min-freq",
                "max-freq",
                "boost",
                "platform-profile",
                "pl1",
                "fuzz",
                "",
                "UPPER",
                "under_score",
                "dot.ted",
                "a-name-of-more-than-thirty-two-characters",
                "\xff\x01",
                "trickle-charge",
                NULL,
        };
        uint8_t n;

        take(&n, 1);
        return names[n % ARRAY_SIZE(names)];
}

/* ---- the functions ---- */

static int lie_probe(const struct gov_host *host, void **ret_state) {
        (void) host;
        *ret_state = rows;
        return take_u32() % 8 == 1 ? -EAGAIN : 0;
}

static void lie_remove(void *state) {
        assert(state == rows);
}

static int lie_info(void *state, struct gov_driver_info *ret) {
        (void) state;
        take(ret, sizeof(*ret));
        return take_u32() % 8 == 1 ? -EIO : 0;
}

static int lie_count(void *state, uint32_t row) {
        uint32_t n = take_u32();

        (void) state;
        assert(row < ROWS_ROOM);
        return n % 16 == 1 ? (int) n : (int) (n % COUNT_MAX);
}

/* A byte of the input determines how much of the description is random. */
static int lie_describe(void *state, uint32_t row, uint32_t index, struct gov_instance *ret) {
        uint8_t how;

        (void) state, (void) row;
        take(&how, 1);
        if (how % 4 == 3) {
                take(ret, sizeof(*ret));
                return how % 8 == 7 ? -EIO : 0;
        }
        ret->domain = how & 16 ? take_u32() : index;
        take(&ret->min, sizeof(ret->min));
        take(&ret->max, sizeof(ret->max));
        take(&ret->step, sizeof(ret->step));
        ret->flags = take_u32() % 8;
        (void) TEXT_FORMAT(ret->choices, "%s", how & 32 ? "performance powersave 1 2" : "");
        (void) TEXT_FORMAT(ret->path, "%s", how & 64 ? "sys/same" : how & 128 ? "../../etc/shadow" : "");
        return 0;
}

static int lie_read(void *state, uint32_t row, uint32_t index, char *ret, size_t size) {
        uint8_t how;

        (void) state, (void) row, (void) index;
        take(&how, 1);
        if (how % 8 == 7)
                return -EIO;
        take(ret, how % 8 == 6 ? size : MIN((size_t) how % 24, size - 1));
        return how % 8 == 6 ? (int) (take_u32() % 256) : (int) (how % 24);
}

static int lie_write(void *state, uint32_t row, uint32_t index, const char *value) {
        (void) state, (void) row, (void) index;
        assert(memchr(value, 0, GOVERNORD_VALUE_MAX));
        return (int) (take_u32() % 3) - 1;
}

static int lie_cpu(void *state, uint32_t cpu, struct gov_cpu_facts *ret) {
        (void) state, (void) cpu;
        take(ret, sizeof(*ret));
        return take_u32() % 8 == 1 ? -EIO : 0;
}

/* ---- the table ---- */

static void fill_rows(void) {
        for (uint32_t i = 0; i < ROWS_ROOM; i++) {
                uint8_t how;

                take(&how, 1);
                rows[i] = (struct gov_knob_row){
                        .name = take_name(),
                        .help = how & 1 ? NULL : "a setting",
                        .scope = how & 2 ? take_u32() : i % GOV_SCOPE_COUNT,
                        .unit = how & 4 ? take_u32() : i % GOV_UNIT_COUNT,
                        .order = how & 8 ? take_u32() : GOV_ORDER_LIMIT,
                        .flags = how & 16 ? take_u32() : 0,
                };
        }
}

static void fill_table(struct gov_driver *driver) {
        uint16_t how;

        take(&how, sizeof(how));
        *driver = (struct gov_driver){
                .magic = how & 1 ? take_u32() : GOVERNORD_DRIVER_MAGIC,
                .abi_major = how & 2 ? take_u32() : GOVERNORD_ABI_MAJOR,
                .abi_minor = how & 4 ? take_u32() : GOVERNORD_ABI_MINOR,
                .size = how & 8 ? take_u32() : sizeof(*driver),
                .row_size = how & 16 ? take_u32() : sizeof(rows[0]),
                .n_rows = how & 32 ? take_u32() : how % 7,
                .flags = how & 64 ? take_u32() : 0,
                .priority = take_u32(),
                .name = how & 128 ? take_name() : "fuzz",
                .description = how & 256 ? NULL : "a driver that lies",
                .rows = how & 512 ? NULL : rows,
                .probe = how & 1024 ? NULL : lie_probe,
                .remove = how & 2048 ? NULL : lie_remove,
                .info = how & 4096 ? NULL : lie_info,
                .count = how & 8192 ? NULL : lie_count,
                .describe = lie_describe,
                .read = lie_read,
                .write = how & 16384 ? NULL : lie_write,
                .cpu = how & 32768 ? NULL : lie_cpu,
        };
        fill_rows();
}

static void check_table(const struct gov_driver *driver) {
        assert(driver->probe && driver->remove && driver->info && driver->count && driver->describe && driver->read);
        assert(driver->n_rows <= ROWS_ROOM && driver->rows == rows && strcmp(driver->name, "fuzz") == 0);
        for (uint32_t i = 0; i < driver->n_rows; i++)
                assert(rows[i].name && rows[i].help && rows[i].scope < GOV_SCOPE_COUNT && rows[i].unit < GOV_UNIT_COUNT);
}

/* ---- checks of what the core accepts ---- */

static int check_target(struct knob *knob, const struct plan_target *target, void *userdata) {
        char text[512], name[128];

        plan_format_limiter(userdata, target, text, sizeof(text));
        knob_format_name(knob, name, sizeof(name));
        assert(memchr(target->value, 0, sizeof(target->value)));
        assert(!target->satisfied || knob->value);
        if (target->value[0] && knob->value)
                (void) knob_matches(knob, target->value, knob->value);
        return 0;
}

static void plan_profiles(struct knobs *knobs, const struct topology *topology) {
        static const struct cpu_demand demands[] = { { .cpu = 0 }, { .cpu = 2 }, { .cpu = 70000 } };
        struct request level = {
                .kind = REQUEST_LEVEL, .application = (char *) "", .reason = (char *) "", .floor = 1024, .ceiling = 1
        };
        struct request *items[] = { &level };
        struct requests requests = { .items = items, .n = 1 };

        for (size_t i = 0; i < config->n_profiles; i++) {
                struct plan_input plan = {
                        .profile = &config->profiles[i],
                        .context = { .on_battery = i % 2, .battery_percent = 12 },
                        .requests = &requests,
                        .topology = topology,
                        .enabled = "fuzz",
                        .blocked = "",
                        .refresh = true,
                };

                assert(plan_each(&plan, knobs, check_target, &plan) == 0);
                assert(plan_demands(&plan, knobs, demands, ARRAY_SIZE(demands), check_target, &plan) == 0);
        }
}

static void check_knobs(const struct knobs *knobs) {
        for (uint32_t i = 0; i < knobs->n; i++) {
                const struct knob *knob = &knobs->items[i];

                assert(knob->name && knob->path && knob->choices && knob->label && knob->note && knob->identity);
                assert(!knob->value || strlen(knob->value) < GOVERNORD_VALUE_MAX);
        }
        for (uint32_t g = 0; g < knobs->n_groups; g++)
                assert(knobs->groups[g].count > 0 && knobs->groups[g].first + knobs->groups[g].count <= knobs->n);
}

static void use(struct plugin *plugin) {
        struct plugin *plugins[] = { plugin };
        struct topology topology = {};
        struct knobs knobs = {};

        assert(topology_build(&topology, root_fd, plugins, 1) == 0);
        for (uint32_t i = 0; i < topology.n_cpus; i++)
                assert(topology.cpus[i].facts.capacity <= 1024);
        assert(knobs_update(&knobs, plugins, 1, &topology) == 0);
        check_knobs(&knobs);
        assert(knobs_update(&knobs, plugins, 1, &topology) == 0);
        check_knobs(&knobs);
        plugin->stale = false;
        assert(knobs_update(&knobs, plugins, 1, &topology) == 0);
        plugin->stale = true;
        knobs_stretch_ranges(&knobs);
        plan_profiles(&knobs, &topology);
        check_knobs(&knobs);
        knobs_done(&knobs);
        topology_done(&topology);
}

static void put(int dir, const char *name, const char *text) {
        int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t) strlen(text));
        (void) close(fd);
}

static int forget(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
        (void) st, (void) kind, (void) ftw;
        return remove(path);
}

static void clean_up(void) {
        (void) nftw(root, forget, 16, FTW_DEPTH | FTW_PHYS);
        config = config_free(config);
}

/* Makes a root with three CPUs; the core itself needs no other files. */
static void prepare(void) {
        char path[64] = "sys/devices/system/cpu", *errors = NULL;
        int cpus;

        log_open("fuzz", 0, false);
        assert(mkdtemp(root));
        root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert(root_fd >= 0);
        for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                assert(mkdirat(root_fd, path, 0755) == 0);
                *slash = '/';
        }
        assert(mkdirat(root_fd, path, 0755) == 0);
        cpus = openat(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        put(cpus, "present", "0-2\n");
        put(cpus, "online", "0-2\n");
        (void) close(cpus);
        assert(config_load(&(struct config_dirs){}, &config, &errors) >= 0);
        (void) atexit(clean_up);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct gov_driver driver;
        struct plugin plugin = { .name = "fuzz", .fd = -1, .driver = &driver, .state = PLUGIN_ABSENT, .mode = "" };
        char reason[192] = "";

        if (!config)
                prepare();
        input.data = data;
        input.size = size;
        fill_table(&driver);
        if (plugin_check_table(&driver, "fuzz", reason, sizeof(reason)) < 0) {
                assert(reason[0]);
                return 0;
        }
        check_table(&driver);
        plugin_probe(&plugin, "");
        if (plugin.state == PLUGIN_LOADED)
                use(&plugin);
        plugin_remove(&plugin);
        return 0;
}
