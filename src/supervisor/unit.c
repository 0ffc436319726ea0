/* An index is stable for a unit's life, since it is also the unit's place in the status file. */
#include "supervisor/unit.h"

#include "base/alloc.h"
#include "base/str.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 16
#define REMOVED UINT32_MAX

static uint32_t hash(const char *name) {
    uint32_t value = 2166136261u; /* FNV-1a; names are the owner's, not an attacker's */
    for (; *name != '\0'; name++) {
        value = (value ^ (unsigned char)*name) * 16777619u;
    }
    return value;
}

/* The bucket of that name, or the free one where a search for it ends. */
static uint32_t find_bucket(const struct units *self, const char *name) {
    uint32_t bucket = hash(name) % self->n_buckets;
    while (self->by_name[bucket] != 0 &&
           (self->by_name[bucket] == REMOVED ||
            strcmp(self->items[self->by_name[bucket] - 1]->spec.name, name) != 0)) {
        bucket = (bucket + 1) % self->n_buckets;
    }
    return bucket;
}

struct unit *units_find(const struct units *self, const char *name) {
    if (self->n_buckets == 0) {
        return NULL;
    }
    uint32_t entry = self->by_name[find_bucket(self, name)];
    return entry != 0 ? self->items[entry - 1] : NULL;
}

static int rebuild_names(struct units *self, uint32_t n_buckets) {
    uint32_t *buckets = alloc_zeroed(n_buckets, sizeof(uint32_t));
    if (buckets == NULL) {
        return -ENOMEM;
    }
    free(self->by_name);
    self->by_name = buckets;
    self->n_buckets = n_buckets;
    self->n_named = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        if (self->items[i] != NULL) {
            self->by_name[find_bucket(self, self->items[i]->spec.name)] = i + 1;
            self->n_named++;
        }
    }
    return 0;
}

/* Room for one more name, and for its index in *ret_index. */
static int make_room(struct units *self, uint32_t *ret_index) {
    uint32_t index = self->n_used == self->count ? self->count : 0;
    while (index < self->count && self->items[index] != NULL) {
        index++;
    }
    if (index >= UNITS_MAX) {
        return -ENOSPC;
    }
    if (index == self->room) {
        uint32_t room = self->room > 0 ? self->room * 2 : ROOM_FIRST;
        struct unit **items = alloc_resized(self->items, room, sizeof(struct unit *));
        if (items == NULL) {
            return -ENOMEM;
        }
        self->items = items;
        self->room = room;
    }
    *ret_index = index;
    /* At most half full, so that a search is short and ends. */
    return (self->n_named + 1) * 2 > self->n_buckets ? rebuild_names(self, self->room * 4) : 0;
}

int units_add(struct units *self, struct spec *spec_take, uint64_t seed, struct unit **ret_unit) {
    uint32_t index = 0;
    int r = make_room(self, &index);
    if (r < 0) {
        return r;
    }
    struct unit *unit = alloc_zeroed(1, sizeof(*unit));
    if (unit == NULL) {
        return -ENOMEM;
    }
    unit->spec = *spec_take;
    spec_init(spec_take);
    unit->policy = unit->spec.policy;
    service_init(&unit->service, seed);
    unit->index = index;
    unit->log_fd = unit->old_log_fd = -1;
    for (int i = 0; i < ROLE_COUNT; i++) {
        unit->report_fds[i] = -1;
    }
    uint32_t bucket = find_bucket(self, unit->spec.name);
    assert(self->by_name[bucket] == 0);
    self->by_name[bucket] = index + 1;
    self->n_named++;
    self->items[index] = unit;
    self->n_used++;
    if (index == self->count) {
        self->count++;
    }
    *ret_unit = unit;
    return 0;
}

bool unit_is_at_rest(const struct unit *self) {
    return (self->service.state == SERVICE_DEAD || self->service.state == SERVICE_FAILED) &&
           self->pids[ROLE_MAIN] == 0 && self->pids[ROLE_CONTROL] == 0;
}

void units_remove(struct units *self, struct unit *unit) {
    self->by_name[find_bucket(self, unit->spec.name)] = REMOVED;
    self->items[unit->index] = NULL;
    self->n_used--;
    spec_fini(&unit->spec);
    (void)str_list_free(unit->environment);
    free(unit);
}

void units_fini(struct units *self) {
    for (uint32_t i = 0; i < self->count; i++) {
        if (self->items[i] != NULL) {
            units_remove(self, self->items[i]);
        }
    }
    free(self->items);
    free(self->by_name);
    *self = (struct units){0};
}
