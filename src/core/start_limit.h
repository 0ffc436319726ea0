/*
 * StartLimitIntervalSec= and StartLimitBurst=: so many starts are allowed within an interval, which
 * begins with the first of them. Every start counts, by hand or not, as in systemd. Without both
 * keys there is no limit: abide does not give a service up unless it was told to.
 */
#ifndef CORE_START_LIMIT_H
#define CORE_START_LIMIT_H

#include "base/usec.h"

#include <stdbool.h>
#include <stdint.h>

struct policy;

/* Plain data; all-zero: no start yet. */
struct start_limit {
    usec_t since_usec; /* when the interval began; holds if `count` is not 0 */
    uint32_t count; /* starts since then */
    uint32_t reserved; /* zero */
};

/* Whether one more start is allowed at `now`; takes note of it if so. */
bool start_limit_allows(struct start_limit *self, const struct policy *policy, usec_t now);

#endif
