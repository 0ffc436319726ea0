/*
 * What ties a response to its request: chosen by the client, given back as it came. JSON-RPC 2.0
 * allows numbers and strings; fractions are refused here, and long strings.
 */
#ifndef PROTOCOL_MESSAGE_ID_H
#define PROTOCOL_MESSAGE_ID_H

#include <stdint.h>

/* The longest string, with its NUL. */
#define MESSAGE_ID_TEXT_SIZE 65

enum message_id_kind {
    MESSAGE_ID_NULL, /* of a response to what was not even a request */
    MESSAGE_ID_NUMBER,
    MESSAGE_ID_TEXT,
};

/* All-zero is null. */
struct message_id {
    enum message_id_kind kind;
    int64_t number;
    char text[MESSAGE_ID_TEXT_SIZE];
};

#endif
