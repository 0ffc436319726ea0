/*
 * gap PORT [COUNT]
 *
 * How long is a server of hello-http's kind away when the process that answers is killed? Asks the
 * server on 127.0.0.1 for its pid, sends that process SIGKILL, and takes the time until another
 * process has answered; COUNT times (1 unless told). Connections that were refused or reset are
 * counted: a client would have seen an error.
 *
 * Before each kill it waits until the process has lived for long enough to be restarted at once; it
 * measures the restart, not the back-off.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 1000

/* A server that does not answer in this time has failed. */
#define GIVE_UP_SEC 30.0

/* A process that lived for one second is restarted at once, by abide as by libabide. */
#define HEALTHY_SEC 1.1

/* Between two tries: a client that never rests takes from the server the time to come back. */
#define REST_SEC 20e-6

static double now_sec(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pause_sec(double seconds) {
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    (void)nanosleep(&time, NULL);
}

/* One request on a connection of its own. Returns the pid that the answer names, or -errno. */
static pid_t ask(in_port_t port) {
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct timeval limit = {.tv_sec = (time_t)GIVE_UP_SEC};
    char answer[1024];
    size_t size = 0;
    ssize_t n = -1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(request) - 1) {
        do {
            n = recv(fd, answer + size, sizeof(answer) - 1 - size, 0);
            size += n > 0 ? (size_t)n : 0;
        } while (n > 0 && size < sizeof(answer) - 1);
    }
    int error = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (n < 0) {
        return -error;
    }
    answer[size] = '\0';
    const char *pid = strstr(answer, "\r\n\r\nHello from pid ");
    bool is_good = strncmp(answer, "HTTP/1.1 200 ", 13) == 0 && pid != NULL;
    return is_good ? (pid_t)strtol(pid + strlen("\r\n\r\nHello from pid "), NULL, 10) : -EPROTO;
}

/* The pidfd is opened between two answers of the same pid, so it is that of the one that answers.
 */
static int open_worker(in_port_t port, pid_t *ret_pid) {
    pid_t pid = ask(port);
    if (pid <= 0) {
        (void)fprintf(stderr, "gap: no answer on port %u: %s\n", port, strerror(-pid));
        return -1;
    }
    int fd = pidfd_open(pid, 0);
    if (fd < 0 || ask(port) != pid) {
        (void)fprintf(stderr, "gap: pid %d on port %u is not steady\n", (int)pid, port);
        return -1;
    }
    *ret_pid = pid;
    return fd;
}

struct errors {
    unsigned n_refused;
    unsigned n_others;
};

/* Returns 0 and the seconds from the kill to the answer, or -1. */
static int measure(in_port_t port, struct errors *errors, double *ret_seconds) {
    pid_t old;
    int fd = open_worker(port, &old);
    if (fd < 0) {
        return -1;
    }
    double killed = now_sec();
    if (pidfd_send_signal(fd, SIGKILL, NULL, 0) < 0) {
        perror("gap: pidfd_send_signal");
        return -1;
    }
    pid_t pid;
    double answered;
    do {
        pid = ask(port);
        answered = now_sec();
        errors->n_refused += pid == -ECONNREFUSED;
        errors->n_others += pid < 0 && pid != -ECONNREFUSED;
        if (pid < 0) {
            pause_sec(REST_SEC);
        }
    } while ((pid <= 0 || pid == old) && answered < killed + GIVE_UP_SEC);
    (void)close(fd);
    if (pid <= 0 || pid == old) {
        (void)fprintf(stderr, "gap: no answer %.0f s after the kill\n", GIVE_UP_SEC);
        return -1;
    }
    (void)printf("process %d killed, process %d answered after %.2f ms\n", (int)old, (int)pid,
                 (answered - killed) * 1e3);
    *ret_seconds = answered - killed;
    return 0;
}

static int compare(const void *a, const void *b) {
    const double *one = a;
    const double *other = b;
    return (*one > *other) - (*one < *other);
}

int main(int argc, char **argv) {
    static double seconds[COUNT_MAX];
    struct errors errors = {0};
    long port = argc >= 2 ? strtol(argv[1], NULL, 10) : 0;
    long count = argc >= 3 ? strtol(argv[2], NULL, 10) : 1;
    if (argc > 3 || port <= 0 || port > 65535 || count <= 0 || count > COUNT_MAX) {
        (void)fprintf(stderr, "usage: gap PORT [COUNT]\n");
        return 2;
    }
    for (long i = 0; i < count; i++) {
        pause_sec(HEALTHY_SEC);
        if (measure((in_port_t)port, &errors, &seconds[i]) < 0) {
            return 1;
        }
    }
    qsort(seconds, (size_t)count, sizeof(seconds[0]), compare);
    if (count > 1) {
        (void)printf("%ld kills: median %.2f ms, worst %.2f ms\n", count, seconds[count / 2] * 1e3,
                     seconds[count - 1] * 1e3);
    }
    (void)printf("connections refused: %u, with another error: %u\n", errors.n_refused,
                 errors.n_others);
    return 0;
}
