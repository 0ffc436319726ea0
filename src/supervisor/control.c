/*
 * One connection is one client with a line splitter, and up to REQUEST_OUTSTANDING_MAX requests
 * that wait for the end of a job. What a method does stands in verbs.c; here is only who is on the
 * line.
 */
#include "supervisor/control.h"

#include "base/alloc.h"
#include "os/fd.h"
#include "os/self.h"
#include "os/unixsock.h"
#include "protocol/frame.h"
#include "protocol/request.h"
#include "protocol/response.h"
#include "supervisor/shell.h"
#include "supervisor/verbs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct waiting {
    struct message_id id;
    enum method method; /* a job's, or METHOD_SHUTDOWN */
    uint32_t unit;
    uint64_t event; /* the job's id; 0: this place is free */
};

struct client {
    struct control *control;
    struct client *next;
    uv_pipe_t pipe;
    struct frame frame;
    struct waiting waiting[REQUEST_OUTSTANDING_MAX];
    bool is_trusted; /* root, or the owner of the shell */
};

struct control {
    struct shell *shell;
    uv_pipe_t listener;
    struct client *clients;
    uint32_t n_clients;
    uint32_t n_handles; /* open ones: its own and the clients' */
};

struct sending {
    uv_write_t write;
    char *line;
};

static void release(struct control *control) {
    assert(control->n_handles > 0);
    control->n_handles--;
    if (control->n_handles == 0) {
        free(control);
    }
}

static void on_client_closed(uv_handle_t *handle) {
    struct client *client = handle->data;
    struct control *control = client->control;
    frame_fini(&client->frame);
    free(client);
    release(control);
}

static void drop(struct client *client) {
    if (uv_is_closing((uv_handle_t *)&client->pipe)) {
        return;
    }
    struct control *control = client->control;
    for (struct client **place = &control->clients; *place != NULL; place = &(*place)->next) {
        if (*place == client) {
            *place = client->next;
            break;
        }
    }
    control->n_clients--;
    uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static void on_sent(uv_write_t *write, int status) {
    struct sending *sending = write->data;
    (void)status; /* A client that is gone is noticed by reading. */
    free(sending->line);
    free(sending);
}

static void send_response(struct client *client, const struct response *response) {
    if (uv_is_closing((uv_handle_t *)&client->pipe)) {
        return;
    }
    struct sending *sending = alloc_zeroed(1, sizeof(*sending));
    const char *version = client->control->shell->options->version;
    if (sending == NULL || response_encode(response, version, &sending->line) < 0) {
        free(sending);
        drop(client); /* An answer that can't be given must not be waited for. */
        return;
    }
    uv_buf_t buffer = uv_buf_init(sending->line, (unsigned)strlen(sending->line));
    sending->write.data = sending;
    if (uv_write(&sending->write, (uv_stream_t *)&client->pipe, &buffer, 1, on_sent) < 0) {
        free(sending->line);
        free(sending);
        drop(client);
        return;
    }
    if (uv_stream_get_write_queue_size((uv_stream_t *)&client->pipe) > CONTROL_UNSENT_MAX) {
        drop(client);
    }
}

static void answer(struct client *client, struct waiting *waiting, struct response *response) {
    response->id = waiting->id;
    waiting->event = 0;
    send_response(client, response);
}

static struct waiting *find_free(struct client *client) {
    for (size_t i = 0; i < REQUEST_OUTSTANDING_MAX; i++) {
        if (client->waiting[i].event == 0) {
            return &client->waiting[i];
        }
    }
    return NULL;
}

/* Asks for it, and keeps the request if its answer comes later. */
static void serve(struct client *client, const struct request *request) {
    struct shell *shell = client->control->shell;
    struct response response = {.id = request->id};
    struct waiting *waiting = find_free(client);
    if (!client->is_trusted && !method_is_public(request->method)) {
        response.kind = RESPONSE_FAULT;
        fault_set(&response.fault, FAULT_NOT_PERMITTED,
                  "only root and the owner of this shell may ask for ",
                  method_name(request->method));
    } else if (waiting == NULL) {
        response.kind = RESPONSE_FAULT;
        fault_set(&response.fault, FAULT_FAILED,
                  "too many requests of this connection wait for an answer");
    } else {
        struct verb_outcome outcome = verb_do(shell, request, &response);
        if (outcome.event != 0) {
            *waiting = (struct waiting){
                .id = request->id,
                .method = request->method,
                .unit = outcome.unit,
                .event = outcome.event,
            };
            return;
        }
    }
    send_response(client, &response);
}

static void on_line(struct client *client, const char *line, size_t length) {
    struct request request;
    struct response response = {.kind = RESPONSE_FAULT};
    int r = request_decode(line, length, &request, &response.fault);
    if (r < 0) {
        drop(client);
    } else if (r > 0) {
        response.id = request.id;
        send_response(client, &response);
    } else {
        serve(client, &request);
    }
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    struct client *client = handle->data;
    void *space;
    size_t size;
    (void)suggested;
    if (frame_space(&client->frame, &space, &size) < 0) {
        *buffer = uv_buf_init(NULL, 0); /* libuv reports ENOBUFS to on_read(). */
        return;
    }
    *buffer = uv_buf_init(space, (unsigned)size);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer) {
    struct client *client = stream->data;
    struct shell *shell = client->control->shell;
    char *line;
    size_t length;
    (void)buffer;
    if (n < 0) {
        drop(client);
        return;
    }
    frame_filled(&client->frame, (size_t)n);
    int r = 0;
    while (!uv_is_closing((uv_handle_t *)&client->pipe) &&
           (r = frame_next(&client->frame, &line, &length)) > 0) {
        on_line(client, line, length);
    }
    if (r < 0) {
        drop(client); /* Too long a line: what follows can't be understood. */
    }
    shell_decide(shell);
}

static bool is_trusted(uv_pipe_t *pipe) {
    int fd;
    struct unixsock_peer peer;
    return uv_fileno((uv_handle_t *)pipe, &fd) == 0 && unixsock_peer(fd, &peer) == 0 &&
           (peer.uid == 0 || peer.uid == self_user());
}

static void on_connection(uv_stream_t *listener, int status) {
    struct control *control = listener->data;
    struct client *client = status == 0 ? alloc_zeroed(1, sizeof(*client)) : NULL;
    if (client == NULL) {
        return; /* libuv has closed what it could not accept. */
    }
    client->control = control;
    client->pipe.data = client;
    (void)uv_pipe_init(&control->shell->loop, &client->pipe, 0); /* Always 0. */
    control->n_handles++;
    control->n_clients++;
    client->next = control->clients;
    control->clients = client;
    if (uv_accept(listener, (uv_stream_t *)&client->pipe) < 0 ||
        control->n_clients > CONTROL_CLIENTS_MAX) {
        drop(client);
        return;
    }
    client->is_trusted = is_trusted(&client->pipe);
    if (uv_read_start((uv_stream_t *)&client->pipe, on_allocate, on_read) < 0) {
        drop(client);
    }
}

int control_open(struct shell *shell, struct control **ret_control) {
    auto_fd int fd = -1;
    const struct unixsock_listen listening = {
        .directory = shell->options->runtime_path,
        .name = "control",
        .type = SOCK_STREAM,
        .backlog = SOMAXCONN,
        .mode = 0666, /* Who may ask for what is decided by SO_PEERCRED. */
    };
    int r = unixsock_listen(&listening, &fd);
    if (r < 0) {
        return r;
    }
    struct control *control = alloc_zeroed(1, sizeof(*control));
    if (control == NULL) {
        return -ENOMEM;
    }
    control->shell = shell;
    control->n_handles = 1;
    control->listener.data = control;
    (void)uv_pipe_init(&shell->loop, &control->listener, 0); /* Always 0. */
    r = uv_pipe_open(&control->listener, fd);
    if (r == 0) {
        (void)take_fd(&fd);
        r = uv_listen((uv_stream_t *)&control->listener, SOMAXCONN, on_connection);
    }
    if (r < 0) {
        control_close(control);
        return r;
    }
    *ret_control = control;
    return 0;
}

static enum job_kind kind_of(enum method method) {
    switch (method) {
    case METHOD_START:
        return JOB_START;
    case METHOD_STOP:
        return JOB_STOP;
    case METHOD_RESTART:
        return JOB_RESTART;
    case METHOD_RELOAD:
        return JOB_RELOAD;
    case METHOD_VERSION:
    case METHOD_LIST:
    case METHOD_KILL:
    case METHOD_RESET_FAILED:
    case METHOD_LOAD:
    case METHOD_FORGET:
    case METHOD_SHUTDOWN:
        break;
    }
    return JOB_NONE;
}

void control_finish_job(struct control *self, struct unit *unit, const struct job *job,
                        enum job_result result) {
    struct client *next = NULL;
    for (struct client *client = self != NULL ? self->clients : NULL; client != NULL;
         client = next) {
        next = client->next;
        for (size_t i = 0; i < REQUEST_OUTSTANDING_MAX; i++) {
            struct waiting *waiting = &client->waiting[i];
            /* A request that joined a job waits for one of its kind. */
            if (waiting->event != 0 && waiting->unit == unit->index &&
                waiting->method != METHOD_SHUTDOWN &&
                (waiting->event == job->id || kind_of(waiting->method) == job->kind)) {
                struct response response;
                verb_report_job(unit, job, result, &response);
                answer(client, waiting, &response);
            }
        }
    }
}

void control_finish_shutdown(struct control *self) {
    struct client *next = NULL;
    for (struct client *client = self->clients; client != NULL; client = next) {
        next = client->next;
        for (size_t i = 0; i < REQUEST_OUTSTANDING_MAX; i++) {
            struct waiting *waiting = &client->waiting[i];
            if (waiting->event != 0 && waiting->method == METHOD_SHUTDOWN) {
                answer(client, waiting, &(struct response){.kind = RESPONSE_DONE});
            }
        }
    }
}

static void on_listener_closed(uv_handle_t *handle) {
    release(handle->data);
}

void control_close(struct control *self) {
    if (self == NULL) {
        return;
    }
    while (self->clients != NULL) {
        drop(self->clients);
    }
    uv_close((uv_handle_t *)&self->listener, on_listener_closed);
}
