/*
 * The grammar is read off systemd 252, with its oddities, since files rely on it: parts may follow
 * one another without blanks and add up; a part may have a fraction, which is cut at a microsecond;
 * there are no negative spans, not even -0.
 */
#include "unitfile/span.h"

#include <errno.h>
#include <string.h>

#define MONTH_USEC (2629800 * USEC_PER_SEC)
#define YEAR_USEC (31557600 * USEC_PER_SEC)
#define WEEK_USEC (7 * USEC_PER_DAY)

struct unit {
    const char *name;
    usec_t usec;
};

/* A longer name stands before those that it begins with. */
static const struct unit units[] = {
    {"seconds", USEC_PER_SEC},
    {"second", USEC_PER_SEC},
    {"sec", USEC_PER_SEC},
    {"s", USEC_PER_SEC},
    {"minutes", USEC_PER_MINUTE},
    {"minute", USEC_PER_MINUTE},
    {"min", USEC_PER_MINUTE},
    {"months", MONTH_USEC},
    {"month", MONTH_USEC},
    {"M", MONTH_USEC},
    {"msec", USEC_PER_MSEC},
    {"ms", USEC_PER_MSEC},
    {"m", USEC_PER_MINUTE},
    {"hours", USEC_PER_HOUR},
    {"hour", USEC_PER_HOUR},
    {"hr", USEC_PER_HOUR},
    {"h", USEC_PER_HOUR},
    {"days", USEC_PER_DAY},
    {"day", USEC_PER_DAY},
    {"d", USEC_PER_DAY},
    {"weeks", WEEK_USEC},
    {"week", WEEK_USEC},
    {"w", WEEK_USEC},
    {"years", YEAR_USEC},
    {"year", YEAR_USEC},
    {"y", YEAR_USEC},
    {"usec", 1},
    {"us", 1},
    {"\xce\xbcs", 1}, /* U+03BC, the Greek letter */
    {"\xc2\xb5s", 1}, /* U+00B5, the micro sign */
};

/* The unit that `text` begins with; returns what follows it, or `text` when there is none. */
static const char *parse_unit(const char *text, usec_t *unit_usec) {
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i].name);
        if (strncmp(text, units[i].name, length) == 0) {
            *unit_usec = units[i].usec;
            return text + length;
        }
    }
    return text;
}

static int add(usec_t *sum, usec_t count, usec_t unit_usec) {
    if (unit_usec != 0 && count >= USEC_INFINITY / unit_usec) {
        return -ERANGE;
    }
    usec_t part = count * unit_usec;
    if (part >= USEC_INFINITY - *sum) {
        return -ERANGE;
    }
    *sum += part;
    return 0;
}

/* At most what a signed 64-bit number holds, as systemd has it. */
static int parse_count(const char **at, usec_t *ret_count) {
    usec_t count = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        usec_t digit = (usec_t)(**at - '0');
        if (count > ((usec_t)INT64_MAX - digit) / 10) {
            return -ERANGE;
        }
        count = count * 10 + digit;
    }
    *ret_count = count;
    return 0;
}

/* One number with its unit; *at moves behind both. */
static int parse_part(const char **at, usec_t unit_usec, usec_t *sum) {
    const char *text = *at;
    if (*text == '-') {
        return -ERANGE;
    }
    text += *text == '+' && text[1] >= '0' && text[1] <= '9' ? 1 : 0;
    const char *number = text;
    usec_t count = 0;
    int r = parse_count(&text, &count);
    if (r < 0) {
        return r;
    }
    const char *fraction = *text == '.' ? text + 1 : NULL;
    if (fraction != NULL) {
        text = fraction + strspn(fraction, TEXT_DIGITS);
    }
    if (text == number || text == fraction) {
        return -EINVAL;
    }
    const char *end = parse_unit(text + strspn(text, TEXT_BLANKS), &unit_usec);
    if (end == text && *end != '\0') {
        return -EINVAL;
    }
    *at = end;
    r = add(sum, count, unit_usec);
    for (usec_t weight = unit_usec / 10; r == 0 && fraction != NULL && fraction < text;
         weight /= 10) {
        r = add(sum, (usec_t)(*fraction++ - '0'), weight);
        if (weight == 0) {
            break;
        }
    }
    return r;
}

int span_parse(const char *text, usec_t unit_usec, usec_t *ret_usec) {
    static const char infinity[] = "infinity";
    text += strspn(text, TEXT_BLANKS);
    if (strncmp(text, infinity, sizeof(infinity) - 1) == 0) {
        text += sizeof(infinity) - 1;
        if (text[strspn(text, TEXT_BLANKS)] != '\0') {
            return -EINVAL;
        }
        *ret_usec = USEC_INFINITY;
        return 0;
    }
    if (*text == '\0') {
        return -EINVAL;
    }
    usec_t sum = 0;
    while (*text != '\0') {
        int r = parse_part(&text, unit_usec, &sum);
        if (r < 0) {
            return r;
        }
        text += strspn(text, TEXT_BLANKS);
    }
    *ret_usec = sum;
    return 0;
}

/* Below a minute what is left goes behind a point, unless it is nothing: "20.300000s", "1.5ms". */
static void add_fraction(struct text *text, usec_t rest, usec_t unit_usec) {
    text_add_char(text, '.');
    for (usec_t weight = unit_usec / 10; weight != 0; weight /= 10) {
        text_add_char(text, (char)('0' + rest / weight % 10));
    }
}

void span_format(struct text *text, usec_t usec) {
    static const struct unit normal[] = {
        {"y", YEAR_USEC},    {"month", MONTH_USEC}, {"w", WEEK_USEC},
        {"d", USEC_PER_DAY}, {"h", USEC_PER_HOUR},  {"min", USEC_PER_MINUTE},
        {"s", USEC_PER_SEC}, {"ms", USEC_PER_MSEC}, {"us", 1},
    };
    if (usec == USEC_INFINITY) {
        text_add(text, "infinity");
        return;
    }
    if (usec == 0) {
        text_add_char(text, '0');
        return;
    }
    const char *gap = "";
    for (size_t i = 0; i < sizeof(normal) / sizeof(normal[0]) && usec != 0; i++) {
        usec_t unit_usec = normal[i].usec;
        if (usec < unit_usec) {
            continue;
        }
        text_add(text, gap);
        text_add_number(text, usec / unit_usec);
        usec_t rest = usec % unit_usec;
        if (usec < USEC_PER_MINUTE && rest != 0) {
            add_fraction(text, rest, unit_usec);
            rest = 0;
        }
        text_add(text, normal[i].name);
        usec = rest;
        gap = " ";
    }
}
