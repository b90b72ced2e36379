/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has come of each request: one walk over the plan, for who asks. It changes no hardware and reads none; a limit counts only when
 * the request is what decides there and the limit is neither failed nor left to another program. */

#include "base/cleanup.h"
#include "base/text.h"
#include "core/manager-private.h"

struct weighing {
        struct manager *manager;
        bool any_knob; /* on this machine follows levels */
};

static void raise_to(enum request_effect *effect, enum request_effect to) {
        *effect = MAX(*effect, to);
}

/* `from` is who decides on one side of this knob. */
static void weigh_side(const struct request *request, const struct knob *knob, const struct request *from,
                       enum request_effect *ret) {
        if (from != request)
                raise_to(ret, EFFECT_OVERRULED);
        else if (knob->state == KNOB_FAILED || knob->state == KNOB_YIELDED)
                raise_to(ret, EFFECT_FAILED);
        else
                raise_to(ret, EFFECT_YES);
}

static void weigh(struct request *request, const struct knob *knob, const struct plan_target *target) {
        bool is_capped = target->limiter == LIMITER_CEILING && target->levels.ceiling_from != request;

        if ((knob->row->flags & GOV_KNOB_LIMIT_MIN) && request->floor >= 0)
                weigh_side(request, knob, is_capped ? NULL : target->levels.floor_from, &request->floor_effect);
        if ((knob->row->flags & GOV_KNOB_LIMIT_MAX) && request->ceiling >= 0)
                weigh_side(request, knob, target->levels.ceiling_from, &request->ceiling_effect);
        /* a lower limit comes down to a ceiling, also where nothing limits from above */
        if ((knob->row->flags & GOV_KNOB_LIMIT_MIN) && request->ceiling >= 0 && target->limiter == LIMITER_CEILING)
                weigh_side(request, knob, target->levels.ceiling_from, &request->ceiling_effect);
}

static int visit(struct knob *knob, const struct plan_target *target, void *userdata) {
        struct weighing *weighing = userdata;
        const struct requests *requests = &weighing->manager->requests;

        if (!plan_takes_levels(knob))
                return 0;
        weighing->any_knob = true;
        for (size_t i = 0; i < requests->n; i++)
                if (requests->items[i]->kind == REQUEST_LEVEL &&
                    topology_covers(&weighing->manager->topology, requests->items[i]->scope, requests->items[i]->domain,
                                    knob->row->scope, knob->domain))
                        weigh(requests->items[i], knob, target);
        return 0;
}

void manager_weigh_requests(struct manager *manager) {
        struct weighing weighing = { .manager = manager };
        const struct request *hold = arbiter_hold(&manager->requests, manager->config);
        struct plan_input input;

        for (size_t i = 0; i < manager->requests.n; i++) {
                struct request *request = manager->requests.items[i];

                request->floor_effect = request->ceiling_effect = EFFECT_NO_KNOB;
                if (request->kind == REQUEST_PROFILE)
                        request->floor_effect = request != hold ? EFFECT_OTHER_HOLD : EFFECT_YES;
        }
        manager_fill_plan(manager, manager->active, &input);
        input.refresh = false;
        (void) plan_each(&input, &manager->knobs, visit, &weighing);
        for (size_t i = 0; !weighing.any_knob && i < manager->requests.n; i++)
                if (manager->requests.items[i]->kind == REQUEST_LEVEL)
                        manager->requests.items[i]->floor_effect = manager->requests.items[i]->ceiling_effect = EFFECT_NO_MACHINE;
}

const char *request_effect_note(enum request_effect effect) {
        switch (effect) {
        case EFFECT_NO_MACHINE:
                return "nothing on this machine follows levels: there is no frequency limit that may be set";
        case EFFECT_NO_KNOB:
                return "nothing in this domain follows this kind of level";
        case EFFECT_OVERRULED:
                return "a higher floor or a lower ceiling of another request applies, or the upper limit of the profile";
        case EFFECT_FAILED:
                return "the limits could not be set, or another program has changed them since: see governorctl knobs";
        case EFFECT_OTHER_HOLD:
                return "a hold of another profile comes first";
        case EFFECT_YES:
                return "";
        }
        return "";
}
