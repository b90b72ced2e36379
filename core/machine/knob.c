/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registry of knobs, built from the descriptions that drivers return. The texts in them are checked here: they must be
 * terminated. A knob with an invalid description is left out; other knobs of the driver are not affected. */

#include "core/machine/knob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"
#include "core/machine/access.h"

/* 8192 CPUs with eight knobs each. */
#define KNOBS_MAX UINT32_C(65536)

static bool terminated(const char *text, size_t size) {
        return memchr(text, '\0', size) != NULL;
}

/* The identity is stored in the ledger, whose fields cannot contain tabs and line feeds. No control characters are allowed in
 * it. */
static bool identity_is_sane(const char *identity, size_t size) {
        if (!terminated(identity, size))
                return false;
        for (; *identity; identity++)
                if ((unsigned char) *identity < 0x20 || *identity == 0x7f)
                        return false;
        return true;
}

static bool instance_is_sane(const struct gov_instance *instance) {
        return identity_is_sane(instance->identity, sizeof(instance->identity)) &&
               terminated(instance->path, sizeof(instance->path)) && terminated(instance->choices, sizeof(instance->choices)) &&
               terminated(instance->label, sizeof(instance->label)) && terminated(instance->note, sizeof(instance->note));
}

static int intern_instance(struct knob *knob, const struct gov_instance *instance) {
        knob->domain = instance->domain;
        knob->flags = instance->flags;
        knob->min = instance->min;
        knob->max = instance->max;
        knob->step = instance->step;
        knob->path = text_intern(instance->path);
        knob->choices = text_intern(instance->choices);
        knob->name = text_intern(knob->row->name);
        knob->label = text_intern(instance->label);
        knob->note = text_intern(instance->note);
        knob->identity = text_intern(instance->identity);
        return knob->name && knob->path && knob->choices && knob->label && knob->note && knob->identity ? 0 : -ENOMEM;
}

static int describe_one(struct knobs *knobs, struct plugin *plugin, uint32_t row, uint32_t index, const struct topology *topology) {
        struct gov_instance instance = { .min = 1, .max = 0 };
        struct knob *knob = &knobs->items[knobs->n];
        int r = access_describe(plugin, row, index, &instance);

        if (r < 0 || !instance_is_sane(&instance)) {
                (void) log_warning(r, "Driver %s returned no valid description of knob %s, instance %u; the instance is left out",
                                   plugin->name, plugin->driver->rows[row].name, index);
                return 0;
        }
        *knob = (struct knob){
                .plugin = plugin,
                .row = &plugin->driver->rows[row],
                .row_index = row,
                .index = index,
        };
        r = intern_instance(knob, &instance);
        if (r < 0)
                return r;
        knob->cpu = topology_first_cpu(topology, knob->row->scope, knob->domain);
        if (!knob_is_sensor(knob) || (knob->row->flags & GOV_KNOB_PROBE))
                (void) knob_refresh(knob);
        knobs->n++;
        return 0;
}

static int reserve(struct knobs *knobs, uint32_t *room, uint32_t more) {
        struct knob *items;

        if (knobs->n + more <= *room)
                return 0;
        *room = MAX(*room * 2, knobs->n + more);
        items = reallocarray(knobs->items, *room, sizeof(*items));
        if (!items)
                return -ENOMEM;
        knobs->items = items;
        return 0;
}

static int add_group(struct knobs *knobs, struct plugin *plugin, uint32_t row, uint32_t first) {
        struct knob_group *groups = reallocarray(knobs->groups, knobs->n_groups + 1, sizeof(*groups));

        if (!groups)
                return -ENOMEM;
        knobs->groups = groups;
        groups[knobs->n_groups++] = (struct knob_group){
                .plugin = plugin,
                .row = &plugin->driver->rows[row],
                .name = knobs->items[first].name,
                .first = first,
                .count = knobs->n - first,
        };
        return 0;
}

static int describe_row(struct knobs *knobs, uint32_t *room, struct plugin *plugin, uint32_t row, const struct topology *topology) {
        int count = access_count(plugin, row);
        int r;

        if (count <= 0)
                return 0;
        if ((uint32_t) count > KNOBS_MAX - knobs->n) {
                (void) log_warning(
                        0, "Driver %s reports %d instances of knob %s; they would exceed the limit for all knobs and are left out",
                        plugin->name, count, plugin->driver->rows[row].name);
                return 0;
        }
        r = reserve(knobs, room, (uint32_t) count);
        for (uint32_t index = 0; r >= 0 && index < (uint32_t) count; index++)
                r = describe_one(knobs, plugin, row, index, topology);
        return r;
}

static int by_path(const void *a, const void *b) {
        const struct knob *x = *(struct knob *const *) a, *y = *(struct knob *const *) b;

        if (x->path != y->path)
                return (uintptr_t) x->path < (uintptr_t) y->path ? -1 : 1;
        if (x->plugin->driver->priority != y->plugin->driver->priority)
                return x->plugin->driver->priority > y->plugin->driver->priority ? -1 : 1;
        return (x > y) - (x < y);
}

/* If two drivers wrote the same file, each would undo the other's changes. Only the driver with the highest priority writes it. */
static int settle_shared_paths(struct knobs *knobs) {
        _cleanup_free_ struct knob **sorted = calloc(knobs->n + 1, sizeof(struct knob *));
        const struct knob *owner = NULL; /* first knob with this path */
        uint32_t n = 0;

        if (!sorted)
                return -ENOMEM;
        for (uint32_t i = 0; i < knobs->n; i++) {
                knobs->items[i].shadowed = false;
                if (knob_is_writable(&knobs->items[i]) && knobs->items[i].path[0] != '\0')
                        sorted[n++] = &knobs->items[i];
        }
        qsort(sorted, n, sizeof(struct knob *), by_path);
        for (uint32_t i = 0; i < n; i++) {
                if (!owner || sorted[i]->path != owner->path)
                        owner = sorted[i];
                sorted[i]->shadowed = sorted[i]->plugin != owner->plugin;
        }
        return 0;
}

static int by_order(const void *a, const void *b) {
        const struct knob_group *x = a, *y = b;

        if (x->row->order != y->row->order)
                return x->row->order < y->row->order ? -1 : 1;
        return x->first < y->first ? -1 : 1;
}

void knobs_done(struct knobs *knobs) {
        for (uint32_t i = 0; i < knobs->n; i++) {
                if (knobs->items[i].pending)
                        knobs->items[i].pending->knob = NULL;
                (void) change_unref(knobs->items[i].change);
        }
        for (uint32_t i = 0; i < knobs->n_groups; i++)
                free(knobs->groups[i].lines);
        free(knobs->groups);
        free(knobs->items);
        *knobs = (struct knobs){};
}

static const struct knob_group *find_group(const struct knobs *knobs, const struct plugin *plugin, const struct gov_knob_row *row) {
        for (uint32_t i = 0; i < knobs->n_groups; i++)
                if (knobs->groups[i].plugin == plugin && knobs->groups[i].row == row)
                        return &knobs->groups[i];
        return NULL;
}

static bool same_instance(const struct knob *a, const struct knob *b) {
        if (a->identity[0] || b->identity[0])
                return a->identity == b->identity && a->label == b->label;
        return a->domain == b->domain && a->path == b->path && a->label == b->label;
}

void knob_remember_change(struct knob *knob, struct change *change, const char *from) {
        change = change_ref(change);
        (void) change_unref(knob->change);
        knob->change = change;
        knob->changed_from = from ? from : "";
}

static void inherit_knob(struct knob *knob, struct knob *old) {
        knob->state = old->state;
        knob->error = old->error;
        knob->failed_at = old->failed_at;
        knob->reasserted = old->reasserted;
        knob->original = old->original;
        knob->wanted = old->wanted;
        knob->yielded = old->yielded;
        knob->pending = old->pending;
        old->pending = NULL;
        knob_remember_change(knob, old->change, old->changed_from);
}

/* Both groups have the same order and differ only by a few knobs, those of CPUs that were added or removed. Each search starts
 * after the previous match and wraps around, so the time is linear in practice. */
static void inherit_group(struct knob *knobs, uint32_t n, struct knobs *old, const struct knob_group *from) {
        uint32_t cursor = 0;

        for (uint32_t i = 0; i < n; i++)
                for (uint32_t tried = 0; tried < from->count; tried++) {
                        struct knob *candidate = &old->items[from->first + (cursor + tried) % from->count];

                        if (!same_instance(&knobs[i], candidate))
                                continue;
                        inherit_knob(&knobs[i], candidate);
                        cursor = (cursor + tried + 1) % from->count;
                        break;
                }
}

/* Watches and doubts refer to knobs by index, and the index of a moved knob may change. They are therefore reset. */
static int move_group(struct knobs *knobs, uint32_t *room, struct knobs *old, const struct knob_group *from,
                      const struct topology *topology) {
        int r = reserve(knobs, room, from->count);

        for (uint32_t i = 0; r >= 0 && i < from->count; i++) {
                struct knob *before = &old->items[from->first + i], *knob = &knobs->items[knobs->n++];

                *knob = *before;
                before->change = NULL;
                before->pending = NULL;
                knob->watched = knob->doubtful = false;
                knob->cpu = topology_first_cpu(topology, knob->row->scope, knob->domain);
                if (knob->written_usec > 0)
                        (void) knob_refresh(knob);
        }
        return r;
}

static int update_row(struct knobs *knobs, uint32_t *room, struct plugin *plugin, uint32_t row, const struct topology *topology,
                      struct knobs *old) {
        const struct knob_group *from = find_group(old, plugin, &plugin->driver->rows[row]);
        uint32_t first = knobs->n;
        int r = 0;

        if (plugin->stale)
                r = describe_row(knobs, room, plugin, row, topology);
        else if (from)
                r = move_group(knobs, room, old, from, topology);
        if (r < 0 || knobs->n == first)
                return r;
        if (plugin->stale && from)
                inherit_group(&knobs->items[first], knobs->n - first, old, from);
        return add_group(knobs, plugin, row, first);
}

static int update(struct knobs *knobs, struct plugin *const *plugins, size_t n_plugins, const struct topology *topology,
                  struct knobs *old) {
        uint32_t room = 0;

        for (size_t i = 0; i < n_plugins; i++) {
                if (plugins[i]->state != PLUGIN_LOADED)
                        continue;
                for (uint32_t row = 0; row < plugins[i]->driver->n_rows; row++) {
                        int r = update_row(knobs, &room, plugins[i], row, topology, old);

                        if (r < 0)
                                return r;
                }
        }
        if (knobs->n_groups > 0)
                qsort(knobs->groups, knobs->n_groups, sizeof(*knobs->groups), by_order);
        return settle_shared_paths(knobs);
}

int knobs_update(struct knobs *knobs, struct plugin *const *plugins, size_t n_plugins, const struct topology *topology) {
        struct knobs old = *knobs;
        int r;

        *knobs = (struct knobs){ .round = old.round };
        r = update(knobs, plugins, n_plugins, topology, &old);
        knobs_done(&old);
        if (r < 0)
                knobs_done(knobs);
        for (uint32_t i = 0; i < knobs->n; i++)
                if (knobs->items[i].pending)
                        knobs->items[i].pending->knob = &knobs->items[i];
        return r;
}

void knobs_stretch_ranges(struct knobs *knobs) {
        for (uint32_t i = 0; i < knobs->n; i++) {
                struct knob *knob = &knobs->items[i];
                const char *before = knob->original ? knob->original : knob->value;
                int64_t number;

                if ((knob->row->flags & GOV_KNOB_SOFT_MAX) && knob->min <= knob->max && before && parse_i64(before, &number) >= 0)
                        knob->max = MAX(knob->max, number);
        }
}

int knob_read(const struct knob *knob, char *ret) {
        return access_read(knob->plugin, knob->row_index, knob->index, ret);
}

int knob_set_value(struct knob *knob, const char *value) {
        knob->written_usec = 0;
        if (!knob->value || strcmp(knob->value, value) != 0)
                knob->value = text_intern(value);
        return knob->value ? 0 : -ENOMEM;
}

int knob_refresh(struct knob *knob) {
        char value[GOVERNORD_VALUE_MAX];
        int r = knob_read(knob, value);

        if (r >= 0)
                return knob_set_value(knob, value);
        knob->written_usec = 0;
        knob->value = NULL;
        return r;
}

void knob_format_name(const struct knob *knob, char *ret, size_t size) {
        char domain[24];

        domain_format(domain, sizeof(domain), knob->row->scope, knob->domain);
        (void) text_format(ret, size, "%s %s%s%s%s", domain, knob->row->name, knob->label[0] ? " (" : "", knob->label,
                           knob->label[0] ? ")" : "");
}

bool knob_same(const char *a, const char *b) {
        int64_t x, y;

        return strcmp(a, b) == 0 || (parse_i64(a, &x) >= 0 && parse_i64(b, &y) >= 0 && x == y);
}

/* RAPL's time windows are 2^Y * (1 + Z/4) units: the hardware uses a window that is shorter than the written one by up to a
 * fifth. */
static int64_t rounding(const struct knob *knob, int64_t wrote) {
        if (knob->step > 0 || knob->row->unit != GOV_UNIT_MICROSECOND)
                return MAX(knob->step, 1);
        return wrote / 4;
}

static bool matches_number(const struct knob *knob, int64_t wrote, const char *seen) {
        int64_t saw, apart;

        if (parse_i64(seen, &saw) < 0) /* the kernel returns a name for a number only if both mean the same */
                return (knob->row->flags & GOV_KNOB_NAMED) && word_in_list(knob->choices, seen);
        if (wrote == saw)
                return true;
        if (!(knob->row->flags & GOV_KNOB_ROUNDS) || __builtin_sub_overflow(wrote, saw, &apart) || apart == INT64_MIN)
                return false;
        return llabs(apart) <= rounding(knob, wrote);
}

bool knob_matches(const struct knob *knob, const char *written, const char *seen) {
        int64_t wrote;

        if (strcmp(written, seen) == 0)
                return true;
        if (strcmp(written, "default") == 0) /* the value that the firmware has chosen, which is unknown */
                return (knob->row->flags & GOV_KNOB_NAMED) && word_in_list(knob->choices, written);
        return parse_i64(written, &wrote) >= 0 && matches_number(knob, wrote, seen);
}

bool knob_is_leftover_limit(const struct knob *knob) {
        int64_t now;

        if (!(knob->row->flags & GOV_KNOB_LIMIT_MAX) || (knob->row->unit != GOV_UNIT_KHZ && knob->row->unit != GOV_UNIT_PERCENT))
                return false;
        if (knob->wanted || knob->ledger_id > 0 || knob->min > knob->max || !knob->value || parse_i64(knob->value, &now) < 0)
                return false;
        return now < knob->max / 2;
}

static bool view_covers(const struct profile_knob *view, uint32_t scope, uint32_t number) {
        return topology_covers(view->userdata, scope, number, view->scope, view->domain);
}

void knob_profile_view(const struct knob *knob, const struct topology *topology, struct profile_knob *ret) {
        *ret = (struct profile_knob){
                .driver = knob->plugin->name,
                .mode = knob->plugin->mode,
                .name = knob->name,
                .scope = knob->row->scope,
                .unit = knob->row->unit,
                .flags = knob->row->flags,
                .domain = knob->domain,
                .min = knob->min,
                .max = knob->max,
                .choices = knob->choices,
                .cpu = knob->cpu ? &knob->cpu->facts : NULL,
                .covers = view_covers,
                .userdata = topology,
        };
}

const char *knob_unit_name(uint32_t unit) {
        static const char *const names[GOV_UNIT_COUNT] = {
                [GOV_UNIT_TEXT] = "",         [GOV_UNIT_NUMBER] = "",         [GOV_UNIT_BOOL] = "",     [GOV_UNIT_KHZ] = "kHz",
                [GOV_UNIT_MICROWATT] = "uW",  [GOV_UNIT_MICROSECOND] = "us",  [GOV_UNIT_PERCENT] = "%", [GOV_UNIT_LEVEL] = "level",
                [GOV_UNIT_MICROJOULE] = "uJ", [GOV_UNIT_MILLICELSIUS] = "mC",
        };

        return unit < GOV_UNIT_COUNT ? names[unit] : "";
}

const char *knob_show(const struct knob *knob, const char *value, char ret[static KNOB_SHOWN_MAX]) {
        const char *unit = knob_unit_name(knob->row->unit);
        int64_t number;
        bool is_named = parse_i64(value, &number) < 0;

        (void) text_format(ret, KNOB_SHOWN_MAX, "%s%s%s", value, is_named || !unit[0] ? "" : " ", is_named ? "" : unit);
        return ret;
}
