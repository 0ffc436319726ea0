/*
 * The head of an HTTP/1.1 request: bytes in, a verdict out. No input, no output, no allocation.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct http_request {
    int status; /* what it deserves: 200, 400, 404, 405 or 505 */
    bool is_head; /* the answer has no body */
    bool is_last; /* no request may follow on this connection */
    unsigned n_hosts; /* Host fields */
    const char *line; /* the request line, in the head */
};

/* Returns the size of the head that `in` begins with, its empty line included (2: that line alone);
 * 0 when more is to come, -1 when it is none. */
int http_head_size(const char *in, size_t size);

/* Parses a complete head, and cuts it into strings. `request` is all zero before. */
void http_parse(struct http_request *request, char *head);

/* The words that follow a status in the status line. */
const char *http_reason(int status);

#endif
