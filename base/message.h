/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

/* A sentence for people about something that failed: what failed, on what, with which value, why probably, what happens now. */

struct message {
        char text[512]; /* longer ones are cut */
};

/* Puts a sentence into *ret and returns r, a negative errno. */
int message_error(struct message *ret, int r, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
