/*
 * Why a request was not done, as it travels in a response: a number for programs and a sentence for
 * people, which says what happened, why, and what to do about it.
 */
#ifndef PROTOCOL_FAULT_H
#define PROTOCOL_FAULT_H

/* The longest message, with its NUL; a longer one is cut. */
#define FAULT_MESSAGE_SIZE 1024
/* The longest name of a member of params that is told back, with its NUL. */
#define FAULT_MEMBER_SIZE 32

/* The positive ones are exit statuses of the command line. */
enum fault_code {
    FAULT_FAILED = 1,
    FAULT_USAGE = 2,
    FAULT_NO_SUCH_SERVICE = 4,
    FAULT_NOT_PERMITTED = 6,
    FAULT_TIMED_OUT = 7,
    /* JSON-RPC 2.0's own. */
    FAULT_NOT_JSON = -32700,
    FAULT_INVALID_REQUEST = -32600,
    FAULT_UNKNOWN_METHOD = -32601,
    FAULT_INVALID_PARAMS = -32602,
    FAULT_INTERNAL = -32603,
};

struct fault {
    int code; /* enum fault_code; from a newer supervisor any other number too */
    char message[FAULT_MESSAGE_SIZE];
    char member[FAULT_MEMBER_SIZE]; /* the wrong member of FAULT_INVALID_PARAMS, else "" */
};

/*
 * Sets code and message; the message is the given strings in a row:
 * fault_set(&fault, FAULT_NO_SUCH_SERVICE, "there is no service ", name).
 */
#define fault_set(self, code, ...)                                                                 \
    fault_set_parts((self), (code), (const char *const[]){__VA_ARGS__, (const char *)0})

/* What fault_set() calls; `parts` ends with NULL. */
void fault_set_parts(struct fault *self, enum fault_code code, const char *const *parts);

#endif
