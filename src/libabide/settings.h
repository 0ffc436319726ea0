/*
 * A caller's struct abide_daemon, checked, and its defaults: the rest of the library asks here and
 * never reads a field that may be zero for "default".
 */
#ifndef LIBABIDE_SETTINGS_H
#define LIBABIDE_SETTINGS_H

#include "base/usec.h"

#include <sys/types.h>

struct abide_daemon;

#define SETTINGS_START_TIMEOUT_USEC (90 * USEC_PER_SEC)
#define SETTINGS_STOP_TIMEOUT_USEC (10 * USEC_PER_SEC)
#define SETTINGS_UMASK 022

/* What the call at hand needs to be set. */
enum settings_need {
    SETTINGS_NEED_NOTHING,
    SETTINGS_NEED_RUN,
    SETTINGS_NEED_PIDFILE,
};

/* Empties daemon->error, then checks every field. Returns 0, or -EINVAL or -EBADF with the field's
 * name, value and cure in daemon->error; -EINVAL alone when `daemon` is NULL. */
int settings_check(struct abide_daemon *daemon, enum settings_need need);

const char *settings_name(const struct abide_daemon *daemon);
mode_t settings_umask(const struct abide_daemon *daemon);
usec_t settings_start_timeout(const struct abide_daemon *daemon);
usec_t settings_stop_timeout(const struct abide_daemon *daemon);

#endif
