/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of the configuration about sessions. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/config/config.h"
#include "core/sessions/session.h"

static char *check_config(const char *line) {
        char path[] = "/tmp/test-session-rules-XXXXXX", *errors = NULL;
        struct config *config;
        int fd = mkstemp(path), r;

        assert_return_code(fd, errno);
        assert_int_equal(dprintf(fd, "[governord]\n%s\n", line), (int) strlen(line) + 13);
        (void) close(fd);
        r = config_check(NULL, path, &config, &errors);
        config_free(config);
        assert_int_equal(r < 0, errors != NULL);
        (void) unlink(path);
        return errors;
}

static void test_keys(void **state) {
        static const char *const fine[] = { "sessions-per-user = 1", "sessions-per-user = 1024", "session-idle-max = 0",
                                            "session-idle-max = 90", "session-idle-max = 10min", "session-idle-max = 366h" };
        static const char *const wrong[] = { "sessions-per-user = 0", "sessions-per-user = 1025",    "sessions-per-user = x",
                                             "session-idle-max = -1", "session-idle-max = 40000000", "session-idle-max = soon" };

        (void) state;
        for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++)
                assert_null(check_config(fine[i]));
        for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
                char *errors = check_config(wrong[i]);

                assert_non_null(strstr(errors, i < 3 ? "sessions-per-user must be" : "session-idle-max must be"));
                free(errors);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_keys),
        };

        return cmocka_run_group_tests_name("session-rules", tests, NULL, NULL);
}
