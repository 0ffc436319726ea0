/* foreground PIDFILE: no fork at all; run() looks at what only a daemon has. */
#include <abide.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int run(struct abide_daemon *daemon) {
    struct pollfd stop = {0};
    const char *word = daemon->data;
    stop.fd = abide_stop_fd();
    stop.events = POLLIN;
    if (strcmp(word, "mine") != 0 || stop.fd < 0 || abide_stopping() != 0 ||
        poll(&stop, 1, 0) != 0 || abide_listen_fds() != 0) {
        return 1;
    }
    if (abide_notify(daemon, "STATUS=nobody listens") != 0 || abide_notify(daemon, "") != -EINVAL) {
        return 2;
    }
    (void)raise(SIGTERM);
    return abide_stopping() == 1 && poll(&stop, 1, 0) == 1 ? 42 : 3;
}

int main(int argc, char **argv) {
    struct abide_daemon daemon = {0};
    static char word[] = "mine";
    char command[] = "run";
    char *arguments[3];
    if (argc != 2) {
        return 2;
    }
    arguments[0] = argv[0];
    arguments[1] = command;
    arguments[2] = NULL;
    daemon.pidfile = argv[1];
    daemon.run = run;
    daemon.data = word;
    if (abide_stop_fd() != -EBADF || abide_stopping() != 0) {
        return 1;
    }
    for (int i = 0; i < 2; i++) { /* Twice: the first leaves nothing behind. */
        int r = i == 0 ? abide_run(&daemon) : abide_main(&daemon, 2, arguments);
        if (r != 42) {
            (void)fprintf(stderr, "%d: %s\n", r, daemon.error);
            return 1;
        }
        if (abide_stop_fd() != -EBADF || abide_stopping() != 0) {
            return 1;
        }
    }
    if (abide_main(NULL, 1, arguments) != 1 || abide_run(NULL) != -EINVAL) {
        return 1;
    }
    (void)printf("done\n");
    return 0;
}
