/*
 * No more requests are out than one connection may have; the next is sent when an answer came. With
 * --no-wait a `version` follows them: the supervisor reads requests in their order, so when that is
 * answered, whatever it refused has been told.
 */
#include "abide/jobs.h"

#include "abide/asking.h"
#include "abide/names.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "os/clock.h"
#include "os/self.h"
#include "protocol/unit_name.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A person is told that something is waited for after so long, and then as often. */
#define PROGRESS_USEC (1 * USEC_PER_SEC)

struct waiting {
    const struct jobs *jobs;
    char (*names)[UNIT_NAME_SIZE];
    int64_t *ids; /* of each name's request; 0: answered or not sent */
    size_t n_names;
    size_t n_sent;
    size_t n_out;
    usec_t began_usec;
    int status; /* of the first that failed */
};

static const char *doing(enum method method) {
    switch (method) {
    case METHOD_START:
        return "starting";
    case METHOD_STOP:
        return "stopping";
    case METHOD_RESTART:
        return "restarting";
    case METHOD_RELOAD:
        return "reloading";
    case METHOD_VERSION:
    case METHOD_LIST:
    case METHOD_KILL:
    case METHOD_RESET_FAILED:
    case METHOD_LOAD:
    case METHOD_FORGET:
    case METHOD_SHUTDOWN:
        break;
    }
    return "";
}

int jobs_fail(enum method method, const char *name, const struct job_report *report) {
    bool has_both = report->reason[0] != '\0' && report->detail[0] != '\0';
    bool has_one = report->reason[0] != '\0' || report->detail[0] != '\0';
    const char *what = report->outcome == JOB_OUTCOME_CANCELED  ? "was canceled"
                       : report->outcome == JOB_OUTCOME_TIMEOUT ? "timed out"
                                                                : "failed";
    say("%s: %s %s%s%s%s%s; it is %s (%s), see `abide status %s`", name, method_name(method), what,
        has_one ? ": " : "", report->reason, has_both ? ": " : "", report->detail,
        report->active_state, report->sub_state, name);
    return report->outcome == JOB_OUTCOME_TIMEOUT ? OUTCOME_TIMED_OUT : OUTCOME_FAILED;
}

static void note(struct waiting *waiting, int status) {
    if (waiting->status == 0) {
        waiting->status = status;
    }
}

static void take_answer(struct waiting *waiting, const struct response *response) {
    for (size_t i = 0; i < waiting->n_sent; i++) {
        if (waiting->ids[i] != response->id.number) {
            continue;
        }
        waiting->ids[i] = 0;
        if (response->kind == RESPONSE_FAULT) {
            note(waiting, asking_fault(waiting->jobs->call, &response->fault, waiting->names[i]));
        } else if (response->job.outcome != JOB_OUTCOME_DONE) {
            note(waiting, jobs_fail(waiting->jobs->method, waiting->names[i], &response->job));
        }
    }
}

/* On a terminal one line that is written again and again, and wiped out at the end. */
static void show_progress(const struct waiting *waiting) {
    usec_t waited = usec_sub(clock_monotonic(), waiting->began_usec);
    const char *first = "";
    for (size_t i = 0; i < waiting->n_sent && first[0] == '\0'; i++) {
        first = waiting->ids[i] != 0 ? waiting->names[i] : "";
    }
    (void)fprintf(stderr, "\r\033[K%s %s", doing(waiting->jobs->method), first);
    if (waiting->n_out > 1) {
        (void)fprintf(stderr, " and %zu more", waiting->n_out - 1);
    }
    (void)fprintf(stderr, " … %llu s", (unsigned long long)(waited / USEC_PER_SEC));
}

/* Waits for one answer, whatever it is. */
static int receive(struct waiting *waiting, struct response *ret_response) {
    const struct jobs *jobs = waiting->jobs;
    bool has_person = jobs->waits && self_terminal_columns(/* stderr */ 2) != 0;
    usec_t deadline = usec_add(waiting->began_usec, jobs->timeout_usec);
    bool is_shown = false;
    int r;
    for (;;) {
        usec_t left = usec_sub(deadline, clock_monotonic());
        usec_t timeout = has_person ? usec_min(left, PROGRESS_USEC) : left;
        r = connection_receive(jobs->connection, timeout, ret_response);
        if (r != -ETIMEDOUT || left <= PROGRESS_USEC || !has_person) {
            break;
        }
        show_progress(waiting);
        is_shown = true;
    }
    if (is_shown) {
        (void)fputs("\r\033[K", stderr);
    }
    return r;
}

static int send_job(struct waiting *waiting) {
    struct request request = {.method = waiting->jobs->method};
    memcpy(request.unit, waiting->names[waiting->n_sent], UNIT_NAME_SIZE);
    int r = connection_send(waiting->jobs->connection, &request, &waiting->ids[waiting->n_sent]);
    if (r == 0) {
        waiting->n_sent++;
        waiting->n_out++;
    }
    return r;
}

static int receive_one(struct waiting *waiting) {
    auto_(response_fini) struct response response = {0};
    int r = receive(waiting, &response);
    if (r == 0) {
        waiting->n_out--;
        take_answer(waiting, &response);
    }
    return r;
}

static int wait_for_all(struct waiting *waiting) {
    int r = 0;
    while (r == 0 && (waiting->n_sent < waiting->n_names || waiting->n_out > 0)) {
        bool may_send = waiting->n_sent < waiting->n_names;
        bool is_full = waiting->n_out == REQUEST_OUTSTANDING_MAX;
        r = may_send && !is_full ? send_job(waiting) : receive_one(waiting);
    }
    return r;
}

/* Sends without waiting for the ends: eight at a time, each eight on a connection of their own. */
static int send_all(struct waiting *waiting) {
    int r = 0;
    while (r == 0 && waiting->n_sent < waiting->n_names) {
        r = send_job(waiting);
        bool is_full = waiting->n_out == REQUEST_OUTSTANDING_MAX - 1;
        if (r < 0 || (waiting->n_sent < waiting->n_names && !is_full)) {
            continue;
        }
        struct request probe = {.method = METHOD_VERSION};
        int64_t id;
        r = connection_send(waiting->jobs->connection, &probe, &id);
        bool is_answered = false;
        while (r == 0 && !is_answered) {
            auto_(response_fini) struct response response = {0};
            r = receive(waiting, &response);
            is_answered = r == 0 && response.id.number == id;
            if (r == 0 && !is_answered) {
                take_answer(waiting, &response);
            }
        }
        waiting->n_out = 0;
        connection_close(waiting->jobs->connection);
        if (r == 0 && waiting->n_sent < waiting->n_names) {
            int status = asking_open(waiting->jobs->call, waiting->jobs->connection);
            note(waiting, status);
            r = status != 0 ? -ECONNRESET : 0;
        }
    }
    return r;
}

static int timed_out(const struct waiting *waiting) {
    for (size_t i = 0; i < waiting->n_sent; i++) {
        if (waiting->ids[i] != 0) {
            say("%s: %s is not done in the time given, and goes on; see `abide status %s`",
                waiting->names[i], method_name(waiting->jobs->method), waiting->names[i]);
        }
    }
    return OUTCOME_TIMED_OUT;
}

int jobs_run(const struct jobs *self, char *const *names, size_t n_names) {
    auto_free char(*completed)[UNIT_NAME_SIZE] = alloc_zeroed(n_names, UNIT_NAME_SIZE);
    auto_free int64_t *ids = alloc_zeroed(n_names, sizeof(*ids));
    if (completed == NULL || ids == NULL) {
        return say_fail(OUTCOME_FAILED, "out of memory");
    }
    for (size_t i = 0; i < n_names; i++) {
        int status = names_complete(names[i], completed[i]);
        if (status != 0) {
            return status;
        }
    }
    struct waiting waiting = {.jobs = self,
                              .names = completed,
                              .ids = ids,
                              .n_names = n_names,
                              .began_usec = clock_monotonic()};
    int r = self->waits ? wait_for_all(&waiting) : send_all(&waiting);
    if (r == -ETIMEDOUT) {
        note(&waiting, timed_out(&waiting));
    } else if (r < 0 && waiting.status == 0) {
        note(&waiting, asking_broken(self->call, r));
    }
    return waiting.status;
}

int jobs_call(const struct jobs *self, const char *name, struct response *ret_response) {
    char names[1][UNIT_NAME_SIZE] = {{0}};
    int64_t ids[1] = {0};
    assert(strlen(name) < UNIT_NAME_SIZE);
    memcpy(names[0], name, strlen(name));
    struct waiting waiting = {
        .jobs = self, .names = names, .ids = ids, .n_names = 1, .began_usec = clock_monotonic()};
    auto_(response_fini) struct response response = {0};
    int r = send_job(&waiting);
    r = r < 0 ? r : receive(&waiting, &response);
    if (r == -ETIMEDOUT) {
        return timed_out(&waiting);
    }
    if (r < 0) {
        return asking_broken(self->call, r);
    }
    if (response.kind == RESPONSE_FAULT) {
        return asking_fault(self->call, &response.fault, name);
    }
    *ret_response = response;
    response = (struct response){0};
    return 0;
}
