/* A list of what is allowed, not of what is dangerous: what nobody thought of is refused. */
#include "protocol/unit_name.h"

#include "core/spec.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

static_assert(UNIT_NAME_SIZE == SPEC_NAME_MAX + 1, "a buffer holds the longest name");

static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789"
                              ":-_.\\@";

static bool has_suffix(const char *name, size_t length) {
    size_t suffix = strlen(UNIT_NAME_SUFFIX);
    return length > suffix && strcmp(name + length - suffix, UNIT_NAME_SUFFIX) == 0;
}

bool unit_name_is_valid(const char *name) {
    size_t length = strnlen(name, UNIT_NAME_SIZE);
    return length < UNIT_NAME_SIZE && name[0] != '.' && name[0] != '@' &&
           strspn(name, allowed) == length && has_suffix(name, length);
}

int unit_name_complete(const char *typed, char ret_name[UNIT_NAME_SIZE]) {
    char name[UNIT_NAME_SIZE + sizeof(UNIT_NAME_SUFFIX)];
    size_t length = strnlen(typed, UNIT_NAME_SIZE);
    if (length == 0 || length == UNIT_NAME_SIZE) {
        return -EINVAL;
    }
    memcpy(name, typed, length + 1);
    if (!has_suffix(name, length)) {
        memcpy(name + length, UNIT_NAME_SUFFIX, sizeof(UNIT_NAME_SUFFIX));
    }
    if (!unit_name_is_valid(name)) {
        return -EINVAL;
    }
    memcpy(ret_name, name, strlen(name) + 1);
    return 0;
}
