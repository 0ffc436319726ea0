#include "abide/output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* `date -u -d @SECONDS` agrees. */
static void test_time(void **state) {
    (void)state;
    static const struct {
        usec_t seconds;
        const char *text;
    } rows[] = {
        {0, "1970-01-01 00:00:00 UTC"},          {951782399, "2000-02-28 23:59:59 UTC"},
        {951782400, "2000-02-29 00:00:00 UTC"},  {951868800, "2000-03-01 00:00:00 UTC"},
        {1795366452, "2026-11-22 16:54:12 UTC"}, {1798761599, "2026-12-31 23:59:59 UTC"},
        {1798761600, "2027-01-01 00:00:00 UTC"}, {4107542400, "2100-03-01 00:00:00 UTC"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[OUTPUT_TIME_SIZE];
        output_time(rows[i].seconds * USEC_PER_SEC, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void test_span(void **state) {
    (void)state;
    static const struct {
        usec_t usec;
        const char *text;
    } rows[] = {
        {0, "0"},
        {999, "999us"},
        {1500, "1ms"},
        {3 * USEC_PER_SEC + 500000, "3s"},
        {3 * USEC_PER_MINUTE + 2 * USEC_PER_SEC + 1, "3min 2s"},
        {2 * USEC_PER_HOUR + 59 * USEC_PER_SEC, "2h"},
        {USEC_PER_DAY + 2 * USEC_PER_HOUR + 59 * USEC_PER_MINUTE, "1d 2h"},
        {USEC_INFINITY, "infinity"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[OUTPUT_SPAN_SIZE];
        output_span(rows[i].usec, text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_span),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
