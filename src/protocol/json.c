/*
 * jansson is told to be strict: a member said twice is an error (two readers could disagree on
 * which one counts), and so is a NUL in a string or anything after the object. It stops at a
 * nesting of 2048 by itself, and a line is never longer than FRAME_LINE_MAX.
 */
#include "protocol/json.h"

#include "base/alloc.h"
#include "protocol/frame.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int json_line_decode(const char *line, size_t length, json_t **ret_object,
                     const char **ret_reason) {
    assert(length < FRAME_LINE_MAX);
    json_error_t error;
    auto_(json_decref) json_t *value = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL) {
        if (json_error_code(&error) == json_error_out_of_memory) {
            return -ENOMEM;
        }
        *ret_reason = json_error_code(&error) == json_error_duplicate_key
                          ? "a member is there twice"
                          : "the line is not one JSON object";
        return JSON_REFUSED;
    }
    if (!json_is_object(value)) {
        *ret_reason = "the line is not one JSON object (there are no batches)";
        return JSON_REFUSED;
    }
    *ret_object = take_ptr(&value);
    return 0;
}

int json_line_encode(const json_t *object, char **ret_line) {
    if (object == NULL) {
        return -ENOMEM;
    }
    size_t length = json_dumpb(object, NULL, 0, JSON_COMPACT);
    if (length == 0) {
        return -ENOMEM;
    }
    if (length >= FRAME_LINE_MAX) {
        return -EMSGSIZE;
    }
    auto_free char *line = alloc_zeroed(length + 2, 1);
    if (line == NULL || json_dumpb(object, line, length, JSON_COMPACT) != length) {
        return -ENOMEM;
    }
    line[length] = '\n';
    *ret_line = take_ptr(&line);
    return 0;
}

/* How much of `text` is left when it is cut at `limit`, but not inside of a character. */
static size_t cut(const char *text, size_t limit) {
    size_t length = strnlen(text, limit + 1);
    if (length <= limit) {
        return length;
    }
    length = limit;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
        length--;
    }
    return length;
}

json_t *json_text(const char *text) {
    if (text == NULL) {
        text = "";
    }
    size_t length = cut(text, JSON_TEXT_MAX);
    json_t *string = json_stringn(text, length);
    if (string != NULL) {
        return string;
    }
    char ascii[JSON_TEXT_MAX];
    for (size_t i = 0; i < length; i++) {
        ascii[i] = text[i];
        if ((unsigned char)text[i] >= 0x80) {
            ascii[i] = '?';
        }
    }
    return json_stringn(ascii, length);
}

void json_text_copy(const json_t *string, char *buffer, size_t size) {
    assert(size > 0);
    const char *text = json_string_value(string);
    size_t length = cut(text, size - 1);
    memcpy(buffer, text, length);
    buffer[length] = '\0';
}

json_t *json_id(const struct message_id *id) {
    switch (id->kind) {
    case MESSAGE_ID_NULL:
        return json_null();
    case MESSAGE_ID_NUMBER:
        return json_integer(id->number);
    case MESSAGE_ID_TEXT:
        return json_text(id->text);
    }
    return NULL;
}

int json_id_decode(const json_t *value, struct message_id *ret_id) {
    struct message_id id = {0};
    if (json_is_integer(value)) {
        id.kind = MESSAGE_ID_NUMBER;
        id.number = json_integer_value(value);
    } else if (json_is_string(value) && json_string_length(value) < MESSAGE_ID_TEXT_SIZE) {
        id.kind = MESSAGE_ID_TEXT;
        json_text_copy(value, id.text, sizeof(id.text));
    } else {
        return -EINVAL;
    }
    *ret_id = id;
    return 0;
}
