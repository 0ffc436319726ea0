/* Values of one word, spans, signals, exit codes, words with quotes: by tables. */
#include "unitfile/value.h"

#include "unitfile/ending.h"
#include "unitfile/span.h"
#include "unitfile/word.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_booleans(void **state) {
    (void)state;
    static const char *const yes[] = {"1", "yes", "y", "true", "t", "on", "YES", "On", "tRuE"};
    static const char *const no[] = {"0", "no", "n", "false", "f", "off", "NO", "Off"};
    static const char *const neither[] = {"", "2", "yes ", "enabled", "ye", "onn", "10"};
    bool value = false;
    for (size_t i = 0; i < COUNT(yes); i++) {
        value = false;
        assert_int_equal(value_parse_bool(yes[i], &value), 0);
        assert_true(value);
    }
    for (size_t i = 0; i < COUNT(no); i++) {
        value = true;
        assert_int_equal(value_parse_bool(no[i], &value), 0);
        assert_false(value);
    }
    for (size_t i = 0; i < COUNT(neither); i++) {
        assert_int_equal(value_parse_bool(neither[i], &value), -EINVAL);
    }
}

static void test_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int result;
        uint64_t value;
    } cases[] = {
        {"0", 0, 0},
        {"42", 0, 42},
        {"+7", 0, 7},
        {" 7", 0, 7},
        {"0x1F", 0, 31},
        {"0b101", 0, 5},
        {"0o17", 0, 15},
        {"017", 0, 15},
        {"08", -EINVAL, 0},
        {"", -EINVAL, 0},
        {"+", -EINVAL, 0},
        {"7 ", -EINVAL, 0},
        {"-1", -ERANGE, 0},
        {"0x", -EINVAL, 0},
        {"1a", -EINVAL, 0},
        {"--1", -ERANGE, 0},
        {"18446744073709551615", 0, UINT64_MAX},
        {"18446744073709551616", -ERANGE, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t value = 0;
        assert_int_equal(value_parse_unsigned(cases[i].text, &value), cases[i].result);
        assert_true(value == cases[i].value);
    }
    int64_t value = 0;
    assert_int_equal(value_parse_signed("-20", &value), 0);
    assert_int_equal(value, -20);
    assert_int_equal(value_parse_signed("9223372036854775808", &value), -ERANGE);
    assert_int_equal(value_parse_signed("-+1", &value), -EINVAL);
}

static void test_modes(void **state) {
    (void)state;
    uint32_t mode = 0;
    assert_int_equal(value_parse_mode("0022", &mode), 0);
    assert_int_equal(mode, 022);
    assert_int_equal(value_parse_mode("7777", &mode), 0);
    assert_int_equal(value_parse_mode("10000", &mode), -ERANGE);
    assert_int_equal(value_parse_mode("8", &mode), -EINVAL);
    assert_int_equal(value_parse_mode("", &mode), -EINVAL);
    assert_int_equal(value_parse_mode("+22", &mode), -EINVAL);
}

static void test_sizes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int result;
        uint64_t size;
    } cases[] = {
        {"0", 0, 0},
        {"512", 0, 512},
        {"1K", 0, 1024},
        {"1.5M", 0, 1572864},
        {"1G500M", 0, 1598029824},
        {"1G 5K", 0, 1073746944},
        {"1 K", 0, 1024},
        {"5B", 0, 5},
        {"10.M", 0, 10485760},
        {"16E", -ERANGE, 0},
        {"15E", 0, 15ULL << 60},
        {"1K1M", -EINVAL, 0},
        {"1KK", -EINVAL, 0},
        {"1Ki", -EINVAL, 0},
        {"", -EINVAL, 0},
        {"K", -EINVAL, 0},
        {"-1", -ERANGE, 0},
        {"1k", -EINVAL, 0},
        {"1 1", -EINVAL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t size = 0;
        assert_int_equal(value_parse_size(cases[i].text, &size), cases[i].result);
        if (cases[i].result == 0) {
            assert_true(size == cases[i].size);
        }
    }
    uint64_t size = 0;
    assert_int_equal(value_parse_size_decimal("5M", &size), 0);
    assert_int_equal(size, 5000000);
}

static void test_percentages(void **state) {
    (void)state;
    uint32_t permyriad = 0;
    assert_int_equal(value_parse_permyriad("30%", 10000, &permyriad), 0);
    assert_int_equal(permyriad, 3000);
    assert_int_equal(value_parse_permyriad("2.5%", 10000, &permyriad), 0);
    assert_int_equal(permyriad, 250);
    assert_int_equal(value_parse_permyriad("0.25%", 10000, &permyriad), 0);
    assert_int_equal(permyriad, 25);
    assert_int_equal(value_parse_permyriad("100%", 10000, &permyriad), 0);
    assert_int_equal(value_parse_permyriad("100.01%", 10000, &permyriad), -ERANGE);
    assert_int_equal(value_parse_permyriad("250%", INT32_MAX, &permyriad), 0);
    assert_int_equal(permyriad, 25000);
    assert_int_equal(value_parse_permyriad("0.255%", 10000, &permyriad), -EINVAL);
    assert_int_equal(value_parse_permyriad("30", 10000, &permyriad), -EINVAL);
    assert_int_equal(value_parse_permyriad("%", 10000, &permyriad), -EINVAL);
}

static void test_spans(void **state) {
    (void)state;
    usec_t usec = 0;
    assert_int_equal(span_parse("1min 30s", USEC_PER_SEC, &usec), 0);
    assert_int_equal(usec, 90 * USEC_PER_SEC);
    assert_int_equal(span_parse("1500", 1, &usec), 0);
    assert_int_equal(usec, 1500);
    assert_int_equal(span_parse("5\xc2\xb5s", USEC_PER_SEC, &usec), 0);
    assert_int_equal(usec, 5);
    assert_int_equal(span_parse("infinity", USEC_PER_SEC, &usec), 0);
    assert_true(usec == USEC_INFINITY);
    assert_int_equal(span_parse("1x", USEC_PER_SEC, &usec), -EINVAL);
    assert_int_equal(span_parse("-1", USEC_PER_SEC, &usec), -ERANGE);
    assert_int_equal(span_parse("+1", USEC_PER_SEC, &usec), 0);
    assert_int_equal(span_parse("+.5", USEC_PER_SEC, &usec), -EINVAL);
}

/* What is shown is read back as the same span. */
static void test_spans_come_back(void **state) {
    (void)state;
    for (usec_t usec = 1; usec < USEC_INFINITY / 100; usec = usec * 7 / 3 + 1) {
        struct text text = {0};
        char *shown = NULL;
        usec_t back = 0;
        span_format(&text, usec);
        assert_int_equal(text_take(&text, &shown), 0);
        assert_int_equal(span_parse(shown, 1, &back), 0);
        assert_true(back == usec);
        free(shown);
    }
}

static void test_signals(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int result;
        uint32_t signo;
        const char *shown;
    } cases[] = {
        {"SIGTERM", 0, SIGTERM, "TERM"},
        {"TERM", 0, SIGTERM, "TERM"},
        {"15", 0, SIGTERM, "TERM"},
        {"SIGHUP", 0, SIGHUP, "HUP"},
        {"IO", 0, SIGIO, "IO"},
        {"RTMIN", 0, 34, "RTMIN"},
        {"SIGRTMIN+3", 0, 37, "RTMIN+3"},
        {"RTMAX-2", 0, 62, "RTMIN+28"},
        {"RTMAX", 0, 64, "RTMIN+30"},
        {"64", 0, 64, "RTMIN+30"},
        {"32", 0, 32, "32"},
        {"0", -ERANGE, 0, ""},
        {"65", -ERANGE, 0, ""},
        {"-1", -ERANGE, 0, ""},
        {"term", -EINVAL, 0, ""},
        {"SIG", -EINVAL, 0, ""},
        {"", -EINVAL, 0, ""},
        {"RTMIN+31", -ERANGE, 0, ""},
        {"RTMIN-1", -EINVAL, 0, ""},
        {"RTMAX+1", -EINVAL, 0, ""},
        {"RTMIN+", -EINVAL, 0, ""},
        {"SIGSIGTERM", -EINVAL, 0, ""},
    };
    assert_int_equal(SIGRTMIN, 34);
    assert_int_equal(SIGRTMAX, 64);
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t signo = 0;
        assert_int_equal(signal_parse(cases[i].text, &signo), cases[i].result);
        assert_int_equal(signo, cases[i].signo);
        struct text text = {0};
        char *shown = NULL;
        signal_format(&text, signo);
        assert_int_equal(text_take(&text, &shown), 0);
        assert_string_equal(shown, cases[i].shown);
        free(shown);
    }
}

static void test_exit_codes(void **state) {
    (void)state;
    uint32_t code = 0;
    assert_int_equal(exit_code_parse("TEMPFAIL", &code), 0);
    assert_int_equal(code, 75);
    assert_int_equal(exit_code_parse("EXEC", &code), 0);
    assert_int_equal(code, 203);
    assert_int_equal(exit_code_parse("255", &code), 0);
    assert_int_equal(code, 255);
    assert_int_equal(exit_code_parse("256", &code), -ERANGE);
    assert_int_equal(exit_code_parse("tempfail", &code), -EINVAL);
}

/* Words with `|` behind each; `!` when the text is wrong there. */
static void test_words(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t flags;
        const char *words;
    } cases[] = {
        {"", WORD_UNQUOTE, ""},
        {"  ", WORD_UNQUOTE, ""},
        {" a  b\tc\n", 0, "a|b|c|"},
        {"'a b' c", WORD_UNQUOTE, "a b|c|"},
        {"'a b' c", 0, "'a|b'|c|"},
        {"a\"b c\"d", WORD_UNQUOTE, "ab cd|"},
        {"\"\" ''", WORD_UNQUOTE, "||"},
        {"\"it's\"", WORD_UNQUOTE, "it's|"},
        {"'a", WORD_UNQUOTE, "!"},
        {"a\\ b", WORD_UNQUOTE, "a b|"},
        {"a\\sb\\tc", WORD_UNESCAPE, "a b\tc|"},
        {"\\x41\\101\\u00e9\\U0001F600", WORD_UNESCAPE, "AA\xc3\xa9\xf0\x9f\x98\x80|"},
        {"\\x4 \\x00", WORD_UNESCAPE, "!"},
        {"\\400", WORD_UNESCAPE, "!"},
        {"\\ud800", WORD_UNESCAPE, "!"},
        {"\\q", WORD_UNESCAPE, "!"},
        {"\\q \\x", WORD_UNESCAPE | WORD_KEEP_UNKNOWN, "\\q|\\x|"},
        {"a\\", WORD_UNESCAPE, "!"},
        {"a\\", WORD_UNESCAPE | WORD_KEEP_UNKNOWN, "a\\|"},
        {"'a\\", WORD_UNQUOTE | WORD_UNESCAPE | WORD_KEEP_UNKNOWN, "!"},
        {"a\\x2db \"c d\"", WORD_UNQUOTE | WORD_KEEP_BACKSLASH, "a\\x2db|c d|"},
        {"'\\'' b", WORD_UNQUOTE | WORD_UNESCAPE, "'|b|"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *at = cases[i].text;
        struct text words = {0};
        char *all = NULL;
        int r = 1;
        while (r > 0) {
            r = word_next(&at, TEXT_BLANKS, cases[i].flags, &words);
            text_add(&words, r > 0 ? "|" : "");
        }
        assert_int_equal(text_take(&words, &all), 0);
        assert_string_equal(r < 0 ? "!" : all, cases[i].words);
        free(all);
    }
    const char *at = "a::b";
    struct text words = {0};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(word_next(&at, ":", WORD_SEPARATE, &words), 1);
        text_add(&words, "|");
    }
    assert_int_equal(word_next(&at, ":", WORD_SEPARATE, &words), 0);
    assert_string_equal(words.bytes, "a||b|");
    text_fini(&words);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_booleans),        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_modes),           cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_percentages),     cmocka_unit_test(test_spans),
        cmocka_unit_test(test_spans_come_back), cmocka_unit_test(test_signals),
        cmocka_unit_test(test_exit_codes),      cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
