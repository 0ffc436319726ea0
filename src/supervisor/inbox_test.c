/* First in, first out, also while the ring grows and wraps. */
#include "supervisor/inbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_an_empty_inbox_gives_nothing(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct inbox_item item;
    assert_int_equal(inbox_take(&inbox, &item), 0);
    inbox_fini(&inbox);
}

static void test_order_is_kept_while_it_grows(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct inbox_item item;
    uint32_t added = 0;
    uint32_t taken = 0;
    for (int round = 0; round < 300; round++) {
        for (int i = 0; i < 5; i++) {
            inbox_add(&inbox)->unit = added++;
        }
        for (int i = 0; i < 3; i++) {
            assert_int_equal(inbox_take(&inbox, &item), 1);
            assert_int_equal(item.unit, taken++);
        }
    }
    while (inbox_take(&inbox, &item) > 0) {
        assert_int_equal(item.unit, taken++);
    }
    assert_int_equal(taken, added);
    inbox_fini(&inbox);
}

static void test_an_added_item_is_all_zero(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct inbox_item item;
    inbox_add(&inbox)->zombie = 7;
    assert_int_equal(inbox_take(&inbox, &item), 1);
    for (int i = 0; i < 64; i++) { /* Once round the ring. */
        assert_int_equal(inbox_add(&inbox)->zombie, 0);
        assert_int_equal(inbox_take(&inbox, &item), 1);
    }
    inbox_fini(&inbox);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_inbox_gives_nothing),
        cmocka_unit_test(test_order_is_kept_while_it_grows),
        cmocka_unit_test(test_an_added_item_is_all_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
