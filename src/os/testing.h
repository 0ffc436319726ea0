/*
 * For the unit tests of this layer: a test starts and ends with the same descriptors and children,
 * works in a folder of its own, and may run a body in a forked process, where it can install a
 * seccomp filter or lower a limit. Every function fails the test by cmocka's assertions.
 */
#ifndef OS_TESTING_H
#define OS_TESTING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As cmocka's set-up and tear-down functions for one test. */
int testing_setup(void **state);
int testing_teardown(void **state);

/* A fresh folder, also the working directory, from set-up to tear-down; then removed. */
const char *testing_folder(void);

void testing_write_file(const char *name, const char *text, size_t size, mode_t mode);

/* Runs `body` in a fork; its assertions end it with a status that fails the test here. */
void testing_in_fork(void (*body)(void));

/* From now on these system calls fail with `error`, in this process and its children. */
void testing_deny_calls(const long *calls, size_t n_calls, int error);

/* Waits until the end of `fd`, or until `size` is full; ends the text with a NUL. */
void testing_read_all(int fd, char *buffer, size_t size);

#endif
