#include "os/self.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
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

static char folder[] = "/tmp/abide-self-XXXXXX";

static void make_file(const char *name, mode_t mode) {
    int fd = open(name, O_CREAT | O_WRONLY | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    (void)close(fd);
}

/* bin1/both is no program, bin2/both is. */
static int make_programs(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL || chdir(folder) < 0) {
        return -1;
    }
    (void)mkdir("bin1", 0755);
    (void)mkdir("bin2", 0755);
    (void)mkdir("bin2/folder", 0755);
    make_file("bin1/both", 0644);
    make_file("bin2/both", 0755);
    make_file("bin1/plain", 0644);
    make_file("here", 0755);
    return 0;
}

static int remove_programs(void **state) {
    (void)state;
    (void)unlink("bin1/both");
    (void)unlink("bin2/both");
    (void)unlink("bin1/plain");
    (void)unlink("here");
    (void)rmdir("bin2/folder");
    (void)rmdir("bin1");
    (void)rmdir("bin2");
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void test_find_program(void **state) {
    (void)state;
    /* In search paths and results % stands for the folder. */
    static const struct {
        const char *name;
        const char *search_path;
        int result;
        const char *path;
    } rows[] = {
        {"both", "%/bin1:%/bin2", 0, "%/bin2/both"},
        {"both", "%/bin2/", 0, "%/bin2/both"},
        {"both", "bin2", 0, "%/bin2/both"},
        {"both", "%/bin1", -EACCES, NULL},
        {"plain", "%/bin2:%/bin1:%/none", -EACCES, NULL},
        {"folder", "%/bin2", -EACCES, NULL},
        {"none", "%/bin1:%/bin2", -ENOENT, NULL},
        {"here", "%/bin1", -ENOENT, NULL},
        {"here", "%/bin1:", 0, "%/here"},
        {"here", "", 0, "%/here"},
        {"./here", "", 0, "%/here"},
        {".//./here", NULL, 0, "%/here"},
        {"bin2/both", NULL, 0, "%/bin2/both"},
        {"bin2/../here", NULL, 0, "%/bin2/../here"},
        {"here/x", NULL, -ENOENT, NULL},
        {"./", NULL, -EACCES, NULL},
        {"/", NULL, -EACCES, NULL},
        {"", NULL, -ENOENT, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char search_path[128] = "";
        char expected[128] = "";
        const char *rest = rows[i].search_path != NULL ? rows[i].search_path : "";
        for (size_t used = 0; *rest != '\0'; rest++) {
            used += (size_t)snprintf(search_path + used, sizeof(search_path) - used, "%.*s",
                                     *rest == '%' ? (int)strlen(folder) : 1,
                                     *rest == '%' ? folder : rest);
        }
        auto_free char *path = NULL;
        int r = self_find_program(rows[i].name, rows[i].search_path != NULL ? search_path : NULL,
                                  &path);
        assert_int_equal(r, rows[i].result);
        if (r == 0) {
            (void)snprintf(expected, sizeof(expected), "%s%s", folder, rows[i].path + 1);
            assert_string_equal(path, expected);
        }
    }
}

static void test_find_absolute(void **state) {
    (void)state;
    auto_free char *path = NULL;
    assert_int_equal(self_find_program("//bin/sh", NULL, &path), 0);
    assert_string_equal(path, "/bin/sh");
    auto_free char *found = NULL;
    assert_int_equal(self_find_program("sh", NULL, &found), 0);
    assert_int_equal(found[0], '/');
}

static void test_place(void **state) {
    (void)state;
    auto_free char *cwd = NULL;
    assert_int_equal(self_working_directory(&cwd), 0);
    assert_string_equal(cwd, folder);
    auto_free char *program = NULL;
    assert_int_equal(self_program(&program), 0);
    assert_non_null(strstr(program, "/self_test"));
    char name[4];
    memset(name, 'x', sizeof(name));
    self_host_name(name, sizeof(name));
    assert_non_null(memchr(name, '\0', sizeof(name)));
    assert_int_equal(self_is_root(), geteuid() == 0);
}

static void test_a_file_is_no_terminal(void **state) {
    (void)state;
    int fd = open("here", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(self_terminal_columns(fd), 0);
    (void)close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_program),
        cmocka_unit_test(test_find_absolute),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_a_file_is_no_terminal),
    };
    return cmocka_run_group_tests(tests, make_programs, remove_programs);
}
