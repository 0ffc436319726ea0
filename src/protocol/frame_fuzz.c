/* Any bytes in pieces of any size: each line comes out as it went in. */
#include "protocol/frame.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct frame frame = {0};
    size_t given_out = 0;
    size_t fed = 0;
    while (fed < size) {
        void *space;
        size_t room;
        if (frame_space(&frame, &space, &room) < 0) {
            break;
        }
        size_t n = 1 + data[fed] % 61U;
        n = n < size - fed ? n : size - fed;
        n = n < room ? n : room;
        memcpy(space, data + fed, n);
        frame_filled(&frame, n);
        fed += n;
        char *line;
        size_t length;
        int r;
        while ((r = frame_next(&frame, &line, &length)) > 0) {
            assert(memcmp(line, data + given_out, length) == 0);
            given_out += length + 1;
            assert(given_out <= fed && data[given_out - 1] == '\n');
        }
        if (r < 0) {
            assert(fed - given_out == FRAME_LINE_MAX);
            break;
        }
    }
    frame_fini(&frame);
    return 0;
}
