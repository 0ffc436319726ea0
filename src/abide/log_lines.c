/*
 * "The last N lines" of several services, or of those with a word in them, are known only when all
 * have been seen: so they are counted in a first pass and skipped in a second. Nothing is kept in
 * memory, however much there is.
 */
#include "abide/log_lines.h"

#include "abide/output.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "os/await.h"
#include "protocol/unit_name.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

DEFINE_CLEANUP(json_decref, json_t *)

struct printing {
    const struct log_query *query;
    struct logread *log;
    int name_width;
    size_t n_to_skip;
    bool is_open; /* the last line was printed without its end */
    char *neutral; /* room for a text that was made safe */
};

static bool is_filtered(const struct log_query *query) {
    return query->since_usec != 0 || query->until_usec != 0 || query->text != NULL;
}

/* Opens the logs of all services; those that have none are left out. */
static int open_logs(const struct log_query *query, enum logread_mode mode,
                     struct logread **ret_log) {
    auto_(logread_free) struct logread *log = NULL;
    int n_logs = 0;
    int r = logread_new(query->logs_path, mode, &log);
    if (r == -ENOENT) {
        return 0;
    }
    for (size_t i = 0; r == 0 && query->services[i] != NULL; i++) {
        r = logread_add(log, query->services[i], is_filtered(query) ? SIZE_MAX : query->n_last);
        n_logs += r == 0 ? 1 : 0;
        r = r == -ENOENT ? 0 : r;
    }
    if (r < 0) {
        return r;
    }
    *ret_log = take_ptr(&log);
    return n_logs;
}

static bool is_wanted(const struct log_query *query, const struct logread_line *line) {
    if (line->realtime_usec < query->since_usec ||
        (query->until_usec != 0 && line->realtime_usec > query->until_usec)) {
        return false;
    }
    return query->text == NULL ||
           memmem(line->text, line->text_length, query->text, strlen(query->text)) != NULL;
}

/* How many lines there are more than are wanted. Of one log the last ones are found at once. */
static int count_surplus(const struct log_query *query, size_t *ret_surplus) {
    if (query->n_last == SIZE_MAX || query->services[0] == NULL ||
        (query->services[1] == NULL && !is_filtered(query))) {
        *ret_surplus = 0;
        return 0;
    }
    auto_(logread_free) struct logread *log = NULL;
    struct logread_line line;
    size_t n_lines = 0;
    int r = open_logs(query, LOGREAD_ONCE, &log);
    while (r >= 0 && (r = logread_next(log, &line)) > 0) {
        n_lines += is_wanted(query, &line) ? 1 : 0;
    }
    *ret_surplus = n_lines > query->n_last ? n_lines - query->n_last : 0;
    return r < 0 ? r : 0;
}

static int short_length(const char *name) {
    return (int)(strlen(name) - strlen(UNIT_NAME_SUFFIX));
}

static int print_json(struct printing *self, const struct logread_line *line) {
    json_t *text = json_stringn(line->text, line->text_length);
    if (text == NULL) {
        (void)logread_neutralise(line->text, line->text_length, self->neutral);
        text = json_string(self->neutral);
    }
    auto_(json_decref) json_t *object =
        json_pack("{s:i, s:s, s:s%, s:o}", "schema", 1, "unit", line->service, "time", line->stamp,
                  line->stamp_length, "text", text);
    if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT) < 0) {
        return -ENOMEM;
    }
    (void)putchar('\n');
    return 0;
}

static void print_prefix(const struct printing *self, const struct logread_line *line) {
    char name[UNIT_NAME_SIZE + 1];
    if (self->query->form == LOG_FORM_NAMED) {
        (void)snprintf(name, sizeof(name), "%-*.*s ", self->name_width, short_length(line->service),
                       line->service);
        output_coloured(self->query->has_colour, COLOUR_WAIT, name);
    }
    (void)fputs(self->query->form == LOG_FORM_INDENTED ? "    " : "", stdout);
    if (line->stamp_length != 0) {
        (void)fwrite(line->stamp, 1, line->stamp_length, stdout);
        (void)putchar(' ');
    }
}

static void print_text(struct printing *self, const struct logread_line *line) {
    if (!line->has_begun_before || !self->is_open) {
        (void)fputs(self->is_open ? "\n" : "", stdout);
        print_prefix(self, line);
    }
    if (self->query->is_for_terminal) {
        size_t size = logread_neutralise(line->text, line->text_length, self->neutral);
        (void)fwrite(self->neutral, 1, size, stdout);
    } else {
        (void)fwrite(line->text, 1, line->text_length, stdout);
    }
    self->is_open = line->goes_on;
    (void)fputs(line->goes_on ? "" : "\n", stdout);
}

/* All lines that are there. */
static int print_present(struct printing *self) {
    struct logread_line line;
    int r;
    while ((r = logread_next(self->log, &line)) > 0) {
        if (!is_wanted(self->query, &line)) {
            continue;
        }
        if (self->n_to_skip > 0) {
            self->n_to_skip--;
            continue;
        }
        if (self->query->form != LOG_FORM_JSON) {
            print_text(self, &line);
        } else if (print_json(self, &line) < 0) {
            return -ENOMEM;
        }
    }
    return r;
}

static int name_width(const struct log_query *query) {
    int width = 0;
    for (size_t i = 0; query->services[i] != NULL; i++) {
        int length = short_length(query->services[i]);
        width = length > width ? length : width;
    }
    return width;
}

int log_lines_print(const struct log_query *query, enum logread_mode mode) {
    auto_(logread_free) struct logread *log = NULL;
    auto_free char *neutral = NULL;
    struct printing printing = {.query = query, .name_width = name_width(query)};
    if (query->is_for_terminal || query->form == LOG_FORM_JSON) {
        neutral = alloc_zeroed(LOGREAD_NEUTRAL_SIZE((size_t)LOGREAD_LINE_MAX), 1);
        if (neutral == NULL) {
            return -ENOMEM;
        }
        printing.neutral = neutral;
    }
    int r = count_surplus(query, &printing.n_to_skip);
    int n_logs = r < 0 ? r : open_logs(query, mode, &log);
    if (n_logs <= 0) {
        return n_logs;
    }
    printing.log = log;
    r = print_present(&printing);
    while (r == 0 && mode == LOGREAD_FOLLOW && fflush(stdout) == 0) {
        r = await_readable(logread_fd(log), USEC_INFINITY);
        r = r < 0 ? r : print_present(&printing);
    }
    (void)fputs(printing.is_open ? "\n" : "", stdout);
    return r < 0 ? r : n_logs;
}
