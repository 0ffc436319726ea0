/*
 * What requests and responses share in their dealings with jansson(3). Only for this folder: the
 * rest of the program sees plain structs.
 */
#ifndef PROTOCOL_JSON_H
#define PROTOCOL_JSON_H

#include "base/cleanup.h"
#include "protocol/message_id.h"

#include <jansson.h>
#include <stddef.h>

DEFINE_CLEANUP(json_decref, json_t *)

/* The longest string that is sent; what is longer is cut. Two of them, escaped, fit in a line. */
#define JSON_TEXT_MAX 4096

/*
 * The object that `line` is. JSON_REFUSED: it is no JSON, or no object, or it says a member twice;
 * -ENOMEM. `ret_reason` gets a constant sentence for JSON_REFUSED.
 */
#define JSON_REFUSED 1
int json_line_decode(const char *line, size_t length, json_t **ret_object, const char **ret_reason);

/*
 * `object` as a line of the protocol, with its '\n' and a NUL; the caller frees it. -ENOMEM, also
 * when `object` is NULL (so constructors need not be checked one by one), -EMSGSIZE when it would
 * be too long.
 */
int json_line_encode(const json_t *object, char **ret_line);

/*
 * A new string of `text`, which may be NULL for "". What is no UTF-8 (a path, say) becomes '?' byte
 * by byte: JSON can't carry it. NULL: no memory.
 */
json_t *json_text(const char *text);

/* Copies the string into `buffer` of `size`, cut between characters. */
void json_text_copy(const json_t *string, char *buffer, size_t size);

/* NULL: no memory. */
json_t *json_id(const struct message_id *id);

/* 0, or -EINVAL when it is none (`value` may be NULL). */
int json_id_decode(const json_t *value, struct message_id *ret_id);

#endif
