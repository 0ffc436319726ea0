/* Children are listed, and told apart by what they were executed with. */
#include "os/orphans.h"

#include "base/alloc.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static pid_t start(void) {
    char *const argv[] = {(char[]){"cat"}, NULL};
    char *const environment[] = {(char[]){"INVOCATION_ID=abc"}, NULL};
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(fds[0], STDIN_FILENO);
        (void)dup2(fds[1], STDOUT_FILENO);
        (void)execve("/bin/cat", argv, environment);
        _exit(127);
    }
    assert_int_equal(write(fds[1], "x", 1), 1);
    for (int i = 0; i < 1000 && orphans_has_variable(pid, "INVOCATION_ID=abc") <= 0; i++) {
        (void)usleep(5000);
    }
    (void)close(fds[0]);
    (void)close(fds[1]);
    return pid;
}

static int is_listed(pid_t pid) {
    auto_free pid_t *pids = NULL;
    size_t count = 0;
    assert_int_equal(orphans_list_children(&pids, &count), 0);
    for (size_t i = 0; i < count; i++) {
        if (pids[i] == pid) {
            return 1;
        }
    }
    return 0;
}

static void test_a_child_is_listed_until_it_is_reaped(void **state) {
    (void)state;
    pid_t pid = start();
    assert_true(is_listed(pid));
    assert_true(orphans_in_group(getpgid(pid)));
    assert_false(orphans_leads_group(pid));
    assert_false(orphans_in_group(pid));
    assert_int_equal(orphans_adopt(), 0);
    assert_int_equal(orphans_has_variable(pid, "INVOCATION_ID=abc"), 1);
    assert_int_equal(orphans_has_variable(pid, "INVOCATION_ID=ab"), 0);
    assert_int_equal(orphans_has_variable(pid, "INVOCATION_ID=abcd"), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_true(is_listed(pid));
    /* A zombie has none, and will have none. */
    assert_int_equal(orphans_has_variable(pid, "INVOCATION_ID=abc"), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_false(is_listed(pid));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_child_is_listed_until_it_is_reaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
