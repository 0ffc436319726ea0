/* Restarted at once when it lived for a while, else after the delay, so that a logger that can't
 * start does not become a loop. */
#include "supervisor/loggerchild.h"

#include "os/fd.h"
#include "supervisor/shell.h"

#include <signal.h>

static void on_timer(uv_timer_t *timer) {
    (void)loggerchild_start(timer->data); /* A failure set the timer again. */
}

int loggerchild_start(struct shell *shell) {
    struct spawn_result result = {.pidfd = -1};
    int r = children_reserve(&shell->children);
    if (r == 0) {
        r = launch_logger(&shell->launcher, shell->options->runtime_path, shell->options->log_path,
                          &result);
    }
    if (r != SPAWN_STARTED) {
        uv_timer_start(&shell->logger_timer, on_timer, LOGGERCHILD_DELAY_MSEC, 0);
        return r < 0 ? r : -result.error;
    }
    (void)fd_close(result.pidfd); /* An own child needs none. */
    shell->logger = result.identity.pid;
    statusfile_write_processes(&shell->status, &result.identity);
    children_add(&shell->children,
                 &(struct child){.pid = result.identity.pid, .unit = CHILD_LOGGER});
    return 0;
}

void loggerchild_ended(struct shell *shell) {
    shell->logger = 0;
    statusfile_write_processes(&shell->status, &(struct identity){0});
    if (shell->is_over) {
        uv_stop(&shell->loop);
        return;
    }
    uv_timer_start(&shell->logger_timer, on_timer, LOGGERCHILD_DELAY_MSEC, 0);
}

void loggerchild_stop(struct shell *shell) {
    if (shell->logger == 0) {
        uv_stop(&shell->loop);
        return;
    }
    (void)kill(shell->logger, SIGTERM); /* Our child, not reaped. */
}
