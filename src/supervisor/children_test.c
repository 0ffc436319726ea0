/* Thousands of pids, found again after any order of removals. */
#include "supervisor/children.h"

#include "base/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PIDS 4000

static void test_nobody_is_found_in_an_empty_table(void **state) {
    (void)state;
    const struct children children = {0};
    assert_null(children_find(&children, 1));
}

static void add(struct children *children, pid_t pid) {
    assert_int_equal(children_reserve(children), 0);
    children_add(children, &(struct child){.pid = pid, .unit = (uint32_t)pid * 3});
}

static void test_each_is_found_until_it_is_removed(void **state) {
    (void)state;
    struct children children = {0};
    struct prng prng = {.state = 1};
    static bool is_there[PIDS + 1];
    for (int i = 0; i < 100000; i++) {
        pid_t pid = (pid_t)prng_below(&prng, PIDS) + 1;
        const struct child *child = children_find(&children, pid);
        if (is_there[pid]) {
            assert_non_null(child);
            assert_int_equal(child->unit, (uint32_t)pid * 3);
            children_remove(&children, pid);
        } else {
            assert_null(child);
            add(&children, pid);
        }
        is_there[pid] = !is_there[pid];
    }
    for (pid_t pid = 1; pid <= PIDS; pid++) {
        assert_int_equal(children_find(&children, pid) != NULL, is_there[pid]);
    }
    children_fini(&children);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_is_found_in_an_empty_table),
        cmocka_unit_test(test_each_is_found_until_it_is_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
