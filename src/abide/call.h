/*
 * A command line taken apart by the table of the verb that it names (verbs.h). A command gets it
 * checked: only options that its verb has, each with a value where it takes one, and as many
 * arguments as it says.
 */
#ifndef ABIDE_CALL_H
#define ABIDE_CALL_H

#include "base/usec.h"
#include "client/home.h"

#include <stdbool.h>
#include <stddef.h>

struct verb;

/* One option of a verb: --name, -letter. The last of a list has no name. */
struct option_rule {
    const char *name;
    char letter; /* 0: none */
    const char *value; /* what it takes, for the help: "TIME"; NULL: nothing */
    const char *help; /* one line */
};

/* An option that was given. */
struct option_given {
    const struct option_rule *rule;
    const char *value; /* NULL when it takes none */
};

struct call {
    const struct verb *verb;
    char **arguments; /* what is no option, in its order */
    size_t n_arguments;
    struct option_given *options; /* in their order */
    size_t n_options;
    char **environment;
    struct home home; /* resolved if the verb wants it, nothing made */
};

/*
 * Parses what follows the verb: `arguments`, `n` of them, whose order is changed. Options may stand
 * anywhere before `--`, or, for a verb that takes a command, before its first word. 0, or an exit
 * status after it was said what is wrong.
 */
int call_parse(struct call *self, char **arguments, size_t n);
void call_fini(struct call *self);

/* Whether the option was given. */
bool call_has(const struct call *self, const char *name);

/* The value that was given last, or NULL. */
const char *call_value(const struct call *self, const char *name);

/* The value as a span of time ("30", "1min 30s"); `otherwise` when it was not given. 0, or an exit
 * status after it was said what is wrong. */
int call_span(const struct call *self, const char *name, usec_t otherwise, usec_t *ret_usec);

/* A variable of the environment, or NULL. */
const char *call_environment(const struct call *self, const char *name);

/* Resolves the home by --home and the environment; says what is wrong and returns an exit status.
 */
int call_resolve_home(struct call *self, const char *directory);

#endif
