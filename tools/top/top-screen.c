/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Full-screen output without ncurses, by a few escape sequences, which every terminal since the VT220 and xterm interprets or
 * ignores. Escape sequences of keys are not interpreted. The terminal must be restored even after a crash; therefore the signal
 * handler uses only static data and async-signal-safe functions. */

#include "tools/top/top-screen.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tools/common/xalloc.h"

/* `enter` switches to the alternate screen, hides the cursor, disables line wrapping, and clears the screen. `leave` undoes
 * this. */
static const char enter[] = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J";
static const char leave[] = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

static struct termios before;
static volatile sig_atomic_t is_open, has_keys;

/* Also called by a signal handler and at exit(). */
static void give_back(void) {
        if (!is_open)
                return;
        is_open = 0;
        (void) !write(STDOUT_FILENO, leave, sizeof(leave) - 1);
        if (has_keys)
                (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

/* With SA_RESETHAND the default action is restored, so the raised signal ends the program. */
static void on_crash(int number) {
        give_back();
        (void) raise(number);
}

static void prepare_for_the_worst(void) {
        static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS };
        struct sigaction action = { .sa_handler = on_crash, .sa_flags = (int) (SA_RESETHAND | SA_NODEFER) };
        static bool done;

        if (done)
                return;
        for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
                (void) sigaction(crashes[i], &action, NULL);
        (void) atexit(give_back);
        done = true;
}

int screen_open(void) {
        struct termios raw;

        prepare_for_the_worst();
        has_keys = tcgetattr(STDIN_FILENO, &before) == 0;
        is_open = 1;
        if (has_keys) {
                raw = before;
                raw.c_lflag &= ~(tcflag_t) (ICANON | ECHO);
                raw.c_cc[VMIN] = 0; /* a read never waits */
                raw.c_cc[VTIME] = 0;
                if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) < 0)
                        return -errno;
        }
        (void) fputs(enter, stdout);
        return fflush(stdout) == 0 ? 0 : -errno;
}

void screen_close(void) {
        (void) fflush(stdout);
        give_back();
}

void screen_size(size_t *ret_width, size_t *ret_height) {
        struct winsize size = {};

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0)
                size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
        *ret_width = size.ws_col;
        *ret_height = size.ws_row;
}

static void write_all(const char *data, size_t size) {
        while (size > 0) {
                ssize_t n = write(STDOUT_FILENO, data, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return;
                data += n;
                size -= (size_t) n;
        }
}

/* stdout is not used, because it would write each line separately. */
void screen_draw(const struct top_lines *lines, bool color) {
        _cleanup_free_ char *picture = NULL;
        size_t size = 0;
        FILE *f = must(open_memstream(&picture, &size));

        (void) fputs("\x1b[H", f);
        for (size_t i = 0; i < lines->n; i++) {
                const struct top_line *line = &lines->items[i];
                bool styled = color && line->style != STYLE_NONE;

                (void) fprintf(f, "%s%s%s%s\x1b[K", i > 0 ? "\r\n" : "", styled ? style_code(line->style, true) : "", line->text,
                               styled ? style_code(STYLE_NONE, true) : "");
        }
        (void) fputs("\x1b[J", f);
        (void) fclose(f);
        write_all(must(picture), size);
}

int screen_key(void) {
        char keys[64];
        ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

        if (n < 0)
                return errno == EINTR || errno == EAGAIN ? 0 : -EPIPE;
        if (memchr(keys, 'q', (size_t) n) || memchr(keys, 'Q', (size_t) n))
                return 'q';
        return n > 0 ? keys[n - 1] : 0;
}
