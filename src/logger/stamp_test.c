/* Known times, and names that are none. */
#include "logger/stamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void assert_stamp(enum stamp_mode mode, uint64_t usec, const char *expected) {
    char out[STAMP_SIZE];
    size_t length = stamp_format(mode, usec, out);

    assert_int_equal(length, strlen(expected));
    assert_memory_equal(out, expected, length);
}

static void test_utc(void **state) {
    (void)state;
    assert_stamp(STAMP_UTC, 0, "1970-01-01T00:00:00.000000Z ");
    assert_stamp(STAMP_UTC, UINT64_C(1795366452123456), "2026-11-22T16:54:12.123456Z ");
    assert_stamp(STAMP_UTC, UINT64_C(951825599999999), "2000-02-29T11:59:59.999999Z ");
    assert_stamp(STAMP_UTC, STAMP_USEC_MAX, "9999-12-31T23:59:59.999999Z ");
    assert_stamp(STAMP_UTC, UINT64_MAX, "9999-12-31T23:59:59.999999Z ");
}

static void test_raw(void **state) {
    (void)state;
    assert_stamp(STAMP_RAW, UINT64_C(1795366452123456), "");
}

static void test_local(void **state) {
    (void)state;
    assert_int_equal(setenv("TZ", "XYZ+03:30", /* overwrite= */ 1), 0);
    tzset();
    assert_stamp(STAMP_LOCAL, UINT64_C(1795366452123456), "2026-11-22T13:24:12.123456-03:30 ");
    assert_int_equal(setenv("TZ", "XYZ-14", /* overwrite= */ 1), 0);
    tzset();
    assert_stamp(STAMP_LOCAL, UINT64_C(1795366452123456), "2026-11-23T06:54:12.123456+14:00 ");
}

static void test_names_round_trip(void **state) {
    static const uint64_t times[] = {0, 1, UINT64_C(1795366452123456), UINT64_C(951825599999999),
                                     STAMP_USEC_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char name[STAMP_NAME_SIZE];
        uint64_t usec;

        stamp_format_name(times[i], name);
        assert_true(stamp_parse_name(name, &usec));
        assert_int_equal(usec, times[i]);
    }
}

static void test_names_that_are_none(void **state) {
    static const char *const names[] = {
        "",
        "current",
        "20261122T165412.123456",
        "2026-11-22T16:54:12.123Z",
        "20260231T165412.123456Z",
        "20261322T165412.123456Z",
        "20261122T165460.123456Z",
        "20261122T245412.123456Z",
        "20261122X165412.123456Z",
        "19691231T235959.999999Z",
    };
    uint64_t usec;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_false(stamp_parse_name(names[i], &usec));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utc),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_local),
        cmocka_unit_test(test_names_round_trip),
        cmocka_unit_test(test_names_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
