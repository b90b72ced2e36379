/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

/* A message to users about a failure: what failed, on which object, with which value, the probable cause, and the consequence. */

struct message {
        char text[512]; /* longer texts are truncated */
};

/* Formats a message into *ret and returns r, a negative errno. */
int message_error(struct message *ret, int r, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
