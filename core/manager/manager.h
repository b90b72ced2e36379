/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_MANAGER_H
#define CORE_MANAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "base/message.h"
#include "core/config/config.h"
#include "core/decide/request.h"
#include "core/machine/knob.h"
#include "core/manager/actions.h"
#include "core/manager/degraded.h"
#include "core/manager/ineffective.h"
#include "core/sessions/engine.h"

/*
 * The service without its bus: owns drivers, knobs, requests, ledger and state, and decides. Everything that the bus offers is a
 * function here, so that it can be tested without one. Functions that can fail return negative errno and, where they take a
 * `struct message`, a sentence for people: what failed, on what, with which value, why probably, what happens now.
 */

struct manager;

struct manager_options {
        const char *root; /* "/" or a simulated machine */
        bool simulated;   /* root is not the running machine */
        bool rig;         /* ... but a test rig for power-profiles-daemon, which compares files byte by byte */
        const char *driver_dir;
        const char *state_dir;   /* kept over reboots: choices */
        const char *runtime_dir; /* gone at reboot: the ledger */
        const char *state_file;  /* name in state_dir; NULL: "state.ini" */
        struct config_dirs config_dirs;
        struct config *
                config; /* NULL: that in config_dirs. With dry_run: one to be judged, with errors or not; owned from manager_start() on */
        const char *block_drivers; /* blank-separated words, may be "" */
        const char *block_actions;
        bool ignore_power;    /* --disable-upower: behave as on AC, do not save battery-awareness */
        bool use_power_class; /* read sys/class/power_supply where UPower does not run */
        bool dry_run;         /* writes nothing at all: neither hardware nor files */
        /* How drivers are reached whose calls may block, see core/machine/plugin.h; NULL: they are refused. */
        const struct access_transport *(*transport)(struct plugin *plugin, const struct gov_driver *driver, void *userdata);
        void *transport_userdata;
};

/* What changed; a bit mask for listeners. */
#define CHANGED_ACTIVE        UINT32_C(0x001) /* active profile */
#define CHANGED_HOLDS         UINT32_C(0x002) /* profile holds */
#define CHANGED_DEGRADED      UINT32_C(0x004)
#define CHANGED_PROFILES      UINT32_C(0x008) /* which profiles are offered, or by whom */
#define CHANGED_ACTIONS       UINT32_C(0x010)
#define CHANGED_BATTERY_AWARE UINT32_C(0x020)
#define CHANGED_POWER         UINT32_C(0x040) /* power source, percentage */
#define CHANGED_RULES         UINT32_C(0x080)
#define CHANGED_LEVELS        UINT32_C(0x100) /* level requests */
#define CHANGED_SELECTED      UINT32_C(0x200)
#define CHANGED_ALL           UINT32_MAX

/* Knobs of one row changed together. */
struct change_summary {
        uint64_t usec; /* CLOCK_REALTIME */
        const char *knob;
        uint32_t domains;      /* how many */
        const char *new_value; /* of the first */
        const char *cause;
        const char *who;
};

/* Outward callbacks; all may be NULL. Called from within manager functions, before these return: a listener must not call back
 * into functions that change something. */
struct listener {
        void (*changed)(uint32_t mask, void *userdata);
        /* Also when a lasting level got other limits. */
        void (*request_added)(const struct request *request, void *userdata);
        void (*request_ended)(const struct request *request, const char *reason, void *userdata);
        void (*knobs_changed)(const struct change_summary *summary, void *userdata);
        void *userdata;
        struct listener *next; /* the manager's */
};

int manager_new(sd_event *event, const struct manager_options *options, struct manager **ret);
/* Puts back what is still ours (unless manager_keep() was called), closes everything. */
struct manager *manager_free(struct manager *manager);
/* From now on the listener is called, after those that were added before it. It stays the caller's, and must be there until
 * manager_unlisten() or manager_free(). */
void manager_listen(struct manager *manager, struct listener *listener);
/* A listener that was not added is left alone. */
void manager_unlisten(struct manager *manager, struct listener *listener);

/* Loads configuration and state, restores what a killed predecessor left, probes drivers, applies the saved profile. A failing
 * knob or driver is not an error; an unreadable configuration falls back to the built-in defaults and is reported. */
int manager_start(struct manager *manager);
/* One line for the journal: profile, drivers, how many knobs. */
void manager_log_ready(struct manager *manager);
/* Restores every knob that is still ours and ends all requests. */
void manager_stop(struct manager *manager);

/* -- profiles -- */
const struct config *manager_config(const struct manager *manager);
const struct profile *manager_active(const struct manager *manager);
const struct profile *manager_selected(const struct manager *manager);
/* "manual", "rule:NAME", "hold:COOKIE", "firmware", "start" */
const char *manager_cause(const struct manager *manager);
/* True if the machine offers it: power-saver and balanced always, performance when a line of it applies to a setting of a CPU driver,
 * of a complete platform profile, or of any driver that is neither. */
bool manager_profile_available(const struct manager *manager, const struct profile *profile);
/* Names for PPD's Profiles: of the CPU and platform driver that carry out this base profile; NULL when there is none
 * (*ret_platform may be "placeholder"). */
void manager_profile_drivers(const struct manager *manager, enum profile_base base, const char **ret_cpu,
                             const char **ret_platform);
/* A manual choice by `who` ("powerprofilesctl[123]", for messages). Ends all profile holds when the profile differs from the
 * active one. -ENOENT unknown, -EOPNOTSUPP not available here, other: no knob at all could be set, or the ledger could not be
 * written; then the former profile stays in force. */
int manager_select(struct manager *manager, const char *profile, const char *who, struct message *ret);

/* -- requests -- */
const struct requests *manager_requests(const struct manager *manager);
/* Adds a request (owner, application, reason, pid, kind and its fields from `template`; deadline_usec relative to now there) and
 * applies it. *ret_cookie on success. -ENOENT unknown profile, -EOPNOTSUPP profile not available, -ENXIO no such domain,
 * -EINVAL level out of 0..1024 or floor and ceiling both -1, -EDQUOT too many of this owner. */
int manager_request(struct manager *manager, const struct request *template, uint32_t *ret_cookie, struct message *ret);
/* -ENOENT unknown; -EPERM when `owner` is neither the request's owner nor NULL (a privileged caller). */
int manager_release(struct manager *manager, uint32_t cookie, const char *owner, const char *who);
/* All requests of a bus name that left. */
void manager_owner_gone(struct manager *manager, const char *owner);
/* The administrator's lasting floor and ceiling of a domain; -1, -1 removes it. Errors as manager_request(). */
int manager_set_level(struct manager *manager, uint32_t scope, uint32_t domain, int floor, int ceiling, const char *who,
                      struct message *ret);
/* Finds out what each request decides at the moment, for its effects. Returns how many values it read for that. */
uint32_t manager_weigh_requests(struct manager *manager);
/* Why there is no effect, for people; "" for EFFECT_YES. */
const char *request_effect_note(enum request_effect effect);

/* -- sessions -- */
/* What sessions ask of these CPUs now. Written at once, within what profile and requests leave. */
void manager_set_demands(struct manager *manager, const struct cpu_demand *demands, size_t n);
/* `report` is called, now and at each change, with what requests leave to sessions on each CPU, in ascending order: beyond it a policy would only wind
 * up. Not called while everything is left. NULL ends it. */
void manager_follow_bounds(struct manager *manager, void (*report)(const struct cpu_bounds *bounds, size_t n, void *userdata),
                           void *userdata);

/* -- PPD's extras -- */
bool manager_battery_aware(const struct manager *manager);
int manager_set_battery_aware(struct manager *manager, bool aware); /* -EALREADY */

/* PPD's known actions: *ret points to n entries owned by the manager. */
size_t manager_actions(const struct manager *manager, const struct action **ret);
/* -ENOENT unknown. Enabling one that this machine lacks succeeds, and it stays disabled (as PPD does). */
int manager_set_action(struct manager *manager, const char *name, bool enabled);

/* Calls `each` for every counter; a negative return ends the walk and is returned. Reads no hardware. */
int manager_each_counter(struct manager *manager, int (*each)(const char *name, uint64_t value, const char *help, void *userdata),
                         void *userdata);

/* -- degradation -- */
uint32_t manager_degraded(const struct manager *manager);

/* -- what is seen -- */
struct power_view {
        const char *source; /* "ac", "battery", "unknown" */
        int percent;        /* -1 unknown */
};
void manager_power(const struct manager *manager, struct power_view *ret);
/* True while the rule's conditions hold; *ret_deciding when it is the one in force. */
bool manager_rule_holds(const struct manager *manager, size_t rule, bool *ret_deciding);

struct driver_view {
        const char *name, *description, *backend, *mode, *state, *note;
        uint32_t n_knobs;
};
/* Calls `each` per driver file found; a negative return ends the walk and is returned. */
int manager_each_driver(const struct manager *manager, int (*each)(const struct driver_view *driver, void *userdata),
                        void *userdata);

struct knob_view {
        char domain[24];
        const char *knob, *label, *unit, *driver, *path, *state, *help;
        char value[GOVERNORD_VALUE_MAX]; /* read now; "" when unreadable or private */
        const char *original, *wanted;   /* "" untouched / left alone */
        char range[272];                 /* "800000..4200000", or the choices */
        char message[256];
};
/* Knobs that act on a domain (GOV_SCOPE_COUNT for all). Sensors marked private only with `privileged`. -ENXIO no such domain. */
int manager_each_knob(struct manager *manager, uint32_t scope, uint32_t domain, bool privileged,
                      int (*each)(const struct knob_view *knob, void *userdata), void *userdata);

struct explain_view {
        char domain[24];
        const char *knob, *label, *unit, *driver;
        const char *now, *then; /* then "": left alone */
        char limiter[256];
};
/* Behind the knobs, with domain "", lines of a profile whose knob is not here. `what`: a profile's name or a level. -ENOENT neither. */
int manager_explain(struct manager *manager, const char *what, int (*each)(const struct explain_view *knob, void *userdata),
                    void *userdata);

/* Lines of the configuration that do nothing on this machine. */
/* Those of the active profile, lines that are overridden, and names of governors, and in `enable`, `block` and [driver], that stand for nothing. */
void manager_each_ineffective(struct manager *manager, ineffective_fn each, void *userdata);
/* Adds warnings about all lines of a configuration that do nothing on this machine to the findings (core/config/findings.h), and sorts them.
 * `config` may be another one than the manager's, and have errors. */
void manager_warn_ineffective(struct manager *manager, const struct config *config, char **findings);
/* Before the start; without it governors are not judged. */
void manager_judge_governors(struct manager *manager, const struct governor_judge *judge);
/* First error of the configuration that could not be loaded, so that an older one, or none, is in force; "" when all is well. */
const char *manager_config_error(const struct manager *manager);

struct change_view {
        uint64_t usec;
        char domain[24];
        const char *knob, *old_value, *new_value, *cause, *who;
};
/* Newest first. -ENXIO no such domain. */
int manager_why(const struct manager *manager, uint32_t scope, uint32_t domain,
                int (*each)(const struct change_view *change, void *userdata), void *userdata);

struct cpu_view {
        uint32_t cpu, policy, package; /* UINT32_MAX: no policy; package not known, as of a CPU that is offline */
        struct gov_cpu_facts facts;
        bool online;
        uint32_t floor, ceiling;        /* level range in force, by requests */
        uint64_t now_khz;               /* present frequency; this and those below: 0 unknown, or not asked for */
        uint64_t idle_usec, total_usec; /* time without work, and all time, since boot */
};
int manager_each_cpu(const struct manager *manager, int (*each)(const struct cpu_view *cpu, void *userdata), void *userdata);
/* The same with what the CPUs do at the moment, which takes a read for each. */
int manager_each_cpu_now(const struct manager *manager, int (*each)(const struct cpu_view *cpu, void *userdata), void *userdata);
/* True if the domain exists on this machine. */
bool manager_domain_exists(const struct manager *manager, uint32_t scope, uint32_t domain);
/* Package numbers, ascending: *ret points to n numbers owned by the manager. */
size_t manager_packages(const struct manager *manager, const uint32_t **ret);
/* A package has one energy counter for each of its dies, and each of them wraps by itself. `name` is interned; range 0 is unknown. */
struct energy_counter {
        const char *name;
        uint64_t energy_uj, range_uj;
};
#define ENERGY_COUNTERS_MAX 16
/* Reads all counters of a package. How many; -ENODATA when there is none or one of them cannot be read, as a part of the sum would be
 * taken for the whole. */
int manager_package_energy(struct manager *manager, uint32_t package, struct energy_counter ret[static ENERGY_COUNTERS_MAX]);
/* CPU model name of the machine, "" unknown. */
const char *manager_cpu_model(const struct manager *manager);
/* Everything as text; malloc'ed. */
int manager_dump(struct manager *manager, char **ret);

/* -- events from outside -- */
int manager_reload(struct manager *manager, char **ret_errors); /* the last good configuration stays on error */
/* One log line for each error; takes the text apart. NULL: `error` alone. */
void manager_log_config_errors(char *errors, int error);
void manager_resumed(struct manager *manager); /* after suspend: probes and applies again */
void manager_reprobe(struct manager *manager, const char *why);
void manager_set_external_power(struct manager *manager, bool on_battery, int percent); /* UPower */
void manager_clear_external_power(struct manager *manager);
void manager_set_idle(struct manager *manager, bool idle);
void manager_set_unit_active(struct manager *manager, const char *unit, bool active);
void manager_forget_units(struct manager *manager); /* no rule names one, so their states are not followed */

/* -- for --dry-run -- */
/* Prints to standard output every write that selecting `profile` (NULL: the saved one) would make, one a line. */
int manager_print_plan(struct manager *manager, const char *profile);

#endif
