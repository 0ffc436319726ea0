/*
 * Diagnostics are rare, so the file is opened for each line: nothing to keep, nothing to heal.
 */
#include "logger/diag.h"

#include "logger/stamp.h"
#include "os/fd.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void diag_write(int logs_fd, const char *format, ...) {
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    char line[STAMP_SIZE + DIAG_LINE_MAX + 1];
    struct timespec now = {0};
    struct stat stat;
    size_t length;
    va_list arguments;
    int n;
    auto_fd int fd = openat(logs_fd, DIAG_FILE, flags, 0640);

    if (fd < 0 || fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode)) {
        return;
    }
    (void)clock_gettime(CLOCK_REALTIME, &now); /* It cannot fail for this clock. */
    length = stamp_format(STAMP_UTC, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000,
                          line);
    va_start(arguments, format);
    n = vsnprintf(line + length, DIAG_LINE_MAX, format, arguments);
    va_end(arguments);
    if (n < 0) {
        return;
    }
    length += n < DIAG_LINE_MAX ? (size_t)n : DIAG_LINE_MAX - 1;
    line[length] = '\n';
    /* See the header: nobody could be told of a failure. Not every file system can reserve. */
    (void)!write(fd, line, length + 1);
    (void)fallocate(fd, FALLOC_FL_KEEP_SIZE, stat.st_size, DIAG_RESERVE);
    if (stat.st_size > DIAG_SIZE_MAX) {
        (void)renameat(logs_fd, DIAG_FILE, logs_fd, DIAG_FILE ".old"); /* Tried again next time. */
    }
}
