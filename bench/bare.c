/*
 * bare PROGRAM [ARGUMENT...]
 *
 * What script/bench compares a start with: fork, setsid, fork, exec, and nothing else. Like the
 * shortest start that can be honest, it returns when the program has been executed, or could not
 * be: a pipe that exec closes says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become(char **argv, int error_fd) {
    if (setsid() >= 0) {
        pid_t pid = fork();
        if (pid > 0) {
            _exit(0);
        }
        if (pid == 0) {
            (void)execv(argv[0], argv);
        }
    }
    int error = errno;
    (void)!write(error_fd, &error, sizeof(error)); /* Four bytes fit into an empty pipe. */
    _exit(1);
}

int main(int argc, char **argv) {
    int fds[2];
    int error = 0;
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bare PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    if (pipe2(fds, O_CLOEXEC) < 0) {
        perror("bare: pipe2");
        return 1;
    }
    pid_t pid = fork();
    if (pid < 0) {
        perror("bare: fork");
        return 1;
    }
    if (pid == 0) {
        become(argv + 1, fds[1]);
    }
    (void)close(fds[1]);
    (void)waitpid(pid, NULL, 0);
    if (read(fds[0], &error, sizeof(error)) != 0) {
        (void)fprintf(stderr, "bare: %s: %s\n", argv[1], strerror(error));
        return 1;
    }
    return 0;
}
