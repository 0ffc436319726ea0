/* What the environment says, and what is answered. */
#include "abide.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define OURS "ours" /* stands for the pid of the process that asks */

/* A child answers by its exit status: -errno is so much below this. */
#define ERROR_CODE 200

static void set(const char *name, const char *value) {
    if (value == NULL) {
        (void)unsetenv(name);
    } else {
        (void)setenv(name, value, 1);
    }
}

/* In a child: descriptors 3 and 4 are sockets that an exec would keep, 5 is closed. */
static int answer(const char *pid, const char *count) {
    char text[16];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || dup2(fd, 30) < 0 || dup2(30, 3) < 0 || dup2(30, 4) < 0) {
        return 100;
    }
    (void)close(5);
    (void)fcntl(3, F_SETFD, 0);
    (void)fcntl(4, F_SETFD, 0);
    (void)snprintf(text, sizeof(text), "%d", (int)getpid());
    set("LISTEN_PID", pid != NULL && pid[0] == OURS[0] ? text : pid);
    set("LISTEN_FDS", count);
    int r = abide_listen_fds();
    for (int i = 0; i < 2; i++) {
        bool closes = (fcntl(ABIDE_LISTEN_FDS_START + i, F_GETFD) & FD_CLOEXEC) != 0;
        if (closes != (i < r) && r >= 0) {
            return 101;
        }
    }
    return r < 0 ? ERROR_CODE + r : r;
}

static void test_conversations(void **state) {
    (void)state;
    const struct {
        const char *pid;
        const char *count;
        int answer;
    } conversations[] = {
        {NULL, NULL, 0},        {NULL, "2", 0},
        {OURS, NULL, 0},        {OURS, "0", 0},
        {OURS, "1", 1},         {OURS, "2", 2},
        {OURS, "3", -EBADF},    {"1", "2", 0},
        {"999999999", "2", 0},  {OURS, "", -EINVAL},
        {OURS, "-1", -EINVAL},  {OURS, " 1", -EINVAL},
        {OURS, "1 ", -EINVAL},  {OURS, "0x1", -EINVAL},
        {OURS, "two", -EINVAL}, {OURS, "99999999999999999999", -EINVAL},
        {"", "1", -EINVAL},     {"me", "1", -EINVAL},
        {"-1", "1", -EINVAL},   {"99999999999999999999", "1", -EINVAL},
    };
    for (size_t i = 0; i < sizeof(conversations) / sizeof(conversations[0]); i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            _exit(answer(conversations[i].pid, conversations[i].count));
        }
        int status;
        int expected = conversations[i].answer;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) != (expected < 0 ? ERROR_CODE + expected : expected)) {
            fail_msg("LISTEN_PID=%s LISTEN_FDS=%s: not %d but code %d",
                     conversations[i].pid ? conversations[i].pid : "(unset)",
                     conversations[i].count ? conversations[i].count : "(unset)", expected,
                     WEXITSTATUS(status));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
