/* What systemd.service(5) says of $NAME, ${NAME} and $$. */
#include "core/expand.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *environment[] = {
    (char[]){"ONE=1"},   (char[]){"WORDS=a  'b c' d"}, (char[]){"EMPTY="},
    (char[]){"ONE=one"}, (char[]){"DOLLAR=$ONE"},      NULL,
};

static void expect(const char *word, const char *const *expected) {
    char program[] = "program";
    char copy[64];
    char *argv[] = {program, copy, NULL};
    char **expanded = NULL;
    assert_true(strlen(word) < sizeof(copy));
    memcpy(copy, word, strlen(word) + 1);
    assert_int_equal(expand_argv(argv, environment, &expanded), 0);
    assert_string_equal(expanded[0], "program");
    size_t i = 1;
    for (; expected[i - 1] != NULL; i++) {
        assert_non_null(expanded[i]);
        assert_string_equal(expanded[i], expected[i - 1]);
    }
    assert_null(expanded[i]);
    (void)str_list_free(expanded);
}

#define EXPECT(word, ...) expect(word, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void test_a_variable_of_its_own_becomes_words(void **state) {
    (void)state;
    EXPECT("$WORDS", "a", "b c", "d");
    EXPECT("$EMPTY");
    EXPECT("$UNSET");
    EXPECT("$ONE", "one"); /* the last assignment counts */
}

static void test_a_braced_variable_stays_in_its_word(void **state) {
    (void)state;
    EXPECT("${WORDS}", "a  'b c' d");
    EXPECT("x${ONE}y${EMPTY}z", "xoneyz");
    EXPECT("${UNSET}", "");
    EXPECT("${DOLLAR}", "$ONE"); /* values are not expanded again */
}

static void test_what_is_no_variable_stays(void **state) {
    (void)state;
    EXPECT("plain", "plain");
    EXPECT("$$", "$");
    EXPECT("$$ONE", "$ONE");
    EXPECT("a$ONE", "a$ONE"); /* without braces only as a whole word */
    EXPECT("${ONE", "${ONE");
    EXPECT("${1}", "${1}");
    EXPECT("$", "$");
}

static void test_need_is_a_dollar_sign(void **state) {
    (void)state;
    char *with[] = {(char[]){"a"}, (char[]){"b$"}, NULL};
    char *without[] = {(char[]){"a"}, NULL};
    assert_true(expand_is_needed(with));
    assert_false(expand_is_needed(without));
    assert_false(expand_is_needed(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_variable_of_its_own_becomes_words),
        cmocka_unit_test(test_a_braced_variable_stays_in_its_word),
        cmocka_unit_test(test_what_is_no_variable_stays),
        cmocka_unit_test(test_need_is_a_dollar_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
