/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/write/diagnose: the message about a knob that could not be set. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/write/apply.h"
#include "core/write/diagnose.h"

static const struct gov_knob_row boost_row = { .name = "boost", .scope = GOV_SCOPE_POLICY };
static const struct gov_knob_row epp_row = { .name = "epp", .scope = GOV_SCOPE_POLICY };

static struct knob knob_of(const struct gov_knob_row *row, const char *path, const char *label) {
        return (struct knob){ .row = row, .name = row->name, .domain = 11, .path = path, .label = label, .value = "1" };
}

static void check(const struct knob *knob, int error, const char *const *words) {
        char text[512];

        diagnose_failure(knob, "wish", error, text, sizeof(text));
        for (; *words; words++)
                if (!strstr(text, *words))
                        fail_msg("\"%s\" lacks \"%s\"", text, *words);
}

static void test_sentences(void **state) {
        const struct knob boost = knob_of(&boost_row, "sys/devices/boost", ""), epp = knob_of(&epp_row, "", "big");

        check(&boost, EINVAL,
              (const char *const[]){ "policy11 boost: ", "\"wish\" to sys/devices/boost", "Invalid argument", "Ryzen", NULL });
        check(&epp, EINVAL,
              (const char *const[]){ "policy11 epp (big): could not write \"wish\": ", "does not accept that value", NULL });
        check(&epp, EBUSY, (const char *const[]){ "governor is \"performance\"", NULL });
        check(&boost, EBUSY, (const char *const[]){ "another driver or program", NULL });
        check(&boost, APPLY_ERROR_DIFFERS, (const char *const[]){ "wrote \"wish\", but \"1\" is in force", NULL });
}

/* The unit of the file may differ from that of the knob. */
static void test_units(void **state) {
        static const struct gov_knob_row row = { .name = "npu-max-freq", .scope = GOV_SCOPE_DEVICE, .unit = GOV_UNIT_KHZ };
        struct knob knob = knob_of(&row, "sys/clock_mhz", "");
        char text[512];

        knob.value = "1600000";
        knob.failed_at = KNOB_STEP_WRITE;
        diagnose_failure(&knob, "800000", EIO, text, sizeof(text));
        assert_non_null(strstr(text, "could not write \"800000 kHz\" to sys/clock_mhz"));
        diagnose_failure(&knob, "800000", APPLY_ERROR_DIFFERS, text, sizeof(text));
        assert_non_null(strstr(text, "wrote \"800000 kHz\", but \"1600000 kHz\" is in force"));
        knob.value = "<unsupported>";
        diagnose_failure(&knob, "800000", APPLY_ERROR_DIFFERS, text, sizeof(text));
        assert_non_null(strstr(text, "but \"<unsupported>\" is in force"));
}

/* If a read failed, nothing was written or the result of the write is unknown; the message does not call it a failed write. */
static void test_failed_reading(void **state) {
        struct knob knob = knob_of(&epp_row, "sys/epp", "");
        char text[512];

        knob.failed_at = KNOB_STEP_READ;
        check(&knob, EIO,
              (const char *const[]){
                      "policy11 epp: could not read sys/epp: Input/output error; probably the hardware or firmware rejected the access; ",
                      "\"wish\" was not written", NULL });
        check(&knob, EINVAL, (const char *const[]){ "could not read", "Invalid argument; the cause is unknown", NULL });
        knob.failed_at = KNOB_STEP_READ_BACK;
        check(&knob, ENODEV,
              (const char *const[]){
                      "policy11 epp: wrote \"wish\" to sys/epp, but could not read it back: No such device; probably the CPU",
                      "the present value is unknown", NULL });
        knob.failed_at = KNOB_STEP_UNFIT;
        check(&knob, EINVAL,
              (const char *const[]){
                      "policy11 epp: sys/epp has a value of more than one line, which governord cannot restore; \"wish\" was not written",
                      NULL });
        for (knob.failed_at = KNOB_STEP_READ; knob.failed_at <= KNOB_STEP_UNFIT; knob.failed_at++) {
                diagnose_failure(&knob, "wish", EIO, text, sizeof(text));
                assert_null(strstr(text, "could not write"));
        }
}

/* There is a complete message for every errno. */
static void test_every_error(void **state) {
        const struct knob knob = knob_of(&boost_row, "sys/x", "");

        for (int error = 1; error < 134; error++)
                if (error != APPLY_ERROR_DIFFERS && strerrordesc_np(error))
                        check(&knob, error, (const char *const[]){ "policy11 boost", strerrordesc_np(error), "; ", NULL });
}

static void test_value_unknown(void **state) {
        struct knob knob = knob_of(&boost_row, "sys/x", "");

        knob.value = NULL;
        check(&knob, APPLY_ERROR_DIFFERS, (const char *const[]){ "but \"?\" is in force", NULL });
}

/* With names of the maximum length and a small buffer, the message is cut off but not empty. */
static void test_little_room(void **state) {
        char path[160], label[48], value[GOVERNORD_VALUE_MAX];

        memset(path, 'p', sizeof(path) - 1);
        memset(label, 'l', sizeof(label) - 1);
        memset(value, 'v', sizeof(value) - 1);
        path[sizeof(path) - 1] = label[sizeof(label) - 1] = value[sizeof(value) - 1] = '\0';
        for (size_t size = 256; size <= 512; size += 64) {
                struct knob knob = knob_of(&boost_row, path, label);
                char text[512];

                knob.value = value;
                diagnose_failure(&knob, value, EINVAL, text, size);
                assert_non_null(strstr(text, "policy11 boost"));
                assert_non_null(strstr(text, "Invalid argument"));
                diagnose_failure(&knob, value, APPLY_ERROR_DIFFERS, text, size);
                assert_non_null(strstr(text, "in force"));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sentences),   cmocka_unit_test(test_units),         cmocka_unit_test(test_failed_reading),
                cmocka_unit_test(test_every_error), cmocka_unit_test(test_value_unknown), cmocka_unit_test(test_little_room),
        };

        return cmocka_run_group_tests_name("diagnose", tests, NULL, NULL);
}
