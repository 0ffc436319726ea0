/*
 * The objects are made as a whole by json_pack(3): their form stands here as it is printed. Texts
 * are ASCII (names, words) or paths, and a path that is no UTF-8 is null.
 */
#include "abide/json_output.h"

#include "base/cleanup.h"
#include "core/names.h"
#include "os/clock.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

DEFINE_CLEANUP(json_decref, json_t *)

/* A point of the monotonic clock as microseconds since 1970. */
static json_int_t since_1970(usec_t monotonic_usec) {
    if (monotonic_usec == 0 || monotonic_usec == USEC_INFINITY) {
        return 0;
    }
    usec_t booted = clock_realtime() - clock_monotonic();
    usec_t realtime = booted + monotonic_usec;
    return (json_int_t)realtime;
}

static json_t *text_or_null(const char *text) {
    json_t *string = text != NULL ? json_string(text) : NULL;
    return string != NULL ? string : json_null();
}

/* An exit as far as it is known: {"code":"exited","status":1}; nulls while there is none. */
static json_t *exit_object(const struct status *status) {
    const struct exit_status *ended = &status->exec_main_exit;
    bool has_ended = ended->how != EXIT_NONE;
    bool is_known = has_ended && ended->how != EXIT_UNKNOWN;
    return json_pack("{s:i, s:o, s:o, s:I, s:I}", "pid", (int)status->exec_main_pid, "code",
                     has_ended ? json_string(exit_how_name(ended->how)) : json_null(), "status",
                     is_known ? json_integer(ended->status) : json_null(), "start_usec",
                     since_1970(status->exec_main_start_usec), "exit_usec",
                     since_1970(status->exec_main_exit_usec));
}

static json_t *service_object(const struct facts *facts) {
    const struct status *status = &facts->service.status;
    const struct policy *policy = &facts->service.slot.policy;
    char reason[FACTS_REASON_SIZE];
    facts_reason(facts, clock_monotonic(), reason);
    return json_pack(
        "{s:s, s:b, s:s, s:s, s:s, s:i, s:i, s:I, s:I, s:i, s:b, s:o, s:s, s:s, s:o, s:s, s:o, "
        "s:o}",
        "name", facts->name, "loaded", facts->is_loaded, "active_state", facts_active_state(facts),
        "sub_state", service_state_name(status->state), "result",
        service_result_name(status->result), "main_pid", (int)status->main_pid, "control_pid",
        (int)status->control_pid, "since_usec", since_1970(status->since_usec), "next_try_usec",
        since_1970(status->next_try_usec), "n_restarts", (int)status->n_restarts, "held",
        status->is_held != 0, "exec_main", exit_object(status), "invocation_id", status->invocation,
        "reason", reason, "unit_file", text_or_null(facts->path), "unit_file_state",
        facts->is_enabled ? "enabled" : "disabled", "type",
        facts->is_loaded ? json_string(service_type_name(policy->type)) : json_null(), "restart",
        facts->is_loaded ? json_string(restart_name(policy->restart)) : json_null());
}

int json_output_add(struct json_output *self, const struct facts *facts) {
    if (self->services == NULL) {
        self->services = json_array();
    }
    return json_array_append_new(self->services, service_object(facts)) < 0 ? -ENOMEM : 0;
}

static int count_one(const struct facts *facts, void *context) {
    (void)facts;
    (*(int *)context)++;
    return 0;
}

int json_output_print(struct json_output *self, const struct call *call,
                      const struct statusview *view) {
    int n_services = 0;
    struct statusview_pids pids;
    statusview_pids(view, &pids);
    int r = facts_for_each(call, view, count_one, &n_services);
    if (r < 0) {
        return r;
    }
    json_t *instance =
        json_pack("{s:s, s:b, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:i}", "version", ABIDE_VERSION,
                  "supervised", view->is_supervised, "keeper_pid", (int)pids.keeper,
                  "supervisor_pid", (int)pids.supervisor, "logger_pid", (int)pids.logger,
                  "runtime_directory", text_or_null(call->home.runtime), "state_directory",
                  text_or_null(call->home.state), "logs_directory", text_or_null(call->home.logs),
                  "units_directory", text_or_null(call->home.units), "n_services", n_services);
    json_t *services = self->services != NULL ? json_incref(self->services) : json_array();
    auto_(json_decref) json_t *object = json_pack("{s:i, s:o, s:o}", "schema", JSON_OUTPUT_SCHEMA,
                                                  "instance", instance, "services", services);
    if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT) < 0) {
        return -ENOMEM;
    }
    (void)putchar('\n');
    return 0;
}

void json_output_fini(struct json_output *self) {
    json_decref(self->services);
    self->services = NULL;
}
