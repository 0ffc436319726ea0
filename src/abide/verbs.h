/*
 * The commands: one row of one table for each. The help, the completion of shells and the test of
 * the manual read the same table.
 */
#ifndef ABIDE_VERBS_H
#define ABIDE_VERBS_H

#include "abide/call.h"

#include <limits.h>
#include <stdbool.h>

/* For arguments_max: no limit. */
#define VERB_ANY_NUMBER SIZE_MAX

struct verb {
    const char *name;
    const char *usage; /* what follows the name */
    const char *summary; /* one line */
    const char *help; /* the rest of what there is to know, lines of at most 80; NULL: nothing */
    const struct option_rule *options; /* NULL: none but the common ones */
    size_t arguments_min;
    size_t arguments_max;
    bool takes_command; /* the first word that is no option begins a command line */
    bool takes_names; /* the arguments are names of services, and checked before it runs */
    bool wants_home; /* call.home is resolved */
    bool is_internal; /* abide itself starts it; not in the help */
    int (*run)(struct call *call); /* returns the exit status */
};

/* Ends with a row without a name. */
extern const struct verb verbs[];

/* NULL: there is none of that name. */
const struct verb *verb_find(const char *name);

/* Says that there is no such verb, and which one it could be. Returns the exit status. */
int verb_unknown(const char *name);

#endif
