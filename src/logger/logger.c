/*
 * The loop. It sleeps in epoll_wait() without a time-out unless something is stalled, so a quiet
 * logger costs nothing. Under a flow of small writes it sleeps a little after each round: the next
 * read then finds many lines, which is what makes a line cheap for reader and writer.
 */
#include "logger/logger.h"

#include "logger/chunk.h"
#include "logger/diag.h"
#include "logger/pipes.h"
#include "logger/process.h"
#include "logger/stall.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 64
#define GRACE_USEC (10 * USEC_PER_SEC)
/* A round that comes sooner than this after the last one is part of a flow. */
#define FLOW_USEC 1000
/* A chunk of this size shows a pipe that fills faster than a nap: its writer must not wait. */
#define FLOW_CHUNK_SIZE 32768
/* Long enough for 200 lines, short enough that a 64 KiB pipe does not fill. */
#define NAP_NSEC 200000
/* Between the end of a run and the removal of its FIFO. */
#define END_NSEC 2000000

static usec_t clock_usec(clockid_t clock) {
    struct timespec now = {0};

    (void)clock_gettime(clock, &now); /* It cannot fail for the two clocks used here. */
    return (usec_t)now.tv_sec * USEC_PER_SEC + (usec_t)now.tv_nsec / NSEC_PER_USEC;
}

usec_t process_monotonic_usec(void) {
    return clock_usec(CLOCK_MONOTONIC);
}

usec_t process_realtime_usec(void) {
    return clock_usec(CLOCK_REALTIME);
}

/* One descriptor a service: the soft limit of 1024 is for programs that use select(). */
static void raise_file_limit(void) {
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit); /* Then the old limit holds, and pipes_* say so. */
    }
}

static int watch(struct process *process, int fd, void *tag) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = tag};

    return epoll_ctl(process->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int open_signals(struct process *process) {
    sigset_t signals;

    (void)sigfillset(&signals);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL); /* Neither can fail with these arguments. */
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    process->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    return process->signal_fd < 0 ? -errno : 0;
}

static int open_peek(struct process *process) {
    int fds[2];

    if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0) {
        return -errno;
    }
    process->peek_read_fd = fds[0];
    process->peek_write_fd = fds[1];
    return 0;
}

/* The parts in their order; process_close() undoes whatever was done. */
static int process_open(struct process *process, const struct logger_options *options) {
    size_t n_dropped = 0;
    int result = open_signals(process);

    if (result < 0) {
        return result;
    }
    process->runtime_fd = open(options->runtime_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (process->runtime_fd < 0) {
        return -errno;
    }
    result = inflight_open(&process->inflight, process->runtime_fd, &n_dropped);
    if (result < 0) {
        return result;
    }
    result = output_cache_open(&process->outputs, options->logs_path);
    if (result < 0) {
        return result;
    }
    diag_write(process->outputs.logs_fd, "logger started, pid %d", (int)getpid());
    if (n_dropped > 0) {
        diag_write(
            process->outputs.logs_fd,
            "%zu chunks of up to 64 KiB, not yet written when the machine went down, are lost",
            n_dropped);
    }
    if (getrandom(&process->random.state, sizeof(process->random.state), GRND_NONBLOCK) < 0) {
        process->random.state = process_realtime_usec();
    }
    process->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (process->epoll_fd < 0) {
        return -errno;
    }
    result = open_peek(process);
    if (result < 0) {
        return result;
    }
    result = watch(process, process->signal_fd, &process->signal_fd);
    if (result < 0) {
        return result;
    }
    result = chunk_recover(process);
    if (result < 0) {
        return result;
    }
    result = pipes_open(process);
    if (result < 0) {
        return result;
    }
    return watch(process, process->inotify_fd, &process->inotify_fd);
}

static void process_close(struct process *process) {
    output_cache_close(&process->outputs);
    service_table_fini(&process->services);
    inflight_close(&process->inflight);
    (void)fd_close(process->inotify_fd);
    (void)fd_close(process->signal_fd);
    (void)fd_close(process->peek_read_fd);
    (void)fd_close(process->peek_write_fd);
    (void)fd_close(process->epoll_fd);
    (void)fd_close(process->runtime_fd);
}

static struct process *process_free(struct process *process) {
    if (process != NULL) {
        process_close(process);
        free(process);
    }
    return NULL;
}
DEFINE_CLEANUP(process_free, struct process *)

static int process_new(const struct logger_options *options, struct process **ret_process) {
    auto_(process_free) struct process *process = calloc(1, sizeof(*process));
    int result;

    if (process == NULL) {
        return -ENOMEM;
    }
    process->grace_usec = options->grace_usec != 0 ? options->grace_usec : GRACE_USEC;
    process->unsure_until_usec = USEC_INFINITY;
    process->runtime_fd = -1;
    process->epoll_fd = -1;
    process->inotify_fd = -1;
    process->signal_fd = -1;
    process->peek_read_fd = -1;
    process->peek_write_fd = -1;
    process->inflight = INFLIGHT_INIT;
    process->outputs.logs_fd = -1;
    result = process_open(process, options);
    if (result < 0) {
        return result;
    }
    *ret_process = take_ptr(&process);
    return 0;
}

struct round {
    bool has_stopped; /* SIGTERM */
    bool has_news; /* the folder of pipes */
    size_t largest; /* chunk */
};

/* Runs first, the folder afterwards: what the folder brings may end a run that has an event here.
 */
static struct round handle_events(struct process *process, const struct epoll_event *events,
                                  int n_events) {
    struct round round = {0};

    for (int i = 0; i < n_events; i++) {
        void *tag = events[i].data.ptr;
        if (tag == &process->signal_fd) {
            round.has_stopped = true;
        } else if (tag == &process->inotify_fd) {
            round.has_news = true;
        } else {
            size_t size = pipes_ready(process, tag, events[i].events);
            round.largest = size > round.largest ? size : round.largest;
        }
    }
    return round;
}

/* For epoll_wait(): until the nearest deadline, rounded up. */
static int timeout_ms(const struct process *process) {
    usec_t deadline = usec_min(stall_deadline(process), process->unsure_until_usec);
    usec_t wait;

    if (deadline == USEC_INFINITY) {
        return -1;
    }
    wait = usec_sub(deadline, process_monotonic_usec());
    return (int)usec_min((wait + USEC_PER_MSEC - 1) / USEC_PER_MSEC, INT_MAX);
}

static void nap(void) {
    (void)nanosleep(&(struct timespec){.tv_nsec = NAP_NSEC}, NULL); /* Shorter does no harm. */
}

/*
 * A run that ends is often followed by the next at once, and its FIFO is made in the folder from
 * which the old one is to be removed: whoever comes second waits for the first, and for the disk.
 * So the supervisor goes first. One moment serves all the ends that are told together.
 */
static void let_supervisor_go_first(const struct epoll_event *events, int n) {
    for (int i = 0; i < n; i++) {
        if ((events[i].events & EPOLLHUP) != 0) {
            (void)nanosleep(&(struct timespec){.tv_nsec = END_NSEC}, NULL); /* As in nap(). */
            return;
        }
    }
}

static int serve(struct process *process) {
    struct epoll_event events[EVENTS_MAX];
    usec_t last_usec = 0;

    for (;;) {
        int n = epoll_wait(process->epoll_fd, events, EVENTS_MAX, timeout_ms(process));
        usec_t now_usec = process_monotonic_usec();
        struct round round;

        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        let_supervisor_go_first(events, n);
        round = handle_events(process, events, n);
        if (round.has_news) {
            int result = pipes_watched(process);
            if (result < 0) {
                return result;
            }
        }
        if (round.has_stopped) {
            return 0;
        }
        stall_retry(process);
        pipes_expire(process);
        if (round.largest > 0 && round.largest < FLOW_CHUNK_SIZE &&
            now_usec - last_usec < FLOW_USEC) {
            nap();
        }
        last_usec = now_usec;
    }
}

int logger_run(const struct logger_options *options) {
    auto_(process_free) struct process *process = NULL;
    int result;

    (void)umask(0); /* Every file is made with the mode that is meant. */
    raise_file_limit();
    result = process_new(options, &process);
    if (result < 0) {
        return result;
    }
    result = serve(process);
    if (result == 0) {
        result = pipes_watched(process);
    }
    pipes_drain(process);
    return result;
}
