/* One small function a property; what they share is the source. */
#include "abide/properties.h"

#include "abide/output.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "core/names.h"

#include <stdlib.h>

static const struct status *status_in(const struct property_source *source) {
    return &source->facts->service.status;
}

static void put_span(FILE *stream, usec_t usec) {
    auto_free char *text = output_exact_span(usec);
    put_clean(stream, text);
}

static void put_number(FILE *stream, uint64_t number) {
    (void)fprintf(stream, "%llu", (unsigned long long)number);
}

static void print_id(FILE *stream, const struct property_source *source) {
    put_clean(stream, source->facts->name);
}

static void print_description(FILE *stream, const struct property_source *source) {
    const struct spec *spec = source->spec;
    put_clean(stream,
              spec != NULL && spec->description != NULL ? spec->description : source->facts->name);
}

static void print_load_state(FILE *stream, const struct property_source *source) {
    bool is_known = source->facts->is_loaded || source->facts->path != NULL;
    (void)fputs(is_known ? "loaded" : "not-found", stream);
}

static void print_active_state(FILE *stream, const struct property_source *source) {
    (void)fputs(facts_active_state(source->facts), stream);
}

static void print_sub_state(FILE *stream, const struct property_source *source) {
    (void)fputs(service_state_name(status_in(source)->state), stream);
}

static void print_result(FILE *stream, const struct property_source *source) {
    (void)fputs(service_result_name(status_in(source)->result), stream);
}

static void print_main_pid(FILE *stream, const struct property_source *source) {
    put_number(stream, status_in(source)->main_pid);
}

static void print_control_pid(FILE *stream, const struct property_source *source) {
    put_number(stream, status_in(source)->control_pid);
}

static void print_exec_main_pid(FILE *stream, const struct property_source *source) {
    put_number(stream, status_in(source)->exec_main_pid);
}

/* CLD_EXITED, CLD_KILLED and CLD_DUMPED, as systemctl has it; 0 while nothing has ended. */
static void print_exec_main_code(FILE *stream, const struct property_source *source) {
    switch (status_in(source)->exec_main_exit.how) {
    case EXIT_NONE:
        (void)fputc('0', stream);
        return;
    case EXIT_EXITED:
        (void)fputc('1', stream);
        return;
    case EXIT_KILLED:
        (void)fputc('2', stream);
        return;
    case EXIT_DUMPED:
        (void)fputc('3', stream);
        return;
    case EXIT_UNKNOWN:
        (void)fputs("unknown", stream);
        return;
    }
}

static void print_exec_main_status(FILE *stream, const struct property_source *source) {
    put_number(stream, status_in(source)->exec_main_exit.status);
}

static void print_exec_main_start(FILE *stream, const struct property_source *source) {
    put_number(stream, status_in(source)->exec_main_start_usec);
}

static void print_exec_main_exit(FILE *stream, const struct property_source *source) {
    put_number(stream, status_in(source)->exec_main_exit_usec);
}

static void print_state_change(FILE *stream, const struct property_source *source) {
    put_number(stream, status_in(source)->since_usec);
}

static void print_next_try(FILE *stream, const struct property_source *source) {
    put_number(stream, status_in(source)->next_try_usec);
}

static void print_n_restarts(FILE *stream, const struct property_source *source) {
    put_number(stream, status_in(source)->n_restarts);
}

/* Programs can't say one to this version of abide. */
static void print_status_text(FILE *stream, const struct property_source *source) {
    (void)stream;
    (void)source;
}

static void print_status_errno(FILE *stream, const struct property_source *source) {
    put_number(stream, status_in(source)->start_error.error);
}

static void print_invocation_id(FILE *stream, const struct property_source *source) {
    put_clean(stream, status_in(source)->invocation);
}

static void print_fragment_path(FILE *stream, const struct property_source *source) {
    put_clean(stream, source->facts->path);
}

static void print_unit_file_state(FILE *stream, const struct property_source *source) {
    const struct facts *facts = source->facts;
    if (facts->path != NULL || facts->is_enabled) {
        (void)fputs(facts->is_enabled ? "enabled" : "disabled", stream);
    }
}

static void print_is_held(FILE *stream, const struct property_source *source) {
    (void)fputs(status_in(source)->is_held != 0 ? "yes" : "no", stream);
}

static void print_type(FILE *stream, const struct property_source *source) {
    if (source->policy != NULL) {
        put_clean(stream, service_type_name(source->policy->type));
    }
}

static void print_restart(FILE *stream, const struct property_source *source) {
    if (source->policy != NULL) {
        put_clean(stream, restart_name(source->policy->restart));
    }
}

static void print_restart_usec(FILE *stream, const struct property_source *source) {
    if (source->policy != NULL && source->policy->restart_usec_is_set != 0) {
        put_span(stream, source->policy->restart_usec);
    }
}

static void print_timeout_start(FILE *stream, const struct property_source *source) {
    if (source->policy != NULL) {
        put_span(stream, source->policy->start_timeout_usec);
    }
}

static void print_timeout_stop(FILE *stream, const struct property_source *source) {
    if (source->policy != NULL) {
        put_span(stream, source->policy->stop_timeout_usec);
    }
}

static void print_kill_mode(FILE *stream, const struct property_source *source) {
    if (source->policy != NULL) {
        put_clean(stream, kill_mode_name(source->policy->kill_mode));
    }
}

static void print_kill_signal(FILE *stream, const struct property_source *source) {
    if (source->policy != NULL) {
        put_number(stream, source->policy->kill_signal);
    }
}

static void print_start_limit_interval(FILE *stream, const struct property_source *source) {
    if (source->policy != NULL) {
        put_span(stream, source->policy->start_limit_interval_usec);
    }
}

static void print_start_limit_burst(FILE *stream, const struct property_source *source) {
    if (source->policy != NULL) {
        put_number(stream, source->policy->start_limit_burst);
    }
}

static void print_working_directory(FILE *stream, const struct property_source *source) {
    put_clean(stream, source->spec != NULL ? source->spec->working_directory : NULL);
}

static void print_user(FILE *stream, const struct property_source *source) {
    put_clean(stream, source->spec != NULL ? source->spec->user : NULL);
}

static void print_group(FILE *stream, const struct property_source *source) {
    put_clean(stream, source->spec != NULL ? source->spec->group : NULL);
}

static void print_umask(FILE *stream, const struct property_source *source) {
    if (source->spec != NULL) {
        (void)fprintf(stream, "%04o", source->spec->umask);
    }
}

const struct property properties[] = {
    {"Type", print_type},
    {"Restart", print_restart},
    {"RestartUSec", print_restart_usec},
    {"TimeoutStartUSec", print_timeout_start},
    {"TimeoutStopUSec", print_timeout_stop},
    {"MainPID", print_main_pid},
    {"ControlPID", print_control_pid},
    {"StatusText", print_status_text},
    {"StatusErrno", print_status_errno},
    {"Result", print_result},
    {"NRestarts", print_n_restarts},
    {"ExecMainStartTimestampMonotonic", print_exec_main_start},
    {"ExecMainExitTimestampMonotonic", print_exec_main_exit},
    {"ExecMainPID", print_exec_main_pid},
    {"ExecMainCode", print_exec_main_code},
    {"ExecMainStatus", print_exec_main_status},
    {"NextTryTimestampMonotonic", print_next_try},
    {"StoppedByHand", print_is_held},
    {"WorkingDirectory", print_working_directory},
    {"User", print_user},
    {"Group", print_group},
    {"UMask", print_umask},
    {"KillMode", print_kill_mode},
    {"KillSignal", print_kill_signal},
    {"Id", print_id},
    {"Names", print_id},
    {"Description", print_description},
    {"LoadState", print_load_state},
    {"ActiveState", print_active_state},
    {"SubState", print_sub_state},
    {"FragmentPath", print_fragment_path},
    {"UnitFileState", print_unit_file_state},
    {"StateChangeTimestampMonotonic", print_state_change},
    {"StartLimitIntervalUSec", print_start_limit_interval},
    {"StartLimitBurst", print_start_limit_burst},
    {"InvocationID", print_invocation_id},
    {0},
};
