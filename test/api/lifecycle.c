/*
 * lifecycle PIDFILE: a daemon is started, looked at, reloaded, restarted and stopped.
 * Includes nothing of the project but the public header.
 */
#include <abide.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "line %d: not %s: %s\n", __LINE__, #condition, daemon.error);    \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

static int run(struct abide_daemon *daemon) {
    struct pollfd stop = {0};
    stop.fd = abide_stop_fd();
    stop.events = POLLIN;
    if (abide_ready(daemon) != 1) {
        return 1;
    }
    while (!abide_stopping()) {
        (void)poll(&stop, 1, -1);
    }
    return 0;
}

int main(int argc, char **argv) {
    struct abide_daemon daemon = {0};
    pid_t first = 0;
    pid_t second = 0;
    if (argc != 2) {
        return 2;
    }
    daemon.name = "lifecycle";
    daemon.pidfile = argv[1];
    daemon.run = run;
    daemon.ready_when = ABIDE_READY_BY_CALL;
    daemon.restart = ABIDE_RESTART_ON_FAILURE;

    EXPECT(abide_status(&daemon, NULL) == 1);
    EXPECT(abide_stop(&daemon) == 1);
    EXPECT(abide_reload(&daemon) == 1);
    EXPECT(abide_start(&daemon) == 0);
    EXPECT(daemon.error[0] == '\0');
    EXPECT(abide_status(&daemon, &first) == 0 && first > 1);
    EXPECT(abide_start(&daemon) == -EEXIST);
    EXPECT(strstr(daemon.error, "already running") != NULL);
    EXPECT(abide_reload(&daemon) == 0);
    EXPECT(abide_restart(&daemon) == 0);
    EXPECT(abide_status(&daemon, &second) == 0 && second > 1 && second != first);
    EXPECT(abide_stop(&daemon) == 0);
    EXPECT(abide_status(&daemon, NULL) == 1);
    EXPECT(access(argv[1], F_OK) < 0);

    EXPECT(abide_start(NULL) == -EINVAL && abide_stop(NULL) == -EINVAL);
    EXPECT(abide_restart(NULL) == -EINVAL && abide_reload(NULL) == -EINVAL);
    EXPECT(abide_status(NULL, NULL) == -EINVAL);
    (void)printf("done\n");
    return 0;
}
