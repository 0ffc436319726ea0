/*
 * hello-http [--pidfile PATH] [--log PATH] [--address ADDRESS] [--port PORT]
 *            start|stop|restart|reload|status|run
 *
 * A small HTTP/1.1 server that is a daemon. What to look at:
 *
 *  - The listening socket is opened before the start, so that an address in use is an error of the
 *    command, and is one of keep_fds: the guardian holds it too. When the worker is killed, clients
 *    that connect wait in the socket's queue for the next worker, and none is refused.
 *  - epoll is set up in run(): an epoll instance that was made before the fork would be shared.
 *  - run() says abide_ready() when it can answer; the start returns then, and not before.
 *  - Under systemd, or whoever else passes a socket (LISTEN_FDS), `run` serves that one.
 *
 * Nothing is allocated for a connection or a request: all buffers have a fixed size, and what does
 * not fit is refused.
 */
#include "http.h"

#include <abide.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 100
#define EVENTS_MAX 16
#define HEAD_SIZE_MAX 8192
#define RESPONSE_SIZE_MAX 512

/* For a whole request, and for a client that was told to go. */
#define REQUEST_MSEC 15000
#define DRAIN_MSEC 2000

/* What an event is about: a connection's index, or one of these. */
#define LISTENER CONNECTIONS_MAX
#define STOP (CONNECTIONS_MAX + 1)

enum connection_state {
    CONNECTION_FREE = 0,
    CONNECTION_READING,
    CONNECTION_WRITING,
    /* The last response is out. A close(2) with bytes unread would reset the connection and might
     * take the response away from the client, so what it still sends is read and dropped. */
    CONNECTION_DRAINING,
};

struct connection {
    enum connection_state state;
    int fd;
    bool is_last; /* no request after this one */
    long long deadline_msec;
    size_t in_size;
    size_t out_size;
    size_t out_sent;
    char in[HEAD_SIZE_MAX];
    char out[RESPONSE_SIZE_MAX];
    char peer[NI_MAXHOST];
};

struct server {
    int listen_fd;
    int epoll_fd;
    unsigned n_connections;
    unsigned long n_requests;
    struct connection connections[CONNECTIONS_MAX];
};

static long long now_msec(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Composes the response, and writes the log: Common Log Format, in UTC. */
static void respond(struct server *server, struct connection *self,
                    const struct http_request *request) {
    char body[128];
    char date[64];
    char log_date[64];
    time_t now = time(NULL);
    struct tm utc;
    (void)gmtime_r(&now, &utc);
    (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    (void)strftime(log_date, sizeof(log_date), "%d/%b/%Y:%H:%M:%S +0000", &utc);
    server->n_requests++;
    int body_size = request->status == 200
                        ? snprintf(body, sizeof(body), "Hello from pid %d, request %lu\n",
                                   (int)getpid(), server->n_requests)
                        : snprintf(body, sizeof(body), "%d %s\n", request->status,
                                   http_reason(request->status));
    int size =
        snprintf(self->out, sizeof(self->out),
                 "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: text/plain\r\n"
                 "Content-Length: %d\r\n%s%s\r\n%s",
                 request->status, http_reason(request->status), date, body_size,
                 request->status == 405 ? "Allow: GET, HEAD\r\n" : "",
                 request->is_last ? "Connection: close\r\n" : "", request->is_head ? "" : body);
    self->out_size = (size_t)size; /* It fits: all its parts are short. */
    self->out_sent = 0;
    self->is_last = request->is_last;
    (void)printf("%s - - [%s] \"%s\" %d %d\n", self->peer, log_date,
                 request->status != 400 && request->line != NULL ? request->line : "-",
                 request->status, request->is_head ? 0 : body_size);
}

static void watch(struct server *server, int fd, unsigned what, uint32_t events) {
    struct epoll_event event = {.events = events, .data.u32 = what};
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0) {
        (void)epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

static void enter(struct server *server, struct connection *self, enum connection_state state) {
    if (state == self->state) {
        return;
    }
    unsigned index = (unsigned)(self - server->connections);
    self->state = state;
    if (state == CONNECTION_FREE) {
        (void)close(self->fd);
        server->n_connections--;
        watch(server, server->listen_fd, LISTENER, EPOLLIN); /* There is room again. */
        return;
    }
    if (state == CONNECTION_DRAINING) {
        (void)shutdown(self->fd, SHUT_WR);
        self->deadline_msec = now_msec() + DRAIN_MSEC;
    }
    watch(server, self->fd, index, state == CONNECTION_WRITING ? EPOLLOUT : EPOLLIN);
}

/* Sends what there is. Returns false while some of it waits for the client. */
static bool flush(struct server *server, struct connection *self) {
    ssize_t n = send(self->fd, self->out + self->out_sent, self->out_size - self->out_sent,
                     MSG_NOSIGNAL); /* A client that is gone is no reason for SIGPIPE. */
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        enter(server, self, CONNECTION_FREE);
        return false;
    }
    self->out_sent += n > 0 ? (size_t)n : 0;
    if (self->out_sent < self->out_size) {
        enter(server, self, CONNECTION_WRITING);
        return false;
    }
    self->deadline_msec = now_msec() + REQUEST_MSEC;
    enter(server, self, self->is_last ? CONNECTION_DRAINING : CONNECTION_READING);
    return !self->is_last;
}

/* Answers the requests that have been received, one after the other, as long as the client takes
 * the answers. */
static void answer(struct server *server, struct connection *self) {
    int size;
    while ((size = http_head_size(self->in, self->in_size)) != 0 ||
           self->in_size == HEAD_SIZE_MAX) {
        struct http_request request = {.status = size < 0 ? 400 : 431, .is_last = true};
        if (size == 2) {
            request.line = ""; /* An empty line before a request: RFC 9112, 2.2. */
        } else if (size > 0) {
            request.is_last = false;
            http_parse(&request, self->in);
        }
        if (size != 2) {
            respond(server, self, &request);
        }
        size_t used = size > 0 ? (size_t)size : self->in_size;
        memmove(self->in, self->in + used, self->in_size - used);
        self->in_size -= used;
        if (size != 2 && !flush(server, self)) {
            return;
        }
    }
}

static void on_connection(struct server *server, struct connection *self) {
    static char dropped[4096];
    ssize_t n = -1;
    switch (self->state) {
    case CONNECTION_FREE: /* Closed by an event before this one. */
        return;
    case CONNECTION_WRITING:
        if (flush(server, self)) {
            answer(server, self);
        }
        return;
    case CONNECTION_READING:
        n = recv(self->fd, self->in + self->in_size, sizeof(self->in) - self->in_size, 0);
        break;
    case CONNECTION_DRAINING:
        n = recv(self->fd, dropped, sizeof(dropped), 0);
        break;
    }
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        enter(server, self, CONNECTION_FREE);
    } else if (n > 0 && self->state == CONNECTION_READING) {
        self->in_size += (size_t)n;
        answer(server, self);
    }
}

/* Returns 0, or -1 when the process is out of something: a restart, with its delays, is the cure.
 */
static int on_listener(struct server *server) {
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *self = &server->connections[i];
        if (self->state != CONNECTION_FREE) {
            continue;
        }
        struct sockaddr_storage address;
        socklen_t size = sizeof(address);
        self->fd = accept4(server->listen_fd, (struct sockaddr *)&address, &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (self->fd < 0) {
            return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM ? -1
                                                                                             : 0;
        }
        if (getnameinfo((struct sockaddr *)&address, size, self->peer, sizeof(self->peer), NULL, 0,
                        NI_NUMERICHOST) != 0) {
            (void)snprintf(self->peer, sizeof(self->peer), "-");
        }
        self->in_size = 0;
        self->deadline_msec = now_msec() + REQUEST_MSEC;
        server->n_connections++;
        enter(server, self, CONNECTION_READING);
    }
    watch(server, server->listen_fd, LISTENER, 0); /* Full: the others wait in the queue. */
    return 0;
}

/* Closes what is overdue. Returns how long to wait until the next will be, -1 for ever. */
static int expire(struct server *server) {
    long long now = now_msec();
    long long next = -1;
    for (unsigned i = 0; server->n_connections > 0 && i < CONNECTIONS_MAX; i++) {
        struct connection *self = &server->connections[i];
        if (self->state != CONNECTION_FREE && self->deadline_msec <= now) {
            enter(server, self, CONNECTION_FREE);
        } else if (self->state != CONNECTION_FREE && (next < 0 || self->deadline_msec < next)) {
            next = self->deadline_msec;
        }
    }
    return next < 0 ? -1 : (int)(next - now);
}

static int run(struct abide_daemon *daemon) {
    static struct server server; /* Too large for the stack. */
    server.listen_fd = *(int *)daemon->data;
    server.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (server.epoll_fd < 0) {
        perror("epoll_create1");
        return 1;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* A line of the log must survive a SIGKILL. */
    watch(&server, server.listen_fd, LISTENER, EPOLLIN);
    watch(&server, abide_stop_fd(), STOP, EPOLLIN);
    (void)abide_ready(daemon); /* Fails when nobody waits any more: no reason not to serve. */
    while (!abide_stopping()) {
        struct epoll_event events[EVENTS_MAX];
        int n = epoll_wait(server.epoll_fd, events, EVENTS_MAX, expire(&server));
        if (n < 0 && errno != EINTR) {
            perror("epoll_wait");
            return 1;
        }
        for (int i = 0; i < n; i++) {
            unsigned what = events[i].data.u32;
            if (what < CONNECTIONS_MAX) {
                on_connection(&server, &server.connections[what]);
            } else if (what == LISTENER && on_listener(&server) < 0) {
                perror("accept4");
                return 1;
            }
        }
    }
    return 0;
}

/* Returns a listening socket, or -1 after a message. */
static int open_listener(const char *name, const char *address, const char *port) {
    struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *info;
    int error = getaddrinfo(address, port, &hints, &info);
    if (error != 0) {
        (void)fprintf(stderr, "%s: address %s port %s: %s\n", name, address, port,
                      gai_strerror(error));
        return -1;
    }
    int one = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(fd, info->ai_addr, info->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0) {
        (void)fprintf(stderr, "%s: address %s port %s: %s\n", name, address, port, strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
        fd = -1;
    }
    freeaddrinfo(info);
    return fd;
}

/* The socket that was passed to us, or a new one. */
static int find_listener(const char *name, const char *address, const char *port) {
    int n = abide_listen_fds();
    if (n == 0) {
        return open_listener(name, address, port);
    }
    int flags = n == 1 ? fcntl(ABIDE_LISTEN_FDS_START, F_GETFL) : -1;
    if (flags < 0 || fcntl(ABIDE_LISTEN_FDS_START, F_SETFL, flags | O_NONBLOCK) < 0) {
        (void)fprintf(stderr, "%s: LISTEN_FDS: one listening socket is expected\n", name);
        return -1;
    }
    return ABIDE_LISTEN_FDS_START;
}

/* Opens the socket before a command that needs one. Returns false after a message. */
static bool prepare(struct abide_daemon *daemon, const char *command, const char *address,
                    const char *port) {
    int *listen_fd = daemon->data;
    bool restarts = strcmp(command, "restart") == 0;
    if (!restarts && strcmp(command, "start") != 0 && strcmp(command, "run") != 0) {
        return true;
    }
    if (restarts && abide_stop(daemon) < 0) { /* The old one has the address: first, it stops. */
        (void)fprintf(stderr, "%s: %s\n", daemon->name, daemon->error);
        return false;
    }
    if (abide_status(daemon, NULL) == 0) {
        return true; /* abide_main() will refuse the start, and say the pid. */
    }
    *listen_fd = find_listener(daemon->name, address, port);
    daemon->keep_fds = listen_fd;
    daemon->n_keep_fds = 1;
    return *listen_fd >= 0;
}

int main(int argc, char **argv) {
    static int listen_fd = -1;
    const char *address = "127.0.0.1";
    const char *port = "8080";
    struct abide_daemon daemon = {
        .name = "hello-http",
        .pidfile = "/run/hello-http.pid",
        .stdout_path = "/var/log/hello-http.log",
        .stderr_path = "/var/log/hello-http.log",
        .run = run,
        .data = &listen_fd,
        .restart = ABIDE_RESTART_ON_FAILURE,
        .ready_when = ABIDE_READY_BY_CALL,
    };
    static const struct option options[] = {
        {"address", required_argument, NULL, 'a'},
        {"log", required_argument, NULL, 'l'},
        {"pidfile", required_argument, NULL, 'p'},
        {"port", required_argument, NULL, 'P'},
        {0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'a':
            address = optarg;
            break;
        case 'l':
            daemon.stdout_path = daemon.stderr_path = optarg;
            break;
        case 'p':
            daemon.pidfile = optarg;
            break;
        case 'P':
            port = optarg;
            break;
        default:
            return 2;
        }
    }
    if (optind == argc - 1 && !prepare(&daemon, argv[optind], address, port)) {
        return 1;
    }
    return abide_main(&daemon, argc - optind + 1, argv + optind - 1);
}
