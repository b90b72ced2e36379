/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses the options. Unknown words are errors, and so is a duration that is not longer than the warm-up. */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/sim/options.h"

static const char
        help[] = "governord-sim [--option=value...]: prints a line of comma-separated values for each run\n"
                 "  --loads --machines --controllers   names separated by commas (default: all)\n"
                 "  --seeds=1,2,3                      one run with each seed\n"
                 "  --multiples=200                    targets, in percent of the percentile with \"performance\"\n"
                 "  --seconds=20 --warm-up=2           simulated time, and its first part that is not counted\n"
                 "  --permille=990 --window-us=1000000 percentile and window of the sessions\n"
                 "  --trace=FILE                       for the load \"trace\": lines of \"arrival_us service_us\"\n"
                 "  --rung=2                           1 to 4: delays from a latency to the hardware; to set single delays:\n"
                 "  --sample-us --batch-us --actuate-us\n"
                 "  --transition-us --interval-us      delays of the hardware, instead of those of the machine\n"
                 "  --log                              prints ms,level,MHz,queue,longest latency for each millisecond instead\n";

/* Estimated delays of the rungs. Measured values can be given with --sample-us, --batch-us and --actuate-us. */
static const struct rung rungs[] = {
        { .sample_us = 8, .actuate_us = 12 },  /* 1: cpufreq governor, fast switch */
        { .sample_us = 8, .actuate_us = 12 },  /* 2: kfunc */
        { .sample_us = 8, .actuate_us = 100 }, /* 3: the service wakes up and writes */
        { .sample_us = 100,
          .batch_us = 10000,
          .actuate_us = 100 }, /* 4: the service decides, modelled with reports over D-Bus every 10 ms */
};

/* clang-format off */
static const struct {
        const char *name;
        size_t offset;
        bool text;
} rows[] = {
        { "loads", offsetof(struct options, loads), true },
        { "machines", offsetof(struct options, machines), true },
        { "controllers", offsetof(struct options, controllers), true },
        { "seeds", offsetof(struct options, seeds), true },
        { "multiples", offsetof(struct options, multiples), true },
        { "trace", offsetof(struct options, trace), true },
        { "seconds", offsetof(struct options, seconds), false },
        { "warm-up", offsetof(struct options, warm_up), false },
        { "permille", offsetof(struct options, permille), false },
        { "window-us", offsetof(struct options, window_us), false },
        { "rung", offsetof(struct options, rung), false },
        { "sample-us", offsetof(struct options, sample_us), false },
        { "batch-us", offsetof(struct options, batch_us), false },
        { "actuate-us", offsetof(struct options, actuate_us), false },
        { "transition-us", offsetof(struct options, transition_us), false },
        { "interval-us", offsetof(struct options, interval_us), false },
};
/* clang-format on */

static int parse_word(struct options *options, const char *word) {
        const char *value = strchr(word, '=');
        char *end;

        if (strcmp(word, "--log") == 0) {
                options->log = true;
                return 0;
        }
        for (size_t i = 0; value && i < sizeof(rows) / sizeof(rows[0]); i++) {
                char *field = (char *) options + rows[i].offset;
                size_t length = strlen(rows[i].name);

                if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, rows[i].name, length) != 0 || word + 2 + length != value)
                        continue;
                if (rows[i].text)
                        *(const char **) (void *) field = value + 1;
                else
                        *(uint32_t *) (void *) field = (uint32_t) strtoul(value + 1, &end, 10);
                return !rows[i].text && (end == value + 1 || *end) ? -EINVAL : 0;
        }
        return -EINVAL;
}

int options_parse(struct options *ret_options, int argc, char **argv) {
        struct options options = { .seeds = "1,2,3",
                                   .multiples = "200",
                                   .seconds = 20,
                                   .warm_up = 2,
                                   .permille = 990,
                                   .window_us = 1000000,
                                   .rung = 2,
                                   .sample_us = OPTION_UNSET,
                                   .batch_us = OPTION_UNSET,
                                   .actuate_us = OPTION_UNSET,
                                   .transition_us = OPTION_UNSET,
                                   .interval_us = OPTION_UNSET };
        bool good = true;

        for (int i = 1; i < argc; i++)
                good = good && parse_word(&options, argv[i]) == 0;
        if (!good || options.seconds <= options.warm_up || options.seconds > 3600 || options.permille >= 1000 || options.rung < 1 ||
            options.rung > sizeof(rungs) / sizeof(rungs[0]) || options.window_us == 0) {
                (void) fputs(help, stderr);
                return -EINVAL;
        }
        *ret_options = options;
        return 0;
}

bool options_list_has(const char *list, const char *name) {
        size_t length = strlen(name);

        for (const char *place = list; place && (place = strstr(place, name)); place += length)
                if ((place == list || place[-1] == ',') && (place[length] == ',' || place[length] == '\0'))
                        return true;
        return !list;
}

size_t options_numbers(const char *list, uint32_t *ret_numbers, size_t max) {
        size_t n = 0;

        for (const char *place = list; *place && n < max; n++) {
                char *end;

                ret_numbers[n] = (uint32_t) strtoul(place, &end, 10);
                if (end == place)
                        break;
                place = *end == ',' ? end + 1 : end;
        }
        return n;
}

static uint32_t set_or(uint32_t option, uint32_t usual) {
        return option != OPTION_UNSET ? option : usual;
}

struct rung options_rung(const struct options *options, const struct controller *controller) {
        const struct rung *usual = &rungs[options->rung - 1];

        if (!controller->latencies)
                return controller->rung;
        return (struct rung){ .sample_us = set_or(options->sample_us, usual->sample_us),
                              .batch_us = set_or(options->batch_us, usual->batch_us),
                              .actuate_us = set_or(options->actuate_us, usual->actuate_us) };
}
