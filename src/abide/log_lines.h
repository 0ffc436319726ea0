/*
 * Log lines on stdout: those of one service or of several in their order in time, all or those that
 * are asked for.
 */
#ifndef ABIDE_LOG_LINES_H
#define ABIDE_LOG_LINES_H

#include "base/usec.h"
#include "client/logread.h"

#include <stdbool.h>
#include <stddef.h>

enum log_form {
    LOG_FORM_TEXT, /* STAMP TEXT */
    LOG_FORM_NAMED, /* NAME STAMP TEXT */
    LOG_FORM_INDENTED, /* LOG_FORM_TEXT below something else */
    LOG_FORM_JSON, /* an object a line */
};

/* All-zero but for `logs_path`, `services` and `n_last` is every line. */
struct log_query {
    const char *logs_path;
    char *const *services; /* full names; ends with NULL */
    size_t n_last; /* of what is there, only so many lines; SIZE_MAX: all */
    usec_t since_usec; /* since 1970: only lines from then on */
    usec_t until_usec; /* and up to then; 0: no such limit */
    const char *text; /* only lines that have this in them; NULL: all */
    enum log_form form;
    bool has_colour;
    bool is_for_terminal; /* nothing in a line may command it */
};

/*
 * Prints what is there. In the mode LOGREAD_FOLLOW goes on with what comes, and returns only when
 * that fails. Returns how many of the services have a log, or -errno.
 */
int log_lines_print(const struct log_query *query, enum logread_mode mode);

#endif
