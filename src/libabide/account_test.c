/* Lookups only; nothing is assumed here, so no privilege is needed. Names are Debian's. */
#include "libabide/account.h"

#include "abide.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY 65534
/* Ids of nobody on Debian: between those of /etc/adduser.conf and those of systemd. */
#define UNUSED "61111"

/* cmocka's skip() says "not ok", which meson takes for a failure. */
static bool lacks_root(void) {
    if (geteuid() != 0) {
        print_message("# not looked at: it needs root\n");
        return true;
    }
    return false;
}

static void test_none_is_asked_for(void **state) {
    (void)state;
    struct abide_daemon daemon = {0};
    struct account account = ACCOUNT_INIT;
    assert_int_equal(account_find(&account, &daemon), 0);
    assert_false(account.changes_uid);
    assert_false(account.changes_gid);
    assert_int_equal(account_assume(&account, &daemon), 0);
    account_fini(&account);
}

static void expect_nobody(const char *text) {
    struct abide_daemon daemon = {.user = text};
    struct account account = ACCOUNT_INIT;
    assert_int_equal(account_find(&account, &daemon), 0);
    if (geteuid() != NOBODY) {
        assert_true(account.changes_uid && account.changes_gid);
        assert_int_equal(account.n_groups, 1);
        assert_int_equal(account.groups[0], NOBODY);
    }
    assert_int_equal(account.uid, NOBODY);
    assert_int_equal(account.gid, NOBODY);
    assert_string_equal(account.name, "nobody");
    assert_string_equal(account.home, "/nonexistent");
    account_fini(&account);
    assert_null(account.name);
}

static void test_a_name_and_its_number_are_the_same(void **state) {
    (void)state;
    expect_nobody("nobody");
    expect_nobody("65534");
}

static void test_a_group_replaces_the_primary_one(void **state) {
    (void)state;
    const char *const groups[] = {"daemon", "1"};
    for (size_t i = 0; i < 2; i++) {
        struct abide_daemon daemon = {.user = "nobody", .group = groups[i]};
        struct account account = ACCOUNT_INIT;
        assert_int_equal(account_find(&account, &daemon), 0);
        assert_int_equal(account.uid, NOBODY);
        assert_int_equal(account.gid, 1);
        assert_int_equal(account.groups[0], 1);
        account_fini(&account);
    }
}

static void test_a_group_alone_leaves_the_user(void **state) {
    (void)state;
    struct abide_daemon daemon = {.group = "daemon"};
    struct account account = ACCOUNT_INIT;
    assert_int_equal(account_find(&account, &daemon), 0);
    assert_false(account.changes_uid);
    assert_true(account.changes_gid);
    assert_int_equal(account.gid, 1);
    assert_int_equal(account.n_groups, 1); /* none of the caller's stays */
    assert_int_equal(account.groups[0], 1);
    account_fini(&account);
}

static void test_a_number_without_an_entry_needs_a_group(void **state) {
    (void)state;
    struct abide_daemon daemon = {.user = UNUSED};
    struct account account = ACCOUNT_INIT;
    assert_int_equal(account_find(&account, &daemon), -ESRCH);
    assert_non_null(strstr(daemon.error, UNUSED));
    account_fini(&account);
    daemon.group = UNUSED;
    assert_int_equal(account_find(&account, &daemon), 0);
    assert_int_equal(account.uid, 61111);
    assert_int_equal(account.gid, 61111);
    assert_int_equal(account.n_groups, 1);
    assert_int_equal(account.groups[0], 61111);
    assert_null(account.name);
    account_fini(&account);
}

static void test_what_does_not_exist_is_refused_by_name(void **state) {
    (void)state;
    /* 4294967295 is (uid_t)-1, which setresuid(2) takes for "leave unchanged". */
    const char *const names[] = {
        "no-such-account",     "-1", "4294967295", "4294967296", "0x0", "12ab", " 0",
        "99999999999999999999"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct abide_daemon user = {.user = names[i], .group = "daemon"};
        struct abide_daemon group = {.group = names[i]};
        struct account account = ACCOUNT_INIT;
        assert_int_equal(account_find(&account, &user), -ESRCH);
        assert_non_null(strstr(user.error, names[i]));
        account_fini(&account);
        assert_int_equal(account_find(&account, &group), -ESRCH);
        assert_non_null(strstr(group.error, names[i]));
        account_fini(&account);
    }
}

/* Who asks, without privileges, for what they are already needs none. */
static void test_ones_own_account_changes_nothing(void **state) {
    (void)state;
    if (lacks_root()) {
        return;
    }
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct abide_daemon daemon = {.user = "nobody"};
        struct account account = ACCOUNT_INIT;
        if (setegid(NOBODY) < 0 || seteuid(NOBODY) < 0 || account_find(&account, &daemon) < 0) {
            _exit(1);
        }
        _exit(account.changes_uid || account.changes_gid ? 2 : 0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_is_asked_for),
        cmocka_unit_test(test_a_name_and_its_number_are_the_same),
        cmocka_unit_test(test_a_group_replaces_the_primary_one),
        cmocka_unit_test(test_a_group_alone_leaves_the_user),
        cmocka_unit_test(test_a_number_without_an_entry_needs_a_group),
        cmocka_unit_test(test_what_does_not_exist_is_refused_by_name),
        cmocka_unit_test(test_ones_own_account_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
