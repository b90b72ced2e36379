/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/buffer: a text is either complete or marked as failed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

/* This test is linked with --wrap=realloc. */
static bool no_memory;
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_realloc(void *p, size_t size) {
        return no_memory ? NULL : __real_realloc(p, size);
}

static void check_text(const struct buffer *buffer, const char *expected) {
        assert_int_equal(buffer->n, strlen(expected));
        assert_memory_equal(buffer->data, expected, buffer->n);
}

static void test_pieces(void **state) {
        struct buffer buffer = {};

        buffer_add(&buffer, NULL, 0);
        assert_null(buffer.data);
        buffer_text(&buffer, '\0', "a");
        buffer_text(&buffer, ' ', "");
        buffer_number(&buffer, '\t', 0);
        buffer_number(&buffer, '\0', UINT32_MAX);
        check_text(&buffer, "a \t04294967295");
        assert_false(buffer.failed);
        free(buffer.data);
}

/* After a piece for which there was no memory, shorter pieces that would fit are not added either, so that no text lacks a part in
 * the middle. */
static void test_no_holes(void **state) {
        static const char longer[8192] = "";
        struct buffer buffer = {};

        buffer_text(&buffer, '\0', "before");
        no_memory = true;
        buffer_add(&buffer, longer, sizeof(longer));
        no_memory = false;
        assert_true(buffer.failed && buffer.room > buffer.n + 1);
        buffer_text(&buffer, ' ', "x");
        buffer_number(&buffer, ' ', 7);
        buffer_add(&buffer, longer, sizeof(longer)); /* although memory is available again */
        check_text(&buffer, "before");
        assert_true(buffer.failed);
        free(buffer.data);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pieces),
                cmocka_unit_test(test_no_holes),
        };

        return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
