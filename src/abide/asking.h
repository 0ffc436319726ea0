/*
 * Asking the supervisor, for commands: every failure is said, with what to do about it, and comes
 * back as an exit status.
 */
#ifndef ABIDE_ASKING_H
#define ABIDE_ASKING_H

#include "abide/call.h"
#include "client/connection.h"

/* For requests that are answered at once. */
#define ASKING_USEC (30 * USEC_PER_SEC)

/* Connects to the supervisor of call->home. 0, or an exit status. */
int asking_open(const struct call *call, struct connection *ret_connection);

/* The same; 1 when none runs, which is not said. */
#define ASKING_NOBODY (-1)
int asking_try(const struct call *call, struct connection *ret_connection);

/* Sends and waits, at most ASKING_USEC or, for a shutdown, without limit. 0 and a response that is
 * no fault, or an exit status. */
int asking_call(const struct call *call, struct connection *connection,
                const struct request *request, struct response *ret_response);

/* Says a fault, and returns its exit status. `name` is the service's, for a suggestion; or NULL. */
int asking_fault(const struct call *call, const struct fault *fault, const char *name);

/* Says why a connection failed (`error` of connection_send() or connection_receive()). */
int asking_broken(const struct call *call, int error);

#endif
