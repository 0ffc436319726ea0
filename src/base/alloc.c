/* Memory is owned by a local (auto_free) until it is handed over; see base/cleanup.h. */
#include "base/alloc.h"

#include <stdlib.h>

static size_t at_least_one(size_t count) {
    return count != 0 ? count : 1;
}

void *alloc_zeroed(size_t count, size_t size) {
    return calloc(at_least_one(count), at_least_one(size));
}

void *alloc_resized(void *memory, size_t count, size_t size) {
    return reallocarray(memory, at_least_one(count), at_least_one(size));
}

void cleanup_free(void *pointer) {
    free(*(void **)pointer);
}
