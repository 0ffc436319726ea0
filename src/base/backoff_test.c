/* Histories of runs, and the waits that follow them. */
#include "base/backoff.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MSEC USEC_PER_MSEC
#define SEC USEC_PER_SEC

static const struct backoff_run SHORT = {.ran_usec = 5 * MSEC};
static const struct backoff_run SHORT_READY = {.ran_usec = 5 * MSEC, .was_ready = true};
static const struct backoff_run HEALTHY = {.ran_usec = 1 * SEC};
static const struct backoff_run LONG = {.ran_usec = 10 * SEC};
static const struct backoff_policy DEFAULTS = {0};

struct history {
    struct backoff backoff;
    struct prng prng;
    const struct backoff_policy *policy;
};

static usec_t next(struct history *self, const struct backoff_run *run) {
    return backoff_next(&self->backoff, self->policy, run, &self->prng);
}

/* `wait` is `expected`, give or take the default jitter. */
static void assert_about(usec_t wait, usec_t expected) {
    assert_in_range(wait, expected - expected / 10, expected + expected / 10);
}

static void test_short_runs_double_up_to_the_cap(void **state) {
    (void)state;
    static const usec_t expected[] = {
        100 * MSEC,  200 * MSEC,   400 * MSEC,   800 * MSEC, 1600 * MSEC, 3200 * MSEC,
        6400 * MSEC, 12800 * MSEC, 25600 * MSEC, 30 * SEC,   30 * SEC,
    };
    struct history history = {.policy = &DEFAULTS};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_about(next(&history, &SHORT), expected[i]);
    }
}

static void test_healthy_runs_restart_at_once_and_keep_growth(void **state) {
    (void)state;
    struct history history = {.policy = &DEFAULTS};
    assert_int_equal(next(&history, &HEALTHY), 0);
    assert_int_equal(next(&history, &HEALTHY), 0);
    assert_about(next(&history, &SHORT), 100 * MSEC);
    assert_int_equal(next(&history, &HEALTHY), 0);
    assert_about(next(&history, &SHORT), 200 * MSEC);
}

static void test_one_microsecond_less_than_healthy_waits(void **state) {
    (void)state;
    struct history history = {.policy = &DEFAULTS};
    struct backoff_run run = {.ran_usec = 1 * SEC - 1};
    assert_about(next(&history, &run), 100 * MSEC);
}

static void test_ten_seconds_forget_growth(void **state) {
    (void)state;
    struct history history = {.policy = &DEFAULTS};
    for (int i = 0; i < 5; i++) {
        (void)next(&history, &SHORT);
    }
    struct backoff_run almost = {.ran_usec = 10 * SEC - 1};
    assert_int_equal(next(&history, &almost), 0);
    assert_about(next(&history, &SHORT), 3200 * MSEC);
    assert_int_equal(next(&history, &LONG), 0);
    assert_about(next(&history, &SHORT), 100 * MSEC);
}

/* A program that becomes ready and dies at once, for ever, is a crash loop like any other. */
static void test_ready_is_forgiven_once(void **state) {
    (void)state;
    struct history history = {.policy = &DEFAULTS};
    assert_int_equal(next(&history, &SHORT_READY), 0);
    assert_about(next(&history, &SHORT_READY), 100 * MSEC);
    assert_about(next(&history, &SHORT_READY), 200 * MSEC);
    assert_int_equal(next(&history, &HEALTHY), 0);
    assert_about(next(&history, &SHORT_READY), 400 * MSEC);
    assert_int_equal(next(&history, &LONG), 0);
    assert_int_equal(next(&history, &SHORT_READY), 0);
    assert_about(next(&history, &SHORT_READY), 100 * MSEC);
}

static void test_jitter_spreads_both_ways(void **state) {
    (void)state;
    struct prng prng = {.state = 1};
    usec_t least = USEC_INFINITY;
    usec_t most = 0;
    for (int i = 0; i < 10000; i++) {
        struct backoff backoff = {0};
        usec_t wait = backoff_next(&backoff, &DEFAULTS, &SHORT, &prng);
        least = usec_min(least, wait);
        most = wait > most ? wait : most;
    }
    assert_in_range(least, 90 * MSEC, 91 * MSEC);
    assert_in_range(most, 109 * MSEC, 110 * MSEC);
}

static void test_same_seed_same_waits(void **state) {
    (void)state;
    struct history one = {.policy = &DEFAULTS, .prng = {.state = 42}};
    struct history two = one;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(next(&one, &SHORT), next(&two, &SHORT));
    }
}

static void test_constant_waits_after_healthy_runs_too(void **state) {
    (void)state;
    const struct backoff_policy policy = {.growth = BACKOFF_CONSTANT, .first_usec = 7 * SEC};
    struct history history = {.policy = &policy};
    assert_int_equal(next(&history, &LONG), 7 * SEC);
    assert_int_equal(next(&history, &SHORT), 7 * SEC);
    assert_int_equal(next(&history, &SHORT_READY), 7 * SEC);
    const struct backoff_policy never = {.growth = BACKOFF_CONSTANT};
    history.policy = &never;
    assert_int_equal(next(&history, &SHORT), 0);
}

/* systemd: RestartSec x (RestartMaxDelaySec / RestartSec) ^ (i / RestartSteps). */
static void test_steps_grow_by_equal_factors(void **state) {
    (void)state;
    static const struct backoff_policy policies[] = {
        {.growth = BACKOFF_STEPS, .steps = 5, .first_usec = 100 * MSEC, .cap_usec = 30 * SEC},
        {.growth = BACKOFF_STEPS, .steps = 100, .first_usec = 1 * MSEC, .cap_usec = USEC_PER_HOUR},
        {.growth = BACKOFF_STEPS, .steps = 7, .first_usec = 3 * SEC, .cap_usec = 1000 * SEC},
        {.growth = BACKOFF_STEPS, .steps = 3, .first_usec = 1 * SEC, .cap_usec = 3 * USEC_PER_DAY},
    };
    for (size_t p = 0; p < sizeof(policies) / sizeof(policies[0]); p++) {
        struct history history = {.policy = &policies[p]};
        double first = (double)policies[p].first_usec;
        double factor = (double)policies[p].cap_usec / first;
        for (uint32_t i = 0; i < policies[p].steps; i++) {
            double expected = first * pow(factor, (double)i / policies[p].steps);
            double wait = (double)next(&history, &SHORT);
            assert_true(fabs(wait - expected) <= 1 + expected / 1e6);
        }
        assert_int_equal(next(&history, &SHORT), policies[p].cap_usec);
        assert_int_equal(next(&history, &HEALTHY), policies[p].cap_usec);
        assert_int_equal(next(&history, &LONG), policies[p].first_usec);
    }
}

static void test_steps_without_room_to_grow_are_constant(void **state) {
    (void)state;
    static const usec_t caps[] = {0, 1 * SEC, 2 * SEC, USEC_INFINITY};
    for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
        const struct backoff_policy policy = {
            .growth = BACKOFF_STEPS, .steps = 4, .first_usec = 2 * SEC, .cap_usec = caps[i]};
        struct history history = {.policy = &policy};
        for (int n = 0; n < 10; n++) {
            assert_int_equal(next(&history, &SHORT), 2 * SEC);
        }
    }
}

static void test_extremes_do_not_wrap(void **state) {
    (void)state;
    const struct backoff_policy endless = {.first_usec = USEC_INFINITY, .cap_usec = USEC_INFINITY};
    struct history history = {.policy = &endless};
    assert_true(next(&history, &SHORT) == USEC_INFINITY);
    const struct backoff_policy tiny = {.first_usec = 1, .cap_usec = USEC_INFINITY};
    history.policy = &tiny;
    history.backoff.n_grown = UINT32_MAX;
    assert_true(next(&history, &SHORT) == USEC_INFINITY);
    assert_int_equal(history.backoff.n_grown, UINT32_MAX);
    const struct backoff_policy jumpy = {
        .growth = BACKOFF_CONSTANT, .first_usec = 10 * SEC, .jitter_percent = 100};
    history.policy = &jumpy;
    for (int i = 0; i < 1000; i++) {
        assert_in_range(next(&history, &SHORT), 0, 20 * SEC);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_runs_double_up_to_the_cap),
        cmocka_unit_test(test_healthy_runs_restart_at_once_and_keep_growth),
        cmocka_unit_test(test_one_microsecond_less_than_healthy_waits),
        cmocka_unit_test(test_ten_seconds_forget_growth),
        cmocka_unit_test(test_ready_is_forgiven_once),
        cmocka_unit_test(test_jitter_spreads_both_ways),
        cmocka_unit_test(test_same_seed_same_waits),
        cmocka_unit_test(test_constant_waits_after_healthy_runs_too),
        cmocka_unit_test(test_steps_grow_by_equal_factors),
        cmocka_unit_test(test_steps_without_room_to_grow_are_constant),
        cmocka_unit_test(test_extremes_do_not_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
