/* Files as tables: each says what its lines are, as `number kind key=value`. */
#include "unitfile/ini.h"

#include "base/prng.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *kind_word(enum ini_kind kind) {
    switch (kind) {
    case INI_SECTION:
        return "section";
    case INI_ASSIGNMENT:
        return "set";
    case INI_BAD_HEADER:
        return "header?";
    case INI_NO_ASSIGNMENT:
        return "equals?";
    case INI_NO_KEY:
        return "key?";
    case INI_NOT_UTF8:
        return "utf8?";
    case INI_TOO_LONG:
        return "long?";
    }
    return NULL;
}

/* What the file's lines are, one a line. */
static void list(const char *bytes, size_t length, char *output, size_t size) {
    struct ini ini;
    struct ini_item item;
    size_t used = 0;
    output[0] = '\0';
    assert_int_equal(ini_init(&ini, bytes, length), 0);
    while (ini_next(&ini, &item)) {
        int n =
            snprintf(output + used, size - used, "%u %s %s%s%s\n", item.line, kind_word(item.kind),
                     item.key, item.kind == INI_ASSIGNMENT ? "=" : "", item.value);
        assert_true(n > 0 && (size_t)n < size - used);
        used += (size_t)n;
    }
    ini_fini(&ini);
}

static void test_files(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *lines;
    } files[] = {
#define FILE_IS(bytes_, lines_) {(bytes_), sizeof(bytes_) - 1, (lines_)}
        FILE_IS("", ""),
        FILE_IS("[Unit]\nA=b\n", "1 section Unit\n2 set A=b\n"),
        FILE_IS("  A =  b c  \n", "1 set A=b c\n"),
        FILE_IS("A=", "1 set A=\n"),
        FILE_IS("A=b=c", "1 set A=b=c\n"),
        FILE_IS("# c\n; d\n  # e\n\nA=1", "5 set A=1\n"),
        FILE_IS("A=1 # no comment", "1 set A=1 # no comment\n"),
        FILE_IS("A=b \\\n  c\nD=e", "2 set A=b    c\n3 set D=e\n"),
        FILE_IS("A=b \\\n# between\n;too\nc", "4 set A=b  c\n"),
        FILE_IS("A=b\\\\\nC=d", "1 set A=b\\\\\n2 set C=d\n"),
        FILE_IS("A=b\\", "2 set A=b\n"),
        FILE_IS("# c \\\nA=1", "2 set A=1\n"),
        FILE_IS("A=1\r\nB=2\n\rC=3\rD=4", "1 set A=1\n2 set B=2\n3 set C=3\n4 set D=4\n"),
        FILE_IS("A=1\0B=2\n\0C=3", "1 set A=1\n2 set B=2\n3 set C=3\n"),
        FILE_IS("\xef\xbb\xbf[S]\nA=1", "1 section S\n2 set A=1\n"),
        FILE_IS("[S\nno\n=v\n[]\n[a]b", "1 header? [S\n2 equals? no\n3 key? v\n"
                                        "4 section \n5 header? [a]b\n"),
        FILE_IS("A=\xff\nB=\xc3\xbc", "1 utf8? \n2 set B=\xc3\xbc\n"),
        FILE_IS("[", "1 header? [\n"),
        FILE_IS("\\\n\\\n\\", ""),
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char output[1024];
        list(files[i].bytes, files[i].length, output, sizeof(output));
        assert_string_equal(output, files[i].lines);
    }
}

static void test_limits(void **state) {
    (void)state;
    struct ini ini;
    struct ini_item item;
    char *bytes = calloc(INI_FILE_MAX + 1, 1);
    assert_non_null(bytes);
    memset(bytes, 'x', INI_FILE_MAX + 1);
    assert_int_equal(ini_init(&ini, bytes, INI_FILE_MAX + 1), -EFBIG);
    ini_fini(&ini);
    assert_int_equal(ini_init(&ini, bytes, INI_FILE_MAX), 0);
    assert_true(ini_next(&ini, &item));
    assert_int_equal(item.kind, INI_TOO_LONG);
    assert_false(ini_next(&ini, &item));
    ini_fini(&ini);
    bytes[INI_LINE_MAX] = '\n';
    bytes[0] = '=';
    assert_int_equal(ini_init(&ini, bytes, INI_LINE_MAX), 0);
    assert_true(ini_next(&ini, &item));
    assert_int_equal(item.kind, INI_NO_KEY);
    ini_fini(&ini);
    memset(bytes, '\n', INI_LINES_MAX + 1);
    assert_int_equal(ini_init(&ini, bytes, INI_LINES_MAX + 1), -E2BIG);
    ini_fini(&ini);
    assert_int_equal(ini_init(&ini, bytes, INI_LINES_MAX), 0);
    assert_false(ini_next(&ini, &item));
    ini_fini(&ini);
    /* Each line goes on: the work must not grow with the square of their number. */
    for (size_t i = 0; i < INI_FILE_MAX; i++) {
        bytes[i] = ' ';
        bytes[i] = (char)(i % 16 == 14 ? '\\' : bytes[i]);
        bytes[i] = (char)(i % 16 == 15 ? '\n' : bytes[i]);
    }
    assert_int_equal(ini_init(&ini, bytes, INI_FILE_MAX), 0);
    assert_false(ini_next(&ini, &item));
    ini_fini(&ini);
    free(bytes);
}

static void test_hostile_bytes(void **state) {
    (void)state;
    static const char letters[] = "[]=\\\n\r\0#; aB\xff\xc3\xbc\"'";
    struct prng prng = {.state = 7};
    for (uint32_t round = 0; round < 20000; round++) {
        char bytes[64];
        const size_t length = prng_below(&prng, sizeof(bytes));
        for (size_t i = 0; i < length; i++) {
            bytes[i] = letters[prng_below(&prng, sizeof(letters) - 1)];
        }
        struct ini ini;
        struct ini_item item;
        uint32_t line = 0;
        assert_int_equal(ini_init(&ini, bytes, length), 0);
        while (ini_next(&ini, &item)) {
            assert_true(item.line > line);
            assert_true(strlen(item.key) + strlen(item.value) <= length);
            line = item.line;
        }
        ini_fini(&ini);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_hostile_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
