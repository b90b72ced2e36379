/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removes names of persons and identifiers of a machine from a text that will be published. Names are replaced as whole words,
 * regardless of case. If in doubt, a word is replaced, except for a few common words (add_name()): a user called "performance" makes
 * the report hard to read, but is not revealed. */

#include "tools/ctl/scrub.h"

#include <ctype.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tools/common/xalloc.h"

/* The maximum number of names that are replaced: a directory service may have 100 000 users. */
#define NAMES_MAX 4096
#define VALUE_MIN 4    /* shorter values are common numbers and words */
#define UID_FIRST 1000 /* lower numbers are system users, whose names identify no person */
#define UID_NONE  65534

struct names {
        struct {
                char *text;
                const char *word;
        } items[NAMES_MAX];
        size_t n;
};

static void add_name(struct names *names, const char *text, size_t length, const char *word) {
        static const char *const common[] = { "root",    "localhost", "none",
                                              "unknown", "default",   "true",
                                              "false",   "auto",      "to be filled by o.e.m." };
        char *copy;

        if (length == 0 || names->n == NAMES_MAX)
                return;
        copy = must(strndup(text, length));
        for (size_t i = 0; i < ARRAY_SIZE(common); i++)
                if (strcasecmp(copy, common[i]) == 0) {
                        free(copy);
                        return;
                }
        names->items[names->n].text = copy;
        names->items[names->n++].word = word;
}

/* Adds the whole host name, such as "host.example.org", and its first part. */
static void add_host(struct names *names) {
        char host[256] = "";

        if (gethostname(host, sizeof(host) - 1) < 0)
                return;
        add_name(names, host, strlen(host), SCRUB_HOST);
        add_name(names, host, strcspn(host, "."), SCRUB_HOST);
}

static void add_user(struct names *names, const struct passwd *user) {
        add_name(names, user->pw_gecos ? user->pw_gecos : "", user->pw_gecos ? strcspn(user->pw_gecos, ",") : 0, "<name>");
        add_name(names, user->pw_name, strlen(user->pw_name), "<user>");
}

static void add_users(struct names *names) {
        static const char *const variables[] = { "USER", "LOGNAME", "SUDO_USER" };
        const struct passwd *user;

        for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
                const char *name = getenv(variables[i]);

                if (name)
                        add_name(names, name, strlen(name), "<user>");
        }
        setpwent();
        while (names->n < NAMES_MAX && (user = getpwent()))
                if (user->pw_uid >= UID_FIRST && user->pw_uid != UID_NONE)
                        add_user(names, user);
        endpwent();
        user = getuid() >= UID_FIRST ? getpwuid(getuid()) : NULL; /* getpwent() may omit users of a directory service */
        if (user)
                add_user(names, user);
}

/* Adds serial numbers from the firmware; only root can read most of them. Tests set GOVERNORD_DMI_DIR. */
static void add_serials(struct names *names) {
        static const char *const files[] = { "product_serial", "board_serial",    "chassis_serial",
                                             "product_uuid",   "board_asset_tag", "chassis_asset_tag" };
        const char *folder = getenv("GOVERNORD_DMI_DIR");

        for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
                _cleanup_free_ char *path = xasprintf("%s/%s", folder ? folder : "/sys/class/dmi/id", files[i]);
                char text[128] = "";
                FILE *f = fopen(path, "re");

                if (!f)
                        continue;
                if (fgets(text, sizeof(text), f) && strcspn(text, "\n") >= 4)
                        add_name(names, text, strcspn(text, "\n"), "<serial>");
                (void) fclose(f);
        }
}

static bool is_word(char c) {
        return isalnum((unsigned char) c) || c == '_' || (c & 0x80);
}

/* -- identifiers that are recognized by their form -- */

/* In a form, 'x' is a hexadecimal digit. A match must not follow a letter, digit or underscore, nor precede a hexadecimal digit. */
static const struct {
        const char *form, *word;
} forms[] = {
        { "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "<uuid>" },
        { "xx:xx:xx:xx:xx:xx", "<address>" },
        { "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "<id>" },
};

static bool fits(const char *text, const char *form) {
        for (; *form; form++, text++)
                if (*form == 'x' ? !isxdigit((unsigned char) *text) : *text != *form)
                        return false;
        return !isxdigit((unsigned char) *text);
}

/* Returns the length of the identifier at this position, or 0. */
static size_t find_form(const char *text, const char **ret_word) {
        for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
                if (fits(text, forms[i].form)) {
                        *ret_word = forms[i].word;
                        return strlen(forms[i].form);
                }
        return 0;
}

/* Prefers the longest name, since "anna" is part of "anna-maria". */
static size_t find_name(const struct names *names, const char *text, const char **ret_word) {
        size_t longest = 0;

        for (size_t i = 0; i < names->n; i++) {
                size_t length = strlen(names->items[i].text);

                if (length > longest && strncasecmp(text, names->items[i].text, length) == 0 && !is_word(text[length])) {
                        longest = length;
                        *ret_word = names->items[i].word;
                }
        }
        return longest;
}

/* Returns the length of the folder name if the text before it is "/home/", otherwise 0. */
static size_t find_home(const char *begin, const char *text, const char **ret_word) {
        static const char home[] = "/home/";
        size_t n = strlen(home);

        if (text < begin + n || strncmp(text - n, home, n) != 0)
                return 0;
        *ret_word = "<user>";
        return strcspn(text, "/ \t\n\"':,;)");
}

char *scrub(const char *text, char *const *values, size_t n_values) {
        struct names *names = must(calloc(1, sizeof(*names)));
        const char *begin = text;
        char *result = NULL;
        size_t size = 0;
        FILE *f = must(open_memstream(&result, &size));

        for (size_t i = 0; i < n_values; i++)
                if (strlen(values[i]) >= VALUE_MIN)
                        add_name(names, values[i], strlen(values[i]), "<value>");
        add_host(names);
        add_users(names);
        add_serials(names);
        while (*text) {
                const char *word = "";
                size_t n = 0;

                if (text == begin || !is_word(text[-1])) {
                        n = find_home(begin, text, &word);
                        n = n > 0 ? n : find_form(text, &word);
                        n = n > 0 ? n : find_name(names, text, &word);
                }
                if (n > 0)
                        (void) fputs(word, f);
                else
                        (void) fputc(*text++, f);
                text += n;
        }
        (void) fclose(f);
        for (size_t i = 0; i < names->n; i++)
                free(names->items[i].text);
        free(names);
        return must(result);
}
