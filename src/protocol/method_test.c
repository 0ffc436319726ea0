#include "protocol/method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_names_find_their_methods(void **state) {
    (void)state;
    for (unsigned int i = 0; i < METHOD_COUNT; i++) {
        const char *name = method_name((enum method)i);
        enum method method;
        assert_non_null(name);
        assert_int_equal(method_find(name, &method), 1);
        assert_int_equal(method, i);
    }
    assert_null(method_name((enum method)METHOD_COUNT));
}

static void test_nothing_else_is_found(void **state) {
    (void)state;
    static const char *const names[] = {"", "Start", "start ", "startx", "sta", "__class__", "*"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        enum method method;
        assert_int_equal(method_find(names[i], &method), 0);
    }
}

/* Who may do what is a promise; a change of it must change this test too. */
static void test_public_methods_only_look(void **state) {
    (void)state;
    for (unsigned int i = 0; i < METHOD_COUNT; i++) {
        bool looks = i == METHOD_VERSION || i == METHOD_LIST;
        assert_int_equal(method_is_public((enum method)i), looks);
    }
}

static void test_jobs_are_of_one_unit(void **state) {
    (void)state;
    size_t n_jobs = 0;
    for (unsigned int i = 0; i < METHOD_COUNT; i++) {
        if (method_is_job((enum method)i)) {
            n_jobs++;
            assert_true(method_needs_unit((enum method)i));
        }
    }
    assert_int_equal(n_jobs, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_find_their_methods),
        cmocka_unit_test(test_nothing_else_is_found),
        cmocka_unit_test(test_public_methods_only_look),
        cmocka_unit_test(test_jobs_are_of_one_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
