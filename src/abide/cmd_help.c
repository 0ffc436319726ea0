/*
 * Printed from the table of the verbs. `abide help --words` is for the completion of shells: the
 * verbs, or the options of one, a line each.
 */
#include "abide/commands.h"
#include "abide/help.h"
#include "abide/say.h"
#include "abide/verbs.h"

#include <stdio.h>

int cmd_help(struct call *call) {
    const struct verb *verb = NULL;
    if (call->n_arguments != 0) {
        verb = verb_find(call->arguments[0]);
        if (verb == NULL) {
            return verb_unknown(call->arguments[0]);
        }
    }
    if (call_has(call, "words")) {
        help_words(stdout, verb);
    } else if (verb != NULL) {
        help_verb(stdout, verb);
    } else {
        help_all(stdout);
    }
    return 0;
}
