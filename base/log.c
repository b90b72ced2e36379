/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes log lines to standard output, for the journal with the prefix "<N>". Control characters are replaced, so that text from
 * the bus or from a file cannot forge a line. */

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Enough for a file name, a value and a cause. The journal splits lines only at 48 KiB. */
#define LINE_LENGTH_MAX 1024

static const char *log_program = "governord";
static int log_threshold = 6;
static bool log_prefix;

void log_open(const char *program, int level, bool journal_prefix) {
        log_program = program;
        log_threshold = level;
        log_prefix = journal_prefix;
        (void) setvbuf(stdout, NULL, _IOLBF, 0);
}

/* In UTF-8, C0 and DEL are single bytes; C1 (U+0080 to U+009F, which includes the terminal's CSI) is 0xC2 and a second byte. */
static void blank_control_characters(char *text) {
        for (; *text; text++) {
                unsigned char byte = (unsigned char) text[0], next = (unsigned char) text[1];

                if (byte < 0x20 || byte == 0x7f)
                        *text = ' ';
                else if (byte == 0xc2 && next >= 0x80 && next <= 0x9f)
                        text[0] = text[1] = ' ';
        }
}

int log_fullv(int level, int error, const char *format, va_list args) {
        int result = -abs(error);
        char line[LINE_LENGTH_MAX];

        if (level > log_threshold)
                return result;
        (void) vsnprintf(line, sizeof(line), format, args);
        blank_control_characters(line);
        if (log_prefix)
                (void) printf("<%d>%s%s%s\n", level, line, error ? ": " : "", error ? strerrordesc_np(abs(error)) : "");
        else
                (void) printf("%s: %s%s%s\n", log_program, line, error ? ": " : "", error ? strerrordesc_np(abs(error)) : "");
        return result;
}

int log_full(int level, int error, const char *format, ...) {
        va_list args;
        int result;

        va_start(args, format);
        result = log_fullv(level, error, format, args);
        va_end(args);
        return result;
}
