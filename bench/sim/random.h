/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_RANDOM_H
#define BENCH_SIM_RANDOM_H

/*
 * Pseudo-random numbers (xorshift64*), and the distributions that loads need. The generators of libc are not used, because their
 * sequences may differ between libraries.
 */

#include <math.h>
#include <stdint.h>

struct random {
        uint64_t state;
};

/* Any seed is valid; adjacent seeds result in unrelated sequences (splitmix64). */
static inline struct random random_start(uint64_t seed) {
        uint64_t mixed = seed + UINT64_C(0x9e3779b97f4a7c15);

        mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
        mixed ^= mixed >> 31;
        return (struct random){ .state = mixed ? mixed : 1 };
}

/* A number in (0, 1): never 0, so that its logarithm is finite. */
static inline double random_unit(struct random *random) {
        random->state ^= random->state >> 12;
        random->state ^= random->state << 25;
        random->state ^= random->state >> 27;
        return ((double) ((random->state * UINT64_C(2685821657736338717)) >> 12) + 0.5) / 4503599627370496.0;
}

static inline double random_between(struct random *random, double low, double high) {
        return low + (high - low) * random_unit(random);
}

static inline double random_exponential(struct random *random, double mean) {
        return -mean * log(random_unit(random));
}

/* Lognormal with median 1: exp(sigma * normal), by the Box-Muller method. */
static inline double random_lognormal(struct random *random, double sigma) {
        double radius = sqrt(-2.0 * log(random_unit(random)));

        return exp(sigma * radius * cos(6.283185307179586 * random_unit(random)));
}

/* Bounded Pareto between low and high; a smaller alpha means a heavier tail. */
static inline double random_pareto(struct random *random, double alpha, double low, double high) {
        double ratio = pow(low / high, alpha);

        return low * pow(1.0 - random_unit(random) * (1.0 - ratio), -1.0 / alpha);
}

#endif
