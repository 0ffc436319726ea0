/*
 * spawn PULSE FILE COUNT FEW MANY: does a spawn cost more when more descriptors are open?
 *
 * Two processes spawn PULSE by src/os/spawn.h, as the supervisor does, one with FEW descriptors
 * open and one with MANY; by turns, COUNT times each. Prints the medians in µs of the time until
 * spawn() has returned and until PULSE's main(), and the ratios. Two processes, because a table of
 * descriptors that has grown never shrinks.
 */
#include "os/spawn.h"
#include "pulse.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 1000
#define WAIT_MSEC 10000

struct sample {
    double returned_usec;
    double main_usec;
};

struct spawner_process {
    pid_t pid;
    int fd; /* a byte to it asks for a sample, which it sends back */
};

static _Noreturn void die(const char *what) {
    perror(what);
    _exit(1);
}

static int64_t now_nsec(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct pulse *open_pulse(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(struct pulse)) < 0) {
        die(path);
    }
    void *mapping = mmap(NULL, sizeof(struct pulse), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapping == MAP_FAILED) {
        die("mmap");
    }
    (void)close(fd);
    return mapping;
}

static struct sample measure(struct spawner *spawner, char *program, char *path,
                             const struct pulse *pulse) {
    char *const argv[] = {program, path, NULL};
    char *const environment[] = {NULL};
    struct spawn_options options = SPAWN_OPTIONS_INIT;
    struct spawn_result result;
    options.path = program;
    options.argv = argv;
    options.envp = environment;
    options.is_session = true;
    int64_t count = __atomic_load_n(&pulse->count, __ATOMIC_SEQ_CST);
    int64_t begun = now_nsec();
    if (spawn(spawner, &options, &result) != SPAWN_STARTED) {
        (void)fprintf(stderr, "spawn: %s did not start\n", program);
        _exit(1);
    }
    int64_t returned = now_nsec();
    for (int i = 0; __atomic_load_n(&pulse->count, __ATOMIC_SEQ_CST) == count; i++) {
        if (i == WAIT_MSEC) {
            (void)fprintf(stderr, "spawn: no main() after %d ms\n", WAIT_MSEC);
            _exit(1);
        }
        (void)usleep(1000);
    }
    struct sample sample = {.returned_usec = (double)(returned - begun) / 1000,
                            .main_usec = (double)(pulse->nsec - begun) / 1000};
    (void)kill(result.identity.pid, SIGKILL);
    (void)waitpid(result.identity.pid, NULL, 0);
    (void)close(result.pidfd);
    return sample;
}

/* Spawns whenever it is asked to, until nobody is there to ask. */
static _Noreturn void serve(char *program, char *path, unsigned long n_descriptors, int fd) {
    struct spawner spawner = {0};
    const struct pulse *pulse = open_pulse(path);
    char byte;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* The spawner wants the low numbers for itself. */
    int asked = fcntl(fd, F_DUPFD_CLOEXEC, SPAWN_FD_END);
    if (asked < 0 || close_range(SPAWN_FD_FIRST, SPAWN_FD_END - 1, 0) < 0 ||
        spawner_open(&spawner) < 0) {
        die("spawner");
    }
    for (unsigned long i = 0; i < n_descriptors; i++) {
        if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0) {
            die("/dev/null");
        }
    }
    while (recv(asked, &byte, 1, 0) == 1) {
        struct sample sample = measure(&spawner, program, path, pulse);
        if (send(asked, &sample, sizeof(sample), MSG_NOSIGNAL) != sizeof(sample)) {
            die("send");
        }
    }
    _exit(0);
}

static struct spawner_process start(char *program, char *path, const char *n_descriptors) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
        die("socketpair");
    }
    pid_t pid = fork();
    if (pid == 0) {
        serve(program, path, strtoul(n_descriptors, NULL, 10), fds[1]);
    }
    (void)close(fds[1]);
    return (struct spawner_process){.pid = pid, .fd = fds[0]};
}

static void ask(const struct spawner_process *process, struct sample *ret_sample) {
    if (send(process->fd, "", 1, MSG_NOSIGNAL) != 1 ||
        recv(process->fd, ret_sample, sizeof(*ret_sample), 0) != sizeof(*ret_sample)) {
        (void)fprintf(stderr, "spawn: the process that spawns has ended\n");
        exit(1);
    }
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of the member at `offset`. */
static double median(const struct sample *samples, size_t n, size_t offset) {
    static double values[COUNT_MAX];
    for (size_t i = 0; i < n; i++) {
        memcpy(&values[i], (const char *)&samples[i] + offset, sizeof(double));
    }
    qsort(values, n, sizeof(values[0]), compare);
    return values[n / 2];
}

static void print(const char *until, const struct sample *few, const struct sample *many, size_t n,
                  size_t offset) {
    double a = median(few, n, offset);
    double b = median(many, n, offset);
    (void)printf("until %s: %.0f us with few, %.0f us with many: %.2f x\n", until, a, b, b / a);
}

int main(int argc, char **argv) {
    static struct sample few_samples[COUNT_MAX];
    static struct sample many_samples[COUNT_MAX];
    size_t n = argc == 6 ? (size_t)strtoul(argv[3], NULL, 10) : 0;
    if (n == 0 || n > COUNT_MAX) {
        (void)fprintf(stderr, "usage: spawn PULSE FILE COUNT FEW MANY\n");
        return 2;
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit); /* If too few fit, opening them says so. */
    }
    struct spawner_process few = start(argv[1], argv[2], argv[4]);
    struct spawner_process many = start(argv[1], argv[2], argv[5]);
    for (size_t i = 0; i < n; i++) {
        ask(&few, &few_samples[i]);
        ask(&many, &many_samples[i]);
    }
    (void)printf("a spawn with %s and with %s descriptors open (medians of %zu, by turns)\n",
                 argv[4], argv[5], n);
    print("spawn() has returned", few_samples, many_samples, n,
          offsetof(struct sample, returned_usec));
    print("the program's main()", few_samples, many_samples, n, offsetof(struct sample, main_usec));
    (void)close(few.fd);
    (void)close(many.fd);
    (void)waitpid(few.pid, NULL, 0);
    (void)waitpid(many.pid, NULL, 0);
    return 0;
}
