/*
 * The client's whole memory of a conversation is which ids it waits for, and what they asked: an
 * answer can only be read by who knows the question.
 */
#include "client/connection.h"

#include "base/alloc.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/stream.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* A supervisor reads its sockets before everything else; one that does not for so long hangs. */
#define CONNECTION_SEND_USEC (10 * USEC_PER_SEC)

int connection_open(const char *path, usec_t timeout_usec, struct connection *ret_connection) {
    auto_fd int fd = -1;
    int r = stream_connect(path, timeout_usec, &fd);
    if (r < 0) {
        return r;
    }
    *ret_connection = (struct connection){.fd = take_fd(&fd)};
    return 0;
}

void connection_close(struct connection *self) {
    self->fd = fd_close(self->fd);
    frame_fini(&self->frame);
}

/* The entry of that id; 0 finds a free one. */
static struct connection_pending *find(struct connection *self, int64_t id) {
    for (size_t i = 0; i < REQUEST_OUTSTANDING_MAX; i++) {
        if (self->pending[i].id == id) {
            return &self->pending[i];
        }
    }
    return NULL;
}

int connection_send(struct connection *self, const struct request *request, int64_t *ret_id) {
    struct connection_pending *pending = find(self, 0);
    if (pending == NULL) {
        return -EBUSY;
    }
    struct request numbered = *request;
    numbered.id = (struct message_id){.kind = MESSAGE_ID_NUMBER, .number = self->last_id + 1};
    auto_free char *line = NULL;
    int r = request_encode(&numbered, &line);
    if (r < 0) {
        return r;
    }
    r = stream_write(self->fd, line, strlen(line),
                     usec_add(clock_monotonic(), CONNECTION_SEND_USEC));
    if (r < 0) {
        return r;
    }
    self->last_id++;
    *pending = (struct connection_pending){.id = self->last_id, .method = request->method};
    *ret_id = self->last_id;
    return 0;
}

/* One line from the supervisor; 1: it is no answer to anything that we wait for. */
static int take_line(struct connection *self, const char *line, size_t length,
                     struct response *ret_response) {
    /* The id first, by a method whose result is never wrong: any object will do. */
    auto_(response_fini) struct response probe = {0};
    int r = response_decode(line, length, METHOD_SHUTDOWN, &probe);
    if (r < 0) {
        return r;
    }
    if (probe.id.kind != MESSAGE_ID_NUMBER || probe.id.number <= 0) {
        return -EBADMSG;
    }
    struct connection_pending *pending = find(self, probe.id.number);
    if (pending == NULL) {
        return 1;
    }
    r = response_decode(line, length, pending->method, ret_response);
    if (r == 0) {
        *pending = (struct connection_pending){0};
    }
    return r;
}

int connection_receive(struct connection *self, usec_t timeout_usec,
                       struct response *ret_response) {
    usec_t deadline = usec_add(clock_monotonic(), timeout_usec);
    for (;;) {
        char *line;
        size_t length;
        int r = frame_next(&self->frame, &line, &length);
        if (r > 0) {
            r = take_line(self, line, length, ret_response);
            if (r <= 0) {
                return r;
            }
            continue;
        }
        if (r < 0) {
            return -EBADMSG;
        }
        void *space;
        size_t size;
        r = frame_space(&self->frame, &space, &size);
        r = r < 0 ? r : stream_read(self->fd, space, size, deadline, &size);
        if (r < 0) {
            return r;
        }
        if (size == 0) {
            return -ECONNRESET;
        }
        frame_filled(&self->frame, size);
    }
}

int connection_call(struct connection *self, const struct request *request, usec_t timeout_usec,
                    struct response *ret_response) {
    int64_t id = 0;
    int r = connection_send(self, request, &id);
    if (r < 0) {
        return r;
    }
    r = connection_receive(self, timeout_usec, ret_response);
    assert(r != 0 || ret_response->id.number == id);
    return r;
}
