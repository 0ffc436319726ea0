/*
 * Why a program could not be started, in words. The kernel answers ENOENT alike when the program,
 * the interpreter of its `#!` line, its ELF loader or a directory on the way is missing; this looks
 * at the files and names the one.
 *
 *     char text[EXEC_EXPLAIN_SIZE];
 *     exec_explain(result.error, options.path, options.cwd, text, sizeof text);
 *     // "the interpreter `/usr/bin/pyhton` of `./app` does not exist"
 *
 * The text is one clause without a full stop, always ends with a NUL and holds no control
 * characters; names are cut where it would be longer than the buffer. Reads a bounded part of
 * ordinary files only, but a file system that hangs makes it hang, too. It judges with the rights
 * of the calling process, and what the files are now, not what they were.
 */
#ifndef OS_EXEC_EXPLAIN_H
#define OS_EXEC_EXPLAIN_H

#include <stddef.h>

#define EXEC_EXPLAIN_SIZE 1024

/* `error` is the errno of execve(`path`) in the directory `cwd`; NULL is the caller's. */
void exec_explain(int error, const char *path, const char *cwd, char *text, size_t size);

/* The same for chdir(`path`). */
void exec_explain_chdir(int error, const char *path, char *text, size_t size);

#endif
