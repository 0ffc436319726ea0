/* Texts and what they set. */
#include "logger/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

static const struct {
    const char *text;
    struct settings settings;
    size_t n_bad;
} cases[] = {
    {"", {STAMP_UTC, 0, 64 * MIB, 512 * MIB}, 0},
    {"version=1\nstamp=local\nfile-size-max=4096\ntotal-size-max=0\ncount-max=7\n",
     {STAMP_LOCAL, 7, 4096, 0},
     0},
    {"stamp=raw", {STAMP_RAW, 0, 64 * MIB, 512 * MIB}, 0},
    {"colour=red\nno pair\n\n", {STAMP_UTC, 0, 64 * MIB, 512 * MIB}, 0},
    {"stamp=utc\nstamp=\nfile-size-max=4095\ntotal-size-max=16383\ncount-max=-1\n",
     {STAMP_UTC, 0, 64 * MIB, 512 * MIB},
     4},
    {"file-size-max=1125899906842625\ntotal-size-max=99999999999999999999\ncount-max=4294967296\n",
     {STAMP_UTC, 0, 64 * MIB, 512 * MIB},
     3},
    /* A file is never more than a quarter of the total. */
    {"total-size-max=16384\n", {STAMP_UTC, 0, 4096, 16384}, 0},
    {"file-size-max=1048576\ntotal-size-max=2097152\n", {STAMP_UTC, 0, MIB / 2, 2 * MIB}, 0},
    /* A version from the future is not understood in parts. */
    {"stamp=raw\nversion=2\ncount-max=1\n", {STAMP_UTC, 0, 64 * MIB, 512 * MIB}, 1},
};

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct settings settings;

        assert_int_equal(settings_parse(cases[i].text, strlen(cases[i].text), &settings),
                         cases[i].n_bad);
        assert_int_equal(settings.stamp, cases[i].settings.stamp);
        assert_int_equal(settings.count_max, cases[i].settings.count_max);
        assert_int_equal(settings.file_size_max, cases[i].settings.file_size_max);
        assert_int_equal(settings.total_size_max, cases[i].settings.total_size_max);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
