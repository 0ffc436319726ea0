/*
 * Two copies, one number. Each copy is a batch number, a checksum and a body. Writing one goes: the
 * batch becomes 0 (no copy), then body and checksum, then the batch, each step after the one before
 * it for every observer. A SIGKILL in between leaves batch 0, or a batch above `committed`; both
 * mean "not this one".
 *
 * Batches that were written and not committed must not become valid when the number is reached by
 * another decision; slot_table_discard() sees to that after a crash.
 *
 * A reader copies a body out between two looks at its batch. If the batch has changed meanwhile the
 * writer has passed by, and the reader begins again; it does so a few times only.
 */
#include "core/slot.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define MAGIC UINT64_C(0x0173757461747361) /* "astatus\1" */
#define READS_MAX 64

struct copy_head {
    _Atomic uint64_t batch; /* 0: this copy holds nothing */
    uint64_t checksum; /* of batch and body */
};

struct slot_body {
    struct service service;
    struct policy policy;
    uint64_t spec_digest[2];
    uint64_t name_checksum;
    uint32_t is_used;
    uint32_t reserved;
};

struct slot_copy {
    struct copy_head head;
    struct slot_body body;
};

struct instance_copy {
    struct copy_head head;
    struct instance body;
};

/* What children and readers look at has cache lines of its own. */
struct header {
    _Atomic uint64_t magic; /* stored last when the file is made */
    uint32_t layout;
    uint32_t slot_size;
    _Atomic uint32_t capacity;
    uint32_t reserved;
    uint8_t boot_id[SLOT_BOOT_ID_SIZE];
    uint64_t reserved_line[3];
    _Atomic uint64_t epoch;
    uint64_t reserved_epoch[7];
    _Atomic uint64_t committed;
    uint64_t reserved_committed[7];
    struct instance_copy instance[2];
};

struct stored_slot {
    struct slot_copy copies[2];
    struct slot_spawn_record spawn_records[ROLE_COUNT];
    char name[SPEC_NAME_MAX + 1];
};

static_assert(offsetof(struct header, epoch) == 64, "the layout is what it looks like");
static_assert(offsetof(struct header, committed) == 128, "the layout is what it looks like");
static_assert(sizeof(struct header) <= SLOT_TABLE_HEADER_SIZE, "the header fits");
static_assert(sizeof(struct stored_slot) <= SLOT_SIZE && SLOT_SIZE % 64 == 0, "a slot fits");
static_assert(sizeof(struct slot_body) % sizeof(uint64_t) == 0, "checksums go by words");
static_assert(sizeof(struct instance) % sizeof(uint64_t) == 0, "checksums go by words");
static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "another process may die while it stores");

static struct header *header_of(const struct slot_table *self) {
    return self->memory;
}

static struct stored_slot *stored(const struct slot_table *self, uint32_t index) {
    assert(index < self->capacity);
    unsigned char *slots = (unsigned char *)self->memory + SLOT_TABLE_HEADER_SIZE;
    return (struct stored_slot *)(void *)(slots + (size_t)index * SLOT_SIZE);
}

/* Multiply and fold, a word at a time. It finds damage, not malice: who may write is trusted. */
static uint64_t checksum(uint64_t seed, const void *bytes, size_t size) {
    uint64_t sum = seed ^ UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, (const unsigned char *)bytes + i, sizeof(word));
        sum = (sum ^ word) * UINT64_C(0xff51afd7ed558ccd);
        sum ^= sum >> 32;
    }
    return sum;
}

size_t slot_table_size(uint32_t capacity) {
    assert(capacity >= 1 && capacity <= SLOT_TABLE_CAPACITY_MAX);
    return SLOT_TABLE_HEADER_SIZE + (size_t)capacity * SLOT_SIZE;
}

static uint32_t capacity_of(size_t size) {
    if (size < SLOT_TABLE_HEADER_SIZE) {
        return 0;
    }
    size_t capacity = (size - SLOT_TABLE_HEADER_SIZE) / SLOT_SIZE;
    return capacity < SLOT_TABLE_CAPACITY_MAX ? (uint32_t)capacity : SLOT_TABLE_CAPACITY_MAX;
}

int slot_table_format(struct slot_table *ret_table, void *memory, size_t size,
                      const uint8_t boot_id[SLOT_BOOT_ID_SIZE]) {
    uint32_t capacity = capacity_of(size);
    if (capacity == 0) {
        return -EINVAL;
    }
    struct header *header = memory;
    header->layout = SLOT_LAYOUT;
    header->slot_size = SLOT_SIZE;
    memcpy(header->boot_id, boot_id, SLOT_BOOT_ID_SIZE);
    atomic_store(&header->capacity, capacity);
    atomic_store(&header->magic, MAGIC);
    *ret_table = (struct slot_table){.memory = memory, .capacity = capacity};
    return 0;
}

int slot_table_attach(struct slot_table *ret_table, void *memory, size_t size) {
    const struct header *header = memory;
    if (size < SLOT_TABLE_HEADER_SIZE || atomic_load(&header->magic) != MAGIC) {
        return -EBADMSG;
    }
    if (header->layout != SLOT_LAYOUT) {
        return -EPROTONOSUPPORT;
    }
    uint32_t capacity = atomic_load(&header->capacity);
    uint32_t room = capacity_of(size);
    if (header->slot_size != SLOT_SIZE || capacity == 0 || room == 0) {
        return -EBADMSG;
    }
    *ret_table = (struct slot_table){
        .memory = memory,
        .capacity = capacity < room ? capacity : room,
    };
    return 0;
}

int slot_table_grow(struct slot_table *self, void *memory, size_t size) {
    uint32_t capacity = capacity_of(size);
    if (capacity <= self->capacity) {
        return -EINVAL;
    }
    *self = (struct slot_table){.memory = memory, .capacity = capacity};
    atomic_store(&header_of(self)->capacity, capacity);
    return 0;
}

bool slot_table_has_grown(const struct slot_table *self) {
    return atomic_load(&header_of(self)->capacity) > self->capacity;
}

void slot_table_boot_id(const struct slot_table *self, uint8_t ret_boot_id[SLOT_BOOT_ID_SIZE]) {
    memcpy(ret_boot_id, header_of(self)->boot_id, SLOT_BOOT_ID_SIZE);
}

uint64_t slot_table_next_epoch(struct slot_table *self) {
    return atomic_fetch_add(&header_of(self)->epoch, 1) + 1;
}

const _Atomic uint64_t *slot_table_epoch(const struct slot_table *self) {
    return &header_of(self)->epoch;
}

struct slot_spawn_record *slot_spawn_record(const struct slot_table *self, uint32_t index,
                                            enum role role) {
    assert((uint32_t)role < ROLE_COUNT);
    return &stored(self, index)->spawn_records[role];
}

/*
 * Copies.
 */

/* Which of two batches is the valid one under `committed`: 0, 1, or -1 for neither. */
static int valid_copy(uint64_t first, uint64_t second, uint64_t committed) {
    first = first <= committed ? first : 0;
    second = second <= committed ? second : 0;
    if (first == 0 && second == 0) {
        return -1;
    }
    return first > second ? 0 : 1;
}

static uint64_t batch_of(const struct copy_head *head) {
    return atomic_load_explicit(&head->batch, memory_order_acquire);
}

/* Only the writer asks, so nothing moves meanwhile. If both copies are free it is the first. */
static int writable_copy(const struct slot_table *self, const struct copy_head *first,
                         const struct copy_head *second) {
    uint64_t committed = atomic_load_explicit(&header_of(self)->committed, memory_order_relaxed);
    return valid_copy(batch_of(first), batch_of(second), committed) == 0 ? 1 : 0;
}

static void write_copy(const struct slot_table *self, struct copy_head *head, void *body,
                       const void *bytes, size_t size) {
    uint64_t committed = atomic_load_explicit(&header_of(self)->committed, memory_order_relaxed);
    uint64_t batch = committed + 1;
    atomic_store_explicit(&head->batch, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    memcpy(body, bytes, size);
    head->checksum = checksum(batch, bytes, size);
    atomic_store_explicit(&head->batch, batch, memory_order_release);
}

/*
 * Copies the valid body out. 0; SLOT_FREE when there is none; -EBADMSG when its checksum is wrong,
 * or when the batches are such as no writer leaves; -EAGAIN when the writer passed by.
 */
static int read_copy(const struct slot_table *self, const struct copy_head *const heads[2],
                     const void *const bodies[2], void *ret_body, size_t size) {
    uint64_t committed = atomic_load(&header_of(self)->committed);
    uint64_t batches[2] = {batch_of(heads[0]), batch_of(heads[1])};
    int valid = valid_copy(batches[0], batches[1], committed);
    if (valid < 0) {
        bool has_moved = atomic_load(&header_of(self)->committed) != committed;
        bool is_free = batches[0] == 0 || batches[1] == 0;
        return has_moved ? -EAGAIN : (is_free ? SLOT_FREE : -EBADMSG);
    }
    memcpy(ret_body, bodies[valid], size);
    uint64_t sum = heads[valid]->checksum;
    atomic_thread_fence(memory_order_acquire);
    if (batch_of(heads[valid]) != batches[valid]) {
        return -EAGAIN;
    }
    bool is_whole = sum == checksum(batches[valid], ret_body, size);
    return is_whole && batches[0] != batches[1] ? 0 : -EBADMSG;
}

static void discard_copy(struct copy_head *head, uint64_t committed) {
    if (batch_of(head) > committed) {
        atomic_store(&head->batch, 0);
    }
}

void slot_table_discard(struct slot_table *self) {
    struct header *header = header_of(self);
    uint64_t committed = atomic_load(&header->committed);
    for (int copy = 0; copy < 2; copy++) {
        discard_copy(&header->instance[copy].head, committed);
        for (uint32_t i = 0; i < self->capacity; i++) {
            discard_copy(&stored(self, i)->copies[copy].head, committed);
        }
    }
}

void slot_commit(struct slot_table *self) {
    struct header *header = header_of(self);
    uint64_t committed = atomic_load_explicit(&header->committed, memory_order_relaxed);
    atomic_store(&header->committed, committed + 1);
}

/*
 * Slots.
 */

static uint64_t name_checksum(const char name[SPEC_NAME_MAX + 1]) {
    return checksum(0, name, SPEC_NAME_MAX + 1);
}

static bool is_used(const struct slot_table *self, uint32_t index) {
    struct slot slot;
    return slot_read(self, index, &slot) == 0;
}

void slot_claim(struct slot_table *self, uint32_t index, const char *name) {
    struct stored_slot *slot = stored(self, index);
    size_t length = strlen(name);
    assert(length >= 1 && length <= SPEC_NAME_MAX);
    assert(!is_used(self, index));
    memset(slot->name, 0, sizeof(slot->name));
    memcpy(slot->name, name, length);
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        atomic_store(&slot->spawn_records[i].attempt, 0);
        atomic_store(&slot->spawn_records[i].refused, 0);
    }
}

void slot_write(struct slot_table *self, uint32_t index, const struct slot *slot) {
    struct stored_slot *place = stored(self, index);
    struct slot_body body = {
        .service = slot->service,
        .policy = slot->policy,
        .spec_digest = {slot->spec_digest[0], slot->spec_digest[1]},
        .name_checksum = name_checksum(place->name),
        .is_used = slot->is_used,
    };
    assert(slot->is_used <= 1);
    assert(service_check(&slot->service) == NULL);
    assert(policy_check(&slot->policy) == POLICY_OK);
    assert(strcmp(place->name, slot->name) == 0);
    int copy = writable_copy(self, &place->copies[0].head, &place->copies[1].head);
    write_copy(self, &place->copies[copy].head, &place->copies[copy].body, &body, sizeof(body));
}

/* What a body may say; `name` was copied out beside it. */
static int decode(const struct slot_body *body, const char name[SPEC_NAME_MAX + 1],
                  struct slot *ret_slot) {
    if (body->is_used == 0) {
        return SLOT_FREE;
    }
    if (body->is_used != 1 || body->reserved != 0 || name[0] == '\0' ||
        name[SPEC_NAME_MAX] != '\0' || name_checksum(name) != body->name_checksum) {
        return -EBADMSG;
    }
    if (service_check(&body->service) != NULL || policy_check(&body->policy) != POLICY_OK) {
        return -EBADMSG;
    }
    *ret_slot = (struct slot){
        .service = body->service,
        .policy = body->policy,
        .spec_digest = {body->spec_digest[0], body->spec_digest[1]},
        .is_used = 1,
    };
    memcpy(ret_slot->name, name, SPEC_NAME_MAX + 1);
    return 0;
}

int slot_read(const struct slot_table *self, uint32_t index, struct slot *ret_slot) {
    const struct stored_slot *place = stored(self, index);
    const struct copy_head *heads[2] = {&place->copies[0].head, &place->copies[1].head};
    const void *bodies[2] = {&place->copies[0].body, &place->copies[1].body};
    int r = -EAGAIN;
    for (int i = 0; i < READS_MAX && r == -EAGAIN; i++) {
        struct slot_body body;
        char name[SPEC_NAME_MAX + 1];
        memcpy(name, place->name, sizeof(name));
        r = read_copy(self, heads, bodies, &body, sizeof(body));
        if (r == 0) {
            r = decode(&body, name, ret_slot);
        }
    }
    return r;
}

void slot_write_instance(struct slot_table *self, const struct instance *instance) {
    struct instance_copy *copies = header_of(self)->instance;
    int copy = writable_copy(self, &copies[0].head, &copies[1].head);
    write_copy(self, &copies[copy].head, &copies[copy].body, instance, sizeof(*instance));
}

int slot_read_instance(const struct slot_table *self, struct instance *ret_instance) {
    const struct instance_copy *copies = header_of(self)->instance;
    const struct copy_head *heads[2] = {&copies[0].head, &copies[1].head};
    const void *bodies[2] = {&copies[0].body, &copies[1].body};
    struct instance instance;
    int r = -EAGAIN;
    for (int i = 0; i < READS_MAX && r == -EAGAIN; i++) {
        r = read_copy(self, heads, bodies, &instance, sizeof(instance));
    }
    if (r == SLOT_FREE) {
        memset(&instance, 0, sizeof(instance));
        r = 0;
    }
    if (r == 0) {
        *ret_instance = instance;
    }
    return r;
}
