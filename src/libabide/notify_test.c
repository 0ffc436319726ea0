/* Each listener is a real one: a datagram socket with a name, a pipe, a start that waits. */
#include "abide.h"
#include "libabide/report.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static int forget_listeners(void **state) {
    (void)state;
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("NOTIFY_FD");
    (void)signal(SIGPIPE, SIG_DFL); /* So that writing to nobody would end this process. */
    return 0;
}

/* Binds a datagram socket and names it in the environment; `name` begins with "/" or "@". */
static int listen_at(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = strlen(name);
    assert_true(size < sizeof(address.sun_path));
    memcpy(address.sun_path, name, size);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)),
                     0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    return fd;
}

static void expect_datagram(int fd, const char *expected) {
    char text[8192];
    ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    assert_string_equal(text, expected);
}

static void expect_silence(int fd) {
    char byte;
    assert_int_equal(read(fd, &byte, 1), -1);
    assert_int_equal(errno, EAGAIN);
}

static void test_nobody_listens(void **state) {
    (void)state;
    struct abide_daemon daemon = {0};
    assert_int_equal(abide_notify(&daemon, "READY=1"), 0);
    assert_int_equal(abide_ready(&daemon), 0);
    assert_int_equal(abide_ready(NULL), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", "", 1), 0);
    assert_int_equal(setenv("NOTIFY_FD", "", 1), 0);
    assert_int_equal(abide_ready(&daemon), 0);
}

static void test_socket_with_a_path(void **state) {
    (void)state;
    char folder[] = "/tmp/notify_test.XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/notify", folder);
    auto_fd int fd = listen_at(path);
    assert_int_equal(abide_notify(NULL, "READY=1\nSTATUS=here"), 1);
    expect_datagram(fd, "READY=1\nSTATUS=here");
    assert_int_equal(abide_notify(NULL, "WATCHDOG=1"), 1);
    expect_datagram(fd, "WATCHDOG=1");
    expect_silence(fd);
    fd = fd_close(fd);
    assert_int_equal(abide_notify(NULL, "WATCHDOG=1"), -ECONNREFUSED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(abide_notify(NULL, "WATCHDOG=1"), -ENOENT);
}

static void test_socket_with_an_abstract_name(void **state) {
    (void)state;
    char name[64];
    (void)snprintf(name, sizeof(name), "@notify_test/%d", (int)getpid());
    auto_fd int fd = listen_at(name);
    assert_int_equal(abide_ready(NULL), 1);
    expect_datagram(fd, "READY=1");
    assert_int_equal(abide_ready(NULL), 1);
    expect_datagram(fd, "READY=1");
}

static void test_socket_with_a_name_that_is_none(void **state) {
    (void)state;
    char longer[256];
    memset(longer, '/', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    const struct {
        const char *name;
        int result;
    } names[] = {
        {"relative", -EAFNOSUPPORT},  {"/", -EAFNOSUPPORT}, {"@", -EAFNOSUPPORT},
        {"vsock:2:1", -EAFNOSUPPORT}, {longer, -E2BIG},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", names[i].name, 1), 0);
        assert_int_equal(abide_ready(NULL), names[i].result);
    }
}

/* Returns the read end; the write end's number is in the environment, and in `ret_number`. */
static int listen_by_pipe(int *ret_number) {
    int fds[2];
    char number[16];
    assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    (void)snprintf(number, sizeof(number), "%d", fds[1]);
    assert_int_equal(setenv("NOTIFY_FD", number, 1), 0);
    *ret_number = fds[1];
    return fds[0];
}

static void test_pipe_gets_a_newline_and_its_end(void **state) {
    (void)state;
    int number;
    char bytes[4];
    auto_fd int fd = listen_by_pipe(&number);
    assert_int_equal(abide_notify(NULL, "STATUS=not yet"), 0);
    assert_int_equal(abide_notify(NULL, "XREADY=1\nREADY=10\nREADY=0"), 0);
    expect_silence(fd);
    assert_int_equal(abide_notify(NULL, "STATUS=now\nREADY=1"), 1);
    assert_int_equal(read(fd, bytes, sizeof(bytes)), 1);
    assert_int_equal(bytes[0], '\n');
    assert_int_equal(read(fd, bytes, sizeof(bytes)), 0); /* end of file */
    assert_int_equal(abide_ready(NULL), 0); /* twice is harmless */
    (void)close(number);
}

/* A second READY=1 must not write into what got the pipe's number later. */
static void test_pipe_told_once_leaves_its_number_alone(void **state) {
    (void)state;
    int number;
    struct stat st;
    auto_fd int reader = listen_by_pipe(&number);
    assert_true(reader >= 0);
    assert_int_equal(abide_ready(NULL), 1);
    char path[] = "/tmp/notify_test.XXXXXX";
    auto_fd int file = mkostemp(path, O_CLOEXEC);
    assert_true(file >= 0 && file != number);
    assert_int_equal(unlink(path), 0);
    (void)abide_ready(NULL);
    assert_int_equal(fstat(file, &st), 0);
    assert_int_equal(st.st_size, 0);
    (void)close(number);
}

static void test_pipe_whose_reader_is_gone(void **state) {
    (void)state;
    int number;
    (void)fd_close(listen_by_pipe(&number));
    assert_int_equal(abide_ready(NULL), -EPIPE); /* and no SIGPIPE */
    (void)close(number);
}

static void test_pipe_number_that_is_none(void **state) {
    (void)state;
    const struct {
        const char *number;
        int result;
    } numbers[] = {
        {"-1", -EINVAL},          {"x", -EINVAL},     {" 3", -EINVAL},
        {"99999999999", -EINVAL}, {"999999", -EBADF},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_int_equal(setenv("NOTIFY_FD", numbers[i].number, 1), 0);
        assert_int_equal(abide_ready(NULL), numbers[i].result);
    }
}

static void test_start_that_waits(void **state) {
    (void)state;
    int fds[2];
    struct report report;
    assert_int_equal(report_open(fds), 0);
    struct abide_daemon daemon = {.ready_fd = fds[1]};
    assert_int_equal(abide_notify(&daemon, "STATUS=not yet"), 0);
    assert_int_equal(abide_ready(&daemon), 1);
    assert_int_equal(report_receive(fds[0], &report), 0);
    assert_int_equal(report.kind, REPORT_READY);
    assert_int_equal(report.pid, getpid());
    assert_int_equal(abide_ready(&daemon), 0);
    (void)fd_close(fds[0]);
}

static void test_everybody_hears_at_once(void **state) {
    (void)state;
    int fds[2];
    int number;
    char byte;
    char name[64];
    struct report report;
    assert_int_equal(report_open(fds), 0);
    struct abide_daemon daemon = {.ready_fd = fds[1]};
    auto_fd int pipe_fd = listen_by_pipe(&number);
    (void)snprintf(name, sizeof(name), "@notify_test/%d", (int)getpid());
    auto_fd int socket_fd = listen_at(name);
    assert_int_equal(abide_ready(&daemon), 1);
    assert_int_equal(report_receive(fds[0], &report), 0);
    assert_int_equal(read(pipe_fd, &byte, 1), 1);
    expect_datagram(socket_fd, "READY=1");
    (void)fd_close(fds[0]);
    (void)close(number);
}

static void test_states_that_are_refused(void **state) {
    (void)state;
    static char longest[4096];
    static char longer[4097];
    memset(longest, 'x', sizeof(longest) - 1);
    memset(longer, 'x', sizeof(longer) - 1);
    assert_int_equal(abide_notify(NULL, NULL), -EINVAL);
    assert_int_equal(abide_notify(NULL, ""), -EINVAL);
    assert_int_equal(abide_notify(NULL, longest), 0);
    assert_int_equal(abide_notify(NULL, longer), -E2BIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nobody_listens, forget_listeners),
        cmocka_unit_test_setup(test_socket_with_a_path, forget_listeners),
        cmocka_unit_test_setup(test_socket_with_an_abstract_name, forget_listeners),
        cmocka_unit_test_setup(test_socket_with_a_name_that_is_none, forget_listeners),
        cmocka_unit_test_setup(test_pipe_gets_a_newline_and_its_end, forget_listeners),
        cmocka_unit_test_setup(test_pipe_told_once_leaves_its_number_alone, forget_listeners),
        cmocka_unit_test_setup(test_pipe_whose_reader_is_gone, forget_listeners),
        cmocka_unit_test_setup(test_pipe_number_that_is_none, forget_listeners),
        cmocka_unit_test_setup(test_start_that_waits, forget_listeners),
        cmocka_unit_test_setup(test_everybody_hears_at_once, forget_listeners),
        cmocka_unit_test_setup(test_states_that_are_refused, forget_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
