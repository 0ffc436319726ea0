/*
 * With the cgroup2 of this machine, in a base of its own that is removed again; skipped where it
 * may not be written. Spawning into a cgroup is tested here, too.
 */
#include "os/cgroup.h"

#include "os/spawn.h"
#include "os/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS_MAX 2000

static int base = -1;
static char base_path[PATH_MAX];
static char base_name[32];
static struct spawner spawner;
static int null_fd = -1;

static char shell[] = "sh";
static char option[] = "-c";
static char script[256];
static char *const script_argv[] = {shell, option, script, NULL};
static char search_path[] = "PATH=/usr/bin:/bin";
static char *const environment[] = {search_path, NULL};

static int setup(void **state) {
    (void)testing_setup(state);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    assert_int_equal(spawner_open(&spawner), 0);
    (void)snprintf(base_name, sizeof base_name, "abide-test-%d", getpid());
    if (cgroup_find_base(base_name, base_path, sizeof base_path) < 0) {
        return 0; /* Each test skips itself. */
    }
    assert_int_equal(cgroup_open_base(base_path, &base), 0);
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    return 0;
}

/* Removing may be early by some milliseconds. */
static void remove_soon(const char *name) {
    int error = -EBUSY;
    for (int i = 0; i < ROUNDS_MAX && error == -EBUSY; i++) {
        error = cgroup_remove(base, name);
        (void)usleep(1000);
    }
    assert_int_equal(error, 0);
}

static int teardown(void **state) {
    if (base >= 0) {
        (void)cgroup_kill(base); /* Whatever a failed test has left; the base goes, too. */
        while (waitpid(-1, NULL, 0) > 0) {
        }
        int result = -1;
        for (int i = 0; i < ROUNDS_MAX && result < 0; i++) {
            result = rmdir(base_path);
            (void)usleep(1000);
        }
        assert_int_equal(result, 0);
        assert_int_equal(close(base) | close(null_fd), 0);
        base = -1;
    }
    spawner_close(&spawner);
    return testing_teardown(state);
}

static struct spawn_result spawn_script(int cgroup, enum spawn_method method, const char *text) {
    int told[2];
    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    (void)snprintf(script, sizeof script, "%s", text);
    struct spawn_options options = SPAWN_OPTIONS_INIT;
    options.path = "/bin/sh";
    options.argv = script_argv;
    options.envp = environment;
    options.stdio[0] = null_fd;
    options.stdio[1] = told[1];
    options.cgroup_fd = cgroup;
    options.method = method;
    struct spawn_result result;
    assert_int_equal(spawn(&spawner, &options, &result), SPAWN_STARTED);
    assert_int_equal(close(told[1]) | close(result.pidfd), 0);
    char line[256];
    testing_read_all(told[0], line, sizeof line);
    assert_string_equal(line, "ready\n");
    assert_int_equal(close(told[0]), 0);
    return result;
}

#define SLEEPS "echo ready; exec >/dev/null; sleep 100 & setsid sleep 100 & wait"

static void test_spawned_into_and_killed(void **state) {
    (void)state;
    if (base < 0) {
        skip();
    }
    for (enum spawn_method method = SPAWN_METHOD_CLONE3; method <= SPAWN_METHOD_VFORK; method++) {
        char name[16];
        (void)snprintf(name, sizeof name, "run.%d", (int)method);
        int cgroup = -1;
        assert_int_equal(cgroup_make(base, name, &cgroup), 0);
        assert_int_equal(cgroup_make(base, name, &cgroup), -EEXIST);
        assert_int_equal(cgroup_is_populated(cgroup), 0);
        struct spawn_result result = spawn_script(cgroup, method, SLEEPS);
        assert_int_equal(result.method, method);
        assert_int_equal(cgroup_is_populated(cgroup), 1);
        assert_int_equal(cgroup_remove(base, name), -EBUSY);
        int events = -1;
        assert_int_equal(cgroup_open_events(cgroup, &events), 0);
        char text[64];
        testing_read_all(events, text, sizeof text);
        assert_int_equal(cgroup_kill(cgroup), 0);
        int status = 0;
        assert_int_equal(waitpid(result.identity.pid, &status, 0), result.identity.pid);
        assert_int_equal(status, W_EXITCODE(0, SIGKILL));
        while (waitpid(-1, NULL, 0) > 0) {
        }
        assert_int_equal(cgroup_is_populated(cgroup), 0);
        struct pollfd entry = {.fd = events, .events = POLLPRI};
        assert_int_equal(poll(&entry, 1, 10000), 1);
        remove_soon(name);
        assert_int_equal(cgroup_remove(base, name), 0);
        assert_int_equal(close(events) | close(cgroup), 0);
    }
}

static void test_signal_goes_to_the_whole_subtree(void **state) {
    (void)state;
    if (base < 0) {
        skip();
    }
    int outer = -1;
    int inner = -1;
    int deepest = -1;
    assert_int_equal(cgroup_make(base, "outer", &outer), 0);
    assert_int_equal(cgroup_make(outer, "inner", &inner), 0);
    assert_int_equal(cgroup_make(inner, "deepest", &deepest), 0);
    pid_t first = spawn_script(outer, SPAWN_METHOD_CLONE3, "echo ready; exec sleep 100 >/dev/null")
                      .identity.pid;
    pid_t second =
        spawn_script(deepest, SPAWN_METHOD_CLONE3, "echo ready; exec sleep 100 >/dev/null")
            .identity.pid;
    size_t n = 0;
    assert_int_equal(cgroup_signal(outer, 0, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(cgroup_signal(inner, SIGTERM, &n), 0);
    assert_int_equal(n, 1);
    int status = 0;
    assert_int_equal(waitpid(second, &status, 0), second);
    assert_int_equal(status, W_EXITCODE(0, SIGTERM));
    assert_int_equal(cgroup_signal(outer, SIGTERM, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(waitpid(first, &status, 0), first);
    assert_int_equal(cgroup_is_populated(outer), 0);
    assert_int_equal(close(inner) | close(deepest) | close(outer), 0);
    remove_soon("outer");
    assert_int_equal(cgroup_open(base, "outer", &outer), -ENOENT);
}

/* More than one batch, and each of them once. */
static void test_many_processes(void **state) {
    (void)state;
    if (base < 0) {
        skip();
    }
    int cgroup = -1;
    assert_int_equal(cgroup_make(base, "many", &cgroup), 0);
    (void)spawn_script(cgroup, SPAWN_METHOD_CLONE3,
                       "i=0; while [ $i -lt 150 ]; do (trap '' USR1; exec sleep 100 >/dev/null) & "
                       "i=$((i+1)); done; echo ready; exec >/dev/null; trap : USR1; "
                       "while :; do wait; done");
    size_t n = 0;
    assert_int_equal(cgroup_signal(cgroup, 0, &n), 0);
    assert_int_equal(n, 151);
    assert_int_equal(cgroup_kill(cgroup), 0);
    while (waitpid(-1, NULL, 0) > 0) {
    }
    assert_int_equal(close(cgroup), 0);
    remove_soon("many");
}

static void test_a_base_is_found_again(void **state) {
    (void)state;
    if (base < 0) {
        skip();
    }
    char path[PATH_MAX];
    assert_int_equal(cgroup_find_base(base_name, path, sizeof path), 0);
    assert_string_equal(path, base_path);
    assert_int_equal(cgroup_find_base(base_name, path, 4), -ENAMETOOLONG);
    int fd = -1;
    assert_int_equal(cgroup_open_base("/tmp", &fd), -EMEDIUMTYPE);
    assert_int_equal(cgroup_open_base("/nonexistent", &fd), -ENOENT);
}

/* Without rights nothing is found, and nothing is left behind. */
static void as_another_user(void) {
    char path[PATH_MAX];
    assert_int_equal(setgid(65534) | setuid(65534), 0);
    assert_true(cgroup_find_base("abide-test-none", path, sizeof path) < 0);
}

static void test_without_rights(void **state) {
    (void)state;
    if (geteuid() != 0 || base < 0) {
        skip();
    }
    testing_in_fork(as_another_user);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_spawned_into_and_killed), CASE(test_signal_goes_to_the_whole_subtree),
        CASE(test_many_processes),          CASE(test_a_base_is_found_again),
        CASE(test_without_rights),
    };
    /* Whoever runs the tests may have left descriptors open; the spawner wants their numbers. */
    (void)close_range(SPAWN_FD_FIRST, ~0U, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
