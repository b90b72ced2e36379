/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/message.h"

#include <stdarg.h>
#include <stdio.h>

int message_error(struct message *ret, int r, const char *format, ...) {
        va_list args;

        va_start(args, format);
        (void) vsnprintf(ret->text, sizeof(ret->text), format, args);
        va_end(args);
        return r;
}
