/*
 * posix_spawn(3) does what can go wrong between fork and exec. The input is a memfd, which holds
 * all of it before the child begins: no pipe that two processes could wait for in a ring.
 */
#include "os/child.h"

#include "base/alloc.h"
#include "os/clock.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_input(const char *input, int *ret_fd) {
    if (input == NULL) {
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (null < 0) {
            return -errno;
        }
        *ret_fd = null;
        return 0;
    }
    auto_fd int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    for (size_t left = strlen(input); left > 0;) {
        ssize_t n = write(fd, input, left);
        if (n < 0) {
            return -errno;
        }
        input += n;
        left -= (size_t)n;
    }
    if (lseek(fd, 0, SEEK_SET) < 0) {
        return -errno;
    }
    *ret_fd = take_fd(&fd);
    return 0;
}

static int spawn_child(const struct child_options *options, int input, int output, pid_t *ret_pid) {
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return -error;
    }
    error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (error == 0 && output >= 0) {
        error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    }
    if (error == 0 && options->path != NULL) {
        error = posix_spawn(ret_pid, options->path, &actions, NULL, options->argv, options->envp);
    } else if (error == 0) {
        error =
            posix_spawnp(ret_pid, options->argv[0], &actions, NULL, options->argv, options->envp);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return -error;
}

/* Waits for something to read, or the end. */
static int wait_readable(int fd, usec_t deadline) {
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    for (;;) {
        usec_t left = usec_sub(deadline, clock_monotonic()) / USEC_PER_MSEC;
        int n =
            poll(&waiting, 1, deadline == USEC_INFINITY ? -1 : (int)usec_min(left + 1, INT_MAX));
        if (n > 0) {
            return 0;
        }
        if (n == 0 && clock_monotonic() >= deadline) {
            return -ETIMEDOUT;
        }
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
    }
}

/* Everything until the end, at most `size_max`. */
static int read_all(int fd, size_t size_max, usec_t deadline, char **ret_output) {
    auto_free char *output = alloc_zeroed(size_max + 2, 1);
    if (output == NULL) {
        return -ENOMEM;
    }
    for (size_t used = 0; used <= size_max;) {
        int r = wait_readable(fd, deadline);
        if (r < 0) {
            return r;
        }
        ssize_t n = read(fd, output + used, size_max + 1 - used);
        if (n == 0) {
            *ret_output = take_ptr(&output);
            return 0;
        }
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        used += n > 0 ? (size_t)n : 0;
    }
    return -EFBIG;
}

static int wait_for(pid_t pid, int *ret_status) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -errno;
        }
    }
    *ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}

int child_run(const struct child_options *options, int *ret_status, char **ret_output) {
    auto_fd int input = -1;
    int r = open_input(options->input, &input);
    if (r < 0) {
        return r;
    }
    int pipe_fds[2] = {-1, -1};
    if (options->output_max != 0 && pipe2(pipe_fds, O_CLOEXEC) < 0) {
        return -errno;
    }
    auto_fd int reader = pipe_fds[0];
    auto_fd int writer = pipe_fds[1];
    pid_t pid;
    r = spawn_child(options, input, writer, &pid);
    if (r < 0) {
        return r;
    }
    writer = fd_close(writer);
    auto_free char *output = NULL;
    usec_t deadline = options->timeout_usec != 0
                          ? usec_add(clock_monotonic(), options->timeout_usec)
                          : USEC_INFINITY;
    r = reader >= 0 ? read_all(reader, options->output_max, deadline, &output) : 0;
    if (r == -ETIMEDOUT) {
        (void)kill(pid, SIGKILL); /* Our child, not reaped. */
    }
    reader = fd_close(reader);
    int status = 0;
    int waited = wait_for(pid, &status);
    if (r < 0 || waited < 0) {
        return r < 0 ? r : waited;
    }
    *ret_status = status;
    if (output != NULL) {
        *ret_output = take_ptr(&output);
    }
    return 0;
}
