/*
 * A request: one method and what it needs, as plain data.
 *
 *     {"jsonrpc":"2.0","id":1,"method":"start","params":{"unit":"web.service"}}
 *
 * The client encodes, the supervisor decodes. Decoding takes any bytes. Members that it does not
 * know are ignored, so that a newer client is understood; what a method needs and does not get, or
 * gets in a wrong type, is refused by name.
 */
#ifndef PROTOCOL_REQUEST_H
#define PROTOCOL_REQUEST_H

#include "protocol/fault.h"
#include "protocol/message_id.h"
#include "protocol/method.h"
#include "protocol/unit_name.h"

#include <stddef.h>
#include <stdint.h>

/* So many requests of one connection may be unanswered at a time. */
#define REQUEST_OUTSTANDING_MAX 8

/* Of kill. */
enum request_whom {
    REQUEST_WHOM_ALL, /* "all": every process of the service */
    REQUEST_WHOM_MAIN, /* "main": its main process */
};
#define REQUEST_WHOM_COUNT 2

/* Its word on the wire; NULL for a number that is none. */
const char *request_whom_name(enum request_whom whom);

struct request {
    struct message_id id;
    enum method method;
    /* Of kill. */
    uint32_t signal; /* 1 to SIGNO_MAX */
    enum request_whom whom;
    /* A valid name, for the methods that need one; for reset-failed "" is every service. */
    char unit[UNIT_NAME_SIZE];
    /* Of list: only names after this one, in the order of strcmp(3); "": from the first. */
    char after[UNIT_NAME_SIZE];
};

/*
 * `line` is a line without its '\n', shorter than FRAME_LINE_MAX. 0; REQUEST_REFUSED with the
 * reason, and in ret_request->id the id as far as it could be read; -ENOMEM.
 */
#define REQUEST_REFUSED 1
int request_decode(const char *line, size_t length, struct request *ret_request,
                   struct fault *ret_fault);

/* The line with its '\n' and a NUL; the caller frees it. Returns 0 or -ENOMEM. */
int request_encode(const struct request *self, char **ret_line);

#endif
