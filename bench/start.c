/*
 * start COUNT BARE DAEMON FOLDER
 *
 * How long does a start take? Runs `DAEMON start` and `BARE DAEMON run` by turns, COUNT times each,
 * and takes the time from the spawn of the command until it has ended. Both daemons are the same
 * program and are stopped, by `DAEMON stop`, before the next turn; their files are in FOLDER.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 10000

extern char **environ;

static double now_usec(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The daemons are orphans of ours, not of the machine's first process: that one may be slow. */
static void reap_orphans(void) {
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

/* Runs a command with /dev/null for its streams. Returns its time, or exits. */
static double run(char *const *argv, posix_spawn_file_actions_t *actions) {
    pid_t pid;
    int status;
    double begun = now_usec();
    int error = posix_spawn(&pid, argv[0], actions, NULL, argv, environ);
    if (error != 0 || waitpid(pid, &status, 0) != pid) {
        (void)fprintf(stderr, "start: %s: %s\n", argv[0], strerror(error != 0 ? error : errno));
        exit(1);
    }
    double ended = now_usec();
    if (status != 0) {
        (void)fprintf(stderr, "start: %s: wait status %d\n", argv[0], status);
        exit(1);
    }
    return ended - begun;
}

/* `run` writes its pidfile after BARE has returned. */
static void await_file(const char *path) {
    struct stat st;
    for (unsigned i = 0; i < 10000 && (stat(path, &st) < 0 || st.st_size == 0); i++) {
        (void)usleep(200);
    }
}

static int compare(const void *a, const void *b) {
    const double *one = a;
    const double *other = b;
    return (*one > *other) - (*one < *other);
}

static double median(double *times, size_t count) {
    qsort(times, count, sizeof(times[0]), compare);
    return times[count / 2];
}

int main(int argc, char **argv) {
    static double starts[COUNT_MAX];
    static double bares[COUNT_MAX];
    static char run_word[] = "run";
    static char start_word[] = "start";
    static char stop_word[] = "stop";
    char pidfile[PATH_MAX];
    char log[PATH_MAX];
    unsigned long count = argc == 5 ? strtoul(argv[1], NULL, 10) : 0;
    if (count == 0 || count > COUNT_MAX) {
        (void)fprintf(stderr, "usage: start COUNT BARE DAEMON FOLDER\n");
        return 2;
    }
    (void)snprintf(pidfile, sizeof(pidfile), "--pidfile=%s/daemon.pid", argv[4]);
    (void)snprintf(log, sizeof(log), "--log=%s/daemon.log", argv[4]);
    char *const bare[] = {argv[2], argv[3], pidfile, log, run_word, NULL};
    char *const start[] = {argv[3], pidfile, log, start_word, NULL};
    char *const stop[] = {argv[3], pidfile, log, stop_word, NULL};
    posix_spawn_file_actions_t actions;
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)posix_spawn_file_actions_init(&actions);
    for (int fd = 0; fd < 3; fd++) {
        (void)posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    }
    for (unsigned long i = 0; i < count; i++) {
        bares[i] = run(bare, &actions);
        await_file(strchr(pidfile, '=') + 1);
        (void)run(stop, &actions);
        starts[i] = run(start, &actions);
        (void)run(stop, &actions);
        reap_orphans();
    }
    double bare_usec = median(bares, count);
    double start_usec = median(starts, count);
    (void)printf("bare fork + setsid + fork + exec  %6.0f us\n"
                 "start                             %6.0f us\n"
                 "ratio                             %6.2f\n"
                 "(medians of %lu, by turns)\n",
                 bare_usec, start_usec, start_usec / bare_usec, count);
    return 0;
}
