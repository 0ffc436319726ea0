/*
 * Function and variable attributes of gcc and clang under readable names. gcc(1), "Attribute
 * Syntax".
 */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

/* `format` is the 1-based position of the format string, `first` that of its first argument. */
#define attr_printf(format, first) __attribute__((format(printf, format, first)))
#define attr_unused __attribute__((unused))
#define attr_noreturn __attribute__((noreturn))
#define attr_cleanup(function) __attribute__((cleanup(function)))

#endif
