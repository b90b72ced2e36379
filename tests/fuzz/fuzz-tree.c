/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets the input as a machine: a tree of the files that drivers and the core use, with unusual names and contents. A driver
 * is probed on it; its knobs are described, read, planned for every profile, and written with values of their descriptions and with
 * others. Asserts what must hold for every tree. There is one such program for each driver. An input is a list of files: a byte for
 * the path, one for its number, one for the content (a length, whose bytes follow, or a word). */

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
#include "core/machine/idle.h"
#include "core/watch/power-class.h"
#include "tests/fuzz/fuzz.h"

#define FILES_MAX   96
#define READ_ONLY   0x80 /* a bit in the byte for the path */
#define CPUS_ASKED  12
#define KNOBS_SHARE 8 /* one of this number of knobs is written with all values; the first byte selects it */

#define CPU    "sys/devices/system/cpu"
#define POLICY CPU "/cpufreq/policy%u"
#define ZONE   "sys/class/powercap/"
#define SUPPLY "sys/class/power_supply/"

/* A path with '>' is a symbolic link; its target follows. */
static const char *const paths[] = {
        CPU "/possible",
        CPU "/present",
        CPU "/online",
        CPU "/cpu%u/online",
        CPU "/cpu%u/topology/physical_package_id",
        CPU "/cpu%u/topology/thread_siblings_list",
        CPU "/cpu%u/cpu_capacity",
        CPU "/cpu%u/acpi_cppc/highest_perf",
        CPU "/cpu%u/acpi_cppc/nominal_perf",
        CPU "/cpu%u/acpi_cppc/nominal_freq",
        CPU "/cpu%u/acpi_cppc/lowest_perf",
        CPU "/cpu%u/acpi_cppc/lowest_nonlinear_perf",
        CPU "/cpu%u/power/energy_perf_bias",
        CPU "/cpu%u/power/pm_qos_resume_latency_us",
        CPU "/cpu%u/cpuidle/state0/latency",
        CPU "/cpu%u/cpuidle/state1/latency",
        CPU "/cpu%u/thermal_throttle/core_throttle_count",
        CPU "/cpu%u/thermal_throttle/package_throttle_count",
        CPU "/cpu%u/cpufreq>../cpufreq/policy%u",
        CPU "/cpu%u/cpufreq>../cpufreq/policy0",
        POLICY "/scaling_driver",
        POLICY "/scaling_governor",
        POLICY "/scaling_available_governors",
        POLICY "/scaling_min_freq",
        POLICY "/scaling_max_freq",
        POLICY "/cpuinfo_min_freq",
        POLICY "/cpuinfo_max_freq",
        POLICY "/scaling_available_frequencies",
        POLICY "/scaling_boost_frequencies",
        POLICY "/scaling_setspeed",
        POLICY "/energy_performance_preference",
        POLICY "/energy_performance_available_preferences",
        POLICY "/energy_performance_preference_val",
        POLICY "/auto_select",
        POLICY "/boost",
        POLICY "/base_frequency",
        POLICY "/amd_pstate_max_freq",
        POLICY "/amd_pstate_lowest_nonlinear_freq",
        POLICY "/amd_pstate_highest_perf",
        POLICY "/amd_pstate_prefcore_ranking",
        POLICY "/amd_pstate_floor_freq",
        POLICY "/amd_pstate_floor_count",
        CPU "/cpufreq/boost",
        CPU "/intel_pstate/status",
        CPU "/intel_pstate/no_turbo",
        CPU "/intel_pstate/turbo_pct",
        CPU "/intel_pstate/min_perf_pct",
        CPU "/intel_pstate/max_perf_pct",
        CPU "/intel_pstate/hwp_dynamic_boost",
        CPU "/intel_pstate/energy_efficiency",
        CPU "/amd_pstate/status",
        CPU "/amd_pstate/prefcore",
        CPU "/intel_uncore_frequency/package_%u_die_0/initial_min_freq_khz",
        CPU "/intel_uncore_frequency/package_%u_die_0/initial_max_freq_khz",
        CPU "/intel_uncore_frequency/package_%u_die_0/min_freq_khz",
        CPU "/intel_uncore_frequency/package_%u_die_0/max_freq_khz",
        CPU "/intel_uncore_frequency/uncore%u/package_id",
        CPU "/intel_uncore_frequency/uncore%u/max_freq_khz",
        "sys/devices/cpu_core/cpus",
        "sys/devices/cpu_atom/cpus",
        ZONE "intel-rapl:%u/name",
        ZONE "intel-rapl:%u/enabled",
        ZONE "intel-rapl:%u/energy_uj",
        ZONE "intel-rapl:%u/max_energy_range_uj",
        ZONE "intel-rapl:%u/constraint_0_name",
        ZONE "intel-rapl:%u/constraint_0_power_limit_uw",
        ZONE "intel-rapl:%u/constraint_0_max_power_uw",
        ZONE "intel-rapl:%u/constraint_0_time_window_us",
        ZONE "intel-rapl:%u/constraint_1_name",
        ZONE "intel-rapl:%u/constraint_1_power_limit_uw",
        ZONE "intel-rapl:0:%u/name",
        ZONE "intel-rapl:0:%u/energy_uj",
        ZONE "intel-rapl:0:%u/constraint_0_name",
        ZONE "intel-rapl:0:%u/constraint_0_power_limit_uw",
        ZONE "intel-rapl-mmio:%u/name",
        ZONE "intel-rapl-mmio:%u/energy_uj",
        ZONE "arm-scmi:%u/name",
        ZONE "arm-scmi:%u/enabled",
        ZONE "arm-scmi:%u/power_uw",
        ZONE "arm-scmi:%u/constraint_0_power_limit_uw",
        ZONE "arm-scmi:%u/constraint_0_max_power_uw",
        ZONE "arm-scmi:%u/constraint_0_min_power_uw",
        "sys/firmware/acpi/platform_profile",
        "sys/firmware/acpi/platform_profile_choices",
        "sys/firmware/acpi/pm_profile",
        "sys/class/platform-profile/platform-profile-%u/name",
        "sys/class/platform-profile/platform-profile-%u/choices",
        "sys/class/platform-profile/platform-profile-%u/profile",
        "sys/devices/platform/thinkpad_acpi/dytc_lapmode",
        "dev/cpu_dma_latency",
        "dev/cpu/%u/msr",
        SUPPLY "S%u/type",
        SUPPLY "S%u/scope",
        SUPPLY "S%u/online",
        SUPPLY "S%u/status",
        SUPPLY "S%u/present",
        SUPPLY "S%u/capacity",
        SUPPLY "S%u/energy_full",
        SUPPLY "S%u/energy_now",
        SUPPLY "S%u/charge_full",
        SUPPLY "S%u/charge_type",
        SUPPLY "S%u/charge_types",
        SUPPLY "S%u/uevent",
        "sys/class/drm/card%u/device/power_dpm_force_performance_level",
        "sys/class/drm/card%u/device/vendor",
        "sys/class/drm/card%u/device/uevent",
        "sys/class/drm/card%u-eDP-1/amdgpu/panel_power_savings",
        "sys/class/drm/card%u-eDP-1/status",
        "proc/cpuinfo",
};

static const char *const words[] = {
        "0\n",
        "1\n",
        "0-7\n",
        "0,2-3\n",
        "-1\n",
        "4294967295\n",
        "9223372036854775807\n",
        "-9223372036854775808\n",
        "800000\n",
        "4700000\n",
        "255\n",
        "1024\n",
        "active\n",
        "passive\n",
        "guided\n",
        "intel_pstate\n",
        "intel_cpufreq\n",
        "amd-pstate\n",
        "amd-pstate-epp\n",
        "cppc_cpufreq\n",
        "scmi\n",
        "acpi-cpufreq\n",
        "powersave\n",
        "performance\n",
        "performance powersave \n",
        "performance schedutil ondemand userspace \n",
        "userspace\n",
        "default performance balance_performance balance_power power \n",
        "balance_performance\n",
        "package-0\n",
        "package-0-die-1\n",
        "psys\n",
        "core\n",
        "dram\n",
        "long_term\n",
        "short_term\n",
        "peak_power\n",
        "low-power balanced performance\n",
        "quiet\nbalanced\n",
        "custom\n",
        "Mains\n",
        "Battery\n",
        "USB\n",
        "Device\n",
        "Discharging\n",
        "Not charging\n",
        "Trickle [Standard] Fast\n",
        "Standard\n",
        "auto\n",
        "manual\n",
        "n/a\n",
        "0x1002\n",
        "vendor_id\t: GenuineIntel\nmodel name\t: X\nflags\t\t: hwp hwp_epp\n",
        "vendor_id\t: AuthenticAMD\n",
        "<unsupported>\n",
        "1200000 2400000 800000\n",
        "\n",
        "",
        " \n",
};

static char root[64];
static struct gov_host host;
static struct config *config;

/* ---- the tree ---- */

static int forget(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
        (void) st, (void) kind;
        return ftw->level == 0 ? 0 : remove(path);
}

static void make_parents(char *path) {
        for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                (void) mkdirat(host.root_fd, path, 0755);
                *slash = '/';
        }
}

/* If a file or folder already exists and is in the way, it is kept and nothing is made. */
static void make_file(uint8_t path_byte, uint8_t number, const uint8_t *content, size_t size) {
        const char *format = paths[(path_byte & 0x7fu) % ARRAY_SIZE(paths)];
        uint32_t n = number < 0xf0 ? number % 8 : number < 0xf8 ? UINT32_MAX : 65536u + number;
        char path[256], *target;
        int fd;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
        (void) snprintf(path, sizeof(path), format, n, n);
#pragma GCC diagnostic pop
        make_parents(path);
        target = strchr(path, '>');
        if (target) {
                *target = '\0';
                (void) !symlinkat(target + 1, host.root_fd, path);
                return;
        }
        fd = openat(host.root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, path_byte & READ_ONLY ? 0444 : 0644);
        if (fd < 0)
                return;
        assert(write(fd, content, size) == (ssize_t) size);
        (void) close(fd);
}

static void make_long(uint8_t path, uint8_t number) {
        static char list[20000];
        size_t n = 0;

        for (unsigned int i = 0; n < sizeof(list) - 16; i += 2)
                n += (size_t) snprintf(list + n, sizeof(list) - n, "%s%u", i ? "," : "", i);
        make_file(path, number, (const uint8_t *) list, number % 2 ? n : 4095);
}

static void make_tree(const uint8_t *data, size_t size) {
        for (unsigned int i = 0; i < FILES_MAX && size >= 3; i++) {
                uint8_t path = data[0], number = data[1], content = data[2];

                data += 3;
                size -= 3;
                if (content < 128) {
                        size_t length = MIN(content, size);

                        make_file(path, number, data, length);
                        data += length;
                        size -= length;
                } else if (content == 255)
                        make_long(path, number);
                else
                        make_file(path, number, (const uint8_t *) words[(content - 128u) % ARRAY_SIZE(words)],
                                  strlen(words[(content - 128u) % ARRAY_SIZE(words)]));
        }
}

/* ---- the driver ---- */

static void write_value(struct knob *knob, const char *value) {
        const struct gov_driver *driver = knob->plugin->driver;
        int r;

        if (!driver->write)
                return;
        r = driver->write(knob->plugin->driver_state, knob->row_index, knob->index, value);
        assert(r <= 0);
        assert(r < 0 || knob_is_writable(knob)); /* writes to read-only knobs must fail */
        assert(r < 0 || strlen(value) < GOVERNORD_VALUE_MAX);
        (void) knob_refresh(knob);
        assert(!knob->value || strlen(knob->value) < GOVERNORD_VALUE_MAX);
        if (knob->value)
                (void) knob_matches(knob, value, knob->value);
}

static void write_number(struct knob *knob, int64_t number) {
        char text[24];

        (void) snprintf(text, sizeof(text), "%lld", (long long) number);
        write_value(knob, text);
}

static void write_all(struct knob *knob) {
        _cleanup_free_ char *choices = strdup(knob->choices);
        static char too_long[GOVERNORD_VALUE_MAX + 1];
        char *rest = choices;

        assert(choices);
        for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " "))
                write_value(knob, word);
        write_number(knob, knob->min);
        write_number(knob, knob->max);
        write_number(knob, 0);
        write_number(knob, INT64_MAX);
        write_number(knob, INT64_MIN);
        write_value(knob, "");
        write_value(knob, "two words");
        write_value(knob, "line\n");
        write_value(knob, "%s/../..");
        memset(too_long, '1', GOVERNORD_VALUE_MAX);
        write_value(knob, too_long);
}

static int carry_out(struct knob *knob, const struct plan_target *target, void *userdata) {
        char text[512];

        plan_format_limiter(userdata, target, text, sizeof(text));
        assert(strnlen(target->value, sizeof(target->value)) < sizeof(target->value));
        assert(!target->unavailable || target->value[0] == '\0');
        if (target->value[0] && !target->satisfied)
                write_value(knob, target->value);
        return 0;
}

static void plan_profiles(struct knobs *knobs, const struct topology *topology) {
        struct request level = {
                .kind = REQUEST_LEVEL, .application = (char *) "", .reason = (char *) "", .floor = 300, .ceiling = 700
        };
        struct request *items[] = { &level };
        struct requests requests = { .items = items };

        for (size_t i = 0; i < config->n_profiles; i++) {
                struct plan_input input = {
                        .profile = &config->profiles[i],
                        .context = { .on_battery = i % 2, .battery_percent = 12 },
                        .requests = &requests,
                        .topology = topology,
                        .enabled = "intel amd cpufreq platform arm64",
                        .blocked = "",
                        .refresh = true,
                };

                requests.n = i % 2;
                assert(plan_each(&input, knobs, carry_out, &input) == 0);
        }
}

static void use_knobs(struct plugin *plugin, uint32_t chosen) {
        struct plugin *plugins[] = { plugin };
        struct topology topology = {};
        struct knobs knobs = {};

        assert(topology_build(&topology, host.root_fd, plugins, 1) == 0);
        assert(knobs_update(&knobs, plugins, 1, &topology) == 0);
        knobs_stretch_ranges(&knobs);
        plan_profiles(&knobs, &topology);
        for (uint32_t i = 0; i < knobs.n; i++) {
                char name[128];

                knob_format_name(&knobs.items[i], name, sizeof(name));
                (void) knob_refresh(&knobs.items[i]);
                if (!knob_is_sensor(&knobs.items[i]) && i % KNOBS_SHARE == chosen)
                        write_all(&knobs.items[i]);
        }
        knobs_done(&knobs);
        topology_done(&topology);
}

static void check_facts(const struct plugin *plugin) {
        for (uint32_t cpu = 0; plugin->driver->cpu && cpu < CPUS_ASKED; cpu++) {
                struct gov_cpu_facts f = {};

                if (plugin->driver->cpu(plugin->driver_state, cpu < 8 ? cpu : UINT32_MAX - cpu, &f) < 0)
                        continue;
                assert(f.capacity >= 1 && f.capacity <= 1024 && f.kind <= GOV_CPU_EFFICIENCY && f.min_khz <= f.max_khz);
                assert(f.base_khz == 0 || (f.base_khz >= f.min_khz && f.base_khz <= f.max_khz));
                assert(f.efficient_khz == 0 || (f.efficient_khz >= f.min_khz && f.efficient_khz <= f.max_khz));
        }
}

static void use_core(void) {
        struct power_state power;
        struct idle idle = {};

        power_class_read(host.root_fd, &power);
        assert(power.percent >= -1 && power.percent <= 100 && (power.known || !power.on_battery));
        for (uint32_t cpu = 0; cpu < 8; cpu++)
                (void) idle_limit_of(&idle, host.root_fd, cpu, 1000);
        idle_done(&idle);
}

static void say_nothing(const struct gov_host *unused, int level, const char *format, ...) {
        (void) unused, (void) level, (void) format;
}

static const char *no_option(const struct gov_host *unused, const char *key) {
        (void) unused, (void) key;
        return NULL;
}

static void remove_root(void) {
        (void) nftw(root, forget, 16, FTW_DEPTH | FTW_PHYS);
        (void) rmdir(root);
        config = config_free(config);
}

static void prepare(void) {
        char *errors = NULL;

        log_open("fuzz", 0, false);
        (void) snprintf(root, sizeof(root), "%s/fuzz-tree-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        assert(mkdtemp(root));
        host = (struct gov_host){ .size = sizeof(host), .log = say_nothing, .option = no_option };
        host.root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert(host.root_fd >= 0);
        assert(config_load(&(struct config_dirs){}, &config, &errors) >= 0);
        (void) atexit(remove_root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct plugin plugin = { .fd = -1, .driver = &governord_driver, .state = PLUGIN_ABSENT, .mode = "" };

        if (!config)
                prepare();
        if (size == 0)
                return 0;
        host.simulated = data[0] % 4 ? GOV_SIMULATED_TREE : GOV_SIMULATED_RIG;
        make_tree(data + 1, size - 1);
        plugin.name = text_intern(governord_driver.name);
        plugin.host = host;
        plugin_probe(&plugin, "");
        if (plugin.state == PLUGIN_LOADED) {
                check_facts(&plugin);
                use_knobs(&plugin, data[0] / 4 % KNOBS_SHARE);
        }
        plugin_remove(&plugin);
        use_core();
        (void) nftw(root, forget, 16, FTW_DEPTH | FTW_PHYS);
        return 0;
}
