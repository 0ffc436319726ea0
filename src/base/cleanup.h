/*
 * Ownership: a local that owns something is released when its scope ends, on every path.
 *
 *     auto_free char *text = strdup("...");
 *     auto_fd int fd = open(...);
 *     auto_(foo_free) struct foo *foo = NULL;   // after DEFINE_CLEANUP(foo_free, struct foo *)
 *
 * What is handed over is taken: `*ret_fd = take_fd(&fd);` leaves -1 behind, `take_ptr(&text)`
 * leaves NULL.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include "base/attr.h"

#include <stddef.h>

/* Owns a pointer from malloc(); needs base/alloc.h. */
#define auto_free attr_cleanup(cleanup_free)
/* Owns a file descriptor, -1 for none; needs os/fd.h. */
#define auto_fd attr_cleanup(cleanup_fd)
/* Owns a value whose closing half is `function`; needs DEFINE_CLEANUP(function, type). */
#define auto_(function) attr_cleanup(cleanup_##function)

#define DEFINE_CLEANUP(function, type)                                                             \
    static inline attr_unused void cleanup_##function(type *pointer) {                             \
        (void)function(*pointer);                                                                  \
    }

static inline int take_fd(int *fd) {
    int taken = *fd;
    *fd = -1;
    return taken;
}

#define take_ptr(pointer)                                                                          \
    ({                                                                                             \
        typeof(pointer) take_from_ = (pointer);                                                    \
        typeof(*take_from_) taken_ = *take_from_;                                                  \
        *take_from_ = NULL;                                                                        \
        taken_;                                                                                    \
    })

#endif
