/*
 * A response: the answer to one request, in the order in which answers are known, not that of the
 * requests.
 *
 *     {"jsonrpc":"2.0","id":1,"result":{"job":7,"result":"done","active_state":"active",…}}
 *     {"jsonrpc":"2.0","id":2,"error":{"code":4,"message":"there is no service web.service"}}
 *
 * The supervisor fills a struct response with what it has and encodes it; nothing of it needs
 * response_fini(). The client decodes, and what it gets holds until response_fini().
 */
#ifndef PROTOCOL_RESPONSE_H
#define PROTOCOL_RESPONSE_H

#include "base/cleanup.h"
#include "protocol/fault.h"
#include "protocol/message_id.h"
#include "protocol/method.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum response_kind {
    RESPONSE_DONE, /* an empty object: kill, reset-failed, forget, shutdown */
    RESPONSE_FAULT,
    RESPONSE_VERSION,
    RESPONSE_LIST,
    RESPONSE_JOB,
    RESPONSE_LOAD,
};

/* How a job ended. */
enum job_outcome {
    JOB_OUTCOME_DONE, /* "done" */
    JOB_OUTCOME_FAILED, /* "failed" */
    JOB_OUTCOME_CANCELED, /* "canceled": another job took its place */
    JOB_OUTCOME_TIMEOUT, /* "timeout" */
};
#define JOB_OUTCOME_COUNT 4

/* Strings are never NULL after decoding. A long one is cut when it is encoded. */
struct job_report {
    uint64_t job;
    enum job_outcome outcome;
    const char *active_state; /* of the service, when the job ended: "active" */
    const char *sub_state; /* "running" */
    const char *unit_result; /* Result=: "success" */
    int64_t main_pid; /* 0: no process */
    const char *reason; /* in words; may be "" */
    const char *detail; /* "interpreter `/x` of `./app` does not exist"; may be "" */
    bool kept; /* the service is still known */
};

struct version_report {
    const char *version; /* of the supervisor, "0.1.0" */
    int64_t protocol;
    int64_t supervisor_pid;
    int64_t logger_pid; /* 0: it does not run */
};

/*
 * Names in the order of strcmp(3). A line has its limit: encoding writes as many as fit and says
 * `more`; the client then asks again for those after the last one.
 */
struct list_report {
    char **units; /* ends with NULL; may be NULL when empty */
    bool more;
};

struct load_report {
    bool changed;
};

/* For the library's own document. */
struct json_t;

struct response {
    struct message_id id;
    enum response_kind kind;
    union {
        struct fault fault;
        struct version_report version;
        struct list_report list;
        struct job_report job;
        struct load_report load;
    };
    struct json_t *document; /* what decoded strings point into; NULL when encoding */
};

/*
 * The line with its '\n' and a NUL; the caller frees it. `version` is the supervisor's own, told
 * with FAULT_UNKNOWN_METHOD. Returns 0 or -ENOMEM.
 */
int response_encode(const struct response *self, const char *version, char **ret_line);

/*
 * `line` is a line without its '\n', shorter than FRAME_LINE_MAX, and the answer to a request for
 * `method`. -EBADMSG when it is none; -ENOMEM.
 */
int response_decode(const char *line, size_t length, enum method method,
                    struct response *ret_response);

void response_fini(struct response *self);

static inline void cleanup_response_fini(struct response *self) {
    response_fini(self);
}

#endif
