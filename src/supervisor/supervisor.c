/* From nothing to a running loop and back, step by step; each that fails is named on stderr. */
#include "supervisor/supervisor.h"

#include "abide.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/folder.h"
#include "os/homelock.h"
#include "os/inherit.h"
#include "os/orphans.h"
#include "supervisor/control.h"
#include "supervisor/leftovers.h"
#include "supervisor/load.h"
#include "supervisor/loggerchild.h"
#include "supervisor/shell.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const char *what, int error) {
    (void)fprintf(stderr, "abide: %s: %s\n", what, strerror(-error));
    return EXIT_FAILURE;
}

/* The lock of the home, and the folder of the FIFOs. Returns 0 or -errno. */
static int open_home(struct shell *self, int *ret_lock_fd) {
    auto_fd int runtime = -1;
    int r = folder_open(self->options->runtime_path, &runtime);
    if (r == 0) {
        r = homelock_take(runtime, ret_lock_fd);
    }
    if (r == 0) {
        r = leftovers_end(runtime);
    }
    if (r > 0) {
        (void)fprintf(stderr, "abide: ended %d processes of a supervisor that was killed\n", r);
        r = 0;
    }
    if (r == 0) {
        r = folder_open_below(runtime, "log", 0700, &self->log_dir_fd);
    }
    return r == 0 ? statusfile_open(&self->status, take_fd(&runtime)) : r;
}

static void close_handle(uv_handle_t *handle, void *unused) {
    (void)unused;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

static void run(struct shell *self) {
    load_enabled(self);
    shell_decide(self);
    (void)abide_notify(NULL, "READY=1"); /* Whoever waited may have given up. */
    (void)uv_run(&self->loop, UV_RUN_DEFAULT); /* Until uv_stop(). */
}

static void close_all(struct shell *self, int lock_fd) {
    control_close(self->control);
    (void)uv_run(&self->loop, UV_RUN_NOWAIT); /* The clients' last answers, and their closing. */
    uv_walk(&self->loop, close_handle, NULL);
    (void)uv_run(&self->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&self->loop); /* Fails for open handles only. */
    inbox_fini(&self->inbox);
    children_fini(&self->children);
    units_fini(&self->units);
    free(self->listed);
    statusfile_close(&self->status);
    launcher_close(&self->launcher);
    (void)fd_close(self->log_dir_fd);
    (void)fd_close(self->child_fd);
    (void)fd_close(lock_fd);
}

int supervisor_main(const struct supervisor_options *options) {
    struct shell self = {.options = options, .log_dir_fd = -1, .child_fd = -1};
    int lock_fd = -1;
    inherit_clear_umask();
    (void)signal(SIGPIPE, SIG_IGN); /* libuv writes to clients that may be gone. */
    (void)signal(SIGHUP, SIG_IGN); /* A terminal that closes stops no service. */
    int r =
        inherit_close_descriptors("NOTIFY_FD", SPAWN_FD_END); /* The spawner needs the low ones. */
    if (r == 0) {
        r = inherit_raise_descriptors(&self.launcher.nofile);
    }
    if (r == 0) {
        r = launcher_open(&self.launcher);
    }
    if (r < 0) {
        return complain("start of the supervisor", r);
    }
    self.last_event = clock_realtime(); /* Above every id of an earlier supervisor. */
    self.last_log_run = clock_realtime();
    r = open_home(&self, &lock_fd);
    if (r < 0) {
        launcher_close(&self.launcher);
    }
    if (r == -EBUSY) {
        (void)fprintf(stderr, "abide: another supervisor serves %s\n", options->runtime_path);
        return EXIT_FAILURE;
    }
    if (r < 0) {
        return complain(options->runtime_path, r);
    }
    (void)orphans_adopt(); /* Else what a service leaves behind is not found. */
    r = uv_loop_init(&self.loop);
    if (r == 0) {
        r = shell_listen(&self);
    }
    if (r == 0) {
        r = control_open(&self, &self.control);
    }
    if (r == 0) {
        r = loggerchild_start(&self);
    }
    if (r < 0) {
        return complain("event loop, control socket or logger", r);
    }
    run(&self);
    close_all(&self, lock_fd);
    return EXIT_SUCCESS;
}
