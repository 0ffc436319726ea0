/* Sockets, timers and paths: what starts other units. Nothing here is acted on yet. */
#include "unitfile/command.h"
#include "unitfile/escape.h"
#include "unitfile/readers.h"
#include "unitfile/span.h"
#include "unitfile/unitname.h"
#include "unitfile/value.h"
#include "unitfile/word.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

#define PORT_MAX 65535

static bool is_port(const char *text) {
    uint64_t port = 0;
    return *text != '\0' && strspn(text, TEXT_DIGITS) == strlen(text) &&
           value_parse_unsigned(text, &port) == 0 && port >= 1 && port <= PORT_MAX;
}

/* [ADDRESS]:PORT or ADDRESS:PORT, of IPv6 and IPv4. */
static bool is_internet_address(const char *text) {
    const bool is_bracketed = text[0] == '[';
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !is_port(colon + 1)) {
        return false;
    }
    const char *begin = text + (is_bracketed ? 1 : 0);
    const char *end = colon - (is_bracketed ? 1 : 0);
    char address[64];
    bool has_six = false;
    if (end <= begin || (is_bracketed && *end != ']') || (size_t)(end - begin) >= sizeof(address)) {
        return false;
    }
    memcpy(address, begin, (size_t)(end - begin));
    address[end - begin] = '\0';
    return address_is_ip(address, &has_six) && has_six == is_bracketed;
}

/* A port alone means every address. */
static int append_address(struct reader *reader, const char *address) {
    struct text text = {0};
    if (address[0] == '/') {
        path_simplify(&text, strncmp(address, "/var/run/", 9) == 0 ? address + 4 : address);
    } else if (is_port(address)) {
        text_add(&text, "[::]:");
        text_add(&text, address);
    } else if ((address[0] == '@' && address[1] != '\0') || is_internet_address(address) ||
               strncmp(address, "vsock:", 6) == 0) {
        text_add(&text, address);
    } else {
        return reader_reject(reader, "is no address", address);
    }
    return reader_append_text(reader, &text);
}

int read_listen(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    auto_free char *address = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, value, &address);
    return r <= 0 ? r : append_address(reader, address);
}

/* One path a line; an empty one resets. */
int read_one_path(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    auto_free char *path = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, value, &path);
    if (r <= 0) {
        return r;
    }
    if (path[0] != '/') {
        return reader_reject(reader, "is no absolute path", path);
    }
    struct text text = {0};
    path_simplify(&text, path);
    return reader_append_text(reader, &text);
}

int read_timer_span(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    usec_t usec = 0;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    auto_free char *expanded = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, value, &expanded);
    if (r <= 0) {
        return r;
    }
    if (span_parse(expanded, USEC_PER_SEC, &usec) < 0) {
        return reader_reject(reader, "is no span of time", expanded);
    }
    struct text text = {0};
    span_format(&text, usec);
    return reader_append_text(reader, &text);
}

int read_where(struct reader *reader, const struct key *key, char *value) {
    int r = read_path(reader, key, value);
    if (r < 0) {
        return r;
    }
    auto_free char *path = NULL;
    auto_free char *prefix = NULL;
    struct unitname own;
    struct text text = {0};
    r = reader_expand(reader, SPECIFIERS_ALL, value, &path);
    if (r <= 0) {
        return r;
    }
    const bool is_path = escape_path(&text, path) == 0;
    r = text_take(&text, &prefix);
    if (r < 0 || unitname_parse(reader->unit.name, &own) < 0) {
        return r;
    }
    if (is_path && strlen(prefix) == own.prefix_length &&
        memcmp(prefix, own.prefix, own.prefix_length) == 0) {
        return 0;
    }
    /* It is the unit as a whole that is wrong, and systemd says so. */
    const char *const pieces[] = {"Where= is not the path that the unit's name says: ", path, NULL};
    reader->line = 0;
    return reader_say(reader, DIAG_ERROR, DIAG_UNIT, pieces);
}

int read_type_of_service(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    uint64_t number = 0;
    static const char words[] = "low-delay throughput reliability low-cost";
    if (value_find_word(words, value, strlen(value)) < 0 &&
        (value_parse_unsigned(value, &number) < 0 || number > 255)) {
        return reader_reject(reader, "is no type of service", value);
    }
    return reader_set(reader, value);
}

int read_descriptor_name(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    auto_free char *name = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, value, &name);
    if (r <= 0) {
        return r;
    }
    if (strlen(name) > 255 || strchr(name, ':') != NULL) {
        return reader_reject(reader, "is no descriptor's name", name);
    }
    return reader_set(reader, name);
}

int read_unit(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    auto_free char *name = NULL;
    struct unitname parts;
    int r = reader_expand(reader, SPECIFIERS_FOR_NAMES, value, &name);
    if (r <= 0) {
        return r;
    }
    if (unitname_parse(name, &parts) < 0 ||
        (parts.instance != NULL && parts.instance_length == 0) ||
        (reader->section == SECTION_SOCKET && parts.type != UNIT_SERVICE)) {
        return reader_reject(reader, "is no name of a unit that it can start", name);
    }
    return reader_set(reader, name);
}
