/* Grows by doubling; one check in text_add_bytes() covers every way to grow. */
#include "unitfile/text.h"

#include "base/alloc.h"
#include "base/str.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void text_add_bytes(struct text *self, const char *bytes, size_t length) {
    assert(self->length <= TEXT_MAX);
    if (self->error != 0) {
        return;
    }
    if (length > TEXT_MAX - self->length) {
        self->error = -E2BIG;
        return;
    }
    if (self->capacity - self->length <= length) {
        size_t capacity = 2 * self->length + length + 32;
        char *grown = alloc_resized(self->bytes, capacity, 1);
        if (grown == NULL) {
            self->error = -ENOMEM;
            return;
        }
        self->bytes = grown;
        self->capacity = capacity;
    }
    if (length != 0) {
        memcpy(self->bytes + self->length, bytes, length);
    }
    self->length += length;
    self->bytes[self->length] = '\0';
}

void text_add(struct text *self, const char *string) {
    text_add_bytes(self, string, strlen(string));
}

void text_add_char(struct text *self, char c) {
    text_add_bytes(self, &c, 1);
}

/* `base` is 8 or 10; 22 digits are enough for 64 bits in either. */
static void add_digits(struct text *self, uint64_t number, uint32_t base, uint32_t width) {
    char digits[32];
    assert(width < sizeof(digits));
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % base);
        number /= base;
    } while (number != 0 || sizeof(digits) - at < width);
    text_add_bytes(self, digits + at, sizeof(digits) - at);
}

void text_add_number(struct text *self, uint64_t number) {
    add_digits(self, number, 10, 1);
}

void text_add_signed(struct text *self, int64_t number) {
    if (number < 0) {
        text_add_char(self, '-');
    }
    add_digits(self, number < 0 ? -(uint64_t)number : (uint64_t)number, 10, 1);
}

void text_add_octal(struct text *self, uint64_t number, uint32_t width) {
    add_digits(self, number, 8, width);
}

int text_take(struct text *self, char **ret_string) {
    text_add_bytes(self, "", 0);
    int r = self->error;
    if (r < 0) {
        text_fini(self);
        return r;
    }
    *ret_string = self->bytes;
    *self = (struct text){0};
    return 0;
}

int text_append_to(struct text *self, char ***list) {
    int r = self->error;
    if (r == 0) {
        r = str_list_append(list, self->bytes != NULL ? self->bytes : "", self->length);
    }
    text_fini(self);
    return r;
}

void text_fini(struct text *self) {
    cleanup_free(&self->bytes);
    *self = (struct text){0};
}
