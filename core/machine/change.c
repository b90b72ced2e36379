/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reference-counted causes of changes. */

#include "core/machine/change.h"

#include <stdlib.h>
#include <string.h>

struct change *change_new(uint64_t usec, const char *cause, const char *who) {
        size_t cause_size = strlen(cause) + 1, who_size = strlen(who) + 1;
        struct change *change = malloc(sizeof(*change) + cause_size + who_size);
        char *text;

        if (!change)
                return NULL;
        text = (char *) (change + 1);
        *change = (struct change){ .refs = 1, .usec = usec, .cause = text, .who = text + cause_size };
        memcpy(text, cause, cause_size);
        memcpy(text + cause_size, who, who_size);
        return change;
}

struct change *change_ref(struct change *change) {
        if (change)
                change->refs++;
        return change;
}

struct change *change_unref(struct change *change) {
        if (change && --change->refs == 0)
                free(change);
        return NULL;
}
