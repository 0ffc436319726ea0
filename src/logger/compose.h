/*
 * Composing: raw bytes of a pipe → bytes of a log file. Pure, and a function of its inputs alone:
 * the same chunk from the same cursor gives the same bytes at the same place, however often a
 * killed logger has to begin again, and however large the output buffer is.
 *
 * A line is stamped at its start and is written as far as it is known; the rest follows without a
 * stamp. No byte is changed: CR, NUL and invalid UTF-8 pass. A file ends between two lines, where
 * the next line (as far as it is known) would pass `file_size_max`. Only a line that would run past
 * the limit by more than compose_overshoot() is cut, and goes on in the next file under a stamp of
 * its own.
 *
 *     struct compose_cursor cursor = {.offset = size_of_file, .line = COMPOSE_LINE_START};
 *     do {
 *         result = compose_next(&input, &cursor, out, sizeof(out), &length);
 *         write `length` bytes of `out`, at the end of the file
 *         if (result == COMPOSE_ROTATE) { begin a new file; cursor.offset = 0; cursor.line = START
 * } } while (result != COMPOSE_DONE);
 */
#ifndef LOGGER_COMPOSE_H
#define LOGGER_COMPOSE_H

#include "logger/stamp.h"

#include <stddef.h>
#include <stdint.h>

/* How far the end of a line may pass the limit: as much again, but not more than 64 KiB. */
uint64_t compose_overshoot(uint64_t file_size_max);

enum compose_line {
    COMPOSE_LINE_START, /* the next byte begins a line */
    COMPOSE_LINE_MID, /* the next byte goes on with the line at the end of the file */
    COMPOSE_LINE_BREAK, /* the file ends inside a line of another run: end that one first */
};

struct compose_input {
    const char *data;
    size_t size;
    const char *stamp; /* with its space; length 0 for none */
    size_t stamp_length;
    uint64_t file_size_max;
};

/* Fixed width, since it stands in a mapped file (logger/inflight.h). */
struct compose_cursor {
    uint64_t offset; /* in the file, of the next byte to be written */
    uint32_t consumed; /* bytes of the input that are done */
    uint32_t line; /* enum compose_line */
};

enum compose_result {
    COMPOSE_DONE, /* the input is used up */
    COMPOSE_FULL, /* `out` is: write it and call again */
    COMPOSE_ROTATE, /* what follows belongs to a new file */
};

/* `out_size` is at least STAMP_SIZE. Moves the cursor past what stands in `out`. */
enum compose_result compose_next(const struct compose_input *input, struct compose_cursor *cursor,
                                 char *out, size_t out_size, size_t *ret_length);

#endif
