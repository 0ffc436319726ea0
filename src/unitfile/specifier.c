/* What is one string of the machine's is looked up in a table; what is made of the name is code. */
#include "unitfile/specifier.h"

#include "unitfile/escape.h"
#include "unitfile/unitname.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct host_specifier {
    char letter;
    size_t field; /* in struct specifier_host */
    const char *instead; /* when the field is NULL */
};

#define HOST(name) offsetof(struct specifier_host, name)

static const struct host_specifier host_specifiers[] = {
    {'a', HOST(architecture), NULL},
    {'b', HOST(boot_id), NULL},
    {'m', HOST(machine_id), NULL},
    {'H', HOST(host_name), NULL},
    {'v', HOST(kernel_release), NULL},
    {'o', HOST(os_id), NULL},
    {'w', HOST(os_version_id), NULL},
    {'B', HOST(os_build_id), NULL},
    {'W', HOST(os_variant_id), NULL},
    {'M', HOST(os_image_id), NULL},
    {'A', HOST(os_image_version), NULL},
    {'u', HOST(user), NULL},
    {'U', HOST(user_id), NULL},
    {'g', HOST(group), NULL},
    {'G', HOST(group_id), NULL},
    {'h', HOST(home), NULL},
    {'s', HOST(shell), NULL},
    {'t', HOST(runtime_directory), "/run"},
    {'S', HOST(state_directory), "/var/lib"},
    {'C', HOST(cache_directory), "/var/cache"},
    {'L', HOST(log_directory), "/var/log"},
    {'E', HOST(configuration_directory), "/etc"},
    {'T', HOST(temporary_directory), "/tmp"},
    {'V', HOST(large_temporary_directory), "/var/tmp"},
};

static const char *host_string(const struct specifier_host *host, size_t field) {
    const char *string = NULL;
    memcpy(&string, (const char *)host + field, sizeof(string));
    return string;
}

static int add_known(struct text *text, const char *string) {
    if (string == NULL) {
        return -ENXIO;
    }
    text_add(text, string);
    return 0;
}

/* Specifiers that are one string of the host's, or -ENOENT. */
static int add_host(const struct specifier_unit *unit, char letter, struct text *text) {
    for (size_t i = 0; i < sizeof(host_specifiers) / sizeof(host_specifiers[0]); i++) {
        const struct host_specifier *specifier = &host_specifiers[i];
        if (specifier->letter != letter) {
            continue;
        }
        const char *string = host_string(unit->host, specifier->field);
        return add_known(text, string != NULL ? string : specifier->instead);
    }
    return -ENOENT;
}

/* %f: the instance, or the prefix when there is none, as a path. */
static int add_path(const struct unitname *name, struct text *text) {
    if (name->instance_length != 0) {
        return unescape_path(text, name->instance, name->instance_length);
    }
    return unescape_path(text, name->prefix, name->prefix_length);
}

/* %j: the prefix behind its last dash. */
static size_t last_part(const struct unitname *name) {
    const char *dash = memrchr(name->prefix, '-', name->prefix_length);
    return dash != NULL ? (size_t)(dash + 1 - name->prefix) : 0;
}

/* Specifiers that are made of the unit's name; -ENOENT for others. */
static int add_of_name(const struct specifier_unit *unit, char letter, struct text *text) {
    struct unitname name;
    if (unitname_parse(unit->name, &name) < 0) {
        return -ENXIO;
    }
    const size_t last = last_part(&name);
    const char *instance = name.instance != NULL ? name.instance : "";
    switch (letter) {
    case 'n':
        text_add(text, unit->name);
        return 0;
    case 'N':
        text_add_bytes(text, unit->name, (size_t)(strrchr(unit->name, '.') - unit->name));
        return 0;
    case 'p':
        text_add_bytes(text, name.prefix, name.prefix_length);
        return 0;
    case 'P':
        return unescape_string(text, name.prefix, name.prefix_length);
    case 'j':
        text_add_bytes(text, name.prefix + last, name.prefix_length - last);
        return 0;
    case 'J':
        return unescape_string(text, name.prefix + last, name.prefix_length - last);
    case 'i':
        text_add_bytes(text, instance, name.instance_length);
        return 0;
    case 'I':
        return unescape_string(text, instance, name.instance_length);
    case 'f':
        return add_path(&name, text);
    default:
        return -ENOENT;
    }
}

/* What is left: made of several things. */
static int add_composed(const struct specifier_unit *unit, char letter, struct text *text) {
    const struct specifier_host *host = unit->host;
    switch (letter) {
    case 'l':
        if (host->host_name == NULL) {
            return -ENXIO;
        }
        text_add_bytes(text, host->host_name, strcspn(host->host_name, "."));
        return 0;
    case 'q':
        return add_known(text,
                         host->pretty_host_name != NULL ? host->pretty_host_name : host->host_name);
    case 'd':
        text_add(text, host->runtime_directory != NULL ? host->runtime_directory : "/run");
        text_add(text, "/credentials/");
        text_add(text, unit->name);
        return 0;
    case 'y':
        return add_known(text, unit->fragment_path);
    case 'Y':
        if (unit->fragment_path == NULL || strchr(unit->fragment_path, '/') == NULL) {
            return -ENXIO;
        }
        text_add_bytes(text, unit->fragment_path,
                       (size_t)(strrchr(unit->fragment_path, '/') - unit->fragment_path));
        return 0;
    default:
        return -EINVAL;
    }
}

static int add_specifier(const struct specifier_unit *unit, enum specifier_set set, char letter,
                         struct text *text) {
    if (set == SPECIFIERS_FOR_NAMES && strchr("abmHvowBWMAuUgGnNpjilq", letter) == NULL) {
        return -EINVAL;
    }
    int r = add_of_name(unit, letter, text);
    if (r == -ENOENT) {
        r = add_host(unit, letter, text);
    }
    return r == -ENOENT ? add_composed(unit, letter, text) : r;
}

static bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int specifier_expand(const struct specifier_unit *unit, enum specifier_set set, const char *text,
                     struct text *expanded) {
    assert(unit->name != NULL && unit->host != NULL);
    const size_t before = expanded->length;
    while (*text != '\0') {
        const size_t plain = strcspn(text, "%");
        text_add_bytes(expanded, text, plain);
        text += plain;
        if (*text == '\0') {
            break;
        }
        int r = 0;
        if (is_letter_or_digit(text[1])) {
            r = add_specifier(unit, set, text[1], expanded);
        } else {
            text_add_char(expanded, '%');
            if (text[1] != '%' && text[1] != '\0') {
                text_add_char(expanded, text[1]);
            }
        }
        if (r == 0 && expanded->length - before > SPECIFIER_VALUE_MAX) {
            r = -E2BIG;
        }
        if (r < 0) {
            return r;
        }
        text += text[1] != '\0' ? 2 : 1;
    }
    return expanded->error;
}
