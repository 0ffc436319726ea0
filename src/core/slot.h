/*
 * The status file as bytes: the memory of a supervisor that may be killed at any instant.
 *
 * The file is a header and then slots of fixed size, one a service. Everything that a decision may
 * change stands twice, each copy with the number of the batch that wrote it and a checksum. A
 * decision writes the copy that is not valid of each slot that it touches, then makes itself valid,
 * all slots at once, by one store of `committed`. The valid copy is the newest whose batch is not
 * above that. So between any two stores the last decision or the new one is there, whole.
 *
 *     writer                                          reader
 *     slot_write(&table, 3, &slot);                   r = slot_read(&table, 3, &slot);
 *     slot_write(&table, 8, &other);
 *     slot_commit(&table);
 *
 * The memory is the caller's: a shared mapping of the file, or plain memory in a test. Nothing here
 * maps, allocates or waits. There is one writer (the supervisor that holds the home's lock);
 * readers need no lock and may read at any time. A reader believes no byte: what it returns was
 * copied out first, and passed its checksum, service_check() and policy_check().
 *
 * A new supervisor, in this order:
 *
 *     slot_table_attach()      -EPROTONOSUPPORT: written by another layout; leave all as it is.
 *     compare the boot id      another boot: the file is of the past; make a new one.
 *     slot_table_next_epoch()  from here on, children that an earlier supervisor began are refused.
 *     slot_table_discard()     a batch that was not committed never was.
 *     slot_read(), spawn records, EVENT_RECOVERED for each slot.
 *
 * The spawn record of a role is the one thing in a slot that the supervisor does not write: the
 * child does, before anything else (os/spawn.h), as it is the only one who is there when its parent
 * is killed. It stores who it is, then the attempt, then reads the epoch; if that is not the one it
 * was born in it stores the attempt in `refused` too, and exits. Both sides are sequentially
 * consistent, so a supervisor that has stepped the epoch and then reads the record knows: the
 * attempt is not there: no such child exists that will exec. It is there and refused: the same. It
 * is there: the child has gone on, or is about to notice; one that has not executed anything yet
 * may be killed, and counts as never run.
 *
 * More services: the caller enlarges the file (at its end, with zeros), maps it anew, and says so
 * with slot_table_grow(); doubling keeps that rare. Slots never move, and the file never shrinks: a
 * slot whose service was forgotten is written with `is_used` 0, and may be used for another name
 * once that is committed. A reader that finds slot_table_has_grown() maps the file anew.
 */
#ifndef CORE_SLOT_H
#define CORE_SLOT_H

#include "core/policy.h"
#include "core/process.h"
#include "core/service.h"
#include "core/spec.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Changes with every change of a struct that is stored. A file of another layout is refused. */
#define SLOT_LAYOUT 1

#define SLOT_TABLE_HEADER_SIZE 4096
#define SLOT_SIZE 1664
/* More services than this are refused; it also bounds what a reader believes of a header. */
#define SLOT_TABLE_CAPACITY_MAX 65536
#define SLOT_BOOT_ID_SIZE 16

/* What slot_read() answers besides 0. */
#define SLOT_FREE 1

/* A service as it is stored. */
struct slot {
    struct service service;
    struct policy policy;
    uint64_t spec_digest[2]; /* of the unit files that the policy is from; the caller's */
    uint32_t is_used; /* 1; 0 in a slot_write() frees the slot */
    uint32_t reserved; /* zero */
    char name[SPEC_NAME_MAX + 1]; /* set by slot_claim(); slot_write() does not change it */
};

/* What is stored once for all services, and committed with them. */
struct instance {
    uint64_t last_event; /* the highest event id that was used */
    uint64_t last_exit; /* the last record of the keeper's ring of exits that was used */
    struct process_identity keeper, supervisor, logger; /* pid 0: not running */
};

/* Who is being spawned; written by the child, all sequentially consistent. All-zero: nobody yet. */
struct slot_spawn_record {
    _Atomic uint64_t pid;
    _Atomic uint64_t inode;
    _Atomic uint64_t start_time;
    _Atomic uint64_t attempt; /* whose pid, inode and start time these are */
    _Atomic uint64_t refused; /* the last attempt that refused to exec */
};

/* A view of the memory; plain data. */
struct slot_table {
    void *memory;
    uint32_t capacity; /* slots that both the header and the memory have */
};

/* Bytes that a file of so many slots has. `capacity` is 1 to SLOT_TABLE_CAPACITY_MAX. */
size_t slot_table_size(uint32_t capacity);

/*
 * Makes an empty status file of `size` bytes of zeros, for as many slots as fit. The memory must be
 * aligned for any type. Returns 0, or -EINVAL when not one slot fits. A file that was not made to
 * the end is refused by slot_table_attach().
 */
int slot_table_format(struct slot_table *ret_table, void *memory, size_t size,
                      const uint8_t boot_id[SLOT_BOOT_ID_SIZE]);

/*
 * Looks at a status file that exists. Returns 0, -EBADMSG when it is not one, or damaged, or
 * -EPROTONOSUPPORT when it is of another layout.
 */
int slot_table_attach(struct slot_table *ret_table, void *memory, size_t size);

/* Writer: the memory has become larger, and may lie elsewhere. -EINVAL if it has not. */
int slot_table_grow(struct slot_table *self, void *memory, size_t size);

/* Reader: the file has more slots than this view of it. */
bool slot_table_has_grown(const struct slot_table *self);

void slot_table_boot_id(const struct slot_table *self, uint8_t ret_boot_id[SLOT_BOOT_ID_SIZE]);

/* Writer: steps the epoch, and returns the new one. */
uint64_t slot_table_next_epoch(struct slot_table *self);
/* What a child reads (struct spawn_record of os/spawn.h). */
const _Atomic uint64_t *slot_table_epoch(const struct slot_table *self);

/* Writer: makes what was written and not committed as if it had never been. */
void slot_table_discard(struct slot_table *self);

/*
 * Writer: gives a slot its name, of 1 to SPEC_NAME_MAX bytes, and clears its spawn records. The
 * slot must not be in use; it stays free until a slot_write() of it is committed. A broken slot may
 * be claimed too, and is whole again after that.
 */
void slot_claim(struct slot_table *self, uint32_t index, const char *name);

/*
 * Writer: what the slot holds once slot_commit() has been called. `slot` must pass its checks, and
 * its `name` be the slot's. May be called again for the same slot before that.
 */
void slot_write(struct slot_table *self, uint32_t index, const struct slot *slot);
void slot_write_instance(struct slot_table *self, const struct instance *instance);

/* Writer: makes everything written since the last commit valid, at once. */
void slot_commit(struct slot_table *self);

/*
 * Returns 0, SLOT_FREE, -EBADMSG when the slot is broken (it is that service's trouble alone), or
 * -EAGAIN when the writer was faster each of several times.
 */
int slot_read(const struct slot_table *self, uint32_t index, struct slot *ret_slot);
/* As slot_read(); an instance that was never written is all zero. */
int slot_read_instance(const struct slot_table *self, struct instance *ret_instance);

/* The spawn record of a role; lies in the memory. */
struct slot_spawn_record *slot_spawn_record(const struct slot_table *self, uint32_t index,
                                            enum role role);

#endif
