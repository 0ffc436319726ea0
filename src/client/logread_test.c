/*
 * Logs in a folder of their own, and what is read of them. `read_all()` gives lines as
 * "service:text;", with '+' behind a piece that goes on.
 */
#include "client/logread.h"

#include "base/alloc.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define FIRST "20261122T120000.000000Z.log"
#define SECOND "20261122T120001.000000Z.log"
#define AT(second) "2026-11-22T12:00:0" second ".000000Z "

static char folder[64];
static int folder_fd = -1;

static int set_up(void **state) {
    (void)state;
    memcpy(folder, "/tmp/logread_test.XXXXXX", sizeof("/tmp/logread_test.XXXXXX"));
    assert_non_null(mkdtemp(folder));
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(folder_fd, "a", 0700), 0);
    return mkdirat(folder_fd, "b", 0700);
}

static int tear_down(void **state) {
    static const char *const names[] = {"a/" FIRST, "a/" SECOND, "a/current",
                                        "b/" FIRST, "b/" SECOND, "b/current"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(unlinkat(folder_fd, names[i], 0) == 0 || errno == ENOENT);
    }
    assert_int_equal(unlinkat(folder_fd, "a", AT_REMOVEDIR), 0);
    assert_int_equal(unlinkat(folder_fd, "b", AT_REMOVEDIR), 0);
    folder_fd = fd_close(folder_fd);
    return rmdir(folder);
}

static void append(const char *name, const char *text) {
    auto_fd int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void rotate(const char *current, const char *name) {
    assert_int_equal(renameat(folder_fd, current, folder_fd, name), 0);
}

static struct logread *open_log(enum logread_mode mode) {
    struct logread *log = NULL;

    assert_int_equal(logread_new(folder, mode, &log), 0);
    return log;
}

static const char *read_all(struct logread *log) {
    static char out[4096];
    struct logread_line line;
    size_t size = 0;
    int result;

    out[0] = '\0';
    while ((result = logread_next(log, &line)) == 1) {
        size += (size_t)snprintf(out + size, sizeof(out) - size, "%s:%.*s%s;", line.service,
                                 (int)line.text_length, line.text, line.goes_on ? "+" : "");
        assert_true(size < sizeof(out));
    }
    assert_int_equal(result, 0);
    return out;
}

static const char *read_last(const char *service, size_t n_lines) {
    auto_(logread_free) struct logread *log = open_log(LOGREAD_ONCE);

    assert_int_equal(logread_add(log, service, n_lines), 0);
    return read_all(log);
}

static void test_last_lines_across_files(void **state) {
    (void)state;
    append("a/" FIRST, AT("1") "1\n" AT("2") "2\n");
    append("a/" SECOND, AT("3") "3\n" AT("4") "4\n");
    append("a/current", AT("5") "5\n" AT("6") "6\n");
    assert_string_equal(read_last("a", 0), "");
    assert_string_equal(read_last("a", 1), "a:6;");
    assert_string_equal(read_last("a", 2), "a:5;a:6;");
    assert_string_equal(read_last("a", 3), "a:4;a:5;a:6;");
    assert_string_equal(read_last("a", 5), "a:2;a:3;a:4;a:5;a:6;");
    assert_string_equal(read_last("a", 6), "a:1;a:2;a:3;a:4;a:5;a:6;");
    assert_string_equal(read_last("a", 99), "a:1;a:2;a:3;a:4;a:5;a:6;");
    assert_string_equal(read_last("a", SIZE_MAX), "a:1;a:2;a:3;a:4;a:5;a:6;");
}

static void test_unfinished_last_line(void **state) {
    (void)state;
    append("a/current", AT("1") "1\n" AT("2") "2");
    assert_string_equal(read_last("a", 1), "a:2+;");
    assert_string_equal(read_last("a", 2), "a:1;a:2+;");
}

static void test_nothing_to_read(void **state) {
    auto_(logread_free) struct logread *log = open_log(LOGREAD_ONCE);

    (void)state;
    assert_string_equal(read_last("a", 10), "");
    append("a/current", "");
    assert_string_equal(read_last("a", 10), "");
    assert_int_equal(logread_add(log, "no.service", 1), -ENOENT);
    assert_int_equal(logread_add(log, "../a", 1), -EINVAL);
    assert_int_equal(logread_add(log, "", 1), -EINVAL);
}

static void test_services_are_merged_by_time(void **state) {
    auto_(logread_free) struct logread *log = open_log(LOGREAD_ONCE);

    (void)state;
    append("a/" FIRST, AT("1") "1\n");
    append("a/current", AT("3") "3\n" AT("6") "6\n");
    /* Six o'clock minus a second in another zone; then a line without a stamp. */
    append("b/current", AT("2") "2\n"
                                "2026-11-22T13:30:05.000000+01:30 5\nraw\n" AT("7") "7\n");
    assert_int_equal(logread_add(log, "a", 99), 0);
    assert_int_equal(logread_add(log, "b", 99), 0);
    assert_string_equal(read_all(log), "a:1;b:2;a:3;b:5;b:raw;a:6;b:7;");
}

static void test_stamp_and_text(void **state) {
    auto_(logread_free) struct logread *log = open_log(LOGREAD_ONCE);
    struct logread_line line;

    (void)state;
    append("a/current", "2026-11-22T12:00:00.000001Z  two\n");
    assert_int_equal(logread_add(log, "a", 1), 0);
    assert_int_equal(logread_next(log, &line), 1);
    assert_int_equal(line.realtime_usec, UINT64_C(1795348800000001));
    assert_int_equal(line.stamp_length, 27);
    assert_int_equal(line.text_length, 4);
    assert_memory_equal(line.text, " two", 4);
}

static void test_line_cut_by_a_rotation(void **state) {
    (void)state;
    append("a/" FIRST, AT("1") "begin");
    append("a/current", AT("2") "end\n");
    assert_string_equal(read_last("a", 99), "a:begin;a:end;");
}

static void test_long_lines_come_in_pieces(void **state) {
    enum {
        SIZE = 2 * LOGREAD_LINE_MAX + 10
    };
    auto_(logread_free) struct logread *log = open_log(LOGREAD_ONCE);
    auto_free char *text = malloc(SIZE + 2);
    struct logread_line line;
    size_t size = 0;
    size_t n_pieces = 0;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', SIZE);
    memcpy(text + SIZE, "\n", 2);
    append("a/current", AT("1"));
    append("a/current", text);
    assert_int_equal(logread_add(log, "a", 1), 0);
    do {
        assert_int_equal(logread_next(log, &line), 1);
        assert_int_equal(line.has_begun_before, n_pieces > 0);
        size += line.text_length;
        n_pieces++;
    } while (line.goes_on);
    assert_int_equal(size, SIZE);
    assert_int_equal(n_pieces, 3);
    assert_int_equal(logread_next(log, &line), 0);
}

static void assert_has_news(struct logread *log) {
    struct pollfd poll_fd = {.fd = logread_fd(log), .events = POLLIN};

    assert_int_equal(poll(&poll_fd, 1, 0), 1);
}

static void test_follow_across_rotations(void **state) {
    auto_(logread_free) struct logread *log = open_log(LOGREAD_FOLLOW);

    (void)state;
    append("a/current", AT("1") "1\n" AT("2") "2\n");
    assert_int_equal(logread_add(log, "a", 1), 0);
    assert_string_equal(read_all(log), "a:2;");
    append("a/current", AT("3") "3\n" AT("4") "unfin");
    assert_has_news(log);
    assert_string_equal(read_all(log), "a:3;");
    append("a/current", "ished\n");
    assert_string_equal(read_all(log), "a:unfinished;");
    /* Two rotations between two looks, the last bytes of a file just before. */
    append("a/current", AT("5") "5\n");
    rotate("a/current", "a/" FIRST);
    append("a/current", AT("6") "6\n");
    rotate("a/current", "a/" SECOND);
    append("a/current", AT("7") "7\n");
    assert_has_news(log);
    assert_string_equal(read_all(log), "a:5;a:6;a:7;");
    append("a/current", AT("8") "8\n");
    assert_string_equal(read_all(log), "a:8;");
    assert_string_equal(read_all(log), "");
}

static void test_follow_when_the_file_is_removed(void **state) {
    auto_(logread_free) struct logread *log = open_log(LOGREAD_FOLLOW);

    (void)state;
    append("a/" FIRST, AT("1") "old\n");
    append("a/current", AT("2") "2\n");
    assert_int_equal(logread_add(log, "a", 1), 0);
    assert_string_equal(read_all(log), "a:2;");
    append("a/current", AT("3") "3\n");
    assert_int_equal(unlinkat(folder_fd, "a/current", 0), 0);
    append("a/current", AT("4") "4\n");
    assert_string_equal(read_all(log), "a:3;a:4;");
    assert_int_equal(unlinkat(folder_fd, "a/current", 0), 0);
    assert_string_equal(read_all(log), "");
    append("a/current", AT("5") "5\n");
    assert_string_equal(read_all(log), "a:5;");
    {
        auto_fd int fd = openat(folder_fd, "a/current", O_WRONLY | O_TRUNC | O_CLOEXEC);
        assert_true(fd >= 0);
    }
    assert_string_equal(read_all(log), "");
    append("a/current", AT("6") "6\n");
    assert_string_equal(read_all(log), "a:6;");
}

static void test_follow_from_an_empty_folder(void **state) {
    auto_(logread_free) struct logread *log = open_log(LOGREAD_FOLLOW);

    (void)state;
    assert_int_equal(logread_add(log, "a", 10), 0);
    assert_int_equal(logread_add(log, "b", 10), 0);
    assert_string_equal(read_all(log), "");
    append("b/current", AT("1") "1\n");
    assert_has_news(log);
    assert_string_equal(read_all(log), "b:1;");
    append("a/current", AT("2") "2\n");
    assert_string_equal(read_all(log), "a:2;");
}

static const struct {
    const char *text;
    const char *neutral;
} neutral_cases[] = {
    {"", ""},
    {"plain\ttext", "plain\ttext"},
    {"\x1b[31mred\x1b[0m", "^[[31mred^[[0m"},
    {"a\rb\r", "a^Mb"},
    {"\x7f\x01", "^?^A"},
    {"gr\xc3\xbc\xc3\x9f \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x98\x80",
     "gr\xc3\xbc\xc3\x9f \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x98\x80"},
    {"\xc2\x9b"
     "2J \xc2\xa0",
     "\\xc2\\x9b2J \xc2\xa0"},
    {"\xff\xc3", "\\xff\\xc3"},
    {"\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xe0\x80\x80",
     "\\xc0\\xaf \\xed\\xa0\\x80 \\xf4\\x90\\x80\\x80 \\xe0\\x80\\x80"},
};

static void test_neutralise(void **state) {
    char out[LOGREAD_NEUTRAL_SIZE(64)];

    (void)state;
    for (size_t i = 0; i < sizeof(neutral_cases) / sizeof(neutral_cases[0]); i++) {
        const char *text = neutral_cases[i].text;
        size_t length = logread_neutralise(text, strlen(text), out);

        assert_string_equal(out, neutral_cases[i].neutral);
        assert_int_equal(length, strlen(out));
    }
    assert_int_equal(logread_neutralise("\0x", 2, out), 3);
    assert_string_equal(out, "^@x");
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_last_lines_across_files),
        WITH_FOLDER(test_unfinished_last_line),
        WITH_FOLDER(test_nothing_to_read),
        WITH_FOLDER(test_services_are_merged_by_time),
        WITH_FOLDER(test_stamp_and_text),
        WITH_FOLDER(test_line_cut_by_a_rotation),
        WITH_FOLDER(test_long_lines_come_in_pieces),
        WITH_FOLDER(test_follow_across_rotations),
        WITH_FOLDER(test_follow_when_the_file_is_removed),
        WITH_FOLDER(test_follow_from_an_empty_folder),
        cmocka_unit_test(test_neutralise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
