/*
 * The file is copied once, and each line that goes on is put together in place: it only gets
 * shorter, since the line's end goes and the backslash becomes a blank. So items need no memory of
 * their own.
 */
#include "unitfile/ini.h"

#include "base/alloc.h"
#include "unitfile/text.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static bool is_line_end(char c) {
    return c == '\n' || c == '\r' || c == '\0';
}

int ini_init(struct ini *self, const char *bytes, size_t length) {
    *self = (struct ini){0};
    if (length > INI_FILE_MAX) {
        return -EFBIG;
    }
    uint32_t n_lines = 0;
    for (size_t i = 0; i < length; i++) {
        n_lines += is_line_end(bytes[i]) ? 1 : 0;
    }
    if (n_lines > INI_LINES_MAX) {
        return -E2BIG;
    }
    self->bytes = alloc_zeroed(length + 1, 1);
    if (self->bytes == NULL) {
        return -ENOMEM;
    }
    if (length != 0) {
        memcpy(self->bytes, bytes, length);
    }
    self->length = length;
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        self->at = 3;
    }
    return 0;
}

void ini_fini(struct ini *self) {
    cleanup_free(&self->bytes);
    *self = (struct ini){0};
}

/*
 * The next line is *ret_begin up to *ret_end. CR LF and LF CR are one end, as systemd has it, and
 * so is either with one NUL behind it.
 */
static bool next_line(struct ini *self, size_t *ret_begin, size_t *ret_end) {
    if (self->at >= self->length) {
        return false;
    }
    *ret_begin = self->at;
    size_t at = self->at;
    while (at < self->length && !is_line_end(self->bytes[at])) {
        at++;
    }
    *ret_end = at;
    const char seen = self->bytes[at]; /* the file is followed by a NUL */
    at += at < self->length ? 1 : 0;
    char other = '\0';
    if (seen != '\0' && at < self->length && is_line_end(self->bytes[at]) &&
        self->bytes[at] != seen) {
        other = self->bytes[at++];
    }
    if (other != '\0' && at < self->length && self->bytes[at] == '\0') {
        at++;
    }
    self->at = at;
    self->line++;
    return true;
}

/*
 * An odd number of backslashes at the end: the line goes on. One that is escaped itself does not.
 * Only the part that was read last has to be looked at: those before it end in a blank by now.
 */
static bool goes_on(const char *line, size_t length) {
    bool is_escaped = false;
    for (size_t i = 0; i < length; i++) {
        is_escaped = !is_escaped && line[i] == '\\';
    }
    return is_escaped;
}

static bool is_comment(const char *line, size_t length) {
    size_t blanks = 0;
    while (blanks < length && strchr(TEXT_BLANKS, line[blanks]) != NULL) {
        blanks++;
    }
    return blanks < length && (line[blanks] == '#' || line[blanks] == ';');
}

/* Puts one line together, comments between its parts left out; `false` at the end of the file. */
static bool next_logical(struct ini *self, size_t *ret_begin, size_t *ret_end) {
    size_t begin = 0;
    size_t end = 0;
    bool has_begun = false;
    size_t from = 0;
    size_t to = 0;
    while (next_line(self, &from, &to)) {
        if (is_comment(self->bytes + from, to - from)) {
            continue;
        }
        if (!has_begun) {
            begin = from;
            end = from;
            has_begun = true;
        }
        memmove(self->bytes + end, self->bytes + from, to - from);
        end += to - from;
        if (!goes_on(self->bytes + end - (to - from), to - from)) {
            *ret_begin = begin;
            *ret_end = end;
            return true;
        }
        self->bytes[end - 1] = ' ';
    }
    if (has_begun) {
        self->line++; /* systemd counts so when the file ends in a line that goes on */
    }
    *ret_begin = begin;
    *ret_end = end;
    return has_begun;
}

/* Takes the blanks off both ends, in place. */
static char *strip(char *begin, char *end) {
    while (end > begin && strchr(TEXT_BLANKS, end[-1]) != NULL) {
        end--;
    }
    *end = '\0';
    return begin + strspn(begin, TEXT_BLANKS);
}

static void split(char *line, size_t length, struct ini_item *item) {
    char *end = line + length;
    item->value = end;
    if (line[0] == '[') {
        item->kind = end[-1] == ']' && length > 1 ? INI_SECTION : INI_BAD_HEADER;
        if (item->kind == INI_SECTION) {
            end[-1] = '\0';
            item->key = line + 1;
        }
        return;
    }
    char *equals = memchr(line, '=', length);
    if (equals == NULL) {
        item->kind = INI_NO_ASSIGNMENT;
        return;
    }
    item->kind = equals == line ? INI_NO_KEY : INI_ASSIGNMENT;
    item->value = strip(equals + 1, end);
    item->key = strip(line, equals);
}

bool ini_next(struct ini *self, struct ini_item *ret_item) {
    assert(self->bytes != NULL);
    size_t begin = 0;
    size_t end = 0;
    while (next_logical(self, &begin, &end)) {
        char *last = self->bytes + end;
        char *line = strip(self->bytes + begin, last);
        size_t length = strlen(line);
        if (length == 0) {
            continue;
        }
        struct ini_item item = {.line = self->line, .key = line, .value = last};
        *last = '\0';
        if (length > INI_LINE_MAX) {
            item.kind = INI_TOO_LONG;
            *line = '\0';
        } else if (!ini_is_utf8(line, length)) {
            item.kind = INI_NOT_UTF8;
            *line = '\0';
        } else {
            split(line, length, &item);
        }
        *ret_item = item;
        return true;
    }
    return false;
}

/* The bytes of one sequence, 0 for none. Unicode, table 3-7 "Well-Formed UTF-8 Byte Sequences". */
static size_t sequence_length(const unsigned char *bytes, size_t left) {
    unsigned char first = bytes[0];
    size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length == 0 || length > left || first > 0xf4) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0U) != 0x80) {
            return 0;
        }
    }
    if ((first == 0xe0 && bytes[1] < 0xa0) || (first == 0xed && bytes[1] > 0x9f) ||
        (first == 0xf0 && bytes[1] < 0x90) || (first == 0xf4 && bytes[1] > 0x8f)) {
        return 0;
    }
    return length;
}

bool ini_is_utf8(const char *bytes, size_t length) {
    for (size_t at = 0; at < length;) {
        size_t n = sequence_length((const unsigned char *)bytes + at, length - at);
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return true;
}
