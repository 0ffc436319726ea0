/*
 * Function and variable attributes of gcc and clang under readable names. gcc(1), "Attribute
 * Syntax".
 */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

/* The 1-based positions of the format string and of the first argument that it formats. */
#define attr_printf(string, first) __attribute__((format(printf, string, first)))
#define attr_unused __attribute__((unused))
#define attr_noreturn __attribute__((noreturn))
#define attr_cleanup(function) __attribute__((cleanup(function)))

#endif
