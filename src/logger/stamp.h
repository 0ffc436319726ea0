/*
 * Time stamps: what stands before each line (RFC 3339 with microseconds and one space) and what
 * names a rotated file. The width of a UTC stamp never changes, so that text order is time order.
 */
#ifndef LOGGER_STAMP_H
#define LOGGER_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stamp_mode {
    STAMP_UTC, /* 2026-11-22T16:54:12.123456Z */
    STAMP_LOCAL, /* 2026-11-22T17:54:12.123456+01:00 */
    STAMP_RAW, /* nothing: bytes pass through as they are */
};

/* Room for any stamp; the text is not terminated by NUL. */
#define STAMP_SIZE 40
/* The year 9999 ends here; later times are written as this one. */
#define STAMP_USEC_MAX UINT64_C(253402300799999999)
/* "20261122T165412.123456Z" and its NUL. */
#define STAMP_NAME_SIZE 24

/* Writes the stamp of `usec` (microseconds since 1970, UTC) with its space; returns its length. */
size_t stamp_format(enum stamp_mode mode, uint64_t usec, char out[STAMP_SIZE]);

/* Writes the form that file names use, with its NUL. */
void stamp_format_name(uint64_t usec, char out[STAMP_NAME_SIZE]);

/* Reads that form from the first STAMP_NAME_SIZE - 1 bytes of `text`. False if it is another one.
 */
bool stamp_parse_name(const char *text, uint64_t *ret_usec);

#endif
