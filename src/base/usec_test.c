/* The edges of saturating time arithmetic. */
#include "base/usec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_sums_saturate(void **state) {
    (void)state;
    assert_true(usec_add(1, 2) == 3);
    assert_true(usec_add(USEC_INFINITY, 0) == USEC_INFINITY);
    assert_true(usec_add(USEC_INFINITY, 1) == USEC_INFINITY);
    assert_true(usec_add(USEC_INFINITY - 1, 1) == USEC_INFINITY);
    assert_true(usec_add(USEC_INFINITY - 1, 2) == USEC_INFINITY);
    assert_true(usec_add(5, USEC_INFINITY) == USEC_INFINITY);
}

static void test_differences_end_at_zero(void **state) {
    (void)state;
    assert_true(usec_sub(5, 3) == 2);
    assert_true(usec_sub(3, 5) == 0);
    assert_true(usec_sub(USEC_INFINITY, 5) == USEC_INFINITY);
    assert_true(usec_sub(5, USEC_INFINITY) == 0);
    assert_true(usec_min(5, USEC_INFINITY) == 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_saturate),
        cmocka_unit_test(test_differences_end_at_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
