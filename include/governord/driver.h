/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GOVERNORD_DRIVER_H
#define GOVERNORD_DRIVER_H

/*
 * The driver contract of governord: everything that a driver plugin and the service know about each other.
 *
 * A driver is a shared object that exports one const data symbol, `governord_driver`. It finds one kind of
 * hardware below a root directory and describes the settings ("knobs") that it found there. It holds no policy,
 * remembers no original values, keeps no timers and starts no threads: the service does all of that, once, for
 * every driver. The facts in the table are read and checked before any function of the driver is called.
 *
 * Values travel as text, exactly as the kernel prints them (without the newline): what was read can be written
 * back letter by letter, and an unknown governor or firmware profile survives a round trip. Numbers are decimal.
 *
 * This header needs nothing but C99 or C++11. While GOVERNORD_ABI_MAJOR is 0 both numbers must match exactly;
 * afterwards the same major and a minor not above the service's own. Structures grow at their end only and
 * carry their size.
 *
 * All functions are called from one thread, never concurrently. The service does nothing else until they return, so a
 * call shall take less than 20 ms. A longer one is reported in the service's log, once for each function.
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

/* Longest value in bytes, its terminating NUL included. Longer ones are an error (-E2BIG), never cut. */
#define GOVERNORD_VALUE_MAX 64

/* Where an instance of a knob applies. `gov_instance.domain` counts within the scope: CPU number, policy number
 * (policyN), package number, device index. 0 for GOV_SCOPE_NODE. */
enum {
        GOV_SCOPE_NODE = 0,
        GOV_SCOPE_PACKAGE = 1,
        GOV_SCOPE_POLICY = 2,
        GOV_SCOPE_CPU = 3,
        GOV_SCOPE_GPU = 4,
        GOV_SCOPE_DEVICE = 5, /* anything else that has a name: a battery, a panel */
        GOV_SCOPE_COUNT
};

/* What a number means. Knobs with GOV_UNIT_TEXT are chosen from `gov_instance.choices`. */
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

/* Order of writes within one switch; the smaller first. The kernel refuses an EPP while the governor is
 * "performance", and a boost change moves the frequency limits. */
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
#define GOV_KNOB_LIMIT_MIN UINT32_C(0x002) /* a lower limit; written after its upper limit when rising. Level floors act on it, see below */
#define GOV_KNOB_LIMIT_MAX UINT32_C(0x004) /* an upper limit; level ceilings act on it, see below */
#define GOV_KNOB_NAMED     UINT32_C(0x008) /* accepts a number or one of the choices; a number may read back as a name */
#define GOV_KNOB_ROUNDS    UINT32_C(0x010) /* the hardware rounds: a read-back within `step` of the wish is right */
#define GOV_KNOB_FIRMWARE  UINT32_C(0x020) /* firmware or a key may change it on the user's behalf: a change by others is a
                                              wish of the user's, not drift */
#define GOV_KNOB_HEAT      UINT32_C(0x040) /* sensor: not "0" means slowed down by heat, unless we changed its file ourselves */
#define GOV_KNOB_LAP       UINT32_C(0x080) /* sensor: not "0" means slowed down since the machine is on a lap */
#define GOV_KNOB_OPT_IN    UINT32_C(0x100) /* never touched unless the configuration names driver or knob in `enable` */
#define GOV_KNOB_ACTION    UINT32_C(0x200) /* belongs to the power-profiles-daemon action named like the row */
#define GOV_KNOB_FD_HELD   UINT32_C(0x400) /* the write lasts only while the driver holds a descriptor open; an empty value lets go */
#define GOV_KNOB_PROBE     UINT32_C(0x800) /* a change of this value re-registers kernel objects: everything is probed again */
#define GOV_KNOB_SETTLES  UINT32_C(0x1000) /* the kernel takes a value at once and shows it a moment later: a read-back that differs
                                              is asked for again for some milliseconds */
#define GOV_KNOB_WAKE     UINT32_C(0x2000) /* longest time in microseconds that a CPU may take to wake up, "0" for no limit: latency targets
                                              of applications may shorten it */
#define GOV_KNOB_SOFT_MAX UINT32_C(0x4000) /* `max` is what firmware recommends: more may be asked for, up to what write() takes, and a profile's
                                              "max" and percentages never mean less than what was in force before */
/* clang-format on */

/*
 * Levels (0..1024) act on rows with GOV_KNOB_LIMIT_MIN or GOV_KNOB_LIMIT_MAX, by scope and unit:
 *
 *   GOV_SCOPE_POLICY       GOV_UNIT_KHZ      as cpu() says: its capacity is reached at max_khz
 *   GOV_SCOPE_GPU, _DEVICE GOV_UNIT_KHZ      1024 is the instance's `max`, or its highest choice
 *                          GOV_UNIT_PERCENT  1024 is 100
 *                          GOV_UNIT_LEVEL    the level itself
 *
 * The result is rounded up and clamped to the instance's range. With `choices` it is one of them: for a floor the next higher, for a
 * ceiling the next lower. All other rows are left to profiles: limits of power, whose watts no level is a share of; those of
 * GOV_SCOPE_NODE and GOV_SCOPE_PACKAGE, which have other scales (shares of all CPUs, uncore); and kHz without range and choices.
 */

/* One kind of setting: facts only. All pointers must stay valid while the driver is loaded. */
struct gov_knob_row {
        const char *name; /* lower-case letters, digits, '-', at most 32: the word used in configuration, e.g. "epp" */
        const char *help; /* one sentence for people, without a full stop */
        uint32_t scope;   /* GOV_SCOPE_* */
        uint32_t unit;    /* GOV_UNIT_* */
        uint32_t order;   /* GOV_ORDER_* */
        uint32_t flags;   /* GOV_KNOB_* */
};

/* Flags of an instance. */
#define GOV_INSTANCE_READ_ONLY UINT32_C(0x1) /* exists, but cannot be changed here; `note` says why */
#define GOV_INSTANCE_PRIVATE   UINT32_C(0x2) /* the value is a side channel (energy counters): for privileged callers only */

/*
 * One knob of one domain. Filled by describe(); strings are NUL-terminated.
 *
 * `identity` is what makes a device the same one wherever it turns up, such as a UUID: one line of opaque printable text, which is the same after
 * a reboot or on another bus; "" where domain and path are that. Originals go with it. Instances of one row with the same identity have different
 * labels.
 */
struct gov_instance {
        uint32_t domain;   /* number within the row's scope */
        uint32_t flags;    /* GOV_INSTANCE_* */
        int64_t min, max;  /* inclusive range of numeric values; min > max when unknown */
        int64_t step;      /* granularity of the hardware, 0 when unknown or 1 */
        char path[160];    /* file below the root that holds the value, for messages and for watching; "" when it is not a file */
        char choices[256]; /* space-separated texts that may be written; "" when any number in range may */
        char label[48];    /* name for people when the domain number says too little ("dram", "hidpp_battery_0"); may be "" */
        char note[96];     /* why read-only, or what is special; may be "" */
        char identity[96]; /* of the device, see above; may be "" */
};

/* What level 0..1024 means on one CPU. Level 1024 is the fastest that the fastest CPU of the machine can ever be. */
struct gov_cpu_facts {
        uint32_t policy;   /* cpufreq policy number, UINT32_MAX when none */
        uint32_t capacity; /* level of this CPU at max_khz: 1..1024 */
        uint32_t kind;     /* GOV_CPU_* */
        uint32_t reserved;
        uint64_t min_khz;       /* 0 when unknown, likewise below */
        uint64_t efficient_khz; /* lowest non-linear / most efficient */
        uint64_t base_khz;      /* guaranteed / nominal */
        uint64_t max_khz;       /* with boost */
};

enum { GOV_CPU_UNKNOWN = 0, GOV_CPU_PERFORMANCE = 1, GOV_CPU_EFFICIENCY = 2 };

/* What the driver found; filled by info(). */
struct gov_driver_info {
        char backend[32]; /* kernel interface in use, as other programs name it: "intel_pstate", "platform_profile" */
        char mode[32];    /* its mode: "active", "passive"; may be "" */
        char note[160];   /* what is missing and why, for people; may be "" */
        uint32_t kind;    /* GOV_KIND_* */
        uint32_t reserved;
};

enum { GOV_KIND_OTHER = 0, GOV_KIND_CPU = 1, GOV_KIND_PLATFORM = 2 };

/* Syslog levels, without <syslog.h>. */
enum { GOV_LOG_ERR = 3, GOV_LOG_WARNING = 4, GOV_LOG_NOTICE = 5, GOV_LOG_INFO = 6, GOV_LOG_DEBUG = 7 };

/* Kinds of simulated machine: ordinary files. In a tree a value may be followed by newlines, as kernel attributes are; a test rig
 * compares files byte by byte, so they hold the value alone. */
enum { GOV_SIMULATED_TREE = 1, GOV_SIMULATED_RIG = 2 };

/* What the service offers to a driver. Valid until remove() returns. */
struct gov_host {
        uint32_t size;      /* sizeof(struct gov_host) of the service */
        int32_t root_fd;    /* O_PATH descriptor of the root directory: "/" or a simulated machine. Every file is opened below
                               it, with relative paths */
        uint32_t simulated; /* GOV_SIMULATED_*: not 0 when the root is not the running machine: no ioctl, netlink or real device */
        uint32_t reserved;
        void *userdata; /* the service's own; pass `host` back, do not look */
        void (*log)(const struct gov_host *host, int level, const char *format, ...)
#if defined(__GNUC__)
                __attribute__((format(printf, 3, 4)))
#endif
                ;
        /* Text of a setting that the administrator made for this driver in [driver NAME], or NULL. */
        const char *(*option)(const struct gov_host *host, const char *key);
};

/*
 * Meaning of negative errno values from every function below:
 *   -ENODEV      not (or no longer) this driver's hardware      -EAGAIN  not yet: ask again when hardware appears
 *   -ERANGE, -EINVAL  value refused                             -EACCES  locked by firmware or by kernel lockdown
 *   -EBUSY       another agent owns it at the moment            -EIO     the hardware refused or answered nonsense
 *   -EOPNOTSUPP  no such knob here                              -E2BIG   longer than GOVERNORD_VALUE_MAX
 * Any other errno of a system call may pass through.
 */
struct gov_driver {
        uint32_t magic;     /* GOVERNORD_DRIVER_MAGIC */
        uint32_t abi_major; /* GOVERNORD_ABI_MAJOR */
        uint32_t abi_minor; /* GOVERNORD_ABI_MINOR */
        uint32_t size;      /* sizeof(struct gov_driver) */
        uint32_t row_size;  /* sizeof(struct gov_knob_row): the stride of `rows` */
        uint32_t n_rows;
        uint32_t flags;    /* GOV_DRIVER_* */
        uint32_t priority; /* when two drivers name the same file, the higher one has it */
        const char *name;  /* "intel"; the file is called NAME.so */
        const char *description;
        const struct gov_knob_row *rows;

        /* Looks for hardware. 0: found, *ret_state is set. -ENODEV: nothing here. -EAGAIN: perhaps later. */
        int (*probe)(const struct gov_host *host, void **ret_state);
        /* Frees the state. Called once for each successful probe; changes no hardware except what GOV_KNOB_FD_HELD lets go. */
        void (*remove)(void *state);
        /* Fills *ret, which the service has zeroed. Required. */
        int (*info)(void *state, struct gov_driver_info *ret);
        /* Number of instances of row `row`; 0 when the machine has none. Constant until remove(). */
        int (*count)(void *state, uint32_t row);
        /* Describes instance `index`. *ret was zeroed, with min = 1 and max = 0. */
        int (*describe)(void *state, uint32_t row, uint32_t index, struct gov_instance *ret);
        /* Reads the value now in force. Writes a NUL-terminated text of at most `size` bytes. Returns its length. */
        int (*read)(void *state, uint32_t row, uint32_t index, char *ret, size_t size);
        /* Writes. 0 when the hardware took it; the service reads back by itself. NULL for drivers with sensors only. */
        int (*write)(void *state, uint32_t row, uint32_t index, const char *value);
        /* Facts about a CPU that this driver drives; -ENODEV for others. May be NULL. */
        int (*cpu)(void *state, uint32_t cpu, struct gov_cpu_facts *ret);
        /* Descriptor that becomes readable when the driver wants dispatch(), or -1. Both may be NULL. */
        int (*get_fd)(void *state);
        /* Drains the descriptor. Returns GOV_DISPATCH_*; after a negative errno it is not called again before the next probe. */
        int (*dispatch)(void *state);
        /* What probe() waits for when it says -EAGAIN, for people, behind "waits for": "a cpufreq driver". May be NULL. */
        const char *waits_for;
        /* Kernel subsystems, separated by spaces ("cpu drm"): when one of their devices comes or goes, the driver is probed again. NULL or "": not because
         * of a device. All drivers are probed again after sleep and when the configuration changed. */
        const char *subsystems;
};

/* What dispatch() asks for. */
enum {
        GOV_DISPATCH_NOTHING = 0,
        GOV_DISPATCH_SENSORS = 1, /* read the sensors again */
        GOV_DISPATCH_PROBE = 2    /* the hardware changed: remove(), then probe() again */
};

/* Flags of a driver. Calls may take longer than some milliseconds. Reserved: this version calls drivers from its only thread and loads no
 * driver with this flag; a later one will run such drivers in a process of their own. */
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
