/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict conversions of text to numbers. strtol() is not used, since it accepts leading blanks, '+' and trailing garbage. */

#include "base/parse.h"

#include <errno.h>
#include <string.h>

#include "base/number.h"

int parse_i64(const char *text, int64_t *ret) {
        bool negative = *text == '-';
        const char *p = text + negative;
        uint64_t magnitude;
        int r = number_take(&p, NULL, &magnitude);

        if (r < 0)
                return r;
        if (*p != '\0')
                return -EINVAL;
        if (magnitude > (uint64_t) INT64_MAX)
                return -ERANGE;
        *ret = negative ? -(int64_t) magnitude : (int64_t) magnitude;
        return 0;
}

int parse_u32(const char *text, uint32_t *ret) {
        uint64_t value;
        int r = number_take(&text, NULL, &value);

        if (r < 0)
                return r;
        if (*text != '\0')
                return -EINVAL;
        if (value > UINT32_MAX)
                return -ERANGE;
        *ret = (uint32_t) value;
        return 0;
}

int parse_bool(const char *text, bool *ret) {
        if (word_in_list("yes true on 1", text))
                *ret = true;
        else if (word_in_list("no false off 0", text))
                *ret = false;
        else
                return -EINVAL;
        return 0;
}

int parse_duration(const char *text, uint64_t *ret_usec) {
        static const struct {
                const char *suffix;
                uint64_t usec;
        } units[] = {
                { "", 1000000 }, { "us", 1 }, { "ms", 1000 }, { "s", 1000000 }, { "min", 60000000 }, { "h", UINT64_C(3600000000) },
        };
        uint64_t value;
        int r = number_take(&text, NULL, &value);

        if (r < 0)
                return r;
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
                if (strcmp(text, units[i].suffix) != 0)
                        continue;
                if (__builtin_mul_overflow(value, units[i].usec, &value))
                        return -ERANGE;
                *ret_usec = value;
                return 0;
        }
        return -EINVAL;
}

/* Parses one "a" or "a-b" of a CPU list. */
static int take_cpu_range(const char **p, uint32_t limit, uint32_t *ret_first, uint32_t *ret_last) {
        uint64_t first, last;
        int r = number_take(p, NULL, &first);

        if (r < 0)
                return r;
        last = first;
        if (**p == '-') {
                (*p)++;
                r = number_take(p, NULL, &last);
                if (r < 0)
                        return r;
        }
        if (last < first)
                return -EINVAL;
        if (last > limit)
                return -ERANGE;
        *ret_first = (uint32_t) first;
        *ret_last = (uint32_t) last;
        return 0;
}

int parse_cpu_list(const char *text, uint32_t limit, int (*each)(uint32_t cpu, void *userdata), void *userdata) {
        while (*text != '\0') {
                uint32_t first, last;
                int r = take_cpu_range(&text, limit, &first, &last);

                if (r < 0)
                        return r;
                for (uint32_t cpu = first; cpu <= last; cpu++) {
                        r = each(cpu, userdata);
                        if (r < 0)
                                return r;
                        if (cpu == UINT32_MAX)
                                break;
                }
                if (*text == ',' || *text == ' ') /* related_cpus is separated by blanks */
                        text++;
                else if (*text != '\0')
                        return -EINVAL;
        }
        return 0;
}

size_t next_word(const char **text, const char **ret) {
        size_t length;

        *text += strspn(*text, " \t\n");
        length = strcspn(*text, " \t\n");
        *ret = *text;
        *text += length;
        return length;
}

bool word_in_list(const char *list, const char *word) {
        size_t wanted = strlen(word), length;
        const char *w;

        while ((length = next_word(&list, &w)) > 0)
                if (length == wanted && memcmp(w, word, wanted) == 0)
                        return true;
        return false;
}
