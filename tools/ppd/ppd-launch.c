/* SPDX-License-Identifier: GPL-2.0-or-later */
/* powerprofilesctl launch: runs a command and holds a profile while it runs. Unknown options are passed to the command. A failed release
 * is ignored, since the hold ends with this process. */

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/child.h"
#include "tools/common/cli.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/ppd/ppd-bus.h"
#include "tools/ppd/ppd.h"

static int hold_profile(const struct ppd_args *args, const char *command, uint32_t *ret_cookie) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *const *values = args->values;
        _cleanup_free_ char *running = xasprintf("Running %s", command);
        int r;

        r = ppd_call("HoldProfile", &m, &error, "sss",
                     values[PPD_PROFILE] && values[PPD_PROFILE][0] ? values[PPD_PROFILE] : "performance",
                     values[PPD_REASON] && values[PPD_REASON][0] ? values[PPD_REASON] : running,
                     values[PPD_APPID] && values[PPD_APPID][0] ? values[PPD_APPID] : command);
        if (r >= 0)
                r = sd_bus_message_read(m, "u", ret_cookie);
        return r < 0 ? ppd_failed(&error, r) : CLI_OK;
}

static int run(char *const *argv, uint32_t cookie) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        siginfo_t end;
        int r = child_run(argv, &end);

        (void) ppd_call("ReleaseProfile", NULL, &error, "u", cookie);
        ppd_disconnect();
        if (r >= 0)
                return child_imitate(&end);
        (void) fputs("Error: cannot run ", stderr);
        clean_print(stderr, argv[0], false);
        (void) fprintf(stderr, ": %s\n", strerror(-r));
        return CLI_FAILED;
}

int ppd_launch(const struct ppd_args *args) {
        size_t n_words = (size_t) args->n_words, n_extras = (size_t) args->n_extras;
        _cleanup_free_ char **argv = must(calloc(n_words + n_extras + 1, sizeof(*argv)));
        uint32_t cookie;
        int r;

        memcpy(argv, args->words, n_words * sizeof(*argv));
        memcpy(argv + n_words, args->extras, n_extras * sizeof(*argv));
        if (!argv[0]) {
                (void) fputs("Error: No command to launch\n", stderr);
                return CLI_FAILED;
        }
        child_prepare();
        r = hold_profile(args, argv[0], &cookie);
        return r == CLI_OK ? run(argv, cookie) : r;
}
