/* logs: read from the files, so it needs neither supervisor nor logger. */
#include "abide/commands.h"
#include "abide/facts.h"
#include "abide/log_lines.h"
#include "abide/names.h"
#include "abide/output.h"
#include "abide/say.h"
#include "abide/timestamp.h"
#include "base/alloc.h"
#include "base/str.h"
#include "client/path.h"
#include "os/clock.h"
#include "os/folder.h"
#include "os/self.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* With -f and no -n. */
#define LINES_TO_FOLLOW_FROM 10

static int parse_time(const struct call *call, const char *option, usec_t *ret_usec) {
    const char *value = call_value(call, option);
    if (value != NULL && timestamp_parse(value, clock_realtime(), ret_usec) < 0) {
        return say_fail(OUTCOME_WRONG_USAGE,
                        "--%s=%s is no point in time, as \"2026-11-22 16:54\", \"16:54\", "
                        "\"yesterday\" or \"5min ago\" is",
                        option, value);
    }
    return 0;
}

static int parse_lines(const struct call *call, struct log_query *query) {
    const char *value = call_value(call, "lines");
    query->n_last = call_has(call, "follow") ? LINES_TO_FOLLOW_FROM : SIZE_MAX;
    if (value == NULL || strcmp(value, "all") == 0) {
        query->n_last = value == NULL ? query->n_last : SIZE_MAX;
        return 0;
    }
    if (strspn(value, "0123456789") != strlen(value) || strlen(value) > 9 || value[0] == '\0') {
        return say_fail(OUTCOME_WRONG_USAGE, "-n takes a number of lines, or \"all\", not `%s`",
                        value);
    }
    query->n_last = (size_t)strtoul(value, NULL, 10);
    return 0;
}

/* The services that are named; a log alone makes a name a known one: what ran may be gone. */
static int add_named(const struct call *call, char ***services) {
    for (size_t i = 0; i < call->n_arguments; i++) {
        char name[UNIT_NAME_SIZE];
        auto_free char *folder = NULL;
        auto_(statusview_close) struct statusview view = {0};
        auto_(facts_fini) struct facts facts = {0};
        int status = names_complete(call->arguments[i], name);
        if (status != 0) {
            return status;
        }
        int r = path_make(&folder, call->home.logs, "/", name);
        r = r < 0 ? r : folder_has(folder);
        status = r == 0 ? facts_open(call, &view) : 0;
        if (status != 0) {
            return status;
        }
        r = r == 0 ? facts_find(call, &view, name, &facts) : r;
        if (r == 0) {
            return names_unknown(call, name);
        }
        r = r < 0 ? r : str_list_append(services, name, strlen(name));
        if (r < 0) {
            return say_fail(OUTCOME_FAILED, "%s: %s", name, strerrordesc_np(-r));
        }
    }
    return 0;
}

/* Every service that has a log. */
static int add_all(const struct call *call, char ***services) {
    char **names = NULL;
    int r = folder_list(call->home.logs, &names);
    for (size_t i = 0; r == 0 && names != NULL && names[i] != NULL; i++) {
        if (unit_name_is_valid(names[i])) {
            r = str_list_append(services, names[i], strlen(names[i]));
        }
    }
    names = str_list_free(names);
    return r < 0 ? say_fail(r == -EACCES ? OUTCOME_NOT_PERMITTED : OUTCOME_FAILED, "%s: %s",
                            call->home.logs, strerrordesc_np(-r))
                 : 0;
}

static void say_unsupervised(const struct call *call) {
    auto_(statusview_close) struct statusview view = {0};
    if (statusview_open(&call->home, &view) == 0) {
        facts_say_unsupervised(call, &view);
    }
}

static int print(const struct call *call, struct log_query *query) {
    bool follows = call_has(call, "follow");
    int r = log_lines_print(query, follows ? LOGREAD_FOLLOW : LOGREAD_ONCE);
    if (r == 0 && follows) {
        return say_fail(OUTCOME_FAILED, "there is no log yet that could be followed");
    }
    if (r < 0) {
        return say_fail(r == -EACCES ? OUTCOME_NOT_PERMITTED : OUTCOME_FAILED, "the logs in %s: %s",
                        call->home.logs, strerrordesc_np(-r));
    }
    return 0;
}

int cmd_logs(struct call *call) {
    char *none[] = {NULL};
    char **services = NULL;
    struct log_query query = {.logs_path = call->home.logs,
                              .text = call_value(call, "grep"),
                              .has_colour = output_has_colour(call),
                              .is_for_terminal = self_terminal_columns(/* stdout */ 1) != 0};
    int status = parse_lines(call, &query);
    status = status != 0 ? status : parse_time(call, "since", &query.since_usec);
    status = status != 0 ? status : parse_time(call, "until", &query.until_usec);
    if (status == 0) {
        status = call->n_arguments != 0 ? add_named(call, &services) : add_all(call, &services);
    }
    if (status == 0) {
        say_unsupervised(call);
        query.services = services != NULL ? services : none;
        query.form = call->n_arguments == 1 ? LOG_FORM_TEXT : LOG_FORM_NAMED;
        query.form = call_has(call, "json") ? LOG_FORM_JSON : query.form;
        status = print(call, &query);
    }
    services = str_list_free(services);
    return status;
}
