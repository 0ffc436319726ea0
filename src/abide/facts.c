/* The two sources are joined here, once; a name that only one of them knows is a service too. */
#include "abide/facts.h"

#include "abide/say.h"
#include "base/alloc.h"
#include "base/str.h"
#include "client/unitfiles.h"
#include "core/names.h"
#include "os/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int facts_open(const struct call *call, struct statusview *ret_view) {
    int r = statusview_open(&call->home, ret_view);
    switch (r) {
    case 0:
        return 0;
    case -EACCES:
    case -EPERM:
        return say_fail(OUTCOME_NOT_PERMITTED,
                        "%s: %s; ask as the owner of this instance, or as root", call->home.runtime,
                        strerrordesc_np(-r));
    case -EPROTONOSUPPORT:
        return say_fail(OUTCOME_FAILED, "%s was written by another version of abide; use that one",
                        call->home.status);
    case -EBADMSG:
        return say_fail(OUTCOME_FAILED, "%s is damaged, or no status file of abide",
                        call->home.status);
    default:
        return say_fail(OUTCOME_FAILED, "%s: %s", call->home.status, strerrordesc_np(-r));
    }
}

void facts_say_unsupervised(const struct call *call, const struct statusview *view) {
    if (!view->is_supervised) {
        say("no supervisor runs at %s; `abide start NAME` or `abide supervise --daemon` starts one",
            call->home.runtime);
    }
}

/* What does not come from the status file. */
static int add_unit_file(const struct call *call, struct facts *facts) {
    int found = unitfiles_find(&call->home, facts->name, &facts->path);
    if (found < 0) {
        return found;
    }
    int enabled = unitfiles_is_enabled(&call->home, facts->name);
    if (enabled < 0) {
        return enabled;
    }
    facts->is_enabled = enabled > 0;
    /* What the last supervisor knew is forgotten when its unit file is, and no process is left. */
    bool is_known = facts->is_supervised || facts->service.status.main_pid != 0;
    return found > 0 || (facts->is_loaded && is_known) ? 1 : 0;
}

static void set_name(struct facts *facts, const char *name) {
    size_t length = strnlen(name, UNIT_NAME_SIZE - 1);
    memcpy(facts->name, name, length);
    facts->name[length] = '\0';
}

int facts_find(const struct call *call, const struct statusview *view, const char *name,
               struct facts *ret_facts) {
    *ret_facts = (struct facts){.is_supervised = view->is_supervised};
    set_name(ret_facts, name);
    ret_facts->is_loaded = statusview_find(view, name, &ret_facts->service) > 0;
    return add_unit_file(call, ret_facts);
}

void facts_fini(struct facts *self) {
    cleanup_free(&self->path);
}

/* A name, and where it stands in the status file; UINT32_MAX: it does not. */
struct known {
    const char *name;
    uint32_t index;
};

static int compare(const void *a, const void *b) {
    const struct known *one = a;
    const struct known *other = b;
    int order = strcmp(one->name, other->name);
    return order != 0 ? order : (one->index > other->index) - (one->index < other->index);
}

/* Appends to `names` those of the status file, and to the result where they stand. */
static int collect(const struct call *call, const struct statusview *view, char ***names,
                   struct known **ret_known) {
    struct statusview_service service;
    uint32_t index = 0;
    size_t n_loaded = 0;
    auto_free uint32_t *indexes = alloc_zeroed((size_t)view->table.capacity + 1, sizeof(uint32_t));
    if (indexes == NULL) {
        return -ENOMEM;
    }
    while (statusview_next(view, &index, &service) > 0) {
        indexes[n_loaded++] = index - 1;
        int r = str_list_append(names, service.slot.name, strlen(service.slot.name));
        if (r < 0) {
            return r;
        }
    }
    char **files = NULL;
    int r = unitfiles_list(&call->home, &files);
    for (size_t i = 0; r == 0 && files != NULL && files[i] != NULL; i++) {
        r = str_list_append(names, files[i], strlen(files[i]));
    }
    files = str_list_free(files);
    if (r < 0) {
        return r;
    }
    size_t count = str_list_count(*names);
    assert(count == 0 || *names != NULL);
    struct known *known = alloc_zeroed(count + 1, sizeof(*known));
    if (known == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        known[i] = (struct known){(*names)[i], i < n_loaded ? indexes[i] : UINT32_MAX};
    }
    qsort(known, count, sizeof(*known), compare);
    *ret_known = known;
    return 0;
}

static int call_one(const struct call *call, const struct statusview *view,
                    const struct known *known, int (*one)(const struct facts *facts, void *context),
                    void *context) {
    auto_(facts_fini) struct facts facts = {.is_supervised = view->is_supervised};
    set_name(&facts, known->name);
    if (known->index != UINT32_MAX) {
        uint32_t index = known->index;
        facts.is_loaded = statusview_next(view, &index, &facts.service) > 0 &&
                          strcmp(facts.service.slot.name, known->name) == 0;
    }
    int r = add_unit_file(call, &facts);
    return r <= 0 ? r : one(&facts, context);
}

int facts_for_each(const struct call *call, const struct statusview *view,
                   int (*one)(const struct facts *facts, void *context), void *context) {
    char **names = NULL;
    auto_free struct known *known = NULL;
    int r = collect(call, view, &names, &known);
    size_t count = r == 0 ? str_list_count(names) : 0;
    for (size_t i = 0; i < count && r == 0; i++) {
        if (i == 0 || strcmp(known[i].name, known[i - 1].name) != 0) {
            r = call_one(call, view, &known[i], one, context);
        }
    }
    names = str_list_free(names);
    return r;
}

const char *facts_active_state(const struct facts *self) {
    return service_active_state_name(self->service.status.state);
}

enum colour facts_colour(const struct facts *self) {
    switch (self->service.status.state) {
    case SERVICE_RUNNING:
    case SERVICE_EXITED:
    case SERVICE_RELOADING:
        return COLOUR_GOOD;
    case SERVICE_START:
    case SERVICE_STOP_SIGTERM:
    case SERVICE_STOP_SIGKILL:
    case SERVICE_AUTO_RESTART:
        return COLOUR_WAIT;
    case SERVICE_FAILED:
        return COLOUR_BAD;
    case SERVICE_DEAD:
        return COLOUR_FAINT;
    }
    return COLOUR_NONE;
}

/* How the last process ended. */
static void exit_words(const struct status *status, char *text, size_t size) {
    const struct exit_status *ended = &status->exec_main_exit;
    const char *code = exit_code_name(ended->status);
    const char *signal = sigabbrev_np((int)ended->status);
    const char *error = strerrordesc_np((int)status->start_error.error);
    switch (ended->how) {
    case EXIT_NONE:
        text[0] = '\0';
        return;
    case EXIT_EXITED:
        if (status->start_error.error != 0) {
            (void)snprintf(text, size, "could not start: %s", error != NULL ? error : "?");
        } else {
            (void)snprintf(text, size, "exited with status %u%s%s%s", ended->status,
                           code != NULL ? " (" : "", code != NULL ? code : "",
                           code != NULL ? ")" : "");
        }
        return;
    case EXIT_KILLED:
    case EXIT_DUMPED:
        (void)snprintf(text, size, "killed by signal %u%s%s%s%s", ended->status,
                       signal != NULL ? " (SIG" : "", signal != NULL ? signal : "",
                       signal != NULL ? ")" : "", ended->how == EXIT_DUMPED ? ", core dumped" : "");
        return;
    case EXIT_UNKNOWN:
        (void)snprintf(text, size, "ended while nobody watched: its exit status is unknown");
        return;
    }
}

void facts_reason(const struct facts *self, usec_t now_usec, char text[FACTS_REASON_SIZE]) {
    const struct status *status = &self->service.status;
    char ended[128];
    text[0] = '\0';
    exit_words(status, ended, sizeof(ended));
    if (status->next_try_usec != 0) {
        char span[OUTPUT_SPAN_SIZE];
        output_span(usec_sub(status->next_try_usec, now_usec), span);
        (void)snprintf(text, FACTS_REASON_SIZE, "next try in %s: %s", span, ended);
    } else if (self->service.is_gone && self->is_supervised) {
        (void)snprintf(text, FACTS_REASON_SIZE,
                       "its process has ended, and the supervisor has not noticed yet");
    } else if (status->state == SERVICE_FAILED &&
               status->result == SERVICE_RESULT_START_LIMIT_HIT) {
        (void)snprintf(text, FACTS_REASON_SIZE, "too many starts: %s", ended);
    } else if (status->state == SERVICE_FAILED || self->service.is_gone) {
        (void)snprintf(text, FACTS_REASON_SIZE, "%s",
                       ended[0] != '\0' ? ended : service_result_name(status->result));
    } else if (status->state == SERVICE_DEAD && status->is_held != 0) {
        (void)snprintf(text, FACTS_REASON_SIZE, "stopped by hand");
    } else if (status->state == SERVICE_DEAD) {
        (void)snprintf(text, FACTS_REASON_SIZE, "%s", ended);
    }
}
