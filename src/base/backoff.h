/*
 * How long to wait before something that ended is started again. The supervisor's core, the keeper
 * and libabide all restart by this arithmetic.
 *
 *     struct backoff_policy policy = {0};       // abide's defaults
 *     struct backoff backoff = {0};             // nothing has happened yet
 *     struct prng prng = {.state = seed};
 *     struct backoff_run run = {.ran_usec = ended - started, .was_ready = true};
 *     usec_t wait = backoff_next(&backoff, &policy, &run, &prng);
 *
 * The defaults (BACKOFF_DOUBLING). One run that ended is judged by the first line that fits:
 *
 *  1. it ran for 10 s or more: growth is forgotten; restart at once;
 *  2. it ran for 1 s or more: restart at once; growth is kept as it is;
 *  3. it had said that it was ready, and no short run was forgiven yet since growth was last
 *     forgotten: restart at once, and remember that one was forgiven;
 *  4. otherwise it was too short: wait 100 ms, the next time 200 ms, and so on, up to 30 s, each
 *     wait made up to 10 % shorter or longer at random, so that many services that were felled by
 *     one cause do not come back in step.
 *
 * So a server that worked and was killed is back at once, while nothing can restart faster than
 * once a second for long: not a program that dies early, nor one that becomes ready and dies, again
 * and again (line 3 forgives one of those), nor one that lives for exactly a second. Nothing ever
 * gives up; limits on the number of starts are the core's business.
 *
 * With systemd's keys (BACKOFF_CONSTANT, BACKOFF_STEPS) every run is followed by a wait, a healthy
 * one too; that is what RestartSec= means. Line 1 still forgets growth.
 *
 * Everything is plain data without pointers, may be copied and stored, and is valid as all zeroes.
 * Whole numbers only; every sum and product saturates.
 */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include "base/prng.h"
#include "base/usec.h"

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_HEALTHY_USEC (1 * USEC_PER_SEC)
#define BACKOFF_FORGET_USEC (10 * USEC_PER_SEC)
#define BACKOFF_FIRST_USEC (100 * USEC_PER_MSEC)
#define BACKOFF_CAP_USEC (30 * USEC_PER_SEC)
#define BACKOFF_JITTER_PERCENT 10

enum backoff_growth {
    BACKOFF_DOUBLING, /* abide's own, as told above */
    BACKOFF_CONSTANT, /* RestartSec=: `first_usec` each time, 0 too */
    BACKOFF_STEPS, /* RestartSteps=: from `first_usec` to `cap_usec` by equal factors */
};

struct backoff_policy {
    enum backoff_growth growth;
    uint32_t steps; /* RestartSteps=: so many waits until `cap_usec`; 0 is taken as 1 */
    usec_t first_usec; /* RestartSec=; for BACKOFF_DOUBLING 0 means BACKOFF_FIRST_USEC */
    /*
     * RestartMaxDelaySec=. For BACKOFF_DOUBLING 0 means BACKOFF_CAP_USEC; for BACKOFF_STEPS a value
     * that is not above `first_usec`, or USEC_INFINITY, means no growth, as in systemd.
     */
    usec_t cap_usec;
    uint32_t jitter_percent; /* 0 to 100; for BACKOFF_DOUBLING 0 means BACKOFF_JITTER_PERCENT */
};

/* What is remembered between runs. */
struct backoff {
    uint32_t n_grown; /* waits since growth was last forgotten */
    uint32_t forgiven; /* 1: line 3 has been used since then */
};

/* A run that ended. A start that failed before the program ran is {0}. */
struct backoff_run {
    usec_t ran_usec; /* from its start to its end */
    bool was_ready; /* the program said so itself; that it could be executed is not enough */
};

/*
 * Takes note of a run that ended and returns how long to wait before the next, 0 for "at once".
 * Never more than `cap_usec` (or, for BACKOFF_CONSTANT, `first_usec`) and its jitter.
 */
usec_t backoff_next(struct backoff *self, const struct backoff_policy *policy,
                    const struct backoff_run *run, struct prng *prng);

#endif
