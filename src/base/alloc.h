/*
 * The only place that allocates for the base layer, and through it for the layers that have no
 * system headers of their own. What these functions return is released by cleanup_free(), auto_free
 * or free(3). Out of memory is a NULL result and nothing else: the caller reports -ENOMEM.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include "base/cleanup.h"

#include <stddef.h>

/* Memory for `count` objects of `size` bytes, all zero; one byte at least. calloc(3). */
void *alloc_zeroed(size_t count, size_t size);

/*
 * `memory`, which may be NULL, moved to where `count` objects of `size` bytes fit; what was not
 * there before is uninitialised. NULL: failed, and `memory` is as it was. reallocarray(3).
 */
void *alloc_resized(void *memory, size_t count, size_t size);

/* For auto_free: `pointer` is the address of the pointer that owns the memory. */
void cleanup_free(void *pointer);

#endif
