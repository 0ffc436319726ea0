#include "client/home.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void test_system(void **state) {
    (void)state;
    struct home_options options = {.is_root = true, .user_home = "/root", .directory = ""};
    auto_(home_fini) struct home home = {0};
    assert_int_equal(home_resolve(&options, &home), 0);
    assert_int_equal(home.kind, HOME_SYSTEM);
    assert_string_equal(home.runtime, "/run/abide");
    assert_string_equal(home.state, "/var/lib/abide");
    assert_string_equal(home.logs, "/var/log/abide");
    assert_string_equal(home.units, "/etc/abide");
    assert_string_equal(home.control, "/run/abide/control");
    assert_string_equal(home.status, "/run/abide/status");
    assert_string_equal(home.lock, "/run/abide/lock");
}

static void test_user(void **state) {
    (void)state;
    static const struct {
        struct home_options options;
        const char *state;
        const char *units;
    } rows[] = {
        {{.user_home = "/home/u"}, "/home/u/.local/state/abide", "/home/u/.config/abide"},
        {{.user_home = "/home/u", .xdg_state_home = "/s", .xdg_config_home = "/c"},
         "/s/abide",
         "/c/abide"},
        {{.user_home = "/home/u", .xdg_state_home = "s", .xdg_config_home = ""},
         "/home/u/.local/state/abide",
         "/home/u/.config/abide"},
        {{.xdg_state_home = "/s", .xdg_config_home = "/c"}, "/s/abide", "/c/abide"},
    };
    char host[65];
    char path[128];
    assert_int_equal(gethostname(host, sizeof(host)), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        auto_(home_fini) struct home home = {0};
        assert_int_equal(home_resolve(&rows[i].options, &home), 0);
        assert_int_equal(home.kind, HOME_USER);
        assert_string_equal(home.state, rows[i].state);
        assert_string_equal(home.units, rows[i].units);
        (void)snprintf(path, sizeof(path), "%s/run.%s", rows[i].state, host);
        assert_string_equal(home.runtime, path);
        (void)snprintf(path, sizeof(path), "%s/log", rows[i].state);
        assert_string_equal(home.logs, path);
    }
}

static void test_private(void **state) {
    (void)state;
    char cwd[4096];
    char expected[4200];
    assert_non_null(getcwd(cwd, sizeof(cwd)));
    (void)snprintf(expected, sizeof(expected), "%s/d/run/control", cwd);
    static const struct {
        const char *directory;
        const char *runtime; /* NULL: below the working directory */
    } rows[] = {{"/d", "/d/run"}, {"/d///", "/d/run"}, {"/", "/run"}, {"d", NULL}, {"d/", NULL}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct home_options options = {.directory = rows[i].directory, .is_root = i % 2 == 0};
        auto_(home_fini) struct home home = {0};
        assert_int_equal(home_resolve(&options, &home), 0);
        assert_int_equal(home.kind, HOME_PRIVATE);
        if (rows[i].runtime != NULL) {
            assert_string_equal(home.runtime, rows[i].runtime);
        } else {
            assert_string_equal(home.control, expected);
        }
    }
}

static void test_nowhere(void **state) {
    (void)state;
    struct home_options options = {.xdg_state_home = "/s"};
    struct home home = {0};
    assert_int_equal(home_resolve(&options, &home), -ENOKEY);
    assert_null(home.state);
    assert_non_null(strstr(home_error_text(-ENOKEY), "--home"));
}

static void test_socket_path_has_a_limit(void **state) {
    (void)state;
    char directory[128] = "/";
    for (size_t length = 90; length < 100; length++) {
        memset(directory + 1, 'd', length - 1);
        directory[length] = '\0';
        struct home_options options = {.directory = directory};
        auto_(home_fini) struct home home = {0};
        bool fits = length + strlen("/run/control") <= 107;
        assert_int_equal(home_resolve(&options, &home), fits ? 0 : -ENAMETOOLONG);
    }
    assert_non_null(strstr(home_error_text(-ENAMETOOLONG), "--home"));
}

static void expect_mode(const char *folder, const char *name, mode_t mode) {
    char path[128];
    struct stat status;
    (void)snprintf(path, sizeof(path), "%s%s", folder, name);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, mode);
}

static void test_create(void **state) {
    (void)state;
    static const char *const names[] = {
        "/home/state/units", "/home/state/enabled", "/home/state", "/home/run",
        "/home/log",         "/home/units",         "/home"};
    for (int is_root = 0; is_root < 2; is_root++) {
        char folder[] = "/tmp/abide-home-XXXXXX";
        char path[128];
        assert_non_null(mkdtemp(folder));
        (void)snprintf(path, sizeof(path), "%s/home", folder);
        struct home_options options = {.directory = path, .is_root = is_root != 0};
        auto_(home_fini) struct home home = {0};
        const char *failed = NULL;
        assert_int_equal(home_resolve(&options, &home), 0);
        assert_int_equal(home_create(&home, &failed), 0);
        assert_int_equal(home_create(&home, &failed), 0);
        expect_mode(folder, "/home", is_root != 0 ? 0755 : 0700);
        expect_mode(folder, "/home/run", is_root != 0 ? 0755 : 0700);
        expect_mode(folder, "/home/log", is_root != 0 ? 0750 : 0700);
        expect_mode(folder, "/home/state/enabled", is_root != 0 ? 0755 : 0700);
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
            (void)snprintf(path, sizeof(path), "%s%s", folder, names[i]);
            assert_int_equal(rmdir(path), 0);
        }
        assert_int_equal(rmdir(folder), 0);
    }
}

static void test_create_says_where_it_failed(void **state) {
    (void)state;
    struct home_options options = {.directory = "/proc/abide-home"};
    auto_(home_fini) struct home home = {0};
    const char *failed = NULL;
    assert_int_equal(home_resolve(&options, &home), 0);
    assert_true(home_create(&home, &failed) < 0);
    assert_string_equal(failed, "/proc/abide-home/run");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_system),
        cmocka_unit_test(test_user),
        cmocka_unit_test(test_private),
        cmocka_unit_test(test_nowhere),
        cmocka_unit_test(test_socket_path_has_a_limit),
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_create_says_where_it_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
