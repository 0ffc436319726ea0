/*
 * Compares time spans and name escaping with what systemd 252 itself answered: timespan.tsv and
 * escape.tsv of a corpus that is not part of the project. ABIDE_CORPUS names its folder; without
 * one the tests are skipped.
 */
#include "unitfile/escape.h"
#include "unitfile/span.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIELDS_MAX 8

static FILE *open_table(const char *name) {
    const char *corpus = getenv("ABIDE_CORPUS");
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/oracle/%s", corpus != NULL ? corpus : DEFAULT_CORPUS,
                   name);
    return fopen(path, "re");
}

/* The fields of the next line, all of FIELDS_MAX set; false at the end. */
static bool read_row(FILE *file, char **line, size_t *size, char **fields) {
    ssize_t length = getline(line, size, file);
    if (length < 0) {
        return false;
    }
    (*line)[strcspn(*line, "\n")] = '\0';
    char *at = *line;
    for (size_t i = 0; i < FIELDS_MAX; i++) {
        fields[i] = at != NULL ? strsep(&at, "\t") : (*line) + length - 1;
    }
    return true;
}

static const char *timespan(const char *input, char *buffer, size_t size) {
    usec_t usec = 0;
    if (span_parse(input, USEC_PER_SEC, &usec) < 0) {
        return "ERR\t\t";
    }
    struct text text = {0};
    char *human = NULL;
    span_format(&text, usec);
    assert_int_equal(text_take(&text, &human), 0);
    (void)snprintf(buffer, size, "OK\t%" PRIu64 "\t%s", usec, human);
    free(human);
    return buffer;
}

static void test_timespans(void **state) {
    (void)state;
    FILE *file = open_table("timespan.tsv");
    char *line = NULL;
    size_t size = 0;
    char *fields[FIELDS_MAX];
    size_t n_rows = 0;
    size_t n_wrong = 0;
    (void)read_row(file, &line, &size, fields);
    while (read_row(file, &line, &size, fields)) {
        char expected[512];
        char buffer[512];
        (void)snprintf(expected, sizeof(expected), "%s\t%s\t%s", fields[1], fields[2], fields[3]);
        const char *got = timespan(fields[0], buffer, sizeof(buffer));
        n_rows++;
        if (strcmp(got, expected) != 0) {
            n_wrong++;
            print_error("# timespan '%s': %s instead of %s\n", fields[0], got, expected);
        }
    }
    free(line);
    (void)fclose(file);
    print_message("# timespan.tsv: %zu rows, %zu differ\n", n_rows, n_wrong);
    assert_true(n_rows > 100);
    assert_int_equal(n_wrong, 0);
}

/* systemd-escape's options, as the table has them. */
static void read_options(char *arguments, struct escape_options *options) {
    char *word = NULL;
    while ((word = strsep(&arguments, " ")) != NULL) {
        if (strcmp(word, "-u") == 0) {
            options->verb = ESCAPE_UNESCAPE;
        } else if (strcmp(word, "-m") == 0) {
            options->verb = ESCAPE_MANGLE;
        } else if (strcmp(word, "-p") == 0) {
            options->is_path = true;
        } else if (strcmp(word, "--instance") == 0) {
            options->only_instance = true;
        } else if (strncmp(word, "--suffix=", 9) == 0) {
            options->suffix = word + 9;
        } else if (strncmp(word, "--template=", 11) == 0) {
            options->template = word + 11;
        } else {
            assert_string_equal(word, "");
        }
    }
}

static void test_escapes(void **state) {
    (void)state;
    FILE *file = open_table("escape.tsv");
    char *line = NULL;
    size_t size = 0;
    char *fields[FIELDS_MAX];
    size_t n_rows = 0;
    size_t n_wrong = 0;
    (void)read_row(file, &line, &size, fields);
    while (read_row(file, &line, &size, fields)) {
        struct escape_options options = {0};
        read_options(fields[1], &options);
        char *output = NULL;
        int r = escape_run(&options, fields[2], &output);
        const char *got = r == 0 ? output : "";
        n_rows++;
        if (strcmp(r == 0 ? "OK" : "ERR", fields[3]) != 0 || strcmp(got, fields[4]) != 0) {
            n_wrong++;
            print_error("# escape %s '%s': %d '%s' instead of %s '%s'\n", fields[0], fields[2], r,
                        got, fields[3], fields[4]);
        }
        free(output);
    }
    free(line);
    (void)fclose(file);
    print_message("# escape.tsv: %zu rows, %zu differ\n", n_rows, n_wrong);
    assert_true(n_rows > 300);
    assert_int_equal(n_wrong, 0);
}

int main(void) {
    FILE *table = open_table("timespan.tsv");
    if (table == NULL) {
        (void)printf("1..0 # SKIP the corpus is not here (ABIDE_CORPUS names it)\n");
        return 0;
    }
    (void)fclose(table);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timespans),
        cmocka_unit_test(test_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
