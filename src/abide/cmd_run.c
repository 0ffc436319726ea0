/*
 * run: a unit file is made, checked, kept, loaded and started, in this order; each step that fails
 * takes back what was done before it. Nothing is enabled before it has started, so that a run that
 * is killed at any point leaves nothing that would start at the next boot.
 */
#include "abide/asking.h"
#include "abide/background.h"
#include "abide/commands.h"
#include "abide/jobs.h"
#include "abide/run_unit.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "client/statusview.h"
#include "client/unitfiles.h"
#include "os/atomicfile.h"
#include "os/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define UNIT_FILE_MAX ((size_t)8 * 1024 * 1024)

struct run {
    struct call *call;
    struct run_unit unit;
    char *path; /* where the unit file is kept */
    char *old_text; /* of the service that has the name already; NULL: none has */
    struct connection connection;
};

static int fail_file(const char *path, int error) {
    return say_fail(error == -EACCES || error == -EPERM ? OUTCOME_NOT_PERMITTED : OUTCOME_FAILED,
                    "%s: %s", path, strerrordesc_np(-error));
}

/* Whether the name is free, or whose it is. */
static int look_for_old(struct run *run) {
    auto_free char *found = NULL;
    const struct home *home = &run->call->home;
    int r = unitfiles_made_path(home, run->unit.name, &run->path);
    r = r < 0 ? r : unitfiles_find(home, run->unit.name, &found);
    if (r < 0) {
        return fail_file(run->unit.name, r);
    }
    if (r == 0) {
        return 0;
    }
    if (strcmp(found, run->path) != 0) {
        return say_fail(
            OUTCOME_FAILED,
            "%s has a unit file that was written by hand, %s; start that by `abide start "
            "%s`, or choose another name with --name",
            run->unit.name, found, run->unit.name);
    }
    size_t size;
    r = atomicfile_read(FOLDER_CWD, found, UNIT_FILE_MAX, &run->old_text, &size);
    return r < 0 ? fail_file(found, r) : 0;
}

static int write_file(const struct run *run, const char *text) {
    int r = unitfiles_write_made(&run->call->home, run->unit.name, text);
    return r < 0 ? fail_file(run->path, r) : 0;
}

static int ask(struct run *run, enum method method) {
    struct request request = {.method = method};
    memcpy(request.unit, run->unit.name, sizeof(request.unit));
    auto_(response_fini) struct response response = {0};
    return asking_call(run->call, &run->connection, &request, &response);
}

/* 0 and the report of a job, also of one that failed. */
static int do_job(struct run *run, enum method method, struct response *ret_response) {
    struct jobs jobs = {.call = run->call,
                        .connection = &run->connection,
                        .method = method,
                        .waits = true,
                        .timeout_usec = USEC_INFINITY};
    return jobs_call(&jobs, run->unit.name, ret_response);
}

/* The first start of a new service failed: it is as if it had never been. */
static void take_back(struct run *run) {
    auto_(response_fini) struct response response = {0};
    if (run->old_text != NULL) {
        if (write_file(run, run->old_text) == 0 && ask(run, METHOD_LOAD) == 0) {
            (void)do_job(run, METHOD_RESTART, &response);
        }
        return;
    }
    /* It may be waiting for its next try. */
    if (do_job(run, METHOD_STOP, &response) == 0) {
        (void)ask(run, METHOD_FORGET);
    }
    (void)folder_unlink(run->path);
}

/* Whether the program has never run: the start failed at a step before its execution. */
static bool has_failed_before_exec(const struct run *run) {
    auto_(statusview_close) struct statusview view = {0};
    struct statusview_service service;
    if (statusview_open(&run->call->home, &view) < 0 ||
        statusview_find(&view, run->unit.name, &service) == 0) {
        return false;
    }
    return service.status.start_error.error != 0 || service.status.start_error.step != 0;
}

static int report(struct run *run, enum method method, const struct job_report *job) {
    const char *name = run->unit.name;
    if (job->outcome == JOB_OUTCOME_DONE) {
        (void)printf("%s: %s (%s)", name, job->active_state, job->sub_state);
        (void)printf(job->main_pid != 0 ? ", pid %lld\n" : "\n", (long long)job->main_pid);
        return 0;
    }
    if (job->outcome != JOB_OUTCOME_FAILED || (job->kept && !has_failed_before_exec(run))) {
        return jobs_fail(method, name, job);
    }
    say("%s did not start: %s; %s", name, job->detail[0] != '\0' ? job->detail : job->reason,
        run->old_text != NULL ? "what was there before is there again" : "nothing of it was kept");
    take_back(run);
    return OUTCOME_FAILED;
}

/* The same service as before: it is started as it was kept. */
static int start_old(struct run *run) {
    auto_(response_fini) struct response response = {0};
    int status = do_job(run, METHOD_START, &response);
    if (status != 0) {
        return status;
    }
    if (response.job.outcome != JOB_OUTCOME_DONE) {
        return jobs_fail(METHOD_START, run->unit.name, &response.job);
    }
    return report(run, METHOD_START, &response.job);
}

static int start_new(struct run *run) {
    auto_(response_fini) struct response stopped = {0};
    auto_(response_fini) struct response response = {0};
    /* What runs is stopped as its own unit file says, so before there is another. */
    int status = run->old_text != NULL ? do_job(run, METHOD_STOP, &stopped) : 0;
    status = status != 0 ? status : write_file(run, run->unit.text);
    if (status != 0) {
        return status;
    }
    status = ask(run, METHOD_LOAD);
    if (status != 0) {
        take_back(run);
        return status;
    }
    int asked = do_job(run, METHOD_START, &response);
    status = asked != 0 ? asked : report(run, METHOD_START, &response.job);
    /* One that was killed by a signal, say, is kept: it exists, and can be looked at. */
    bool is_kept = folder_has(run->path) > 0 && !call_has(run->call, "rm");
    if (is_kept && (status == 0 || (asked == 0 && run->old_text == NULL))) {
        int r = unitfiles_enable(&run->call->home, run->unit.name, run->path);
        return r < 0 ? fail_file(run->path, r) : status;
    }
    return status;
}

static int run_it(struct run *run) {
    int status = run_unit_make(run->call, &run->unit);
    status = status != 0 ? status : look_for_old(run);
    if (status != 0) {
        return status;
    }
    bool is_same = run->old_text != NULL && run_unit_is_same(&run->unit, run->old_text);
    if (run->old_text != NULL && !is_same && !call_has(run->call, "replace")) {
        return say_fail(OUTCOME_FAILED,
                        "there is another service %s already (`abide cat %s` shows it); replace it "
                        "with --replace, or choose another name with --name",
                        run->unit.name, run->unit.name);
    }
    const char *failed = NULL;
    int r = home_create(&run->call->home, &failed);
    status = r < 0 ? fail_file(failed, r) : background_connect(run->call, &run->connection);
    if (status != 0) {
        return status;
    }
    return is_same && !call_has(run->call, "replace") ? start_old(run) : start_new(run);
}

int cmd_run(struct call *call) {
    struct run run = {.call = call, .connection = CONNECTION_CLOSED};
    int status = run_it(&run);
    run_unit_fini(&run.unit);
    cleanup_free(&run.path);
    cleanup_free(&run.old_text);
    connection_close(&run.connection);
    return status;
}
