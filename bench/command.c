/*
 * command COUNT NOOP COMMAND [ARGUMENT...]: what does a command cost, beside a program that does
 * nothing?
 *
 * Runs NOOP and COMMAND by turns, COUNT times each, and takes the time from the spawn until the
 * end, with /dev/null for all streams. By turns, so that both see the same noise. Prints the
 * medians in µs and their ratio.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define COUNT_MAX 10000

extern char **environ;

static double now_usec(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double run(char *const *argv, posix_spawn_file_actions_t *actions) {
    pid_t pid;
    int status;
    double begun = now_usec();
    int error = posix_spawn(&pid, argv[0], actions, NULL, argv, environ);
    if (error != 0 || waitpid(pid, &status, 0) != pid) {
        (void)fprintf(stderr, "command: %s: %s\n", argv[0], strerror(error != 0 ? error : errno));
        exit(1);
    }
    double ended = now_usec();
    if (status != 0) {
        (void)fprintf(stderr, "command: %s: wait status %d\n", argv[0], status);
        exit(1);
    }
    return ended - begun;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n) {
    qsort(values, n, sizeof(values[0]), compare);
    return values[n / 2];
}

int main(int argc, char **argv) {
    static double noops[COUNT_MAX];
    static double commands[COUNT_MAX];
    size_t n = argc >= 4 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
    if (n == 0 || n > COUNT_MAX) {
        (void)fprintf(stderr, "usage: command COUNT NOOP COMMAND [ARGUMENT...]\n");
        return 2;
    }
    char *const noop[] = {argv[2], NULL};
    posix_spawn_file_actions_t actions;
    (void)posix_spawn_file_actions_init(&actions);
    for (int fd = 0; fd < 3; fd++) {
        (void)posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    }
    for (size_t i = 0; i < n; i++) {
        noops[i] = run(noop, &actions);
        commands[i] = run(argv + 3, &actions);
    }
    double noop_median = median(noops, n);
    double command_median = median(commands, n);
    (void)printf("the command %.0f us, a static program that does nothing %.0f us: %.2f x "
                 "(medians of %zu, by turns)\n",
                 command_median, noop_median, command_median / noop_median, n);
    return 0;
}
