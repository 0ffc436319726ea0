#include "abide/timestamp.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 2026-11-22 16:54:12 UTC; `date -d @…` agrees. */
#define NOW (UINT64_C(1795366452) * USEC_PER_SEC)
#define TODAY (UINT64_C(1795305600) * USEC_PER_SEC)

static void test_understood(void **state) {
    (void)state;
    static const struct {
        const char *text;
        usec_t usec;
    } rows[] = {
        {"now", NOW},
        {"today", TODAY},
        {"yesterday", TODAY - USEC_PER_DAY},
        {"tomorrow", TODAY + USEC_PER_DAY},
        {"2026-11-22", TODAY},
        {"2026-11-22 16:54:12", NOW},
        {"2026-11-22T16:54:12Z", NOW},
        {"2026-11-22 16:54:12 UTC", NOW},
        {"2026-11-22T16:54:12.5Z", NOW + USEC_PER_SEC / 2},
        {"2026-11-22 16:54:12.123456", NOW + 123456},
        {"2026-11-22 16:54", NOW - 12 * USEC_PER_SEC},
        {"16:54:12", NOW},
        {"16:54", NOW - 12 * USEC_PER_SEC},
        {"1970-01-01", 0},
        {"2000-02-29", UINT64_C(951782400) * USEC_PER_SEC},
        {"2024-03-01", UINT64_C(1709251200) * USEC_PER_SEC},
        {"@1795366452", NOW},
        {"-5min", NOW - 5 * USEC_PER_MINUTE},
        {"5min ago", NOW - 5 * USEC_PER_MINUTE},
        {"1h 30min ago", NOW - 90 * USEC_PER_MINUTE},
        {"+1h", NOW + USEC_PER_HOUR},
        {"-100000d", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        usec_t usec = 0;
        assert_int_equal(timestamp_parse(rows[i].text, NOW, &usec), 0);
        assert_true(usec == rows[i].usec);
    }
}

static void test_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",           "-",          "@",           "soon",
        "2026-11",    "2026-13-01", "2026-02-29",  "2026-00-10",
        "2026-11-31", "1969-12-31", "2026-11-22 ", "2026-11-22 25:00",
        "12:60",      "12:00:60",   "1:00",        "12:00 CET",
        "x ago",      " ago",       "2026-11-22T",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        usec_t usec;
        assert_int_equal(timestamp_parse(texts[i], NOW, &usec), -EINVAL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_understood),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
