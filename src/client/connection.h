/*
 * A client's connection to the supervisor: requests out, answers in, each with a time limit.
 *
 *     auto_(connection_close) struct connection connection = CONNECTION_CLOSED;
 *     r = connection_open(home.control, 5 * USEC_PER_SEC, &connection);
 *     struct request request = {.method = METHOD_STOP, .unit = "web.service"};
 *     auto_(response_fini) struct response response = {0};
 *     r = connection_call(&connection, &request, USEC_INFINITY, &response);
 *
 * Several requests may be on their way: connection_send() some, then connection_receive() as many
 * answers, which come in any order and are told apart by their ids. A connection on which anything
 * failed, other than the wait for an answer, is of no more use.
 */
#ifndef CLIENT_CONNECTION_H
#define CLIENT_CONNECTION_H

#include "base/usec.h"
#include "protocol/frame.h"
#include "protocol/request.h"
#include "protocol/response.h"

#include <stdint.h>

struct connection_pending {
    int64_t id; /* 0: free */
    enum method method;
};

struct connection {
    int fd;
    int64_t last_id;
    struct frame frame;
    struct connection_pending pending[REQUEST_OUTSTANDING_MAX];
};

#define CONNECTION_CLOSED                                                                          \
    { .fd = -1 }

/*
 * -ENOENT and -ECONNREFUSED: no supervisor runs there; -EACCES: the folder is closed to this user;
 * -ETIMEDOUT: it takes no connections, so it hangs or is overloaded; else as unixsock_connect().
 */
int connection_open(const char *path, usec_t timeout_usec, struct connection *ret_connection);
void connection_close(struct connection *self);

static inline void cleanup_connection_close(struct connection *self) {
    connection_close(self);
}

/*
 * Sends a request under an id of its own, which *ret_id tells; request->id is not looked at.
 * -EBUSY: REQUEST_OUTSTANDING_MAX are unanswered; -EPIPE: the supervisor is gone.
 */
int connection_send(struct connection *self, const struct request *request, int64_t *ret_id);

/*
 * Waits for the next answer to any of the requests. -ETIMEDOUT: none yet, one may ask again;
 * -ECONNRESET: the supervisor is gone; -EBADMSG: what listens there does not speak the protocol.
 */
int connection_receive(struct connection *self, usec_t timeout_usec, struct response *ret_response);

/* Both: sends one request and waits for its answer; no other may be outstanding. */
int connection_call(struct connection *self, const struct request *request, usec_t timeout_usec,
                    struct response *ret_response);

#endif
