/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Strict parsers: the whole text must be the value. They return 0, -EINVAL (invalid form) or -ERANGE (does not fit). After an error
 * *ret is unchanged. Leading blanks, '+' and hexadecimal numbers are invalid; a number with leading zeros is decimal. */
int parse_i64(const char *text, int64_t *ret);
int parse_u32(const char *text, uint32_t *ret);
/* Accepts yes/no, true/false, on/off, 1/0. */
int parse_bool(const char *text, bool *ret);
/* Accepts "500us", "1500ms", "2s", "10min", "1h"; a number without a unit is in seconds. *ret_usec is in microseconds. */
int parse_duration(const char *text, uint64_t *ret_usec);

/* Calls `each` for every number of a CPU list in the kernel's format ("0-3,8,10-11"; "" is empty). Returns 0, -EINVAL, or -ERANGE
 * for a number above `limit`. If `each` returns a negative value, parsing ends and returns this value. */
int parse_cpu_list(const char *text, uint32_t limit, int (*each)(uint32_t cpu, void *userdata), void *userdata);

/* Sets *ret to the next blank-separated word of *text, and *text to the end of this word. Returns the length of the word, 0 at the
 * end of the text. */
size_t next_word(const char **text, const char **ret);
/* Returns true if `word` is one of the blank-separated words of `list`. */
bool word_in_list(const char *list, const char *word);

#endif
