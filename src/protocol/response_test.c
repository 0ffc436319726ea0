/* Conversations: what a supervisor answers, and what the client makes of it. */
#include "protocol/response.h"

#include "base/alloc.h"
#include "base/str.h"
#include "protocol/frame.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ID_7                                                                                       \
    { .kind = MESSAGE_ID_NUMBER, .number = 7 }
#define HEAD "{\"jsonrpc\":\"2.0\",\"id\":7,"

static void expect_encoded(const struct response *response, const char *expected) {
    auto_free char *line = NULL;
    assert_int_equal(response_encode(response, "0.1.0", &line), 0);
    assert_string_equal(line, expected);
}

static void test_encoded(void **state) {
    (void)state;
    struct response done = {.id = ID_7, .kind = RESPONSE_DONE};
    expect_encoded(&done, HEAD "\"result\":{}}\n");
    struct response version = {.id = {.kind = MESSAGE_ID_TEXT, .text = "x"},
                               .kind = RESPONSE_VERSION,
                               .version = {"0.1.0", 1, 10, 11}};
    expect_encoded(&version, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"version\":\"0.1.0\","
                             "\"protocol\":1,\"supervisor_pid\":10,\"logger_pid\":11}}\n");
    char *units[] = {(char[]){"a.service"}, (char[]){"b\\.service"}, NULL};
    struct response list = {.id = ID_7, .kind = RESPONSE_LIST, .list = {.units = units}};
    expect_encoded(&list, HEAD "\"result\":{\"units\":[\"a.service\",\"b\\\\.service\"],"
                               "\"more\":false}}\n");
    struct response load = {.id = ID_7, .kind = RESPONSE_LOAD, .load = {.changed = true}};
    expect_encoded(&load, HEAD "\"result\":{\"changed\":true}}\n");
    struct response job = {
        .id = ID_7,
        .kind = RESPONSE_JOB,
        .job = {3, JOB_OUTCOME_FAILED, "failed", "failed", "exit-code", 0, "exited", NULL, true}};
    expect_encoded(&job, HEAD "\"result\":{\"job\":3,\"result\":\"failed\",\"active_state\":"
                              "\"failed\",\"sub_state\":\"failed\",\"unit_result\":\"exit-code\","
                              "\"main_pid\":0,\"reason\":\"exited\",\"detail\":\"\",\"kept\":true}}"
                              "\n");
}

static void test_faults_are_encoded_with_their_data(void **state) {
    (void)state;
    struct response response = {.kind = RESPONSE_FAULT};
    fault_set(&response.fault, FAULT_NO_SUCH_SERVICE, "there is no ", "x", ".service");
    expect_encoded(&response, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":4,"
                              "\"message\":\"there is no x.service\",\"data\":{}}}\n");
    fault_set(&response.fault, FAULT_UNKNOWN_METHOD, "no");
    expect_encoded(&response, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32601,"
                              "\"message\":\"no\",\"data\":{\"version\":\"0.1.0\"}}}\n");
    fault_set(&response.fault, FAULT_INVALID_PARAMS, "bad");
    memcpy(response.fault.member, "unit", 5);
    expect_encoded(&response, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32602,"
                              "\"message\":\"bad\",\"data\":{\"member\":\"unit\"}}}\n");
}

/* A path may hold any bytes; JSON may not. */
static void test_text_that_is_no_utf8(void **state) {
    (void)state;
    struct response job = {.id = ID_7,
                           .kind = RESPONSE_JOB,
                           .job = {.reason = "`/tmp/\xff\xfe`", .detail = "\xc3\xa4\n\033"}};
    auto_free char *line = NULL;
    assert_int_equal(response_encode(&job, "0", &line), 0);
    assert_non_null(strstr(line, "\"reason\":\"`/tmp/??`\""));
    assert_non_null(strstr(line, "\"detail\":\"\xc3\xa4\\n\\u001B\""));
}

/* Two texts of the worst kind, each byte of which is escaped in six: the line is still one. */
static void test_long_text_is_cut(void **state) {
    (void)state;
    char *text = alloc_zeroed(FRAME_LINE_MAX, 1);
    assert_non_null(text);
    memset(text, '\001', FRAME_LINE_MAX - 1);
    struct response job = {
        .id = ID_7, .kind = RESPONSE_JOB, .job = {.reason = text, .detail = text}};
    auto_free char *line = NULL;
    assert_int_equal(response_encode(&job, "0", &line), 0);
    assert_true(strlen(line) <= FRAME_LINE_MAX);
    auto_(response_fini) struct response decoded = {0};
    assert_int_equal(response_decode(line, strlen(line) - 1, METHOD_START, &decoded), 0);
    assert_int_equal(strlen(decoded.job.reason), 4096);
    cleanup_free(&text);
}

/* More names than a line holds come in several answers, each whole. */
static void test_list_is_paged(void **state) {
    (void)state;
    char **units = NULL;
    char name[] = "0000-with-a-rather-long-name.service";
    for (unsigned int i = 0; i < 3000; i++) {
        name[0] = (char)('0' + i / 1000);
        name[1] = (char)('0' + i / 100 % 10);
        name[2] = (char)('0' + i / 10 % 10);
        name[3] = (char)('0' + i % 10);
        assert_int_equal(str_list_append(&units, name, strlen(name)), 0);
    }
    size_t seen = 0;
    size_t n_pages = 0;
    bool more = true;
    while (more) {
        struct response list = {.id = ID_7, .kind = RESPONSE_LIST, .list = {.units = units + seen}};
        auto_free char *line = NULL;
        auto_(response_fini) struct response decoded = {0};
        assert_int_equal(response_encode(&list, "0", &line), 0);
        assert_true(strlen(line) <= FRAME_LINE_MAX);
        assert_int_equal(response_decode(line, strlen(line) - 1, METHOD_LIST, &decoded), 0);
        for (size_t i = 0; decoded.list.units[i] != NULL; i++) {
            assert_string_equal(decoded.list.units[i], units[seen]);
            seen++;
        }
        more = decoded.list.more;
        n_pages++;
        assert_true(n_pages < 10);
    }
    assert_int_equal(seen, 3000);
    assert_true(n_pages > 1);
    units = str_list_free(units);
}

#define JOB_REST                                                                                   \
    "\"active_state\":\"a\",\"sub_state\":\"s\",\"unit_result\":\"u\",\"main_pid\":5,"             \
    "\"reason\":\"r\",\"detail\":\"d\",\"kept\":false}}"

static void test_decoded(void **state) {
    (void)state;
    static const struct {
        enum method method;
        enum response_kind kind;
        const char *line;
    } rows[] = {
        {METHOD_KILL, RESPONSE_DONE, HEAD "\"result\":{}}"},
        {METHOD_SHUTDOWN, RESPONSE_DONE, HEAD "\"result\":{\"new\":1},\"x\":2}"},
        {METHOD_KILL, RESPONSE_FAULT, HEAD "\"error\":{\"code\":6,\"message\":\"m\"}}"},
        {METHOD_LIST, RESPONSE_FAULT,
         HEAD "\"error\":{\"code\":6,\"message\":\"m\",\"data\":null}}"},
        {METHOD_LIST, RESPONSE_LIST, HEAD "\"result\":{\"units\":[]}}"},
        {METHOD_LIST, RESPONSE_LIST, HEAD "\"result\":{\"units\":[\"a.service\"],\"more\":true}}"},
        {METHOD_LOAD, RESPONSE_LOAD, HEAD "\"result\":{\"changed\":false}}"},
        {METHOD_START, RESPONSE_JOB, HEAD "\"result\":{\"job\":1,\"result\":\"done\"," JOB_REST},
        {METHOD_VERSION, RESPONSE_VERSION,
         HEAD
         "\"result\":{\"version\":\"9\",\"protocol\":2,\"supervisor_pid\":1,\"logger_pid\":0}}"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        auto_(response_fini) struct response response = {0};
        const char *line = rows[i].line;
        assert_int_equal(response_decode(line, strlen(line), rows[i].method, &response), 0);
        assert_int_equal(response.kind, rows[i].kind);
        assert_int_equal(response.id.number, 7);
    }
}

static void test_not_an_answer(void **state) {
    (void)state;
    static const struct {
        enum method method;
        const char *line;
    } rows[] = {
        {METHOD_KILL, ""},
        {METHOD_KILL, "HTTP/1.1 400 Bad Request"},
        {METHOD_KILL, "{}"},
        {METHOD_KILL, "{\"result\":{}}"},
        {METHOD_KILL, HEAD "\"result\":[]}"},
        {METHOD_KILL, HEAD "\"result\":{},\"error\":{\"code\":1,\"message\":\"m\"}}"},
        {METHOD_KILL, HEAD "\"error\":{\"code\":\"1\",\"message\":\"m\"}}"},
        {METHOD_KILL, HEAD "\"error\":{\"code\":1}}"},
        {METHOD_KILL, HEAD "\"error\":null}"},
        {METHOD_LIST, HEAD "\"result\":{}}"},
        {METHOD_LIST, HEAD "\"result\":{\"units\":[1]}}"},
        {METHOD_LIST, HEAD "\"result\":{\"units\":[\"a.service\",\"../b.service\"]}}"},
        {METHOD_LIST, HEAD "\"result\":{\"units\":[\"a.service\"],\"more\":1}}"},
        {METHOD_LOAD, HEAD "\"result\":{\"changed\":1}}"},
        {METHOD_START, HEAD "\"result\":{\"job\":1,\"result\":\"great\"," JOB_REST},
        {METHOD_START, HEAD "\"result\":{\"job\":-1,\"result\":\"done\"," JOB_REST},
        {METHOD_START, HEAD "\"result\":{\"job\":1,\"result\":\"done\"}}"},
        {METHOD_VERSION, HEAD "\"result\":{\"version\":\"9\",\"protocol\":2}}"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct response response = {0};
        const char *line = rows[i].line;
        assert_int_equal(response_decode(line, strlen(line), rows[i].method, &response), -EBADMSG);
        assert_null(response.document);
    }
}

static void test_job_report_survives(void **state) {
    (void)state;
    struct response job = {.id = ID_7,
                           .kind = RESPONSE_JOB,
                           .job = {INT64_MAX, JOB_OUTCOME_TIMEOUT, "activating", "start", "timeout",
                                   4194304, "why", "how", true}};
    auto_free char *line = NULL;
    assert_int_equal(response_encode(&job, "0", &line), 0);
    auto_(response_fini) struct response decoded = {0};
    assert_int_equal(response_decode(line, strlen(line) - 1, METHOD_START, &decoded), 0);
    assert_true(decoded.job.job == job.job.job);
    assert_int_equal(decoded.job.outcome, JOB_OUTCOME_TIMEOUT);
    assert_string_equal(decoded.job.active_state, "activating");
    assert_string_equal(decoded.job.sub_state, "start");
    assert_string_equal(decoded.job.unit_result, "timeout");
    assert_int_equal(decoded.job.main_pid, 4194304);
    assert_string_equal(decoded.job.reason, "why");
    assert_string_equal(decoded.job.detail, "how");
    assert_true(decoded.job.kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encoded),
        cmocka_unit_test(test_faults_are_encoded_with_their_data),
        cmocka_unit_test(test_text_that_is_no_utf8),
        cmocka_unit_test(test_long_text_is_cut),
        cmocka_unit_test(test_list_is_paged),
        cmocka_unit_test(test_decoded),
        cmocka_unit_test(test_not_an_answer),
        cmocka_unit_test(test_job_report_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
