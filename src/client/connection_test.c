/* The supervisor's part is played by the other end of a pair: its answers are there beforehand. */
#include "client/connection.h"

#include "base/alloc.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct pair {
    struct connection connection;
    int peer;
};

static void open_pair(struct pair *pair) {
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    *pair = (struct pair){.connection = {.fd = fds[0]}, .peer = fds[1]};
}

static void close_pair(struct pair *pair) {
    connection_close(&pair->connection);
    pair->peer = fd_close(pair->peer);
}

static void say(struct pair *pair, const char *text) {
    assert_int_equal(write(pair->peer, text, strlen(text)), strlen(text));
}

static void test_call(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair);
    say(&pair, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"changed\":true}}\n");
    struct request request = {.method = METHOD_LOAD, .unit = "a.service"};
    auto_(response_fini) struct response response = {0};
    assert_int_equal(connection_call(&pair.connection, &request, USEC_PER_SEC, &response), 0);
    assert_int_equal(response.kind, RESPONSE_LOAD);
    assert_true(response.load.changed);
    char sent[256] = "";
    assert_true(read(pair.peer, sent, sizeof(sent) - 1) > 0);
    assert_string_equal(sent, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"load\","
                              "\"params\":{\"unit\":\"a.service\"}}\n");
    close_pair(&pair);
}

/* Answers in another order, one of them to nobody, in one piece and then cut in two. */
static void test_answers_in_any_order(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair);
    struct request load = {.method = METHOD_LOAD, .unit = "a.service"};
    struct request list = {.method = METHOD_LIST};
    int64_t first;
    int64_t second;
    assert_int_equal(connection_send(&pair.connection, &load, &first), 0);
    assert_int_equal(connection_send(&pair.connection, &list, &second), 0);
    say(&pair, "{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}\n"
               "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"units\":[]}}\n{\"jsonrpc\":\"2.0\",");
    struct response response = {0};
    assert_int_equal(connection_receive(&pair.connection, USEC_PER_SEC, &response), 0);
    assert_int_equal(response.id.number, second);
    assert_int_equal(response.kind, RESPONSE_LIST);
    response_fini(&response);
    assert_int_equal(connection_receive(&pair.connection, 0, &response), -ETIMEDOUT);
    say(&pair, "\"id\":1,\"error\":{\"code\":4,\"message\":\"no\"}}\n");
    assert_int_equal(connection_receive(&pair.connection, USEC_PER_SEC, &response), 0);
    assert_int_equal(response.id.number, first);
    assert_int_equal(response.kind, RESPONSE_FAULT);
    assert_int_equal(response.fault.code, FAULT_NO_SUCH_SERVICE);
    response_fini(&response);
    close_pair(&pair);
}

static void test_no_more_than_may_be_outstanding(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair);
    struct request request = {.method = METHOD_LIST};
    int64_t id;
    for (size_t i = 0; i < REQUEST_OUTSTANDING_MAX; i++) {
        assert_int_equal(connection_send(&pair.connection, &request, &id), 0);
    }
    assert_int_equal(connection_send(&pair.connection, &request, &id), -EBUSY);
    say(&pair, "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"units\":[]}}\n");
    auto_(response_fini) struct response response = {0};
    assert_int_equal(connection_receive(&pair.connection, USEC_PER_SEC, &response), 0);
    assert_int_equal(connection_send(&pair.connection, &request, &id), 0);
    assert_int_equal(id, REQUEST_OUTSTANDING_MAX + 1);
    close_pair(&pair);
}

static void test_what_is_no_supervisor(void **state) {
    (void)state;
    static const char *const texts[] = {
        "HTTP/1.1 200 OK\r\n",
        "\n",
        "{}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"?\"}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"units\":3}}\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct pair pair;
        open_pair(&pair);
        say(&pair, texts[i]);
        struct request request = {.method = METHOD_LIST};
        struct response response = {0};
        assert_int_equal(connection_call(&pair.connection, &request, USEC_PER_SEC, &response),
                         -EBADMSG);
        close_pair(&pair);
    }
}

static void test_endless_line(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair);
    char *flood = alloc_zeroed(FRAME_LINE_MAX, 1);
    assert_non_null(flood);
    memset(flood, ' ', FRAME_LINE_MAX);
    size_t sent = 0;
    int r = -ETIMEDOUT;
    struct request request = {.method = METHOD_LIST};
    struct response response = {0};
    int64_t id;
    assert_int_equal(connection_send(&pair.connection, &request, &id), 0);
    /* As much at a time as the pair takes. */
    for (size_t i = 0; i < FRAME_LINE_MAX && sent < FRAME_LINE_MAX; i++) {
        ssize_t n = write(pair.peer, flood, FRAME_LINE_MAX - sent);
        assert_true(n > 0);
        sent += (size_t)n;
        r = connection_receive(&pair.connection, 0, &response);
        assert_int_equal(r, sent < FRAME_LINE_MAX ? -ETIMEDOUT : -EBADMSG);
    }
    assert_int_equal(r, -EBADMSG);
    cleanup_free(&flood);
    close_pair(&pair);
}

static void test_it_goes_away(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair);
    struct request request = {.method = METHOD_SHUTDOWN};
    struct response response = {0};
    int64_t id;
    assert_int_equal(connection_send(&pair.connection, &request, &id), 0);
    char sent[128];
    assert_true(read(pair.peer, sent, sizeof(sent)) > 0);
    pair.peer = fd_close(pair.peer);
    assert_int_equal(connection_receive(&pair.connection, USEC_INFINITY, &response), -ECONNRESET);
    assert_int_equal(connection_send(&pair.connection, &request, &id), -EPIPE);
    close_pair(&pair);
}

static void test_nobody_is_there(void **state) {
    (void)state;
    struct connection connection = CONNECTION_CLOSED;
    assert_int_equal(connection_open("/tmp/abide-no-such-home/control", 1, &connection), -ENOENT);
    connection_close(&connection);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_answers_in_any_order),
        cmocka_unit_test(test_no_more_than_may_be_outstanding),
        cmocka_unit_test(test_what_is_no_supervisor),
        cmocka_unit_test(test_endless_line),
        cmocka_unit_test(test_it_goes_away),
        cmocka_unit_test(test_nobody_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
