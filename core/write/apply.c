/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All writes to hardware. A knob whose original value cannot be read is not written, since it could not be restored. */

#include "core/write/apply.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"
#include "core/machine/access.h"

int operations_add(struct operations *operations, struct knob *knob, const char *value, bool give_back) {
        assert(value);
        if (operations->n == operations->room) {
                uint32_t room = operations->room ? operations->room * 2 : 64;
                struct operation *items = reallocarray(operations->items, room, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                operations->items = items;
                operations->room = room;
        }
        operations->items[operations->n++] = (struct operation){ .knob = knob, .value = value, .give_back = give_back };
        return 0;
}

/* The lower limit of a domain must never exceed the upper limit. Upper limits are therefore written first if they rise, and last if
 * they fall. */
enum pass { PASS_RAISE_MAX, PASS_REST, PASS_LOWER_MAX, PASS_SETTLING, PASS_COUNT };

/* Maximum time that one batch waits for all its knobs that settle. The event loop is blocked in the meantime. */
#define SETTLE_LONGEST_MS 63

static enum pass pass_of(const struct operation *operation) {
        const char *now = knob_expected(operation->knob);
        int64_t from, to;

        if (!(operation->knob->row->flags & GOV_KNOB_LIMIT_MAX))
                return PASS_REST;
        if (!now || parse_i64(now, &from) < 0 || parse_i64(operation->value, &to) < 0)
                return PASS_REST;
        return to > from ? PASS_RAISE_MAX : PASS_LOWER_MAX;
}

static void fail(struct knob *knob, int error, enum knob_step step) {
        knob->state = KNOB_FAILED;
        knob->error = error;
        knob->failed_at = step;
}

static int note(const struct apply_context *context, const struct operation *operation) {
        struct knob *knob = operation->knob;
        const struct ledger_key key = {
                .driver = knob->plugin->name,
                .knob = knob->name,
                .scope = knob->row->scope,
                .domain = knob->domain,
                .path = knob->path,
                .label = knob->label,
                .identity = knob->identity,
        };
        int r;

        if (knob->ledger_id == 0) {
                r = knob->written_usec > 0 ?
                            0 :
                            knob_refresh(knob); /* after a recent restore, the kernel may still show the value before it */
                if (r < 0) {
                        fail(knob, -r, KNOB_STEP_READ);
                        return 0;
                }
                knob->original = knob->value;
        }
        r = ledger_note(context->ledger, knob->ledger_id, &key, knob->original, operation->value);
        if (r == -EINVAL) { /* the original value is not a single line and could not be restored; other knobs are not affected */
                knob->original = NULL;
                fail(knob, EINVAL, KNOB_STEP_UNFIT);
                return 0;
        }
        if (r >= 0)
                knob->ledger_id = (uint32_t) r;
        return r;
}

/* Undoes note() for knobs that were new in a batch that could not be recorded. As nothing of the batch is written, the target of a
 * knob becomes the value that it has; otherwise this value would be taken for a change by another program. */
static void forget_batch(const struct apply_context *context, const struct operations *operations) {
        for (uint32_t i = 0; i < operations->n; i++) {
                struct knob *knob = operations->items[i].knob;

                if (knob->ledger_id > 0 && !ledger_find(context->ledger, knob->ledger_id)) {
                        knob->ledger_id = 0;
                        knob->original = NULL;
                }
                if (!operations->items[i].give_back && knob->state != KNOB_YIELDED)
                        knob->wanted = knob->ledger_id > 0 ? knob_expected(knob) : NULL;
        }
}

/* Original values to be restored are in the ledger already. A batch that only restores values needs no commit, so it works even if
 * the disk is full. */
static int note_all(const struct apply_context *context, const struct operations *operations) {
        bool any = false;
        int r = 0;

        ledger_begin(context->ledger);
        for (uint32_t i = 0; r >= 0 && i < operations->n; i++)
                if (!operations->items[i].give_back) {
                        r = note(context, &operations->items[i]);
                        any = true;
                }
        if (!any)
                return 0;
        if (r >= 0)
                r = ledger_commit(context->ledger);
        else
                ledger_abort(context->ledger);
        if (r < 0)
                forget_batch(context, operations);
        return r;
}

static int judge_read_back(const struct operation *operation) {
        return knob_matches(operation->knob, operation->value, operation->knob->value) ? 0 : -APPLY_ERROR_DIFFERS;
}

static int read_back(const struct operation *operation) {
        int r = knob_refresh(operation->knob);

        operation->knob->failed_at = KNOB_STEP_READ_BACK;
        return r < 0 ? r : judge_read_back(operation);
}

/* To be called after the knob was read again. A value that was rejected counts as written if the knob has it already: kernels
 * reject boost = 0 for a policy while boost is off globally. Otherwise the rejection is recorded in the ledger, where the value was
 * recorded before the write. An original value is not among the recorded values, so its rejection is not recorded. */
static int judge_refusal(struct ledger *ledger, const struct operation *operation, int r) {
        struct knob *knob = operation->knob;

        if (knob->value && text_equal(knob->value, operation->value))
                return 0;
        if (!operation->give_back)
                ledger_refused(ledger, knob->ledger_id);
        return r;
}

void apply_let_go(struct ledger *ledger, struct knob *knob) {
        if (knob->pending)
                knob->pending->knob = NULL;
        knob->pending = NULL;
        ledger_drop(ledger, knob->ledger_id);
        knob->ledger_id = 0;
        knob->original = NULL;
        knob->wanted = NULL;
        knob->yielded = NULL;
        knob->state = KNOB_UNTOUCHED;
        knob->error = 0;
}

/* Returns true if the value was not read back and the kernel had chosen another value before, which may be the case again. */
static bool is_unproved(const struct apply_context *context, const struct knob *knob) {
        return context->at_once_usec > 0 && knob->state == KNOB_FAILED && knob->error == APPLY_ERROR_DIFFERS;
}

static void conclude(const struct apply_context *context, const struct operation *operation, int r, struct apply_result *result) {
        struct knob *knob = operation->knob;

        if ((r >= 0 || r == -APPLY_ERROR_DIFFERS) && !text_equal(knob->value, operation->value))
                ledger_add_shown(context->ledger, knob->ledger_id, knob->value);
        if (r >= 0) {
                if (!is_unproved(context, knob)) {
                        knob->state = KNOB_OK;
                        knob->error = 0;
                }
                result->done++;
                if (operation->give_back)
                        apply_let_go(context->ledger, knob);
                return;
        }
        fail(knob, -r, knob->failed_at);
        result->failed++;
        if (!result->first_failed) {
                result->first_failed = knob;
                result->first_value = operation->value;
                result->first_error = -r;
        }
}

/* -- asynchronous answers -- */

struct waiting {
        struct pending_write write;
        uint32_t ledger_id;
        struct apply_context context;
};

/* The knob was written again since, is no longer managed, or no longer exists. Only the value that was read back after this earlier
 * write is recorded. */
static void note_late_answer(const struct waiting *waiting, const char *shown) {
        if (shown && !text_equal(shown, waiting->write.value))
                ledger_add_shown(waiting->context.ledger, waiting->ledger_id, shown);
}

/* If no value was read back, it is unknown whether the write was carried out, so its value stays in the ledger as one of the
 * service's values. */
static int judge_answer(struct ledger *ledger, const struct operation *operation, int r, const char *shown) {
        struct knob *knob = operation->knob;

        knob->failed_at = r < 0 ? KNOB_STEP_WRITE : KNOB_STEP_READ_BACK;
        if (!shown || knob_set_value(knob, shown) < 0) {
                knob->value = NULL;
                return r < 0 ? r : -EIO;
        }
        return r < 0 ? judge_refusal(ledger, operation, r) : judge_read_back(operation);
}

static void settle_answer(struct waiting *waiting, int r, const char *shown) {
        struct knob *knob = waiting->write.knob;
        const struct operation operation = { .knob = knob, .value = waiting->write.value, .give_back = waiting->write.give_back };
        const char *from = knob->value;
        struct apply_result result = {};

        knob->pending = NULL;
        r = judge_answer(waiting->context.ledger, &operation, r, shown);
        if (!text_equal(from, knob->value))
                knob_remember_change(knob, waiting->context.change, from);
        conclude(&waiting->context, &operation, r, &result);
        if (waiting->context.answered)
                waiting->context.answered(&operation, waiting->context.change, waiting->context.userdata);
}

static void on_answer(int r, const char *shown, void *userdata) {
        struct waiting *waiting = userdata;

        if (waiting->write.knob)
                settle_answer(waiting, r, shown);
        else
                note_late_answer(waiting, shown);
        (void) ledger_settle(waiting->context.ledger);
        (void) change_unref(waiting->context.change);
        free(waiting);
}

static int write_elsewhere(const struct apply_context *context, const struct operation *operation) {
        struct waiting *waiting = malloc(sizeof(*waiting));
        struct knob *knob = operation->knob;
        int r;

        if (!waiting)
                return -ENOMEM;
        *waiting = (struct waiting){
                .write = { .knob = knob, .value = operation->value, .give_back = operation->give_back },
                .ledger_id = knob->ledger_id,
                .context = *context,
        };
        waiting->context.at_once_usec = 0;
        r = access_write(knob->plugin, knob->row_index, knob->index, operation->value, on_answer, waiting);
        if (r != -EINPROGRESS) {
                free(waiting);
                return r;
        }
        waiting->context.change = change_ref(context->change);
        if (knob->pending)
                knob->pending->knob = NULL;
        knob->pending = &waiting->write;
        return r;
}

/* -- writes -- */

static int write_and_read_back(const struct apply_context *context, const struct operation *operation) {
        struct knob *knob = operation->knob;
        int r = knob->plugin->transport ? write_elsewhere(context, operation) :
                                          access_write(knob->plugin, knob->row_index, knob->index, operation->value, NULL, NULL);

        if (r == -EINPROGRESS)
                return r;
        knob->failed_at = KNOB_STEP_WRITE;
        if (r >= 0 && context->at_once_usec == 0)
                return read_back(operation);
        if (r >= 0) {
                knob->value = operation->value;
                knob->written_usec = context->at_once_usec;
                return 0;
        }
        (void) knob_refresh(knob);
        return judge_refusal(context->ledger, operation, r);
}

/* Returns true if the kernel accepted the value but may not have applied it yet, since another value was read back. If the value
 * read back has not changed, it may be the old one, or the new one rounded to the same number. */
static bool is_settling(const struct operation *operation, const char *from, int r) {
        const struct knob *knob = operation->knob;

        return (knob->row->flags & GOV_KNOB_SETTLES) && (r == -APPLY_ERROR_DIFFERS || (r >= 0 && text_equal(from, knob->value) &&
                                                                                       !text_equal(knob->value, operation->value)));
}

/* Returns true if the knob must be read again. */
static bool carry_out(const struct apply_context *context, const struct operation *operation, struct apply_result *result) {
        struct knob *knob = operation->knob;
        const char *from = knob->value;
        int r = -knob->error; /* for a knob without an entry in the ledger, see note() */

        if (knob->ledger_id > 0)
                r = write_and_read_back(context, operation);
        if (r == -EINPROGRESS) {
                result->pending++;
                return false;
        }
        if (!text_equal(from, knob->value))
                knob_remember_change(knob, context->change, from);
        if (context->at_once_usec == 0 && is_settling(operation, from, r))
                return true;
        conclude(context, operation, r, result);
        return false;
}

/* Reads a settling knob again. Returns true if it must be read once more. */
static bool look_again(const struct apply_context *context, const struct operation *operation, bool last,
                       struct apply_result *result) {
        struct knob *knob = operation->knob;
        const char *from = knob->value;
        int r = read_back(operation);

        if (!text_equal(from, knob->value))
                knob_remember_change(knob, context->change, from);
        if (!last && is_settling(operation, from, r))
                return true;
        conclude(context, operation, r, result);
        return false;
}

/* Reads the settling knobs after pauses of 1, 2, 4, ... ms, until all have the written value or *left_ms is used up. Each knob is
 * read at least once. The kernel's workers usually need microseconds, and a few milliseconds on a loaded machine. */
static void settle(const struct apply_context *context, const struct operations *operations, unsigned char *passes, uint32_t from,
                   uint32_t to, long *left_ms, struct apply_result *result) {
        bool waiting = true;

        for (long ms = 1; waiting; ms *= 2) {
                long pause_ms = MIN(ms, *left_ms);

                (void) nanosleep(&(struct timespec){ .tv_nsec = pause_ms * 1000000 }, NULL);
                *left_ms -= pause_ms;
                waiting = false;
                for (uint32_t i = from; i < to; i++) {
                        if (passes[i] != PASS_SETTLING)
                                continue;
                        if (look_again(context, &operations->items[i], *left_ms == 0, result))
                                waiting = true;
                        else
                                passes[i] = PASS_COUNT;
                }
        }
}

/* Carries out the operations [from, to), whose rows have the same `order`. Their passes were determined before the first write,
 * since a write changes knob->value. */
static void carry_out_order(const struct apply_context *context, const struct operations *operations, unsigned char *passes,
                            uint32_t from, uint32_t to, long *left_ms, struct apply_result *result) {
        bool settling = false;

        for (unsigned int pass = 0; pass < PASS_SETTLING; pass++)
                for (uint32_t i = from; i < to; i++)
                        if (passes[i] == pass && carry_out(context, &operations->items[i], result)) {
                                passes[i] = PASS_SETTLING;
                                settling = true;
                        }
        if (settling)
                settle(context, operations, passes, from, to, left_ms, result);
}

static bool in_order_of_writing(const struct operations *operations) {
        for (uint32_t i = 1; i < operations->n; i++)
                if (operations->items[i - 1].knob->row->order > operations->items[i].knob->row->order)
                        return false;
        return true;
}

int apply(const struct apply_context *context, const struct operations *operations, struct apply_result *ret) {
        _cleanup_free_ unsigned char *passes = malloc(operations->n + 1);
        long left_ms = SETTLE_LONGEST_MS;
        uint32_t from = 0;
        int r;

        assert(in_order_of_writing(operations));
        *ret = (struct apply_result){};
        if (!passes)
                return -ENOMEM;
        r = note_all(context, operations);
        if (r < 0)
                return r;
        for (uint32_t i = 0; i < operations->n; i++)
                passes[i] = (unsigned char) pass_of(&operations->items[i]);
        for (uint32_t i = 1; i <= operations->n; i++) {
                if (i < operations->n && operations->items[i].knob->row->order == operations->items[from].knob->row->order)
                        continue;
                carry_out_order(context, operations, passes, from, i, &left_ms, ret);
                from = i;
        }
        (void) ledger_settle(context->ledger); /* after a failure the ledger contains more than needed, but never less */
        return 0;
}

void apply_print(const struct operation *operation, const char *cause) {
        const struct knob *knob = operation->knob;
        const char *separator = knob->path[0] ? "; " : "";
        char name[128], value[GOVERNORD_VALUE_MAX], now[KNOB_SHOWN_MAX], then[KNOB_SHOWN_MAX];
        int r = knob->value ? 0 : knob_read(knob, value);

        knob_format_name(knob, name, sizeof(name));
        knob_show(knob, operation->value, then);
        if (r < 0 && knob->ledger_id == 0)
                (void) printf("would not write %s: \"%s\": the present value cannot be read (%s) and would be lost (%s%s%s)\n",
                              name, then, strerrordesc_np(-r), knob->path, separator, cause);
        else
                (void) printf("would write %s: \"%s\" -> \"%s\" (%s%s%s)\n", name,
                              r < 0 ? "not readable" : knob_show(knob, knob->value ? knob->value : value, now), then, knob->path,
                              separator, cause);
}
