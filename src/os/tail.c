/* One read at the end: what is appended meanwhile is the next reader's. */
#include "os/tail.h"

#include "base/alloc.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int tail_read(int directory, const char *name, size_t size_max, struct tail *ret_tail) {
    auto_fd int fd = openat(directory, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0) {
        return -errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return -EINVAL;
    }
    size_t length = (size_t)status.st_size;
    size_t size = length < size_max ? length : size_max;
    auto_free char *text = alloc_zeroed(size + 1, 1);
    if (text == NULL) {
        return -ENOMEM;
    }
    ssize_t n = pread(fd, text, size, (off_t)(length - size));
    if (n < 0) {
        return -errno;
    }
    *ret_tail =
        (struct tail){.text = take_ptr(&text), .size = (size_t)n, .is_whole = size == length};
    return 0;
}
