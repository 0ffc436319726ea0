/*
 * FIFOs for streams of bytes from one process to another, by way of a name that a third can find.
 */
#ifndef OS_FIFO_H
#define OS_FIFO_H

#include <stdbool.h>

/*
 * Makes the FIFO `name` (mode 0600) in a folder and opens both of its ends: [0] for reading,
 * without blocking, [1] for writing, which blocks when it is full and can't be read from (some
 * event loops take a pipe that can be read for a closed one). It is made as `hidden` and renamed,
 * so that under its name nobody ever sees it without a writer. Returns 0 or -errno.
 */
int fifo_make(int folder, const char *hidden, const char *name, int ret_fds[2]);

/* Opens one more end for writing, of a FIFO whose end for reading is `fd`, by whatever name. */
int fifo_open_writer(int fd, int *ret_fd);

/* Has its last name been removed? True, too, for what is no open file. */
bool fifo_is_unlinked(int fd);

#endif
