/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of findings about a configuration: its order, and which of them are warnings. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/config/findings.h"

static void test_order(void **state) {
        struct findings findings = {};

        findings_warn(&findings, "b.conf:2", "no effect");
        findings_add(&findings, "b.conf:10: second on this line");
        findings_add(&findings, "a.conf:3: neither");
        findings_add(&findings, "b.conf:9: ninth");
        findings_add(&findings, "b.conf:10: added later");
        findings_finish(&findings);
        assert_string_equal(findings.text, "a.conf:3: neither\nb.conf:2: warning: no effect\nb.conf:9: ninth\n"
                                           "b.conf:10: second on this line\nb.conf:10: added later\n");
        free(findings.text);
}

static void test_warnings(void **state) {
        static const struct {
                const char *line;
                bool warning;
        } cases[] = {
                { "a.conf:3: warning: no effect", true },
                { "a.conf: warning: no effect", true },
                { "a.conf:3: there is no knob \"x: warning: y\"", false },
                { "a.conf:3: neither", false },
                { "out of memory", false },
                { "", false },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_int_equal(finding_is_warning(cases[i].line), cases[i].warning);
}

/* Warnings beyond a limit are only counted, in one more warning. */
static void test_many_warnings(void **state) {
        struct findings findings = {};
        unsigned n = 0;

        for (unsigned i = 0; i < FINDINGS_WARNINGS_MAX + 7; i++)
                findings_warn(&findings, "a.conf:1", "no effect");
        findings_finish(&findings);
        for (char *rest = findings.text, *line; (line = strsep(&rest, "\n")) && line[0]; n++) {
                assert_true(finding_is_warning(line));
                if (n == FINDINGS_WARNINGS_MAX)
                        assert_non_null(strstr(line, "7 more lines"));
        }
        assert_int_equal(n, FINDINGS_WARNINGS_MAX + 1);
        free(findings.text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order),
                cmocka_unit_test(test_warnings),
                cmocka_unit_test(test_many_warnings),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
