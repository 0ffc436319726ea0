/*
 * A small seeded generator of pseudo-random numbers (splitmix64): the same seed gives the same
 * numbers on every machine. For jitter and for tests; never for secrets. The state is the caller's,
 * eight bytes of plain data, and every value of it, zero too, is a valid seed.
 *
 *     struct prng prng = {.state = seed};
 *     usec_t delay = prng_below(&prng, 100 * USEC_PER_MSEC);
 */
#ifndef BASE_PRNG_H
#define BASE_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t state;
};

/* The next number, any of 64 bits. */
uint64_t prng_next(struct prng *self);

/*
 * The next number that is below `bound`; 0 when `bound` is 0. It is the remainder of a division,
 * so small numbers are more likely by bound / 2^64: nothing for the bounds that jitter has.
 */
uint64_t prng_below(struct prng *self, uint64_t bound);

#endif
