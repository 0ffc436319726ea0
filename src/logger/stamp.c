/*
 * Calendar arithmetic is the C library's; one stamp serves a whole chunk of lines, so its cost does
 * not matter. Digits are written by hand because the result has a fixed width.
 */
#include "logger/stamp.h"

#include "base/usec.h"

#include <assert.h>
#include <string.h>
#include <time.h>

static char *put_digits(char *out, unsigned long value, size_t width) {
    for (size_t i = width; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + width;
}

static char *put_char(char *out, char c) {
    *out = c;
    return out + 1;
}

/* Writes "2026-11-22T16:54:12.123456", or the same without its separators ('\0'). */
static char *put_time(char *out, const struct tm *tm, uint64_t usec, char separators[2]) {
    out = put_digits(out, (unsigned long)tm->tm_year + 1900, 4);
    if (separators[0] != '\0') {
        out = put_char(out, separators[0]);
    }
    out = put_digits(out, (unsigned long)tm->tm_mon + 1, 2);
    if (separators[0] != '\0') {
        out = put_char(out, separators[0]);
    }
    out = put_digits(out, (unsigned long)tm->tm_mday, 2);
    out = put_char(out, 'T');
    out = put_digits(out, (unsigned long)tm->tm_hour, 2);
    if (separators[1] != '\0') {
        out = put_char(out, separators[1]);
    }
    out = put_digits(out, (unsigned long)tm->tm_min, 2);
    if (separators[1] != '\0') {
        out = put_char(out, separators[1]);
    }
    out = put_digits(out, (unsigned long)tm->tm_sec, 2);
    out = put_char(out, '.');
    return put_digits(out, usec % USEC_PER_SEC, 6);
}

static char *put_offset(char *out, long seconds) {
    unsigned long minutes = (unsigned long)(seconds < 0 ? -seconds : seconds) / 60;

    out = put_char(out, seconds < 0 ? '-' : '+');
    out = put_digits(out, minutes / 60, 2);
    out = put_char(out, ':');
    return put_digits(out, minutes % 60, 2);
}

size_t stamp_format(enum stamp_mode mode, uint64_t usec, char out[STAMP_SIZE]) {
    struct tm tm = {0};
    char *end = out;
    time_t seconds;

    usec = usec > STAMP_USEC_MAX ? STAMP_USEC_MAX : usec;
    seconds = (time_t)(usec / USEC_PER_SEC);
    switch (mode) {
    case STAMP_RAW:
        return 0;
    case STAMP_UTC:
        (void)gmtime_r(&seconds, &tm); /* It fails for years that do not fit an int only. */
        end = put_time(out, &tm, usec, (char[2]){'-', ':'});
        end = put_char(end, 'Z');
        break;
    case STAMP_LOCAL:
        (void)localtime_r(&seconds, &tm);
        end = put_time(out, &tm, usec, (char[2]){'-', ':'});
        end = put_offset(end, tm.tm_gmtoff);
        break;
    }
    end = put_char(end, ' ');
    assert(end - out <= STAMP_SIZE);
    return (size_t)(end - out);
}

void stamp_format_name(uint64_t usec, char out[STAMP_NAME_SIZE]) {
    struct tm tm = {0};
    time_t seconds;
    char *end;

    usec = usec > STAMP_USEC_MAX ? STAMP_USEC_MAX : usec;
    seconds = (time_t)(usec / USEC_PER_SEC);
    (void)gmtime_r(&seconds, &tm);
    end = put_time(out, &tm, usec, (char[2]){'\0', '\0'});
    end = put_char(end, 'Z');
    *end = '\0';
    assert(end - out == STAMP_NAME_SIZE - 1);
}

static int parse_digits(const char *text, size_t width) {
    int value = 0;

    for (size_t i = 0; i < width; i++) {
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool stamp_parse_name(const char *text, uint64_t *ret_usec) {
    static const char shape[] = "ddddddddTdddddd.ddddddZ";
    char again[STAMP_NAME_SIZE];
    struct tm tm = {0};
    uint64_t usec;
    time_t seconds;

    static_assert(sizeof(shape) == STAMP_NAME_SIZE, "the shape is a whole name");
    for (size_t i = 0; i < sizeof(shape) - 1; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == 'd' ? !digit : text[i] != shape[i]) {
            return false;
        }
    }
    tm.tm_year = parse_digits(text, 4) - 1900;
    tm.tm_mon = parse_digits(text + 4, 2) - 1;
    tm.tm_mday = parse_digits(text + 6, 2);
    tm.tm_hour = parse_digits(text + 9, 2);
    tm.tm_min = parse_digits(text + 11, 2);
    tm.tm_sec = parse_digits(text + 13, 2);
    seconds = timegm(&tm);
    if (seconds < 0) {
        return false;
    }
    usec = (uint64_t)seconds * USEC_PER_SEC + (uint64_t)parse_digits(text + 16, 6);
    /* timegm() accepts a 31st of February; only what it would write itself is a name. */
    stamp_format_name(usec, again);
    if (memcmp(text, again, STAMP_NAME_SIZE - 1) != 0) {
        return false;
    }
    *ret_usec = usec;
    return true;
}
