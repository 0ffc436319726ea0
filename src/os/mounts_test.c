/* Paths below what can block, and those that only begin alike. */
#include "os/mounts.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_what_lies_below_may_block(void **state) {
    (void)state;
    struct mounts mounts = {0};
    assert_false(mounts_may_block(&mounts, "/net/home"));
    assert_int_equal(str_list_append(&mounts.remote, "/net", 4), 0);
    assert_true(mounts_may_block(&mounts, "/net"));
    assert_true(mounts_may_block(&mounts, "/net/home"));
    assert_false(mounts_may_block(&mounts, "/network"));
    assert_false(mounts_may_block(&mounts, "/srv/net"));
    mounts_fini(&mounts);
}

static void test_a_remote_root_makes_all_block(void **state) {
    (void)state;
    struct mounts mounts = {0};
    assert_int_equal(str_list_append(&mounts.remote, "/", 1), 0);
    assert_true(mounts_may_block(&mounts, "/etc"));
    mounts_fini(&mounts);
}

static void test_the_table_of_this_machine_is_read(void **state) {
    (void)state;
    struct mounts mounts = {0};
    assert_int_equal(mounts_read(&mounts), 0);
    assert_false(mounts_may_block(&mounts, "/proc"));
    mounts_fini(&mounts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_lies_below_may_block),
        cmocka_unit_test(test_a_remote_root_makes_all_block),
        cmocka_unit_test(test_the_table_of_this_machine_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
