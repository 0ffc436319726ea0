/* Hostile names, cut lines, and a real process. */
#include "os/procstat.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define REST " 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 "
/* Fields 23 to 51. */
#define TAIL " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 1000 2000"

static void test_lines(void **state) {
    (void)state;
    const struct {
        const char *line;
        const char *comm;
        int result;
    } rows[] = {
        {"12 (sh) S 4 12 11" REST "987654" TAIL " 0\n", "sh", 0},
        {"12 (a) Z 1 (b) S 4 12 11" REST "987654" TAIL, "a) Z 1 (b", 0},
        {"12 (()) S 4 12 11" REST "987654" TAIL "\n", "()", 0},
        {"12 (fifteen_letters) S 4 12 11" REST "987654" TAIL, "fifteen_letters", 0},
        {"12 (sh) S 4 12 11" REST, "", -EBADMSG},
        {"12 (sh) S 4 12 11" REST "987654 1 2 3", "", -EBADMSG},
        {"12 (sh) S 4 12", "", -EBADMSG},
        {"12 (sh", "", -EBADMSG},
        {"12 sh) S", "", -EBADMSG},
        {"12 (sh)", "", -EBADMSG},
        {"12 () S 4 12 11" REST "987654" TAIL, "", 0},
        {"12 (sh) S x 12 11" REST "987654" TAIL, "", -EBADMSG},
        {"", "", -EBADMSG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct procstat stat;
        int result = procstat_parse(rows[i].line, strlen(rows[i].line), &stat);
        assert_int_equal(result, rows[i].result);
        if (result == 0) {
            assert_string_equal(stat.comm, rows[i].comm);
            assert_int_equal(stat.state, 'S');
            assert_int_equal(stat.ppid, 4);
            assert_int_equal(stat.pgrp, 12);
            assert_int_equal(stat.session, 11);
            assert_int_equal(stat.n_threads, 1);
            assert_int_equal(stat.start_time, 987654);
            assert_int_equal(stat.start_code, 4);
            assert_int_equal(stat.env_start, 1000);
            assert_int_equal(stat.env_end, 2000);
        }
    }
}

static void test_this_process(void **state) {
    (void)state;
    struct procstat stat;
    assert_int_equal(procstat_read(getpid(), &stat), 0);
    assert_string_equal(stat.comm, "procstat_test");
    assert_int_equal(stat.ppid, getppid());
    assert_int_equal(stat.pgrp, getpgrp());
    assert_int_equal(stat.session, getsid(0));
    assert_true(stat.start_time > 0);
    assert_true(stat.start_code > 0);
    assert_true(stat.env_end > stat.env_start);
    assert_int_equal(procstat_read(INT32_MAX, &stat), -ESRCH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_this_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
