/* What is allowed follows from where names stand: in file names, and between blanks in files. */
#include "unitfile/unitname.h"

#include "core/spec.h"

#include <errno.h>
#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@"

static const char *const type_names[UNIT_TYPE_COUNT] = {
    "service", "socket", "target", "device", "mount", "automount",
    "swap",    "timer",  "path",   "slice",  "scope",
};

const char *unit_type_name(enum unit_type type) {
    return (size_t)type < UNIT_TYPE_COUNT ? type_names[type] : NULL;
}

int unit_type_parse(const char *suffix) {
    for (int type = 0; type < UNIT_TYPE_COUNT; type++) {
        if (strcmp(type_names[type], suffix) == 0) {
            return type;
        }
    }
    return -EINVAL;
}

int unitname_parse(const char *name, struct unitname *ret_parts) {
    size_t length = strlen(name);
    const char *dot = strrchr(name, '.');
    if (length > SPEC_NAME_MAX || strspn(name, NAME_CHARACTERS) != length || dot == NULL) {
        return -EINVAL;
    }
    const int type = unit_type_parse(dot + 1);
    const char *at = strchr(name, '@');
    const char *prefix_end = at != NULL ? at : dot;
    if (type < 0 || prefix_end == name || prefix_end > dot) {
        return -EINVAL;
    }
    *ret_parts = (struct unitname){
        .prefix = name,
        .prefix_length = (size_t)(prefix_end - name),
        .instance = at != NULL ? at + 1 : NULL,
        .instance_length = at != NULL ? (size_t)(dot - at) - 1 : 0,
        .type = (enum unit_type)type,
    };
    return 0;
}

bool unitname_is_filename(const char *name) {
    return name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0 && strlen(name) <= 255;
}
