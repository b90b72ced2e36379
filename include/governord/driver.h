/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GOVERNORD_DRIVER_H
#define GOVERNORD_DRIVER_H

/*
 * The interface between governord and its driver plugins.
 *
 * A driver is a shared object that exports one const data symbol, `governord_driver`. It finds one kind of hardware below a root
 * directory, and describes, reads and writes its settings ("knobs"). Profiles, original values and timers are the service's
 * responsibility; a driver must not start threads. The service validates the driver's table before it calls any function of the
 * driver.
 *
 * Values are passed as text in the form in which the kernel prints them, without the newline, so that the service can write back
 * any value that it has read, even one that the driver does not recognize. Numbers are decimal.
 *
 * This header requires only C99 or C++11. While GOVERNORD_ABI_MAJOR is 0, a driver must have exactly the service's major and minor
 * number. From major 1 on, the major numbers must be equal, and the driver's minor number must not exceed the service's. Structures
 * grow only at their end.
 *
 * The service calls all functions from one thread, one at a time, and blocks until the call returns. A call must therefore take
 * less than 20 ms. The service logs a longer call, once for each function.
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

/* Maximum size of a value in bytes, with the terminating NUL. A longer value is an error (-E2BIG); values are never truncated. */
#define GOVERNORD_VALUE_MAX 64

/* Where an instance of a knob applies. `gov_instance.domain` is a number within the scope: the number of the CPU, cpufreq policy (N
 * of policyN) or package, or an index of GPUs or devices. It is 0 for GOV_SCOPE_NODE. */
enum {
        GOV_SCOPE_NODE = 0,
        GOV_SCOPE_PACKAGE = 1,
        GOV_SCOPE_POLICY = 2,
        GOV_SCOPE_CPU = 3,
        GOV_SCOPE_GPU = 4,
        GOV_SCOPE_DEVICE = 5, /* any other device, such as a battery or a panel */
        GOV_SCOPE_COUNT
};

/* Unit of a knob's values. A knob with GOV_UNIT_TEXT accepts the values in `gov_instance.choices`. */
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

/* Order of writes when a profile is applied: rows with a smaller number are written first. For example, the kernel rejects an EPP
 * while the governor is "performance", so the governor is written before it; and it resets the upper limit of the frequency when
 * boost is written, so limits follow boost. */
enum {
        GOV_ORDER_MODE = 0,
        GOV_ORDER_GOVERNOR = 10,
        GOV_ORDER_EPP = 20,
        GOV_ORDER_BOOST = 30,
        GOV_ORDER_LIMIT = 40,
        GOV_ORDER_POWER = 50,
        GOV_ORDER_PLATFORM = 60,
        GOV_ORDER_ACTION = 70
};

/* Flags of a row. */
/* clang-format off */
#define GOV_KNOB_SENSOR    UINT32_C(0x001) /* can only be read; never part of a profile */
#define GOV_KNOB_LIMIT_MIN UINT32_C(0x002) /* a lower limit; if it is raised together with its upper limit, the upper limit is
                                              written first. Level floors act on it, see below */
#define GOV_KNOB_LIMIT_MAX UINT32_C(0x004) /* an upper limit; level ceilings act on it, see below */
#define GOV_KNOB_NAMED     UINT32_C(0x008) /* accepts a number or one of the choices; a number may be read back as a name */
#define GOV_KNOB_ROUNDS    UINT32_C(0x010) /* the hardware rounds: a value read back within `step` of the written one is correct; if
                                              `step` is 0, within 1, or within a quarter if the unit is microseconds */
#define GOV_KNOB_FIRMWARE  UINT32_C(0x020) /* the firmware may change it, for example after a key was pressed: this usually
                                              counts as the user's choice and not as drift */
#define GOV_KNOB_HEAT      UINT32_C(0x040) /* sensor: any value but "0" means that heat slows the machine down; ignored while the
                                              file has a value that the service wrote */
#define GOV_KNOB_LAP       UINT32_C(0x080) /* sensor: any value but "0" means that the firmware slows the machine down because it
                                              is on a lap */
#define GOV_KNOB_OPT_IN    UINT32_C(0x100) /* never changed unless `enable` in the configuration names the driver or the knob */
#define GOV_KNOB_ACTION    UINT32_C(0x200) /* belongs to the power-profiles-daemon action with the same name as the row */
#define GOV_KNOB_FD_HELD   UINT32_C(0x400) /* the value applies only while the driver holds a descriptor open; writing an empty
                                              value closes it */
#define GOV_KNOB_PROBE     UINT32_C(0x800) /* sensor whose instance has a `path`: when its value changes, the kernel re-registers
                                              objects, so all drivers are probed again. No effect on other rows, nor on instances
                                              without a `path` */
#define GOV_KNOB_SETTLES  UINT32_C(0x1000) /* the kernel may return the former value for a moment after a write: while the value
                                              read back differs, the service repeats the read for some milliseconds */
#define GOV_KNOB_WAKE     UINT32_C(0x2000) /* longest time in microseconds that a CPU may take to wake up, "0" for no limit; latency
                                              targets of applications may shorten it */
#define GOV_KNOB_SOFT_MAX UINT32_C(0x4000) /* `max` is only the firmware's recommendation: a profile may set a higher value unless
                                              write() rejects it. "max" and percentages in a profile refer to `max` or to the value
                                              before governord's first change, whichever is higher */
/* clang-format on */

/*
 * Levels (0..1024) act on rows with GOV_KNOB_LIMIT_MIN or GOV_KNOB_LIMIT_MAX. The scope and unit of the row define the value to
 * which a level is converted:
 *
 *   GOV_SCOPE_POLICY       GOV_UNIT_KHZ      as described by cpu(): a CPU reaches its `capacity` at `max_khz`
 *   GOV_SCOPE_GPU, _DEVICE GOV_UNIT_KHZ      1024 is the instance's `max`, or its highest choice
 *                          GOV_UNIT_PERCENT  1024 is 100
 *                          GOV_UNIT_LEVEL    the level itself
 *
 * The result is rounded up and clamped: for GOV_SCOPE_POLICY to the range from min_khz to max_khz of cpu(), otherwise to the
 * instance's range. If an instance of a GPU or device has `choices`, one of them is used: the next higher one for a floor, the
 * next lower one for a ceiling. Levels do not act on these rows, which only profiles set:
 *   - power limits, because performance is not proportional to power
 *   - rows of GOV_SCOPE_NODE and GOV_SCOPE_PACKAGE, which have other scales (a share of all CPUs, the uncore clock)
 *   - rows in kHz whose instances have neither a range nor choices
 */

/* Describes one kind of setting. All pointers must stay valid while the driver is loaded. */
struct gov_knob_row {
        const char *name; /* at most 32 lower-case letters, digits and '-': the word used in the configuration, e.g. "epp" */
        const char *help; /* one sentence shown to users, without a full stop */
        uint32_t scope;   /* GOV_SCOPE_* */
        uint32_t unit;    /* GOV_UNIT_* */
        uint32_t order;   /* GOV_ORDER_* */
        uint32_t flags;   /* GOV_KNOB_* */
};

/* Flags of an instance. */
#define GOV_INSTANCE_READ_ONLY UINT32_C(0x1) /* cannot be changed on this machine; `note` states the reason */
#define GOV_INSTANCE_PRIVATE   UINT32_C(0x2) /* the value is a side channel (energy counters): shown to privileged callers only */

/*
 * One knob of one domain, filled by describe(). Strings are NUL-terminated.
 *
 * `identity` identifies a device wherever it is attached, for example by its UUID. It is one line of printable text, which must
 * stay the same after a reboot and on another bus, and is "" if domain and path identify the device. With it the service assigns
 * stored original values to devices. Instances of one row with the same identity must have different labels.
 */
struct gov_instance {
        uint32_t domain;   /* number within the scope of the row */
        uint32_t flags;    /* GOV_INSTANCE_* */
        int64_t min, max;  /* inclusive range of numeric values, in the unit of the row; min > max if unknown */
        int64_t step;      /* granularity of the hardware, in the unit of the row; 0 if it is unknown or 1. Used only if the row
                              has GOV_KNOB_ROUNDS */
        char path[160];    /* file that contains the value, relative to the root; the service may watch it. "": none */
        char choices[256]; /* space-separated texts that may be written; "" if any number in the range may be written */
        char label[48];    /* name shown to users if the domain number is not enough ("dram", "hidpp_battery_0"), or "" */
        char note[96];     /* why the instance is read-only, or another remark for users, or "" */
        char identity[96]; /* of the device, see above */
};

/* Relates levels to frequencies on one CPU. Level 1024 is the highest performance that the fastest CPU of the machine can reach. */
struct gov_cpu_facts {
        uint32_t policy;   /* cpufreq policy number, UINT32_MAX if none */
        uint32_t capacity; /* level of this CPU at max_khz: 1..1024 */
        uint32_t kind;     /* GOV_CPU_* */
        uint32_t reserved;
        uint64_t min_khz;       /* each of these four frequencies is 0 if unknown */
        uint64_t efficient_khz; /* most efficient frequency (CPPC: lowest nonlinear) */
        uint64_t base_khz;      /* guaranteed frequency (CPPC: nominal) */
        uint64_t max_khz;       /* with boost */
};

enum { GOV_CPU_UNKNOWN = 0, GOV_CPU_PERFORMANCE = 1, GOV_CPU_EFFICIENCY = 2 };

/* The result of the probe, filled by info(). */
struct gov_driver_info {
        char backend[32]; /* kernel interface in use, by its usual name: "intel_pstate", "platform_profile" */
        char mode[32];    /* its mode ("active", "passive"), or "" */
        char note[160];   /* shown to users: what is missing and why, or "" */
        uint32_t kind;    /* GOV_KIND_* */
        uint32_t reserved;
};

enum { GOV_KIND_OTHER = 0, GOV_KIND_CPU = 1, GOV_KIND_PLATFORM = 2 };

/* Syslog levels. */
enum { GOV_LOG_ERR = 3, GOV_LOG_WARNING = 4, GOV_LOG_NOTICE = 5, GOV_LOG_INFO = 6, GOV_LOG_DEBUG = 7 };

/* Kinds of simulated machines, which consist of ordinary files. In a tree, a newline may follow a value, as in kernel attributes.
 * The files of a test rig, which are compared byte by byte, contain only the value. */
enum { GOV_SIMULATED_TREE = 1, GOV_SIMULATED_RIG = 2 };

/* What the service provides to a driver. It belongs to the service and is valid until remove() returns. */
struct gov_host {
        uint32_t size;      /* sizeof(struct gov_host) of the service */
        int32_t root_fd;    /* O_PATH descriptor of the root directory: "/" or a simulated machine. A driver must open all files
                               relative to it, and must not close it */
        uint32_t simulated; /* GOV_SIMULATED_*, or 0 for the running machine. If it is not 0, the driver must not use ioctl, netlink
                               or a real device */
        uint32_t reserved;
        void *userdata; /* private to the service */
        /* Logs a message at the given GOV_LOG_* level. */
        void (*log)(const struct gov_host *host, int level, const char *format, ...)
#if defined(__GNUC__)
                __attribute__((format(printf, 3, 4)))
#endif
                ;
        /* Returns the value of `key` in the section [driver NAME] of the configuration, or NULL if it is not set or if `options` of
         * the driver does not list the key. The string belongs to the service and becomes invalid when the configuration is
         * reloaded: copy it if it is needed later. */
        const char *(*option)(const struct gov_host *host, const char *key);
};

/*
 * All functions are required, except those that may be NULL. Functions that return int report errors as negative errno values with
 * these meanings:
 *   -ENODEV           the hardware is absent, or not one that this driver supports
 *   -EAGAIN           the hardware may appear later: probe again then
 *   -ERANGE, -EINVAL  the value is rejected: it is malformed, none of the choices, or a number that no hardware has, such as
 *                     INT64_MAX
 *   -EACCES           the knob is locked by the firmware or by kernel lockdown
 *   -EBUSY            another program or the firmware controls the knob at the moment
 *   -EIO              the hardware failed or returned invalid data
 *   -EOPNOTSUPP       this machine does not have the knob
 *   -E2BIG            the value is not shorter than GOVERNORD_VALUE_MAX
 * A driver may also return any other errno of a system call. Exceptions are documented with the functions.
 */
struct gov_driver {
        uint32_t magic;     /* GOVERNORD_DRIVER_MAGIC */
        uint32_t abi_major; /* GOVERNORD_ABI_MAJOR */
        uint32_t abi_minor; /* GOVERNORD_ABI_MINOR */
        uint32_t size;      /* sizeof(struct gov_driver) */
        uint32_t row_size;  /* sizeof(struct gov_knob_row): the stride of `rows` */
        uint32_t n_rows;
        uint32_t flags;    /* GOV_DRIVER_* */
        uint32_t priority; /* if two drivers claim the same file, the one with the higher priority gets it */
        const char *name;  /* "intel"; the file is called NAME.so */
        const char *description;
        const struct gov_knob_row *rows;

        /* Looks for hardware. Returns 0 if it was found; *ret_state is then a pointer of the driver's choice, which remove() frees.
         * Returns -ENODEV if the hardware is absent, -EAGAIN if it may appear later. */
        int (*probe)(const struct gov_host *host, void **ret_state);
        /* Frees the state; called once for each successful probe(). Must not change hardware, except by closing descriptors of
         * GOV_KNOB_FD_HELD. */
        void (*remove)(void *state);
        /* Fills *ret, which is zeroed before the call. */
        int (*info)(void *state, struct gov_driver_info *ret);
        /* Returns the number of instances of row `row`, which must not change until remove(). 0 if the machine has none. */
        int (*count)(void *state, uint32_t row);
        /* Describes instance `index` (from 0 on) of row `row`. Before the call, *ret is zeroed except for min = 1 and max = 0,
         * which mean an unknown range. */
        int (*describe)(void *state, uint32_t row, uint32_t index, struct gov_instance *ret);
        /* Reads the current value into `ret`, a buffer of `size` bytes, and NUL-terminates it. Returns the length of the text. */
        int (*read)(void *state, uint32_t row, uint32_t index, char *ret, size_t size);
        /* Writes `value`. Returns 0 if the hardware accepted it; the service reads it back. May be NULL in a driver that has only
         * sensors. */
        int (*write)(void *state, uint32_t row, uint32_t index, const char *value);
        /* Fills *ret for a CPU that this driver controls. Returns -ENODEV for other CPUs. May be NULL. */
        int (*cpu)(void *state, uint32_t cpu, struct gov_cpu_facts *ret);
        /* Returns a descriptor that becomes readable when dispatch() is to be called, or -1. The driver keeps ownership. Both
         * functions may be NULL. */
        int (*get_fd)(void *state);
        /* Drains the descriptor. Returns GOV_DISPATCH_*. After a negative errno it is not called again before the next probe(). */
        int (*dispatch)(void *state);
        /* Shown to users after the words "waits for" if probe() returned -EAGAIN, for example "a cpufreq driver". May be NULL. */
        const char *waits_for;
        /* Kernel subsystems, separated by spaces ("cpu drm"): the service probes the driver again when a device of one of them
         * appears or disappears. May be NULL or "". After system sleep, and after a change of the configuration, the service probes
         * all drivers again. */
        const char *subsystems;
        /* The keys that the driver reads with option(), separated by spaces. The service warns about other keys in the section
         * [driver NAME]. NULL: none. */
        const char *options;
};

/* Results of dispatch(). */
enum {
        GOV_DISPATCH_NOTHING = 0,
        GOV_DISPATCH_SENSORS = 1, /* read the sensors again */
        GOV_DISPATCH_PROBE = 2    /* the hardware changed: remove(), then probe() again */
};

/* Flags of a driver. GOV_DRIVER_MAY_BLOCK declares that calls may take longer than some milliseconds. It is reserved for drivers in
 * separate processes: this version of the service loads no driver with this flag. */
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
