/*
 * One pass, line by line: memchr() finds the end, memcpy() moves the line behind its stamp.
 */
#include "logger/compose.h"

#include <assert.h>
#include <string.h>

#define OVERSHOOT_MAX UINT64_C(65536)

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

uint64_t compose_overshoot(uint64_t file_size_max) {
    return file_size_max < OVERSHOOT_MAX ? file_size_max : OVERSHOOT_MAX;
}

/* Whether the line of `length` bytes (or the part of it that is known) belongs to a new file. */
static int line_needs_new_file(const struct compose_input *input,
                               const struct compose_cursor *cursor, size_t length) {
    return cursor->offset > 0 &&
           cursor->offset + input->stamp_length + length > input->file_size_max;
}

enum compose_result compose_next(const struct compose_input *input, struct compose_cursor *cursor,
                                 char *out, size_t out_size, size_t *ret_length) {
    const uint64_t cut = input->file_size_max + compose_overshoot(input->file_size_max);
    const uint64_t begin = cursor->offset;
    enum compose_result result = COMPOSE_DONE;

    assert(out_size >= STAMP_SIZE);
    assert(cursor->consumed <= input->size);
    while (cursor->consumed < input->size) {
        const char *text = input->data + cursor->consumed;
        size_t rest = input->size - cursor->consumed;
        size_t room = out_size - (size_t)(cursor->offset - begin);
        char *to = out + (cursor->offset - begin);
        const char *newline;
        size_t length;

        if (room < STAMP_SIZE) {
            result = COMPOSE_FULL;
            break;
        }
        if (cursor->line == COMPOSE_LINE_BREAK) {
            *to = '\n';
            cursor->offset++;
            cursor->line = COMPOSE_LINE_START;
            continue;
        }
        newline = memchr(text, '\n', rest);
        length = newline != NULL ? (size_t)(newline - text) + 1 : rest;
        if (cursor->line == COMPOSE_LINE_START) {
            if (line_needs_new_file(input, cursor, length)) {
                result = COMPOSE_ROTATE;
                break;
            }
            memcpy(to, input->stamp, input->stamp_length);
            to += input->stamp_length;
            room -= input->stamp_length;
            cursor->offset += input->stamp_length;
            cursor->line = COMPOSE_LINE_MID;
        }
        if (cursor->offset >= cut) {
            result = COMPOSE_ROTATE;
            break;
        }
        rest = min_size(min_size(length, room), (size_t)(cut - cursor->offset));
        memcpy(to, text, rest);
        cursor->offset += rest;
        cursor->consumed += (uint32_t)rest;
        if (newline != NULL && rest == length) {
            cursor->line = COMPOSE_LINE_START;
        }
    }
    *ret_length = (size_t)(cursor->offset - begin);
    assert(*ret_length <= out_size);
    return result;
}
