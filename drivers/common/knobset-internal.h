/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_KNOBSET_INTERNAL_H
#define DRIVERS_COMMON_KNOBSET_INTERNAL_H

#include <stdbool.h>

#include "drivers/common/knobset.h"

/* Shared by knobset.c and knobset-access.c only. */

/* A gov_instance without its arrays. */
struct knobset_item {
        int64_t min, max, step;
        const char *choices, *note; /* owned by the set */
        char *path;                 /* owned; label and identity follow in the same memory, each behind a NUL */
        uint32_t domain;
        uint32_t flags;
        int fd;         /* -1: not open */
        uint16_t bytes; /* maximum length so far of a simulated machine's file */
        bool fresh;     /* just written, so the file exists */
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
