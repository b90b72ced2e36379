/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Determines the effect of each request in one pass over the plan, which reads the limits on which requests act. A request has an
 * effect on a limit only if it decides the limit and the hardware has the planned value. */

#include "base/cleanup.h"
#include "base/text.h"
#include "core/decide/arbiter.h"
#include "core/manager/inputs.h"
#include "core/manager/manager-private.h"

struct weighing {
        struct manager *manager;
        bool any_knob; /* levels act on at least one knob of this machine */
        uint32_t n_read;
};

static void raise_to(enum request_effect *effect, enum request_effect to) {
        *effect = MAX(*effect, to);
}

/* `from` is the request that decides the floor or ceiling of this knob, NULL if none does or a ceiling overrides it. */
static void weigh_side(const struct request *request, bool in_place, const struct request *from, enum request_effect *ret) {
        if (from != request)
                raise_to(ret, EFFECT_OVERRULED);
        else if (!in_place)
                raise_to(ret, EFFECT_FAILED);
        else
                raise_to(ret, EFFECT_YES);
}

static void weigh(struct request *request, const struct knob *knob, const struct plan_target *target, bool in_place) {
        bool is_capped = target->limiter == LIMITER_CEILING && target->levels.ceiling_from != request;

        if (request->floor >= 0)
                raise_to(&request->floor_effect, EFFECT_NO_LOWER_LIMIT);
        if (request->ceiling >= 0)
                raise_to(&request->ceiling_effect, EFFECT_NO_UPPER_LIMIT);
        if ((knob->row->flags & GOV_KNOB_LIMIT_MIN) && request->floor >= 0)
                weigh_side(request, in_place, is_capped ? NULL : target->levels.floor_from, &request->floor_effect);
        if ((knob->row->flags & GOV_KNOB_LIMIT_MAX) && request->ceiling >= 0)
                weigh_side(request, in_place, target->levels.ceiling_from, &request->ceiling_effect);
        /* a ceiling also bounds the knob that is the lower limit, even if the domain has no knob for the upper limit */
        if ((knob->row->flags & GOV_KNOB_LIMIT_MIN) && request->ceiling >= 0 && target->limiter == LIMITER_CEILING)
                weigh_side(request, in_place, target->levels.ceiling_from, &request->ceiling_effect);
}

static bool is_in_place(struct weighing *weighing, struct knob *knob, const struct plan_target *target) {
        char shown[GOVERNORD_VALUE_MAX];

        if (knob->state == KNOB_FAILED || knob->state == KNOB_YIELDED)
                return false;
        if (!target->value[0]) /* the plan leaves the knob alone */
                return true;
        weighing->n_read++;
        return knob_read(knob, shown) >= 0 &&
               doubts_check(&weighing->manager->doubts, &weighing->manager->machine.knobs, knob, target->value, shown);
}

static int visit(struct knob *knob, const struct plan_target *target, void *userdata) {
        struct weighing *weighing = userdata;
        const struct requests *requests = &weighing->manager->requests;
        int in_place = -1; /* not read yet */

        if (!plan_takes_levels(knob))
                return 0;
        weighing->any_knob = true;
        for (size_t i = 0; i < requests->n; i++) {
                struct request *request = requests->items[i];

                if (request->kind != REQUEST_LEVEL || !topology_covers(&weighing->manager->machine.topology, request->scope,
                                                                       request->domain, knob->row->scope, knob->domain))
                        continue;
                if (in_place < 0)
                        in_place = is_in_place(weighing, knob, target);
                weigh(request, knob, target, in_place);
        }
        return 0;
}

/* The profile of the deciding hold is in force, unless it could not be activated. */
static enum request_effect effect_of_hold(const struct manager *manager, const struct request *request,
                                          const struct request *deciding) {
        const struct profile *profile = config_profile(manager->config, request->profile);

        if (!profile || !manager->available[profile->base])
                return EFFECT_UNAVAILABLE;
        if (request != deciding)
                return EFFECT_OTHER_HOLD;
        return profile == manager->active ? EFFECT_YES : EFFECT_FAILED;
}

uint32_t manager_weigh_requests(struct manager *manager) {
        struct weighing weighing = { .manager = manager };
        const struct request *hold = arbiter_hold(&manager->requests, manager->config, manager->available);
        struct plan_input input;

        for (size_t i = 0; i < manager->requests.n; i++) {
                struct request *request = manager->requests.items[i];

                request->floor_effect = request->ceiling_effect = EFFECT_NO_KNOB;
                if (request->kind == REQUEST_PROFILE)
                        request->floor_effect = effect_of_hold(manager, request, hold);
        }
        inputs_plan(manager, manager->active, &input);
        input.refresh = false;
        (void) plan_each(&input, &manager->machine.knobs, visit, &weighing);
        for (size_t i = 0; !weighing.any_knob && i < manager->requests.n; i++)
                if (manager->requests.items[i]->kind == REQUEST_LEVEL)
                        manager->requests.items[i]->floor_effect = manager->requests.items[i]->ceiling_effect = EFFECT_NO_MACHINE;
        return weighing.n_read;
}

const char *request_effect_note(enum request_effect effect) {
        switch (effect) {
        case EFFECT_NO_MACHINE:
                return "levels have no effect on this machine: it has no frequency limit that can be set";
        case EFFECT_NO_KNOB:
                return "this domain has no limit on which levels act";
        case EFFECT_NO_LOWER_LIMIT:
                return "this domain has an upper limit, but no lower limit on which a floor can act";
        case EFFECT_NO_UPPER_LIMIT:
                return "this domain has a lower limit, which the ceiling does not change, but no upper limit on which a ceiling can act";
        case EFFECT_OVERRULED:
                return "another request or a session has a floor at least as high or a ceiling at least as low, or an upper "
                       "limit applies";
        case EFFECT_FAILED:
                return "it could not be applied, or its setting has been changed by another program; see governorctl status";
        case EFFECT_OTHER_HOLD:
                return "another hold takes precedence";
        case EFFECT_UNAVAILABLE:
                return "its profile is currently not available on this machine";
        case EFFECT_YES:
                return "";
        }
        return "";
}
