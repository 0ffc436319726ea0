/*
 * Command lines: the values of ExecStart= and its like, systemd.service(5), "COMMAND LINES".
 *
 *     const char *at = value;
 *     struct command_line line;
 *     while ((r = command_next(&at, &unit, &line)) > 0) {
 *         ... line.command is the caller's, line.problem is NULL or says what is wrong ...
 *         command_line_fini(&line);
 *     }
 */
#ifndef UNITFILE_COMMAND_H
#define UNITFILE_COMMAND_H

#include "core/spec.h"
#include "unitfile/specifier.h"

#include <stdbool.h>

/* A command with more arguments is refused. */
#define COMMAND_ARGUMENTS_MAX 4096

struct command_line {
    struct command command; /* owned; its flags are right even when there is a problem */
    const char *problem; /* NULL, or a sentence without its full stop: the value is no good */
    bool has_unknown_escape; /* a backslash that means nothing was kept as it is */
};

/*
 * Takes the next command off *at; ` ; ` stands between commands. Specifiers are expanded, variables
 * not. Returns 1 with *ret_line set, 0 when there is none left, or -ENOMEM. After a problem nothing
 * more is to be read.
 */
int command_next(const char **at, const struct specifier_unit *unit, struct command_line *ret_line);

/* What is wrong with `path` as that of a program, or NULL; `struct command_line`'s problem. */
const char *command_check_path(const char *path);

/* Frees what the command owns. */
void command_line_fini(struct command_line *self);

/* Appends the arguments so that a shell would read them as they are; what `show` prints. */
void command_format(struct text *text, char *const *argv);

/* Appends `path` without doubled slashes, `.` components and slashes at its end. */
void path_simplify(struct text *text, const char *path);

#endif
