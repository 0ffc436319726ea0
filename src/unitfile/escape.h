/*
 * Escaping of strings and paths into names of units, as systemd-escape(1) does it: `/` becomes `-`,
 * what may not stand in a name becomes \xAB.
 */
#ifndef UNITFILE_ESCAPE_H
#define UNITFILE_ESCAPE_H

#include "unitfile/text.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Appends the path so that it can be a prefix or an instance, without its first and last slashes,
 * doubled slashes and `.` components; `/` is `-`. Returns 0, or -EINVAL when a component is `..` or
 * nothing is left of a relative path.
 */
int escape_path(struct text *text, const char *path);

/*
 * Undoes the escaping of any string, `length` bytes at `escaped`. Returns 0 or -EINVAL; \x00 ends
 * what it gives.
 */
int unescape_string(struct text *text, const char *escaped, size_t length);

/*
 * Undoes escape_path(): the result begins with `/`. Returns 0, or -EINVAL also for what
 * escape_path() never makes.
 */
int unescape_path(struct text *text, const char *escaped, size_t length);

enum escape_verb {
    ESCAPE_ESCAPE,
    ESCAPE_UNESCAPE, /* --unescape */
    ESCAPE_MANGLE, /* --mangle: into the name of a unit, unless it is one */
};

/* One call of systemd-escape. */
struct escape_options {
    enum escape_verb verb;
    bool is_path; /* --path */
    bool only_instance; /* --instance: of a name, only its instance, to unescape */
    const char *suffix; /* --suffix=, NULL for none */
    const char *template; /* --template=, NULL for none */
};

/*
 * What systemd-escape prints for `input`. Returns 0, -ENOMEM, or -EINVAL where it reports an error
 * and for options that contradict each other.
 */
int escape_run(const struct escape_options *options, const char *input, char **ret_output);

#endif
