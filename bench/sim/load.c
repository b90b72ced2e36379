/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loads. Unless stated otherwise, the mean service time is 200 us at full speed, of which 30 % do not depend on the frequency.
 * This is between memcached (about 10 us) and a web page (some ms).
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/sim/load.h"
#include "bench/sim/random.h"

#define SERVICE_NS   200000.0
#define MEMORY_SHARE 0.3
#define MS           1000000.0

struct maker {
        struct load *load;
        struct random random;
        const char *trace;
};

static int load_add(struct load *load, double arrival_ns, double service_ns, double memory_share) {
        if (load->n == load->room) {
                size_t room = load->room ? load->room * 2 : 4096;
                struct request *requests = realloc(load->requests, room * sizeof(*requests));

                if (!requests)
                        return -ENOMEM;
                load->requests = requests;
                load->room = room;
        }
        load->requests[load->n++] = (struct request){ .arrival_ns = (uint64_t) arrival_ns,
                                                      .scaled_ns = (uint32_t) (service_ns * (1 - memory_share)) + 1,
                                                      .fixed_ns = (uint32_t) (service_ns * memory_share) };
        return 0;
}

/* Adds Poisson arrivals between two times, using this share of the capacity, with exponential service times. */
static int stretch(struct maker *maker, double from_ns, double until_ns, double share) {
        double now = from_ns;

        for (;;) {
                now += random_exponential(&maker->random, SERVICE_NS / share);
                if (now >= until_ns)
                        return 0;
                if (load_add(maker->load, now, random_exponential(&maker->random, SERVICE_NS), MEMORY_SHARE) < 0)
                        return -ENOMEM;
        }
}

static int make_poisson(struct maker *maker) {
        return stretch(maker, 0, (double) maker->load->span_ns, 0.4);
}

/* Bursts of 5 to 40 ms at 70 % of the capacity, with pauses of 3 to 36 ms: 37 % on average. */
static int make_burst(struct maker *maker) {
        double now = 0, span = (double) maker->load->span_ns;

        while (now < span) {
                double end = now + random_between(&maker->random, 5 * MS, 40 * MS);

                if (stretch(maker, now, end < span ? end : span, 0.7) < 0)
                        return -ENOMEM;
                now = end + random_between(&maker->random, 3 * MS, 36 * MS);
        }
        return 0;
}

/* The same with bursts of different strengths: 40 to 95 % of the capacity. */
static int make_surge(struct maker *maker) {
        double now = 0, span = (double) maker->load->span_ns;

        while (now < span) {
                double end = now + random_between(&maker->random, 5 * MS, 40 * MS);

                if (stretch(maker, now, end < span ? end : span, random_between(&maker->random, 0.4, 0.95)) < 0)
                        return -ENOMEM;
                now = end + random_between(&maker->random, 3 * MS, 36 * MS);
        }
        return 0;
}

/* A day compressed to ten seconds: 10 to 70 % of the capacity, constant for 20 ms at a time. */
static int make_diurnal(struct maker *maker) {
        for (double now = 0; now < (double) maker->load->span_ns; now += 20 * MS)
                if (stretch(maker, now, now + 20 * MS, 0.4 - 0.3 * cos(now / 10e9 * 6.283185307179586)) < 0)
                        return -ENOMEM;
        return 0;
}

/* Bounded Pareto service times: alpha 1.3, from 40 us to 10 ms, with a mean of about 154 us. 35 % of the capacity. */
static int make_heavy(struct maker *maker) {
        double now = 0;

        for (;;) {
                now += random_exponential(&maker->random, 154000 / 0.35);
                if (now >= (double) maker->load->span_ns)
                        return 0;
                if (load_add(maker->load, now, random_pareto(&maker->random, 1.3, 40000, 10 * MS), MEMORY_SHARE) < 0)
                        return -ENOMEM;
        }
}

/* 60 frames a second, with a median of 6 ms of work at full speed. */
static int make_frame(struct maker *maker) {
        for (double now = 0; now < (double) maker->load->span_ns; now += 16.7 * MS)
                if (load_add(maker->load, now, 6 * MS * random_lognormal(&maker->random, 0.2), 0.2) < 0)
                        return -ENOMEM;
        return 0;
}

/* Adds the requests of the file once. *ret_end is the last arrival in the file. */
static int replay(struct maker *maker, FILE *file, double offset_ns, double *ret_end) {
        char line[128];
        double last = 0;

        while (fgets(line, sizeof(line), file)) {
                uint64_t arrival_us;
                uint32_t service_us;

                if (line[0] == '#')
                        continue;
                if (sscanf(line, "%" SCNu64 " %" SCNu32, &arrival_us, &service_us) != 2 || arrival_us > UINT32_MAX ||
                    service_us > 1000000 || (double) arrival_us * 1000 < last)
                        return -EBADMSG;
                last = (double) arrival_us * 1000;
                if (load_add(maker->load, offset_ns + last, service_us * 1000.0, MEMORY_SHARE) < 0)
                        return -ENOMEM;
        }
        *ret_end = last;
        return last > 0 ? 0 : -EBADMSG;
}

static int make_trace(struct maker *maker) {
        double offset = random_between(&maker->random, 0, 100 * MS), end = 0;
        FILE *file = maker->trace ? fopen(maker->trace, "re") : NULL;
        int r = file ? 0 : maker->trace ? -errno : -ENOENT;

        while (r == 0 && offset < (double) maker->load->span_ns) {
                rewind(file);
                r = replay(maker, file, offset, &end);
                offset += end + random_between(&maker->random, 0, 20 * MS);
        }
        if (file)
                (void) fclose(file);
        return r;
}

static const struct {
        const char *name, *what;
        int (*make)(struct maker *maker);
} makers[] = {
        { "burst", "bursts of 5-40 ms at 70 %, 37 % of the capacity on average", make_burst },
        { "surge", "bursts of 5-40 ms at 40 to 95 %, 36 % on average", make_surge },
        { "poisson", "Poisson arrivals, 40 %", make_poisson },
        { "diurnal", "10 to 70 % in ten seconds and back", make_diurnal },
        { "heavy", "bounded Pareto service times, 35 %", make_heavy },
        { "frame", "60 frames a second, 37 %", make_frame },
        { "trace", "replay of a file", make_trace },
};

const char *const load_names[] = { "burst", "surge", "poisson", "diurnal", "heavy", "frame", "trace", NULL };

const char *load_what(const char *name) {
        for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
                if (strcmp(makers[i].name, name) == 0)
                        return makers[i].what;
        return "";
}

int load_make(struct load *ret_load, const char *name, uint64_t seed, uint64_t span_ns, const char *trace) {
        struct load load = { .span_ns = span_ns };
        struct maker maker = { .load = &load, .random = random_start(seed), .trace = trace };
        int r = -EINVAL;

        for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
                if (strcmp(makers[i].name, name) == 0)
                        r = makers[i].make(&maker);
        if (r < 0)
                load_clear(&load);
        else
                *ret_load = load;
        return r;
}

void load_clear(struct load *load) {
        free(load->requests);
        *load = (struct load){ 0 };
}
