/* The window of a start limit at its edges. */
#include "core/start_limit.h"

#include "core/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_burst_is_exact(void **state) {
    (void)state;
    struct policy policy = {.start_limit_burst = 3, .start_limit_interval_usec = 100};
    struct start_limit limit = {0};
    assert_true(start_limit_allows(&limit, &policy, 1000));
    assert_true(start_limit_allows(&limit, &policy, 1050));
    assert_true(start_limit_allows(&limit, &policy, 1100));
    assert_false(start_limit_allows(&limit, &policy, 1100));
    assert_false(start_limit_allows(&limit, &policy, 1100));
    assert_true(start_limit_allows(&limit, &policy, 1101));
    assert_int_equal(limit.count, 1);
    assert_int_equal(limit.since_usec, 1101);
}

static void test_either_zero_is_no_limit(void **state) {
    (void)state;
    struct policy no_burst = {.start_limit_interval_usec = 100};
    struct policy no_interval = {.start_limit_burst = 1};
    struct start_limit limit = {0};
    for (usec_t now = 0; now < 1000; now++) {
        assert_true(start_limit_allows(&limit, &no_burst, now));
        assert_true(start_limit_allows(&limit, &no_interval, now));
    }
}

static void test_infinite_interval_counts_for_ever(void **state) {
    (void)state;
    struct policy policy = {.start_limit_burst = 1, .start_limit_interval_usec = USEC_INFINITY};
    struct start_limit limit = {0};
    assert_true(start_limit_allows(&limit, &policy, 0));
    assert_false(start_limit_allows(&limit, &policy, USEC_INFINITY - 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_burst_is_exact),
        cmocka_unit_test(test_either_zero_is_no_limit),
        cmocka_unit_test(test_infinite_interval_counts_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
