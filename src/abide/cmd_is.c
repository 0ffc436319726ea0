/*
 * is-active and is-failed: a word and an exit status, as systemctl has them: of several names one
 * is enough.
 */
#include "abide/commands.h"
#include "abide/facts.h"
#include "abide/names.h"
#include "abide/say.h"

#include <stdio.h>
#include <string.h>

/* `otherwise` is the exit status when no service is in the state, and all of them are known. */
static int ask(struct call *call, const char *wanted, enum outcome otherwise) {
    auto_(statusview_close) struct statusview view = {0};
    int status = facts_open(call, &view);
    bool is_found = false;
    bool is_unknown = false;
    for (size_t i = 0; i < call->n_arguments && status == 0; i++) {
        char name[UNIT_NAME_SIZE];
        auto_(facts_fini) struct facts facts = {0};
        status = names_complete(call->arguments[i], name);
        int r = status == 0 ? facts_find(call, &view, name, &facts) : 1;
        if (r < 0) {
            return say_fail(OUTCOME_FAILED, "%s: %s", name, strerrordesc_np(-r));
        }
        const char *word = status == 0 ? facts_active_state(&facts) : "";
        if (status == 0 && !call_has(call, "quiet")) {
            (void)puts(word);
        }
        is_unknown = is_unknown || r == 0;
        is_found = is_found || (r > 0 && strcmp(word, wanted) == 0);
    }
    if (status != 0 || is_found) {
        return status;
    }
    return (int)(is_unknown ? OUTCOME_NO_SUCH_SERVICE : otherwise);
}

int cmd_is_active(struct call *call) {
    return ask(call, "active", OUTCOME_NOT_ACTIVE);
}

int cmd_is_failed(struct call *call) {
    return ask(call, "failed", OUTCOME_FAILED);
}
