/* Each field of struct abide_daemon: its default, its limits, and an error that names it. */
#include "libabide/settings.h"

#include "abide.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int run_nothing(struct abide_daemon *daemon) {
    (void)daemon;
    return 0;
}

static void expect_refused(struct abide_daemon *daemon, int result, const char *word) {
    assert_int_equal(settings_check(daemon, SETTINGS_NEED_NOTHING), result);
    if (strstr(daemon->error, word) == NULL) {
        fail_msg("\"%s\" does not name %s", daemon->error, word);
    }
}

static void test_all_zero_is_valid(void **state) {
    (void)state;
    struct abide_daemon daemon = {0};
    assert_int_equal(settings_check(&daemon, SETTINGS_NEED_NOTHING), 0);
    assert_int_equal(settings_umask(&daemon), 022);
    assert_true(settings_start_timeout(&daemon) == 90000000);
    assert_true(settings_stop_timeout(&daemon) == 10000000);
    assert_true(settings_name(&daemon)[0] != '\0');
}

static void test_values_that_are_set_hold(void **state) {
    (void)state;
    struct abide_daemon daemon = {
        .name = "web", .start_timeout_usec = 1, .stop_timeout_usec = ABIDE_NO_TIMEOUT};
    assert_int_equal(settings_check(&daemon, SETTINGS_NEED_NOTHING), 0);
    assert_string_equal(settings_name(&daemon), "web");
    assert_true(settings_start_timeout(&daemon) == 1);
    assert_true(settings_stop_timeout(&daemon) == USEC_INFINITY);
}

static void test_null_is_refused(void **state) {
    (void)state;
    assert_int_equal(settings_check(NULL, SETTINGS_NEED_NOTHING), -EINVAL);
}

static void test_success_empties_the_error(void **state) {
    (void)state;
    struct abide_daemon daemon = {.error = "of the last call"};
    assert_int_equal(settings_check(&daemon, SETTINGS_NEED_NOTHING), 0);
    assert_string_equal(daemon.error, "");
}

static void test_umask(void **state) {
    (void)state;
    const struct {
        mode_t umask;
        mode_t effective;
    } allowed[] = {{0, 022}, {01, 01}, {027, 027}, {0777, 0777}, {ABIDE_UMASK_NONE, 0}};
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        struct abide_daemon daemon = {.umask = allowed[i].umask};
        assert_int_equal(settings_check(&daemon, SETTINGS_NEED_NOTHING), 0);
        assert_int_equal(settings_umask(&daemon), allowed[i].effective);
    }
    const mode_t refused[] = {ABIDE_UMASK_NONE + 1, ABIDE_UMASK_NONE | 022, 07777, (mode_t)-1};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        expect_refused(&(struct abide_daemon){.umask = refused[i]}, -EINVAL, "umask");
    }
}

static void test_enumerations(void **state) {
    (void)state;
    struct abide_daemon last = {.restart = ABIDE_RESTART_ALWAYS, .ready_when = ABIDE_READY_BY_CALL};
    assert_int_equal(settings_check(&last, SETTINGS_NEED_NOTHING), 0);
    const int wrong[] = {-1, 3, INT_MAX};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct abide_daemon policy = {0};
        struct abide_daemon moment = {0};
        /* Bytes, for the compiler knows that no such enumerator exists. */
        memcpy(&policy.restart, &wrong[i], sizeof(policy.restart));
        memcpy(&moment.ready_when, &wrong[i], sizeof(moment.ready_when));
        expect_refused(&policy, -EINVAL, "restart");
        expect_refused(&moment, -EINVAL, "ready_when");
    }
}

static void test_reserved_fields_are_zero(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(((struct abide_daemon *)0)->reserved) / sizeof(uint64_t); i++) {
        struct abide_daemon daemon = {0};
        daemon.reserved[i] = 1;
        expect_refused(&daemon, -EINVAL, "reserved");
    }
}

static void test_texts_are_neither_empty_nor_endless(void **state) {
    (void)state;
    static char longest[PATH_MAX];
    static char longer[PATH_MAX + 1];
    memset(longest, 'x', PATH_MAX - 1);
    memset(longer, 'x', PATH_MAX);
    const struct {
        const char *field;
        size_t offset;
    } texts[] = {
        {"name", offsetof(struct abide_daemon, name)},
        {"pidfile", offsetof(struct abide_daemon, pidfile)},
        {"stdin_path", offsetof(struct abide_daemon, stdin_path)},
        {"stdout_path", offsetof(struct abide_daemon, stdout_path)},
        {"stderr_path", offsetof(struct abide_daemon, stderr_path)},
        {"working_directory", offsetof(struct abide_daemon, working_directory)},
        {"user", offsetof(struct abide_daemon, user)},
        {"group", offsetof(struct abide_daemon, group)},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct abide_daemon daemon = {0};
        const char **value = (const char **)(void *)((char *)&daemon + texts[i].offset);
        *value = "";
        expect_refused(&daemon, -EINVAL, texts[i].field);
        *value = longer;
        expect_refused(&daemon, -EINVAL, texts[i].field);
        *value = longest;
        assert_int_equal(settings_check(&daemon, SETTINGS_NEED_NOTHING), 0);
    }
}

static void test_keep_fds(void **state) {
    (void)state;
    auto_fd int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(fd > 2);
    int fds[ABIDE_KEEP_FDS_MAX + 1];
    for (size_t i = 0; i <= ABIDE_KEEP_FDS_MAX; i++) {
        fds[i] = fd;
    }
    struct abide_daemon daemon = {.keep_fds = fds, .n_keep_fds = ABIDE_KEEP_FDS_MAX};
    assert_int_equal(settings_check(&daemon, SETTINGS_NEED_NOTHING), 0);
    daemon.n_keep_fds++;
    expect_refused(&daemon, -EINVAL, "n_keep_fds");
    expect_refused(&(struct abide_daemon){.n_keep_fds = 1}, -EINVAL, "keep_fds");
    for (int i = 0; i <= 2; i++) {
        expect_refused(&(struct abide_daemon){.keep_fds = &i, .n_keep_fds = 1}, -EINVAL,
                       "keep_fds[0]");
    }
    const int closed[] = {fd, 1000000};
    expect_refused(&(struct abide_daemon){.keep_fds = closed, .n_keep_fds = 2}, -EBADF,
                   "keep_fds[1]");
    const int negative = -1;
    expect_refused(&(struct abide_daemon){.keep_fds = &negative, .n_keep_fds = 1}, -EBADF,
                   "keep_fds[0]");
}

static void test_what_a_call_needs(void **state) {
    (void)state;
    struct abide_daemon daemon = {0};
    assert_int_equal(settings_check(&daemon, SETTINGS_NEED_RUN), -EINVAL);
    assert_non_null(strstr(daemon.error, "run"));
    daemon.run = run_nothing;
    assert_int_equal(settings_check(&daemon, SETTINGS_NEED_RUN), 0);
    assert_int_equal(settings_check(&daemon, SETTINGS_NEED_PIDFILE), -EINVAL);
    assert_non_null(strstr(daemon.error, "pidfile"));
    daemon.pidfile = "/run/x.pid";
    assert_int_equal(settings_check(&daemon, SETTINGS_NEED_PIDFILE), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_zero_is_valid),
        cmocka_unit_test(test_values_that_are_set_hold),
        cmocka_unit_test(test_null_is_refused),
        cmocka_unit_test(test_success_empties_the_error),
        cmocka_unit_test(test_umask),
        cmocka_unit_test(test_enumerations),
        cmocka_unit_test(test_reserved_fields_are_zero),
        cmocka_unit_test(test_texts_are_neither_empty_nor_endless),
        cmocka_unit_test(test_keep_fds),
        cmocka_unit_test(test_what_a_call_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
