/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/decide/request: cookies, owners, deadlines, and texts of any length. */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/decide/request.h"

static struct request hold(const char *owner) {
        return (struct request){ .kind = REQUEST_PROFILE,
                                 .owner = (char *) owner,
                                 .application = (char *) "app",
                                 .reason = (char *) "reason",
                                 .pidfd = -1,
                                 .profile = "performance" };
}

static struct request *add(struct requests *requests, const struct request *template) {
        struct request *request = NULL;

        assert_int_equal(requests_add(requests, template, &request), 0);
        return request;
}

static void test_copies(void **state) {
        struct requests requests = {};
        char owner[] = ":1.5";
        struct request template = hold(owner), *request = add(&requests, &template);

        owner[0] = 'X';
        assert_string_equal(request->owner, ":1.5");
        assert_string_equal(request->application, "app");
        assert_string_equal(request->profile, "performance");
        assert_int_equal(request->cookie, 1);
        assert_ptr_equal(requests_find(&requests, 1), request);
        assert_null(requests_find(&requests, 2));
        requests_clear(&requests);
        assert_int_equal(requests.n, 0);
}

static void test_missing_texts_are_empty(void **state) {
        struct requests requests = {};
        struct request *request = add(&requests, &(struct request){ .pidfd = -1 });

        assert_string_equal(request->owner, "");
        assert_string_equal(request->application, "");
        assert_string_equal(request->reason, "");
        requests_clear(&requests);
}

static void test_cookies_are_never_zero_nor_reused(void **state) {
        struct requests requests = { .last_cookie = UINT32_MAX - 1 };
        struct request template = hold(":1.1");

        assert_int_equal(add(&requests, &template)->cookie, UINT32_MAX);
        assert_int_equal(add(&requests, &template)->cookie, 1);
        requests_remove(&requests, requests_find(&requests, 1));
        assert_int_equal(add(&requests, &template)->cookie, 2);
        requests_clear(&requests);
}

static void test_removal_keeps_order(void **state) {
        struct requests requests = {};
        struct request template = hold(":1.1");

        for (int i = 0; i < 5; i++)
                (void) add(&requests, &template);
        requests_remove(&requests, requests_find(&requests, 3));
        requests_remove(&requests, requests_find(&requests, 1));
        requests_remove(&requests, requests_find(&requests, 5));
        assert_int_equal(requests.n, 2);
        assert_int_equal(requests.items[0]->cookie, 2);
        assert_int_equal(requests.items[1]->cookie, 4);
        requests_clear(&requests);
}

static void test_pidfd_is_closed_with_the_request(void **state) {
        struct requests requests = {};
        struct request template = hold(":1.1");
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        template.pidfd = fd;
        requests_remove(&requests, add(&requests, &template));
        assert_int_equal(fcntl(fd, F_GETFD), -1);
        requests_clear(&requests);
}

/* Complete and truncated texts are valid UTF-8, for sequences of each length at each position of the cut. */
static void test_texts_are_cut_at_a_character(void **state) {
        static const char *const characters[] = { "a", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x94\x8b" };

        for (size_t c = 0; c < 4; c++)
                for (size_t before = REQUEST_TEXT_MAX - 5; before <= REQUEST_TEXT_MAX; before++) {
                        struct requests requests = {};
                        struct request template = hold(":1.1"), *request;
                        char text[REQUEST_TEXT_MAX + 64];
                        size_t n = strlen(characters[c]), kept;

                        memset(text, 'x', before);
                        text[before] = '\0';
                        for (int i = 0; i < 4; i++)
                                strcat(text, characters[c]);
                        template.application = text;
                        request = add(&requests, &template);
                        kept = strlen(request->application);
                        assert_true(kept <= REQUEST_TEXT_MAX);
                        assert_int_equal((kept - before) % n, 0);
                        assert_true(kept + n > REQUEST_TEXT_MAX || kept == strlen(text));
                        assert_memory_equal(request->application, text, kept);
                        requests_clear(&requests);
                }
}

/* Only continuation bytes are not a valid text. The cut must not read beyond its bounds. */
static void test_text_of_continuation_bytes(void **state) {
        struct requests requests = {};
        struct request template = hold(":1.1");
        char text[4 * REQUEST_TEXT_MAX];

        memset(text, 0x80, sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        template.reason = text;
        assert_string_equal(add(&requests, &template)->reason, "");
        requests_clear(&requests);
}

static void test_owners_are_counted(void **state) {
        struct requests requests = {};
        const struct request a = hold(":1.1"), b = hold(":1.2");

        (void) add(&requests, &a);
        (void) add(&requests, &b);
        (void) add(&requests, &a);
        assert_int_equal(requests_count_owner(&requests, ":1.1"), 2);
        assert_int_equal(requests_count_owner(&requests, ":1.2"), 1);
        assert_int_equal(requests_count_owner(&requests, ":1"), 0);
        requests_clear(&requests);
}

static void test_next_deadline_is_the_earliest(void **state) {
        struct requests requests = {};
        struct request template = hold(":1.1");

        assert_int_equal(requests_next_deadline(&requests), 0);
        (void) add(&requests, &template);
        assert_int_equal(requests_next_deadline(&requests), 0);
        template.deadline_usec = UINT64_MAX;
        (void) add(&requests, &template);
        template.deadline_usec = 5;
        (void) add(&requests, &template);
        template.deadline_usec = 7;
        (void) add(&requests, &template);
        assert_int_equal(requests_next_deadline(&requests), 5);
        requests_remove(&requests, requests_find(&requests, 3));
        assert_int_equal(requests_next_deadline(&requests), 7);
        requests_clear(&requests);
}

static void test_persistent_by_domain(void **state) {
        struct requests requests = {};
        struct request template = { .kind = REQUEST_LEVEL, .pidfd = -1, .scope = 2, .domain = 3, .floor = 1, .ceiling = -1 };
        struct request *request;

        (void) add(&requests, &template);
        assert_null(requests_find_persistent(&requests, 2, 3));
        template.door = DOOR_PERSISTENT;
        request = add(&requests, &template);
        assert_ptr_equal(requests_find_persistent(&requests, 2, 3), request);
        assert_null(requests_find_persistent(&requests, 2, 4));
        assert_null(requests_find_persistent(&requests, 3, 3));
        requests_clear(&requests);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_copies),
                cmocka_unit_test(test_missing_texts_are_empty),
                cmocka_unit_test(test_cookies_are_never_zero_nor_reused),
                cmocka_unit_test(test_removal_keeps_order),
                cmocka_unit_test(test_pidfd_is_closed_with_the_request),
                cmocka_unit_test(test_texts_are_cut_at_a_character),
                cmocka_unit_test(test_text_of_continuation_bytes),
                cmocka_unit_test(test_owners_are_counted),
                cmocka_unit_test(test_next_deadline_is_the_earliest),
                cmocka_unit_test(test_persistent_by_domain),
        };

        return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
