/*
 * Cells are copied when they are added, and printed when their widths are known. A width is a
 * number of characters, not of bytes.
 */
#include "abide/output.h"

#include "abide/call.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "os/self.h"
#include "unitfile/span.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct table_cell {
    char *text;
    size_t width;
    enum colour colour;
};

bool output_has_colour(const struct call *call) {
    const char *no_colour = call_environment(call, "NO_COLOR");
    const char *terminal = call_environment(call, "TERM");
    return self_terminal_columns(/* stdout */ 1) != 0 &&
           (no_colour == NULL || no_colour[0] == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static const char *escape_of(enum colour colour) {
    switch (colour) {
    case COLOUR_NONE:
        return "";
    case COLOUR_GOOD:
        return "\033[32m";
    case COLOUR_BAD:
        return "\033[31m";
    case COLOUR_WAIT:
        return "\033[33m";
    case COLOUR_FAINT:
        return "\033[2m";
    case COLOUR_BOLD:
        return "\033[1m";
    }
    return "";
}

void output_coloured(bool has_colour, enum colour colour, const char *text) {
    bool is_coloured = has_colour && colour != COLOUR_NONE;
    (void)fputs(is_coloured ? escape_of(colour) : "", stdout);
    put_clean(stdout, text);
    (void)fputs(is_coloured ? "\033[0m" : "", stdout);
}

/* Bytes that do not continue a character of UTF-8. */
static size_t width_of(const char *text) {
    size_t width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80 ? 1 : 0;
    }
    return width;
}

int table_add(struct table *self, enum colour colour, const char *text) {
    if (self->n_cells == self->n_room) {
        size_t n_room = self->n_room != 0 ? 2 * self->n_room : 64;
        void *grown = alloc_resized(self->cells, n_room, sizeof(*self->cells));
        if (grown == NULL) {
            return -ENOMEM;
        }
        self->cells = grown;
        self->n_room = n_room;
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        return -ENOMEM;
    }
    self->cells[self->n_cells++] =
        (struct table_cell){.text = copy, .width = width_of(copy), .colour = colour};
    return 0;
}

void table_print(const struct table *self) {
    size_t widths[OUTPUT_COLUMNS_MAX] = {0};
    assert(self->n_columns >= 1 && self->n_columns <= OUTPUT_COLUMNS_MAX);
    for (size_t i = 0; i < self->n_cells; i++) {
        size_t *width = &widths[i % self->n_columns];
        *width = self->cells[i].width > *width ? self->cells[i].width : *width;
    }
    for (size_t i = 0; i < self->n_cells; i++) {
        const struct table_cell *cell = &self->cells[i];
        size_t column = i % self->n_columns;
        output_coloured(self->has_colour, cell->colour, cell->text);
        if (column + 1 == self->n_columns) {
            (void)putchar('\n');
        } else {
            (void)printf("%*s", (int)(widths[column] - cell->width + 2), "");
        }
    }
}

void table_fini(struct table *self) {
    for (size_t i = 0; i < self->n_cells; i++) {
        free(self->cells[i].text);
    }
    free(self->cells);
    *self = (struct table){0};
}

char *output_exact_span(usec_t usec) {
    struct text text = {0};
    char *string = NULL;
    span_format(&text, usec);
    return text_take(&text, &string) == 0 ? string : NULL;
}

void output_span(usec_t usec, char text[OUTPUT_SPAN_SIZE]) {
    static const struct {
        usec_t from;
        usec_t unit;
    } steps[] = {
        {USEC_PER_DAY, USEC_PER_HOUR},
        {USEC_PER_HOUR, USEC_PER_MINUTE},
        {USEC_PER_SEC, USEC_PER_SEC},
        {USEC_PER_MSEC, USEC_PER_MSEC},
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        if (usec >= steps[i].from && usec != USEC_INFINITY) {
            usec -= usec % steps[i].unit;
            break;
        }
    }
    auto_free char *exact = output_exact_span(usec);
    (void)snprintf(text, OUTPUT_SPAN_SIZE, "%s", exact != NULL ? exact : "?");
}

/*
 * Not gmtime(3), which reads the files of the local time zone first. Days are counted from a March
 * of the year 0, so that a leap day is the last of its year.
 */
void output_time(usec_t realtime_usec, char text[OUTPUT_TIME_SIZE]) {
    unsigned long long seconds = realtime_usec / USEC_PER_SEC;
    unsigned long long days = seconds / 86400 + 719468;
    unsigned long long era = days / 146097; /* of 400 years */
    unsigned long long day = days % 146097;
    unsigned long long year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    unsigned long long month = (5 * day + 2) / 153;
    (void)snprintf(text, OUTPUT_TIME_SIZE, "%04llu-%02llu-%02llu %02llu:%02llu:%02llu UTC",
                   400 * era + year + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9,
                   day - (153 * month + 2) / 5 + 1, seconds / 3600 % 24, seconds / 60 % 60,
                   seconds % 60);
}
