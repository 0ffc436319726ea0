/*
 * Time: microseconds, in one unsigned type for both points in time and spans. A point in time is
 * of the monotonic clock (CLOCK_MONOTONIC) unless its name says otherwise. USEC_INFINITY means
 * "never" as a point and "without limit" as a span; sums saturate there instead of wrapping round,
 * so `usec_add(now, timeout)` is right for every time-out that a user can ask for.
 */
#ifndef BASE_USEC_H
#define BASE_USEC_H

#include <stdint.h>

typedef uint64_t usec_t;

#define USEC_INFINITY UINT64_MAX
#define USEC_PER_MSEC ((usec_t)1000)
#define USEC_PER_SEC ((usec_t)1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY (24 * USEC_PER_HOUR)
#define NSEC_PER_USEC ((uint64_t)1000)

/* a + b, USEC_INFINITY when the sum is not less than that. */
static inline usec_t usec_add(usec_t a, usec_t b) {
    return a > USEC_INFINITY - b ? USEC_INFINITY : a + b;
}

/* a - b, but 0 when b is later, and USEC_INFINITY as long as `a` is. */
static inline usec_t usec_sub(usec_t a, usec_t b) {
    return a == USEC_INFINITY ? USEC_INFINITY : (a > b ? a - b : 0);
}

static inline usec_t usec_min(usec_t a, usec_t b) {
    return a < b ? a : b;
}

#endif
