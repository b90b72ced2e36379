/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A driver with one defect, which the macro DEFECT selects (see meson.build). If there is a defect, none of its functions may be
 * called. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <governord/driver.h>

#define GOOD           0
#define MAGIC          1
#define MAJOR          2
#define MINOR          3
#define SIZE           4
#define ROW_SIZE       5
#define ROWS_MISSING   6
#define ROWS_MANY      7
#define DUPLICATE      8
#define NO_PROBE       9
#define NO_READ        10
#define NO_NAME        11
#define OTHER_NAME     12
#define NO_DESCRIPTION 13
#define ROW_NAME       14
#define ROW_UNIT       15
#define ROW_SCOPE      16
#define ROW_HELP       17
#define MAY_BLOCK      18
#define NO_SYMBOL      19
#define UNRESOLVED     20
#define ROW_UNDERSCORE 21
#define ROW_DOT        22

static int nothing(void *state) {
        if (DEFECT != GOOD)
                abort();
        return 0;
}

static int probe(const struct gov_host *host, void **ret_state) {
        const char *answer = host->option(host, "answer");

        (void) nothing(NULL);
        host->log(host, GOV_LOG_DEBUG, "probed, answer %s", answer ? answer : "none");
        if (answer && strcmp(answer, "later") == 0)
                return -EAGAIN;
        if (answer && strcmp(answer, "broken") == 0)
                return -EIO;
        if (!answer)
                return -ENODEV;
        *ret_state = malloc(1);
        return 0;
}

static void remove_state(void *state) {
        (void) nothing(state);
        free(state);
}

static int info(void *state, struct gov_driver_info *ret) {
        (void) nothing(state);
        /* without a NUL, which the service must add */
        memset(ret->backend, 'b', sizeof(ret->backend));
        memset(ret->note, 'n', sizeof(ret->note));
        return 0;
}

static int describe(void *state, uint32_t row, uint32_t index, struct gov_instance *ret) {
        return nothing(state);
}

static int read_value(void *state, uint32_t row, uint32_t index, char *ret, size_t size) {
        return nothing(state);
}

static const struct gov_knob_row rows[] = {
        { .name = DEFECT == ROW_NAME       ? "Not A Name" :
                  DEFECT == ROW_UNDERSCORE ? "a_b" :
                  DEFECT == ROW_DOT        ? "a.b" :
                                             "one",
          .help = DEFECT == ROW_HELP ? NULL : "a setting",
          .scope = DEFECT == ROW_SCOPE ? GOV_SCOPE_COUNT : GOV_SCOPE_CPU,
          .unit = DEFECT == ROW_UNIT ? GOV_UNIT_COUNT : GOV_UNIT_NUMBER },
        { .name = "two", .help = "another", .scope = GOV_SCOPE_CPU, .unit = GOV_UNIT_NUMBER },
        { .name = DEFECT == DUPLICATE ? "one" : "three", .help = "another", .scope = GOV_SCOPE_CPU, .unit = GOV_UNIT_NUMBER },
};

#if DEFECT == UNRESOLVED
extern int governord_test_no_such_function(void *state, uint32_t row);
#define COUNT governord_test_no_such_function
#else
#define COUNT count

static int count(void *state, uint32_t row) {
        return nothing(state);
}
#endif

#if DEFECT != NO_SYMBOL
extern GOVERNORD_EXPORT const struct gov_driver governord_driver;
const struct gov_driver governord_driver = {
        .magic = DEFECT == MAGIC ? 1 : GOVERNORD_DRIVER_MAGIC,
        .abi_major = DEFECT == MAJOR ? GOVERNORD_ABI_MAJOR + 1 : GOVERNORD_ABI_MAJOR,
        .abi_minor = DEFECT == MINOR ? GOVERNORD_ABI_MINOR + 1 : GOVERNORD_ABI_MINOR,
        .size = DEFECT == SIZE ? sizeof(struct gov_driver) - 8 : sizeof(struct gov_driver),
        .row_size = DEFECT == ROW_SIZE ? sizeof(struct gov_knob_row) + 8 : sizeof(struct gov_knob_row),
        .n_rows = DEFECT == ROWS_MANY ? 100000 : 3,
        .flags = DEFECT == MAY_BLOCK ? GOV_DRIVER_MAY_BLOCK : 0,
        .name = DEFECT == NO_NAME    ? NULL :
                DEFECT == OTHER_NAME ? "another-name" :
                                       NAME,
        .description = DEFECT == NO_DESCRIPTION ? NULL : "a driver for tests",
        .rows = DEFECT == ROWS_MISSING ? NULL : rows,
        .probe = DEFECT == NO_PROBE ? NULL : probe,
        .remove = remove_state,
        .info = info,
        .count = COUNT,
        .describe = describe,
        .read = DEFECT == NO_READ ? NULL : read_value,
        .options = "question answer",
};
#else
const void *const governord_test_used[] = { rows,
                                            (const void *) probe,
                                            (const void *) remove_state,
                                            (const void *) info,
                                            (const void *) COUNT,
                                            (const void *) describe,
                                            (const void *) read_value };
#endif
