/* The published numbers of splitmix64, and that bounds hold. */
#include "base/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The first numbers of seed 1234567, as every implementation of splitmix64 gives them. */
static void test_numbers_are_splitmix64(void **state) {
    (void)state;
    struct prng prng = {.state = 1234567};
    assert_true(prng_next(&prng) == UINT64_C(6457827717110365317));
    assert_true(prng_next(&prng) == UINT64_C(3203168211198807973));
    assert_true(prng_next(&prng) == UINT64_C(9817491932198370423));
}

static void test_bound_holds(void **state) {
    (void)state;
    struct prng prng = {0};
    assert_true(prng_below(&prng, 0) == 0);
    assert_true(prng_below(&prng, 1) == 0);
    unsigned seen = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t number = prng_below(&prng, 3);
        assert_true(number < 3);
        seen |= 1U << number;
    }
    assert_true(seen == 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_splitmix64),
        cmocka_unit_test(test_bound_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
