/* Memory is owned by a local (auto_free) until it is handed over; see base/cleanup.h. */
#include "base/alloc.h"

#include <stdlib.h>

void cleanup_free(void *pointer) {
    free(*(void **)pointer);
}
