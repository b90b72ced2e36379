/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GOVERNORD_DRIVER_H
#define GOVERNORD_DRIVER_H

/*
 * The driver contract of governord: everything that a driver plugin and the service know about each other.
 *
 * A driver is a shared object that exports one const data symbol, `governord_driver`. It finds one kind of hardware below a root
 * directory and describes the settings ("knobs") that it found there. A driver holds no policy, remembers no original values, keeps
 * no timers and starts no threads: the service does all of that, once, for every driver. The service reads and checks the facts in
 * the driver's table before it calls any function of the driver.
 *
 * Values are passed as text in the form in which the kernel prints them, without the newline. A value that was read can therefore
 * be written back byte for byte, and an unknown governor or firmware profile survives a round trip. Numbers are decimal.
 *
 * This header needs nothing but C99 or C++11. While GOVERNORD_ABI_MAJOR is 0, a driver must have exactly the service's major and
 * minor number. From major 1 on, it must have the same major number, and a minor number not above the service's. Structures grow
 * only at their end and carry their size.
 *
 * The service calls all functions from one thread, never concurrently, and does nothing else until a call returns. A call shall
 * therefore take less than 20 ms. The service logs a longer call, once for each function.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GOVERNORD_DRIVER_MAGIC UINT32_C(0x676f7664) /* "govd" */
#define GOVERNORD_ABI_MAJOR    UINT32_C(0)
#define GOVERNORD_ABI_MINOR    UINT32_C(3)

/* Longest value in bytes, including its terminating NUL. A longer value is an error (-E2BIG); values are never truncated. */
#define GOVERNORD_VALUE_MAX 64

/* Where an instance of a knob applies. `gov_instance.domain` is a number within the scope: the CPU number, the policy number (N of
 * policyN), the package number or the device index. It is 0 for GOV_SCOPE_NODE. */
enum {
        GOV_SCOPE_NODE = 0,
        GOV_SCOPE_PACKAGE = 1,
        GOV_SCOPE_POLICY = 2,
        GOV_SCOPE_CPU = 3,
        GOV_SCOPE_GPU = 4,
        GOV_SCOPE_DEVICE = 5, /* anything else that has a name: a battery, a panel */
        GOV_SCOPE_COUNT
};

/* What a number means. The values of a knob with GOV_UNIT_TEXT are those in `gov_instance.choices`. */
enum {
        GOV_UNIT_TEXT = 0,
        GOV_UNIT_NUMBER = 1, /* no unit: EPB, EPP as a number, counts */
        GOV_UNIT_BOOL = 2,   /* 0 or 1 */
        GOV_UNIT_KHZ = 3,
        GOV_UNIT_MICROWATT = 4,
        GOV_UNIT_MICROSECOND = 5,
        GOV_UNIT_PERCENT = 6,
        GOV_UNIT_LEVEL = 7, /* 0..1024 */
        GOV_UNIT_MICROJOULE = 8,
        GOV_UNIT_MILLICELSIUS = 9,
        GOV_UNIT_COUNT
};

/* Order of writes within one switch: rows with a smaller number are written first. The kernel rejects an EPP while the governor is
 * "performance", and a change of boost moves the frequency limits. */
enum {
        GOV_ORDER_MODE = 0,
        GOV_ORDER_GOVERNOR = 10,
        GOV_ORDER_EPP = 20,
        GOV_ORDER_LIMIT = 30,
        GOV_ORDER_BOOST = 40,
        GOV_ORDER_POWER = 50,
        GOV_ORDER_PLATFORM = 60,
        GOV_ORDER_ACTION = 70
};

/* Flags of a row. */
/* clang-format off */
#define GOV_KNOB_SENSOR    UINT32_C(0x001) /* can only be read; never part of a profile */
#define GOV_KNOB_LIMIT_MIN UINT32_C(0x002) /* a lower limit; when both rise, its upper limit is written first. Level floors act on
                                              it, see below */
#define GOV_KNOB_LIMIT_MAX UINT32_C(0x004) /* an upper limit; level ceilings act on it, see below */
#define GOV_KNOB_NAMED     UINT32_C(0x008) /* accepts a number or one of the choices; a number may be read back as a name */
#define GOV_KNOB_ROUNDS    UINT32_C(0x010) /* the hardware rounds: a value read back within `step` of the written one is correct */
#define GOV_KNOB_FIRMWARE  UINT32_C(0x020) /* firmware or a key may change it on the user's behalf: such a change is the user's
                                              choice, not drift */
#define GOV_KNOB_HEAT      UINT32_C(0x040) /* sensor: any value but "0" means that heat slows the machine down; ignored while the
                                              service itself has changed its file */
#define GOV_KNOB_LAP       UINT32_C(0x080) /* sensor: any value but "0" means that the machine runs slower since it is on a
                                              lap */
#define GOV_KNOB_OPT_IN    UINT32_C(0x100) /* never changed unless `enable` in the configuration names the driver or the knob */
#define GOV_KNOB_ACTION    UINT32_C(0x200) /* belongs to the power-profiles-daemon action that has the name of the row */
#define GOV_KNOB_FD_HELD   UINT32_C(0x400) /* the value lasts only while the driver holds a descriptor open; writing an empty value
                                              closes it */
#define GOV_KNOB_PROBE     UINT32_C(0x800) /* when this value changes, the kernel re-registers objects: all drivers are probed
                                              again */
#define GOV_KNOB_SETTLES  UINT32_C(0x1000) /* the kernel accepts a value at once but shows it a moment later: while the value read
                                              back differs, the service repeats the read for some milliseconds */
#define GOV_KNOB_WAKE     UINT32_C(0x2000) /* longest time in microseconds that a CPU may take to wake up, "0" for no limit; latency
                                              targets of applications may shorten it */
#define GOV_KNOB_SOFT_MAX UINT32_C(0x4000) /* `max` is the firmware's recommendation: a higher value may be requested, up to the
                                              limit of write(). In a profile, "max" and percentages never mean less than the value
                                              that was in force before */
/* clang-format on */

/*
 * Levels (0..1024) act on rows with GOV_KNOB_LIMIT_MIN or GOV_KNOB_LIMIT_MAX. What a level means depends on scope and unit:
 *
 *   GOV_SCOPE_POLICY       GOV_UNIT_KHZ      as described by cpu(): a CPU reaches its `capacity` at `max_khz`
 *   GOV_SCOPE_GPU, _DEVICE GOV_UNIT_KHZ      1024 is the instance's `max`, or its highest choice
 *                          GOV_UNIT_PERCENT  1024 is 100
 *                          GOV_UNIT_LEVEL    the level itself
 *
 * The result is rounded up and clamped to the instance's range. If the instance has `choices`, the result is one of them: the next
 * higher one for a floor, the next lower one for a ceiling. Levels do not act on any other row, which only profiles set:
 *   - power limits, since a level is not a share of a number of watts
 *   - rows of GOV_SCOPE_NODE and GOV_SCOPE_PACKAGE, which have other scales (shares of all CPUs, the uncore)
 *   - rows in kHz whose instances have neither a range nor choices
 */

/* The facts about one kind of setting. All pointers must stay valid while the driver is loaded. */
struct gov_knob_row {
        const char *name; /* at most 32 lower-case letters, digits and '-': the word used in the configuration, e.g. "epp" */
        const char *help; /* one sentence for people, without a full stop */
        uint32_t scope;   /* GOV_SCOPE_* */
        uint32_t unit;    /* GOV_UNIT_* */
        uint32_t order;   /* GOV_ORDER_* */
        uint32_t flags;   /* GOV_KNOB_* */
};

/* Flags of an instance. */
#define GOV_INSTANCE_READ_ONLY UINT32_C(0x1) /* exists, but cannot be changed on this machine; `note` states the reason */
#define GOV_INSTANCE_PRIVATE   UINT32_C(0x2) /* the value is a side channel (energy counters): shown to privileged callers only */

/*
 * One knob of one domain. describe() fills it; strings are NUL-terminated.
 *
 * `identity` identifies a device wherever it is attached, for example by its UUID: one line of opaque printable text that stays the
 * same after a reboot or on another bus. It is "" when domain and path already identify the device. The service assigns original
 * values by it. Instances of one row with the same identity have different labels.
 */
struct gov_instance {
        uint32_t domain;   /* number within the scope of the row */
        uint32_t flags;    /* GOV_INSTANCE_* */
        int64_t min, max;  /* inclusive range of numeric values; min > max when unknown */
        int64_t step;      /* granularity of the hardware, 0 when unknown or 1 */
        char path[160];    /* file below the root that holds the value, for messages and for watching; "" when no file holds it */
        char choices[256]; /* space-separated texts that may be written; "" when any number in the range may be written */
        char label[48];    /* name for people where the domain number is not enough ("dram", "hidpp_battery_0"); may be "" */
        char note[96];     /* why the instance is read-only, or what is special about it; may be "" */
        char identity[96]; /* of the device, see above; may be "" */
};

/* What the levels 0..1024 mean on one CPU. Level 1024 is the highest performance that the fastest CPU of the machine can ever
 * reach. */
struct gov_cpu_facts {
        uint32_t policy;   /* cpufreq policy number, UINT32_MAX when none */
        uint32_t capacity; /* level of this CPU at max_khz: 1..1024 */
        uint32_t kind;     /* GOV_CPU_* */
        uint32_t reserved;
        uint64_t min_khz;       /* 0 when unknown, as are the frequencies below */
        uint64_t efficient_khz; /* lowest non-linear / most efficient */
        uint64_t base_khz;      /* guaranteed / nominal */
        uint64_t max_khz;       /* with boost */
};

enum { GOV_CPU_UNKNOWN = 0, GOV_CPU_PERFORMANCE = 1, GOV_CPU_EFFICIENCY = 2 };

/* What the driver found; filled by info(). */
struct gov_driver_info {
        char backend[32]; /* kernel interface in use, under the name that other programs use: "intel_pstate", "platform_profile" */
        char mode[32];    /* its mode: "active", "passive"; may be "" */
        char note[160];   /* what is missing and why, for people; may be "" */
        uint32_t kind;    /* GOV_KIND_* */
        uint32_t reserved;
};

enum { GOV_KIND_OTHER = 0, GOV_KIND_CPU = 1, GOV_KIND_PLATFORM = 2 };

/* Syslog levels, without <syslog.h>. */
enum { GOV_LOG_ERR = 3, GOV_LOG_WARNING = 4, GOV_LOG_NOTICE = 5, GOV_LOG_INFO = 6, GOV_LOG_DEBUG = 7 };

/* Kinds of simulated machine, which consist of ordinary files. In a tree, newlines may follow a value, as in kernel attributes. A
 * test rig compares files byte by byte, so its files hold the value alone. */
enum { GOV_SIMULATED_TREE = 1, GOV_SIMULATED_RIG = 2 };

/* What the service offers to a driver. It is valid until remove() returns. */
struct gov_host {
        uint32_t size;      /* sizeof(struct gov_host) of the service */
        int32_t root_fd;    /* O_PATH descriptor of the root directory: "/" or a simulated machine. A driver opens every file below
                               it, with a relative path */
        uint32_t simulated; /* GOV_SIMULATED_*, 0 for the running machine. If it is not 0, the driver must not use ioctl, netlink or
                               a real device */
        uint32_t reserved;
        void *userdata; /* private to the service; a driver passes `host` back and does not use this pointer */
        void (*log)(const struct gov_host *host, int level, const char *format, ...)
#if defined(__GNUC__)
                __attribute__((format(printf, 3, 4)))
#endif
                ;
        /* Returns the text of a setting that the administrator made for this driver in [driver NAME], or NULL if there is none or
         * if `options` of the driver does not contain the key. */
        const char *(*option)(const struct gov_host *host, const char *key);
};

/*
 * All functions below report errors as negative errno values with these meanings:
 *   -ENODEV      not (or no longer) this driver's hardware      -EAGAIN  not yet: probe again when hardware appears
 *   -ERANGE, -EINVAL  value rejected                            -EACCES  locked by firmware or by kernel lockdown
 *   -EBUSY       another agent owns it at the moment            -EIO     the hardware failed or returned invalid data
 *   -EOPNOTSUPP  no such knob here                              -E2BIG   longer than GOVERNORD_VALUE_MAX
 * A driver may return any other errno of a system call unchanged.
 */
struct gov_driver {
        uint32_t magic;     /* GOVERNORD_DRIVER_MAGIC */
        uint32_t abi_major; /* GOVERNORD_ABI_MAJOR */
        uint32_t abi_minor; /* GOVERNORD_ABI_MINOR */
        uint32_t size;      /* sizeof(struct gov_driver) */
        uint32_t row_size;  /* sizeof(struct gov_knob_row): the stride of `rows` */
        uint32_t n_rows;
        uint32_t flags;    /* GOV_DRIVER_* */
        uint32_t priority; /* when two drivers name the same file, it belongs to the one with the higher priority */
        const char *name;  /* "intel"; the file is called NAME.so */
        const char *description;
        const struct gov_knob_row *rows;

        /* Looks for hardware. Returns 0 and sets *ret_state when it was found, -ENODEV when there is none, -EAGAIN when it may
         * appear later. */
        int (*probe)(const struct gov_host *host, void **ret_state);
        /* Frees the state. Called once for each successful probe(). Changes no hardware, except that it closes the descriptors of
         * GOV_KNOB_FD_HELD. */
        void (*remove)(void *state);
        /* Fills *ret, which the service has zeroed. Required. */
        int (*info)(void *state, struct gov_driver_info *ret);
        /* Returns the number of instances of row `row`, 0 when the machine has none. The number is constant until remove(). */
        int (*count)(void *state, uint32_t row);
        /* Describes instance `index`. The service has zeroed *ret and then set min = 1 and max = 0, which means an unknown
         * range. */
        int (*describe)(void *state, uint32_t row, uint32_t index, struct gov_instance *ret);
        /* Reads the value now in force into `ret`, as a text of at most `size` bytes including its terminating NUL. Returns the
         * length of the text without the NUL. */
        int (*read)(void *state, uint32_t row, uint32_t index, char *ret, size_t size);
        /* Writes `value`. Returns 0 when the hardware accepted it; the service reads it back itself. NULL for drivers that have
         * only sensors. */
        int (*write)(void *state, uint32_t row, uint32_t index, const char *value);
        /* Fills *ret with facts about a CPU that this driver controls. Returns -ENODEV for other CPUs. May be NULL. */
        int (*cpu)(void *state, uint32_t cpu, struct gov_cpu_facts *ret);
        /* Returns a descriptor that becomes readable when the driver needs a call of dispatch(), or -1. Both functions may be
         * NULL. */
        int (*get_fd)(void *state);
        /* Drains the descriptor. Returns GOV_DISPATCH_*. After a negative errno it is not called again before the next probe(). */
        int (*dispatch)(void *state);
        /* What the driver waits for when probe() returns -EAGAIN, as a text for people that follows "waits for": "a cpufreq
         * driver". May be NULL. */
        const char *waits_for;
        /* Kernel subsystems, separated by spaces ("cpu drm"). When a device of one of them comes or goes, the service probes the
         * driver again. With NULL or "" no device causes a probe. After sleep, and after a change of the configuration, the service
         * probes all drivers again. */
        const char *subsystems;
        /* The keys that the driver reads with option(), separated by spaces. The service warns about other keys in the section
         * [driver NAME]. NULL: none. */
        const char *options;
};

/* What dispatch() requests from the service. */
enum {
        GOV_DISPATCH_NOTHING = 0,
        GOV_DISPATCH_SENSORS = 1, /* read the sensors again */
        GOV_DISPATCH_PROBE = 2    /* the hardware changed: remove(), then probe() again */
};

/* Flags of a driver. GOV_DRIVER_MAY_BLOCK states that calls may take longer than some milliseconds. It is reserved: this version
 * calls drivers from its only thread and loads no driver with this flag. A later version will run such drivers in a process of
 * their own. */
#define GOV_DRIVER_MAY_BLOCK UINT32_C(0x1)

#define GOVERNORD_DRIVER_SYMBOL "governord_driver"

#if defined(__GNUC__)
#define GOVERNORD_EXPORT __attribute__((visibility("default")))
#else
#define GOVERNORD_EXPORT
#endif

/* The one symbol that a driver defines. */
extern GOVERNORD_EXPORT const struct gov_driver governord_driver;

#ifdef __cplusplus
}
#endif

#endif
