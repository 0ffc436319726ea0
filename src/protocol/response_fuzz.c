/* Any line as the answer to any method: the first byte chooses which. */
#include "base/alloc.h"
#include "protocol/frame.h"
#include "protocol/response.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > FRAME_LINE_MAX) {
        return 0;
    }
    enum method method = (enum method)(data[0] % METHOD_COUNT);
    auto_(response_fini) struct response response = {0};
    if (response_decode((const char *)data + 1, size - 1, method, &response) != 0) {
        return 0;
    }
    auto_free char *line = NULL;
    int r = response_encode(&response, ABIDE_VERSION, &line);
    if (r == 0) {
        auto_(response_fini) struct response again = {0};
        r = response_decode(line, strlen(line) - 1, method, &again);
        assert(r == 0);
        assert(again.kind == response.kind);
    }
    return 0;
}
