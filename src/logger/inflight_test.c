/*
 * What a successor finds after each step of a chunk. A kill is played by closing the file between
 * two steps: what is in it then is what SIGKILL would leave.
 */
#include "logger/inflight.h"

#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static int folder_fd = -1;
static struct inflight inflight;
static size_t n_dropped;

static int set_up(void **state) {
    (void)state;
    memcpy(folder, "/tmp/inflight_test.XXXXXX", sizeof("/tmp/inflight_test.XXXXXX"));
    assert_non_null(mkdtemp(folder));
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    inflight = INFLIGHT_INIT;
    return inflight_open(&inflight, folder_fd, &n_dropped);
}

static int tear_down(void **state) {
    (void)state;
    inflight_close(&inflight);
    assert_int_equal(unlinkat(folder_fd, INFLIGHT_FILE, 0), 0);
    folder_fd = fd_close(folder_fd);
    return rmdir(folder);
}

static void reopen(void) {
    inflight_close(&inflight);
    assert_int_equal(inflight_open(&inflight, folder_fd, &n_dropped), 0);
    assert_int_equal(n_dropped, 0);
}

static struct inflight_slot *prepare(uint32_t size) {
    struct inflight_chunk chunk = {.size = size, .run = 7, .service = "web.service"};
    struct inflight_position position = {.device = 1, .inode = 2, .cursor = {.offset = 3}};
    struct inflight_slot *slot = inflight_free_slot(&inflight);

    memcpy(chunk.canary, "\1\2\3\4\5\6\7\10", INFLIGHT_CANARY_SIZE);
    assert_non_null(slot);
    inflight_prepare(slot, &chunk, &position);
    return slot;
}

static void test_prepared_is_free(void **state) {
    (void)state;
    (void)prepare(100);
    reopen();
    assert_false(inflight_holds(inflight_slot(&inflight, 0)));
}

static void test_reading_without_bytes_is_free(void **state) {
    (void)state;
    inflight_reading(prepare(100));
    reopen();
    assert_false(inflight_holds(inflight_slot(&inflight, 0)));
    assert_ptr_equal(inflight_free_slot(&inflight), inflight_slot(&inflight, 0));
}

static void test_reading_with_bytes_holds(void **state) {
    struct inflight_slot *slot;

    (void)state;
    /* One byte, and a whole canary that differs in its last one. */
    for (uint32_t size = 1; size <= INFLIGHT_CANARY_SIZE; size += INFLIGHT_CANARY_SIZE - 1) {
        slot = prepare(size);
        inflight_reading(slot);
        inflight_data(slot)[size - 1] = 'x';
        reopen();
        slot = inflight_slot(&inflight, 0);
        assert_true(inflight_holds(slot));
        assert_true(inflight_is_waiting(slot));
        inflight_done(slot);
    }
}

static void test_what_is_had_is_all_there(void **state) {
    struct inflight_slot *slot = prepare(100);
    struct inflight_position position;

    (void)state;
    inflight_reading(slot);
    memset(inflight_data(slot), 'x', 90);
    inflight_have(slot, 90);
    position = inflight_position(slot);
    assert_int_equal(position.cursor.offset, 3);
    reopen();
    slot = inflight_slot(&inflight, 0);
    assert_true(inflight_holds(slot));
    assert_int_equal(inflight_chunk(slot)->size, 90);
    assert_int_equal(inflight_chunk(slot)->run, 7);
    assert_string_equal(inflight_chunk(slot)->service, "web.service");
    assert_int_equal(inflight_data(slot)[89], 'x');
    assert_int_equal(inflight_position(slot).inode, 2);
}

static void test_moves_are_whole(void **state) {
    struct inflight_slot *slot = prepare(100);
    struct inflight_position position = {.device = 1};

    (void)state;
    inflight_reading(slot);
    inflight_have(slot, 100);
    for (uint64_t inode = 10; inode < 15; inode++) {
        position.inode = inode;
        position.cursor.offset = 2 * inode;
        inflight_move(slot, &position);
        reopen();
        slot = inflight_slot(&inflight, 0);
        assert_true(inflight_holds(slot));
        assert_int_equal(inflight_position(slot).inode, inode);
        assert_int_equal(inflight_position(slot).cursor.offset, 2 * inode);
    }
    inflight_done(slot);
    assert_false(inflight_holds(slot));
}

static void test_slots_run_out(void **state) {
    (void)state;
    for (size_t i = 0; i < INFLIGHT_SLOTS; i++) {
        struct inflight_slot *slot = prepare(1);
        assert_ptr_equal(slot, inflight_slot(&inflight, i));
        inflight_reading(slot);
        inflight_have(slot, 1);
    }
    assert_null(inflight_free_slot(&inflight));
    inflight_done(inflight_slot(&inflight, 3));
    assert_ptr_equal(inflight_free_slot(&inflight), inflight_slot(&inflight, 3));
}

static void test_second_logger_is_refused(void **state) {
    struct inflight second = INFLIGHT_INIT;

    (void)state;
    assert_int_equal(inflight_open(&second, folder_fd, &n_dropped), -EBUSY);
}

static void test_another_boot_drops(void **state) {
    struct inflight_slot *slot = prepare(10);
    auto_fd int fd = openat(folder_fd, INFLIGHT_FILE, O_RDWR | O_CLOEXEC);

    (void)state;
    inflight_reading(slot);
    inflight_have(slot, 10);
    /* The boot id stands behind magic, layout and number of slots. */
    assert_int_equal(pwrite(fd, "another", 7, 16), 7);
    inflight_close(&inflight);
    assert_int_equal(inflight_open(&inflight, folder_fd, &n_dropped), 0);
    assert_int_equal(n_dropped, 1);
    assert_false(inflight_holds(inflight_slot(&inflight, 0)));
}

static void test_short_file_begins_anew(void **state) {
    struct stat stat;

    (void)state;
    inflight_close(&inflight);
    assert_int_equal(fstatat(folder_fd, INFLIGHT_FILE, &stat, 0), 0);
    {
        auto_fd int fd = openat(folder_fd, INFLIGHT_FILE, O_RDWR | O_CLOEXEC);
        assert_int_equal(ftruncate(fd, 5000), 0);
    }
    reopen();
    for (size_t i = 0; i < INFLIGHT_SLOTS; i++) {
        assert_false(inflight_holds(inflight_slot(&inflight, i)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_prepared_is_free, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reading_without_bytes_is_free, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reading_with_bytes_holds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_had_is_all_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_moves_are_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_slots_run_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_second_logger_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_boot_drops, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_short_file_begins_anew, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
