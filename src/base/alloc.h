/*
 * The only place that allocates for the base layer.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include "base/cleanup.h"

/* For auto_free: `pointer` is the address of the pointer that owns the memory. */
void cleanup_free(void *pointer);

#endif
