/*
 * strtol(3) depends on the locale and on errno, and takes more than is wanted; so digits are read
 * here, one loop for every base.
 */
#include "unitfile/value.h"

#include "unitfile/text.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static char lower(char c) {
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool equals_ignoring_case(const char *text, const char *word) {
    while (*text != '\0' && lower(*text) == lower(*word)) {
        text++;
        word++;
    }
    return *text == '\0' && *word == '\0';
}

int value_parse_bool(const char *text, bool *ret_value) {
    static const char *const words[][6] = {
        {"0", "no", "n", "false", "f", "off"},
        {"1", "yes", "y", "true", "t", "on"},
    };
    for (size_t truth = 0; truth < 2; truth++) {
        for (size_t i = 0; i < 6; i++) {
            if (equals_ignoring_case(text, words[truth][i])) {
                *ret_value = truth == 1;
                return 0;
            }
        }
    }
    return -EINVAL;
}

static uint32_t digit_of(char c) {
    if (c >= '0' && c <= '9') {
        return (uint32_t)(c - '0');
    }
    char small = lower(c);
    return small >= 'a' && small <= 'f' ? (uint32_t)(small - 'a') + 10 : UINT32_MAX;
}

/* Digits until the first character that is none; *ret_end is there. */
static int parse_digits(const char *text, uint32_t base, const char **ret_end,
                        uint64_t *ret_value) {
    uint64_t value = 0;
    const char *at = text;
    while (digit_of(*at) < base) {
        uint64_t digit = digit_of(*at);
        if (value > (UINT64_MAX - digit) / base) {
            return -ERANGE;
        }
        value = value * base + digit;
        at++;
    }
    if (at == text) {
        return -EINVAL;
    }
    *ret_end = at;
    *ret_value = value;
    return 0;
}

static int parse_prefixed(const char *text, uint64_t *ret_value) {
    uint32_t base = 10;
    if (text[0] == '0') {
        char mark = lower(text[1]);
        base = mark == 'x' ? 16 : mark == 'b' ? 2 : mark == '\0' ? 10 : 8;
        text += mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 0;
    }
    const char *end = NULL;
    uint64_t value = 0;
    int r = parse_digits(text, base, &end, &value);
    if (r < 0) {
        return r;
    }
    if (*end != '\0') {
        return -EINVAL;
    }
    *ret_value = value;
    return 0;
}

int value_parse_unsigned(const char *text, uint64_t *ret_value) {
    text += strspn(text, TEXT_BLANKS);
    if (text[0] == '-') {
        return -ERANGE;
    }
    return parse_prefixed(text + (text[0] == '+'), ret_value);
}

int value_parse_signed(const char *text, int64_t *ret_value) {
    text += strspn(text, TEXT_BLANKS);
    bool is_negative = text[0] == '-';
    uint64_t value = 0;
    int r = parse_prefixed(text + (text[0] == '+' || is_negative), &value);
    if (r < 0) {
        return r;
    }
    if (value > (uint64_t)INT64_MAX) {
        return -ERANGE;
    }
    *ret_value = is_negative ? -(int64_t)value : (int64_t)value;
    return 0;
}

int value_parse_mode(const char *text, uint32_t *ret_mode) {
    const char *end = NULL;
    uint64_t mode = 0;
    int r = parse_digits(text, 8, &end, &mode);
    if (r < 0) {
        return r;
    }
    if (*end != '\0') {
        return -EINVAL;
    }
    if (mode > 07777) {
        return -ERANGE;
    }
    *ret_mode = (uint32_t)mode;
    return 0;
}

/* The part behind the point of a size, as a fraction of one; *at moves behind its digits. */
static double parse_fraction(const char **at) {
    double fraction = 0;
    double weight = 0.1;
    while (digit_of(**at) < 10) {
        fraction += weight * digit_of(**at);
        weight /= 10;
        (*at)++;
    }
    return fraction;
}

static int parse_scaled(const char *text, uint64_t base, uint64_t *ret_size) {
    static const char suffixes[] = "EPTGMKB";
    const size_t n_suffixes = sizeof(suffixes) - 1;
    uint64_t size = 0;
    size_t next = 0; /* the greatest suffix that may still come; behind the last: none at all */
    do {
        text += strspn(text, TEXT_BLANKS);
        if (*text == '-') {
            return -ERANGE;
        }
        uint64_t whole = 0;
        double fraction = 0;
        int r = parse_digits(text + (*text == '+'), 10, &text, &whole);
        if (r < 0) {
            return r;
        }
        if (*text == '.') {
            text++;
            fraction = parse_fraction(&text);
        }
        text += strspn(text, TEXT_BLANKS);
        const char *found = *text != '\0' ? strchr(suffixes, *text) : NULL;
        size_t place = found != NULL ? (size_t)(found - suffixes) : n_suffixes;
        if (place < next || next > n_suffixes) {
            return -EINVAL;
        }
        uint64_t factor = 1;
        for (size_t i = place; i + 1 < n_suffixes; i++) {
            factor *= base;
        }
        if (whole + (fraction > 0 ? 1 : 0) > UINT64_MAX / factor) {
            return -ERANGE;
        }
        uint64_t part = whole * factor + (uint64_t)(fraction * (double)factor);
        if (part > UINT64_MAX - size) {
            return -ERANGE;
        }
        size += part;
        text += place < n_suffixes ? 1 : 0;
        next = place + 1;
    } while (*text != '\0');
    *ret_size = size;
    return 0;
}

int value_parse_size(const char *text, uint64_t *ret_size) {
    return parse_scaled(text, 1024, ret_size);
}

int value_parse_size_decimal(const char *text, uint64_t *ret_size) {
    return parse_scaled(text, 1000, ret_size);
}

int value_parse_permyriad(const char *text, uint64_t max, uint32_t *ret_permyriad) {
    uint64_t value = 0;
    int r = parse_digits(text, 10, &text, &value);
    if (r < 0) {
        return r;
    }
    if (value > max / 100) {
        return -ERANGE;
    }
    value *= 100;
    if (*text == '.') {
        text++;
        for (uint64_t weight = 10; digit_of(*text) < 10; weight /= 10) {
            if (weight == 0) {
                return -EINVAL;
            }
            value += weight * digit_of(*text++);
        }
    }
    if (strcmp(text, "%") != 0) {
        return -EINVAL;
    }
    if (value > max) {
        return -ERANGE;
    }
    *ret_permyriad = (uint32_t)value;
    return 0;
}

int value_find_word(const char *words, const char *text, size_t length) {
    assert(length <= INT32_MAX);
    for (int place = 0; *words != '\0'; place++) {
        size_t word_length = strcspn(words, " ");
        if (word_length == length && memcmp(words, text, length) == 0) {
            return place;
        }
        words += word_length;
        words += strspn(words, " ");
    }
    return -ENOENT;
}
