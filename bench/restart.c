/*
 * restart PULSE FILE COUNT PERIOD_MSEC: from SIGKILL of a healthy process to the main() of the next
 * one.
 *
 * Two of them run: one under whatever supervisor was told to keep `PULSE FILE`, one under a bare
 * loop of waitid, vfork and exec in this program (with FILE.bare). They are killed in turn, COUNT
 * times each, so that both see the same noise. Prints the medians in µs and their ratio.
 */
#include "pulse.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 1000
#define WAIT_MSEC 10000

static struct pulse *open_pulse(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(struct pulse)) < 0) {
        perror(path);
        exit(1);
    }
    void *mapping = mmap(NULL, sizeof(struct pulse), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapping == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    (void)close(fd);
    return mapping;
}

/* The bare loop: nothing but waiting and starting again. Ends with its parent. */
static _Noreturn void keep(char *program, char *path) {
    char *const argv[] = {program, path, NULL};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        siginfo_t info;
        pid_t pid = vfork();
        if (pid == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            (void)execv(program, argv);
            _exit(127);
        }
        if (pid < 0 || waitid(P_PID, (id_t)pid, &info, WEXITED) < 0) {
            _exit(1);
        }
    }
}

static int64_t count_of(const struct pulse *pulse) {
    return __atomic_load_n(&pulse->count, __ATOMIC_SEQ_CST);
}

static void await(const struct pulse *pulse, int64_t count) {
    for (int i = 0; i < WAIT_MSEC; i++) {
        if (count_of(pulse) >= count) {
            return;
        }
        (void)poll(NULL, 0, 1);
    }
    (void)fprintf(stderr, "restart: no new process after %d ms\n", WAIT_MSEC);
    exit(1);
}

/* Kills the process and returns the µs until the next one's main(). */
static double kill_once(const struct pulse *pulse) {
    struct timespec now;
    int64_t count = count_of(pulse);
    int fd = pidfd_open((pid_t)pulse->pid, 0);
    if (fd < 0) {
        perror("pidfd_open");
        exit(1);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    (void)pidfd_send_signal(fd, SIGKILL, NULL, 0);
    (void)close(fd);
    await(pulse, count + 1);
    return (double)(pulse->nsec - ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec)) / 1000;
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
    static double kept[COUNT_MAX];
    static double bare[COUNT_MAX];
    char bare_path[4096];
    size_t n = argc == 5 ? (size_t)strtoul(argv[3], NULL, 10) : 0;
    int period = argc == 5 ? (int)strtol(argv[4], NULL, 10) : 0;
    if (n == 0 || n > COUNT_MAX) {
        (void)fprintf(stderr, "usage: restart PULSE FILE COUNT PERIOD_MSEC\n");
        return 2;
    }
    (void)snprintf(bare_path, sizeof(bare_path), "%s.bare", argv[2]);
    const struct pulse *kept_pulse = open_pulse(argv[2]);
    const struct pulse *bare_pulse = open_pulse(bare_path);
    pid_t loop = fork();
    if (loop == 0) {
        keep(argv[1], bare_path);
    }
    await(kept_pulse, 1);
    await(bare_pulse, 1);
    for (size_t i = 0; i < n; i++) {
        /* Each lives for a period, so that it is healthy; and each is killed after the same rest,
         * because a machine that has just done the same is quicker. */
        (void)poll(NULL, 0, period / 2);
        kept[i] = kill_once(kept_pulse);
        (void)poll(NULL, 0, period - period / 2);
        bare[i] = kill_once(bare_pulse);
    }
    (void)kill(loop, SIGKILL);
    (void)waitpid(loop, NULL, 0);
    double kept_median = median(kept, n);
    double bare_median = median(bare, n);
    (void)printf("SIGKILL to the new main(), %zu times: abide %.0f us, bare loop %.0f us: %.2f x\n",
                 n, kept_median, bare_median, kept_median / bare_median);
    return 0;
}
