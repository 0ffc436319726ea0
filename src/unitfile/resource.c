/*
 * What control groups limit and count: systemd.resource-control(5). Nothing here is acted on yet;
 * the values are checked, and brought to the form in which systemd shows them.
 */
#include "unitfile/command.h"
#include "unitfile/readers.h"
#include "unitfile/span.h"
#include "unitfile/unitname.h"
#include "unitfile/value.h"
#include "unitfile/word.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

#define PERMYRIAD 10000U

static int set_number(struct reader *reader, uint64_t number) {
    struct text text = {0};
    text_add_number(&text, number);
    return reader_set_text(reader, &text);
}

int read_weight(struct reader *reader, const struct key *key, char *value) {
    uint64_t weight = 0;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    if (key->words != NULL && value_find_word(key->words, value, strlen(value)) >= 0) {
        return reader_set(reader, value);
    }
    if (value_parse_unsigned(value, &weight) < 0 || weight < (uint64_t)key->low ||
        weight > (uint64_t)key->high) {
        return reader_reject(reader, "is out of range", value);
    }
    return set_number(reader, weight);
}

/* A share of what the machine has stays a share here: how much that is, is known elsewhere. */
int read_memory(struct reader *reader, const struct key *key, char *value) {
    uint64_t size = 0;
    uint32_t permyriad = 0;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    if (strcmp(value, "infinity") == 0) {
        return set_number(reader, UINT64_MAX);
    }
    if (value_parse_permyriad(value, PERMYRIAD, &permyriad) == 0) {
        return reader_set(reader, value);
    }
    if (value_parse_size(value, &size) < 0 || size < (uint64_t)key->low) {
        return reader_reject(reader, "is neither a size nor a percentage", value);
    }
    return set_number(reader, size);
}

int read_tasks(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    uint64_t count = 0;
    uint32_t permyriad = 0;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    if (strcmp(value, "infinity") == 0) {
        return set_number(reader, UINT64_MAX);
    }
    if (value_parse_permyriad(value, PERMYRIAD, &permyriad) == 0) {
        return reader_set(reader, value);
    }
    if (value_parse_unsigned(value, &count) < 0 || count == 0 || count == UINT64_MAX) {
        return reader_reject(reader, "is neither a number of tasks nor a percentage", value);
    }
    return set_number(reader, count);
}

/* A percentage of one processor, shown as the time that it is in each second. */
int read_quota(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    uint32_t permyriad = 0;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    if (value_parse_permyriad(value, INT32_MAX, &permyriad) < 0 || permyriad == 0) {
        return reader_reject(reader, "is no percentage above 0", value);
    }
    struct text text = {0};
    span_format(&text, permyriad * (USEC_PER_SEC / PERMYRIAD));
    return reader_set_text(reader, &text);
}

int read_percentage(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    uint32_t permyriad = 0;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    if (value_parse_permyriad(value, PERMYRIAD, &permyriad) < 0) {
        return reader_reject(reader, "is no percentage", value);
    }
    struct text text = {0};
    text_add_number(&text, permyriad / 100);
    text_add_char(&text, '.');
    text_add_number(&text, permyriad / 10 % 10);
    text_add_number(&text, permyriad % 10);
    text_add_char(&text, '%');
    return reader_set_text(reader, &text);
}

/* How the second of two words is written. */
enum device_value {
    DEVICE_WEIGHT,
    DEVICE_AMOUNT,
    DEVICE_SPAN,
};

static bool is_device_value(enum device_value kind, const struct key *key, const char *word) {
    uint64_t number = 0;
    switch (kind) {
    case DEVICE_WEIGHT:
        return value_parse_unsigned(word, &number) == 0 && number >= (uint64_t)key->low &&
               number <= (uint64_t)key->high;
    case DEVICE_AMOUNT:
        return strcmp(word, "infinity") == 0 ||
               (value_parse_size_decimal(word, &number) == 0 && number != 0);
    case DEVICE_SPAN:
        return span_parse(word, USEC_PER_SEC, &number) == 0;
    }
    return false;
}

/* PATH VALUE. */
static int read_device_value(struct reader *reader, const struct key *key, char *value,
                             enum device_value kind) {
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const char *at = value;
    auto_free char *word = NULL;
    auto_free char *path = NULL;
    int r = reader_word(reader, &at, WORD_UNQUOTE, &word);
    if (r <= 0) {
        return r;
    }
    r = reader_expand(reader, SPECIFIERS_ALL, word, &path);
    if (r <= 0) {
        return r;
    }
    if (path[0] != '/' || at == NULL || !is_device_value(kind, key, at)) {
        return reader_reject(reader, "is no path of a device with a value behind it", value);
    }
    struct text text = {0};
    path_simplify(&text, path);
    text_add_char(&text, ' ');
    text_add(&text, at);
    return reader_append_text(reader, &text);
}

int read_device_weight(struct reader *reader, const struct key *key, char *value) {
    return read_device_value(reader, key, value, DEVICE_WEIGHT);
}

int read_device_amount(struct reader *reader, const struct key *key, char *value) {
    return read_device_value(reader, key, value, DEVICE_AMOUNT);
}

int read_device_span(struct reader *reader, const struct key *key, char *value) {
    return read_device_value(reader, key, value, DEVICE_SPAN);
}

int read_device_allow(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const char *at = value;
    auto_free char *word = NULL;
    auto_free char *node = NULL;
    int r = reader_word(reader, &at, WORD_UNQUOTE, &word);
    if (r <= 0) {
        return r;
    }
    r = reader_expand(reader, SPECIFIERS_ALL, word, &node);
    if (r <= 0) {
        return r;
    }
    const bool is_node = strncmp(node, "/dev/", 5) == 0 || strncmp(node, "block-", 6) == 0 ||
                         strncmp(node, "char-", 5) == 0 ||
                         strncmp(node, "/run/systemd/inaccessible/", 26) == 0;
    const char *access = at != NULL ? at : "rwm";
    if (!is_node || strspn(access, "rwm") != strlen(access)) {
        return reader_reject(reader, "is no device with a mode of r, w and m", value);
    }
    struct text text = {0};
    text_add(&text, node);
    text_add_char(&text, ' ');
    text_add(&text, access);
    return reader_append_text(reader, &text);
}

#define CONTROLLERS                                                                                \
    "cpu cpuacct cpuset io blkio memory devices pids bpf-firewall bpf-devices bpf-foreign "        \
    "bpf-socket-bind bpf-restrict-network-interfaces"

int read_delegate(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    bool truth = true;
    if (*value != '\0' && value_parse_bool(value, &truth) < 0) {
        const char *at = value;
        int r = 1;
        while (r > 0) {
            auto_free char *word = NULL;
            r = reader_word(reader, &at, WORD_UNQUOTE, &word);
            if (r > 0 && value_find_word(CONTROLLERS, word, strlen(word)) < 0) {
                return reader_reject(reader, "is neither yes, no, nor controllers", value);
            }
        }
        return r < 0 ? r : reader_set(reader, "yes");
    }
    int r = reader_set(reader, truth ? "yes" : "no");
    if (!truth) {
        reader_set_off(reader);
    }
    return r;
}

int read_controllers(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE, &word);
        int added = 0;
        if (r > 0) {
            added = value_find_word(CONTROLLERS, word, strlen(word)) >= 0
                        ? reader_join(reader, word)
                        : reader_reject(reader, "has no such controller", word);
        }
        r = added < 0 ? added : r;
    }
    return r;
}

/* Digits up to `max`, and no more than that; behind them in *ret_end. */
static bool take_number(const char *text, uint32_t max, const char **ret_end) {
    uint32_t number = 0;
    const size_t length = strspn(text, TEXT_DIGITS);
    for (size_t i = 0; i < length && i < 4; i++) {
        number = 10 * number + (uint32_t)(text[i] - '0');
    }
    *ret_end = text + length;
    return length != 0 && length < 4 && number <= max;
}

static bool is_ipv4(const char *text) {
    for (size_t i = 0; i < 4; i++) {
        if (!take_number(text, 255, &text) || *text != (i < 3 ? '.' : '\0')) {
            return false;
        }
        text += i < 3 ? 1 : 0;
    }
    return true;
}

/* Groups of up to four hexadecimal digits, eight or fewer with one `::`. RFC 4291. */
static bool is_ipv6(const char *text) {
    uint32_t n_groups = 0;
    bool has_gap = strncmp(text, "::", 2) == 0;
    text += has_gap ? 2 : 0;
    while (*text != '\0') {
        const size_t length = strspn(text, "0123456789abcdefABCDEF");
        if (text[length] == '.' && n_groups <= 6) {
            return is_ipv4(text) && (has_gap ? n_groups < 6 : n_groups == 6);
        }
        if (length == 0 || length > 4 || ++n_groups > 8) {
            return false;
        }
        text += length;
        if (*text == '\0') {
            break;
        }
        if (*text != ':' || text[1] == '\0') {
            return false;
        }
        text++;
        if (*text == ':') {
            if (has_gap) {
                return false;
            }
            has_gap = true;
            text++;
        }
    }
    return has_gap ? n_groups < 8 : n_groups == 8;
}

bool address_is_ip(const char *text, bool *ret_is_ipv6) {
    *ret_is_ipv6 = strchr(text, ':') != NULL;
    return *ret_is_ipv6 ? is_ipv6(text) : is_ipv4(text);
}

/* ADDRESS or ADDRESS/BITS. */
static int append_network(struct reader *reader, const char *word) {
    const char *slash = strchr(word, '/');
    const char *end = word;
    bool has_six = false;
    struct text address = {0};
    auto_free char *string = NULL;
    text_add_bytes(&address, word, slash != NULL ? (size_t)(slash - word) : strlen(word));
    int r = text_take(&address, &string);
    if (r < 0) {
        return r;
    }
    if (!address_is_ip(string, &has_six) ||
        (slash != NULL && (!take_number(slash + 1, has_six ? 128 : 32, &end) || *end != '\0'))) {
        return reader_reject(reader, "is no network address", word);
    }
    text_add(&address, string);
    text_add(&address, slash != NULL ? slash : has_six ? "/128" : "/32");
    return reader_append_text(reader, &address);
}

int read_networks(struct reader *reader, const struct key *key, char *value) {
    static const char *const names[][3] = {
        {"any", "0.0.0.0/0", "::/0"},
        {"localhost", "127.0.0.0/8", "::1/128"},
        {"link-local", "169.254.0.0/16", "fe80::/64"},
        {"multicast", "224.0.0.0/4", "ff00::/8"},
    };
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, 0, &word);
        size_t i = 0;
        while (r > 0 && i < 4 && strcmp(word, names[i][0]) != 0) {
            i++;
        }
        int added = 0;
        if (r > 0 && i < 4) {
            added = reader_append(reader, names[i][1]);
            added = added < 0 ? added : reader_append(reader, names[i][2]);
        } else if (r > 0) {
            added = append_network(reader, word);
        }
        r = added < 0 ? added : r;
    }
    return r;
}

int read_slice(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    auto_free char *name = NULL;
    struct unitname parts;
    int r = reader_expand(reader, SPECIFIERS_FOR_NAMES, value, &name);
    if (r <= 0) {
        return r;
    }
    if (unitname_parse(name, &parts) < 0 || parts.type != UNIT_SLICE) {
        return reader_reject(reader, "is no slice's name", name);
    }
    return reader_set(reader, name);
}
