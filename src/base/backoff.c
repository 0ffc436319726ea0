/*
 * Three growths, one memory: the number of waits since the last healthy stretch. The wait is a
 * function of that number alone, so a stored `struct backoff` says all, and nothing adds up
 * rounding errors from wait to wait.
 */
#include "base/backoff.h"

#include <string.h>

/* 2^30 s: far beyond what a user can mean, and far below where a jittered sum would saturate. */
#define DELAY_MAX_USEC ((usec_t)1 << 50)

static usec_t or_default(usec_t value, usec_t fallback) {
    return value != 0 ? value : fallback;
}

static usec_t wait_doubling(const struct backoff_policy *policy, uint32_t n_grown) {
    usec_t wait = or_default(policy->first_usec, BACKOFF_FIRST_USEC);
    usec_t cap = or_default(policy->cap_usec, BACKOFF_CAP_USEC);
    for (uint32_t i = 0; i < n_grown && wait < cap; i++) {
        wait = usec_add(wait, wait);
    }
    return usec_min(wait, cap);
}

/* The whole part of the square root, bit by bit. */
static uint64_t square_root(uint64_t square) {
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << 31; bit != 0; bit >>= 1) {
        if ((root | bit) * (root | bit) <= square) {
            root |= bit;
        }
    }
    return root;
}

/* How far to the right `value` must be shifted to have no more than 31 bits. */
static unsigned excess_bits(uint64_t value) {
    unsigned shift = 0;
    while (value >> shift >= (uint64_t)1 << 31) {
        shift++;
    }
    return shift;
}

/* The geometric mean, right to about 30 bits; each factor is brought to half a word first. */
static uint64_t geometric_mean(uint64_t low, uint64_t high) {
    unsigned shift_low = excess_bits(low);
    unsigned shift_high = excess_bits(high);
    shift_high += (shift_low + shift_high) % 2;
    return square_root((low >> shift_low) * (high >> shift_high)) << (shift_low + shift_high) / 2;
}

/*
 * first x (cap / first) ^ (n_grown / steps), which is how systemd defines RestartSteps=. The
 * exponent is between 0 and 1; each of its binary digits chooses one half of [low, high], halved
 * at the geometric mean.
 */
static usec_t wait_steps(const struct backoff_policy *policy, uint32_t n_grown) {
    uint32_t steps = policy->steps != 0 ? policy->steps : 1;
    usec_t low = usec_min(policy->first_usec, DELAY_MAX_USEC);
    usec_t high = usec_min(policy->cap_usec, DELAY_MAX_USEC);
    if (n_grown == 0 || low == 0 || low >= high || policy->cap_usec == USEC_INFINITY) {
        return policy->first_usec;
    }
    if (n_grown >= steps) {
        return policy->cap_usec;
    }
    /* Room for fractions of a microsecond, so that halving a short wait loses nothing. */
    unsigned scale = 0;
    while (high < (uint64_t)1 << 62) {
        low <<= 1;
        high <<= 1;
        scale++;
    }
    uint32_t exponent = (uint32_t)(((uint64_t)n_grown << 32) / steps);
    for (; exponent != 0 && low < high; exponent <<= 1) {
        usec_t middle = geometric_mean(low, high);
        if ((exponent & ((uint32_t)1 << 31)) != 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low >> scale;
}

static usec_t jittered(usec_t wait, uint32_t percent, struct prng *prng) {
    if (wait > DELAY_MAX_USEC || percent > 100) {
        return wait;
    }
    usec_t spread = wait / 100 * percent;
    return wait - spread + prng_below(prng, 2 * spread + 1);
}

/* Lines 2 and 3 of the header; line 1 has been seen to. */
static bool is_forgiven(struct backoff *self, const struct backoff_run *run) {
    if (run->ran_usec >= BACKOFF_HEALTHY_USEC) {
        return true;
    }
    if (!run->was_ready || self->forgiven != 0) {
        return false;
    }
    self->forgiven = 1;
    return true;
}

usec_t backoff_next(struct backoff *self, const struct backoff_policy *policy,
                    const struct backoff_run *run, struct prng *prng) {
    if (run->ran_usec >= BACKOFF_FORGET_USEC) {
        memset(self, 0, sizeof(*self));
    }
    usec_t wait = 0;
    uint32_t percent = policy->jitter_percent;
    switch (policy->growth) {
    case BACKOFF_DOUBLING:
        if (is_forgiven(self, run)) {
            return 0;
        }
        wait = wait_doubling(policy, self->n_grown);
        percent = percent != 0 ? percent : BACKOFF_JITTER_PERCENT;
        break;
    case BACKOFF_CONSTANT:
        wait = policy->first_usec;
        break;
    case BACKOFF_STEPS:
        wait = wait_steps(policy, self->n_grown);
        break;
    }
    if (self->n_grown < UINT32_MAX) {
        self->n_grown++;
    }
    return jittered(wait, percent, prng);
}
