/* Conversations: what a client says, and what the supervisor understands or refuses. */
#include "protocol/request.h"

#include "base/alloc.h"
#include "protocol/frame.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"

static void test_understood(void **state) {
    (void)state;
    static const struct {
        const char *line;
        enum method method;
        const char *unit;
        const char *after;
        uint32_t signal;
        enum request_whom whom;
    } rows[] = {
        {HEAD "\"version\",\"params\":{}}", METHOD_VERSION, "", "", 0, 0},
        {HEAD "\"version\"}", METHOD_VERSION, "", "", 0, 0},
        {HEAD "\"list\"}", METHOD_LIST, "", "", 0, 0},
        {HEAD "\"list\",\"params\":{\"after\":\"a.service\"}}", METHOD_LIST, "", "a.service", 0, 0},
        {HEAD "\"start\",\"params\":{\"unit\":\"web.service\"}}", METHOD_START, "web.service", "",
         0, 0},
        {HEAD "\"stop\",\"params\":{\"unit\":\"web.service\",\"new\":[{}]}}", METHOD_STOP,
         "web.service", "", 0, 0},
        {HEAD "\"reset-failed\"}", METHOD_RESET_FAILED, "", "", 0, 0},
        {HEAD "\"reset-failed\",\"params\":{\"unit\":\"x.service\"}}", METHOD_RESET_FAILED,
         "x.service", "", 0, 0},
        {HEAD "\"kill\",\"params\":{\"unit\":\"w.service\",\"signal\":15,\"whom\":\"main\"}}",
         METHOD_KILL, "w.service", "", 15, REQUEST_WHOM_MAIN},
        {HEAD "\"kill\",\"params\":{\"unit\":\"w.service\",\"signal\":64,\"whom\":\"all\"}}",
         METHOD_KILL, "w.service", "", 64, REQUEST_WHOM_ALL},
        {" { \"params\" : { } , \"method\" : \"shutdown\", \"id\":1, \"jsonrpc\":\"2.0\" } ",
         METHOD_SHUTDOWN, "", "", 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct request request;
        struct fault fault;
        assert_int_equal(request_decode(rows[i].line, strlen(rows[i].line), &request, &fault), 0);
        assert_int_equal(request.id.kind, MESSAGE_ID_NUMBER);
        assert_int_equal(request.id.number, 1);
        assert_int_equal(request.method, rows[i].method);
        assert_string_equal(request.unit, rows[i].unit);
        assert_string_equal(request.after, rows[i].after);
        assert_int_equal(request.signal, rows[i].signal);
        assert_int_equal(request.whom, rows[i].whom);
    }
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        const char *line;
        int code;
        const char *member;
    } rows[] = {
        {"", FAULT_NOT_JSON, ""},
        {"start web", FAULT_NOT_JSON, ""},
        {"{", FAULT_NOT_JSON, ""},
        {"[]", FAULT_NOT_JSON, ""},
        {"[" HEAD "\"list\"}]", FAULT_NOT_JSON, ""},
        {"null", FAULT_NOT_JSON, ""},
        {HEAD "\"list\"} {}", FAULT_NOT_JSON, ""},
        {HEAD "\"list\",\"method\":\"stop\"}", FAULT_NOT_JSON, ""},
        {HEAD "\"li\\u0000st\"}", FAULT_NOT_JSON, ""},
        {HEAD "\"\xff\xfe\"}", FAULT_NOT_JSON, ""},
        {HEAD "\"list\",\"x\":1e999}", FAULT_NOT_JSON, ""},
        {"{}", FAULT_INVALID_REQUEST, ""},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"list\"}", FAULT_INVALID_REQUEST, ""},
        {"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"list\"}", FAULT_INVALID_REQUEST, ""},
        {"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"list\"}", FAULT_INVALID_REQUEST, ""},
        {"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"list\"}", FAULT_INVALID_REQUEST, ""},
        {"{\"jsonrpc\":2.0,\"id\":1,\"method\":\"list\"}", FAULT_INVALID_REQUEST, ""},
        {"{\"id\":1,\"method\":\"list\"}", FAULT_INVALID_REQUEST, ""},
        {"{\"jsonrpc\":\"2.0\",\"id\":1}", FAULT_INVALID_REQUEST, ""},
        {HEAD "7}", FAULT_INVALID_REQUEST, ""},
        {HEAD "\"reboot\"}", FAULT_UNKNOWN_METHOD, ""},
        {HEAD "\"start\",\"params\":[\"web.service\"]}", FAULT_INVALID_PARAMS, ""},
        {HEAD "\"start\",\"params\":null}", FAULT_INVALID_PARAMS, ""},
        {HEAD "\"start\"}", FAULT_INVALID_PARAMS, "unit"},
        {HEAD "\"start\",\"params\":{}}", FAULT_INVALID_PARAMS, "unit"},
        {HEAD "\"start\",\"params\":{\"unit\":1}}", FAULT_INVALID_PARAMS, "unit"},
        {HEAD "\"start\",\"params\":{\"unit\":\"\"}}", FAULT_INVALID_PARAMS, "unit"},
        {HEAD "\"load\",\"params\":{\"unit\":\"../../etc/x.service\"}}", FAULT_INVALID_PARAMS,
         "unit"},
        {HEAD "\"list\",\"params\":{\"after\":2}}", FAULT_INVALID_PARAMS, "after"},
        {HEAD "\"kill\",\"params\":{\"unit\":\"w.service\",\"whom\":\"all\"}}",
         FAULT_INVALID_PARAMS, "signal"},
        {HEAD "\"kill\",\"params\":{\"unit\":\"w.service\",\"whom\":\"all\",\"signal\":0}}",
         FAULT_INVALID_PARAMS, "signal"},
        {HEAD "\"kill\",\"params\":{\"unit\":\"w.service\",\"whom\":\"all\",\"signal\":65}}",
         FAULT_INVALID_PARAMS, "signal"},
        {HEAD "\"kill\",\"params\":{\"unit\":\"w.service\",\"whom\":\"all\",\"signal\":\"TERM\"}}",
         FAULT_INVALID_PARAMS, "signal"},
        {HEAD "\"kill\",\"params\":{\"unit\":\"w.service\",\"signal\":9}}", FAULT_INVALID_PARAMS,
         "whom"},
        {HEAD "\"kill\",\"params\":{\"unit\":\"w.service\",\"signal\":9,\"whom\":\"none\"}}",
         FAULT_INVALID_PARAMS, "whom"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct request request;
        struct fault fault;
        int r = request_decode(rows[i].line, strlen(rows[i].line), &request, &fault);
        assert_int_equal(r, REQUEST_REFUSED);
        assert_int_equal(fault.code, rows[i].code);
        assert_string_equal(fault.member, rows[i].member);
        assert_true(fault.message[0] != '\0');
    }
}

/* A refusal is an answer too, so it needs the id where there is one. */
static void test_refusal_keeps_the_id(void **state) {
    (void)state;
    static const char text[] = "{\"id\":\"abc\",\"jsonrpc\":\"2.0\",\"method\":\"nope\"}";
    static const char none[] = "{\"id\":true,\"jsonrpc\":\"2.0\",\"method\":\"list\"}";
    struct request request;
    struct fault fault;
    assert_int_equal(request_decode(text, strlen(text), &request, &fault), REQUEST_REFUSED);
    assert_int_equal(request.id.kind, MESSAGE_ID_TEXT);
    assert_string_equal(request.id.text, "abc");
    assert_int_equal(request_decode(none, strlen(none), &request, &fault), REQUEST_REFUSED);
    assert_int_equal(request.id.kind, MESSAGE_ID_NULL);
}

static void test_id_text_has_a_limit(void **state) {
    (void)state;
    char line[256] = "{\"jsonrpc\":\"2.0\",\"method\":\"list\",\"id\":\"";
    size_t head = strlen(line);
    for (size_t length = MESSAGE_ID_TEXT_SIZE - 1; length <= MESSAGE_ID_TEXT_SIZE; length++) {
        memset(line + head, 'i', length);
        memcpy(line + head + length, "\"}", 3);
        struct request request;
        struct fault fault;
        int r = request_decode(line, strlen(line), &request, &fault);
        assert_int_equal(r, length < MESSAGE_ID_TEXT_SIZE ? 0 : REQUEST_REFUSED);
    }
}

/* As deep as a line can be: refused, not a stack that overflows. */
static void test_nesting_is_refused(void **state) {
    (void)state;
    char *line = alloc_zeroed(FRAME_LINE_MAX, 1);
    assert_non_null(line);
    memset(line, '[', FRAME_LINE_MAX - 1);
    static const char head[] = "{\"id\":";
    for (size_t i = 0; head[i] != '\0'; i++) {
        line[i] = head[i];
    }
    struct request request;
    struct fault fault;
    assert_int_equal(request_decode(line, FRAME_LINE_MAX - 1, &request, &fault), REQUEST_REFUSED);
    assert_int_equal(fault.code, FAULT_NOT_JSON);
    cleanup_free(&line);
}

static void test_encoded_is_decoded(void **state) {
    (void)state;
    static const struct request requests[] = {
        {.id = {.kind = MESSAGE_ID_NUMBER, .number = INT64_MAX}, .method = METHOD_VERSION},
        {.id = {.kind = MESSAGE_ID_TEXT, .text = "a \"b\""},
         .method = METHOD_LIST,
         .after = "a.service"},
        {.id = {.kind = MESSAGE_ID_NUMBER, .number = -1},
         .method = METHOD_STOP,
         .unit = "a\\x2d.service"},
        {.id = {.kind = MESSAGE_ID_NUMBER},
         .method = METHOD_KILL,
         .unit = "a.service",
         .signal = 9,
         .whom = REQUEST_WHOM_MAIN},
        {.id = {.kind = MESSAGE_ID_NUMBER}, .method = METHOD_RESET_FAILED},
    };
    for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
        auto_free char *line = NULL;
        struct request decoded;
        struct fault fault;
        assert_int_equal(request_encode(&requests[i], &line), 0);
        size_t length = strlen(line);
        assert_int_equal(line[length - 1], '\n');
        assert_int_equal(request_decode(line, length - 1, &decoded, &fault), 0);
        assert_memory_equal(&decoded, &requests[i], sizeof(decoded));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_understood),           cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refusal_keeps_the_id), cmocka_unit_test(test_id_text_has_a_limit),
        cmocka_unit_test(test_nesting_is_refused),   cmocka_unit_test(test_encoded_is_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
