/*
 * A table of keys would be longer than the comparisons: there are five.
 */
#include "logger/settings.h"

#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define FILE_SIZE_MIN UINT64_C(4096)
#define FILES_IN_TOTAL 4
#define TOTAL_SIZE_MIN (FILES_IN_TOTAL * FILE_SIZE_MIN)
#define SIZE_LIMIT_MAX (UINT64_C(1) << 50)

struct word {
    const char *text;
    size_t size;
};

static bool word_is(struct word word, const char *text) {
    return word.size == strlen(text) && memcmp(word.text, text, word.size) == 0;
}

static bool parse_number(struct word word, uint64_t max, uint64_t *ret_number) {
    uint64_t number = 0;

    if (word.size == 0 || word.size > 18) {
        return false;
    }
    for (size_t i = 0; i < word.size; i++) {
        if (word.text[i] < '0' || word.text[i] > '9') {
            return false;
        }
        number = number * 10 + (uint64_t)(word.text[i] - '0');
    }
    if (number > max) {
        return false;
    }
    *ret_number = number;
    return true;
}

static bool parse_stamp(struct word value, enum stamp_mode *ret_mode) {
    if (word_is(value, "utc")) {
        *ret_mode = STAMP_UTC;
    } else if (word_is(value, "local")) {
        *ret_mode = STAMP_LOCAL;
    } else if (word_is(value, "raw")) {
        *ret_mode = STAMP_RAW;
    } else {
        return false;
    }
    return true;
}

/* Returns false for a bad value of a known key. */
static bool parse_pair(struct word key, struct word value, struct settings *settings) {
    uint64_t number;

    if (word_is(key, "stamp")) {
        return parse_stamp(value, &settings->stamp);
    }
    if (word_is(key, "file-size-max")) {
        if (!parse_number(value, SIZE_LIMIT_MAX, &number) || number < FILE_SIZE_MIN) {
            return false;
        }
        settings->file_size_max = number;
    } else if (word_is(key, "total-size-max")) {
        if (!parse_number(value, SIZE_LIMIT_MAX, &number) ||
            (number != 0 && number < TOTAL_SIZE_MIN)) {
            return false;
        }
        settings->total_size_max = number;
    } else if (word_is(key, "count-max")) {
        if (!parse_number(value, UINT32_MAX, &number)) {
            return false;
        }
        settings->count_max = (uint32_t)number;
    }
    return true;
}

size_t settings_parse(const char *text, size_t size, struct settings *ret_settings) {
    struct settings settings = SETTINGS_INIT;
    size_t n_bad = 0;

    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        size_t length = end != NULL ? (size_t)(end - text) : size;
        size_t step = end != NULL ? length + 1 : length;
        const char *equals = memchr(text, '=', length);

        if (equals != NULL) {
            struct word key = {text, (size_t)(equals - text)};
            struct word value = {equals + 1, length - key.size - 1};

            if (word_is(key, "version") && !word_is(value, "1")) {
                *ret_settings = SETTINGS_INIT;
                return 1;
            }
            n_bad += parse_pair(key, value, &settings) ? 0 : 1;
        }
        text += step;
        size -= step;
    }
    if (settings.total_size_max != 0 &&
        settings.file_size_max > settings.total_size_max / FILES_IN_TOTAL) {
        settings.file_size_max = settings.total_size_max / FILES_IN_TOTAL;
    }
    *ret_settings = settings;
    return n_bad;
}

int settings_load(int dir_fd, const char *name, struct settings *ret_settings) {
    char text[SETTINGS_TEXT_MAX + 1];
    size_t size = 0;
    auto_fd int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        if (errno != ENOENT) {
            return -errno;
        }
        *ret_settings = SETTINGS_INIT;
        return 0;
    }
    while (size < sizeof(text)) {
        ssize_t n = read(fd, text + size, sizeof(text) - size);
        if (n < 0) {
            return -errno;
        }
        if (n == 0) {
            return (int)settings_parse(text, size, ret_settings);
        }
        size += (size_t)n;
    }
    return -EFBIG;
}
