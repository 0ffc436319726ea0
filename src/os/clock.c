/* The kernel writes the boot's id as a UUID in text, random(4). */
#include "os/clock.h"

#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define UUID_LENGTH 36

static usec_t read_clock(clockid_t clock) {
    struct timespec now;
    int result = clock_gettime(clock, &now);
    assert(result == 0);
    return (usec_t)now.tv_sec * USEC_PER_SEC + (usec_t)now.tv_nsec / NSEC_PER_USEC;
}

usec_t clock_monotonic(void) {
    return read_clock(CLOCK_MONOTONIC);
}

usec_t clock_realtime(void) {
    return read_clock(CLOCK_REALTIME);
}

int clock_boot_id(uint8_t ret_id[CLOCK_BOOT_ID_SIZE]) {
    auto_fd int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    char text[UUID_LENGTH];
    if (fd < 0) {
        return -errno;
    }
    ssize_t size = read(fd, text, sizeof text);
    if (size != sizeof text) {
        return size < 0 ? -errno : -EBADMSG;
    }
    uint8_t id[CLOCK_BOOT_ID_SIZE] = {0};
    size_t n_digits = 0;
    for (size_t i = 0; i < sizeof text; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = memchr(digits, text[i], sizeof digits - 1);
        if (digit == NULL) {
            continue; /* A hyphen. */
        }
        if (n_digits / 2 == sizeof id) {
            return -EBADMSG;
        }
        id[n_digits / 2] = (uint8_t)(id[n_digits / 2] << 4 | (uint8_t)(digit - digits));
        n_digits++;
    }
    if (n_digits != 2 * sizeof id) {
        return -EBADMSG;
    }
    memcpy(ret_id, id, sizeof id);
    return 0;
}
