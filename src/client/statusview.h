/*
 * What a reader sees of an instance: the status file, which asks nobody and works when the
 * supervisor hangs or is dead, and the lock, which says whether one runs.
 *
 *     auto_(statusview_close) struct statusview view = {0};
 *     r = statusview_open(&home, &view);
 *     struct statusview_service service;
 *     for (uint32_t i = 0; (r = statusview_next(&view, &i, &service)) > 0;) { … }
 *
 * What the file says of a process is checked: without a supervisor nobody corrects it when one
 * ends.
 */
#ifndef CLIENT_STATUSVIEW_H
#define CLIENT_STATUSVIEW_H

#include "core/slot.h"
#include "core/status.h"
#include "os/mapped.h"

#include <stdbool.h>
#include <stdint.h>

struct home;

/* All-zero is closed: nothing runs, and there are no services. */
struct statusview {
    struct mapped mapped;
    struct slot_table table; /* capacity 0: there is no status file of this boot */
    bool is_supervised; /* somebody holds the lock of the home */
    uint32_t holder_pid; /* who wrote itself into the lock last; 0: not known, or nobody runs */
};

/* abide's own processes; 0: it does not run. */
struct statusview_pids {
    uint32_t keeper;
    uint32_t supervisor;
    uint32_t logger;
};

struct statusview_service {
    struct slot slot;
    struct status status; /* of the slot, and corrected where `is_gone` */
    bool is_gone; /* the main process that the file tells of has ended, and nobody has noticed */
};

/*
 * A home without any files is an empty view. -EACCES: it is another user's; -EBADMSG or
 * -EPROTONOSUPPORT: the status file is damaged or of another version of abide.
 */
int statusview_open(const struct home *home, struct statusview *ret_view);
void statusview_close(struct statusview *self);

static inline void cleanup_statusview_close(struct statusview *self) {
    statusview_close(self);
}

void statusview_pids(const struct statusview *self, struct statusview_pids *ret_pids);

/*
 * 1 and the next service from slot *index on, which is set to behind it; 0: there are no more. A
 * slot that is broken is passed over.
 */
int statusview_next(const struct statusview *self, uint32_t *index,
                    struct statusview_service *ret_service);

/* 1 and the service of that name, or 0. */
int statusview_find(const struct statusview *self, const char *name,
                    struct statusview_service *ret_service);

#endif
