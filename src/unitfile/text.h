/*
 * Text that is put together piece by piece. Nothing has to be checked while it grows: the first
 * failure is remembered, what follows is dropped, and text_take() reports it.
 *
 *     struct text text = {0};
 *     text_add(&text, "between ");
 *     text_add_number(&text, low);
 *     int r = text_take(&text, &sentence);
 *
 * The bytes are always followed by a NUL; a NUL itself is never part of a text.
 */
#ifndef UNITFILE_TEXT_H
#define UNITFILE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The characters that separate words and surround values. */
#define TEXT_BLANKS " \t\n\r"
#define TEXT_DIGITS "0123456789"

/* No text grows beyond this: a file of the greatest size, each byte of it escaped. */
#define TEXT_MAX ((size_t)8 * 1024 * 1024)

struct text {
    char *bytes; /* NULL while empty */
    size_t length;
    size_t capacity;
    int error; /* 0 or -errno */
};

void text_add(struct text *self, const char *string);
void text_add_bytes(struct text *self, const char *bytes, size_t length);
void text_add_char(struct text *self, char c);
void text_add_number(struct text *self, uint64_t number);
void text_add_signed(struct text *self, int64_t number);

/* In octal, with zeroes in front up to `width` digits. */
void text_add_octal(struct text *self, uint64_t number, uint32_t width);

/*
 * Hands the text over, an empty string if nothing was added, and leaves {0}. Returns 0, -ENOMEM, or
 * -E2BIG when it grew beyond TEXT_MAX.
 */
int text_take(struct text *self, char **ret_string);

/* The same, as one more entry of a list of strings (base/str.h). */
int text_append_to(struct text *self, char ***list);

/* Releases what was not taken. */
void text_fini(struct text *self);

#endif
