/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints a configuration for public bug reports. A driver's option may be confidential: the password of a power distribution unit, the
 * serial number of a device, the name of a host. Therefore the keys of drivers' options are printed, but neither their values nor
 * comments between them, which may contain options. */

#include "tools/ctl/report-config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"

#define BLANKS " \t\r"

/* Returns true for sections whose keys governord defines. */
static bool is_known(const char *heading) {
        static const char *const known[] = { "governord", "profile", "rule" };

        heading += 1 + strspn(heading + 1, BLANKS);
        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (strncmp(heading, known[i], strlen(known[i])) == 0 && heading[strlen(known[i])] &&
                    strchr(BLANKS "]", heading[strlen(known[i])]))
                        return true;
        return false;
}

static void leave_out(struct left_out *left_out, const char *value) {
        char *copy = xstrdup(value + strspn(value, BLANKS));
        size_t n = strlen(copy);

        while (n > 0 && strchr(BLANKS, copy[n - 1]))
                copy[--n] = '\0';
        left_out->items = must(reallocarray(left_out->items, left_out->n + 1, sizeof(*left_out->items)));
        left_out->items[left_out->n++] = copy;
}

void left_out_free(struct left_out *left_out) {
        for (size_t i = 0; i < left_out->n; i++)
                free(left_out->items[i]);
        free(left_out->items);
        *left_out = (struct left_out){};
}

void report_config_print(FILE *f, const char *text, struct left_out *left_out) {
        _cleanup_free_ char *copy = xstrdup(text);
        bool in_section = false, known = false;
        char *rest = copy;

        for (char *line; (line = strsep(&rest, "\n")) && (rest || line[0]);) {
                const char *start = line + strspn(line, BLANKS);
                char *sign = strchr(line, '=');

                if (start[0] == '[') {
                        in_section = true;
                        known = is_known(start);
                } else if (strchr("#;", start[0]) && start[0]) {
                        /* in any section, a comment with '=' may be an option of a driver's section that was commented out */
                        if (sign || (in_section && !known))
                                line = (char *) "# <comment>";
                } else if (!known && sign) {
                        leave_out(left_out, sign + 1);
                        sign[1] = '\0';
                        clean_print(f, line, false);
                        line = (char *) " <value>";
                } else if (!known && start[0]) {
                        leave_out(left_out, start);
                        line = (char *) "<line>";
                }
                clean_print(f, line, true);
                (void) fputc('\n', f);
        }
}
