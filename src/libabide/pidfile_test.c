/* A process never meets its own lock, so whoever asks or competes is a forked child. */
#include "libabide/pidfile.h"

#include "abide.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY 65534

static char folder[64];
static char path[128];
static char other_path[128];

static int make_folder(void **state) {
    (void)state;
    (void)umask(0); /* As daemonize.c has it. */
    (void)snprintf(folder, sizeof(folder), "/tmp/pidfile_test.XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(path, sizeof(path), "%s/pid", folder);
    (void)snprintf(other_path, sizeof(other_path), "%s/other", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    (void)unlink(path);
    (void)rmdir(path);
    (void)unlink(other_path);
    return rmdir(folder);
}

static void write_file(const char *name, const char *content) {
    auto_fd int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
}

static void expect_content(const char *name, const char *content) {
    char text[128];
    auto_fd int fd = open(name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t n = read(fd, text, sizeof(text) - 1);
    assert_true(n >= 0);
    text[n] = '\0';
    assert_string_equal(text, content);
}

static void expect_own_pid(void) {
    char text[16];
    (void)snprintf(text, sizeof(text), "%d\n", (int)getpid());
    expect_content(path, text);
}

static void expect_child(int (*function)(void)) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(function());
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void expect_refused(int result, const char *word) {
    struct abide_daemon daemon = {.pidfile = path};
    struct pidfile pidfile = PIDFILE_INIT;
    assert_int_equal(pidfile_acquire(&pidfile, &daemon), result);
    if (strstr(daemon.error, word) == NULL || strstr(daemon.error, path) == NULL) {
        fail_msg("\"%s\" does not say %s and %s", daemon.error, word, path);
    }
    assert_int_equal(pidfile.fd, -1);
    assert_int_equal(pidfile.dir_fd, -1);
}

static struct pidfile acquire(void) {
    struct abide_daemon daemon = {.pidfile = path};
    struct pidfile pidfile = PIDFILE_INIT;
    int r = pidfile_acquire(&pidfile, &daemon);
    if (r != 0) {
        fail_msg("%s", daemon.error);
    }
    return pidfile;
}

/* cmocka's skip() says "not ok", which meson takes for a failure. */
static bool lacks_root(void) {
    if (geteuid() != 0) {
        print_message("# not looked at: it needs root\n");
        return true;
    }
    return false;
}

static void test_none_is_asked_for(void **state) {
    (void)state;
    struct abide_daemon daemon = {0};
    struct pidfile pidfile = PIDFILE_INIT;
    assert_int_equal(pidfile_acquire(&pidfile, &daemon), 0);
    assert_int_equal(pidfile.fd, -1);
    pidfile_remove(&pidfile);
    pidfile_close(&pidfile);
}

static void test_created_0644_with_the_pid_and_removed(void **state) {
    (void)state;
    struct stat st;
    struct pidfile pidfile = acquire();
    expect_own_pid();
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0644);
    assert_int_equal(fcntl(pidfile.fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(pidfile.dir_fd, F_GETFD), FD_CLOEXEC);
    pidfile_remove(&pidfile);
    pidfile_close(&pidfile);
    assert_int_equal(access(path, F_OK), -1);
}

/* In a child of the holder. */
static int compete(void) {
    struct abide_daemon daemon = {.pidfile = path};
    struct pidfile pidfile = PIDFILE_INIT;
    char words[32];
    pid_t pid = 0;
    (void)snprintf(words, sizeof(words), "pid %d ", (int)getppid());
    if (pidfile_acquire(&pidfile, &daemon) != -EEXIST || strstr(daemon.error, words) == NULL) {
        return 1;
    }
    pidfile_clear(&daemon); /* Does nothing to what is held. */
    if (access(path, F_OK) < 0 || pidfile_holder(&daemon, &pid) != 0) {
        return 2;
    }
    return pid == getppid() ? 0 : 3;
}

static void test_refused_while_it_is_held(void **state) {
    (void)state;
    struct pidfile pidfile = acquire();
    expect_child(compete);
    expect_own_pid();
    pidfile_remove(&pidfile);
    pidfile_close(&pidfile);
}

static int find_nobody(void) {
    struct abide_daemon daemon = {.pidfile = path};
    pid_t pid = 77;
    return pidfile_holder(&daemon, &pid) == 1 && pid == 77 ? 0 : 1;
}

static void test_the_lock_counts_not_the_number(void **state) {
    (void)state;
    char text[16];
    assert_int_equal(find_nobody(), 0); /* no file */
    (void)snprintf(text, sizeof(text), "%d\n", (int)getpid());
    write_file(path, text);
    expect_child(find_nobody);
}

static void test_stale_files_are_taken_over(void **state) {
    (void)state;
    const char *const contents[] = {"", "1\n", "4194304", "99999999999\n", "12 \t\r\n\n", "\n"};
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        write_file(path, contents[i]);
        struct pidfile pidfile = acquire();
        expect_own_pid();
        pidfile_remove(&pidfile);
        pidfile_close(&pidfile);
        assert_int_equal(access(path, F_OK), -1);
    }
}

static void test_content_that_is_no_pid_is_kept(void **state) {
    (void)state;
    const char *const contents[] = {"x",  "12x",        "12 13",
                                    "-1", "root:x:0:0", "111111111111111111111111111111111"};
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        struct abide_daemon daemon = {.pidfile = path};
        write_file(path, contents[i]);
        expect_refused(-EINVAL, "something else than a pid");
        pidfile_clear(&daemon);
        expect_content(path, contents[i]);
    }
}

static void test_symbolic_links_are_refused(void **state) {
    (void)state;
    struct abide_daemon daemon = {.pidfile = path};
    pid_t pid;
    assert_int_equal(symlink(other_path, path), 0);
    expect_refused(-ELOOP, "symbolic link");
    assert_int_equal(access(other_path, F_OK), -1); /* not created */
    write_file(other_path, "1\n");
    expect_refused(-ELOOP, "symbolic link");
    expect_content(other_path, "1\n");
    assert_int_equal(pidfile_holder(&daemon, &pid), -ELOOP);
    pidfile_clear(&daemon);
    expect_content(other_path, "1\n");
}

static void test_second_hard_links_are_refused(void **state) {
    (void)state;
    write_file(other_path, "1\n");
    assert_int_equal(link(other_path, path), 0);
    expect_refused(-EPERM, "hard link");
    expect_content(other_path, "1\n");
}

static void test_other_kinds_of_files_are_refused(void **state) {
    (void)state;
    assert_int_equal(mkfifo(path, 0644), 0);
    expect_refused(-EINVAL, "regular file"); /* and does not wait for a writer */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0755), 0);
    expect_refused(-EISDIR, "errno 21");
}

static void test_files_of_another_user_are_refused(void **state) {
    (void)state;
    if (lacks_root()) {
        return;
    }
    write_file(path, "1\n");
    assert_int_equal(chown(path, NOBODY, NOBODY), 0);
    expect_refused(-EPERM, "uid 65534");
    expect_content(path, "1\n");
}

static void test_paths_without_a_name_are_refused(void **state) {
    (void)state;
    const char *const paths[] = {"/", "/tmp/", ".", "..", "/tmp/.", "/tmp/.."};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct abide_daemon daemon = {.pidfile = paths[i]};
        struct pidfile pidfile = PIDFILE_INIT;
        assert_int_equal(pidfile_acquire(&pidfile, &daemon), -EINVAL);
        assert_non_null(strstr(daemon.error, paths[i]));
    }
    struct abide_daemon daemon = {.pidfile = "/tmp/no/such/folder/pid"};
    struct pidfile pidfile = PIDFILE_INIT;
    assert_int_equal(pidfile_acquire(&pidfile, &daemon), -ENOENT);
    assert_non_null(strstr(daemon.error, "directory of pidfile /tmp/no/such/folder/pid"));
}

static void test_a_relative_path_means_the_same_file_after_chdir(void **state) {
    (void)state;
    struct abide_daemon daemon = {.pidfile = "pid"};
    struct pidfile pidfile = PIDFILE_INIT;
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(pidfile_acquire(&pidfile, &daemon), 0);
    assert_int_equal(chdir("/"), 0);
    expect_own_pid();
    pidfile_remove(&pidfile);
    pidfile_close(&pidfile);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_a_file_that_took_its_place_is_kept(void **state) {
    (void)state;
    struct pidfile pidfile = acquire();
    write_file(other_path, "1\n");
    assert_int_equal(rename(other_path, path), 0);
    pidfile_remove(&pidfile);
    pidfile_close(&pidfile);
    expect_content(path, "1\n");
}

/* As nobody, in a folder of root's. */
static int remove_without_rights(void) {
    struct abide_daemon daemon = {.pidfile = path};
    struct pidfile pidfile = PIDFILE_INIT;
    if (chmod(folder, 0755) < 0 || pidfile_acquire(&pidfile, &daemon) < 0 || seteuid(NOBODY) < 0) {
        return 1;
    }
    pidfile_remove(&pidfile);
    return 0;
}

static void test_emptied_where_removal_is_forbidden_then_cleared(void **state) {
    (void)state;
    if (lacks_root()) {
        return;
    }
    struct abide_daemon daemon = {.pidfile = path};
    expect_child(remove_without_rights);
    expect_content(path, "");
    pidfile_clear(&daemon);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_a_stale_file_is_cleared(void **state) {
    (void)state;
    struct abide_daemon daemon = {.pidfile = path};
    write_file(path, "1\n");
    pidfile_clear(&daemon);
    assert_int_equal(access(path, F_OK), -1);
    pidfile_clear(&daemon); /* nothing there: nothing happens */
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_is_asked_for),
        with_folder(test_created_0644_with_the_pid_and_removed),
        with_folder(test_refused_while_it_is_held),
        with_folder(test_the_lock_counts_not_the_number),
        with_folder(test_stale_files_are_taken_over),
        with_folder(test_content_that_is_no_pid_is_kept),
        with_folder(test_symbolic_links_are_refused),
        with_folder(test_second_hard_links_are_refused),
        with_folder(test_other_kinds_of_files_are_refused),
        with_folder(test_files_of_another_user_are_refused),
        cmocka_unit_test(test_paths_without_a_name_are_refused),
        with_folder(test_a_relative_path_means_the_same_file_after_chdir),
        with_folder(test_a_file_that_took_its_place_is_kept),
        with_folder(test_emptied_where_removal_is_forbidden_then_cleared),
        with_folder(test_a_stale_file_is_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
