/*
 * What a service asks of its log, as the supervisor writes it to RUNTIME/log/NAME.conf:
 *
 *     version=1
 *     stamp=utc
 *     file-size-max=67108864
 *     total-size-max=536870912
 *     count-max=0
 *
 * One KEY=VALUE a line, no spaces around '=', numbers in decimal, sizes in bytes. Every key may be
 * missing, an unknown key is ignored, so that an older logger reads what a newer supervisor wrote
 * and the other way round. A value that is no number or out of its range keeps the default, and is
 * counted. `version`, if it stands there, is 1: any other makes all keys ignored (one bad value).
 *
 *     stamp            utc, local, raw (logger/stamp.h)
 *     file-size-max    rotate at this size: 4096 to 2^50; default 64 MiB. A line is not cut for it
 *                      unless it would run past the limit by more than compose_overshoot().
 *     total-size-max   rotated files and current together: 16384 to 2^50; 0 = no limit; default
 *                      512 MiB. Oldest files go first. One file is at most a quarter of it,
 * whatever file-size-max says, so that there is room for the past beside the present. count-max
 * rotated files at most; 0 = no limit (the default)
 */
#ifndef LOGGER_SETTINGS_H
#define LOGGER_SETTINGS_H

#include "logger/stamp.h"

#include <stddef.h>
#include <stdint.h>

/* A longer settings file is refused. */
#define SETTINGS_TEXT_MAX 4096

struct settings {
    enum stamp_mode stamp;
    uint32_t count_max;
    uint64_t file_size_max;
    uint64_t total_size_max;
};

#define SETTINGS_INIT                                                                              \
    (struct settings) {                                                                            \
        .stamp = STAMP_UTC, .file_size_max = UINT64_C(64) << 20,                                   \
        .total_size_max = UINT64_C(512) << 20                                                      \
    }

/* Reads `size` bytes of text. Returns how many lines held a bad value. */
size_t settings_parse(const char *text, size_t size, struct settings *ret_settings);

/*
 * Reads the file `name` in the folder `dir_fd`. A missing file means the defaults. Returns the
 * number of bad values, -EFBIG for a longer text than SETTINGS_TEXT_MAX, or another -errno.
 */
int settings_load(int dir_fd, const char *name, struct settings *ret_settings);

#endif
