/*
 * Values of one word: yes or no, numbers, sizes, modes; read as systemd 252 reads them. Each
 * function takes a whole value, without blanks around it, and returns 0, -EINVAL for what is not
 * such a value, or -ERANGE for one that is too large or too small.
 */
#ifndef UNITFILE_VALUE_H
#define UNITFILE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1 yes y true t on, 0 no n false f off, in upper or lower case. */
int value_parse_bool(const char *text, bool *ret_value);

/*
 * Decimal, or by their prefix 0x hexadecimal, 0b binary, 0 and 0o octal. A plus is allowed; a minus
 * is -ERANGE in the unsigned function.
 */
int value_parse_unsigned(const char *text, uint64_t *ret_value);
int value_parse_signed(const char *text, int64_t *ret_value);

/* Octal digits, at most 07777. */
int value_parse_mode(const char *text, uint32_t *ret_mode);

/*
 * Bytes, or with K, M, G, T, P, E times 1024 once more each: "512", "1.5M", "1G 500M" (each part
 * with a smaller suffix than the one before).
 */
int value_parse_size(const char *text, uint64_t *ret_size);

/* The same to base 1000, as for bits and bytes per second. */
int value_parse_size_decimal(const char *text, uint64_t *ret_size);

/* "30%", "2.5%", "0.25%": in 10,000ths; more than 100 % only up to `max`. */
int value_parse_permyriad(const char *text, uint64_t max, uint32_t *ret_permyriad);

/* The place of `length` bytes at `text` in a list of words that blanks separate, or -ENOENT. */
int value_find_word(const char *words, const char *text, size_t length);

#endif
