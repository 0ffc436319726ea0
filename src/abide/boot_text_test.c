#include "abide/boot_text.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect_line(enum boot_kind kind, const char *directory, const char *line) {
    auto_free char *text = NULL;
    assert_int_equal(boot_text(kind, "/opt/a b/abide", directory, &text), 0);
    assert_non_null(strstr(text, line));
}

static void test_commands_are_quoted(void **state) {
    (void)state;
    expect_line(BOOT_SYSTEMD, NULL, "\nExecStart=\"/opt/a b/abide\" supervise\n");
    expect_line(BOOT_SYSTEMD, "/h\"$%\\", " --home \"/h\\\"$$%%\\\\\"\n");
    expect_line(BOOT_OPENRC, NULL, "\n\t'/opt/a b/abide' supervise --daemon\n");
    expect_line(BOOT_OPENRC, "/h'%", "\n\t'/opt/a b/abide' shutdown --home '/h'\\''%'\n");
    expect_line(BOOT_CRON, NULL, "@reboot '/opt/a b/abide' supervise --daemon\n");
    expect_line(BOOT_CRON, "/h'%", " --home '/h'\\'''\\%''\n");
}

/* Without these two lines systemd kills every service when the supervisor ends. */
static void test_systemd_spares_the_services(void **state) {
    (void)state;
    expect_line(BOOT_SYSTEMD, NULL, "\nKillMode=process\n");
    expect_line(BOOT_SYSTEMD, NULL, "\nDelegate=yes\n");
}

static void test_paths_that_cannot_be_written(void **state) {
    (void)state;
    char *text = NULL;
    for (unsigned int i = 0; i < BOOT_KIND_COUNT; i++) {
        assert_int_equal(boot_text((enum boot_kind)i, "/a\nb", NULL, &text), -EINVAL);
        assert_int_equal(boot_text((enum boot_kind)i, "/a", "/\033", &text), -EINVAL);
    }
}

static void test_names(void **state) {
    (void)state;
    auto_free char *system = NULL;
    auto_free char *private = NULL;
    assert_int_equal(boot_name(NULL, &system), 0);
    assert_string_equal(system, "abide");
    assert_int_equal(boot_name("/srv/my-home", &private), 0);
    assert_string_equal(private, "abide-srv-my\\x2dhome");
}

static void test_crontab(void **state) {
    (void)state;
    static const struct {
        const char *before;
        enum boot_change change;
        const char *after;
    } rows[] = {
        {"", BOOT_INSTALL, "LINE\n"},
        {"a\n", BOOT_INSTALL, "a\nLINE\n"},
        {"a", BOOT_INSTALL, "a\nLINE\n"},
        {"a\nLINE\nb\n", BOOT_INSTALL, "a\nLINE\nb\n"},
        {"LINE\nLINE\n", BOOT_INSTALL, "LINE\n"},
        {"a\nLINE x\n", BOOT_INSTALL, "a\nLINE x\nLINE\n"},
        {"a\nLINE\nb\n", BOOT_REMOVE, "a\nb\n"},
        {"LINE", BOOT_REMOVE, ""},
        {"a\n\n", BOOT_REMOVE, "a\n\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        auto_free char *after = NULL;
        assert_int_equal(boot_crontab(rows[i].before, "LINE\n", rows[i].change, &after), 0);
        assert_string_equal(after, rows[i].after);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_are_quoted),
        cmocka_unit_test(test_systemd_spares_the_services),
        cmocka_unit_test(test_paths_that_cannot_be_written),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_crontab),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
