/* Suggestions are among the unit files: what is known without a supervisor. */
#include "abide/names.h"

#include "abide/say.h"
#include "abide/suggest.h"
#include "base/str.h"
#include "client/unitfiles.h"

#include <string.h>

int names_complete(const char *typed, char ret_name[UNIT_NAME_SIZE]) {
    if (unit_name_complete(typed, ret_name) < 0) {
        return say_fail(
            OUTCOME_WRONG_USAGE,
            "`%s` is no name of a service: it has letters, digits and :-_.\\@ only, and "
            "with \"" UNIT_NAME_SUFFIX "\" at most 255 of them",
            typed);
    }
    return 0;
}

/* Without the suffix, which is the same in all and says nothing of how near they are. */
static void cut_suffix(char *name) {
    name[strlen(name) - strlen(UNIT_NAME_SUFFIX)] = '\0';
}

int names_unknown(const struct call *call, const char *name) {
    char **known = NULL;
    char typed[UNIT_NAME_SIZE];
    (void)snprintf(typed, sizeof(typed), "%s", name);
    cut_suffix(typed);
    struct suggest suggest = {.typed = typed};
    int r = unitfiles_list(&call->home, &known);
    for (size_t i = 0; r == 0 && known != NULL && known[i] != NULL; i++) {
        cut_suffix(known[i]);
        suggest_offer(&suggest, known[i]);
    }
    if (suggest.nearest != NULL) {
        say("there is no service %s; did you mean %s?", name, suggest.nearest);
    } else {
        say("there is no service %s; `abide ls` lists those that there are, `abide run` makes one",
            name);
    }
    known = str_list_free(known);
    return OUTCOME_NO_SUCH_SERVICE;
}
