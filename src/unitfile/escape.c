/*
 * A name holds letters, digits and `:_.`; a slash is written as `-`, so that a dash itself is \x2d.
 * The rules are read off systemd-escape 252.
 */
#include "unitfile/escape.h"

#include "base/alloc.h"
#include "unitfile/unitname.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_."

static void add_hex(struct text *text, char c) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char byte = (unsigned char)c;
    text_add(text, "\\x");
    text_add_char(text, digits[byte >> 4]);
    text_add_char(text, digits[byte & 0xf]);
}

static void escape_bytes(struct text *text, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '/') {
            text_add_char(text, '-');
        } else if (strchr(PLAIN, bytes[i]) == NULL || (i == 0 && bytes[i] == '.')) {
            add_hex(text, bytes[i]);
        } else {
            text_add_char(text, bytes[i]);
        }
    }
}

/* The components of a path, without the empty ones and `.`, with one slash between them. */
static int simplify_path(struct text *text, const char *path) {
    for (const char *at = path + strspn(path, "/"); *at != '\0'; at += strspn(at, "/")) {
        const size_t length = strcspn(at, "/");
        if (length > 255 || (length == 2 && memcmp(at, "..", 2) == 0)) {
            return -EINVAL;
        }
        if (length != 1 || at[0] != '.') {
            text_add(text, text->length != 0 ? "/" : "");
            text_add_bytes(text, at, length);
        }
        at += length;
    }
    return text->length == 0 && path[0] != '/' && path[0] != '\0' ? -EINVAL : 0;
}

int escape_path(struct text *text, const char *path) {
    struct text simple = {0};
    int r = simplify_path(&simple, path);
    if (r == 0 && simple.length == 0) {
        text_add_char(text, '-');
    } else if (r == 0) {
        escape_bytes(text, simple.bytes, simple.length);
    }
    text_fini(&simple);
    return r;
}

/* The value of the two digits behind \x, or -EINVAL. */
static int parse_hex(const char *at, size_t left) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    int value = 0;
    for (size_t i = 0; i < 2; i++) {
        const char *found = i < left && at[i] != '\0' ? strchr(digits, at[i]) : NULL;
        if (found == NULL) {
            return -EINVAL;
        }
        value = value * 16 + (int)((found - digits) % 16);
    }
    return value;
}

int unescape_string(struct text *text, const char *escaped, size_t length) {
    bool has_ended = false;
    for (size_t i = 0; i < length; i++) {
        char c = (char)(escaped[i] == '-' ? '/' : escaped[i]);
        if (c == '\\') {
            if (i + 1 >= length || escaped[i + 1] != 'x') {
                return -EINVAL;
            }
            int value = parse_hex(escaped + i + 2, length - i - 2);
            if (value < 0) {
                return -EINVAL;
            }
            c = (char)value;
            i += 3;
        }
        has_ended = has_ended || c == '\0';
        if (!has_ended) {
            text_add_char(text, c);
        }
    }
    return 0;
}

/* Whether no component but the first is empty, and none is `.` or `..`. */
static bool is_normalized(const char *path) {
    for (const char *at = path; *at == '/';) {
        at++;
        const size_t length = strcspn(at, "/");
        if (length == 0 || (length <= 2 && strncmp(at, "..", length) == 0)) {
            return false;
        }
        at += length;
    }
    return true;
}

int unescape_path(struct text *text, const char *escaped, size_t length) {
    if (length == 1 && escaped[0] == '-') {
        text_add_char(text, '/');
        return 0;
    }
    if (length == 0 || escaped[0] == '-' || escaped[length - 1] == '-') {
        return -EINVAL;
    }
    struct text path = {0};
    text_add_char(&path, '/');
    int r = unescape_string(&path, escaped, length);
    if (r == 0 && path.error == 0 && !is_normalized(path.bytes)) {
        r = -EINVAL;
    }
    if (r == 0 && path.error == 0) {
        text_add_bytes(text, path.bytes, path.length);
    }
    r = r == 0 ? path.error : r;
    text_fini(&path);
    return r;
}

static int run_escape(const struct escape_options *options, const char *input, struct text *text) {
    struct unitname template = {0};
    if (options->template != NULL &&
        (unitname_parse(options->template, &template) < 0 || template.instance == NULL ||
         template.instance_length != 0 || input[0] == '\0')) {
        return -EINVAL;
    }
    if (options->template != NULL) {
        text_add_bytes(text, template.prefix, template.prefix_length);
        text_add_char(text, '@');
    }
    int r = 0;
    if (options->is_path) {
        r = escape_path(text, input);
    } else {
        escape_bytes(text, input, strlen(input));
    }
    if (options->template != NULL || options->suffix != NULL) {
        text_add_char(text, '.');
        text_add(text, options->suffix != NULL ? options->suffix : unit_type_name(template.type));
    }
    if (r == 0 && text->error == 0 && options->template != NULL &&
        unitname_parse(text->bytes, &template) < 0) {
        return -EINVAL;
    }
    return r;
}

static int run_unescape(const struct escape_options *options, const char *input,
                        struct text *text) {
    const char *escaped = input;
    size_t length = strlen(input);
    if (options->template != NULL || options->only_instance) {
        struct unitname name;
        struct unitname template;
        if (unitname_parse(input, &name) < 0 || name.instance_length == 0) {
            return -EINVAL;
        }
        if (options->template != NULL &&
            (unitname_parse(options->template, &template) < 0 || template.type != name.type ||
             template.prefix_length != name.prefix_length || template.instance == NULL ||
             memcmp(template.prefix, name.prefix, name.prefix_length) != 0)) {
            return -EINVAL;
        }
        escaped = name.instance;
        length = name.instance_length;
    }
    return options->is_path ? unescape_path(text, escaped, length)
                            : unescape_string(text, escaped, length);
}

/* The name of the unit that systemd has for a path: a device's, else a mount point's. */
static int mangle_path(const char *path, struct text *text) {
    struct text simple = {0};
    int r = simplify_path(&simple, path);
    text_add(&simple, "");
    r = r == 0 ? simple.error : r;
    if (r == 0) {
        const bool is_device =
            strncmp(simple.bytes, "dev/", 4) == 0 || strncmp(simple.bytes, "sys/", 4) == 0;
        if (simple.length == 0) {
            text_add_char(text, '-');
        }
        escape_bytes(text, simple.bytes, simple.length);
        text_add(text, is_device ? ".device" : ".mount");
    }
    text_fini(&simple);
    return r;
}

static int run_mangle(const char *input, struct text *text) {
    struct unitname name;
    if (unitname_parse(input, &name) == 0) {
        text_add(text, input);
        return 0;
    }
    if (input[0] == '/') {
        int r = mangle_path(input, text);
        if (r != -EINVAL) {
            return r;
        }
    }
    for (const char *at = input; *at != '\0'; at++) {
        if (*at == '/') {
            text_add_char(text, '-');
        } else if (strchr(PLAIN "-\\@", *at) == NULL) {
            add_hex(text, *at);
        } else {
            text_add_char(text, *at);
        }
    }
    text_add(text, "");
    const char *dot = text->error == 0 ? strrchr(text->bytes, '.') : NULL;
    if (dot == NULL || unit_type_parse(dot + 1) < 0) {
        text_add(text, ".service");
    }
    return text->error == 0 ? unitname_parse(text->bytes, &name) : text->error;
}

int escape_run(const struct escape_options *options, const char *input, char **ret_output) {
    struct text text = {0};
    const bool has_both = options->template != NULL && options->suffix != NULL;
    if (has_both || (options->suffix != NULL && unit_type_parse(options->suffix) < 0)) {
        return -EINVAL;
    }
    int r = 0;
    switch (options->verb) {
    case ESCAPE_ESCAPE:
        r = options->only_instance ? -EINVAL : run_escape(options, input, &text);
        break;
    case ESCAPE_UNESCAPE:
        r = options->suffix != NULL || (options->only_instance && options->template != NULL)
                ? -EINVAL
                : run_unescape(options, input, &text);
        break;
    case ESCAPE_MANGLE:
        r = options->suffix != NULL || options->template != NULL || options->is_path
                ? -EINVAL
                : run_mangle(input, &text);
        break;
    }
    if (r < 0) {
        text_fini(&text);
        return r;
    }
    return text_take(&text, ret_output);
}
