#include "protocol/unit_name.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_valid(void **state) {
    (void)state;
    static const char *const names[] = {
        "a.service",      "web-1.service", "getty@tty1.service",  "a.b.service",
        "x\\x2d.service", "_:.service",    "web.service.service",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_true(unit_name_is_valid(names[i]));
    }
}

static void test_invalid(void **state) {
    (void)state;
    static const char *const names[] = {
        "",
        ".service",
        "web",
        "web.socket",
        "web.Service",
        "../web.service",
        "/etc/web.service",
        ".web.service",
        "@x.service",
        "a b.service",
        "a\n.service",
        "a\033[2J.service",
        "\xc3\xa4.service",
        "web.service ",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_false(unit_name_is_valid(names[i]));
    }
}

static void test_length(void **state) {
    (void)state;
    char name[UNIT_NAME_SIZE + 2];
    size_t suffix = strlen(UNIT_NAME_SUFFIX);
    memset(name, 'x', sizeof(name));
    memcpy(name + UNIT_NAME_SIZE - 1 - suffix, UNIT_NAME_SUFFIX, suffix + 1);
    assert_true(unit_name_is_valid(name));
    memset(name, 'x', sizeof(name));
    memcpy(name + UNIT_NAME_SIZE - suffix, UNIT_NAME_SUFFIX, suffix + 1);
    assert_false(unit_name_is_valid(name));
}

static void test_complete(void **state) {
    (void)state;
    static const struct {
        const char *typed;
        const char *name; /* NULL: refused */
    } rows[] = {
        {"web", "web.service"},
        {"web.service", "web.service"},
        {"a.b", "a.b.service"},
        {".service", NULL},
        {"", NULL},
        {"a/b", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char name[UNIT_NAME_SIZE];
        int r = unit_name_complete(rows[i].typed, name);
        assert_int_equal(r, rows[i].name != NULL ? 0 : -EINVAL);
        if (r == 0) {
            assert_string_equal(name, rows[i].name);
        }
    }
    char longest[UNIT_NAME_SIZE + 1];
    char name[UNIT_NAME_SIZE];
    memset(longest, 'x', sizeof(longest));
    for (size_t length = UNIT_NAME_SIZE - 10; length <= UNIT_NAME_SIZE; length++) {
        longest[length] = '\0';
        bool fits = length + strlen(UNIT_NAME_SUFFIX) < UNIT_NAME_SIZE;
        assert_int_equal(unit_name_complete(longest, name), fits ? 0 : -EINVAL);
        longest[length] = 'x';
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
