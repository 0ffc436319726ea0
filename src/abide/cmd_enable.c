/* enable, disable, is-enabled: links, for which no supervisor is needed. */
#include "abide/commands.h"
#include "abide/names.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "client/unitfiles.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int fail_at(const struct call *call, const char *name, int error) {
    return say_fail(error == -EACCES ? OUTCOME_NOT_PERMITTED : OUTCOME_FAILED,
                    "%s: the links in %s: %s", name, call->home.state, strerrordesc_np(-error));
}

static int enable(const struct call *call, const char *name) {
    auto_free char *path = NULL;
    int r = unitfiles_find(&call->home, name, &path);
    if (r == 0) {
        return names_unknown(call, name);
    }
    r = r < 0 ? r : unitfiles_enable(&call->home, name, path);
    if (r == -ENOENT) {
        const char *failed = NULL;
        r = home_create(&call->home, &failed);
        r = r < 0 ? r : unitfiles_enable(&call->home, name, path);
    }
    if (r < 0) {
        return fail_at(call, name, r);
    }
    (void)printf("%s: enabled (%s)\n", name, path);
    return 0;
}

static int disable(const struct call *call, const char *name) {
    auto_free char *path = NULL;
    int found = unitfiles_find(&call->home, name, &path);
    int r = found < 0 ? found : unitfiles_disable(&call->home, name);
    if (r < 0) {
        return fail_at(call, name, r);
    }
    if (r == 1 && found == 0) {
        return names_unknown(call, name);
    }
    (void)printf(r == 1 ? "%s: was not enabled\n" : "%s: disabled\n", name);
    return 0;
}

static int is_enabled(const struct call *call, const char *name) {
    auto_free char *path = NULL;
    int found = unitfiles_find(&call->home, name, &path);
    int r = found < 0 ? found : unitfiles_is_enabled(&call->home, name);
    if (r < 0) {
        return fail_at(call, name, r);
    }
    if (r == 0 && found == 0) {
        (void)puts("not-found");
        return OUTCOME_NO_SUCH_SERVICE;
    }
    if (!call_has(call, "quiet")) {
        (void)puts(r == 1 ? "enabled" : "disabled");
    }
    return r == 1 ? OUTCOME_DONE : OUTCOME_FAILED;
}

/* Goes on after a failure; the first one is the exit status. */
static int for_each(const struct call *call, int (*one)(const struct call *, const char *)) {
    int first = 0;
    for (size_t i = 0; i < call->n_arguments; i++) {
        char name[UNIT_NAME_SIZE];
        int status = names_complete(call->arguments[i], name);
        status = status != 0 ? status : one(call, name);
        first = first != 0 ? first : status;
    }
    return first;
}

int cmd_enable(struct call *call) {
    return for_each(call, enable);
}

int cmd_disable(struct call *call) {
    return for_each(call, disable);
}

int cmd_is_enabled(struct call *call) {
    return for_each(call, is_enabled);
}
