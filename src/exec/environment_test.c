/* Environment files as real ones are written, and as hostile ones are. */
#include "exec/environment.h"

#include "base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char **parse(const char *text) {
    char **environment = NULL;
    assert_int_equal(environment_parse(&environment, text, strlen(text)), 0);
    return environment;
}

static void expect(const char *text, const char *name, const char *value) {
    char **environment = parse(text);
    const char *found = environment_get(environment, name);
    if (value == NULL) {
        assert_null(found);
    } else {
        assert_non_null(found);
        assert_string_equal(found, value);
    }
    (void)str_list_free(environment);
}

static void test_values(void **state) {
    (void)state;
    expect("A=1", "A", "1");
    expect("A=1\nB=2\n", "B", "2");
    expect("A=1\nA=2\n", "A", "2");
    expect("A=x y  \n", "A", "x y");
    expect("A=\n", "A", "");
    expect("A=\"x  y\"\n", "A", "x  y");
    expect("A='x\"y'\n", "A", "x\"y");
    expect("A=\"x\\\"y\"", "A", "x\"y");
    expect("A=x\\\ny\n", "A", "xy");
    expect("  A = 1\n", "A", "1");
    expect("A=\"one\ntwo\"\nB=3", "B", "3");
}

static void test_what_is_no_assignment_is_passed_over(void **state) {
    (void)state;
    expect("# A=1\n; A=2\n\nB=1", "A", NULL);
    expect("nonsense\nB=1", "B", "1");
    expect("export A=1\nB=1", "A", NULL);
    expect("1A=1\nB=1", "1A", NULL);
    expect("=1\nB=1", "B", "1");
    expect("A=\"not closed", "A", "not closed");
}

static void test_a_nul_is_refused(void **state) {
    (void)state;
    char **environment = NULL;
    assert_int_equal(environment_parse(&environment, "A=1\0B=2", 7), -EINVAL);
    assert_null(environment);
}

static void test_an_empty_file_sets_nothing(void **state) {
    (void)state;
    assert_null(parse(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_what_is_no_assignment_is_passed_over),
        cmocka_unit_test(test_a_nul_is_refused),
        cmocka_unit_test(test_an_empty_file_sets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
