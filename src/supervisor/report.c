/* A watch names its unit by index and attempt, so it may outlive both: then its event is ignored.
 */
#include "supervisor/report.h"

#include "base/alloc.h"
#include "os/exec_request.h"
#include "os/fd.h"
#include "supervisor/shell.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct report_watch {
    uv_poll_t poll;
    struct shell *shell;
    uint32_t unit;
    enum role role;
    uint64_t attempt;
    int fd;
};

static void on_close(uv_handle_t *handle) {
    struct report_watch *watch = handle->data;
    (void)fd_close(watch->fd);
    free(watch);
}

static void post(const struct report_watch *watch, struct unit *unit,
                 const struct exec_report *report) {
    if (report == NULL) {
        struct event *event = shell_post(watch->shell, unit, EVENT_EXECED);
        event->process.role = watch->role;
        event->process.attempt = watch->attempt;
        return;
    }
    static_assert(sizeof(report->text) <= sizeof(unit->detail), "a report fits");
    memcpy(unit->detail, report->text, sizeof(report->text));
    struct event *event = shell_post(watch->shell, unit, EVENT_EXEC_FAILED);
    event->failed.role = watch->role;
    event->failed.attempt = watch->attempt;
    event->failed.start_error = (struct start_error){
        .error = (uint32_t)report->error,
        .step = (uint32_t)report->step,
    };
}

static void on_readable(uv_poll_t *handle, int status, int events) {
    struct report_watch *watch = handle->data;
    struct shell *shell = watch->shell;
    struct exec_report report;
    (void)status; /* A failed poll: the read below says what is there. */
    (void)events;
    int r = exec_report_receive(watch->fd, &report);
    if (r == -EAGAIN) {
        return;
    }
    struct unit *unit = watch->unit < shell->units.count ? shell->units.items[watch->unit] : NULL;
    if (unit != NULL && unit->service.processes[watch->role].attempt == watch->attempt) {
        post(watch, unit, r == 0 ? &report : NULL);
    }
    uv_close((uv_handle_t *)handle, on_close);
    shell_decide(shell);
}

int report_watch(struct shell *shell, const struct unit *unit, enum role role, uint64_t attempt,
                 int fd_take) {
    auto_fd int fd = fd_take;
    struct report_watch *watch = alloc_zeroed(1, sizeof(*watch));
    if (watch == NULL) {
        return -ENOMEM;
    }
    int r = uv_poll_init(&shell->loop, &watch->poll, fd);
    if (r < 0) {
        free(watch);
        return r;
    }
    watch->shell = shell;
    watch->unit = unit->index;
    watch->role = role;
    watch->attempt = attempt;
    watch->fd = take_fd(&fd);
    watch->poll.data = watch;
    return uv_poll_start(&watch->poll, UV_READABLE | UV_DISCONNECT, on_readable);
}
