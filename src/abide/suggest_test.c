#include "abide/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_distance(void **state) {
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        size_t distance;
    } rows[] = {
        {"", "", 0},
        {"a", "", 1},
        {"", "abc", 3},
        {"start", "start", 0},
        {"strat", "start", 1},
        {"stat", "start", 1},
        {"staart", "start", 1},
        {"ab", "ba", 1},
        {"kitten", "sitting", 3},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(suggest_distance(rows[i].a, rows[i].b), rows[i].distance);
        assert_int_equal(suggest_distance(rows[i].b, rows[i].a), rows[i].distance);
    }
}

static void test_long_words_are_not_compared(void **state) {
    (void)state;
    char word[SUGGEST_WORD_MAX + 2];
    memset(word, 'x', sizeof(word));
    word[SUGGEST_WORD_MAX] = '\0';
    assert_int_equal(suggest_distance(word, word), 0);
    word[SUGGEST_WORD_MAX] = 'x';
    word[SUGGEST_WORD_MAX + 1] = '\0';
    assert_true(suggest_distance(word, "x") == SIZE_MAX);
}

static void test_nearest(void **state) {
    (void)state;
    static const char *const words[] = {"start", "stop", "restart", "status", "logs", "ls", "rm"};
    static const struct {
        const char *typed;
        const char *nearest;
    } rows[] = {
        {"strat", "start"}, {"sttop", "stop"},  {"stat", "status"}, {"statsu", "status"},
        {"log", "logs"},    {"res", "restart"}, {"xyzzy", NULL},    {"x", NULL},
        {"", NULL},         {"list", "ls"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct suggest suggest = {.typed = rows[i].typed};
        for (size_t j = 0; j < sizeof(words) / sizeof(*words); j++) {
            suggest_offer(&suggest, words[j]);
        }
        if (rows[i].nearest == NULL) {
            assert_null(suggest.nearest);
        } else {
            assert_non_null(suggest.nearest);
            assert_string_equal(suggest.nearest, rows[i].nearest);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_long_words_are_not_compared),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
