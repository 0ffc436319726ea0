/* status NAME: what is known of a service, for people; the table of ls without a name. */
#include "abide/commands.h"
#include "abide/facts.h"
#include "abide/json_output.h"
#include "abide/log_lines.h"
#include "abide/names.h"
#include "abide/output.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "client/logtail.h"
#include "client/path.h"
#include "core/names.h"
#include "os/clock.h"
#include "os/self.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of its log, so many lines are shown. */
#define LAST_LINES 10

static bool is_active(const struct facts *facts) {
    return strcmp(facts_active_state(facts), "active") == 0;
}

static void print_since(const struct status *status, usec_t now_usec) {
    char span[OUTPUT_SPAN_SIZE];
    char time[OUTPUT_TIME_SIZE];
    usec_t ago = usec_sub(now_usec, status->since_usec);
    output_span(ago, span);
    output_time(usec_sub(clock_realtime(), ago), time);
    (void)printf(" since %s; %s ago", time, span);
}

static void print_details(const struct facts *facts, bool has_colour) {
    const struct status *status = &facts->service.status;
    usec_t now = clock_monotonic();
    char state[64];
    char reason[FACTS_REASON_SIZE];
    (void)snprintf(state, sizeof(state), "%s (%s)", facts_active_state(facts),
                   service_state_name(status->state));
    facts_reason(facts, now, reason);
    output_coloured(has_colour, facts_colour(facts), "● ");
    output_coloured(has_colour, COLOUR_BOLD, facts->name);
    (void)fputs("\n    State: ", stdout);
    output_coloured(has_colour, facts_colour(facts), state);
    if (facts->is_loaded && status->since_usec != 0) {
        print_since(status, now);
    }
    if (reason[0] != '\0') {
        (void)printf("\n           %s", reason);
    }
    (void)fputs("\n     Unit: ", stdout);
    put_clean(stdout, facts->path != NULL ? facts->path : "its unit file is gone");
    (void)printf(" (%s)\n", facts->is_enabled ? "enabled" : "disabled");
    if (status->main_pid != 0) {
        (void)printf(" Main PID: %u\n", status->main_pid);
    }
    if (status->n_restarts != 0) {
        (void)printf(" Restarts: %u since the last start by hand\n", status->n_restarts);
    }
    if (status->job.kind != JOB_NONE) {
        (void)printf("      Job: %s is waited for\n", job_kind_name(status->job.kind));
    }
}

/* The same as log_lines_print(), where one look at the newest file is enough. */
static int print_tail(const struct call *call, const char *name) {
    auto_free char *folder = NULL;
    auto_free char *text = NULL;
    size_t size = 0;
    int r = path_make(&folder, call->home.logs, "/", name);
    r = r < 0 ? r : logtail_read(folder, LAST_LINES, &text, &size);
    for (const char *line = text; r > 0 && line < text + size;) {
        const char *end = memchr(line, '\n', (size_t)(text + size - line));
        end = end != NULL ? end : text + size;
        (void)fputs("    ", stdout);
        (void)fwrite(line, 1, (size_t)(end - line), stdout);
        (void)putchar('\n');
        line = end + 1;
    }
    return r;
}

/* The last lines that it said; that there are none is no news. */
static void print_last_lines(const struct call *call, struct facts *facts) {
    char *services[] = {facts->name, NULL};
    bool is_for_terminal = self_terminal_columns(/* stdout */ 1) != 0;
    int r = is_for_terminal ? 0 : print_tail(call, facts->name);
    if (r == 0) {
        struct log_query query = {.logs_path = call->home.logs,
                                  .services = services,
                                  .n_last = LAST_LINES,
                                  .form = LOG_FORM_INDENTED,
                                  .is_for_terminal = is_for_terminal};
        r = log_lines_print(&query, LOGREAD_ONCE);
    }
    if (r < 0 && r != -ENOENT) {
        say("the log of %s: %s", facts->name, strerrordesc_np(-r));
    }
}

static int show_one(const struct call *call, const struct statusview *view, const char *typed,
                    struct json_output *json) {
    char name[UNIT_NAME_SIZE];
    auto_(facts_fini) struct facts facts = {0};
    int status = names_complete(typed, name);
    if (status != 0) {
        return status;
    }
    int r = facts_find(call, view, name, &facts);
    if (r == 0) {
        return names_unknown(call, name);
    }
    if (r > 0 && json != NULL) {
        r = json_output_add(json, &facts);
    } else if (r > 0) {
        print_details(&facts, output_has_colour(call));
        print_last_lines(call, &facts);
    }
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "%s: %s", name, strerrordesc_np(-r));
    }
    return is_active(&facts) ? OUTCOME_DONE : OUTCOME_NOT_ACTIVE;
}

int cmd_status(struct call *call) {
    if (call->n_arguments == 0) {
        return cmd_ls(call);
    }
    auto_(statusview_close) struct statusview view = {0};
    auto_(json_output_fini) struct json_output json = {0};
    bool wants_json = call_has(call, "json");
    int first = facts_open(call, &view);
    if (first != 0) {
        return first;
    }
    for (size_t i = 0; i < call->n_arguments; i++) {
        if (i != 0 && !wants_json) {
            (void)putchar('\n');
        }
        int status = show_one(call, &view, call->arguments[i], wants_json ? &json : NULL);
        first = first != 0 ? first : status;
    }
    if (wants_json && json_output_print(&json, call, &view) < 0) {
        return say_fail(OUTCOME_FAILED, "out of memory");
    }
    if (!wants_json) {
        facts_say_unsupervised(call, &view);
    }
    return first;
}
