/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_MANAGER_PRIVATE_H
#define CORE_MANAGER_PRIVATE_H

/* The manager's body, shared by the few files that make it up: manager.c (life), probe.c (drivers and knobs), switch.c (plan and apply),
 * selection.c (which profile), wishes.c (requests), drift.c (others' changes), recover.c (what a predecessor left), extras.c (PPD's
 * actions and battery awareness, degradation) and views.c (what is shown). */

#include "core/config/findings.h"
#include "core/decide/choice.h"
#include "core/decide/demand.h"
#include "core/decide/plan.h"
#include "core/decide/rules.h"
#include "core/machine/idle.h"
#include "core/manager/manager.h"
#include "core/manager/state.h"
#include "core/watch/apps.h"
#include "core/watch/heat.h"
#include "core/watch/hotplug.h"
#include "core/watch/power-source.h"
#include "core/watch/program.h"
#include "core/watch/resume.h"
#include "core/watch/watch.h"
#include "core/write/apply.h"
#include "core/write/ledger.h"

/* A knob whose value may be in the making, and who was heard to write it last. */
struct doubt {
        uint32_t knob;       /* index */
        uint64_t since_usec; /* CLOCK_BOOTTIME */
        pid_t who;
        char comm[PROGRAM_NAME_MAX];
};

/* Which drivers carry a base profile out, NULL none. */
struct carriers {
        const struct plugin *cpu, *platform, *other; /* the last counts only where the others are not */
};

/* What manager_each_ineffective() found last. Any client may ask, and each look compares all lines with all knobs. */
struct ineffective_lines {
        struct ineffective_line *items; /* their reasons are malloc'ed, the other texts interned */
        size_t n;
        bool known;
};

struct manager {
        struct manager_options options;
        sd_event *event;
        int root_fd;
        struct listener listener;
        uint32_t changed; /* mask collected by the call in progress */

        struct config *config;
        struct config *rejected; /* has errors; until its lines without effect were logged, at the end of the start */
        char config_error[256];  /* first error of the last load, "" none: then the previous configuration is in force */
        struct state state;
        bool state_unsaved;
        bool ledger_failing; /* the last batch could not be written, which was logged */

        struct plugin_host plugin_host;
        struct plugin **plugins;
        size_t n_plugins;
        sd_event_source **driver_sources; /* one per plugin, NULL where it has no descriptor */
        struct topology topology;
        struct knobs knobs;
        struct carriers carriers[PROFILE_BASE_COUNT];
        bool available[PROFILE_BASE_COUNT]; /* profiles that the machine offers */
        struct ledger *ledger;

        struct choice choice;
        const struct profile *active;
        char cause[96]; /* of `active`, for people: nothing is decided by it */

        struct requests requests;
        sd_event_source *deadline;
        struct idle idle_states; /* states of CPUs that sessions ran on */
        struct demands demands;  /* of sessions */
        void (*tell_ceiling)(uint32_t ceiling, void *userdata);
        void *tell_userdata;
        uint32_t told_ceiling;

        struct actions actions;
        bool battery_aware;

        uint32_t degraded;

        struct power_source *power; /* NULL with ignore_power */
        struct apps *apps;
        struct hotplug *hotplug;
        struct resume *resume;
        struct heat *heat;
        bool idle;
        struct names_on units, programs; /* those that rules name */

        struct watch *watch;
        sd_event_source *watch_later; /* adds watches after the reply */
        struct doubt *doubts;         /* knobs to look at again, each once */
        uint32_t n_doubts, room_doubts;
        sd_event_source *doubts_later;
        sd_event_source *reprobe_later;
        const char *reprobe_why;
        struct ineffective_lines ineffective;
        bool lines_unjudged; /* of a new configuration: by the knobs of the next probe */
        bool counting;       /* the programs that rules name are being counted */
        bool started, stopped;
        bool beside_service; /* a dry run while an instance of the service is at work */
};

/* probe.c */
int manager_probe(struct manager *manager);
void manager_unprobe(struct manager *manager);
void manager_find_carriers(struct manager *manager);
void manager_schedule_reprobe(struct manager *manager, const char *why);
/* Asks the drivers that wait for their hardware, which may have come without an event, and probes everything when one has an answer:
 * at once, or when the kernel's driver has set up the rest of its files. */
void manager_ask_late_drivers(struct manager *manager, bool at_once);

/* reload.c */
/* Without one that can be used the built-in defaults are in force. 0 or -ENOMEM. */
int manager_load_config(struct manager *manager);

/* switch.c */
/* Plans for the active profile and applies. `explicit` takes yielded knobs back. `cause` for the why-log. 0; -errno when nothing was
 * written because the ledger could not be; *ret may be NULL. */
int manager_apply(struct manager *manager, bool explicit, const char *cause, const char *who, struct apply_result *ret);
void manager_fill_plan(const struct manager *manager, const struct profile *profile, struct plan_input *ret);
/* What --dry-run and the log count. */
struct knob_counts {
        uint32_t settable; /* may be written: neither sensors nor read-only, blocked or not enabled */
        uint32_t named;    /* those for which the active profile has a line */
        uint32_t offered;  /* those that offer a value of it: what the profile sets */
        uint32_t to_write; /* those that do not have the value of the plan */
        uint32_t changed;  /* those whose originals are in the ledger */
};
void manager_count_knobs(struct manager *manager, struct knob_counts *ret);
/* Operations for what differs from the plan; `each` of plan_each(). */
struct collecting {
        struct operations operations;
        struct ledger *ledger;
        bool explicit;
};
int manager_collect(struct knob *knob, const struct plan_target *target, void *userdata);
/* Applies again only when something failed before and may work now. */
void manager_retry(struct manager *manager, const char *cause);
void manager_watch_later(struct manager *manager);
/* Tells once that the ledger cannot be written, and once that it can again; `r` is what apply() returned for these operations. */
void manager_note_ledger(struct manager *manager, const struct operations *operations, int r);

/* ineffective.c */
/* Lines without effect that one load writes to the log. */
#define LOGGED_LINES_MAX 20
/* The profile in force, the configuration, an action or the knobs are others now. */
void manager_forget_ineffective(struct manager *manager);
/* Lines of any profile that have no effect and, unlike those with a value that is not on offer, no row of the plan either. */
void manager_each_hidden(struct manager *manager, const struct profile *profile,
                         void (*each)(const struct ineffective_line *line, void *userdata), void *userdata);
/* All profiles' lines without effect, once after each load; also of a configuration that is not in force because it has errors. */
void manager_log_ineffective(struct manager *manager, const struct config *config);

/* govern.c */
/* Requests may have changed what is left to sessions. */
void manager_update_ceiling(struct manager *manager);

/* selection.c */
/* Chooses the active profile from holds, rules and the manual choice, and applies if it changed (or `force`). */
int manager_update_active(struct manager *manager, bool force, const char *cause, const char *who, struct message *ret);
void manager_update_rules(struct manager *manager);
/* The hold that decides which profile is in force, NULL none. */
const struct request *manager_deciding_hold(const struct manager *manager);
/* Returns false if it was no choice, and a hold or a rule decides: then it is drift. */
bool manager_firmware_changed(struct manager *manager, struct knob *knob, const char *before, const char *who);
/* Lap mode or charger may have changed. */
void manager_follow_circumstances(struct manager *manager);
void manager_choose_initial(struct manager *manager);
/* To the log: the saved choice is not in force, and what is. Once, at the start. */
void manager_report_saved(const struct manager *manager);

/* wishes.c */
void manager_end_holds(struct manager *manager, const char *reason);
void manager_end_request(struct manager *manager, struct request *request, const char *reason);
void manager_end_all_requests(struct manager *manager);
void manager_restore_levels(struct manager *manager);

/* drift.c */
void manager_catch_up(struct manager *manager,
                      struct knob *knob); /* its watch is new: what changed between its last read and now? */
/* Looks at the knob again a moment later: its value may not be complete yet. `who` and `comm` as in core/watch/watch.h. */
void manager_doubt(struct manager *manager, struct knob *knob, pid_t who, const char *comm);
/* The knobs are gone. */
void manager_forget_doubts(struct manager *manager);
/* Whether the knob shows the value that it should have. If not, although nothing is known to have changed it, it is looked at again. */
bool manager_in_place(struct manager *manager, struct knob *knob, const char *wanted, const char *shown);
void manager_on_watch(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata);

/* recover.c */
/* Whose value a knob has, as the ledger knows it. What is unknown may be ours: it is left alone, and its original is kept. */
enum holding { HOLDS_ORIGINAL, HOLDS_OURS, HOLDS_FOREIGN, HOLDS_UNKNOWN };
enum holding manager_holding(const struct ledger_entry *entry, const struct knob *knob);
/* Ties knobs that came back (a CPU, a driver mode) to their originals in the ledger. */
void manager_adopt_ledger(struct manager *manager);
/* Puts back what a killed predecessor changed and what still holds its value. */
void manager_recover(struct manager *manager);
/* Gives every knob back. */
void manager_give_all_back(struct manager *manager, const char *cause);

/* extras.c */
void manager_init_actions(struct manager *manager);
bool manager_action_enabled(const char *knob, void *userdata);
void manager_update_degraded(struct manager *manager);
struct profile_context manager_context(const struct manager *manager);
bool manager_on_battery(const struct manager *manager);

/* manager.c */
/* Watches the programs that rules name. */
void manager_follow_programs(struct manager *manager);
void manager_save(struct manager *manager);
/* Tells the listener what was collected in `changed`. */
void manager_publish(struct manager *manager);

#endif
