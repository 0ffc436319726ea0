/*
 * The outer form of a unit file, systemd.syntax(7): sections, assignments, comments, lines that go
 * on. What keys and values mean is others' business.
 *
 *     struct ini ini;
 *     struct ini_item item;
 *     int r = ini_init(&ini, bytes, length);
 *     while (r == 0 && ini_next(&ini, &item)) {
 *         switch (item.kind) { ... }
 *     }
 *     ini_fini(&ini);
 *
 * The bytes may be anything. A NUL ends a line, as a line feed and a carriage return do.
 */
#ifndef UNITFILE_INI_H
#define UNITFILE_INI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A longer file is refused as a whole. */
#define INI_FILE_MAX ((size_t)1024 * 1024)
/* A longer line, with all that it goes on with, is refused; the kernel's limit of one argument. */
#define INI_LINE_MAX ((size_t)128 * 1024)
/* A file of more lines is refused as a whole. */
#define INI_LINES_MAX 65536U

enum ini_kind {
    INI_SECTION, /* `key` is its name */
    INI_ASSIGNMENT, /* `key` and `value`, without the blanks around them */
    INI_BAD_HEADER, /* begins with `[` and is no section header; `key` is the line */
    INI_NO_ASSIGNMENT, /* no `=`; `key` is the line */
    INI_NO_KEY, /* nothing before the `=` */
    INI_NOT_UTF8, /* the line is not valid UTF-8; `key` is empty */
    INI_TOO_LONG, /* longer than INI_LINE_MAX; `key` is empty */
};

struct ini_item {
    enum ini_kind kind;
    uint32_t line; /* from 1; of a line that goes on the last one, as systemd counts */
    char *key; /* the item's strings are the file's memory until ini_fini(), and may be changed */
    char *value; /* "" unless INI_ASSIGNMENT */
};

struct ini {
    char *bytes; /* a copy of the file, ended by a NUL */
    size_t length;
    size_t at; /* where the next line begins */
    uint32_t line; /* how many were read */
};

/*
 * Begins with a copy of `length` bytes. Returns 0, -ENOMEM, -EFBIG above INI_FILE_MAX, or -E2BIG
 * above INI_LINES_MAX; ini_fini() may follow in each case.
 */
int ini_init(struct ini *self, const char *bytes, size_t length);

/* The next item; false at the end. */
bool ini_next(struct ini *self, struct ini_item *ret_item);

void ini_fini(struct ini *self);

/* Whether the `length` bytes are UTF-8 without overlong forms, surrogates and what is above
 * U+10FFFF. */
bool ini_is_utf8(const char *bytes, size_t length);

#endif
