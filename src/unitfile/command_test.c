/* Command lines as `flags path: argument|argument|`, one a line. */
#include "unitfile/command.h"

#include "unitfile/dropin.h"
#include "unitfile/escape.h"
#include "unitfile/unitname.h"

#include "base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct specifier_host host = {
    .host_name = "vm.example", .home = "/root", .user = "root", .machine_id = "abc"};

static const struct specifier_unit unit = {
    .name = "a-b\\x2dc@in-st.service", .fragment_path = "/etc/abide/a.service", .host = &host};

static char *list(const char *value) {
    struct text text = {0};
    struct command_line line;
    const char *at = value;
    char *listed = NULL;
    while (command_next(&at, &unit, &line) > 0) {
        text_add_number(&text, line.command.flags);
        text_add(&text, line.has_unknown_escape ? "? " : " ");
        if (line.problem != NULL) {
            text_add(&text, line.problem);
            command_line_fini(&line);
            break;
        }
        text_add(&text, line.command.path);
        text_add(&text, ":");
        for (char **argument = line.command.argv; *argument != NULL; argument++) {
            text_add(&text, *argument);
            text_add(&text, "|");
        }
        text_add(&text, "\n");
        command_line_fini(&line);
    }
    assert_int_equal(text_take(&text, &listed), 0);
    return listed;
}

static void test_command_lines(void **state) {
    (void)state;
    static const struct {
        const char *value;
        const char *lines;
    } cases[] = {
        {"/bin/a", "0 /bin/a:/bin/a|\n"},
        {"/bin/a b 'c d' e\"f g\"", "0 /bin/a:/bin/a|b|c d|ef g|\n"},
        {"a b", "0 a:a|b|\n"},
        {"/bin//a/./b", "0 /bin/a/b:/bin//a/./b|\n"},
        {"-/bin/a", "1 /bin/a:/bin/a|\n"},
        {"@/bin/a b c", "0 /bin/a:b|c|\n"},
        {"@-/bin/a b", "1 /bin/a:b|\n"},
        {"-@:/bin/a b", "3 /bin/a:b|\n"},
        {"+-/bin/a", "5 /bin/a:/bin/a|\n"},
        {"!/bin/a", "8 /bin/a:/bin/a|\n"},
        {"!!/bin/a", "16 /bin/a:/bin/a|\n"},
        {"!-!/bin/a", "17 /bin/a:/bin/a|\n"},
        {"+!/bin/a", "4 neither an absolute path nor the name of a program"},
        {"!!!/bin/a", "16 neither an absolute path nor the name of a program"},
        {"--/bin/a", "1 neither an absolute path nor the name of a program"},
        {"/bin/a ; /bin/b c", "0 /bin/a:/bin/a|\n0 /bin/b:/bin/b|c|\n"},
        {"/bin/a ;", "0 /bin/a:/bin/a|\n"},
        {";", ""},
        {"; ;", ""},
        {"; /bin/a", "0 /bin/a:/bin/a|\n"},
        {"/bin/a \\; b", "0 /bin/a:/bin/a|;|b|\n"},
        {"/bin/a \";\" b", "0 /bin/a:/bin/a|;|b|\n"},
        {"/bin/a b;c ;d", "0 /bin/a:/bin/a|b;c|;d|\n"},
        {"/bin/a \\q \\x41", "0? /bin/a:/bin/a|\\q|A|\n"},
        {"/bin/a $A ${B} $$", "0 /bin/a:/bin/a|$A|${B}|$$|\n"},
        {"/bin/a %i %I %j %% %- %", "0 /bin/a:/bin/a|in-st|in/st|b\\x2dc|%|%-|%|\n"},
        {"/bin/%H \"%h x\"", "0 /bin/vm.example:/bin/vm.example|/root x|\n"},
        {"/bin/a %Z", "0 a specifier is unknown or has no value"},
        {"/bin/a %b", "0 the value of a specifier is not known"},
        {"/bin/a 'b", "0 a quote is not closed"},
        {"@/bin/a", "0 the name of the program as it is told is empty"},
        {"@/bin/a ''", "0 the name of the program as it is told is empty"},
        {"-", "1 the name of a program is missing"},
        {"/bin/", "0 the program's path is that of a folder"},
        {"/bin/..", "0 the program's path is that of a folder"},
        {"../a", "0 neither an absolute path nor the name of a program"},
        {"/bin/a\\nb", "0 the program's path has control characters"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *lines = list(cases[i].value);
        assert_string_equal(lines, cases[i].lines);
        free(lines);
    }
}

static void test_too_many_arguments(void **state) {
    (void)state;
    const size_t length = 2 * ((size_t)COMMAND_ARGUMENTS_MAX + 1);
    char *value = calloc(length + 2, 1);
    assert_non_null(value);
    for (size_t i = 0; i < length; i++) {
        value[i] = "b "[i % 2];
    }
    char *lines = list(value);
    assert_non_null(strstr(lines, "b|b|b|"));
    free(lines);
    value[length] = 'b';
    lines = list(value);
    assert_string_equal(lines, "0 too many arguments");
    free(lines);
    free(value);
}

static void test_formats(void **state) {
    (void)state;
    static const struct {
        const char *argument;
        const char *shown;
    } cases[] = {
        {"a", "a"},
        {"", "\"\""},
        {"a b", "\"a b\""},
        {"it's", "\"it's\""},
        {"$A", "\"\\$A\""},
        {"\"", "\"\\\"\""},
        {"\n", "\"\\n\""},
        {"\x01", "\"\\001\""},
        {"\xff", "\"\\377\""},
        {"\xc3\xbc", "\xc3\xbc"},
        {"a=b%~#{}^", "a=b%~#{}^"},
        {"*", "\"*\""},
        {"[", "\"[\""},
        {"]", "]"},
        {"a;b", "\"a;b\""},
        {"\\", "\"\\\\\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char argument[16];
        char expected[64];
        char *argv[] = {argument, argument, NULL};
        struct text text = {0};
        (void)snprintf(argument, sizeof(argument), "%s", cases[i].argument);
        (void)snprintf(expected, sizeof(expected), "%s %s", cases[i].shown, cases[i].shown);
        command_format(&text, argv);
        assert_string_equal(text.bytes, expected);
        text_fini(&text);
    }
}

static void test_specifiers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *expanded;
    } cases[] = {
        {"%n", "a-b\\x2dc@in-st.service"},
        {"%N", "a-b\\x2dc@in-st"},
        {"%p", "a-b\\x2dc"},
        {"%P", "a/b-c"},
        {"%J", "b-c"},
        {"%f", "/in/st"},
        {"%l %q", "vm vm.example"},
        {"%t %S %C %L %E %T %V", "/run /var/lib /var/cache /var/log /etc /tmp /var/tmp"},
        {"%d", "/run/credentials/a-b\\x2dc@in-st.service"},
        {"%y %Y", "/etc/abide/a.service /etc/abide"},
        {"%u %h %m", "root /root abc"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text text = {0};
        assert_int_equal(specifier_expand(&unit, SPECIFIERS_ALL, cases[i].text, &text), 0);
        assert_string_equal(text.bytes, cases[i].expanded);
        text_fini(&text);
    }
    struct text text = {0};
    assert_int_equal(specifier_expand(&unit, SPECIFIERS_FOR_NAMES, "%p-%u", &text), 0);
    text_fini(&text);
    assert_int_equal(specifier_expand(&unit, SPECIFIERS_FOR_NAMES, "%h", &text), -EINVAL);
    assert_int_equal(specifier_expand(&unit, SPECIFIERS_ALL, "%1", &text), -EINVAL);
    assert_int_equal(specifier_expand(&unit, SPECIFIERS_ALL, "%v", &text), -ENXIO);
    text_fini(&text);
    /* A text of specifiers only, each of which is long. */
    char *many = calloc((size_t)2 * 65536 + 1, 1);
    assert_non_null(many);
    for (size_t i = 0; i < (size_t)2 * 65536; i++) {
        many[i] = "%n"[i % 2];
    }
    assert_int_equal(specifier_expand(&unit, SPECIFIERS_ALL, many, &text), -E2BIG);
    text_fini(&text);
    free(many);
}

static void test_names(void **state) {
    (void)state;
    struct unitname name;
    assert_int_equal(unitname_parse("a-b@c@d.service", &name), 0);
    assert_int_equal(name.prefix_length, 3);
    assert_int_equal(name.instance_length, 3);
    assert_int_equal(name.type, UNIT_SERVICE);
    assert_int_equal(unitname_parse("a.b.timer", &name), 0);
    assert_int_equal(name.prefix_length, 3);
    assert_null(name.instance);
    assert_int_equal(unitname_parse("a@.socket", &name), 0);
    assert_non_null(name.instance);
    assert_int_equal(name.instance_length, 0);
    static const char *const wrong[] = {
        "",    "a",           ".service",   "@b.service", "a b.service",
        "a.x", "a/b.service", "a.service/", "%n.service"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(unitname_parse(wrong[i], &name), -EINVAL);
    }
    char longest[300];
    memset(longest, 'a', sizeof(longest));
    memcpy(longest + 247, ".service", 9);
    assert_int_equal(unitname_parse(longest, &name), 0);
    memcpy(longest + 247, "a.service", 10);
    assert_int_equal(unitname_parse(longest, &name), -EINVAL);
    assert_int_equal(unit_type_parse("scope"), UNIT_SCOPE);
    assert_null(unit_type_name((enum unit_type)UNIT_TYPE_COUNT));
}

static void test_dropin_directories(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *directories;
    } cases[] = {
        {"a.service", "a.service.d service.d"},
        {"foo-bar-baz@inst.service",
         "foo-bar-baz@inst.service.d foo-bar-baz@.service.d foo-bar-.service.d foo-.service.d "
         "foo-bar-@inst.service.d foo-bar-@.service.d foo-@inst.service.d foo-@.service.d "
         "service.d"},
        {"foo-bar@.service", "foo-bar@.service.d foo-.service.d service.d"},
        {"a--b.timer", "a--b.timer.d a--.timer.d a-.timer.d timer.d"},
        {"foo-.service", "foo-.service.d service.d"},
        {"-.slice", "-.slice.d slice.d"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char **names = NULL;
        struct text text = {0};
        assert_int_equal(dropin_directories(cases[i].name, &names), 0);
        for (size_t n = 0; names[n] != NULL; n++) {
            text_add(&text, n != 0 ? " " : "");
            text_add(&text, names[n]);
        }
        assert_string_equal(text.bytes, cases[i].directories);
        text_fini(&text);
        (void)str_list_free(names);
    }
    char **names = NULL;
    assert_int_equal(dropin_directories("a", &names), -EINVAL);
}

static void test_escaping(void **state) {
    (void)state;
    static const struct {
        struct escape_options options;
        const char *input;
        const char *output;
    } cases[] = {
        {{0}, "/a b/c-d", "-a\\x20b-c\\x2dd"},
        {{.is_path = true}, "/a//b/./.c/", "a-b-.c"},
        {{.is_path = true}, "/", "-"},
        {{.is_path = true}, "/a/../b", NULL},
        {{.verb = ESCAPE_UNESCAPE}, "a-b\\x2dc", "a/b-c"},
        {{.verb = ESCAPE_UNESCAPE}, "a\\x2", NULL},
        {{.verb = ESCAPE_UNESCAPE, .is_path = true}, "a-b", "/a/b"},
        {{.verb = ESCAPE_UNESCAPE, .is_path = true}, "a\\x2fb", "/a/b"},
        {{.verb = ESCAPE_UNESCAPE, .is_path = true}, "", NULL},
        {{.verb = ESCAPE_UNESCAPE, .is_path = true}, "a--b", NULL},
        {{.verb = ESCAPE_MANGLE}, "", NULL},
        {{.verb = ESCAPE_MANGLE}, "/dev/", "dev.mount"},
        {{.verb = ESCAPE_MANGLE}, "//dev/a", "dev-a.device"},
        {{.verb = ESCAPE_MANGLE}, "/a/../b", "-a-..-b.service"},
        {{.verb = ESCAPE_MANGLE}, "@.service", NULL},
        {{.verb = ESCAPE_MANGLE, .is_path = true}, "a", NULL},
        {{.suffix = "foo"}, "a", NULL},
        {{.template = "a.service"}, "b", NULL},
        {{.template = "a@.service"}, "", NULL},
        {{.template = "a@.service", .suffix = "service"}, "b", NULL},
        {{.only_instance = true}, "a@b.service", NULL},
        {{.verb = ESCAPE_UNESCAPE, .only_instance = true}, "a@b-c.service", "b/c"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *output = NULL;
        int r = escape_run(&cases[i].options, cases[i].input, &output);
        if (cases[i].output == NULL) {
            assert_int_equal(r, -EINVAL);
        } else {
            assert_int_equal(r, 0);
            assert_string_equal(output, cases[i].output);
        }
        free(output);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_lines), cmocka_unit_test(test_too_many_arguments),
        cmocka_unit_test(test_formats),       cmocka_unit_test(test_specifiers),
        cmocka_unit_test(test_names),         cmocka_unit_test(test_dropin_directories),
        cmocka_unit_test(test_escaping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
