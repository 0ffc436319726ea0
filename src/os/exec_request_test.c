/* What is sent is received; what is no request is refused, whatever its bytes. */
#include "os/exec_request.h"

#include "base/prng.h"
#include "os/fd.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static int send_example(void) {
    char *argv[] = {(char[]){"web"}, (char[]){""}, (char[]){"a b"}, NULL};
    char *environment[] = {(char[]){"A=1"}, NULL};
    const struct exec_request request = {
        .path = (char[]){"/usr/bin/web"},
        .argv = argv,
        .environment = environment,
        .user = (char[]){"nobody"},
        .umask = 027,
        .streams = {EXEC_STREAM_INHERITED, EXEC_STREAM_APPEND, EXEC_STREAM_COPY},
        .stream_paths = {NULL, (char[]){"/var/log/web"}, NULL},
    };
    int fd = -1;
    assert_int_equal(exec_request_send(&request, &fd), 0);
    return fd;
}

static void test_what_is_sent_is_received(void **state) {
    (void)state;
    auto_fd int fd = send_example();
    struct exec_request *request = NULL;
    assert_int_equal(exec_request_receive(fd, &request), 0);
    assert_string_equal(request->path, "/usr/bin/web");
    assert_string_equal(request->argv[0], "web");
    assert_string_equal(request->argv[1], "");
    assert_string_equal(request->argv[2], "a b");
    assert_null(request->argv[3]);
    assert_string_equal(request->environment[0], "A=1");
    assert_null(request->env_files);
    assert_string_equal(request->user, "nobody");
    assert_null(request->group);
    assert_int_equal(request->umask, 027);
    assert_int_equal(request->streams[1], EXEC_STREAM_APPEND);
    assert_string_equal(request->stream_paths[1], "/var/log/web");
    request = exec_request_free(request);
}

static void test_it_can_not_be_changed_any_more(void **state) {
    (void)state;
    auto_fd int fd = send_example();
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(ftruncate(fd, 1), -1);
}

static int receive_bytes(const void *bytes, size_t size) {
    struct exec_request *request = NULL;
    auto_fd int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, size, 0), (ssize_t)size);
    int r = exec_request_receive(fd, &request);
    request = exec_request_free(request);
    return r;
}

static void test_a_part_or_more_is_refused(void **state) {
    (void)state;
    char bytes[4096];
    auto_fd int fd = send_example();
    ssize_t size = pread(fd, bytes, sizeof(bytes), 0);
    assert_true(size > 0 && (size_t)size < sizeof(bytes));
    for (ssize_t i = 0; i < size; i++) {
        assert_int_equal(receive_bytes(bytes, (size_t)i), -EBADMSG);
    }
    bytes[size] = 'x';
    assert_int_equal(receive_bytes(bytes, (size_t)size + 1), -EBADMSG);
}

static void test_damaged_bytes_do_no_harm(void **state) {
    (void)state;
    char bytes[4096];
    struct prng prng = {.state = 3};
    auto_fd int fd = send_example();
    size_t size = (size_t)pread(fd, bytes, sizeof(bytes), 0);
    for (int i = 0; i < 2000; i++) {
        char damaged[4096];
        memcpy(damaged, bytes, size);
        for (int j = 0; j < 3; j++) {
            damaged[prng_below(&prng, size)] = (char)prng_below(&prng, 256);
        }
        (void)receive_bytes(damaged, size); /* The sanitizers look on. */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_sent_is_received),
        cmocka_unit_test(test_it_can_not_be_changed_any_more),
        cmocka_unit_test(test_a_part_or_more_is_refused),
        cmocka_unit_test(test_damaged_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
