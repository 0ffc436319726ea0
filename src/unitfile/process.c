/* What a process is made of: environment, account, folder, limits, standard streams. */
#include "unitfile/command.h"
#include "unitfile/ini.h"
#include "unitfile/readers.h"
#include "unitfile/span.h"
#include "unitfile/value.h"
#include "unitfile/word.h"

#include "base/alloc.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

static bool is_variable_name(const char *name, size_t length) {
    return length != 0 && strspn(name, NAME_CHARACTERS) >= length &&
           !(name[0] >= '0' && name[0] <= '9');
}

/* NAME=VALUE; control characters other than tab and line feed would confuse whoever prints it. */
bool environment_is_assignment(const char *text) {
    const char *equals = strchr(text, '=');
    if (equals == NULL || !is_variable_name(text, (size_t)(equals - text)) ||
        !ini_is_utf8(text, strlen(text))) {
        return false;
    }
    for (const char *at = equals; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

/* The later of two assignments to one name takes the place of the first. */
static int store_assignment(char ***list, const char *assignment) {
    const size_t name_length = strcspn(assignment, "=") + 1;
    for (size_t i = 0; *list != NULL && (*list)[i] != NULL; i++) {
        if (strncmp((*list)[i], assignment, name_length) == 0) {
            return str_replace(&(*list)[i], assignment, strlen(assignment));
        }
    }
    return str_list_append(list, assignment, strlen(assignment));
}

static int add_assignment(struct reader *reader, const struct key *key, const char *word) {
    auto_free char *expanded = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, word, &expanded);
    if (r <= 0) {
        return r;
    }
    if (!environment_is_assignment(expanded)) {
        return reader_reject(reader, "is no NAME=VALUE", expanded);
    }
    char ***field = reader_field(reader, key);
    r = field != NULL ? store_assignment(field, expanded) : 0;
    char ***shown = reader_values(reader);
    if (r == 0 && shown != NULL && *shown != NULL) {
        r = store_assignment(shown, expanded);
    } else if (r == 0) {
        r = reader_append(reader, expanded);
    }
    return r;
}

static int reset_list(struct reader *reader, const struct key *key) {
    char ***field = reader_field(reader, key);
    if (field != NULL) {
        *field = str_list_free(*field);
    }
    return reader_reset(reader);
}

int read_environment(struct reader *reader, const struct key *key, char *value) {
    if (*value == '\0') {
        return reset_list(reader, key);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE | WORD_UNESCAPE, &word);
        if (r > 0) {
            int added = add_assignment(reader, key, word);
            r = added < 0 ? added : 1;
        }
    }
    return r;
}

int read_environment_file(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    if (*value == '\0') {
        if (reader->spec != NULL) {
            spec_clear_env_files(reader->spec);
        }
        return reader_reset(reader);
    }
    auto_free char *expanded = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, value, &expanded);
    if (r <= 0) {
        return r;
    }
    const bool may_be_missing = expanded[0] == '-';
    if (expanded[may_be_missing ? 1 : 0] != '/') {
        return reader_reject(reader, "is no absolute path", value);
    }
    struct text text = {0};
    text_add(&text, may_be_missing ? "-" : "");
    path_simplify(&text, expanded + (may_be_missing ? 1 : 0));
    auto_free char *path = NULL;
    r = text_take(&text, &path);
    if (r == 0 && reader->spec != NULL) {
        const char *bare = path + (may_be_missing ? 1 : 0);
        r = spec_add_env_file(reader->spec, bare, strlen(bare), may_be_missing ? 1 : 0);
    }
    return r < 0 ? r : reader_append(reader, path);
}

static int add_variable_name(struct reader *reader, const struct key *key, const char *word) {
    auto_free char *expanded = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, word, &expanded);
    if (r <= 0) {
        return r;
    }
    if (!is_variable_name(expanded, strlen(expanded)) &&
        (key->low == 0 || !environment_is_assignment(expanded))) {
        return reader_reject(reader, "is no variable's name", expanded);
    }
    char ***field = reader_field(reader, key);
    r = field != NULL ? str_list_append(field, expanded, strlen(expanded)) : 0;
    if (r == -E2BIG) {
        return reader_reject(reader, "has too many names at", expanded);
    }
    return r < 0 ? r : reader_append(reader, expanded);
}

int read_variable_names(struct reader *reader, const struct key *key, char *value) {
    if (*value == '\0') {
        return reset_list(reader, key);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE | (key->low != 0 ? WORD_UNESCAPE : 0), &word);
        if (r > 0) {
            int added = add_variable_name(reader, key, word);
            r = added < 0 ? added : 1;
        }
    }
    return r;
}

int read_working_directory(struct reader *reader, const struct key *key, char *value) {
    const bool may_be_missing = value[0] == '-';
    const char *rest = value + (may_be_missing ? 1 : 0);
    const bool is_home = strcmp(rest, "~") == 0;
    auto_free char *expanded = NULL;
    auto_free char *path = NULL;
    struct text text = {0};
    if (*value != '\0' && !is_home) {
        int r = reader_expand(reader, SPECIFIERS_ALL, rest, &expanded);
        if (r <= 0) {
            reader->is_fatal = reader->is_fatal || r == 0;
            return r;
        }
        if (expanded[0] != '/') {
            return may_be_missing ? reader_reject(reader, "is no absolute path", value)
                                  : reader_reject_fatally(reader, "is no absolute path", value);
        }
        path_simplify(&text, expanded);
        r = text_take(&text, &path);
        if (r < 0) {
            return r;
        }
    }
    char **field = reader_field(reader, key);
    if (field != NULL) {
        cleanup_free(field);
        *field = NULL;
        reader->spec->working_directory_is_home = is_home ? 1 : 0;
        reader->spec->working_directory_may_be_missing = may_be_missing ? 1 : 0;
        int r = path != NULL ? str_replace(field, path, strlen(path)) : 0;
        if (r < 0) {
            return r;
        }
    }
    if (*value == '\0') {
        return reader_reset(reader);
    }
    text_add(&text, may_be_missing ? "!" : "");
    text_add(&text, is_home ? "~" : path);
    return reader_set_text(reader, &text);
}

/*
 * What the kernel, passwd(5) and this check agree on: no number that could be mistaken, nothing
 * that separates fields, no path.
 */
static bool is_account(const char *name) {
    const size_t length = strlen(name);
    if (length == 0 || length > 255 || strpbrk(name, ":/\n\r\t") != NULL || name[0] == ' ' ||
        name[length - 1] == ' ' || !ini_is_utf8(name, length) || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)name[i];
        if (byte < 0x20 || byte == 0x7f) {
            return false;
        }
    }
    if (strspn(name, TEXT_DIGITS) != length) {
        return strspn(name, TEXT_DIGITS "-") != length;
    }
    uint64_t number = 0;
    return (name[0] != '0' || length == 1) && value_parse_unsigned(name, &number) == 0 &&
           number < UINT32_MAX && number != UINT16_MAX;
}

/* The account that must own nothing and is shared by all who have no other. */
static int advise_nobody(struct reader *reader, const char *name) {
    if (strcmp(name, "nobody") != 0) {
        return 0;
    }
    const char *const pieces[] = {
        "the user nobody is shared by many services, which can harm one another; give it one of "
        "its own",
        NULL};
    return reader_say(reader, DIAG_NOTE, DIAG_ADVICE, pieces);
}

static int take_account(struct reader *reader, const char *word, char **ret_name) {
    int r = reader_expand(reader, SPECIFIERS_ALL, word, ret_name);
    if (r == 0) {
        reader->is_fatal = true;
    }
    if (r > 0 && !is_account(*ret_name)) {
        return reader_reject_fatally(reader, "is no name of a user or a group", word);
    }
    return r;
}

int read_account(struct reader *reader, const struct key *key, char *value) {
    char **field = reader_field(reader, key);
    if (*value == '\0') {
        if (field != NULL) {
            cleanup_free(field);
            *field = NULL;
        }
        return reader_reset(reader);
    }
    auto_free char *name = NULL;
    int r = take_account(reader, value, &name);
    if (r <= 0) {
        return r;
    }
    r = strcmp(key->name, "User") == 0 ? advise_nobody(reader, name) : 0;
    if (r == 0 && field != NULL) {
        r = str_replace(field, name, strlen(name));
    }
    return r < 0 ? r : reader_set(reader, name);
}

int read_accounts(struct reader *reader, const struct key *key, char *value) {
    if (*value == '\0') {
        return reset_list(reader, key);
    }
    char ***field = reader_field(reader, key);
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        auto_free char *name = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE, &word);
        int added = r > 0 ? take_account(reader, word, &name) : 0;
        if (added > 0) {
            added = field != NULL ? str_list_append(field, name, strlen(name)) : 0;
            added = added == 0 ? reader_join(reader, name) : added;
        }
        if (added == -E2BIG) {
            return reader_reject_fatally(reader, "has too many groups at", word);
        }
        r = added < 0 ? added : r;
    }
    return r;
}

/* How the number of a limit is written. */
enum limit_unit {
    LIMIT_IN_COUNTS,
    LIMIT_IN_BYTES,
    LIMIT_IN_SECONDS,
    LIMIT_IN_MICROSECONDS,
    LIMIT_IN_NICE,
};

static enum limit_unit limit_unit(enum limit limit) {
    switch (limit) {
    case LIMIT_CPU:
        return LIMIT_IN_SECONDS;
    case LIMIT_FSIZE:
    case LIMIT_DATA:
    case LIMIT_STACK:
    case LIMIT_CORE:
    case LIMIT_RSS:
    case LIMIT_MEMLOCK:
    case LIMIT_AS:
    case LIMIT_MSGQUEUE:
        return LIMIT_IN_BYTES;
    case LIMIT_NPROC:
    case LIMIT_NOFILE:
    case LIMIT_LOCKS:
    case LIMIT_SIGPENDING:
    case LIMIT_RTPRIO:
        return LIMIT_IN_COUNTS;
    case LIMIT_NICE:
        return LIMIT_IN_NICE;
    case LIMIT_RTTIME:
        return LIMIT_IN_MICROSECONDS;
    }
    return LIMIT_IN_COUNTS;
}

/* +N and -N are nice levels, a bare number is the kernel's. setrlimit(2), RLIMIT_NICE. */
static int parse_nice_limit(const char *text, uint64_t *ret_value) {
    int64_t level = 0;
    int r = value_parse_signed(text, &level);
    if (r < 0) {
        return r;
    }
    const bool is_level = text[0] == '+' || text[0] == '-';
    if (is_level ? level < -20 || level > 19 : level < 0 || level > 40) {
        return -ERANGE;
    }
    *ret_value = (uint64_t)(is_level ? 20 - level : level);
    return 0;
}

static int parse_span_limit(const char *text, usec_t unit, uint64_t *ret_value) {
    usec_t usec = 0;
    int r = span_parse(text, unit, &usec);
    if (r == 0) {
        *ret_value = usec / unit + (usec % unit != 0 ? 1 : 0);
    }
    return r;
}

static int parse_limit(enum limit_unit unit, const char *text, uint64_t *ret_value) {
    if (strcmp(text, "infinity") == 0 && unit != LIMIT_IN_NICE) {
        *ret_value = LIMIT_INFINITY;
        return 0;
    }
    switch (unit) {
    case LIMIT_IN_COUNTS:
        return value_parse_unsigned(text, ret_value);
    case LIMIT_IN_BYTES:
        return value_parse_size(text, ret_value);
    case LIMIT_IN_SECONDS:
        return parse_span_limit(text, USEC_PER_SEC, ret_value);
    case LIMIT_IN_MICROSECONDS:
        return parse_span_limit(text, 1, ret_value);
    case LIMIT_IN_NICE:
        return parse_nice_limit(text, ret_value);
    }
    return -EINVAL;
}

/* BOTH or SOFT:HARD. */
int read_limit(struct reader *reader, const struct key *key, char *value) {
    const enum limit_unit unit = limit_unit((enum limit)key->low);
    struct limit_value limit = {.is_set = 1};
    char *colon = strchr(value, ':');
    if (colon != NULL) {
        *colon = '\0';
    }
    int soft = parse_limit(unit, value, &limit.soft);
    int hard = parse_limit(unit, colon != NULL ? colon + 1 : value, &limit.hard);
    if (colon != NULL) {
        *colon = ':';
    }
    if (soft < 0 || hard < 0) {
        return reader_reject(reader, "is no such limit", value);
    }
    if (limit.soft > limit.hard) {
        return reader_reject(reader, "has a soft limit above the hard one", value);
    }
    if (reader->spec != NULL) {
        reader->spec->limits[key->low] = limit;
    }
    struct text text = {0};
    text_add_number(&text, limit.soft);
    if (limit.soft != limit.hard) {
        text_add_char(&text, ':');
        text_add_number(&text, limit.hard);
    }
    return reader_set_text(reader, &text);
}

struct stream_word {
    const char *word; /* ended by `:` when something follows */
    enum stdio_kind kind;
    bool is_for_input;
    bool is_for_output;
    const char *now; /* how it is written today, if otherwise */
};

static const struct stream_word stream_words[] = {
    {"null", STDIO_NULL, true, true, NULL},
    {"inherit", STDIO_INHERIT, false, true, NULL},
    {"journal", STDIO_LOG, false, true, NULL},
    {"journal+console", STDIO_LOG, false, true, NULL},
    {"kmsg", STDIO_LOG, false, true, NULL},
    {"kmsg+console", STDIO_LOG, false, true, NULL},
    {"syslog", STDIO_LOG, false, true, "journal"},
    {"syslog+console", STDIO_LOG, false, true, "journal+console"},
    {"tty", STDIO_TTY, true, true, NULL},
    {"tty-force", STDIO_TTY, true, false, NULL},
    {"tty-fail", STDIO_TTY, true, false, NULL},
    {"socket", STDIO_SOCKET, true, true, NULL},
    {"data", STDIO_DATA, true, false, NULL},
    {"file:", STDIO_FILE, true, true, NULL},
    {"append:", STDIO_APPEND, false, true, NULL},
    {"truncate:", STDIO_TRUNCATE, false, true, NULL},
    {"fd:", STDIO_FD, true, true, NULL},
    {"fd", STDIO_FD, true, true, NULL},
};

static const struct stream_word *find_stream_word(const char *value, bool is_input) {
    for (size_t i = 0; i < sizeof(stream_words) / sizeof(stream_words[0]); i++) {
        const struct stream_word *word = &stream_words[i];
        const size_t length = strlen(word->word);
        const bool has_target = word->word[length - 1] == ':';
        if ((is_input ? word->is_for_input : word->is_for_output) &&
            (has_target ? strncmp(value, word->word, length) == 0
                        : strcmp(value, word->word) == 0)) {
            return word;
        }
    }
    return NULL;
}

/* What follows the colon: a descriptor's name or a path. 1, 0 when it was rejected, or -ENOMEM. */
static int take_target(struct reader *reader, enum stdio_kind kind, const char *target,
                       char **ret_target) {
    auto_free char *expanded = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, target, &expanded);
    if (r <= 0) {
        reader->is_fatal = reader->is_fatal || r == 0;
        return r;
    }
    struct text text = {0};
    if (kind == STDIO_FD) {
        text_add(&text, expanded);
    } else if (expanded[0] == '/') {
        path_simplify(&text, expanded);
    } else {
        return reader_reject(reader, "is no absolute path", target);
    }
    r = text_take(&text, ret_target);
    return r < 0 ? r : 1;
}

int read_stdio(struct reader *reader, const struct key *key, char *value) {
    const bool is_input = key->low == 0;
    const struct stream_word *word = find_stream_word(value, is_input);
    if (word == NULL) {
        return reader_reject(reader, "has no such value", value);
    }
    auto_free char *target = NULL;
    const size_t length = strlen(word->word);
    int r = 0;
    if (word->word[length - 1] == ':') {
        r = take_target(reader, word->kind, value + length, &target);
        if (r <= 0) {
            return r;
        }
    }
    if (word->now != NULL) {
        const char *const pieces[] = {
            key->name, "=", word->word, " is written ", key->name, "=", word->now, " today", NULL};
        r = reader_say(reader, DIAG_NOTE, DIAG_ADVICE, pieces);
    }
    struct text text = {0};
    text_add(&text, word->now != NULL ? word->now : word->word);
    text_add(&text, target != NULL ? target : "");
    struct stdio *stdio = reader_field(reader, key);
    if (stdio != NULL) {
        cleanup_free(&stdio->target);
        stdio->kind = word->kind;
        stdio->target = take_ptr(&target);
    }
    int set = reader_set_text(reader, &text);
    return r < 0 ? r : set;
}
