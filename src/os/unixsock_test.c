/* Both sides of a socket in one process, and what may stand in the way of its name. */
#include "os/unixsock.h"

#include "os/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static struct unixsock_listen control(void) {
    return (struct unixsock_listen){
        .directory = ".",
        .name = "control",
        .type = SOCK_STREAM,
        .backlog = 1,
        .mode = 0666,
    };
}

static void test_listen_and_connect(void **state) {
    (void)state;
    mode_t before = umask(077);
    struct unixsock_listen options = control();
    int server = -1;
    int client = -1;
    assert_int_equal(unixsock_connect("control", SOCK_STREAM, USEC_PER_SEC, &client), -ENOENT);
    assert_int_equal(unixsock_listen(&options, &server), 0);
    (void)umask(before);
    struct stat status;
    assert_int_equal(stat("control", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0666);
    assert_int_not_equal(fcntl(server, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(unixsock_connect("control", SOCK_STREAM, USEC_PER_SEC, &client), 0);
    int accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
    struct unixsock_peer peer;
    assert_int_equal(unixsock_peer(accepted, &peer), 0);
    assert_int_equal(peer.pid, getpid());
    assert_int_equal(peer.uid, geteuid());
    assert_int_equal(peer.gid, getegid());
    char byte;
    struct timeval timeout;
    socklen_t size = sizeof timeout;
    assert_int_equal(getsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, &size), 0);
    assert_int_equal(timeout.tv_sec, 1);
    assert_int_equal(write(accepted, "x", 1), 1);
    assert_int_equal(read(client, &byte, 1), 1);
    assert_int_equal(close(client) | close(accepted) | close(server), 0);
    assert_int_equal(unixsock_connect("control", SOCK_STREAM, USEC_PER_SEC, &client),
                     -ECONNREFUSED);
}

/* The second server takes over the name; who is connected to the first stays so. */
static void test_stale_socket_is_replaced(void **state) {
    (void)state;
    struct unixsock_listen options = control();
    int servers[2];
    int client = -1;
    assert_int_equal(unixsock_listen(&options, &servers[0]), 0);
    assert_int_equal(close(servers[0]), 0);
    assert_int_equal(unixsock_listen(&options, &servers[0]), 0);
    assert_int_equal(unixsock_listen(&options, &servers[1]), 0);
    assert_int_equal(unixsock_connect("control", SOCK_STREAM, USEC_PER_SEC, &client), 0);
    assert_int_equal(accept4(servers[0], NULL, NULL, SOCK_CLOEXEC), -1);
    int accepted = accept4(servers[1], NULL, NULL, SOCK_CLOEXEC);
    assert_true(accepted >= 0);
    assert_int_equal(close(accepted) | close(client) | close(servers[0]) | close(servers[1]), 0);
    assert_int_equal(access(UNIXSOCK_NEW_NAME, F_OK), -1);
}

static void test_a_full_queue_times_out(void **state) {
    (void)state;
    struct unixsock_listen options = control();
    options.backlog = 0;
    int server = -1;
    int clients[2] = {-1, -1};
    assert_int_equal(unixsock_listen(&options, &server), 0);
    assert_int_equal(unixsock_connect("control", SOCK_STREAM, USEC_PER_MSEC, &clients[0]), 0);
    assert_int_equal(unixsock_connect("control", SOCK_STREAM, USEC_PER_MSEC, &clients[1]),
                     -ETIMEDOUT);
    assert_int_equal(close(clients[0]) | close(server), 0);
}

static void test_datagrams_with_credentials(void **state) {
    (void)state;
    struct unixsock_listen options = control();
    options.name = "notify";
    options.type = SOCK_DGRAM;
    options.mode = 0777;
    options.wants_credentials = true;
    int server = -1;
    int client = -1;
    assert_int_equal(unixsock_listen(&options, &server), 0);
    assert_int_equal(unixsock_connect("notify", SOCK_DGRAM, USEC_INFINITY, &client), 0);
    assert_int_equal(send(client, "READY=1", 7, 0), 7);
    char text[16];
    char ancillary[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec vector = {.iov_base = text, .iov_len = sizeof text};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = ancillary,
                             .msg_controllen = sizeof ancillary};
    assert_int_equal(recvmsg(server, &message, 0), 7);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    assert_non_null(header);
    assert_int_equal(header->cmsg_type, SCM_CREDENTIALS);
    struct ucred credentials;
    memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
    assert_int_equal(credentials.pid, getpid());
    assert_int_equal(close(client) | close(server), 0);
}

static void test_what_stands_in_the_way(void **state) {
    (void)state;
    struct unixsock_listen options = control();
    int server = -1;
    testing_write_file("control", "data", 4, 0600);
    assert_int_equal(unixsock_listen(&options, &server), -EEXIST);
    assert_int_equal(unlink("control"), 0);
    testing_write_file(UNIXSOCK_NEW_NAME, "data", 4, 0600);
    assert_int_equal(unixsock_listen(&options, &server), -EEXIST);
    assert_int_equal(unlink(UNIXSOCK_NEW_NAME), 0);
    options.directory = "missing";
    assert_int_equal(unixsock_listen(&options, &server), -ENOENT);
    assert_int_equal(server, -1);
}

static void test_longest_path(void **state) {
    (void)state;
    char directory[UNIXSOCK_PATH_MAX];
    (void)snprintf(directory, sizeof directory, "%s/", testing_folder());
    size_t length = strlen(directory);
    size_t wanted = UNIXSOCK_PATH_MAX - strlen("/control");
    memset(directory + length, 'd', wanted - length);
    directory[wanted] = '\0';
    assert_int_equal(mkdir(directory, 0700), 0);
    struct unixsock_listen options = control();
    options.directory = directory;
    int server = -1;
    int client = -1;
    assert_int_equal(unixsock_listen(&options, &server), 0);
    char path[UNIXSOCK_PATH_MAX + 2];
    (void)snprintf(path, sizeof path, "%s/control", directory);
    assert_int_equal(strlen(path), UNIXSOCK_PATH_MAX);
    assert_int_equal(unixsock_connect(path, SOCK_STREAM, USEC_PER_SEC, &client), 0);
    assert_int_equal(close(client) | close(server), 0);
    options.name = "controls";
    assert_int_equal(unixsock_listen(&options, &server), -ENAMETOOLONG);
    (void)snprintf(path, sizeof path, "%s/controls", directory);
    assert_int_equal(unixsock_connect(path, SOCK_STREAM, USEC_PER_SEC, &client), -ENAMETOOLONG);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, testing_setup, testing_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_listen_and_connect),     CASE(test_stale_socket_is_replaced),
        CASE(test_a_full_queue_times_out), CASE(test_datagrams_with_credentials),
        CASE(test_what_stands_in_the_way), CASE(test_longest_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
