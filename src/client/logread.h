/*
 * Reading logs: the last lines of services, across rotated files, merged by time, and then what is
 * added to them. It reads files only and needs neither supervisor nor logger.
 *
 *     auto_(logread_free) struct logread *log = NULL;
 *     result = logread_new(logs_path, LOGREAD_FOLLOW, &log);
 *     result = logread_add(log, "web.service", 10);
 *     result = logread_add(log, "db.service", 10);
 *     for (;;) {
 *         result = logread_next(log, &line);       // 1: a line; it is valid until the next call
 *         if (result == 0) {
 *             poll logread_fd(log)                 // more may be there when it is readable
 *         }
 *     }
 *
 * A line without a stamp (a service whose log is raw) counts as being of the time of the line
 * before. Text comes as it was written; logread_neutralise() makes it safe to show.
 */
#ifndef CLIENT_LOGREAD_H
#define CLIENT_LOGREAD_H

#include "base/cleanup.h"
#include "base/usec.h"

#include <stdbool.h>
#include <stddef.h>

/* A longer line comes in pieces of this size. */
#define LOGREAD_LINE_MAX 65536
/* Services in one reader. */
#define LOGREAD_SERVICES_MAX 65536

enum logread_mode {
    LOGREAD_ONCE, /* what is there now */
    LOGREAD_FOLLOW, /* and what comes */
};

struct logread_line {
    const char *service;
    usec_t realtime_usec; /* of its stamp: since 1970, UTC; 0 = no line had one yet */
    const char *stamp; /* as it stands there, without the space; length 0 = none */
    size_t stamp_length;
    const char *text; /* without its newline */
    size_t text_length;
    bool has_begun_before; /* a further piece of the line before */
    bool goes_on; /* no newline behind it: a piece, or the end of what is written yet */
};

struct logread;

/* `logs_path` is the folder of all logs. */
int logread_new(const char *logs_path, enum logread_mode mode, struct logread **ret_log);
struct logread *logread_free(struct logread *log);
DEFINE_CLEANUP(logread_free, struct logread *)

/*
 * Adds a service, from its last `n_lines` lines on (SIZE_MAX: all). Returns -ENOENT if it has no
 * log; in the mode LOGREAD_FOLLOW too: its folder must be there to be watched.
 */
int logread_add(struct logread *log, const char *service, size_t n_lines);

/*
 * The earliest line that has not been read yet. Returns 1, or 0 if there is none (for now). In the
 * mode LOGREAD_FOLLOW a line comes when it is complete.
 */
int logread_next(struct logread *log, struct logread_line *ret_line);

/* Readable when something happened to a log (it is not to be read from). -1 in the mode
 * LOGREAD_ONCE. */
int logread_fd(const struct logread *log);

/* Room that logread_neutralise() needs for `size` bytes. */
#define LOGREAD_NEUTRAL_SIZE(size) (4 * (size) + 1)

/*
 * Copies text so that no byte of it can command a terminal: control characters become ^[ and the
 * like, C1 controls and what is not UTF-8 become \x9b and the like; tabs stay, a CR at the end is
 * dropped. `out` has LOGREAD_NEUTRAL_SIZE(size) bytes and is ended by NUL. Returns the length.
 */
size_t logread_neutralise(const char *text, size_t size, char *out);

#endif
