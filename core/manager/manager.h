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

/* The service without the bus. The manager owns drivers, knobs, requests, ledger and saved state, and decides which profile and
 * which values are in force. Every operation that the bus offers, except those of sessions and governors, is a function here, so
 * tests need no bus. Functions that can fail return a negative errno, and, unless memory is short, store a sentence for users in
 * their `struct message`, if they have one. */

struct manager;

struct manager_options {
        const char *root; /* "/" or a simulated machine */
        bool simulated;   /* root is not the running machine */
        bool rig;         /* the root was made by the tests of power-profiles-daemon, which compare files byte by byte */
        const char *driver_dir;
        const char *state_dir;   /* kept across reboots: choices */
        const char *runtime_dir; /* lost at a reboot: the ledger */
        const char *state_file;  /* name in state_dir; NULL: "state.ini" */
        struct config_dirs config_dirs;
        /* NULL: the configuration in config_dirs. Otherwise, only with dry_run: a configuration to be judged, which may have
         * errors. manager_start() takes ownership of it. */
        struct config *config;
        const char *block_drivers; /* blank-separated words, may be "" */
        const char *block_actions;
        bool ignore_power;    /* --disable-upower: behave as on mains, do not save battery awareness */
        bool use_power_class; /* read sys/class/power_supply if UPower is not running */
        bool dry_run;         /* write neither hardware nor files */
        /* Transport for drivers whose calls may block, see core/machine/plugin.h. NULL: drivers that may block are refused. */
        const struct access_transport *(*transport)(struct plugin *plugin, const struct gov_driver *driver, void *userdata);
        void *transport_userdata;
};

/* What changed; a bit mask for listeners. */
#define CHANGED_ACTIVE        UINT32_C(0x001) /* active profile */
#define CHANGED_HOLDS         UINT32_C(0x002) /* profile holds */
#define CHANGED_DEGRADED      UINT32_C(0x004)
#define CHANGED_PROFILES      UINT32_C(0x008) /* which profiles are offered, or by which drivers */
#define CHANGED_ACTIONS       UINT32_C(0x010)
#define CHANGED_BATTERY_AWARE UINT32_C(0x020)
#define CHANGED_POWER         UINT32_C(0x040) /* power source, percentage */
#define CHANGED_RULES         UINT32_C(0x080)
#define CHANGED_LEVELS        UINT32_C(0x100) /* level requests */
#define CHANGED_SELECTED      UINT32_C(0x200)
#define CHANGED_ALL           UINT32_MAX

/* Describes knobs of one row of a driver that changed together. */
struct change_summary {
        uint64_t usec; /* CLOCK_REALTIME */
        const char *knob;
        uint32_t domains;      /* number of domains */
        const char *new_value; /* value of the first domain */
        const char *cause;
        const char *who;
};

/* Callbacks, all of which may be NULL. Functions of the manager call them before they return, so a listener must not call functions
 * of the manager that change anything. */
struct listener {
        void (*changed)(uint32_t mask, void *userdata);
        /* Also called when the floor or ceiling of a lasting level has changed. */
        void (*request_added)(const struct request *request, void *userdata);
        void (*request_ended)(const struct request *request, const char *reason, void *userdata);
        void (*knobs_changed)(const struct change_summary *summary, void *userdata);
        void *userdata;
        struct listener *next; /* private to the manager */
};

/* Creates a manager that does nothing before manager_start(). Returns 0, -ENOMEM, or the error of opening the root. */
int manager_new(sd_event *event, const struct manager_options *options, struct manager **ret);
/* Calls manager_stop() and frees everything. Accepts NULL; always returns NULL. */
struct manager *manager_free(struct manager *manager);
/* Adds a listener. Listeners are called in the order in which they were added. The caller keeps ownership; the listener must exist
 * until manager_unlisten() or manager_free(). */
void manager_listen(struct manager *manager, struct listener *listener);
/* Does nothing for a listener that was not added. */
void manager_unlisten(struct manager *manager, struct listener *listener);

/* Loads configuration and saved state, probes drivers, restores original values that the previous instance did not restore, and
 * applies the profile that is due. A knob or driver that fails is not an error. If the configuration cannot be used, the built-in
 * defaults are used instead, and the error is logged. Returns 0 or a negative errno. */
int manager_start(struct manager *manager);
/* Logs that the service is ready, with profile, drivers and number of knobs. */
void manager_log_ready(struct manager *manager);
/* Ends all requests, and restores the original value of every knob that still has a value written by the service. */
void manager_stop(struct manager *manager);

/* -- profiles -- */
const struct config *manager_config(const struct manager *manager);
const struct profile *manager_active(const struct manager *manager);
const struct profile *manager_selected(const struct manager *manager);
/* Returns the cause of the active profile: "manual", "rule:NAME", "hold:COOKIE", "firmware", "start", "unavailable" (the selected
 * profile is not available), or "failed" (a switch to another profile failed). */
const char *manager_cause(const struct manager *manager);
/* Returns true if the machine offers the standard profile on which the profile is based: see carriers_offer() in
 * core/decide/carriers.h. */
bool manager_profile_available(const struct manager *manager, const struct profile *profile);
/* Sets the names of the CPU driver and the platform driver that carry out this standard profile, for the property Profiles of
 * power-profiles-daemon (PPD); NULL if there is none (*ret_platform may be "placeholder"). */
void manager_profile_drivers(const struct manager *manager, enum profile_base base, const char **ret_cpu,
                             const char **ret_platform);
/* Selects a profile on behalf of `who` ("powerprofilesctl[123]", for messages and the history). Ends all profile holds if the
 * profile differs from the active one. Returns 0; -ENOENT: unknown profile; -EOPNOTSUPP: not available on this machine; or an error
 * of manager_settle() if no knob could be set or the ledger could not be written: then the former profile stays in force. */
int manager_select(struct manager *manager, const char *profile, const char *who, struct message *ret);

/* -- requests -- */
const struct requests *manager_requests(const struct manager *manager);
/* Adds a copy of `template`, in which deadline_usec is relative to now, and applies it. Takes ownership of the pidfd only on
 * success. Returns 0 and sets *ret_cookie; -ENOENT: unknown profile; -EOPNOTSUPP: profile not available; -ENXIO: no such domain;
 * -EINVAL: level outside 0..1024, floor above ceiling, or both -1; -EDQUOT: too many requests; -ENOMEM; or an error of
 * manager_settle(). */
int manager_request(struct manager *manager, const struct request *template, uint32_t *ret_cookie, struct message *ret);
/* Ends a request on behalf of the bus name `owner`, NULL for a privileged caller. Returns 0; -ENOENT: no such request, or it is a
 * lasting level; -EPERM: the request has another owner. */
int manager_release(struct manager *manager, uint32_t cookie, const char *owner, const char *who);
/* Ends all requests of a bus name that has left the bus. */
void manager_owner_gone(struct manager *manager, const char *owner);
/* Sets the administrator's lasting floor and ceiling of a domain; -1, -1 removes them. Errors as manager_request(). */
int manager_set_level(struct manager *manager, uint32_t scope, uint32_t domain, int floor, int ceiling, const char *who,
                      struct message *ret);
/* Determines the present effect of each request, and stores it in the request. Returns the number of values that were read from
 * hardware. */
uint32_t manager_weigh_requests(struct manager *manager);
/* Returns the reason why a request has no effect, for users; "" for EFFECT_YES. */
const char *request_effect_note(enum request_effect effect);

/* -- sessions -- */
/* Sets the present demands of sessions on these CPUs. Writes the limits that follow from them, from profile and requests, without
 * reading them back. */
void manager_set_demands(struct manager *manager, const struct cpu_demand *demands, size_t n);
/* Calls `report` after each change, and now if a request restricts the range already, with the range of levels that requests allow
 * sessions on each CPU, in ascending order of CPUs. Policies use it against integrator windup. NULL ends the calls. */
void manager_follow_bounds(struct manager *manager, void (*report)(const struct cpu_bounds *bounds, size_t n, void *userdata),
                           void *userdata);

/* -- battery awareness, actions and counters -- */
bool manager_battery_aware(const struct manager *manager);
/* Returns 0, or -EALREADY if this is the present value. */
int manager_set_battery_aware(struct manager *manager, bool aware);

/* Returns the number n of known actions (core/manager/actions.h); *ret points to n entries owned by the manager. */
size_t manager_actions(const struct manager *manager, const struct action **ret);
/* Returns -ENOENT for an unknown action. Enabling an action that this machine does not have succeeds, but the action stays disabled
 * (as in PPD). */
int manager_set_action(struct manager *manager, const char *name, bool enabled);

/* Calls `each` for every counter. Reads no hardware. As in all functions manager_each_*() whose callback returns an int, a negative
 * return ends the iteration and is returned. */
int manager_each_counter(struct manager *manager, int (*each)(const char *name, uint64_t value, const char *help, void *userdata),
                         void *userdata);

/* -- degradation -- */
uint32_t manager_degraded(const struct manager *manager);

/* -- views -- */
struct power_view {
        const char *source; /* "ac", "battery", "unknown" */
        int percent;        /* -1: unknown */
};
void manager_power(const struct manager *manager, struct power_view *ret);
/* Returns true if the conditions of the rule hold. *ret_deciding is true if it is the deciding rule and no selection of a profile
 * overrides it. */
bool manager_rule_holds(const struct manager *manager, size_t rule, bool *ret_deciding);

struct driver_view {
        const char *name, *description, *backend, *mode, *state, *note;
        uint32_t n_knobs;
};
/* Calls `each` for every driver file that was found. */
int manager_each_driver(const struct manager *manager, int (*each)(const struct driver_view *driver, void *userdata),
                        void *userdata);

struct knob_view {
        char domain[24];
        const char *knob, *label, *unit, *driver, *path, *state, *help;
        char value[GOVERNORD_VALUE_MAX]; /* read by this call; "" if unreadable or private */
        const char *original, *wanted;   /* original: "" if untouched; wanted: "" if left alone */
        char range[272];                 /* "800000..4200000", or the choices */
        char message[256];
};
/* Calls `each` for the knobs that act on a domain (GOV_SCOPE_COUNT for all knobs). Unless the caller is `privileged`, the values of
 * private knobs are hidden. Returns 0, or -ENXIO: no such domain. */
int manager_each_knob(struct manager *manager, uint32_t scope, uint32_t domain, bool privileged,
                      int (*each)(const struct knob_view *knob, void *userdata), void *userdata);

struct explain_view {
        char domain[24];
        const char *knob, *label, *unit, *driver;
        const char *now, *then; /* `then` is "" if the knob is left alone */
        char limiter[256];
};
/* Calls `each` for every knob that plan_each() visits. For a profile, calls it afterwards, with domain "", for its lines without
 * effect that belong to none of these knobs. `what` is the name of a profile, or a level. Returns -ENOENT if it is neither, or
 * -ENOMEM. */
int manager_explain(struct manager *manager, const char *what, int (*each)(const struct explain_view *knob, void *userdata),
                    void *userdata);

/* -- lines of the configuration that have no effect on this machine -- */
/* Calls `each` for the lines without effect: those of the active profile, overridden lines, and names (of governors, and in
 * `enable`, `block` and [driver]) that match nothing. */
void manager_each_ineffective(struct manager *manager, ineffective_fn each, void *userdata);
/* Adds a warning to the findings (core/config/findings.h) for each line of `config` that has no effect on this machine, and sorts
 * them. `config` need not be the configuration of the manager, and may have errors. */
void manager_warn_ineffective(struct manager *manager, const struct config *config, char **findings);
/* Sets the functions that judge names of governors. To be called before manager_start(); without it, these names are not judged. */
void manager_judge_governors(struct manager *manager, const struct governor_judge *judge);
/* Returns the first error of the last load of the configuration, "" if there was none. After an error the previous configuration,
 * or at the start the built-in defaults, are in force. */
const char *manager_config_error(const struct manager *manager);

struct change_view {
        uint64_t usec;
        char domain[24];
        const char *knob, *old_value, *new_value, *cause, *who;
};
/* Calls `each` for the latest change of each knob that acts on a domain (GOV_SCOPE_COUNT for all knobs), newest first. Returns 0;
 * -ENXIO: no such domain; -ENOMEM. */
int manager_why(const struct manager *manager, uint32_t scope, uint32_t domain,
                int (*each)(const struct change_view *change, void *userdata), void *userdata);

struct cpu_view {
        uint32_t cpu, policy, package; /* UINT32_MAX: no policy; package unknown, as for a CPU that is offline */
        struct gov_cpu_facts facts;
        bool online;
        uint32_t floor, ceiling;        /* range of levels in force, from requests and sessions */
        uint64_t now_khz;               /* present frequency; here and below, 0 means unknown, or not read by the function */
        uint64_t idle_usec, total_usec; /* time without work and total time since boot */
};
int manager_each_cpu(const struct manager *manager, int (*each)(const struct cpu_view *cpu, void *userdata), void *userdata);
/* As manager_each_cpu(), with the present frequency and the times of each CPU. Reads /proc/stat, and one file for each CPU that is
 * online. */
int manager_each_cpu_now(const struct manager *manager, int (*each)(const struct cpu_view *cpu, void *userdata), void *userdata);
/* Returns true if the domain exists on this machine. */
bool manager_domain_exists(const struct manager *manager, uint32_t scope, uint32_t domain);
/* Returns the number n of packages; *ret points to n package numbers in ascending order, owned by the manager. */
size_t manager_packages(const struct manager *manager, const uint32_t **ret);
/* A package has one energy counter for each of its dies. Each counter wraps independently, at range_uj (0: unknown). `name` is
 * interned. */
struct energy_counter {
        const char *name;
        uint64_t energy_uj, range_uj;
};
#define ENERGY_COUNTERS_MAX 16
/* Reads all counters of a package. Returns their number, or -ENODATA if there is none or if there are more than
 * ENERGY_COUNTERS_MAX. If one of them cannot be read, returns another negative errno and sets *ret_message, which may be NULL: the
 * other counters are not the total. */
int manager_package_energy(struct manager *manager, uint32_t package, struct energy_counter ret[static ENERGY_COUNTERS_MAX],
                           struct message *ret_message);
/* Returns the CPU model name of the machine, "" if unknown. */
const char *manager_cpu_model(const struct manager *manager);
/* Formats profile, drivers, requests, knobs and their latest changes as text, for bug reports. *ret is malloc'ed. Returns 0 or a
 * negative errno. */
int manager_dump(struct manager *manager, char **ret);

/* -- events from outside -- */
/* Loads the configuration again. After an error, the previous one stays in force, and *ret_errors, which may be NULL, is to be
 * freed by the caller. */
int manager_reload(struct manager *manager, char **ret_errors);
/* Logs one line for each error in `errors`, and modifies it. If it is NULL, logs only the errno `error`. */
void manager_log_config_errors(char *errors, int error);
void manager_resumed(struct manager *manager); /* after sleep: probes all drivers and applies all values again */
void manager_reprobe(struct manager *manager, const char *why);
void manager_set_external_power(struct manager *manager, bool on_battery, int percent); /* as UPower reports it */
void manager_clear_external_power(struct manager *manager);
void manager_set_idle(struct manager *manager, bool idle);
void manager_set_unit_active(struct manager *manager, const char *unit, bool active);
/* To be called when no rule names a unit, and the states of units are therefore no longer followed. */
void manager_forget_units(struct manager *manager);

/* -- for --dry-run -- */
/* Prints to standard output every write that selecting `profile` would cause, one in each line; NULL: the profile that is in force
 * after the start. Returns -ENOENT if there is no such profile. */
int manager_print_plan(struct manager *manager, const char *profile);

#endif
