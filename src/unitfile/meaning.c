/* Values of few keys, or of one. */
#include "unitfile/command.h"
#include "unitfile/readers.h"
#include "unitfile/value.h"
#include "unitfile/word.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

static bool is_document(const char *address) {
    static const char *const schemes[] = {"http://", "https://", "file:/", "info:", "man:"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        const size_t length = strlen(schemes[i]);
        if (strncmp(address, schemes[i], length) == 0) {
            return address[length] != '\0';
        }
    }
    return false;
}

int read_documentation(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        auto_free char *address = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE | WORD_KEEP_BACKSLASH, &word);
        int added = r > 0 ? reader_expand(reader, SPECIFIERS_ALL, word, &address) : 0;
        if (added > 0) {
            added = is_document(address)
                        ? reader_append(reader, address)
                        : reader_reject(reader, "is no address of a document", address);
        }
        r = added < 0 ? added : r;
    }
    return r;
}

int read_exit_code(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    uint64_t code = 0;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    if (value_parse_unsigned(value, &code) < 0 || code > 255) {
        return reader_reject(reader, "is no exit code from 0 to 255", value);
    }
    struct text text = {0};
    text_add_number(&text, code);
    return reader_set_text(reader, &text);
}

/* Two or more elements, dots between them, of letters, digits, `_` and `-`. D-Bus specification. */
static bool is_bus_name(const char *name) {
    static const char characters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t n_elements = 0;
    const char *at = name;
    while (true) {
        const size_t length = strspn(at, characters);
        if (length == 0 || (at[0] >= '0' && at[0] <= '9')) {
            return false;
        }
        n_elements++;
        at += length;
        if (*at != '.') {
            return *at == '\0' && n_elements >= 2 && strlen(name) <= 255;
        }
        at++;
    }
}

int read_bus_name(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    auto_free char *name = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, value, &name);
    if (r <= 0) {
        return r;
    }
    if (!is_bus_name(name)) {
        return reader_reject(reader, "is no name on D-Bus", name);
    }
    return reader_set(reader, name);
}

/* Where /var/run is a symbolic link, both are the same; one name is enough. */
static void add_without_var_run(struct text *text, const char *path) {
    path_simplify(text, strncmp(path, "/var/run/", 9) == 0 ? path + 4 : path);
}

int read_pid_file(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    auto_free char *expanded = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, value, &expanded);
    if (r <= 0) {
        return r;
    }
    struct text text = {0};
    if (expanded[0] != '/') {
        const char *runtime = reader->unit.host->runtime_directory;
        text_add(&text, runtime != NULL ? runtime : "/run");
        text_add(&text, "/");
    }
    add_without_var_run(&text, expanded);
    return reader_set_text(reader, &text);
}

int read_text(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    return *value == '\0' ? reader_reset(reader) : reader_append(reader, value);
}

int read_log_field(struct reader *reader, const struct key *key, char *value) {
    const char *equals = strchr(value, '=');
    if (*value != '\0' && (equals == NULL || equals == value)) {
        return reader_reject(reader, "is no FIELD=VALUE", value);
    }
    return read_text(reader, key, value);
}

int read_base64(struct reader *reader, const struct key *key, char *value) {
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/ \t";
    const size_t length = strspn(value, digits);
    if (value[length + strspn(value + length, "= \t")] != '\0') {
        return reader_reject(reader, "is not base64", value);
    }
    return read_text(reader, key, value);
}

/* The kernel has room for this many processors and nodes. */
#define CPU_MAX 8192U

struct cpu_set {
    uint64_t bits[CPU_MAX / 64];
};

/* N or N-M. */
static bool add_range(struct cpu_set *set, char *range) {
    uint64_t first = 0;
    uint64_t last = 0;
    char *dash = strchr(range, '-');
    if (dash != NULL) {
        *dash++ = '\0';
    }
    if (value_parse_unsigned(range, &first) < 0 ||
        value_parse_unsigned(dash != NULL ? dash : range, &last) < 0 || first > last ||
        last >= CPU_MAX) {
        return false;
    }
    for (uint64_t cpu = first; cpu <= last; cpu++) {
        set->bits[cpu / 64] |= (uint64_t)1 << cpu % 64;
    }
    return true;
}

static bool has_cpu(const struct cpu_set *set, uint32_t cpu) {
    return cpu < CPU_MAX && (set->bits[cpu / 64] >> cpu % 64 & 1) != 0;
}

static void format_cpu_set(struct text *text, const struct cpu_set *set) {
    for (uint32_t cpu = 0; cpu < CPU_MAX; cpu++) {
        const uint32_t first = cpu;
        if (!has_cpu(set, cpu)) {
            continue;
        }
        while (has_cpu(set, cpu + 1)) {
            cpu++;
        }
        text_add(text, text->length != 0 ? " " : "");
        text_add_number(text, first);
        if (cpu != first) {
            text_add_char(text, '-');
            text_add_number(text, cpu);
        }
    }
}

/* Adds the ranges in `ranges` to the set. Returns 0, -EINVAL or -ENOMEM. */
static int add_ranges(struct cpu_set *set, const char *ranges) {
    const char *at = ranges;
    int r = 1;
    while (r > 0) {
        struct text word = {0};
        auto_free char *range = NULL;
        r = word_next(&at, TEXT_BLANKS ",", WORD_UNQUOTE, &word);
        const int taken = r > 0 ? text_take(&word, &range) : 0;
        text_fini(&word);
        if (taken < 0) {
            return taken;
        }
        if (range != NULL && !add_range(set, range)) {
            return -EINVAL;
        }
    }
    return r;
}

int read_cpu_set(struct reader *reader, const struct key *key, char *value) {
    struct cpu_set set = {0};
    char ***before = reader_values(reader);
    if (*value == '\0') {
        return reader_reset(reader);
    }
    if (key->high != 0 && strcmp(value, "all") == 0) {
        return reader_set(reader, value);
    }
    if (before != NULL && *before != NULL) {
        (void)add_ranges(&set, **before); /* "numa" and "all" have no ranges */
    }
    int r = add_ranges(&set, value);
    if (r == -EINVAL) {
        return reader_reject(reader, "is no set of numbers", value);
    }
    struct text text = {0};
    format_cpu_set(&text, &set);
    return r < 0 ? r : reader_set_text(reader, &text);
}

int read_cpu_affinity(struct reader *reader, const struct key *key, char *value) {
    return strcmp(value, "numa") == 0 ? reader_set(reader, value)
                                      : read_cpu_set(reader, key, value);
}

int read_coredump_filter(struct reader *reader, const struct key *key, char *value) {
    static const char kinds[] =
        "private-anonymous shared-anonymous private-file-backed shared-file-backed elf-headers "
        "private-huge shared-huge private-dax shared-dax all default";
    static const char hex[] = "0123456789abcdefABCDEF";
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, 0, &word);
        if (r <= 0) {
            break;
        }
        const char *digits = word + (strncmp(word, "0x", 2) == 0 ? 2 : 0);
        const bool is_mask = *digits != '\0' && strspn(digits, hex) == strlen(digits);
        int added = is_mask || value_find_word(kinds, word, strlen(word)) >= 0
                        ? reader_join(reader, word)
                        : reader_reject(reader, "has no such kind of memory", word);
        r = added < 0 ? added : r;
    }
    return r;
}

int read_search_path(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        struct text word = {0};
        auto_free char *raw = NULL;
        auto_free char *path = NULL;
        r = word_next(&at, ":", WORD_UNQUOTE, &word);
        int added = r > 0 ? text_take(&word, &raw) : 0;
        text_fini(&word);
        if (r == -EINVAL) {
            return reader_reject(reader, "has a quote that is not closed", value);
        }
        if (raw != NULL) {
            added = reader_expand(reader, SPECIFIERS_ALL, raw, &path);
        }
        if (path != NULL) {
            added = path[0] == '/' ? reader_append(reader, path)
                                   : reader_reject(reader, "is no absolute path", path);
        }
        r = added < 0 ? added : r;
    }
    return r;
}
