/*
 * Everything goes by descriptors of folders and O_NOFOLLOW, so that no link inside the log folder
 * can lead a privileged logger elsewhere.
 */
#include "logger/output.h"

#include "logger/rotate.h"
#include "logger/service.h"
#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_logs(const char *path, int *ret_fd) {
    int fd;

    if (mkdir(path, OUTPUT_FOLDER_MODE) < 0 && errno != EEXIST) {
        return -errno;
    }
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    *ret_fd = fd;
    return 0;
}

int output_cache_open(struct output_cache *cache, const char *logs_path) {
    *cache = (struct output_cache){.logs_path = logs_path, .logs_fd = -1};
    return open_logs(logs_path, &cache->logs_fd);
}

void output_cache_close(struct output_cache *cache) {
    for (size_t i = 0; i < OUTPUTS_MAX; i++) {
        if (cache->outputs[i].service != NULL) {
            output_drop(cache->outputs[i].service);
        }
    }
    cache->logs_fd = fd_close(cache->logs_fd);
}

static int open_folder_once(int logs_fd, const char *name, int *ret_fd) {
    int fd;

    if (mkdirat(logs_fd, name, OUTPUT_FOLDER_MODE) < 0 && errno != EEXIST) {
        return -errno;
    }
    fd = openat(logs_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    *ret_fd = fd;
    return 0;
}

/* The folder of the service. When the folder of all logs was removed, it is made anew. */
static int open_folder(struct output_cache *cache, const char *name, int *ret_fd) {
    int logs_fd = -1;
    int result = open_folder_once(cache->logs_fd, name, ret_fd);

    if (result != -ENOENT) {
        return result;
    }
    result = open_logs(cache->logs_path, &logs_fd);
    if (result < 0) {
        return result;
    }
    (void)fd_close(cache->logs_fd);
    cache->logs_fd = logs_fd;
    return open_folder_once(logs_fd, name, ret_fd);
}

static int open_current(int folder_fd, int *ret_fd) {
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = openat(folder_fd, ROTATE_CURRENT, flags, OUTPUT_FILE_MODE);

    if (fd < 0) {
        return -errno;
    }
    *ret_fd = fd;
    return 0;
}

/* Whether the file of this size ends inside a line. */
static int read_mid_line(int fd, uint64_t size, bool *ret_is_mid_line) {
    char last = '\n';

    if (size > 0 && pread(fd, &last, 1, (off_t)(size - 1)) < 0) {
        return -errno;
    }
    *ret_is_mid_line = last != '\n';
    return 0;
}

/* Makes the place hold the file `fd_take`, whatever it held before. */
static int install(struct output *output, int fd_take) {
    auto_fd int fd = fd_take;
    struct stat stat;
    bool is_mid_line = false;
    int result;

    if (fstat(fd, &stat) < 0) {
        return -errno;
    }
    if (!S_ISREG(stat.st_mode)) {
        return -EINVAL;
    }
    result = read_mid_line(fd, (uint64_t)stat.st_size, &is_mid_line);
    if (result < 0) {
        return result;
    }
    (void)fd_close(output->fd);
    output->fd = take_fd(&fd);
    output->device = stat.st_dev;
    output->inode = stat.st_ino;
    output->offset = (uint64_t)stat.st_size;
    output->is_mid_line = is_mid_line;
    return 0;
}

/* A free place, or that of the file that nobody has used for the longest time. */
static struct output *claim(struct output_cache *cache, struct service *service) {
    struct output *oldest = &cache->outputs[0];

    for (size_t i = 0; i < OUTPUTS_MAX; i++) {
        struct output *output = &cache->outputs[i];
        if (output->service == NULL) {
            oldest = output;
            break;
        }
        if (output->used < oldest->used) {
            oldest = output;
        }
    }
    if (oldest->service != NULL) {
        output_drop(oldest->service);
    }
    *oldest = (struct output){.service = service, .fd = -1};
    service->output = oldest;
    return oldest;
}

void output_drop(struct service *service) {
    if (service->output != NULL) {
        (void)fd_close(service->output->fd);
        *service->output = (struct output){.fd = -1};
        service->output = NULL;
    }
}

/* Opens `fd_take` as the service's file. */
static int claim_and_install(struct output_cache *cache, struct service *service, int fd_take) {
    int result;

    assert(service->output == NULL);
    result = install(claim(cache, service), fd_take);
    if (result < 0) {
        output_drop(service);
    }
    return result;
}

/* Returns 1 if the open file is still there and as long as it was left; 0 if not. */
static int is_as_left(const struct output *output) {
    struct stat stat;

    if (fstat(output->fd, &stat) < 0) {
        return -errno;
    }
    return stat.st_nlink > 0 && (uint64_t)stat.st_size == output->offset;
}

int output_current(struct output_cache *cache, struct service *service,
                   struct output **ret_output) {
    int result;

    if (service->output != NULL) {
        result = is_as_left(service->output);
        if (result < 0) {
            return result;
        }
        if (result == 0) {
            output_drop(service);
        }
    }
    if (service->output == NULL) {
        auto_fd int folder_fd = -1;
        int fd = -1;

        result = open_folder(cache, service->name, &folder_fd);
        if (result < 0) {
            return result;
        }
        result = open_current(folder_fd, &fd);
        if (result < 0) {
            return result;
        }
        result = claim_and_install(cache, service, fd);
        if (result < 0) {
            return result;
        }
    }
    service->output->used = ++cache->n_uses;
    *ret_output = service->output;
    return 0;
}

/* A file that is shorter than what was written to it is another one with a recycled inode number.
 */
static bool is_at(const struct output *output, const struct inflight_position *position) {
    return output->device == position->device && output->inode == position->inode &&
           output->offset >= position->cursor.offset;
}

int output_at(struct output_cache *cache, struct service *service,
              struct inflight_position *position, struct output **ret_output) {
    auto_fd int folder_fd = -1;
    struct output *output;
    int result;
    int fd = -1;

    if (service->output != NULL && is_at(service->output, position)) {
        *ret_output = service->output;
        return 0;
    }
    output_drop(service);
    result = output_current(cache, service, &output);
    if (result < 0) {
        return result;
    }
    if (is_at(output, position)) {
        *ret_output = output;
        return 0;
    }
    result = open_folder(cache, service->name, &folder_fd);
    if (result < 0) {
        return result;
    }
    result = rotate_open_inode(folder_fd, position->device, position->inode, &fd);
    if (result == 0) {
        result = install(output, fd);
    }
    if (result < 0 && result != -ENOENT) {
        return result;
    }
    if (is_at(output, position)) {
        *ret_output = output;
        return 0;
    }
    position->device = output->device;
    position->inode = output->inode;
    position->cursor.offset = output->offset;
    position->cursor.line = output->is_mid_line ? COMPOSE_LINE_BREAK : COMPOSE_LINE_START;
    *ret_output = output;
    return 1;
}

/* Whether the service's current file is the one that is open. */
static int is_current(int folder_fd, const struct output *output) {
    struct stat stat;

    if (fstatat(folder_fd, ROTATE_CURRENT, &stat, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    return stat.st_dev == output->device && stat.st_ino == output->inode;
}

int output_rotate(struct output_cache *cache, struct output *output, uint64_t now) {
    auto_fd int folder_fd = -1;
    int result;
    int fd = -1;

    result = open_folder(cache, output->service->name, &folder_fd);
    if (result < 0) {
        return result;
    }
    result = is_current(folder_fd, output);
    if (result < 0) {
        return result;
    }
    if (result == 1) {
        result = rotate_current(folder_fd, now);
        if (result < 0) {
            return result;
        }
    }
    result = open_current(folder_fd, &fd);
    return result < 0 ? result : install(output, fd);
}

int output_trim(struct output_cache *cache, const struct service *service) {
    const struct settings *settings = &service->settings;
    struct rotate_limits limits = {.count_max = settings->count_max};
    auto_fd int folder_fd = -1;
    int result = open_folder(cache, service->name, &folder_fd);

    if (result < 0) {
        return result;
    }
    if (settings->total_size_max != 0) {
        /* Leaves room for the current file at its largest, so that the total is never exceeded. */
        limits.size_max = settings->total_size_max - settings->file_size_max -
                          compose_overshoot(settings->file_size_max);
    }
    return rotate_trim(folder_fd, &limits);
}

int output_end_line(struct output *output) {
    int result = output_write(output, "\n", 1, output->offset);

    if (result < 0) {
        return result;
    }
    output->offset++;
    output->is_mid_line = false;
    return 0;
}

int output_write(const struct output *output, const char *data, size_t size, uint64_t offset) {
    while (size > 0) {
        ssize_t n = pwrite(output->fd, data, size, (off_t)offset);
        if (n < 0) {
            return -errno;
        }
        data += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}
