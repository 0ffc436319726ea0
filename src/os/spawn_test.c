/*
 * Every way to make a child, with a shell that says what it finds. The fallbacks run twice: asked
 * for by the options, and forced by a seccomp filter as in a container.
 */
#include "os/spawn.h"

#include "os/reap.h"
#include "os/signals.h"
#include "os/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define OUTPUT_MAX 4096

static struct spawner spawner;

/* Arrays, because exec's vectors hold pointers to char that is not const. */
static char search_path[] = "PATH=/usr/bin:/bin";
static char greeting[] = "GREETING=hello";
static char *const environment[] = {search_path, greeting, NULL};
static char shell[] = "sh";
static char shell_option[] = "-c";
static char script_text[OUTPUT_MAX];
static char *const script_argv[] = {shell, shell_option, script_text, NULL};

static int setup(void **state) {
    (void)testing_setup(state);
    assert_int_equal(spawner_open(&spawner), 0);
    return 0;
}

static int teardown(void **state) {
    spawner_close(&spawner);
    return testing_teardown(state);
}

/* A shell that runs `script`; the options hold until the next call. */
static struct spawn_options script_options(const char *script) {
    (void)snprintf(script_text, sizeof script_text, "%s", script);
    struct spawn_options options = SPAWN_OPTIONS_INIT;
    options.path = "/bin/sh";
    options.argv = script_argv;
    options.envp = environment;
    return options;
}

static void expect_exit(const struct spawn_result *result, int wait_status) {
    int status = -1;
    assert_int_equal(waitpid(result->identity.pid, &status, 0), result->identity.pid);
    assert_int_equal(status, wait_status);
}

/* Runs a script with its stdout in a pipe, and gives what it said. */
static void run_script(const char *script, struct spawn_options options, char *output) {
    struct spawn_options shell_options = script_options(script);
    options.path = shell_options.path;
    options.argv = shell_options.argv;
    options.envp = shell_options.envp;
    int pipe_fds[2];
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    options.stdio[1] = pipe_fds[1];
    struct spawn_result result;
    assert_int_equal(spawn(&spawner, &options, &result), SPAWN_STARTED);
    assert_int_equal(close(pipe_fds[1]), 0);
    testing_read_all(pipe_fds[0], output, OUTPUT_MAX);
    assert_int_equal(close(pipe_fds[0]), 0);
    expect_exit(&result, 0);
    assert_int_equal(close(result.pidfd), 0);
}

static void test_program_runs(void **state) {
    (void)state;
    char output[OUTPUT_MAX];
    run_script("echo $GREETING; echo $#", (struct spawn_options)SPAWN_OPTIONS_INIT, output);
    assert_string_equal(output, "hello\n0\n");
}

static void test_each_method(void **state) {
    (void)state;
    for (enum spawn_method method = SPAWN_METHOD_CLONE3; method <= SPAWN_METHOD_VFORK; method++) {
        struct spawn_options options = script_options("exit 7");
        options.method = method;
        struct spawn_result result;
        assert_int_equal(spawn(&spawner, &options, &result), SPAWN_STARTED);
        assert_int_equal(result.method, method);
        assert_true(result.pidfd >= SPAWN_FD_END);
        assert_int_not_equal(fcntl(result.pidfd, F_GETFD) & FD_CLOEXEC, 0);
        struct identity expected;
        assert_int_equal(identity_of_pidfd(result.pidfd, result.identity.pid, &expected), 0);
        assert_int_equal(result.identity.pid, expected.pid);
        assert_int_equal(result.identity.inode, expected.inode);
        assert_int_equal(result.identity.start_time, expected.start_time);
        expect_exit(&result, W_EXITCODE(7, 0));
        assert_int_equal(close(result.pidfd), 0);
    }
}

static void ignore_number(int number) {
    (void)number;
}

/* A handler, an ignored signal and a mask of the parent: nothing of it reaches the program. */
static void test_signals_are_reset(void **state) {
    (void)state;
    struct sigaction handler = {.sa_handler = ignore_number};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction old[2];
    assert_int_equal(sigaction(SIGUSR1, &handler, &old[0]), 0);
    spawner_close(&spawner);
    assert_int_equal(sigaction(SIGUSR2, &ignore, &old[1]), 0);
    assert_int_equal(spawner_open(&spawner), 0);
    sigset_t blocked;
    sigset_t before;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &blocked, &before);
    for (enum spawn_method method = SPAWN_METHOD_CLONE3; method <= SPAWN_METHOD_VFORK; method++) {
        struct spawn_options options = SPAWN_OPTIONS_INIT;
        options.method = method;
        options.ignored_signals = SIGNALS_BIT(SIGPIPE);
        char output[OUTPUT_MAX];
        /* exec: a shell would set signals of its own. */
        run_script("exec sed -n '/^Sig[BIC]/p' /proc/self/status", options, output);
        assert_string_equal(output, "SigBlk:\t0000000000000000\n"
                                    "SigIgn:\t0000000000001000\n"
                                    "SigCgt:\t0000000000000000\n");
    }
    sigset_t after;
    (void)sigprocmask(SIG_SETMASK, &before, &after);
    assert_int_equal(sigismember(&after, SIGTERM), 1);
    assert_int_equal(sigismember(&after, SIGINT), 0);
    (void)sigaction(SIGUSR1, &old[0], NULL);
    (void)sigaction(SIGUSR2, &old[1], NULL);
}

static void test_attributes(void **state) {
    (void)state;
    assert_int_equal(mkdir("place", 0700), 0);
    const struct spawn_limit limits[] = {
        {.resource = RLIMIT_NOFILE, .limit = {.rlim_cur = 20, .rlim_max = 30}},
        {.resource = RLIMIT_CORE, .limit = {.rlim_cur = 0, .rlim_max = 0}},
    };
    struct spawn_options options = SPAWN_OPTIONS_INIT;
    options.cwd = "place";
    options.umask = 027;
    options.limits = limits;
    options.n_limits = 2;
    options.is_session = true;
    mode_t umask_before = umask(022);
    (void)umask(umask_before);
    char output[OUTPUT_MAX];
    run_script("umask; ulimit -Sn; ulimit -Hn; ulimit -c; basename $PWD; "
               "set -- $(cat /proc/$$/stat); [ $5 = $$ ] && [ $6 = $$ ] && echo leads",
               options, output);
    assert_string_equal(output, "0027\n20\n30\n0\nplace\nleads\n");
    mode_t umask_after = umask(umask_before);
    assert_int_equal(umask_after, umask_before);
    struct stat here;
    struct stat folder;
    assert_int_equal(stat(".", &here), 0);
    assert_int_equal(stat(testing_folder(), &folder), 0);
    assert_int_equal(here.st_ino, folder.st_ino);
}

/* Numbers asked for at both ends, one descriptor used twice, and no other descriptor arrives. */
static void test_descriptors(void **state) {
    (void)state;
    testing_write_file("three", "3", 1, 0600);
    testing_write_file("top", "top", 3, 0600);
    int three = open("three", O_RDONLY | O_CLOEXEC);
    int top = open("top", O_RDONLY | O_CLOEXEC);
    int other = open("three", O_RDONLY | O_CLOEXEC);
    for (enum spawn_method method = SPAWN_METHOD_CLONE3; method <= SPAWN_METHOD_VFORK; method++) {
        assert_int_equal(lseek(three, 0, SEEK_SET), 0);
        assert_int_equal(lseek(top, 0, SEEK_SET), 0);
        const struct spawn_fd fds[] = {
            {.fd = three, .target = 3},
            {.fd = three, .target = 4},
            {.fd = top, .target = SPAWN_FD_END - 1},
        };
        struct spawn_options options = SPAWN_OPTIONS_INIT;
        options.method = method;
        options.stdio[0] = top;
        options.fds = fds;
        options.n_fds = 3;
        char output[OUTPUT_MAX];
        run_script("ls -v /proc/$$/fd; cat <&3; cat /proc/self/fd/4; cat; cat /proc/self/fd/63",
                   options, output);
        assert_string_equal(output, "0\n1\n2\n3\n4\n63\n33toptop");
    }
    assert_int_equal(close(three) | close(top) | close(other), 0);
}

static void test_most_descriptors(void **state) {
    (void)state;
    struct spawn_fd fds[SPAWN_FDS_MAX + 1];
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i <= SPAWN_FDS_MAX; i++) {
        fds[i] = (struct spawn_fd){.fd = null, .target = SPAWN_FD_END - 1 - i};
    }
    struct spawn_options options = SPAWN_OPTIONS_INIT;
    options.stdio[0] = null;
    options.stdio[2] = null;
    options.fds = fds;
    options.n_fds = SPAWN_FDS_MAX;
    char output[OUTPUT_MAX];
    run_script("ls -v /proc/$$/fd; exit", options, output);
    const char *line = output;
    for (int i = 0; i < 3 + SPAWN_FDS_MAX; i++) {
        char *end = NULL;
        int number = i < 3 ? i : SPAWN_FD_END - SPAWN_FDS_MAX + i - 3;
        assert_int_equal(strtol(line, &end, 10), number);
        line = end + 1;
    }
    assert_string_equal(line, "");

    options = script_options("");
    options.fds = fds;
    options.n_fds = SPAWN_FDS_MAX + 1;
    struct spawn_result result;
    assert_int_equal(spawn(&spawner, &options, &result), -EINVAL);
    fds[1].target = fds[0].target;
    options.n_fds = 2;
    assert_int_equal(spawn(&spawner, &options, &result), -EINVAL);
    fds[1] = (struct spawn_fd){.fd = 9999, .target = 5};
    assert_int_equal(spawn(&spawner, &options, &result), -EBADF);
    assert_int_equal(close(null), 0);
}

/* The write end of a service's log must not stay open in the spawner, or its end is never seen. */
static void test_nothing_stays_parked(void **state) {
    (void)state;
    int pipe_fds[2];
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    struct spawn_options options = script_options("exit 0");
    const struct spawn_fd fd = {.fd = pipe_fds[1], .target = 10};
    options.fds = &fd;
    options.n_fds = 1;
    options.stdio[1] = pipe_fds[1];
    struct spawn_result result;
    assert_int_equal(spawn(&spawner, &options, &result), SPAWN_STARTED);
    expect_exit(&result, 0);
    assert_int_equal(close(result.pidfd) | close(pipe_fds[1]), 0);
    char byte;
    assert_int_equal(read(pipe_fds[0], &byte, 1), 0);
    assert_int_equal(close(pipe_fds[0]), 0);
}

static void test_failures_name_the_step(void **state) {
    (void)state;
    for (enum spawn_method method = SPAWN_METHOD_CLONE3; method <= SPAWN_METHOD_VFORK; method++) {
        struct spawn_options options = script_options("");
        options.method = method;
        struct spawn_result result;
        options.path = "/nonexistent/program";
        assert_int_equal(spawn(&spawner, &options, &result), SPAWN_FAILED);
        assert_int_equal(result.step, SPAWN_STEP_EXEC);
        assert_int_equal(result.error, ENOENT);
        assert_int_equal(result.pidfd, -1);
        assert_true(result.identity.pid > 0);
        assert_int_equal(waitpid(result.identity.pid, NULL, WNOHANG), -1);

        options.cwd = "/nonexistent";
        assert_int_equal(spawn(&spawner, &options, &result), SPAWN_FAILED);
        assert_int_equal(result.step, SPAWN_STEP_CHDIR);
        assert_int_equal(result.error, ENOENT);

        const struct spawn_limit limit = {.resource = RLIMIT_CORE,
                                          .limit = {.rlim_cur = 2, .rlim_max = 1}};
        options.limits = &limit;
        options.n_limits = 1;
        assert_int_equal(spawn(&spawner, &options, &result), SPAWN_FAILED);
        assert_int_equal(result.step, SPAWN_STEP_LIMITS);
        assert_int_equal(result.error, EINVAL);
    }
}

struct shared {
    _Atomic uint64_t pid, inode, start_time, attempt, state, epoch;
};

static struct spawn_record record_of(struct shared *shared) {
    return (struct spawn_record){
        .pid = &shared->pid,
        .inode = &shared->inode,
        .start_time = &shared->start_time,
        .attempt = &shared->attempt,
        .state = &shared->state,
        .epoch = &shared->epoch,
        .attempt_value = 5,
        .refused_value = 77,
        .epoch_value = 3,
    };
}

static void test_record_is_written(void **state) {
    (void)state;
    for (enum spawn_method method = SPAWN_METHOD_CLONE3; method <= SPAWN_METHOD_VFORK; method++) {
        struct shared shared = {.epoch = 3};
        struct spawn_record record = record_of(&shared);
        struct spawn_options options = script_options("exit 0");
        options.method = method;
        options.record = &record;
        struct spawn_result result;
        assert_int_equal(spawn(&spawner, &options, &result), SPAWN_STARTED);
        assert_int_equal(shared.pid, result.identity.pid);
        assert_int_equal(shared.inode, result.identity.inode);
        assert_int_equal(shared.start_time, result.identity.start_time);
        assert_int_equal(shared.attempt, 5);
        assert_int_equal(shared.state, 0);
        expect_exit(&result, 0);
        assert_int_equal(close(result.pidfd), 0);
    }
}

static void test_changed_epoch_refuses(void **state) {
    (void)state;
    struct shared shared = {.epoch = 4};
    struct spawn_record record = record_of(&shared);
    struct spawn_options options = script_options("touch ran");
    options.record = &record;
    struct spawn_result result;
    assert_int_equal(spawn(&spawner, &options, &result), SPAWN_FAILED);
    assert_int_equal(result.step, SPAWN_STEP_REFUSED);
    assert_int_equal(shared.attempt, 5);
    assert_int_equal(shared.state, 77);
    assert_int_equal(access("ran", F_OK), -1);
}

/* Spawns under a filter, and reports which method was used by way of its exit status. */
static void spawn_under_filter(enum spawn_method expected) {
    struct spawner own;
    assert_int_equal(spawner_open(&own), 0);
    testing_write_file("in", "data", 4, 0600);
    int in = open("in", O_RDONLY | O_CLOEXEC);
    const struct spawn_fd fd = {.fd = in, .target = 63};
    struct spawn_options options = script_options("[ $(cat /proc/self/fd/63) = data ] && exit 3");
    options.fds = &fd;
    options.n_fds = 1;
    struct spawn_result result;
    assert_int_equal(spawn(&own, &options, &result), SPAWN_STARTED);
    assert_int_equal(result.method, expected);
    assert_true(result.identity.inode != 0 || result.identity.start_time != 0);
    int status = 0;
    assert_int_equal(waitpid(result.identity.pid, &status, 0), result.identity.pid);
    assert_int_equal(status, W_EXITCODE(3, 0));
    options.path = "/nonexistent";
    assert_int_equal(spawn(&own, &options, &result), SPAWN_FAILED);
    assert_int_equal(result.step, SPAWN_STEP_EXEC);
}

static void without_clone3_enosys(void) {
    const long calls[] = {SYS_clone3};
    testing_deny_calls(calls, 1, ENOSYS);
    spawn_under_filter(SPAWN_METHOD_CLONE);
}

static void without_clone3_eperm(void) {
    const long calls[] = {SYS_clone3};
    testing_deny_calls(calls, 1, EPERM);
    spawn_under_filter(SPAWN_METHOD_CLONE);
}

/* An old container runtime that knows none of the newer calls: nothing is shared, no pidfd. */
static void without_newer_calls(void) {
    const long calls[] = {SYS_clone3, SYS_close_range, SYS_pidfd_open, SYS_unshare};
    testing_deny_calls(calls, 4, EPERM);
    spawn_under_filter(SPAWN_METHOD_CLONE);
}

#ifdef SYS_vfork
/* fork() of the test is a clone too, but it has happened; a shell's forks come later. */
static void without_clone(void) {
    const long calls[] = {SYS_clone3, SYS_clone, SYS_pidfd_open};
    testing_deny_calls(calls, 3, EPERM);
    struct spawner own;
    assert_int_equal(spawner_open(&own), 0);
    struct spawn_options options = script_options("exit 4");
    struct spawn_result result;
    assert_int_equal(spawn(&own, &options, &result), SPAWN_STARTED);
    assert_int_equal(result.method, SPAWN_METHOD_VFORK);
    assert_int_equal(result.pidfd, -1);
    assert_int_equal(result.identity.inode, 0);
    assert_true(result.identity.start_time > 0);
    int status = 0;
    assert_int_equal(waitpid(result.identity.pid, &status, 0), result.identity.pid);
    assert_int_equal(status, W_EXITCODE(4, 0));
}
#endif

static void test_fallbacks_under_seccomp(void **state) {
    (void)state;
    spawner_close(&spawner);
    testing_in_fork(without_clone3_enosys);
    testing_in_fork(without_clone3_eperm);
    testing_in_fork(without_newer_calls);
#ifdef SYS_vfork
    testing_in_fork(without_clone);
#endif
}

static void test_no_room_for_descriptors(void **state) {
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct spawn_options options = script_options("exit 0");
    struct rlimit low = {.rlim_cur = SPAWN_FD_END + 1, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    struct spawn_result result;
    int outcome = spawn(&spawner, &options, &result);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(outcome, -EMFILE);
}

static void test_busy_descriptor_is_refused(void **state) {
    (void)state;
    spawner_close(&spawner);
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int high = fcntl(fd, F_DUPFD_CLOEXEC, 40);
    assert_int_equal(close(fd), 0);
    assert_int_equal(high, 40);
    assert_int_equal(spawner_open(&spawner), -EBUSY);
    assert_int_equal(close(high), 0);
    assert_int_equal(spawner_open(&spawner), 0);
    assert_int_equal(spawner_open(&(struct spawner){.stack = NULL}), -EBUSY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_program_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_each_method, setup, teardown),
        cmocka_unit_test_setup_teardown(test_signals_are_reset, setup, teardown),
        cmocka_unit_test_setup_teardown(test_attributes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_descriptors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_most_descriptors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_stays_parked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures_name_the_step, setup, teardown),
        cmocka_unit_test_setup_teardown(test_record_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changed_epoch_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fallbacks_under_seccomp, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_room_for_descriptors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_busy_descriptor_is_refused, setup, teardown),
    };
    /* Whoever runs the tests may have left descriptors open; the spawner wants their numbers. */
    (void)close_range(SPAWN_FD_FIRST, ~0U, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
