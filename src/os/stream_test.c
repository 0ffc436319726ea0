#include "os/stream.h"

#include "os/clock.h"
#include "os/fd.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/abide-stream-XXXXXX";
static char path[sizeof(folder) + 8];

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(path, sizeof(path), "%s/socket", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static int listen_there(int backlog) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    (void)unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, backlog), 0);
    return fd;
}

static void test_nobody_listens(void **state) {
    (void)state;
    int fd;
    assert_int_equal(stream_connect("/tmp/abide-no-such-folder/socket", USEC_PER_SEC, &fd),
                     -ENOENT);
    (void)fd_close(listen_there(1));
    assert_int_equal(stream_connect(path, USEC_PER_SEC, &fd), -ECONNREFUSED);
}

static void test_full_queue_times_out(void **state) {
    (void)state;
    auto_fd int listener = listen_there(0);
    auto_fd int first = -1;
    int second;
    assert_int_equal(stream_connect(path, USEC_INFINITY, &first), 0);
    assert_int_equal(stream_connect(path, 1000, &second), -ETIMEDOUT);
    assert_true(listener >= 0);
}

static void test_talk(void **state) {
    (void)state;
    auto_fd int listener = listen_there(1);
    auto_fd int fd = -1;
    assert_int_equal(stream_connect(path, USEC_PER_SEC, &fd), 0);
    auto_fd int peer = accept(listener, NULL, NULL);
    assert_true(peer >= 0);
    char buffer[16];
    size_t size;
    assert_int_equal(stream_read(fd, buffer, sizeof(buffer), clock_monotonic(), &size), -ETIMEDOUT);
    assert_int_equal(stream_write(fd, "hello", 5, USEC_INFINITY), 0);
    assert_int_equal(read(peer, buffer, sizeof(buffer)), 5);
    assert_int_equal(write(peer, "world", 5), 5);
    assert_int_equal(stream_read(fd, buffer, sizeof(buffer), USEC_INFINITY, &size), 0);
    assert_int_equal(size, 5);
    peer = fd_close(peer);
    assert_int_equal(stream_read(fd, buffer, sizeof(buffer), USEC_INFINITY, &size), 0);
    assert_int_equal(size, 0);
    assert_int_equal(stream_write(fd, "x", 1, USEC_INFINITY), -EPIPE);
}

static void test_write_to_a_peer_that_does_not_read(void **state) {
    (void)state;
    auto_fd int listener = listen_there(1);
    auto_fd int fd = -1;
    assert_int_equal(stream_connect(path, USEC_PER_SEC, &fd), 0);
    static char flood[8 * 1024 * 1024];
    assert_int_equal(stream_write(fd, flood, sizeof(flood), clock_monotonic()), -ETIMEDOUT);
    assert_true(listener >= 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_full_queue_times_out),
        cmocka_unit_test(test_talk),
        cmocka_unit_test(test_write_to_a_peer_that_does_not_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
