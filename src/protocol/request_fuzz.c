/* Any line: refused, or understood and then the same after one more journey. */
#include "base/alloc.h"
#include "protocol/frame.h"
#include "protocol/request.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct request request;
    struct fault fault;
    if (size >= FRAME_LINE_MAX || request_decode((const char *)data, size, &request, &fault) != 0) {
        return 0;
    }
    auto_free char *line = NULL;
    struct request again;
    if (request_encode(&request, &line) == 0) {
        int r = request_decode(line, strlen(line) - 1, &again, &fault);
        assert(r == 0);
        assert(again.method == request.method && again.signal == request.signal);
        assert(again.whom == request.whom && again.id.number == request.id.number);
        assert(strcmp(again.id.text, request.id.text) == 0);
        assert(strcmp(again.unit, request.unit) == 0 && strcmp(again.after, request.after) == 0);
    }
    return 0;
}
