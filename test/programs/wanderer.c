/*
 * wanderer FILE
 *
 * A service whose tree never stands still: besides the process that was started there is one more,
 * which makes its successor in a session of its own and ends, again and again. FILE gets the pid of
 * each. It gives up by itself in the end, should nobody end it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define GENERATIONS 20000
#define NAP_NSEC 1000000

static void write_pid(int fd) {
    if (dprintf(fd, "%d\n", (int)getpid()) < 0) {
        exit(EXIT_FAILURE);
    }
}

/* Returns in the last generation only. */
static void wander(int fd) {
    const struct timespec nap = {.tv_nsec = NAP_NSEC};
    for (int i = 0; i < GENERATIONS; i++) {
        pid_t pid = fork();
        if (pid != 0) {
            _exit(pid > 0 ? EXIT_SUCCESS : EXIT_FAILURE);
        }
        (void)setsid();
        write_pid(fd);
        (void)nanosleep(&nap, NULL);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        return EXIT_FAILURE;
    }
    int fd = open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        perror(argv[1]);
        return EXIT_FAILURE;
    }
    (void)signal(SIGTERM, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        wander(fd);
        return EXIT_SUCCESS;
    }
    for (;;) {
        (void)pause();
    }
}
