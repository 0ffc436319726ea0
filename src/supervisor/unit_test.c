/* Units keep their index for life; names are found after any number of changes. */
#include "supervisor/unit.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct unit *add(struct units *units, const char *name) {
    struct spec spec;
    struct unit *unit = NULL;
    spec_init(&spec);
    assert_int_equal(str_replace(&spec.name, name, strlen(name)), 0);
    assert_int_equal(units_add(units, &spec, 1, &unit), 0);
    assert_null(spec.name); /* The unit owns it now. */
    return unit;
}

static void test_a_unit_is_found_by_name(void **state) {
    (void)state;
    struct units units = {0};
    assert_null(units_find(&units, "a.service"));
    struct unit *a = add(&units, "a.service");
    struct unit *b = add(&units, "b.service");
    assert_ptr_equal(units_find(&units, "a.service"), a);
    assert_ptr_equal(units_find(&units, "b.service"), b);
    assert_null(units_find(&units, "c.service"));
    assert_true(unit_is_at_rest(a));
    units_fini(&units);
}

static void test_a_free_index_is_used_again(void **state) {
    (void)state;
    struct units units = {0};
    struct unit *a = add(&units, "a.service");
    struct unit *b = add(&units, "b.service");
    uint32_t index = a->index;
    units_remove(&units, a);
    assert_null(units_find(&units, "a.service"));
    assert_ptr_equal(units_find(&units, "b.service"), b);
    assert_int_equal(add(&units, "c.service")->index, index);
    units_fini(&units);
}

static void test_thousands_come_and_go(void **state) {
    (void)state;
    struct units units = {0};
    char name[32];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3000; i++) {
            (void)snprintf(name, sizeof(name), "s%d.service", i);
            assert_null(units_find(&units, name));
            (void)add(&units, name);
        }
        for (int i = 2999; i >= 0; i--) {
            (void)snprintf(name, sizeof(name), "s%d.service", i);
            struct unit *unit = units_find(&units, name);
            assert_non_null(unit);
            assert_string_equal(unit->spec.name, name);
            units_remove(&units, unit);
        }
        assert_int_equal(units.n_used, 0);
    }
    units_fini(&units);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_unit_is_found_by_name),
        cmocka_unit_test(test_a_free_index_is_used_again),
        cmocka_unit_test(test_thousands_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
