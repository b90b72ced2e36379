/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_PPD_H
#define TOOLS_PPD_H

#include "tools/ppd/ppd-args.h"

/* The commands of powerprofilesctl. All return the exit status; failures have been reported on standard error. */
struct ppd_command {
        const char *name;
        int (*run)(const struct ppd_args *args);
        unsigned options;  /* PPD_BIT(PPD_HELP) | ... */
        int max_words;     /* -1: any number */
        const char *word;  /* the required argument; NULL: none is required */
        const char *usage; /* the text after the name of the command in its usage */
        const char *summary;
};

int ppd_list(const struct ppd_args *args);
int ppd_list_holds(const struct ppd_args *args);
int ppd_list_actions(const struct ppd_args *args);
int ppd_get_profile(const struct ppd_args *args);
int ppd_set_profile(const struct ppd_args *args);
int ppd_configure_action(const struct ppd_args *args);
int ppd_configure_battery_aware(const struct ppd_args *args);
int ppd_query_battery_aware(const struct ppd_args *args);
int ppd_launch(const struct ppd_args *args);
int ppd_version(const struct ppd_args *args);

/* Returns the profiles of the service as "a,b,c" (malloc'ed); "" if it does not answer. */
char *ppd_choices(void);

#endif
