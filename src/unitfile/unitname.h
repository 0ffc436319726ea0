/*
 * Names of units: PREFIX.TYPE, PREFIX@.TYPE (a template) and PREFIX@INSTANCE.TYPE. systemd.unit(5).
 */
#ifndef UNITFILE_UNITNAME_H
#define UNITFILE_UNITNAME_H

#include <stdbool.h>
#include <stddef.h>

/* The suffix of a name, in the order of the words in unitname.c. */
enum unit_type {
    UNIT_SERVICE,
    UNIT_SOCKET,
    UNIT_TARGET,
    UNIT_DEVICE,
    UNIT_MOUNT,
    UNIT_AUTOMOUNT,
    UNIT_SWAP,
    UNIT_TIMER,
    UNIT_PATH,
    UNIT_SLICE,
    UNIT_SCOPE,
};
#define UNIT_TYPE_COUNT 11

/* The bytes of a name's parts; they point into the name. */
struct unitname {
    const char *prefix;
    size_t prefix_length;
    const char *instance; /* NULL when there is no `@`; of a template it is empty */
    size_t instance_length;
    enum unit_type type;
};

/*
 * Takes a name apart. Returns 0, or -EINVAL for what is no name of a unit: a character that may not
 * be in one, no known suffix, nothing before the suffix or the `@`, or more than SPEC_NAME_MAX
 * bytes.
 */
int unitname_parse(const char *name, struct unitname *ret_parts);

/* The type that the word `suffix` names, as a number of enum unit_type, or -EINVAL. */
int unit_type_parse(const char *suffix);

/* "service"; NULL for a number that is no type. */
const char *unit_type_name(enum unit_type type);

/* Whether `name` can be the name of one file: not empty, no `/`, not `.` nor `..`, 255 bytes. */
bool unitname_is_filename(const char *name);

#endif
