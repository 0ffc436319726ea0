#include "client/unitfiles.h"

#include "base/alloc.h"
#include "base/str.h"
#include "client/home.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/abide-units-XXXXXX";
static struct home home;

static const char *const files[] = {"units/b.service", "units/c.service", "units/notes.txt",
                                    "state/units/a.service", "state/units/c.service"};
static const char *const folders[] = {"state/units", "state/enabled", "state",
                                      "run",         "log",           "units"};

static int make_home(void **state) {
    (void)state;
    const char *failed;
    struct home_options options = {.directory = folder};
    if (mkdtemp(folder) == NULL || chdir(folder) < 0 || home_resolve(&options, &home) < 0 ||
        home_create(&home, &failed) < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        int fd = open(files[i], O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        (void)close(fd);
    }
    return 0;
}

static int remove_home(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        (void)unlink(files[i]);
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        (void)rmdir(folders[i]);
    }
    home_fini(&home);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void expect_found(const char *name, const char *place) {
    auto_free char *path = NULL;
    char expected[128];
    (void)snprintf(expected, sizeof(expected), "%s/%s/%s", folder, place, name);
    assert_int_equal(unitfiles_find(&home, name, &path), 1);
    assert_string_equal(path, expected);
}

static void test_find(void **state) {
    (void)state;
    char *path = NULL;
    expect_found("a.service", "state/units");
    expect_found("b.service", "units");
    expect_found("c.service", "units");
    assert_int_equal(unitfiles_find(&home, "d.service", &path), 0);
    assert_int_equal(unitfiles_made_path(&home, "d.service", &path), 0);
    assert_non_null(strstr(path, "/state/units/d.service"));
    cleanup_free(&path);
}

static void test_list(void **state) {
    (void)state;
    char **names = NULL;
    assert_int_equal(unitfiles_list(&home, &names), 0);
    assert_int_equal(str_list_count(names), 3);
    assert_string_equal(names[0], "a.service");
    assert_string_equal(names[1], "b.service");
    assert_string_equal(names[2], "c.service");
    names = str_list_free(names);
}

static void test_enable(void **state) {
    (void)state;
    char target[32] = "";
    assert_int_equal(unitfiles_is_enabled(&home, "a.service"), 0);
    assert_int_equal(unitfiles_disable(&home, "a.service"), 1);
    assert_int_equal(unitfiles_enable(&home, "a.service", "/x/a.service"), 0);
    assert_int_equal(unitfiles_enable(&home, "a.service", "/y/a.service"), 0);
    assert_int_equal(unitfiles_is_enabled(&home, "a.service"), 1);
    assert_true(readlink("state/enabled/a.service", target, sizeof(target)) > 0);
    assert_string_equal(target, "/y/a.service");
    assert_int_equal(unitfiles_disable(&home, "a.service"), 0);
    assert_int_equal(unitfiles_is_enabled(&home, "a.service"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_enable),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
