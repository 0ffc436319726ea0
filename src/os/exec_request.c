/*
 * Every string is its length and its bytes, every list its count and its strings; a reader that
 * never looks beyond what was read. One table of fields serves both directions.
 */
#include "os/exec_request.h"

#include "base/alloc.h"
#include "base/str.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x41624578u
#define ABSENT UINT32_MAX

enum field_kind {
    FIELD_STRING,
    FIELD_LIST,
    FIELD_NUMBER,
};

#define FIELD(kind, member)                                                                        \
    { kind, offsetof(struct exec_request, member) }

static const struct {
    enum field_kind kind;
    size_t offset;
} fields[] = {
    FIELD(FIELD_STRING, path),
    FIELD(FIELD_LIST, argv),
    FIELD(FIELD_LIST, environment),
    FIELD(FIELD_LIST, env_files),
    FIELD(FIELD_LIST, unset_environment),
    FIELD(FIELD_STRING, user),
    FIELD(FIELD_STRING, group),
    FIELD(FIELD_LIST, supplementary_groups),
    FIELD(FIELD_STRING, working_directory),
    FIELD(FIELD_STRING, stream_paths[0]),
    FIELD(FIELD_STRING, stream_paths[1]),
    FIELD(FIELD_STRING, stream_paths[2]),
    FIELD(FIELD_NUMBER, streams[0]),
    FIELD(FIELD_NUMBER, streams[1]),
    FIELD(FIELD_NUMBER, streams[2]),
    FIELD(FIELD_NUMBER, umask),
    FIELD(FIELD_NUMBER, expands),
    FIELD(FIELD_NUMBER, working_directory_is_home),
    FIELD(FIELD_NUMBER, working_directory_may_be_missing),
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* With `bytes` NULL only the size is counted, so that one pass of the same code measures. */
struct writer {
    unsigned char *bytes;
    size_t size;
};

static void put(struct writer *self, const void *bytes, size_t size) {
    if (self->bytes != NULL && size > 0) {
        memcpy(self->bytes + self->size, bytes, size);
    }
    self->size += size;
}

static void put_number(struct writer *self, uint32_t number) {
    put(self, &number, sizeof(number));
}

static void put_string(struct writer *self, const char *text) {
    size_t length = text != NULL ? strlen(text) : 0;
    put_number(self, text != NULL ? (uint32_t)length : ABSENT);
    put(self, text, length);
}

static void put_list(struct writer *self, char *const *list) {
    size_t count = str_list_count(list);
    put_number(self, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_string(self, list[i]);
    }
}

static void put_request(struct writer *self, const struct exec_request *request) {
    put_number(self, MAGIC);
    for (size_t i = 0; i < N_FIELDS; i++) {
        const char *place = (const char *)request + fields[i].offset;
        switch (fields[i].kind) {
        case FIELD_STRING:
            put_string(self, *(char *const *)(const void *)place);
            break;
        case FIELD_NUMBER:
            put_number(self, *(const uint32_t *)(const void *)place);
            break;
        case FIELD_LIST:
            put_list(self, *(char **const *)(const void *)place);
            break;
        }
    }
}

int exec_request_send(const struct exec_request *request, int *ret_fd) {
    struct writer measure = {0};
    put_request(&measure, request);
    if (measure.size > EXEC_REQUEST_SIZE_MAX) {
        return -E2BIG;
    }
    auto_fd int fd = fd_above_stdio(memfd_create("abide-exec", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (fd < 0 || ftruncate(fd, (off_t)measure.size) < 0) {
        return -errno;
    }
    void *mapping = mmap(NULL, measure.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapping == MAP_FAILED) {
        return -errno;
    }
    struct writer writer = {.bytes = mapping};
    put_request(&writer, request);
    (void)munmap(mapping, measure.size); /* Can't fail for a mapping that exists. */
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        return -errno;
    }
    *ret_fd = take_fd(&fd);
    return 0;
}

struct reader {
    const char *bytes;
    size_t size;
};

static int get_number(struct reader *self, uint32_t *ret_number) {
    if (self->size < sizeof(*ret_number)) {
        return -EBADMSG;
    }
    memcpy(ret_number, self->bytes, sizeof(*ret_number));
    self->bytes += sizeof(*ret_number);
    self->size -= sizeof(*ret_number);
    return 0;
}

/* Returns 0 and the string's bytes, NULL when it is absent, or -EBADMSG. */
static int get_text(struct reader *self, const char **ret_text, size_t *ret_length) {
    uint32_t length;
    int r = get_number(self, &length);
    if (r < 0) {
        return r;
    }
    if (length == ABSENT) {
        *ret_text = NULL;
        return 0;
    }
    if (length > self->size || memchr(self->bytes, '\0', length) != NULL) {
        return -EBADMSG;
    }
    *ret_text = self->bytes;
    *ret_length = length;
    self->bytes += length;
    self->size -= length;
    return 0;
}

static int get_string(struct reader *self, char **place) {
    const char *text;
    size_t length;
    int r = get_text(self, &text, &length);
    return r < 0 || text == NULL ? r : str_replace(place, text, length);
}

static int get_list(struct reader *self, char ***place) {
    uint32_t count;
    int r = get_number(self, &count);
    for (uint32_t i = 0; r == 0 && i < count; i++) {
        const char *text;
        size_t length;
        r = get_text(self, &text, &length);
        if (r == 0) {
            r = text != NULL ? str_list_append(place, text, length) : -EBADMSG;
        }
    }
    return r;
}

static int get_request(struct reader *self, struct exec_request *request) {
    uint32_t magic;
    int r = get_number(self, &magic);
    if (r == 0 && magic != MAGIC) {
        r = -EBADMSG;
    }
    for (size_t i = 0; r == 0 && i < N_FIELDS; i++) {
        char *place = (char *)request + fields[i].offset;
        switch (fields[i].kind) {
        case FIELD_STRING:
            r = get_string(self, (char **)(void *)place);
            break;
        case FIELD_NUMBER:
            r = get_number(self, (uint32_t *)(void *)place);
            break;
        case FIELD_LIST:
            r = get_list(self, (char ***)(void *)place);
            break;
        }
    }
    return r == 0 && self->size != 0 ? -EBADMSG : r;
}

int exec_request_receive(int fd, struct exec_request **ret_request) {
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return -errno;
    }
    if (st.st_size <= 0 || (uint64_t)st.st_size > EXEC_REQUEST_SIZE_MAX) {
        return -EBADMSG;
    }
    size_t size = (size_t)st.st_size;
    void *mapping = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapping == MAP_FAILED) {
        return -errno;
    }
    struct exec_request *request = calloc(1, sizeof(*request));
    struct reader reader = {.bytes = mapping, .size = size};
    int r = request != NULL ? get_request(&reader, request) : -ENOMEM;
    (void)munmap(mapping, size); /* As above. */
    if (r < 0) {
        (void)exec_request_free(request);
        return r;
    }
    *ret_request = request;
    return 0;
}

int exec_report_receive(int fd, struct exec_report *ret_report) {
    ssize_t n = read(fd, ret_report, sizeof(*ret_report));
    if (n < 0) {
        return errno == EINTR ? -EAGAIN : -errno;
    }
    ret_report->text[sizeof(ret_report->text) - 1] = '\0';
    return n == (ssize_t)sizeof(*ret_report) ? 0 : 1;
}

struct exec_request *exec_request_free(struct exec_request *request) {
    for (size_t i = 0; request != NULL && i < N_FIELDS; i++) {
        char *place = (char *)request + fields[i].offset;
        if (fields[i].kind == FIELD_STRING) {
            free(*(char **)(void *)place);
        } else if (fields[i].kind == FIELD_LIST) {
            (void)str_list_free(*(char ***)(void *)place);
        }
    }
    free(request);
    return NULL;
}
