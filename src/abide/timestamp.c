/* The calendar is proleptic Gregorian; days are counted from a March, which puts February last. */
#include "abide/timestamp.h"

#include "unitfile/span.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Years of four digits from 1970 on. */
#define YEAR_MIN 1970

/* Reads exactly `n_digits` digits, and moves on; -1: they are not there. */
static int read_number(const char **at, size_t n_digits) {
    int number = 0;
    for (size_t i = 0; i < n_digits; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9') {
            return -1;
        }
        number = 10 * number + ((*at)[i] - '0');
    }
    *at += n_digits;
    return number;
}

static bool skip(const char **at, char c) {
    bool is_there = **at == c;
    *at += is_there ? 1 : 0;
    return is_there;
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* From 1970-01-01 to the date. */
static usec_t days_since_1970(int year, int month, int day) {
    int y = month <= 2 ? year - 1 : year;
    int m = (month + 9) % 12;
    int days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    return (usec_t)(days - 719468);
}

/* YYYY-MM-DD */
static int read_date(const char **at, usec_t *ret_usec) {
    int year = read_number(at, 4);
    bool has_month = skip(at, '-');
    int month = has_month ? read_number(at, 2) : -1;
    bool has_day = skip(at, '-');
    int day = has_day ? read_number(at, 2) : -1;
    if (year < YEAR_MIN || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return -EINVAL;
    }
    *ret_usec = days_since_1970(year, month, day) * USEC_PER_DAY;
    return 0;
}

/* HH:MM, then :SS and a fraction of it. */
static int read_time(const char **at, usec_t *ret_usec) {
    int hours = read_number(at, 2);
    int minutes = skip(at, ':') ? read_number(at, 2) : -1;
    int seconds = 0;
    usec_t fraction = 0;
    if (skip(at, ':')) {
        seconds = read_number(at, 2);
        if (skip(at, '.')) {
            usec_t unit = USEC_PER_SEC / 10;
            for (; **at >= '0' && **at <= '9'; (*at)++) {
                fraction += unit * (usec_t)(**at - '0');
                unit /= 10;
            }
        }
    }
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) {
        return -EINVAL;
    }
    *ret_usec = (usec_t)hours * USEC_PER_HOUR + (usec_t)minutes * USEC_PER_MINUTE +
                (usec_t)seconds * USEC_PER_SEC + fraction;
    return 0;
}

static int parse_calendar(const char *text, usec_t now_usec, usec_t *ret_usec) {
    const char *at = text;
    usec_t date = now_usec - now_usec % USEC_PER_DAY;
    usec_t time = 0;
    bool has_date = strlen(text) >= 5 && text[4] == '-';
    if (has_date && read_date(&at, &date) < 0) {
        return -EINVAL;
    }
    bool has_time = !has_date || ((*at == ' ' || *at == 'T') && at[1] >= '0' && at[1] <= '9');
    at += has_date && has_time ? 1 : 0;
    if (has_time && read_time(&at, &time) < 0) {
        return -EINVAL;
    }
    if (*at != '\0' && strcmp(at, "Z") != 0 && strcmp(at, " UTC") != 0) {
        return -EINVAL;
    }
    *ret_usec = date + time;
    return 0;
}

static int parse_relative(const char *text, usec_t now_usec, usec_t *ret_usec) {
    static const char ago[] = " ago";
    char span[64];
    size_t length = strlen(text);
    bool is_ago = length > strlen(ago) && strcmp(text + length - strlen(ago), ago) == 0;
    const char *from = is_ago ? text : text + 1;
    length = is_ago ? length - strlen(ago) : length - 1;
    usec_t usec;
    if (length >= sizeof(span)) {
        return -EINVAL;
    }
    memcpy(span, from, length);
    span[length] = '\0';
    if (span_parse(span, USEC_PER_SEC, &usec) < 0) {
        return -EINVAL;
    }
    *ret_usec = text[0] == '+' && !is_ago ? usec_add(now_usec, usec) : usec_sub(now_usec, usec);
    return 0;
}

int timestamp_parse(const char *text, usec_t now_usec, usec_t *ret_usec) {
    usec_t today = now_usec - now_usec % USEC_PER_DAY;
    size_t length = strlen(text);
    if (strcmp(text, "now") == 0) {
        *ret_usec = now_usec;
    } else if (strcmp(text, "today") == 0) {
        *ret_usec = today;
    } else if (strcmp(text, "yesterday") == 0) {
        *ret_usec = usec_sub(today, USEC_PER_DAY);
    } else if (strcmp(text, "tomorrow") == 0) {
        *ret_usec = usec_add(today, USEC_PER_DAY);
    } else if (text[0] == '@') {
        return span_parse(text + 1, USEC_PER_SEC, ret_usec) < 0 ? -EINVAL : 0;
    } else if (text[0] == '-' || text[0] == '+' ||
               (length > 4 && strcmp(text + length - 4, " ago") == 0)) {
        return parse_relative(text, now_usec, ret_usec);
    } else {
        return parse_calendar(text, now_usec, ret_usec);
    }
    return 0;
}
