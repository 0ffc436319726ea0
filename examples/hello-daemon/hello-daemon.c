/*
 * hello-daemon [--pidfile PATH] [--log PATH] start|stop|restart|reload|status|run
 *
 * A daemon that writes a numbered line to its log ten times a second, until it is asked to stop.
 */
#include <abide.h>

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>

#define PERIOD_MSEC 100

static int run(struct abide_daemon *daemon) {
    struct pollfd stop = {.fd = abide_stop_fd(), .events = POLLIN};
    (void)daemon;
    for (unsigned long number = 1; !abide_stopping(); number++) {
        if (printf("%lu hello\n", number) < 0 || fflush(stdout) != 0) {
            return 1;
        }
        if (poll(&stop, 1, PERIOD_MSEC) < 0 && errno != EINTR) {
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    struct abide_daemon daemon = {
        .name = "hello-daemon",
        .pidfile = "/run/hello-daemon.pid",
        .stdout_path = "/var/log/hello-daemon.log",
        .run = run,
    };
    static const struct option options[] = {
        {"pidfile", required_argument, NULL, 'p'},
        {"log", required_argument, NULL, 'l'},
        {0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'p':
            daemon.pidfile = optarg;
            break;
        case 'l':
            daemon.stdout_path = daemon.stderr_path = optarg;
            break;
        default:
            return 2;
        }
    }
    /* What is left: a command, in the place where abide_main() looks for it. */
    return abide_main(&daemon, argc - optind + 1, argv + optind - 1);
}
