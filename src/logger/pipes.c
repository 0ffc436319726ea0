/*
 * When has a FIFO ended? As a rule when epoll reports EPOLLHUP: it had a writer since we opened it,
 * and has none now. But a FIFO that had no writer at the moment we opened it never reports that
 * until one comes. It may be older than its writer (the supervisor has made it and will open it in
 * a microsecond), or its writers went while no logger ran. Such a run is "unsure". It has ended
 * when it is empty, has no writer, and it is certain that it once had one: bytes came out of it; or
 * the FIFO was modified after it was made, which only write(2) does; or there is a younger run,
 * before which the supervisor has finished with this one. Else there is nothing in it to lose, and
 * it waits; but not for ever, since a run can end without a word before a slow logger opened its
 * FIFO. Should the supervisor come to open the FIFO after that time, it finds no such file and
 * makes another.
 */
#include "logger/pipes.h"

#include "logger/chunk.h"
#include "logger/diag.h"
#include "logger/stall.h"
#include "os/fd.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE (sizeof(PIPES_FOLDER "/") + NAME_MAX)

static void make_path(const char *file, char path[PATH_SIZE]) {
    (void)snprintf(path, PATH_SIZE, PIPES_FOLDER "/%s", file); /* NAME_MAX bounds `file`. */
}

static void make_run_path(const struct run *run, char path[PATH_SIZE]) {
    (void)snprintf(path, PATH_SIZE, PIPES_FOLDER "/%s.%llu", run->service->name,
                   (unsigned long long)run->number);
}

static void load_settings(struct process *process, struct service *service) {
    char path[PATH_SIZE];
    int result;

    (void)snprintf(path, sizeof(path), PIPES_FOLDER "/%s.conf", service->name);
    result = settings_load(process->runtime_fd, path, &service->settings);
    if (result < 0) {
        diag_write(process->outputs.logs_fd, "%s: cannot read its log settings: %s", service->name,
                   strerror(-result));
    } else if (result > 0) {
        diag_write(process->outputs.logs_fd, "%s: %d bad values in its log settings", service->name,
                   result);
    }
}

static void poll_run(struct process *process, struct run *run) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = run};

    if (run->is_polled || run->service->is_stalled) {
        return;
    }
    if (epoll_ctl(process->epoll_fd, EPOLL_CTL_ADD, run->fd, &event) < 0) {
        stall_begin(process, run->service, -errno);
        return;
    }
    run->is_polled = true;
}

void pipes_pause(struct process *process, struct service *service) {
    for (struct run *run = service->runs; run != NULL; run = run->next) {
        if (run->is_polled) {
            /* It cannot fail for a descriptor that was added. */
            (void)epoll_ctl(process->epoll_fd, EPOLL_CTL_DEL, run->fd, NULL);
            run->is_polled = false;
        }
    }
}

/* A log ends with the end of a line when its run has ended, unless its bytes are to stay as they
 * are. */
static int end_line(struct process *process, struct service *service) {
    struct output *output;
    int result;

    if (service->settings.stamp == STAMP_RAW) {
        return 0;
    }
    result = output_current(&process->outputs, service, &output);
    if (result < 0 || !output->is_mid_line) {
        return result;
    }
    return output_end_line(output);
}

/* Removes the FIFO, if its name is still its own. */
static void unlink_pipe(struct process *process, const struct run *run) {
    char path[PATH_SIZE];
    struct stat named;
    struct stat opened;

    make_run_path(run, path);
    if (fstatat(process->runtime_fd, path, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
        fstat(run->fd, &opened) < 0 || named.st_ino != opened.st_ino ||
        named.st_dev != opened.st_dev) {
        return;
    }
    if (unlinkat(process->runtime_fd, path, 0) < 0) {
        diag_write(process->outputs.logs_fd, "%s: cannot remove its pipe: %s", run->service->name,
                   strerror(errno));
    }
}

/* The run has ended and its pipe is empty. */
static void end_run(struct process *process, struct run *run) {
    struct service *service = run->service;

    if (service->owner == run->number) {
        int result = end_line(process, service);
        if (result < 0) {
            stall_begin(process, service, result);
            return;
        }
        service->owner = 0;
    }
    unlink_pipe(process, run);
    service_remove_run(run);
}

static void forget_if_idle(struct process *process, struct service *service) {
    if (service->runs == NULL && !service->is_stalled) {
        output_drop(service);
        service_remove(&process->services, service);
    }
}

static bool was_written_to(const struct run *run) {
    struct statx stat;

    return statx(run->fd, "", AT_EMPTY_PATH, STATX_BTIME | STATX_MTIME, &stat) == 0 &&
           (stat.stx_mask & STATX_BTIME) != 0 &&
           (stat.stx_btime.tv_sec != stat.stx_mtime.tv_sec ||
            stat.stx_btime.tv_nsec != stat.stx_mtime.tv_nsec);
}

/* Whether the run, empty and without a writer, has been so for as long as one may be. */
static bool has_expired(struct process *process, struct run *run) {
    usec_t now = process_monotonic_usec();
    usec_t until;

    if (run->unsure_since_usec == 0) {
        run->unsure_since_usec = now;
    }
    until = usec_add(run->unsure_since_usec, process->grace_usec);
    if (now >= until) {
        return true;
    }
    process->unsure_until_usec = usec_min(process->unsure_until_usec, until);
    return false;
}

static bool has_ended_unseen(struct process *process, struct run *run) {
    if (!run->is_unsure) {
        return false;
    }
    switch (chunk_peek(process, run)) {
    case CHUNK_PEEK_DATA:
        return false;
    case CHUNK_PEEK_EMPTY:
        run->is_unsure = false;
        return false;
    case CHUNK_PEEK_ENDED:
        return run->had_data || run->next != NULL || was_written_to(run) ||
               has_expired(process, run);
    }
    return false;
}

void pipes_settle(struct process *process, struct service *service) {
    struct run *next;

    for (struct run *run = service->runs; run != NULL && !service->is_stalled; run = next) {
        next = run->next;
        if (has_ended_unseen(process, run)) {
            end_run(process, run);
        } else {
            poll_run(process, run);
        }
    }
    forget_if_idle(process, service);
}

static bool is_empty(const struct run *run) {
    int readable = 0;

    (void)ioctl(run->fd, FIONREAD, &readable); /* It cannot fail for a pipe. */
    return readable == 0;
}

size_t pipes_ready(struct process *process, struct run *run, uint32_t events) {
    struct service *service = run->service;
    size_t size = 0;
    int result;

    if (service->is_stalled) {
        return 0;
    }
    result = chunk_take(process, run, &size);
    if (result < 0) {
        stall_begin(process, service, result);
        return size;
    }
    if (((events & EPOLLHUP) != 0 && is_empty(run)) || has_ended_unseen(process, run)) {
        end_run(process, run);
        forget_if_idle(process, service);
    }
    return size;
}

static int open_pipe(struct process *process, const char *file, int *ret_fd) {
    char path[PATH_SIZE];
    struct stat stat;
    auto_fd int fd = -1;

    make_path(file, path);
    /* A file that is no FIFO is not opened at all: opening a device can do something. */
    if (fstatat(process->runtime_fd, path, &stat, AT_SYMLINK_NOFOLLOW) < 0) {
        return -errno;
    }
    if (!S_ISFIFO(stat.st_mode)) {
        return -EINVAL;
    }
    fd = openat(process->runtime_fd, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    *ret_fd = take_fd(&fd);
    return 0;
}

/* A FIFO of this name is in the folder. Returns 1 and its service if it is new. */
static int add_pipe(struct process *process, const char *file, struct service **ret_service) {
    struct service *service;
    size_t name_length;
    struct run *run;
    uint64_t number;
    int result;
    int fd;

    if (!service_parse_pipe_name(file, &name_length, &number)) {
        return 0;
    }
    service = service_find(&process->services, file, name_length);
    if (service != NULL && service_find_run(service, number) != NULL) {
        return 0;
    }
    result = open_pipe(process, file, &fd);
    if (result < 0) {
        return result;
    }
    if (service == NULL) {
        result = service_add(&process->services, file, name_length, &service);
        if (result < 0) {
            (void)fd_close(fd);
            return result;
        }
        load_settings(process, service);
    }
    *ret_service = service;
    result = service_add_run(service, number, fd, &run);
    return result < 0 ? result : 1;
}

static void report_unopened(struct process *process, const char *file, int error) {
    /* -ENOENT: it went before we came; then nothing is lost. */
    if (error < 0 && error != -ENOENT) {
        diag_write(process->outputs.logs_fd, "cannot read the pipe %s: %s", file, strerror(-error));
    }
}

static int scan(struct process *process) {
    struct service *service;
    auto_fd int fd =
        openat(process->runtime_fd, PIPES_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    if (dir == NULL) {
        return -errno;
    }
    (void)take_fd(&fd); /* The stream owns it now. */
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        report_unopened(process, entry->d_name, add_pipe(process, entry->d_name, &service));
    }
    (void)closedir(dir);
    return 0;
}

static void settle_one(struct service *service, void *data) {
    struct process *process = data;

    pipes_settle(process, service);
}

void pipes_expire(struct process *process) {
    if (process_monotonic_usec() < process->unsure_until_usec) {
        return;
    }
    process->unsure_until_usec = USEC_INFINITY; /* Set anew for those that may still wait. */
    service_for_each(&process->services, settle_one, process);
}

/* After a kill: the line that stands unfinished at the end of the file can only be of a run whose
 * FIFO is still there, since the end of a run ends its line. Of several it is the oldest, unless
 * the in-flight buffer knew better. */
static void begin_one(struct service *service, void *data) {
    struct process *process = data;

    if (service->owner == 0 && service->runs != NULL) {
        service->owner = service->runs->number;
    }
    if (service->slot != NULL) {
        int result;

        load_settings(process, service);
        result = chunk_finish(process, service);
        if (result < 0) {
            stall_begin(process, service, result);
        } else {
            /* The kill may have come between a rotation and the removal of old files. */
            chunk_trim(process, service);
        }
    }
    pipes_settle(process, service);
}

int pipes_open(struct process *process) {
    const uint32_t mask = IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    char path[64];
    int result;

    if (mkdirat(process->runtime_fd, PIPES_FOLDER, 0700) < 0 && errno != EEXIST) {
        return -errno;
    }
    process->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (process->inotify_fd < 0) {
        return -errno;
    }
    /* inotify takes a path only; this one names the folder that is open, whatever moved since. The
     * folder itself is not kept open: its removal would not be reported then. */
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d/" PIPES_FOLDER, process->runtime_fd);
    if (inotify_add_watch(process->inotify_fd, path, mask) < 0) {
        return -errno;
    }
    result = scan(process);
    if (result < 0) {
        return result;
    }
    chunk_recall(process);
    service_for_each(&process->services, begin_one, process);
    return 0;
}

/* One event about the file `name` of the folder. */
static void handle_file(struct process *process, const char *name, uint32_t mask) {
    struct service *service;
    size_t name_length;
    int result;

    if ((mask & IN_MOVED_TO) != 0 && service_parse_settings_name(name, &name_length)) {
        service = service_find(&process->services, name, name_length);
        if (service != NULL) {
            load_settings(process, service);
        }
        return;
    }
    result = add_pipe(process, name, &service);
    if (result > 0) {
        pipes_settle(process, service);
        return;
    }
    report_unopened(process, name, result);
}

static int handle_event(struct process *process, const struct inotify_event *event) {
    int result;

    if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0) {
        return -ENOENT;
    }
    if ((event->mask & IN_Q_OVERFLOW) != 0) {
        result = scan(process);
        service_for_each(&process->services, settle_one, process);
        return result;
    }
    if (event->len > 0 && (event->mask & IN_ISDIR) == 0) {
        handle_file(process, event->name, event->mask);
    }
    return 0;
}

int pipes_watched(struct process *process) {
    _Alignas(struct inotify_event) char buffer[16384];

    for (;;) {
        ssize_t n = read(process->inotify_fd, buffer, sizeof(buffer));
        const char *at = buffer;

        if (n <= 0) {
            return n < 0 && errno != EAGAIN ? -errno : 0;
        }
        while (at < buffer + n) {
            const struct inotify_event *event = (const void *)at;
            int result = handle_event(process, event);
            if (result < 0) {
                return result;
            }
            at += sizeof(*event) + event->len;
        }
    }
}

/* Takes up to `left` bytes, in whole chunks. */
static void take_some(struct process *process, struct run *run, size_t left) {
    while (left > 0 && !run->service->is_stalled) {
        size_t size = 0;
        int result = chunk_take(process, run, &size);
        if (result < 0) {
            stall_begin(process, run->service, result);
        }
        if (result <= 0) {
            break;
        }
        left = size < left ? left - size : 0;
    }
}

/* Takes what stands in the pipe now. A writer that goes on writing does not hold us; what one that
 * has gone left behind is taken to the end, since nobody else may keep the pipe until the next
 * logger. */
static void drain_run(struct process *process, struct run *run) {
    struct pollfd poll_fd = {.fd = run->fd, .events = POLLIN};
    int readable = 0;

    (void)ioctl(run->fd, FIONREAD, &readable); /* It cannot fail for a pipe. */
    take_some(process, run, (size_t)readable);
    if (poll(&poll_fd, 1, 0) < 0) {
        return;
    }
    if ((poll_fd.revents & POLLHUP) != 0) {
        take_some(process, run, SIZE_MAX);
    }
    if (!run->service->is_stalled &&
        ((poll_fd.revents & POLLHUP) != 0 || has_ended_unseen(process, run))) {
        end_run(process, run);
    }
}

static void drain_one(struct service *service, void *data) {
    struct process *process = data;
    struct run *next;

    for (struct run *run = service->runs; run != NULL; run = next) {
        next = run->next;
        drain_run(process, run);
    }
    forget_if_idle(process, service);
}

void pipes_drain(struct process *process) {
    service_for_each(&process->services, drain_one, process);
}
