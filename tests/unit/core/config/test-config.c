/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/config/config.h on texts: every error with its line, inheritance, replacement, limits. test-config-files.c tests files. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tests/unit/core/config/config-case.h"

/* Each text has exactly these errors in this order, separated by "|". Each entry is a part of the message. */
/* clang-format off */
static const struct {
        const char *text, *errors;
} error_rows[] = {
        /* form */
        { "x = 1\n", "t:1: this setting precedes the first [section]" },
        { "[governord]\nnonsense\n", "t:2: the line is neither a [heading] nor KEY = VALUE" },
        { "[governord]\ndrift: yield\n", "t:2: the line is neither" },
        { "[governord]\ndrift: yield = 1\n", "t:2: the line is neither" },
        { "[governord]\n= 1\n", "t:2: there is no key before \"=\"" },
        { "[governord\n", "t:1: the heading does not end" },
        { "[governord] x\n", "t:1: the heading does not end" },
        { "\n[a]b]\n", "t:2: the heading does not end" },
        { "[governord]\ndrift = yield # why\n", "t:2: a comment cannot follow" },
        { "[governord]\ndrift = yield ;why\n", "t:2: a comment cannot follow" },
        { "[governord]\ndrift = yi\x01""eld\n", "t:2: the line contains control" },
        { "[profile a]\ndescription = \xff\n", "t:2: the line contains control" },
        { "[profile a]\ndescription = \xed\xa0\x80\n", "t:2: the line contains control" },
        { "[profile a]\ndescription = \xc0\xaf\n", "t:2: the line contains control" },
        { "[profile a]\ndescription = \xe2\x82\n", "t:2: the line contains control" },
        /* sections */
        { "[governor]\ndrift = bad\n", "t:1: unknown section [governor], did you mean \"governord\"?" },
        { "[]\n", "t:1: unknown section []" },
        { "[Profile x]\n", "t:1: unknown section [Profile], did you mean \"profile\"?" },
        { "[governord x]\n", "t:1: this section must not have a name" },
        { "[profile]\n", "t:1: a name is missing after the first word of the heading, as in [profile quiet]" },
        { "[profile a/b]\n", "t:1: \"a/b\" is not a valid name" },
        { "[profile a b]\n", "t:1: \"a b\" is not a valid name" },
        { "[profile -a]\n", "t:1: \"-a\" is not a valid name" },
        { "[rule \xc3\xa4]\n", "is not a valid name" },
        { "[profile 12345678901234567890123456789012345678901234567890123456789012345]\n",
          "t:1: the name in the heading is longer than 64" },
        /* [governord] */
        { "[governord]\ndrift = no\ndrift-limit = 101\ndrift-limit = x\nbattery-aware = perhaps\nmax-requests-per-client = 0\n",
          "t:2: drift must be \"yield\" or \"reassert\"; \"no\" is not valid|t:3: drift-limit must be a number from 0 to 100; \"101\" is not valid|"
          "t:4: drift-limit must be a number from 0 to 100; \"x\" is not valid|t:5: battery-aware must be \"yes\" or \"no\"; \"perhaps\" is not valid|"
          "t:6: max-requests-per-client must be a number from 1 to 4096; \"0\" is not valid" },
        { "[governord]\nrequests-per-user = 5000\nsessions-per-user = many\nsession-idle-max = soon\ngovernor = Slack\n",
          "t:2: requests-per-user must be a number from 1 to 4096; \"5000\" is not valid|t:3: sessions-per-user must be a number from 1 to 1024; \"many\" is not valid|"
          "t:4: session-idle-max must be a time of at most 366 days, in seconds or with a unit (90, 10min, 2h), or 0 for never; \"soon\" is not valid|"
          "t:5: governor must be the name of a governor (see governorctl governor list), of at most 31 lower-case letters, digits and \"-\"; \"Slack\" is not valid" },
        { "[governord]\nsession-idle-max =\n", "t:2: session-idle-max must be a time" },
        { "[governord]\ndrft = yield\n", "t:2: unknown key \"drft\" in [governord], did you mean \"drift\"?" },
        { "[governord]\nenable = amdgpu,panel\n", 
          "t:2: enable must be a list of names of drivers or knobs, separated by blanks; \"amdgpu,panel\" is not valid" },
        { "[governord]\nblock = \"x\"\n", "t:2: block must be a list of names of drivers, knobs or actions, separated by blanks; \"\"x\"\" is not valid" },
        /* [profile] */
        { "[profile a]\ninherits = nothing\n", "t:2: there is no profile \"nothing\"" },
        { "[profile a]\ninherits = balaced\n", "t:2: there is no profile \"balaced\", did you mean \"balanced\"?" },
        { "[profile a]\ninherit = balanced\n", "t:2: unknown key \"inherit\", did you mean \"inherits\"?" },
        { "[profile a]\nDescription = x\n", "t:2: unknown key \"Description\", did you mean \"description\"?" },
        { "[profile balanced]\ninherits = performance\n", "t:2: the three standard profiles cannot inherit" },
        { "[profile a]\ninherits = a\n", "t:2: profile \"a\" inherits from itself through \"a\"" },
        { "[profile a]\ninherits = b\n[profile b]\n\ninherits = c\n[profile c]\ninherits = a\n[profile d]\ninherits = b\n",
          "t:7: profile \"a\" inherits from itself through \"c\"" },
        { "[profile a]\nepp@battry = power\n", "t:2: unknown condition @battry, did you mean \"battery\"?" },
        { "[profile a]\nmax-freq = 2mhz\n", "t:2: unknown suffix in 2mhz" },
        { "[profile a]\nmax-freq = 2.5\n", "t:2: 2.5 is not a whole number" },
        { "[profile a]\nepp =\n", "t:2: the value is missing" },
        /* [rule] */
        { "[rule r]\n", "t:1: rule \"r\" has no \"when\"|t:1: rule \"r\" has no \"profile\"" },
        { "[rule r]\nwhen = ac\nprofile = nope\n", "t:3: there is no profile \"nope\"" },
        { "[rule r]\nwhen = ac\nprofile = balanced\n[rule r]\nwhen = idle\nprofile = balanced\n",
          "t:4: rule \"r\" is already defined at t:1" },
        { "[rule r]\nwhen = ac\nwhen = battery\nprofile = balanced\n", "t:3: \"ac\" and \"battery\" exclude" },
        { "[rule r]\nwhen = idle\nwhen = batery\nprofile = balanced\n",
          "t:3: unknown condition \"batery\", did you mean \"battery\"?" },
        { "[rule r]\nwhen = idle\nwhen =\nprofile = balanced\n", "t:3: unknown condition \"\"" },
        { "[rule r]\nwhen = idle\nwhen = ac and idle\nprofile = balanced\n", 
          "t:3: \"ac\" must be followed by nothing (each further condition needs its own \"when\" line); found \"and idle\"" },
        { "[rule r]\nwhen = idle\nwhen = battery-below\nwhen = battery-below 0\nwhen = battery-below 101\n"
          "when = battery-below 20%\nprofile = balanced\n",
          "t:3: \"battery-below\" must be followed by a number from 1 to 100|t:4: \"battery-below\" must be followed by a number from 1 to 100; found \"0\"|"
          "t:5: \"battery-below\" must be followed by a number from 1 to 100; found \"101\"|"
          "t:6: \"battery-below\" must be followed by a number from 1 to 100; found \"20%\"" },
        { "[rule r]\nwhen = idle\nwhen = exe game\nwhen = exe /a//b\nwhen = exe /a/../b\nwhen = exe /a/\nprofile = balanced\n",
          "t:3: \"exe\" must be followed by an absolute path; found \"game\"|t:4: \"exe\" must be followed by a normalised path|"
          "t:5: \"exe\" must be followed by a normalised path|t:6: \"exe\" must be followed by a normalised path, without \"//\", \".\" and \"..\", and without \"/\" at its end; found \"/a/\"" },
        { "[rule r]\nwhen = idle\nwhen = unit backup\nwhen = unit a.service b.service\nwhen = unit .scope\nprofile = balanced\n",
          "t:3: \"unit\" must be followed by a name that ends with .service, .scope or .slice; found \"backup\"|"
          "t:4: \"unit\" must be followed by the name of one systemd unit; found \"a.service b.service\"|"
          "t:5: \"unit\" must be followed by a complete name, such as backup.service; found \".scope\"" },
        { "[rule r]\nwhen = idle\nwhen = idle\nwhen = idle\nwhen = idle\nwhen = idle\nwhen = idle\nwhen = idle\nwhen = idle\n"
          "when = idle\nprofile = balanced\n", "t:10: a rule can have at most 8 conditions" },
        { "[rule r]\nwhen = ac\nprofle = balanced\nprofile = balanced\n",
          "t:3: unknown key \"profle\" in [rule], did you mean \"profile\"?" },
        /* [driver] */
        { "[driver x]\na b = 1\n", "t:2: key \"a b\" contains invalid characters" },
        /* all errors of a file */
        { "[governord]\ndrift = x\n[profile a]\nepp@x = 1\n[oops]\nignored = 1\n[rule r]\nwhen = ac\nprofile = none\n",
          "t:2: drift|t:4: unknown condition|t:5: unknown section|t:9: there is no profile" },
};

/* clang-format on */
static void check_errors(const char *text, const char *errors, const char *expected) {
        const char *line = errors;

        while (*expected) {
                size_t wanted = strcspn(expected, "|"), length = strcspn(line, "\n");

                if (!memmem(line, length, expected, wanted))
                        fail_msg("%s\ngives\n%s\nwithout \"%.*s\"", text, errors, (int) wanted, expected);
                expected += wanted + (expected[wanted] == '|');
                line += length + (line[length] == '\n');
        }
        if (*line)
                fail_msg("%s\ngives too much:\n%s", text, line);
}

static void test_errors(void **state) {
        (void) state;
        for (size_t i = 0; i < ARRAY_SIZE(error_rows); i++) {
                _cleanup_free_ char *errors = NULL;
                struct config *config = (void *) 1;
                const char *text = error_rows[i].text;

                if (config_load_text("t", text, strlen(text), &config, &errors) != -EINVAL)
                        fail_msg("%s\nis taken", text);
                assert_ptr_equal(config, (void *) 1);
                check_errors(text, errors, error_rows[i].errors);
        }
}

static void test_defaults(void **state) {
        struct config *config = load_config("");

        (void) state;
        assert_int_equal(config->n_profiles, 3);
        for (size_t i = 0; i < 3; i++) {
                assert_string_equal(config->profiles[i].name, profile_base_names[i]);
                assert_int_equal(config->profiles[i].base, i);
                assert_true(config->profiles[i].n_lines > 10);
                assert_true(config->profiles[i].description[0]);
        }
        assert_int_equal(config->n_rules + config->n_options, 0);
        assert_int_equal(config->drift, DRIFT_YIELD);
        assert_int_equal(config->drift_limit, 3);
        assert_int_equal(config->requests_per_client_max, 64);
        assert_true(config->battery_aware);
        assert_string_equal(config->enable, "");
        assert_string_equal(config->block, "");
        assert_null(config_profile(config, "gaming"));
        assert_null(config_driver_option(config, "intel", "x"));
        config_free(config);
        assert_null(config_free(NULL));
}

static void test_everything(void **state) {
        struct config *config = load_config(
                "\xef\xbb\xbf; comment\r\n[governord]\r\n drift = reassert\r\n\tdrift-limit=7\n  # comment\n"
                "battery-aware = no\nenable = amdgpu_panel_power  intel.epb\nblock =\nmax-requests-per-client = 5\n"
                "[ profile   game-1 ]\ndescription = J\xc3\xa4ger; \"x\" = (y)\ninherits = performance\n"
                "[rule quiet]\nwhen = battery-below 20\nwhen = exe /usr/bin/my game\nwhen = unit a.slice\n"
                "when = idle\nprofile = game-1\n[rule other]\nwhen = ac\nprofile = balanced\n"
                "[driver intel]\nKey = a = b\nempty =\nKey = c:d");
        char text[128], small[20];

        (void) state;
        assert_int_equal(config->drift, DRIFT_REASSERT);
        assert_int_equal(config->drift_limit, 7);
        assert_false(config->battery_aware);
        assert_string_equal(config->enable, "amdgpu_panel_power  intel.epb");
        assert_int_equal(config->requests_per_client_max, 5);
        assert_string_equal(config_profile(config, "game-1")->description, "J\xc3\xa4ger; \"x\" = (y)");
        assert_int_equal(config->profiles[3].base, PROFILE_PERFORMANCE);
        assert_int_equal(config->n_rules, 2);
        assert_string_equal(config->rules[0].name, "quiet");
        assert_string_equal(config->rules[0].origin, "t:13");
        assert_string_equal(config->rules[0].profile, "game-1");
        assert_int_equal(rule_format(&config->rules[0], text, sizeof(text)), 0);
        assert_string_equal(text, "battery-below 20 and exe /usr/bin/my game and unit a.slice and idle");
        assert_int_equal(rule_format(&config->rules[0], small, sizeof(small)), -E2BIG);
        assert_string_equal(small, "");
        assert_string_equal(config_driver_option(config, "intel", "Key"), "c:d");
        assert_string_equal(config_driver_option(config, "intel", "empty"), "");
        config_free(config);
}

static const struct profile_line *find_line(const struct profile *profile, const char *knob, size_t nth) {
        for (size_t i = 0; i < profile->n_lines; i++)
                if (strcmp(profile->lines[i].knob, knob) == 0 && nth-- == 0)
                        return &profile->lines[i];
        return NULL;
}

static void test_inheritance(void **state) {
        struct config *config = load_config(
                "[profile a]\ninherits = b\nnew = 2\n[profile b]\ninherits = power-saver\nnew = 1\nepp = 3\n"
                "[profile c]\nepp = 4\n");
        const struct profile *a = config_profile(config, "a"), *saver = config_profile(config, "power-saver"),
                             *c = config_profile(config, "c");

        (void) state;
        assert_ptr_equal(&config->profiles[3], a);
        assert_int_equal(a->base, PROFILE_POWER_SAVER);
        assert_int_equal(a->n_lines, saver->n_lines + 3);
        for (size_t i = 0; i < saver->n_lines; i++)
                assert_string_equal(a->lines[i].origin, saver->lines[i].origin);
        assert_string_equal(a->lines[saver->n_lines].origin, "t:6");
        assert_string_equal(a->lines[saver->n_lines + 2].origin, "t:3");
        assert_int_equal(c->base, PROFILE_BALANCED);
        assert_string_equal(c->lines[c->n_lines - 1].values, "4");
        config_free(config);
}

/* If two lines in one file set the same key, the first one is overridden. */
static void test_overridden(void **state) {
        static const char text[] = "[governord]\ndrift = yield\nenable = a\ndrift = reassert\n" /* line 2 by line 4 */
                                   "[profile p]\ndescription = a\nepp@ac@cpu1 = power\nmax-freq = 60%\nepp = power\n"
                                   "inherits = balanced\ninherits = balanced\ndescription = b\n" /* 10 by 11, 6 by 12 */
                                   "intel.epp = power\nepp@ac = power\n"
                                   "[driver x]\na = 1\nb = 2\na = 1\n"                                   /* 16 by 18 */
                                   "[rule r]\nwhen = ac\nwhen = idle\nprofile = p\nprofile = balanced\n" /* 22 by 23 */
                                   "[profile p]\nepp@cpu1@ac = default\nmax-freq = 9GHz\n";              /* 7 by 25, 8 by 26 */
        static const struct overridden_line lines[] = { { "t:2", 4 },   { "t:10", 11 }, { "t:6", 12 }, { "t:16", 18 },
                                                        { "t:22", 23 }, { "t:7", 25 },  { "t:8", 26 } };
        struct config *config = load_config(text),
                      *plain = load_config("[profile balanced]\nepp = power\n[governord]\ndrift = yield\n");
        char many[12 * 600] = "[governord]\n";

        (void) state;
        assert_int_equal(config->n_overridden, ARRAY_SIZE(lines));
        for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
                assert_string_equal(config->overridden[i].origin, lines[i].origin);
                assert_int_equal(config->overridden[i].by, lines[i].by);
        }
        assert_int_equal(plain->n_overridden, 0); /* replacing a line of the defaults does not count */
        config_free(config);
        config_free(plain);
        for (int i = 0; i < 300; i++)
                (void) strcat(many, "block = intel\n");
        config = load_config(many);
        assert_int_equal(config->n_overridden, CONFIG_OVERRIDDEN_MAX);
        config_free(config);
}

static void test_replacement(void **state) {
        struct config *plain = load_config(""),
                      *config = load_config("[profile heir]\ninherits = power-saver\n[profile power-saver]\n"
                                            "amdgpu-panel-power@battery-below-50@battery = 2\nepp = balance_power\n"
                                            "epp@battery = power\nepp = default\n");
        const struct profile *a = &plain->profiles[0], *b = &config->profiles[0], *heir = config_profile(config, "heir");

        (void) state;
        assert_int_equal(b->n_lines, a->n_lines + 1);
        assert_int_equal(heir->n_lines, b->n_lines);
        for (size_t i = 0; i < a->n_lines; i++)
                if (strncmp(b->lines[i].origin, "t:", 2) != 0)
                        assert_string_equal(a->lines[i].values, b->lines[i].values);
        assert_string_equal(find_line(b, "epp", 0)->values, "default");
        assert_string_equal(find_line(b, "epp", 0)->origin, "t:7");
        assert_string_equal(find_line(b, "epp", 1)->values, "power");
        assert_string_equal(find_line(b, "amdgpu-panel-power", 0)->values, "0");
        /* The line replaces the former one in its place; lines for lower charge follow it. */
        assert_string_equal(find_line(b, "amdgpu-panel-power", 1)->values, "2");
        assert_string_equal(find_line(b, "amdgpu-panel-power", 3)->values, "3");
        assert_string_equal(find_line(heir, "epp", 0)->values, "default");
        config_free(plain);
        config_free(config);
}

/* Returns `head`, followed by `n` copies of `format`, each with a number. */
static char *repeat(const char *head, const char *format, unsigned n) {
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        assert_non_null(stream);
        (void) fputs(head, stream);
        for (unsigned i = 0; i < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                (void) fprintf(stream, format, i, i);
#pragma GCC diagnostic pop
        }
        (void) fclose(stream);
        return text;
}

static const struct {
        const char *head, *format;
        unsigned fits, fails;
        const char *error;
} limit_rows[] = {
        { "", "[profile p%u]\n", 61, 62, "t:62: there are more than 64 profiles" },
        { "", "[rule r%u]\nwhen=ac\nprofile=balanced\n", 64, 65, "t:193: there are more than 64 rules" },
        { "[driver d]\n", "k%u = 1\n", 256, 257, "t:258: there are more than 256 settings" },
        { "[profile p]\ninherits = performance\n", "k%u = 1\n", 100, 257, "t:259: profile \"p\" has more than 256 lines" },
        { "[profile p]\ninherits = performance\n", "k%u = 1\n", 200, 256, "t:1: profile \"p\" has " },
        { "[profile p]\nk = 1\n", "#%u\n", 4094, 4095, "t:4097: the file has more than 4096 lines" },
        { "[profile p]\ndescription = ", "x", 4186, 4187, "t:2: the line is longer than 4200 bytes" },
        { "[profile p]\n#", "x", 5000, 0, NULL },
        { "[governord]\n", "drift-limit = 1000\n", 0, 1000, ": there are too many errors" },
};

static void test_limits(void **state) {
        (void) state;
        for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++) {
                _cleanup_free_ char *fits = repeat(limit_rows[i].head, limit_rows[i].format, limit_rows[i].fits);
                _cleanup_free_ char *fails = repeat(limit_rows[i].head, limit_rows[i].format, limit_rows[i].fails), *errors = NULL;

                config_free(load_config(fits));
                if (!limit_rows[i].error)
                        continue;
                assert_int_equal(config_load_text("t", fails, strlen(fails), NULL, &errors), -EINVAL);
                if (!strstr(errors, limit_rows[i].error) || !strstr(strrchr(errors, ':'), strrchr(limit_rows[i].error, ':')))
                        fail_msg("%s", errors); /* the last line states that there are more */
                assert_true(strlen(errors) < 200 * 600);
        }
}

/* One mistake causes only one message; consequences of it are not reported. */
static const struct {
        const char *text, *errors;
} single_rows[] = {
        { "[rule r]\nwhen = batery\nprofile = balanced\n", "t:2: unknown condition \"batery\", did you mean \"battery\"?\n" },
        { "[rule r]\nwen = battery\nprofile = balanced\n", "t:2: unknown key \"wen\" in [rule], did you mean \"when\"?\n" },
        { "[rule r]\nwhen = battery # mains\nprofile = balanced\n",
          "t:2: a comment cannot follow other text (\"#\" or \";\" after a blank); put it on a separate line\n" },
        { "[rule r]\nwhen = battery\nprofil = balanced\n", "t:3: unknown key \"profil\" in [rule], did you mean \"profile\"?\n" },
        { "[governord]\ndrift = yield\n[profile x\nepp = power\n", "t:3: the heading does not end with \"]\"\n" },
        { "[profile x\nepp = power\n", "t:1: the heading does not end with \"]\"\n" },
        { "[rule r]\nprofile = balanced\n[profile x\nepp = power\n",
          "t:1: rule \"r\" has no \"when\" line: add a condition\nt:3: the heading does not end with \"]\"\n" },
};

static void test_one_mistake_one_message(void **state) {
        (void) state;
        for (size_t i = 0; i < ARRAY_SIZE(single_rows); i++) {
                _cleanup_free_ char *errors = NULL;

                assert_int_equal(config_load_text("t", single_rows[i].text, strlen(single_rows[i].text), NULL, &errors), -EINVAL);
                assert_string_equal(errors, single_rows[i].errors);
        }
}

/* Paths of the maximum length of the kernel. */
static void test_long_paths(void **state) {
        char text[4400] = "[rule r]\nprofile = balanced\nwhen = exe /", shown[RULE_TEXT_MAX];
        _cleanup_free_ char *errors = NULL;
        size_t length = strlen(text);
        struct config *config;

        (void) state;
        memset(text + length, 'a', 4094);
        config = load_config(text);
        assert_int_equal(strlen(config->rules[0].conditions[0].text), 4095);
        assert_int_equal(rule_format(&config->rules[0], shown, sizeof(shown)), 0);
        assert_int_equal(strlen(shown), strlen("exe ") + 4095);
        config_free(config);
        text[length + 4094] = 'a';
        assert_int_equal(config_load_text("t", text, strlen(text), NULL, &errors), -EINVAL);
        assert_non_null(strstr(errors, "t:3: \"exe\" must be followed by a path of at most 4095 bytes; found \"/aaaa"));
        assert_true(strlen(errors) < 160);
}

/* The limit includes inherited lines. */
static void test_line_limit(void **state) {
        struct config *config = load_config("");
        unsigned room = 256 - (unsigned) config->profiles[PROFILE_PERFORMANCE].n_lines;
        _cleanup_free_ char *fits = repeat("[profile p]\ninherits = performance\n", "k%u = 1\n", room),
                            *fails = repeat("[profile p]\ninherits = performance\n", "k%u = 1\n", room + 1), *errors = NULL;

        (void) state;
        config_free(config);
        config_free(load_config(fits));
        assert_int_equal(config_load_text("t", fails, strlen(fails), NULL, &errors), -EINVAL);
        assert_string_equal(errors, "t:1: profile \"p\" has 257 lines including inherited ones; the limit is 256\n");
}

static void test_nul_byte(void **state) {
        static const char text[] = "[governord]\ndrift = yield\0x\n";
        _cleanup_free_ char *errors = NULL;

        (void) state;
        assert_int_equal(config_load_text("t", text, sizeof(text) - 1, NULL, &errors), -EINVAL);
        assert_string_equal(errors, "t:2: the line contains control characters or invalid UTF-8\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_errors),      cmocka_unit_test(test_defaults),
                cmocka_unit_test(test_everything),  cmocka_unit_test(test_inheritance),
                cmocka_unit_test(test_replacement), cmocka_unit_test(test_overridden),
                cmocka_unit_test(test_limits),      cmocka_unit_test(test_line_limit),
                cmocka_unit_test(test_nul_byte),    cmocka_unit_test(test_one_mistake_one_message),
                cmocka_unit_test(test_long_paths),
        };

        return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
