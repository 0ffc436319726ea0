/*
 * A process is signalled by its number only while it is our child and not reaped; its group while
 * it still leads it, or as long as a member of it is such a child.
 */
#include "supervisor/perform.h"

#include "os/fd.h"
#include "supervisor/control.h"
#include "supervisor/logpipe.h"
#include "supervisor/report.h"
#include "supervisor/shell.h"
#include "supervisor/trees.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static void note_invocation(struct unit *unit) {
    (void)snprintf(unit->invocation, sizeof(unit->invocation), "%016llx%016llx",
                   (unsigned long long)unit->service.invocation[0],
                   (unsigned long long)unit->service.invocation[1]);
}

static void post_failed(struct shell *shell, struct unit *unit, const struct action *action,
                        const struct start_error *error) {
    struct event *event = shell_post(shell, unit, EVENT_SPAWN_FAILED);
    event->failed.role = action->spawn.role;
    event->failed.attempt = action->spawn.attempt;
    event->failed.start_error = *error;
}

static void post_spawned(struct shell *shell, struct unit *unit, const struct action *action,
                         const struct spawn_result *result) {
    struct event *event = shell_post(shell, unit, EVENT_SPAWNED);
    event->spawned.role = action->spawn.role;
    event->spawned.attempt = action->spawn.attempt;
    event->spawned.identity = (struct process_identity){
        .pid = (uint32_t)result->identity.pid,
        .inode = result->identity.inode,
        .start_time = result->identity.start_time,
    };
}

/* A process exists, and its number is noted before anything else can happen. */
static void on_started(struct shell *shell, struct unit *unit, const struct action *action,
                       const struct spawn_result *result, int report_fd) {
    enum role role = action->spawn.role;
    pid_t pid = result->identity.pid;
    (void)fd_close(result->pidfd); /* An own child needs none. */
    children_add(&shell->children, &(struct child){.pid = pid,
                                                   .unit = unit->index,
                                                   .role = (uint32_t)role,
                                                   .attempt = action->spawn.attempt});
    unit->pids[role] = pid;
    if (role == ROLE_MAIN) {
        unit->group = pid;
    }
    post_spawned(shell, unit, action, result);
    if (report_fd >= 0 && report_watch(shell, unit, role, action->spawn.attempt, report_fd) == 0) {
        return; /* It says when the program was executed. */
    }
    struct event *event = shell_post(shell, unit, EVENT_EXECED);
    event->process.role = role;
    event->process.attempt = action->spawn.attempt;
}

static void perform_spawn(struct shell *shell, struct unit *unit, const struct action *action) {
    struct launch what = {
        .role = action->spawn.role,
        .phase = action->spawn.phase,
        .command = action->spawn.command,
        .log_write_fd = shell->launcher.null_fd,
        .log_read_fd = -1,
    };
    auto_fd int log_write_fd = -1;
    struct spawn_record record;
    struct spawn_result result;
    int report_fd = -1;
    if (what.role == ROLE_MAIN) {
        note_invocation(unit);
    }
    int r = children_reserve(&shell->children);
    if (r == 0 && launch_is_logged(&unit->spec)) {
        r = logpipe_open(shell, unit, what.role, &log_write_fd);
        what.log_write_fd = log_write_fd;
        what.log_read_fd = unit->log_fd;
    }
    if (r < 0) {
        (void)snprintf(unit->detail, sizeof(unit->detail), "log pipe: %s", strerror(-r));
    } else {
        statusfile_record(&shell->status, unit, what.role, action->spawn.attempt, &record);
        what.record = &record;
        r = launch(&shell->launcher, unit, &what, &result, &report_fd);
    }
    if (r == SPAWN_STARTED) {
        on_started(shell, unit, action, &result, report_fd);
    } else if (r == SPAWN_FAILED) {
        post_failed(
            shell, unit, action,
            &(struct start_error){.error = (uint32_t)result.error, .step = (uint32_t)result.step});
    } else {
        post_failed(shell, unit, action, &(struct start_error){.error = (uint32_t)-r});
    }
}

static void signal_role(const struct unit *unit, enum role role, int signo) {
    if (unit->pids[role] != 0) {
        (void)kill(unit->pids[role], signo); /* Our child, not reaped; it may be dead already. */
    }
}

static void perform_signal(struct shell *shell, struct unit *unit, const struct action *action) {
    int signo = (int)action->signal.signo;
    switch (action->signal.target) {
    case TARGET_MAIN:
        signal_role(unit, ROLE_MAIN, signo);
        break;
    case TARGET_CONTROL:
        signal_role(unit, ROLE_CONTROL, signo);
        break;
    case TARGET_TREE:
        trees_signal(shell, unit, signo);
        break;
    }
    if (action->signal.must_confirm) {
        struct event *event = shell_post(shell, unit, EVENT_SIGNALLED);
        event->process.role = ROLE_MAIN;
        event->process.attempt = unit->service.processes[ROLE_MAIN].attempt;
    }
}

void perform(struct shell *shell, struct unit *unit, const struct actions *actions) {
    for (uint32_t i = 0; i < actions->count; i++) {
        const struct action *action = &actions->items[i];
        switch (action->type) {
        case ACTION_SPAWN:
            perform_spawn(shell, unit, action);
            break;
        case ACTION_SIGNAL:
            perform_signal(shell, unit, action);
            break;
        case ACTION_WATCH_TREE:
            trees_watch(shell, unit);
            break;
        case ACTION_ANNOUNCE:
            break; /* The state itself is published by the commit. */
        case ACTION_FINISH_JOB:
            control_finish_job(shell->control, unit, &action->finish_job.job,
                               action->finish_job.result);
            break;
        }
    }
}
