/* forks PIDFILE: abide_daemonize() returns twice, and abide_stop() ends what it made. */
#include <abide.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct abide_daemon daemon = {0};
    if (argc != 2) {
        return 2;
    }
    daemon.pidfile = argv[1];
    pid_t pid = abide_daemonize(&daemon);
    if (pid == 0) {
        for (;;) {
            (void)pause();
        }
    }
    pid_t running = 0;
    if (pid < 0 || abide_status(&daemon, &running) != 0 || running != pid ||
        abide_stop(&daemon) != 0) {
        (void)fprintf(stderr, "pid %d: %s\n", (int)pid, daemon.error);
        return 1;
    }
    if (abide_daemonize(NULL) != -EINVAL) {
        return 1;
    }
    (void)printf("done\n");
    return 0;
}
