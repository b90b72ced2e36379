/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Strict readers: the whole text must be the value. All return 0, or -EINVAL (not of this form), -ERANGE (does not
 * fit); *ret is untouched on error. Leading blanks, '+', hexadecimal and octal are refused. */
int parse_i64(const char *text, int64_t *ret);
int parse_u32(const char *text, uint32_t *ret);
/* yes/no, true/false, on/off, 1/0. */
int parse_bool(const char *text, bool *ret);
/* "1500ms", "2s", "10min", "1h", "500us"; a bare number is seconds. Result in microseconds. */
int parse_duration(const char *text, uint64_t *ret_usec);

/* Calls `each` for every number of a kernel CPU list ("0-3,8,10-11"; "" is empty). Numbers above `limit` give -ERANGE.
 * A negative return of `each` ends the walk and is returned. */
int parse_cpu_list(const char *text, uint32_t limit, int (*each)(uint32_t cpu, void *userdata), void *userdata);

/* Next blank-separated word of *text, which is moved past it. Returns its length, 0 at the end; *ret points into text. */
size_t next_word(const char **text, const char **ret);
/* True if `word` is one of the blank-separated words of `list`. */
bool word_in_list(const char *list, const char *word);

#endif
