/*
 * Specifiers: %n, %i, %H and the like, systemd.unit(5), "SPECIFIERS". What they stand for comes
 * from the caller, who may look at the machine; this layer may not.
 */
#ifndef UNITFILE_SPECIFIER_H
#define UNITFILE_SPECIFIER_H

#include "unitfile/text.h"

#include <stddef.h>

/* No value grows beyond this by its specifiers. */
#define SPECIFIER_VALUE_MAX ((size_t)256 * 1024)

/*
 * The machine and the instance of abide. A string that is NULL is not known, and its specifier an
 * error where it is used; os-release(5)'s may be empty.
 */
struct specifier_host {
    const char *architecture; /* %a, systemd's word: "x86-64" */
    const char *boot_id; /* %b */
    const char *machine_id; /* %m */
    const char *host_name; /* %H; %l up to its first dot */
    const char *pretty_host_name; /* %q; NULL: as %H */
    const char *kernel_release; /* %v */
    const char *os_id; /* %o */
    const char *os_version_id; /* %w */
    const char *os_build_id; /* %B */
    const char *os_variant_id; /* %W */
    const char *os_image_id; /* %M */
    const char *os_image_version; /* %A */
    const char *user; /* %u, abide's own, not User= */
    const char *user_id; /* %U */
    const char *group; /* %g */
    const char *group_id; /* %G */
    const char *home; /* %h */
    const char *shell; /* %s */
    const char *runtime_directory; /* %t; NULL: /run */
    const char *state_directory; /* %S; NULL: /var/lib */
    const char *cache_directory; /* %C; NULL: /var/cache */
    const char *log_directory; /* %L; NULL: /var/log */
    const char *configuration_directory; /* %E; NULL: /etc */
    const char *temporary_directory; /* %T; NULL: /tmp */
    const char *large_temporary_directory; /* %V; NULL: /var/tmp */
};

/* The unit in whose file the specifiers stand. */
struct specifier_unit {
    const char *name; /* its full name, a valid one */
    const char *fragment_path; /* %y, and %Y without its last component; may be NULL */
    const struct specifier_host *host;
};

enum specifier_set {
    SPECIFIERS_ALL,
    SPECIFIERS_FOR_NAMES, /* those whose values can be parts of a unit's name */
};

/*
 * Appends `text` with its specifiers replaced. A `%` before anything but a letter or a digit, or at
 * the end, stands for itself, and `%%` for one. Returns 0, -EINVAL for an unknown specifier or one
 * that is not of the set, -ENXIO when nothing is known to put there, -E2BIG above
 * SPECIFIER_VALUE_MAX.
 */
int specifier_expand(const struct specifier_unit *unit, enum specifier_set set, const char *text,
                     struct text *expanded);

#endif
