/*
 * What commands print on stdout: tables as wide as what is in them, colour for people only, and
 * times in words.
 */
#ifndef ABIDE_OUTPUT_H
#define ABIDE_OUTPUT_H

#include "base/usec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct call;

enum colour {
    COLOUR_NONE,
    COLOUR_GOOD,
    COLOUR_BAD,
    COLOUR_WAIT,
    COLOUR_FAINT,
    COLOUR_BOLD,
};

/* Whether stdout is a terminal that wants colour: NO_COLOR and TERM=dumb do not. */
bool output_has_colour(const struct call *call);

/* The text in that colour, if `has_colour`; cleaned as put_clean() does. */
void output_coloured(bool has_colour, enum colour colour, const char *text);

#define OUTPUT_COLUMNS_MAX 8

/* All-zero but for the settings is an empty table. */
struct table {
    size_t n_columns; /* 1 to OUTPUT_COLUMNS_MAX */
    bool has_colour;
    struct table_cell *cells; /* row by row */
    size_t n_cells;
    size_t n_room;
};

/* Adds a copy of the text as the next cell. 0 or -ENOMEM. */
int table_add(struct table *self, enum colour colour, const char *text);

/* Writes all rows to stdout; the last column is not filled up. */
void table_print(const struct table *self);
void table_fini(struct table *self);

static inline void cleanup_table_fini(struct table *self) {
    table_fini(self);
}

/* "1d 2h", "3min 12s", "250ms": a span in its two largest units. */
#define OUTPUT_SPAN_SIZE 64
void output_span(usec_t usec, char text[OUTPUT_SPAN_SIZE]);

/* A span as systemctl shows it: "1min 30s", "infinity"; the caller frees it. NULL: no memory. */
char *output_exact_span(usec_t usec);

/* "2026-11-22 16:54:12 UTC", of microseconds since 1970. */
#define OUTPUT_TIME_SIZE 128
void output_time(usec_t realtime_usec, char text[OUTPUT_TIME_SIZE]);

#endif
