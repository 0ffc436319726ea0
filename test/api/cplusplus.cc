// cplusplus PIDFILE: the header and the library from C++.
#include <abide.h>

#include <cstdio>
#include <ctime>
#include <string>

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    std::string text = "object of the caller";
    abide_daemon daemon = {};
    daemon.pidfile = argv[1];
    daemon.umask = ABIDE_UMASK_NONE;
    daemon.stop_timeout_usec = ABIDE_NO_TIMEOUT;
    daemon.data = &text;
    daemon.ready_when = ABIDE_READY_BY_CALL;
    daemon.run = [](abide_daemon *self) {
        if (static_cast<std::string *>(self->data)->find("caller") == std::string::npos) {
            return 1;
        }
        abide_ready(self);
        while (!abide_stopping()) {
            struct timespec nap = {0, 1000000};
            nanosleep(&nap, nullptr);
        }
        return 0;
    };
    if (abide_start(&daemon) != 0 || abide_status(&daemon, nullptr) != 0 ||
        abide_stop(&daemon) != 0) {
        std::fprintf(stderr, "%s\n", daemon.error);
        return 1;
    }
    std::printf("done\n");
    return 0;
}
