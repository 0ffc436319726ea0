/*
 * The last lines of one log, where they can be had with one look at the file that is written to:
 * for `abide status`, which must cost next to nothing. client/logread.h reads every log in full.
 */
#ifndef CLIENT_LOGTAIL_H
#define CLIENT_LOGTAIL_H

#include <stddef.h>

/*
 * 1: *ret_text, of *ret_size bytes, which the caller frees, is the last `n_lines` lines, or all
 * that there are; 0: they reach into older files, or are too long, so logread has to be asked;
 * -ENOENT: there is no log; -errno.
 */
int logtail_read(const char *folder, size_t n_lines, char **ret_text, size_t *ret_size);

#endif
