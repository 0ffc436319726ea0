/* Names of FIFOs, and the table under many services. */
#include "logger/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_pipe_names(void **state) {
    char longest[INFLIGHT_NAME_SIZE + 3];
    uint64_t run;
    size_t length;

    (void)state;
    assert_true(service_parse_pipe_name("web.service.12", &length, &run));
    assert_int_equal(length, strlen("web.service"));
    assert_int_equal(run, 12);
    assert_true(service_parse_pipe_name("a.999999999999999999", &length, &run));
    assert_false(service_parse_pipe_name("a.1000000000000000000", &length, &run));
    assert_false(service_parse_pipe_name("web.service", &length, &run));
    assert_false(service_parse_pipe_name("web.service.", &length, &run));
    assert_false(service_parse_pipe_name("web.service.01", &length, &run));
    assert_false(service_parse_pipe_name("web.service.1x", &length, &run));
    assert_false(service_parse_pipe_name("web.service.conf", &length, &run));
    assert_false(service_parse_pipe_name(".web.service.1", &length, &run));
    assert_false(service_parse_pipe_name(".1", &length, &run));
    assert_false(service_parse_pipe_name("", &length, &run));
    /* The longest name, and one more. */
    memset(longest, 'x', sizeof(longest));
    memcpy(longest + INFLIGHT_NAME_SIZE - 1, ".1", sizeof(".1"));
    assert_true(service_parse_pipe_name(longest, &length, &run));
    memcpy(longest + INFLIGHT_NAME_SIZE, ".1", sizeof(".1"));
    assert_false(service_parse_pipe_name(longest, &length, &run));
}

static void test_settings_names(void **state) {
    size_t length;

    (void)state;
    assert_true(service_parse_settings_name("web.service.conf", &length));
    assert_int_equal(length, strlen("web.service"));
    assert_false(service_parse_settings_name("web.service.1", &length));
    assert_false(service_parse_settings_name(".web.service.conf", &length));
    assert_false(service_parse_settings_name("conf", &length));
}

static void count(struct service *service, void *data) {
    (void)service;
    ++*(size_t *)data;
}

static void test_many_services(void **state) {
    struct service_table table = {0};
    size_t n_found = 0;
    char name[32];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct service *service;
        int length = snprintf(name, sizeof(name), "s%d.service", i);
        assert_int_equal(service_add(&table, name, (size_t)length, &service), 0);
    }
    for (int i = 0; i < 1000; i++) {
        /* Only the length says where the name ends. */
        int length = snprintf(name, sizeof(name), "s%d.service.1", i) - 2;
        struct service *service = service_find(&table, name, (size_t)length);
        assert_non_null(service);
        assert_int_equal(strlen(service->name), (size_t)length);
        if (i % 2 == 0) {
            service_remove(&table, service);
        }
    }
    assert_null(service_find(&table, "s0.service", strlen("s0.service")));
    service_for_each(&table, count, &n_found);
    assert_int_equal(n_found, 500);
    service_table_fini(&table);
}

static void test_runs_are_in_order(void **state) {
    static const uint64_t numbers[] = {5, 2, 9, 7};
    struct service_table table = {0};
    struct service *service;
    struct run *run;

    (void)state;
    assert_int_equal(service_add(&table, "a", 1, &service), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(service_add_run(service, numbers[i], /* fd_take= */ -1, &run), 0);
    }
    assert_ptr_equal(service_find_run(service, 7), run);
    assert_null(service_find_run(service, 8));
    service_remove_run(run);
    assert_int_equal(service->runs->number, 2);
    assert_int_equal(service->runs->next->number, 5);
    assert_int_equal(service->runs->next->next->number, 9);
    assert_null(service->runs->next->next->next);
    service_table_fini(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipe_names),
        cmocka_unit_test(test_settings_names),
        cmocka_unit_test(test_many_services),
        cmocka_unit_test(test_runs_are_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
