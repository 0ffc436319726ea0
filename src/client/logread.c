/*
 * Each service is a source: an open file, a buffer of what was read of it, a position. Sources are
 * merged by looking at the first line of each. At the end of its file a source asks the folder what
 * that file is called by now: if it is no longer `current`, the next one holds what follows.
 */
#include "client/logread.h"

#include "client/logfiles.h"
#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

/* A stamp "2026-11-22T17:54:12.123456+01:00", and its space. */
#define STAMP_MAX 33
#define BUFFER_SIZE (LOGREAD_LINE_MAX + STAMP_MAX)
#define BLOCK_SIZE 65536
#define LINES_BETWEEN_EVENTS 64

struct source {
    char *service;
    int folder_fd;
    struct logfile file; /* fd -1: none yet */
    /* The newest rotated file when `current` was opened: where to go on if that vanishes. */
    char before[LOGFILES_NAME_SIZE];
    off_t offset; /* of the byte behind the buffer */
    char *buffer; /* BUFFER_SIZE, while there is something in it */
    size_t begin;
    size_t end;
    size_t cut; /* bytes at `begin` that are the unfinished end of the file before this one */
    int watch; /* inotify's number of the folder */
    usec_t last_usec;
    bool is_dry; /* nothing was there, and nothing has happened since */
    bool is_inside_line; /* the line's beginning has been handed out */
    bool has_line; /* `line` is the next one */
    struct logread_line line;
    size_t line_size; /* in the buffer, with its newline */
};

struct logread {
    enum logread_mode mode;
    int logs_fd;
    int inotify_fd;
    struct source *sources;
    size_t n_sources;
    size_t n_lines;
    struct source *handed; /* its line was returned last and can go */
};

static void source_fini(struct source *source) {
    (void)fd_close(source->file.fd);
    (void)fd_close(source->folder_fd);
    free(source->buffer);
    free(source->service);
}

int logread_new(const char *logs_path, enum logread_mode mode, struct logread **ret_log) {
    auto_(logread_free) struct logread *log = calloc(1, sizeof(*log));

    if (log == NULL) {
        return -ENOMEM;
    }
    log->mode = mode;
    log->inotify_fd = -1;
    log->logs_fd = open(logs_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (log->logs_fd < 0) {
        return -errno;
    }
    if (mode == LOGREAD_FOLLOW) {
        log->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (log->inotify_fd < 0) {
            return -errno;
        }
    }
    *ret_log = take_ptr(&log);
    return 0;
}

struct logread *logread_free(struct logread *log) {
    if (log != NULL) {
        for (size_t i = 0; i < log->n_sources; i++) {
            source_fini(&log->sources[i]);
        }
        free(log->sources);
        (void)fd_close(log->inotify_fd);
        (void)fd_close(log->logs_fd);
        free(log);
    }
    return NULL;
}

/* Makes `file_take` the one that is read, from `offset` on. */
static void source_turn(struct source *source, struct logfile file_take, off_t offset) {
    struct logfile previous;

    (void)fd_close(source->file.fd);
    source->file = file_take;
    source->offset = offset;
    if (strcmp(file_take.name, LOGFILES_CURRENT) == 0 &&
        logfiles_open_previous(source->folder_fd, LOGFILES_CURRENT, &previous) == 1) {
        memcpy(source->before, previous.name, sizeof(source->before));
        (void)fd_close(previous.fd);
    }
}

/* Counts line ends in front of `end`, from the back, until there are as many as *n_lines. Returns 1
 * and the offset behind the last one counted, or 0 when the file has fewer, which *n_lines then
 * lacks. A newline that is the file's very last byte ends a line and does not begin one. */
static int find_start(int fd, off_t end, size_t *n_lines, off_t *ret_offset) {
    char block[BLOCK_SIZE];
    size_t n_found = 0;
    off_t at = end;

    while (at > 0) {
        size_t size = at < BLOCK_SIZE ? (size_t)at : BLOCK_SIZE;
        ssize_t n = pread(fd, block, size, at - (off_t)size);

        if (n < 0) {
            return -errno;
        }
        if ((size_t)n < size) {
            return 0; /* It was truncated meanwhile: all that is left is new. */
        }
        for (size_t i = size; i > 0; i--) {
            off_t behind = at - (off_t)(size - i);
            if (block[i - 1] != '\n' || behind == end) {
                continue;
            }
            n_found++;
            if (n_found == *n_lines) {
                *ret_offset = behind;
                return 1;
            }
        }
        at -= (off_t)size;
    }
    *n_lines -= n_found + (end > 0 ? 1 : 0); /* The first line has no line end before it. */
    return 0;
}

/* Finds the file and the place of the last `n_lines` lines: from the newest file backwards. */
static int source_seek(struct source *source, size_t n_lines) {
    struct logfile file = {.fd = -1};
    off_t offset = 0;
    int result;

    if (n_lines == SIZE_MAX) {
        result = logfiles_open_next(source->folder_fd, NULL, &file);
        if (result == 1) {
            source_turn(source, file, 0);
        }
        return result;
    }
    result = logfiles_open_previous(source->folder_fd, NULL, &file);
    while (result == 1) {
        off_t end = lseek(file.fd, 0, SEEK_END);
        struct logfile older = {.fd = -1};

        source_turn(source, file, 0);
        if (n_lines == 0) {
            source->offset = end;
            return 0;
        }
        result = find_start(file.fd, end, &n_lines, &offset);
        if (result == 1) {
            source->offset = offset;
            return 0;
        }
        if (result < 0 || n_lines == 0) {
            return result;
        }
        result = logfiles_open_previous(source->folder_fd, source->file.name, &older);
        file = older;
    }
    return result;
}

static int source_open(const struct logread *log, const char *service, struct source *ret_source) {
    const uint32_t mask = IN_CREATE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE;

    ret_source->folder_fd =
        openat(log->logs_fd, service, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (ret_source->folder_fd < 0) {
        return -errno;
    }
    ret_source->service = strdup(service);
    if (ret_source->service == NULL) {
        return -ENOMEM;
    }
    if (log->mode == LOGREAD_FOLLOW) {
        /* inotify takes a path only; this one names the folder that is open. */
        char path[64];

        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", ret_source->folder_fd);
        ret_source->watch = inotify_add_watch(log->inotify_fd, path, mask);
        if (ret_source->watch < 0) {
            return -errno;
        }
    }
    return 0;
}

int logread_add(struct logread *log, const char *service, size_t n_lines) {
    struct source source = {.folder_fd = -1, .file = {.fd = -1}};
    struct source *sources;
    int result;

    assert(log->handed == NULL);
    if (service[0] == '\0' || service[0] == '.' || strchr(service, '/') != NULL) {
        return -EINVAL;
    }
    if (log->n_sources >= LOGREAD_SERVICES_MAX) {
        return -E2BIG;
    }
    sources = reallocarray(log->sources, log->n_sources + 1, sizeof(*sources));
    if (sources == NULL) {
        return -ENOMEM;
    }
    log->sources = sources;
    result = source_open(log, service, &source);
    if (result == 0) {
        result = source_seek(&source, n_lines);
    }
    if (result < 0) {
        source_fini(&source);
        return result;
    }
    log->sources[log->n_sources++] = source;
    return 0;
}

int logread_fd(const struct logread *log) {
    return log->inotify_fd;
}

static bool parse_digits(const char *text, size_t width, int *ret_value) {
    int value = 0;

    for (size_t i = 0; i < width; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        value = value * 10 + (text[i] - '0');
    }
    *ret_value = value;
    return true;
}

/* The seconds that "Z" or "+01:00" at `text` stands for. Returns the length of it, 0 if it is none.
 */
static size_t parse_zone(const char *text, size_t size, long *ret_seconds) {
    int hours;
    int minutes;

    if (size >= 2 && text[0] == 'Z' && text[1] == ' ') {
        *ret_seconds = 0;
        return 1;
    }
    if (size < 7 || (text[0] != '+' && text[0] != '-') || !parse_digits(text + 1, 2, &hours) ||
        text[3] != ':' || !parse_digits(text + 4, 2, &minutes) || text[6] != ' ') {
        return 0;
    }
    *ret_seconds = (text[0] == '-' ? -60L : 60L) * (hours * 60L + minutes);
    return 6;
}

/* Returns the length of the stamp at the beginning of `text`, without its space; 0 if there is
 * none. */
static size_t parse_stamp(const char *text, size_t size, usec_t *ret_usec) {
    static const char separators[] = "    -  -  T  :  :  .";
    static const size_t length = sizeof("2026-11-22T17:54:12.123456") - 1;
    struct tm tm = {0};
    int usec;
    long zone;
    time_t seconds;
    size_t zone_length;

    if (size < length) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(separators) - 1; i++) {
        if (separators[i] != ' ' && text[i] != separators[i]) {
            return 0;
        }
    }
    zone_length = parse_zone(text + length, size - length, &zone);
    if (zone_length == 0 || !parse_digits(text, 4, &tm.tm_year) ||
        !parse_digits(text + 5, 2, &tm.tm_mon) || !parse_digits(text + 8, 2, &tm.tm_mday) ||
        !parse_digits(text + 11, 2, &tm.tm_hour) || !parse_digits(text + 14, 2, &tm.tm_min) ||
        !parse_digits(text + 17, 2, &tm.tm_sec) || !parse_digits(text + 20, 6, &usec)) {
        return 0;
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    seconds = timegm(&tm) - zone;
    if (seconds < 0) {
        return 0;
    }
    *ret_usec = (usec_t)seconds * USEC_PER_SEC + (usec_t)usec;
    return length + zone_length;
}

/* Reads on behind what is in the buffer. Returns the number of bytes, 0 at the end of the file. */
static ssize_t source_fill(struct source *source) {
    ssize_t n;

    if (source->file.fd < 0) {
        return 0;
    }
    if (source->buffer == NULL) {
        source->buffer = malloc(BUFFER_SIZE);
        if (source->buffer == NULL) {
            return -ENOMEM;
        }
    }
    memmove(source->buffer, source->buffer + source->begin, source->end - source->begin);
    source->end -= source->begin;
    source->begin = 0;
    n = pread(source->file.fd, source->buffer + source->end, BUFFER_SIZE - source->end,
              source->offset);
    if (n < 0) {
        return -errno;
    }
    source->end += (size_t)n;
    source->offset += n;
    return n;
}

/* Goes on to the file behind the one that is at its end. Returns 1, or 0 if there is none yet. */
static int source_advance(struct source *source) {
    const char *from = NULL;
    struct logfile next;
    int result;

    if (source->file.fd >= 0) {
        bool was_current = strcmp(source->file.name, LOGFILES_CURRENT) == 0;

        result = logfiles_find_name(source->folder_fd, &source->file);
        if (result < 0 && result != -ENOENT) {
            return result;
        }
        from = source->file.name;
        if (result == -ENOENT && was_current) {
            from = source->before[0] != '\0' ? source->before : NULL;
        } else if (strcmp(from, LOGFILES_CURRENT) == 0) {
            return 0;
        }
        /* It was renamed after its end was seen: only now is its end known to be the last. */
        if (was_current) {
            ssize_t n = source_fill(source);
            if (n != 0) {
                return n < 0 ? (int)n : 1;
            }
        }
    }
    result = logfiles_open_next(source->folder_fd, from, &next);
    if (result == 1) {
        source_turn(source, next, 0);
        source->cut = source->end - source->begin;
    }
    return result;
}

/* Truncated by somebody: what follows begins at the front again. */
static void source_check_truncated(struct source *source) {
    if (source->file.fd >= 0 && lseek(source->file.fd, 0, SEEK_END) < source->offset) {
        source->offset = 0;
        source->begin = source->end = 0;
    }
}

static void make_line(struct source *source, size_t size, bool has_end) {
    const char *text = source->buffer + source->begin;
    size_t stamp_length = 0;
    size_t text_begin = 0;

    if (!source->is_inside_line) {
        stamp_length = parse_stamp(text, size, &source->last_usec);
        text_begin = stamp_length > 0 ? stamp_length + 1 : 0;
    }
    source->line = (struct logread_line){
        .service = source->service,
        .realtime_usec = source->last_usec,
        .stamp = text,
        .stamp_length = stamp_length,
        .text = text + text_begin,
        .text_length = size - text_begin - (has_end ? 1 : 0),
        .has_begun_before = source->is_inside_line,
        .goes_on = !has_end,
    };
    source->line_size = size;
    source->has_line = true;
}

/* Sees to it that the source's next line is there. Returns 1, or 0 if there is none (yet). */
static int source_peek(struct source *source, enum logread_mode mode) {
    if (source->has_line) {
        return 1;
    }
    for (;;) {
        size_t size = source->end - source->begin;
        const char *newline = size > 0 ? memchr(source->buffer + source->begin, '\n', size) : NULL;
        ssize_t n;
        int result;

        if (source->cut > 0) {
            make_line(source, source->cut, false);
            source->line.goes_on = false;
            return 1;
        }
        if (newline != NULL) {
            make_line(source, (size_t)(newline - (source->buffer + source->begin)) + 1, true);
            return 1;
        }
        if (size == BUFFER_SIZE) {
            make_line(source, LOGREAD_LINE_MAX, false);
            return 1;
        }
        n = source_fill(source);
        if (n < 0) {
            return (int)n;
        }
        if (n > 0) {
            continue;
        }
        result = source_advance(source);
        if (result < 0) {
            return result;
        }
        size = source->end - source->begin;
        if (result == 0) {
            source_check_truncated(source);
            if (size == 0 || mode == LOGREAD_FOLLOW) {
                return 0;
            }
            make_line(source, size, false);
            return 1;
        }
    }
}

static void source_consume(struct source *source) {
    source->begin += source->line_size;
    source->is_inside_line = source->line.goes_on;
    source->cut = 0;
    source->has_line = false;
    if (source->begin == source->end) {
        /* Thousands of quiet services are followed without a buffer each. */
        free(source->buffer);
        source->buffer = NULL;
        source->begin = source->end = 0;
    }
}

/* What inotify has to say is only where to look again. Returns 1 if there is something. */
static int take_events(struct logread *log) {
    _Alignas(struct inotify_event) char buffer[4096];
    bool is_any = false;

    for (;;) {
        ssize_t n = read(log->inotify_fd, buffer, sizeof(buffer));

        if (n <= 0) {
            return n < 0 && errno != EAGAIN ? -errno : is_any;
        }
        for (const char *at = buffer; at < buffer + n;) {
            const struct inotify_event *event = (const void *)at;
            bool is_all = (event->mask & IN_Q_OVERFLOW) != 0;

            for (size_t i = 0; i < log->n_sources; i++) {
                log->sources[i].is_dry &= !is_all && log->sources[i].watch != event->wd;
            }
            is_any = true;
            at += sizeof(*event) + event->len;
        }
    }
}

/* The source with the earliest line among those that have one; NULL if none has. */
static int find_first(struct logread *log, struct source **ret_first) {
    struct source *first = NULL;

    for (size_t i = 0; i < log->n_sources; i++) {
        struct source *source = &log->sources[i];
        int result = source->is_dry ? 0 : source_peek(source, log->mode);

        if (result < 0) {
            return result;
        }
        source->is_dry = result == 0;
        if (result == 1 &&
            (first == NULL || source->line.realtime_usec < first->line.realtime_usec)) {
            first = source;
        }
    }
    *ret_first = first;
    return 0;
}

int logread_next(struct logread *log, struct logread_line *ret_line) {
    struct source *first;
    int result;

    if (log->handed != NULL) {
        source_consume(log->handed);
        log->handed = NULL;
    }
    /* A source that never runs dry must not hide the others. */
    if (log->mode == LOGREAD_FOLLOW && ++log->n_lines % LINES_BETWEEN_EVENTS == 0) {
        result = take_events(log);
        if (result < 0) {
            return result;
        }
    }
    result = find_first(log, &first);
    if (result == 0 && first == NULL && log->mode == LOGREAD_FOLLOW) {
        result = take_events(log);
        if (result == 1) {
            result = find_first(log, &first);
        }
    }
    if (result < 0 || first == NULL) {
        return result;
    }
    log->handed = first;
    *ret_line = first->line;
    return 1;
}
