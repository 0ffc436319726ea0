/* Lists grow, refuse at their limit, and stay NULL-terminated all the time. */
#include "base/str.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_replace_owns_a_copy(void **state) {
    (void)state;
    auto_free char *place = NULL;
    assert_int_equal(str_replace(&place, "abcdef", 3), 0);
    assert_string_equal(place, "abc");
    assert_int_equal(str_replace(&place, NULL, 0), 0);
    assert_string_equal(place, "");
}

static void test_lists_grow(void **state) {
    (void)state;
    char **list = NULL;
    assert_int_equal(str_list_count(list), 0);
    for (size_t i = 0; i < 1000; i++) {
        char text[2] = {(char)('a' + i % 26), 'z'};
        assert_int_equal(str_list_append(&list, text, 1 + i % 2), 0);
        assert_int_equal(str_list_count(list), i + 1);
    }
    assert_string_equal(list[0], "a");
    assert_string_equal(list[1], "bz");
    assert_string_equal(list[999], "lz");
    assert_null(list[1000]);
    list = str_list_free(list);
    assert_null(list);
    assert_null(str_list_free(NULL));
}

static void test_lists_have_a_limit(void **state) {
    (void)state;
    char **list = alloc_zeroed(STR_LIST_MAX + 1, sizeof(char *));
    assert_non_null(list);
    char entry[] = "x";
    for (size_t i = 0; i < STR_LIST_MAX; i++) {
        list[i] = entry;
    }
    assert_int_equal(str_list_append(&list, "y", 1), -E2BIG);
    cleanup_free(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replace_owns_a_copy),
        cmocka_unit_test(test_lists_grow),
        cmocka_unit_test(test_lists_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
