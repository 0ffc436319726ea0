/*
 * What this process knows of itself and its place: who runs it, where, on which machine, and
 * whether a person is looking.
 */
#ifndef OS_SELF_H
#define OS_SELF_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whether the effective user is root. */
bool self_is_root(void);

/* The effective user. */
uid_t self_user(void);

pid_t self_pid(void);

/* The working directory; the caller frees it. -ENOENT when it has been removed; or -ENOMEM. */
int self_working_directory(char **ret_path);

/* The host's name, cut to `size` with its NUL. */
void self_host_name(char *buffer, size_t size);

/* The terminal's width when `fd` is a terminal, 0 when it is none. */
unsigned int self_terminal_columns(int fd);

/* The program that this process runs, an absolute path; the caller frees it. */
int self_program(char **ret_path);

/*
 * What a shell would run for `name`, as an absolute path without symbolic links resolved, which the
 * caller frees: a name with a slash is taken from the working directory, another is looked for in
 * `search_path`, the value of PATH (NULL: the system's default). -ENOENT: there is none; -EACCES:
 * there is one, and it may not be executed, or it is a folder.
 */
int self_find_program(const char *name, const char *search_path, char **ret_path);

#endif
