/* Sentences are put together without a format string: this layer has no stdio. */
#include "protocol/fault.h"

#include <stddef.h>
#include <string.h>

void fault_set_parts(struct fault *self, enum fault_code code, const char *const *parts) {
    size_t used = 0;
    for (size_t i = 0; parts[i] != NULL; i++) {
        size_t length = strnlen(parts[i], FAULT_MESSAGE_SIZE - 1 - used);
        memcpy(self->message + used, parts[i], length);
        used += length;
    }
    self->message[used] = '\0';
    self->code = (int)code;
    self->member[0] = '\0';
}
