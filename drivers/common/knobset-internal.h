/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_KNOBSET_INTERNAL_H
#define DRIVERS_COMMON_KNOBSET_INTERNAL_H

#include <stdbool.h>

#include "drivers/common/knobset.h"

/* Only for knobset.c and knobset-access.c. */

/* A gov_instance without its arrays. */
struct knobset_item {
        int64_t min, max, step;
        const char *choices, *note; /* owned by the set */
        char *path;                 /* owned; followed in the same memory by label and identity, each after a NUL */
        uint32_t domain;
        uint32_t flags;
        int fd;         /* -1: not open */
        uint16_t bytes; /* largest length so far of the file on a simulated machine */
        bool fresh;     /* the last access was a write, so the file exists */
};

struct knobset_row {
        struct knobset_item *items;
        uint32_t n, room;
        knobset_range range;
};

/* Returns NULL if there is no such instance. */
struct knobset_item *knobset_find(struct knobset *set, uint32_t row, uint32_t index);
void knobset_unpack(const struct knobset_item *item, struct gov_instance *ret);

#endif
