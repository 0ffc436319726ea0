/*
 * A status file is written here as a supervisor would, in a home of its own; processes in it are
 * this one, which lives, and a child that has ended.
 */
#include "client/statusview.h"

#include "client/home.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/folder.h"
#include "os/homelock.h"
#include "os/identity.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/abide-view-XXXXXX";
static struct home home;

static int make_home(void **state) {
    (void)state;
    const char *failed;
    struct home_options options = {.directory = folder};
    return mkdtemp(folder) != NULL && home_resolve(&options, &home) == 0 &&
                   home_create(&home, &failed) == 0
               ? 0
               : -1;
}

static int remove_home(void **state) {
    (void)state;
    const char *const folders[] = {home.units,      home.logs, "state/units",
                                   "state/enabled", "state",   "run"};
    (void)unlink(home.lock);
    if (chdir(folder) < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        (void)rmdir(folders[i]);
    }
    home_fini(&home);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

struct writer {
    int runtime;
    struct mapped mapped;
    struct slot_table table;
};

static void open_writer(struct writer *writer, const uint8_t boot_id[CLOCK_BOOT_ID_SIZE]) {
    assert_int_equal(folder_open(home.runtime, &writer->runtime), 0);
    assert_int_equal(
        mapped_create(writer->runtime, HOME_STATUS, slot_table_size(4), 0600, &writer->mapped), 0);
    assert_int_equal(
        slot_table_format(&writer->table, writer->mapped.bytes, writer->mapped.size, boot_id), 0);
}

static void close_writer(struct writer *writer) {
    mapped_close(&writer->mapped);
    (void)fd_close(writer->runtime);
    assert_int_equal(unlink(home.status), 0);
}

static struct process_identity identity_of(pid_t pid) {
    struct identity identity;
    auto_fd int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(pidfd >= 0);
    assert_int_equal(identity_of_pidfd(pidfd, pid, &identity), 0);
    return (struct process_identity){
        .pid = (uint32_t)pid, .inode = identity.inode, .start_time = identity.start_time};
}

/* Who a process was that has been reaped. */
static struct process_identity gone(void) {
    pid_t pid = fork();
    if (pid == 0) {
        (void)pause();
        _exit(0);
    }
    assert_true(pid > 0);
    struct process_identity identity = identity_of(pid);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return identity;
}

static void write_running(struct writer *writer, uint32_t index, const char *name,
                          struct process_identity identity) {
    struct slot slot = {.is_used = 1};
    policy_init(&slot.policy);
    slot.policy.n_commands[PHASE_START] = 1;
    service_init(&slot.service, 1);
    slot.service.state = SERVICE_RUNNING;
    slot.service.was_up = 1;
    slot.service.processes[ROLE_MAIN] = (struct process){
        .state = PROCESS_ALIVE, .attempt = 1, .identity = identity, .started_usec = 1};
    (void)snprintf(slot.name, sizeof(slot.name), "%s", name);
    slot_claim(&writer->table, index, name);
    slot_write(&writer->table, index, &slot);
    slot_commit(&writer->table);
}

static void test_nothing_is_there(void **state) {
    (void)state;
    struct statusview view;
    struct statusview_service service;
    uint32_t index = 0;
    assert_int_equal(statusview_open(&home, &view), 0);
    assert_false(view.is_supervised);
    assert_int_equal(statusview_next(&view, &index, &service), 0);
    statusview_close(&view);
    struct home nowhere = {.runtime = (char[]){"/tmp/abide-no-such-folder"}};
    assert_int_equal(statusview_open(&nowhere, &view), 0);
    assert_int_equal(statusview_find(&view, "a.service", &service), 0);
    statusview_close(&view);
}

/* Without a supervisor: what lives is shown as it was left, what has ended is not. */
static void test_processes_are_verified(void **state) {
    (void)state;
    struct writer writer;
    struct statusview view;
    struct statusview_service service;
    uint8_t boot_id[CLOCK_BOOT_ID_SIZE];
    assert_int_equal(clock_boot_id(boot_id), 0);
    open_writer(&writer, boot_id);
    write_running(&writer, 0, "lives.service", identity_of(getpid()));
    write_running(&writer, 2, "gone.service", gone());
    assert_int_equal(statusview_open(&home, &view), 0);
    assert_int_equal(statusview_find(&view, "lives.service", &service), 1);
    assert_int_equal(service.status.state, SERVICE_RUNNING);
    assert_int_equal(service.status.main_pid, getpid());
    assert_false(service.is_gone);
    assert_int_equal(statusview_find(&view, "gone.service", &service), 1);
    assert_true(service.is_gone);
    assert_int_equal(service.status.state, SERVICE_DEAD);
    assert_int_equal(service.status.main_pid, 0);
    assert_int_equal(service.status.exec_main_exit.how, EXIT_UNKNOWN);
    assert_int_equal(statusview_find(&view, "none.service", &service), 0);
    uint32_t index = 0;
    size_t count = 0;
    while (statusview_next(&view, &index, &service) > 0) {
        count++;
    }
    assert_int_equal(count, 2);
    statusview_close(&view);
    close_writer(&writer);
}

/* With one, its word counts: it is about to see the end. */
static void test_a_supervisor_has_the_last_word(void **state) {
    (void)state;
    struct writer writer;
    struct statusview view;
    struct statusview_service service;
    uint8_t boot_id[CLOCK_BOOT_ID_SIZE];
    auto_fd int lock = -1;
    assert_int_equal(clock_boot_id(boot_id), 0);
    open_writer(&writer, boot_id);
    write_running(&writer, 0, "gone.service", gone());
    assert_int_equal(homelock_take(writer.runtime, &lock), 0);
    assert_int_equal(statusview_open(&home, &view), 0);
    assert_true(view.is_supervised);
    struct statusview_pids pids;
    statusview_pids(&view, &pids);
    assert_int_equal(pids.supervisor, getpid());
    assert_int_equal(pids.logger, 0);
    assert_int_equal(statusview_find(&view, "gone.service", &service), 1);
    assert_true(service.is_gone);
    assert_int_equal(service.status.state, SERVICE_RUNNING);
    statusview_close(&view);
    close_writer(&writer);
}

static void test_another_boot_is_forgotten(void **state) {
    (void)state;
    struct writer writer;
    struct statusview view;
    struct statusview_service service;
    uint8_t boot_id[CLOCK_BOOT_ID_SIZE] = {1, 2, 3};
    open_writer(&writer, boot_id);
    write_running(&writer, 0, "lives.service", identity_of(getpid()));
    assert_int_equal(statusview_open(&home, &view), 0);
    assert_int_equal(statusview_find(&view, "lives.service", &service), 0);
    statusview_close(&view);
    close_writer(&writer);
}

static void test_what_is_no_status_file(void **state) {
    (void)state;
    struct writer writer;
    struct statusview view;
    uint8_t boot_id[CLOCK_BOOT_ID_SIZE] = {0};
    open_writer(&writer, boot_id);
    memset(writer.mapped.bytes, 'x', writer.mapped.size);
    assert_int_equal(statusview_open(&home, &view), -EBADMSG);
    close_writer(&writer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_there),
        cmocka_unit_test(test_processes_are_verified),
        cmocka_unit_test(test_a_supervisor_has_the_last_word),
        cmocka_unit_test(test_another_boot_is_forgotten),
        cmocka_unit_test(test_what_is_no_status_file),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
