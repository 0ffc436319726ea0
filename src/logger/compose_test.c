/*
 * Chunks and the files that come of them. `play()` is the writer of the files: it keeps up to
 * eight, each as text, and draws a bar between them.
 */
#include "logger/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILES_SIZE 4096

struct player {
    char files[FILES_SIZE];
    size_t size;
    uint64_t file_size_max;
    size_t out_size;
    struct compose_cursor cursor;
};

#define PLAYER_INIT                                                                                \
    (struct player) {                                                                              \
        .file_size_max = 1000, .out_size = 256                                                     \
    }

static void put(struct player *player, const char *data, size_t size) {
    assert_true(player->size + size < FILES_SIZE);
    memcpy(player->files + player->size, data, size);
    player->size += size;
    player->files[player->size] = '\0';
}

static void play_bytes(struct player *player, const char *data, size_t size) {
    struct compose_input input = {
        .data = data,
        .size = size,
        .stamp = "T ",
        .stamp_length = 2,
        .file_size_max = player->file_size_max,
    };
    char out[256];
    enum compose_result result;

    player->cursor.consumed = 0;
    do {
        size_t length;

        result = compose_next(&input, &player->cursor, out, player->out_size, &length);
        put(player, out, length);
        if (result == COMPOSE_ROTATE) {
            put(player, "|", 1);
            player->cursor.offset = 0;
            player->cursor.line = COMPOSE_LINE_START;
        }
    } while (result != COMPOSE_DONE);
    assert_int_equal(player->cursor.consumed, size);
}

static void play(struct player *player, const char *text) {
    play_bytes(player, text, strlen(text));
}

static void test_lines(void **state) {
    struct player player = PLAYER_INIT;

    (void)state;
    play(&player, "one\ntwo\n\n");
    assert_string_equal(player.files, "T one\nT two\nT \n");
    assert_int_equal(player.cursor.line, COMPOSE_LINE_START);
}

static void test_partial_lines(void **state) {
    struct player player = PLAYER_INIT;

    (void)state;
    play(&player, "on");
    assert_string_equal(player.files, "T on");
    assert_int_equal(player.cursor.line, COMPOSE_LINE_MID);
    play(&player, "e\ntw");
    play(&player, "o");
    play(&player, "\n");
    assert_string_equal(player.files, "T one\nT two\n");
}

static void test_line_of_another_run(void **state) {
    struct player player = PLAYER_INIT;

    (void)state;
    play(&player, "one");
    player.cursor.line = COMPOSE_LINE_BREAK;
    play(&player, "two\n");
    assert_string_equal(player.files, "T one\nT two\n");
}

static void test_bytes_are_kept(void **state) {
    static const char bytes[] = "a\r\n\0b\n\xff\xfe";
    struct player player = PLAYER_INIT;

    (void)state;
    play_bytes(&player, bytes, sizeof(bytes) - 1);
    assert_int_equal(player.size, 14);
    assert_memory_equal(player.files, "T a\r\nT \0b\nT \xff\xfe", 14);
}

static void test_rotation_between_lines(void **state) {
    struct player player = PLAYER_INIT;

    (void)state;
    player.file_size_max = 12;
    play(&player, "one\ntwo\nthree\nfour\n");
    /* 6 + 6 fill the file exactly; 8 + 7 would not fit. */
    assert_string_equal(player.files, "T one\nT two\n|T three\n|T four\n");
}

static void test_line_larger_than_a_file_is_cut(void **state) {
    struct player player = PLAYER_INIT;

    (void)state;
    player.file_size_max = 8;
    /* The file may grow to twice its limit for the end of a line. */
    play(&player, "0123456789abcdefghij\nx\n");
    assert_string_equal(player.files, "T 0123456789abcd|T efghij\n|T x\n");
}

static void test_line_that_was_begun_is_ended(void **state) {
    struct player player = PLAYER_INIT;

    (void)state;
    player.file_size_max = 8;
    play(&player, "01");
    play(&player, "234567\nx\n");
    assert_string_equal(player.files, "T 01234567\n|T x\n");
}

static void test_overshoot_is_bounded(void **state) {
    (void)state;
    assert_int_equal(compose_overshoot(4096), 4096);
    assert_int_equal(compose_overshoot(UINT64_C(64) << 20), 65536);
}

/* A killed logger begins again where it last was sure, perhaps with another buffer: the bytes and
 * the ends of files must be the same. */
static void test_same_bytes_from_every_start(void **state) {
    enum {
        TEXT_SIZE = 400
    };
    char text[TEXT_SIZE];
    unsigned int seed = 1;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct player whole = PLAYER_INIT;
        struct player again = PLAYER_INIT;
        size_t size = (size_t)(rand_r(&seed) % TEXT_SIZE);

        for (size_t i = 0; i < size; i++) {
            text[i] = rand_r(&seed) % 20 == 0 ? '\n' : 'x';
        }
        whole.file_size_max = again.file_size_max = (uint64_t)(20 + rand_r(&seed) % 100);
        again.out_size = (size_t)(STAMP_SIZE + rand_r(&seed) % 100);
        whole.cursor.line = again.cursor.line = (uint32_t)(rand_r(&seed) % 3);
        play_bytes(&whole, text, size);
        play_bytes(&again, text, size);
        assert_string_equal(whole.files, again.files);
        assert_memory_equal(&whole.cursor, &again.cursor, sizeof(whole.cursor));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_partial_lines),
        cmocka_unit_test(test_line_of_another_run),
        cmocka_unit_test(test_bytes_are_kept),
        cmocka_unit_test(test_rotation_between_lines),
        cmocka_unit_test(test_line_larger_than_a_file_is_cut),
        cmocka_unit_test(test_line_that_was_begun_is_ended),
        cmocka_unit_test(test_overshoot_is_bounded),
        cmocka_unit_test(test_same_bytes_from_every_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
