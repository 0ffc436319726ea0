/* A prefix is cut behind its last dash again and again: web-api-v2, web-api-, web-. */
#include "unitfile/dropin.h"

#include "base/str.h"
#include "unitfile/text.h"
#include "unitfile/unitname.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Cuts a prefix of `length` bytes once more; 0: it can't be cut. */
static size_t cut(const char *prefix, size_t length) {
    bool was_at_end = false;
    while (true) {
        const char *dash = memrchr(prefix, '-', length);
        if (dash == NULL || dash == prefix) {
            return 0;
        }
        if (dash + 1 != prefix + length || was_at_end) {
            return (size_t)(dash - prefix) + 1;
        }
        length = (size_t)(dash - prefix);
        was_at_end = true;
    }
}

/* PREFIX.service.d, or with an instance PREFIX@INSTANCE.service.d. */
static int add(char ***list, const struct unitname *name, size_t prefix_length,
               const char *instance, size_t instance_length) {
    struct text text = {0};
    text_add_bytes(&text, name->prefix, prefix_length);
    if (instance != NULL) {
        text_add_char(&text, '@');
        text_add_bytes(&text, instance, instance_length);
    }
    text_add_char(&text, '.');
    text_add(&text, unit_type_name(name->type));
    text_add(&text, ".d");
    return text_append_to(&text, list);
}

/* The instance's folder, if there is one, and that of its template. */
static int add_instance(char ***list, const struct unitname *name, size_t prefix_length) {
    int r = 0;
    if (name->instance_length != 0) {
        r = add(list, name, prefix_length, name->instance, name->instance_length);
    }
    return r < 0 ? r : add(list, name, prefix_length, "", 0);
}

static int add_all(char ***list, const struct unitname *name) {
    int r = name->instance != NULL ? add_instance(list, name, name->prefix_length)
                                   : add(list, name, name->prefix_length, NULL, 0);
    size_t length = name->prefix_length;
    while (r == 0 && (length = cut(name->prefix, length)) != 0) {
        r = add(list, name, length, NULL, 0);
    }
    length = name->instance_length != 0 ? name->prefix_length : 0;
    while (r == 0 && (length = cut(name->prefix, length)) != 0) {
        r = add_instance(list, name, length);
    }
    if (r == 0) {
        struct text text = {0};
        text_add(&text, unit_type_name(name->type));
        text_add(&text, ".d");
        r = text_append_to(&text, list);
    }
    return r;
}

int dropin_directories(const char *unit_name, char ***ret_names) {
    struct unitname name;
    char **list = NULL;
    if (unitname_parse(unit_name, &name) < 0) {
        return -EINVAL;
    }
    int r = add_all(&list, &name);
    if (r < 0) {
        (void)str_list_free(list);
        return r;
    }
    *ret_names = list;
    return 0;
}
