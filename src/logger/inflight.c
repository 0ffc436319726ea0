/*
 * A SIGKILL keeps every store that was made and loses those that were not, in program order. So
 * only the compiler must be kept from moving stores, which is what the release stores of `state`
 * do. The state is one word: the phase, and which of the two positions counts.
 */
#include "logger/inflight.h"

#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "abidelog"
#define LAYOUT UINT32_C(1)
#define PAGE 4096
#define BOOT_ID_SIZE 40

enum phase {
    PHASE_FREE,
    PHASE_READING,
    PHASE_HAVE,
};

/* The second position counts. */
#define STATE_SECOND UINT32_C(0x100)
#define STATE_PHASE UINT32_C(0xff)

struct header {
    char magic[8]; /* written last */
    uint32_t layout;
    uint32_t n_slots;
    char boot_id[BOOT_ID_SIZE];
};

struct inflight_slot {
    _Atomic uint32_t state;
    uint32_t unused;
    struct inflight_chunk chunk;
    struct inflight_position positions[2];
    _Alignas(PAGE) char data[INFLIGHT_DATA_SIZE];
};

struct layout {
    _Alignas(PAGE) struct header header;
    _Alignas(PAGE) struct inflight_slot slots[INFLIGHT_SLOTS];
};

static_assert(sizeof(struct inflight_slot) == PAGE + INFLIGHT_DATA_SIZE, "no gap in a slot");
static_assert(sizeof(struct layout) == PAGE + INFLIGHT_SLOTS * sizeof(struct inflight_slot),
              "no gap between slots");

static struct layout *layout_of(const struct inflight *self) {
    assert(self->map != NULL);
    return self->map;
}

static enum phase phase_of(const struct inflight_slot *slot) {
    return (enum phase)(atomic_load_explicit(&slot->state, memory_order_acquire) & STATE_PHASE);
}

static void set_state(struct inflight_slot *slot, uint32_t state) {
    atomic_store_explicit(&slot->state, state, memory_order_release);
}

static int read_boot_id(char boot_id[BOOT_ID_SIZE]) {
    ssize_t n;
    auto_fd int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    memset(boot_id, 0, BOOT_ID_SIZE);
    n = read(fd, boot_id, BOOT_ID_SIZE - 1);
    if (n < 0) {
        return -errno;
    }
    return n == 0 ? -EIO : 0;
}

static int lock_file(int fd) {
    /* An open file description lock ends with the descriptor, also by SIGKILL. */
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
        return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
    }
    return 0;
}

static bool is_current(const struct layout *layout, const char boot_id[BOOT_ID_SIZE]) {
    return memcmp(layout->header.magic, MAGIC, sizeof(layout->header.magic)) == 0 &&
           layout->header.layout == LAYOUT && layout->header.n_slots == INFLIGHT_SLOTS &&
           memcmp(layout->header.boot_id, boot_id, BOOT_ID_SIZE) == 0;
}

/* Counts what an earlier boot left, as far as this layout can tell, and begins anew. */
static size_t begin_anew(struct layout *layout, const char boot_id[BOOT_ID_SIZE]) {
    size_t n_dropped = 0;

    for (size_t i = 0; i < INFLIGHT_SLOTS; i++) {
        n_dropped += phase_of(&layout->slots[i]) == PHASE_HAVE;
        set_state(&layout->slots[i], PHASE_FREE);
    }
    memset(&layout->header, 0, sizeof(layout->header));
    layout->header.layout = LAYOUT;
    layout->header.n_slots = INFLIGHT_SLOTS;
    memcpy(layout->header.boot_id, boot_id, BOOT_ID_SIZE);
    atomic_signal_fence(memory_order_seq_cst);
    memcpy(layout->header.magic, MAGIC, sizeof(layout->header.magic));
    return n_dropped;
}

int inflight_open(struct inflight *self, int runtime_fd, size_t *ret_dropped) {
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    char boot_id[BOOT_ID_SIZE];
    struct stat stat;
    void *map;
    int result;
    auto_fd int fd = openat(runtime_fd, INFLIGHT_FILE, flags, 0600);

    if (fd < 0) {
        return -errno;
    }
    result = lock_file(fd);
    if (result < 0) {
        return result;
    }
    result = read_boot_id(boot_id);
    if (result < 0) {
        return result;
    }
    if (fstat(fd, &stat) < 0) {
        return -errno;
    }
    if (stat.st_size != sizeof(struct layout) && ftruncate(fd, 0) < 0) {
        return -errno;
    }
    /* Every block now, so that a full file system is an error here and not a SIGBUS later. */
    result = posix_fallocate(fd, 0, sizeof(struct layout));
    if (result != 0) {
        return -result;
    }
    map = mmap(NULL, sizeof(struct layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        return -errno;
    }
    *ret_dropped = is_current(map, boot_id) ? 0 : begin_anew(map, boot_id);
    self->map = map;
    self->fd = take_fd(&fd);
    return 0;
}

void inflight_close(struct inflight *self) {
    if (self->map != NULL) {
        (void)munmap(self->map, sizeof(struct layout)); /* It cannot fail for a whole mapping. */
    }
    self->map = NULL;
    self->fd = fd_close(self->fd);
}

struct inflight_slot *inflight_slot(const struct inflight *self, size_t index) {
    assert(index < INFLIGHT_SLOTS);
    return &layout_of(self)->slots[index];
}

struct inflight_slot *inflight_free_slot(const struct inflight *self) {
    for (size_t i = 0; i < INFLIGHT_SLOTS; i++) {
        struct inflight_slot *slot = inflight_slot(self, i);
        if (phase_of(slot) == PHASE_FREE) {
            return slot;
        }
    }
    return NULL;
}

static size_t canary_length(const struct inflight_slot *slot) {
    return slot->chunk.size < INFLIGHT_CANARY_SIZE ? slot->chunk.size : INFLIGHT_CANARY_SIZE;
}

bool inflight_holds(struct inflight_slot *slot) {
    switch (phase_of(slot)) {
    case PHASE_HAVE:
        return true;
    case PHASE_READING:
        if (memcmp(slot->data, slot->chunk.canary, canary_length(slot)) != 0) {
            set_state(slot, PHASE_HAVE);
            return true;
        }
        set_state(slot, PHASE_FREE);
        return false;
    case PHASE_FREE:
        return false;
    }
    set_state(slot, PHASE_FREE); /* No logger wrote this state. */
    return false;
}

bool inflight_is_waiting(const struct inflight_slot *slot) {
    return phase_of(slot) == PHASE_HAVE;
}

const struct inflight_chunk *inflight_chunk(const struct inflight_slot *slot) {
    return &slot->chunk;
}

char *inflight_data(struct inflight_slot *slot) {
    return slot->data;
}

struct inflight_position inflight_position(const struct inflight_slot *slot) {
    uint32_t state = atomic_load_explicit(&slot->state, memory_order_acquire);
    return slot->positions[(state & STATE_SECOND) != 0];
}

void inflight_prepare(struct inflight_slot *slot, const struct inflight_chunk *chunk,
                      const struct inflight_position *position) {
    volatile char *data = slot->data;

    assert(phase_of(slot) == PHASE_FREE);
    assert(chunk->size > 0 && chunk->size <= INFLIGHT_DATA_SIZE);
    slot->chunk = *chunk;
    slot->positions[0] = *position;
    /* Write-back makes pages of a mapped file read-only. A fault inside read(), taken while a
     * SIGKILL is pending, can end the read half-way, so every page is made writable before. */
    for (size_t i = 0; i < chunk->size; i += PAGE) {
        data[i] = 0;
    }
    memcpy(slot->data, chunk->canary, INFLIGHT_CANARY_SIZE);
}

void inflight_reading(struct inflight_slot *slot) {
    set_state(slot, PHASE_READING);
    /* The read must stay behind the store above; it is a system call, so a compiler barrier will
     * do. */
    atomic_signal_fence(memory_order_seq_cst);
}

void inflight_have(struct inflight_slot *slot, uint32_t size) {
    assert(phase_of(slot) == PHASE_READING);
    assert(size > 0 && size <= slot->chunk.size);
    slot->chunk.size = size;
    set_state(slot, PHASE_HAVE);
}

void inflight_move(struct inflight_slot *slot, const struct inflight_position *position) {
    uint32_t state = atomic_load_explicit(&slot->state, memory_order_relaxed) ^ STATE_SECOND;

    assert(phase_of(slot) == PHASE_HAVE);
    slot->positions[(state & STATE_SECOND) != 0] = *position;
    set_state(slot, state);
}

void inflight_done(struct inflight_slot *slot) {
    set_state(slot, PHASE_FREE);
}
