#include "protocol/frame.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Writes `size` bytes in pieces of at most `piece`; what does not fit any more is an error. */
static void feed(struct frame *frame, const char *bytes, size_t size, size_t piece) {
    while (size > 0) {
        void *space;
        size_t room;
        assert_int_equal(frame_space(frame, &space, &room), 0);
        assert_true(room > 0);
        size_t n = size < piece ? size : piece;
        n = n < room ? n : room;
        memcpy(space, bytes, n);
        frame_filled(frame, n);
        bytes += n;
        size -= n;
    }
}

static void expect_line(struct frame *frame, const char *line) {
    char *found;
    size_t length;
    assert_int_equal(frame_next(frame, &found, &length), 1);
    assert_int_equal(length, strlen(line));
    assert_memory_equal(found, line, length + 1);
}

static void expect_none(struct frame *frame) {
    char *found;
    size_t length;
    assert_int_equal(frame_next(frame, &found, &length), 0);
}

static void test_lines_come_out_whatever_the_pieces(void **state) {
    (void)state;
    static const char bytes[] = "one\n\nthree and more\nrest";
    for (size_t piece = 1; piece < sizeof(bytes); piece++) {
        struct frame frame = {0};
        feed(&frame, bytes, sizeof(bytes) - 1, piece);
        expect_line(&frame, "one");
        expect_line(&frame, "");
        expect_line(&frame, "three and more");
        expect_none(&frame);
        feed(&frame, "!\n", 2, 1);
        expect_line(&frame, "rest!");
        expect_none(&frame);
        frame_fini(&frame);
    }
}

static void test_nul_is_a_byte_like_others(void **state) {
    (void)state;
    struct frame frame = {0};
    feed(&frame, "a\0b\n", 4, 4);
    char *line;
    size_t length;
    assert_int_equal(frame_next(&frame, &line, &length), 1);
    assert_int_equal(length, 3);
    assert_memory_equal(line, "a\0b", 4);
    frame_fini(&frame);
}

static void test_an_idle_frame_holds_no_memory(void **state) {
    (void)state;
    struct frame frame = {0};
    feed(&frame, "x\n", 2, 2);
    assert_non_null(frame.buffer);
    expect_line(&frame, "x");
    expect_none(&frame);
    assert_null(frame.buffer);
}

/* The longest line passes; one byte more is refused, before it is all there. */
static void test_limit(void **state) {
    (void)state;
    char *bytes = alloc_zeroed(FRAME_LINE_MAX, 1);
    assert_non_null(bytes);
    memset(bytes, 'x', FRAME_LINE_MAX);
    struct frame frame = {0};
    char *line;
    size_t length;
    for (size_t round = 0; round < 2; round++) {
        feed(&frame, bytes, FRAME_LINE_MAX - 1, 4096);
        expect_none(&frame);
        feed(&frame, "\n", 1, 1);
        assert_int_equal(frame_next(&frame, &line, &length), 1);
        assert_int_equal(length, FRAME_LINE_MAX - 1);
    }
    feed(&frame, bytes, FRAME_LINE_MAX, 4096);
    assert_int_equal(frame_next(&frame, &line, &length), -EMSGSIZE);
    assert_int_equal(frame_next(&frame, &line, &length), -EMSGSIZE);
    frame_fini(&frame);
    cleanup_free(&bytes);
}

/* Lines that stay unread until the buffer is full: they are moved, not lost. */
static void test_many_lines_pass_through_one_buffer(void **state) {
    (void)state;
    struct frame frame = {0};
    for (size_t round = 0; round < 10000; round++) {
        feed(&frame, "first line\nsecond", 17, 5);
        expect_line(&frame, "first line");
        feed(&frame, " line\n", 6, 6);
        expect_line(&frame, "second line");
    }
    assert_true(frame.size <= 1024);
    frame_fini(&frame);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_come_out_whatever_the_pieces),
        cmocka_unit_test(test_nul_is_a_byte_like_others),
        cmocka_unit_test(test_an_idle_frame_holds_no_memory),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_many_lines_pass_through_one_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
