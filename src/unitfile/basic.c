/* Values whose form is the same for many keys. */
#include "unitfile/command.h"
#include "unitfile/ending.h"
#include "unitfile/readers.h"
#include "unitfile/span.h"
#include "unitfile/value.h"
#include "unitfile/word.h"

#include "base/alloc.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>

static int set_bool(struct reader *reader, const struct key *key, bool truth) {
    uint8_t *field = reader_field(reader, key);
    if (field != NULL) {
        *field = truth ? 1 : 0;
    }
    int r = reader_set(reader, truth ? "yes" : "no");
    if (!truth) {
        reader_set_off(reader);
    }
    return r;
}

int read_bool(struct reader *reader, const struct key *key, char *value) {
    bool truth = false;
    if (value_parse_bool(value, &truth) < 0) {
        return reader_reject(reader, "is neither yes nor no", value);
    }
    return set_bool(reader, key, truth);
}

int read_tristate(struct reader *reader, const struct key *key, char *value) {
    return *value == '\0' ? reader_reset(reader) : read_bool(reader, key, value);
}

int read_word(struct reader *reader, const struct key *key, char *value) {
    bool truth = false;
    if (strncmp(key->words, "no yes", 6) == 0 && value_parse_bool(value, &truth) == 0) {
        return set_bool(reader, key, truth);
    }
    const int place = value_find_word(key->words, value, strlen(value));
    uint64_t number = 0;
    if (place < 0 && value_parse_unsigned(value, &number) == 0 && number <= (uint64_t)key->high &&
        key->high != 0) {
        return reader_set(reader, value);
    }
    if (place < 0) {
        return reader_reject(reader, "has no such value", value);
    }
    uint32_t *field = reader_field(reader, key);
    if (field != NULL) {
        *field = (uint32_t)place;
    }
    int r = reader_set(reader, value);
    if (place == 0) {
        reader_set_off(reader);
    }
    return r;
}

int read_integer(struct reader *reader, const struct key *key, char *value) {
    int64_t number = 0;
    if (value_parse_signed(value, &number) < 0) {
        return reader_reject(reader, "is no number", value);
    }
    if (number < key->low || number > key->high) {
        return reader_reject(reader, "is out of range", value);
    }
    struct text text = {0};
    text_add_signed(&text, number);
    return reader_set_text(reader, &text);
}

int read_unsigned(struct reader *reader, const struct key *key, char *value) {
    uint64_t number = 0;
    if (value_parse_unsigned(value, &number) < 0 || number > UINT32_MAX) {
        return reader_reject(reader, "is no number from 0 to 4294967295", value);
    }
    uint32_t *field = reader_field(reader, key);
    if (field != NULL) {
        *field = (uint32_t)number;
    }
    struct text text = {0};
    text_add_number(&text, number);
    return reader_set_text(reader, &text);
}

int read_span(struct reader *reader, const struct key *key, char *value) {
    if (*value == '\0' && (key->low & SPAN_MAY_BE_EMPTY) != 0) {
        return reader_reset(reader);
    }
    usec_t usec = 0;
    const usec_t unit = (key->low & SPAN_IN_MICROSECONDS) != 0 ? 1 : USEC_PER_SEC;
    if (span_parse(value, unit, &usec) < 0) {
        return reader_reject(reader, "is no span of time", value);
    }
    if (usec == 0 && (key->low & SPAN_ZERO_IS_INFINITY) != 0) {
        usec = USEC_INFINITY;
    }
    usec_t *field = reader_field(reader, key);
    if (field != NULL) {
        *field = usec;
    }
    struct text text = {0};
    span_format(&text, usec);
    return reader_set_text(reader, &text);
}

int read_mode(struct reader *reader, const struct key *key, char *value) {
    uint32_t mode = 0;
    if (value_parse_mode(value, &mode) < 0) {
        return reader_reject(reader, "is no octal mode up to 7777", value);
    }
    uint32_t *field = reader_field(reader, key);
    if (field != NULL) {
        *field = mode;
    }
    struct text text = {0};
    text_add_octal(&text, mode, 4);
    return reader_set_text(reader, &text);
}

int read_signal(struct reader *reader, const struct key *key, char *value) {
    uint32_t signo = 0;
    if (signal_parse(value, &signo) < 0) {
        return reader_reject(reader, "is no signal", value);
    }
    uint32_t *field = reader_field(reader, key);
    if (field != NULL) {
        *field = signo;
    }
    struct text text = {0};
    text_add(&text, "SIG");
    signal_format(&text, signo);
    return reader_set_text(reader, &text);
}

/* An empty value has taken the string away. */
static int store_string(struct reader *reader, const struct key *key, const char *string) {
    char **field = reader_field(reader, key);
    if (field == NULL) {
        return 0;
    }
    if (*string == '\0') {
        cleanup_free(field);
        *field = NULL;
        return 0;
    }
    return str_replace(field, string, strlen(string));
}

int read_string(struct reader *reader, const struct key *key, char *value) {
    auto_free char *expanded = NULL;
    int r = 1;
    if ((key->low & STRING_PLAIN) != 0) {
        r = str_replace(&expanded, value, strlen(value));
        r = r < 0 ? r : 1;
    } else {
        r = reader_expand(reader, SPECIFIERS_ALL, value, &expanded);
    }
    if (r > 0) {
        r = store_string(reader, key, expanded);
        r = r < 0 ? r : *expanded == '\0' ? reader_reset(reader) : reader_set(reader, expanded);
    }
    return r;
}

/* `-` and `+`, in this order, as far as the key takes them. */
static const char *skip_path_marks(const struct key *key, const char *path) {
    path += (key->low & STRING_MAY_BE_MISSING) != 0 && *path == '-' ? 1 : 0;
    path += (key->low & STRING_ROOT_RELATIVE) != 0 && *path == '+' ? 1 : 0;
    return path;
}

/* Checks one path, its marks included; 1 with *ret_path, to be freed, in its simplest form. */
static int take_path(struct reader *reader, const struct key *key, const char *value,
                     char **ret_path) {
    auto_free char *expanded = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, value, &expanded);
    if (r <= 0) {
        return r;
    }
    const char *path = skip_path_marks(key, expanded);
    if (*path != '/') {
        return reader_reject(reader, "is no absolute path", value);
    }
    struct text text = {0};
    text_add_bytes(&text, expanded, (size_t)(path - expanded));
    path_simplify(&text, path);
    r = text_take(&text, ret_path);
    return r < 0 ? r : 1;
}

int read_path(struct reader *reader, const struct key *key, char *value) {
    auto_free char *path = NULL;
    if (*value == '\0') {
        int r = store_string(reader, key, value);
        return r < 0 ? r : reader_reset(reader);
    }
    int r = take_path(reader, key, value, &path);
    if (path != NULL) {
        r = store_string(reader, key, path);
        r = r < 0 ? r : reader_set(reader, path);
    }
    return r;
}

int read_paths(struct reader *reader, const struct key *key, char *value) {
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        auto_free char *path = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE, &word);
        if (r > 0) {
            int taken = take_path(reader, key, word, &path);
            int added = taken;
            if (taken > 0) {
                added = (key->low & STRING_SEPARATE) != 0 ? reader_append(reader, path)
                                                          : reader_join(reader, path);
            }
            r = added < 0 ? added : 1;
        }
    }
    return r;
}

int read_size(struct reader *reader, const struct key *key, char *value) {
    uint64_t size = 0;
    if (key->high == 0 && strcmp(value, "infinity") == 0) {
        size = UINT64_MAX;
    } else if (value_parse_size(value, &size) < 0) {
        return reader_reject(reader, "is no size", value);
    }
    uint64_t *field = reader_field(reader, key);
    if (field != NULL) {
        *field = size;
    }
    struct text text = {0};
    text_add_number(&text, size);
    return reader_set_text(reader, &text);
}

static int append_word(struct reader *reader, const struct key *key, const char *word) {
    auto_free char *expanded = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, word, &expanded);
    if (r <= 0) {
        return r;
    }
    if (key->words != NULL && value_find_word(key->words, expanded, strlen(expanded)) < 0) {
        return reader_reject(reader, "has no such value", expanded);
    }
    char ***field = reader_field(reader, key);
    r = field != NULL ? str_list_append(field, expanded, strlen(expanded)) : 0;
    if (r == -E2BIG) {
        return reader_reject(reader, "has too many values at", expanded);
    }
    return r < 0 ? r : reader_append(reader, expanded);
}

int read_list(struct reader *reader, const struct key *key, char *value) {
    if (*value == '\0') {
        char ***field = reader_field(reader, key);
        if (field != NULL) {
            *field = str_list_free(*field);
        }
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE | WORD_KEEP_BACKSLASH, &word);
        if (r > 0) {
            int added = append_word(reader, key, word);
            r = added < 0 ? added : 1;
        }
    }
    return r;
}
