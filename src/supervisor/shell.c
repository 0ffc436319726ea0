/*
 * The heart of the shell: an event goes in, the core decides, the decision is committed, the zombie
 * that caused it is let go, and only then is anything done. libuv is asked for signals, one timer,
 * sockets and pipes, and for none of its threads.
 */
#include "supervisor/shell.h"

#include "os/clock.h"
#include "os/fd.h"
#include "os/reap.h"
#include "supervisor/control.h"
#include "supervisor/load.h"
#include "supervisor/loggerchild.h"
#include "supervisor/logpipe.h"
#include "supervisor/perform.h"
#include "supervisor/trees.h"

#include <signal.h>
#include <stdio.h>

/* Longer waits are cut; the timer is set again then. */
#define TIMER_MSEC_MAX ((uint64_t)1 << 40)

/* From the end of a process until what it left is looked at, and again for as long as there is
 * some. */
#define CLEAN_UP_MSEC 50
#define CLEAN_UP_MSEC_MAX 5000

uint64_t shell_next_event(struct shell *self) {
    return ++self->last_event;
}

struct event *shell_post(struct shell *self, const struct unit *unit, enum event_type type) {
    struct inbox_item *item = inbox_add(&self->inbox);
    item->unit = unit->index;
    item->event.type = type;
    return &item->event;
}

static void on_timer(uv_timer_t *timer);

/* Sets the timer to the given point unless it is due before that anyway. */
static void arm(struct shell *self, usec_t deadline) {
    if (deadline >= self->timer_usec) {
        return;
    }
    self->timer_usec = deadline;
    uv_update_time(&self->loop);
    uint64_t wait = (usec_sub(deadline, clock_monotonic()) + USEC_PER_MSEC - 1) / USEC_PER_MSEC;
    (void)uv_timer_start(&self->timer, on_timer, wait < TIMER_MSEC_MAX ? wait : TIMER_MSEC_MAX, 0);
}

static void on_timer(uv_timer_t *timer) {
    struct shell *self = timer->data;
    usec_t now = clock_monotonic();
    usec_t next = USEC_INFINITY;
    self->timer_usec = USEC_INFINITY;
    for (uint32_t i = 0; i < self->units.count; i++) {
        struct unit *unit = self->units.items[i];
        if (unit == NULL) {
            continue;
        }
        usec_t deadline = service_deadline(&unit->service);
        if (deadline <= now) {
            (void)shell_post(self, unit, EVENT_DEADLINE_REACHED);
        } else if (deadline < next) {
            next = deadline;
        }
    }
    arm(self, next);
    shell_decide(self);
}

/* The child whose end was decided on: its number may be another's from here on. */
static void release_zombie(struct shell *self, struct unit *unit, pid_t pid) {
    for (int role = 0; unit != NULL && role < ROLE_COUNT; role++) {
        if (unit->pids[role] == pid) {
            unit->pids[role] = 0;
        }
    }
    children_remove(&self->children, pid);
    (void)reap_release(pid); /* It is dead and ours, so it does not wait. */
}

/* Units that were to be kept only while they run, and read ends that the logger needs no more.
 * Returns whether one of those is still needed. */
static bool clean_up(struct shell *self) {
    bool is_pending = false;
    for (uint32_t i = 0; i < self->units.count; i++) {
        struct unit *unit = self->units.items[i];
        if (unit == NULL) {
            continue;
        }
        is_pending |= logpipe_release(unit);
        if (unit->spec.remove_when_ended && unit_is_at_rest(unit) &&
            unit->service.ended[ROLE_MAIN].ended_usec != 0) {
            load_remove_files(self, unit);
            shell_forget(self, unit);
        }
    }
    return is_pending;
}

static void on_clean_up(uv_timer_t *timer) {
    struct shell *self = timer->data;
    if (!clean_up(self)) {
        self->clean_up_msec = 0;
        return;
    }
    self->clean_up_msec =
        self->clean_up_msec * 2 < CLEAN_UP_MSEC_MAX ? self->clean_up_msec * 2 : CLEAN_UP_MSEC_MAX;
    (void)uv_timer_start(timer, on_clean_up, self->clean_up_msec, 0);
}

/* Soon, but not now: a restart comes first, and the logger has not read to the end yet. */
static void plan_clean_up(struct shell *self) {
    self->clean_up_msec = CLEAN_UP_MSEC;
    (void)uv_timer_start(&self->clean_up_timer, on_clean_up, CLEAN_UP_MSEC, 0);
}

static void decide_one(struct shell *self, struct inbox_item *item) {
    struct unit *unit = self->units.items[item->unit];
    struct actions actions = {0};
    if (unit != NULL) {
        item->event.now = clock_monotonic();
        if (item->event.id == 0) {
            item->event.id = shell_next_event(self);
        }
        service_step(&unit->policy, &unit->service, &item->event, &actions);
        statusfile_commit(&self->status, unit);
    }
    if (item->zombie != 0) {
        release_zombie(self, unit, item->zombie);
    }
    if (unit != NULL) {
        perform(self, unit, &actions);
        arm(self, service_deadline(&unit->service));
        if (unit->spec.remove_when_ended && unit_is_at_rest(unit)) {
            plan_clean_up(self); /* Also of one that never had a process. */
        }
    }
}

void shell_decide(struct shell *self) {
    struct inbox_item item;
    while (inbox_take(&self->inbox, &item) > 0) {
        decide_one(self, &item);
    }
}

static enum exit_how how_ended(int wait_status) {
    if (WIFEXITED(wait_status)) {
        return EXIT_EXITED;
    }
    return WCOREDUMP(wait_status) ? EXIT_DUMPED : EXIT_KILLED;
}

static void post_exited(struct shell *self, const struct child *child,
                        const struct reap_exit *ended) {
    struct inbox_item *item = inbox_add(&self->inbox);
    item->unit = child->unit;
    item->zombie = child->pid;
    item->event.type = EVENT_EXITED;
    item->event.exited.role = (enum role)child->role;
    item->event.exited.attempt = child->attempt;
    item->event.exited.exit = (struct exit_status){
        .how = how_ended(ended->wait_status),
        .status = (uint32_t)(WIFEXITED(ended->wait_status) ? WEXITSTATUS(ended->wait_status)
                                                           : WTERMSIG(ended->wait_status)),
    };
    item->event.exited.tree = TREE_UNKNOWN;
}

static void on_ended(struct shell *self, const struct reap_exit *ended) {
    const struct child *child = children_find(&self->children, ended->pid);
    self->has_orphans = true;
    if (child == NULL) {
        (void)reap_release(ended->pid); /* A service left it behind. */
    } else if (child->unit == CHILD_LOGGER) {
        children_remove(&self->children, ended->pid);
        (void)reap_release(ended->pid);
        loggerchild_ended(self);
    } else {
        post_exited(self, child, ended);
        shell_decide(self);
        plan_clean_up(self);
    }
}

static void on_child(uv_poll_t *handle, int status, int events) {
    struct shell *self = handle->data;
    struct reap_exit ended;
    pid_t pid;
    (void)status;
    (void)events;
    while (reap_hint(self->child_fd, &pid) > 0) {
        if (reap_peek_child(pid, &ended) > 0) {
            on_ended(self, &ended);
        }
    }
    while (reap_peek(&ended) > 0) {
        on_ended(self, &ended);
    }
}

static void on_stop(uv_signal_t *handle, int signal_number) {
    (void)signal_number;
    shell_shut_down(handle->data);
}

void shell_shut_down(struct shell *self) {
    if (self->is_shutting_down) {
        return;
    }
    self->is_shutting_down = true;
    for (uint32_t i = 0; i < self->units.count; i++) {
        if (self->units.items[i] != NULL) {
            (void)shell_post(self, self->units.items[i], EVENT_SHUTDOWN_ASKED);
        }
    }
    shell_decide(self);
}

void shell_forget(struct shell *self, struct unit *unit) {
    (void)fd_close(unit->log_fd);
    (void)fd_close(unit->old_log_fd);
    statusfile_remove(&self->status, unit);
    units_remove(&self->units, unit);
}

static bool is_quiet(const struct shell *self) {
    for (uint32_t i = 0; i < self->units.count; i++) {
        if (self->units.items[i] != NULL && !unit_is_at_rest(self->units.items[i])) {
            return false;
        }
    }
    return true;
}

/* Once in each turn of the loop, before it waits. */
static void on_review(uv_prepare_t *handle) {
    struct shell *self = handle->data;
    trees_review(self);
    if (self->is_shutting_down && !self->is_over && is_quiet(self)) {
        self->is_over = true;
        (void)clean_up(self); /* Units that were to be kept only while they ran. */
        control_finish_shutdown(self->control);
        loggerchild_stop(self);
    }
}

int shell_listen(struct shell *self) {
    static const struct {
        int number;
        uv_signal_cb callback;
    } signals[SHELL_SIGNALS] = {
        {SIGTERM, on_stop},
        {SIGINT, on_stop},
    };
    int r = 0;
    for (size_t i = 0; r == 0 && i < SHELL_SIGNALS; i++) {
        self->signals[i].data = self;
        r = uv_signal_init(&self->loop, &self->signals[i]);
        if (r == 0) {
            r = uv_signal_start(&self->signals[i], signals[i].callback, signals[i].number);
        }
    }
    self->timer.data = self;
    self->logger_timer.data = self;
    self->look_timer.data = self;
    self->review.data = self;
    self->clean_up_timer.data = self;
    self->child_poll.data = self;
    self->timer_usec = USEC_INFINITY;
    (void)uv_timer_init(&self->loop, &self->timer); /* These four can't fail, */
    (void)uv_timer_init(&self->loop, &self->logger_timer); /* by libuv's documentation. */
    (void)uv_timer_init(&self->loop, &self->clean_up_timer);
    (void)uv_timer_init(&self->loop, &self->look_timer);
    (void)uv_prepare_init(&self->loop, &self->review);
    if (r == 0) {
        r = uv_prepare_start(&self->review, on_review);
    }
    if (r == 0) {
        r = reap_open(&self->child_fd);
    }
    if (r == 0) {
        r = uv_poll_init(&self->loop, &self->child_poll, self->child_fd);
    }
    return r == 0 ? uv_poll_start(&self->child_poll, UV_READABLE, on_child) : r;
}
