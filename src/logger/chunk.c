/*
 * Each system call here can be the last one before a SIGKILL; logger/inflight.h says what is then
 * found.
 */
#include "logger/chunk.h"

#include "logger/diag.h"
#include "logger/stall.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Copies up to `size` bytes that stand in the pipe; returns their number, or -errno. */
static ssize_t peek(const struct process *process, const struct run *run, char *out, size_t size) {
    ssize_t n = tee(run->fd, process->peek_write_fd, size, SPLICE_F_NONBLOCK);

    if (n < 0) {
        return -errno;
    }
    if (n > 0) {
        n = read(process->peek_read_fd, out, (size_t)n);
    }
    return n < 0 ? -errno : n;
}

enum chunk_peek chunk_peek(const struct process *process, const struct run *run) {
    char byte;
    ssize_t n = peek(process, run, &byte, 1);

    if (n > 0) {
        return CHUNK_PEEK_DATA;
    }
    return n == 0 ? CHUNK_PEEK_ENDED : CHUNK_PEEK_EMPTY;
}

static void choose_canary(struct process *process, const struct run *run, uint32_t size,
                          unsigned char canary[INFLIGHT_CANARY_SIZE]) {
    uint64_t random = prng_next(&process->random);
    char coming[INFLIGHT_CANARY_SIZE] = {0};
    ssize_t n;

    static_assert(sizeof(random) == INFLIGHT_CANARY_SIZE, "one word fills the canary");
    memcpy(canary, &random, sizeof(random));
    if (size >= INFLIGHT_CANARY_SIZE) {
        return;
    }
    /* A few bytes could equal a few random ones. They are known before they are taken, so the
     * canary is made their opposite. */
    n = peek(process, run, coming, size);
    for (ssize_t i = 0; i < n; i++) {
        canary[i] = (unsigned char)~(unsigned char)coming[i];
    }
}

static uint32_t line_state(const struct service *service, const struct run *run,
                           const struct output *output) {
    if (!output->is_mid_line) {
        return COMPOSE_LINE_START;
    }
    if (service->settings.stamp == STAMP_RAW || service->owner == run->number) {
        return COMPOSE_LINE_MID;
    }
    return COMPOSE_LINE_BREAK;
}

static void prepare(struct process *process, const struct run *run, uint32_t size,
                    struct inflight_slot *slot) {
    const struct service *service = run->service;
    const struct output *output = service->output;
    struct inflight_position position = {
        .device = output->device,
        .inode = output->inode,
        .cursor = {.offset = output->offset, .line = line_state(service, run, output)},
    };
    struct inflight_chunk chunk = {
        .size = size,
        .run = run->number,
        .file_size_max = service->settings.file_size_max,
        .stamp_usec = process_realtime_usec(),
    };

    /* The stamp is written down as text: after a kill the local time zone may be another one. */
    chunk.stamp_length =
        (uint32_t)stamp_format(service->settings.stamp, chunk.stamp_usec, chunk.stamp);
    memcpy(chunk.service, service->name, strlen(service->name) + 1);
    choose_canary(process, run, size, chunk.canary);
    inflight_prepare(slot, &chunk, &position);
}

int chunk_take(struct process *process, struct run *run, size_t *ret_size) {
    struct service *service = run->service;
    struct inflight_slot *slot;
    struct output *output;
    int readable = 0;
    ssize_t n;
    int result;

    assert(service->slot == NULL);
    if (ioctl(run->fd, FIONREAD, &readable) < 0 || readable <= 0) {
        return 0;
    }
    result = output_current(&process->outputs, service, &output);
    if (result < 0) {
        return result;
    }
    slot = inflight_free_slot(&process->inflight);
    if (slot == NULL || stall_is_full(process, output->device)) {
        return -EAGAIN;
    }
    if (readable > INFLIGHT_DATA_SIZE) {
        readable = INFLIGHT_DATA_SIZE;
    }
    prepare(process, run, (uint32_t)readable, slot);
    inflight_reading(slot);
    n = read(run->fd, inflight_data(slot), (size_t)readable);
    if (n <= 0) {
        inflight_done(slot);
        return 0;
    }
    inflight_have(slot, (uint32_t)n);
    run->had_data = true;
    service->slot = slot;
    *ret_size = (size_t)n;
    result = chunk_finish(process, service);
    return result < 0 ? result : 1;
}

void chunk_trim(struct process *process, const struct service *service) {
    int result = output_trim(&process->outputs, service);

    if (result < 0) {
        diag_write(process->outputs.logs_fd, "%s: cannot remove old log files: %s", service->name,
                   strerror(-result));
    }
}

/* Turns to a new file, writes that down, and only then lets old files go. */
static int turn(struct process *process, struct service *service, struct output *output,
                struct inflight_position *position) {
    const struct inflight_chunk *chunk = inflight_chunk(service->slot);
    int result = output_rotate(&process->outputs, output, chunk->stamp_usec);

    if (result < 0) {
        return result;
    }
    position->device = output->device;
    position->inode = output->inode;
    position->cursor.offset = output->offset;
    position->cursor.line = output->is_mid_line ? COMPOSE_LINE_BREAK : COMPOSE_LINE_START;
    inflight_move(service->slot, position);
    chunk_trim(process, service);
    return 0;
}

int chunk_finish(struct process *process, struct service *service) {
    struct inflight_slot *slot = service->slot;
    const struct inflight_chunk *chunk = inflight_chunk(slot);
    const struct compose_input input = {
        .data = inflight_data(slot),
        .size = chunk->size,
        .stamp = chunk->stamp,
        .stamp_length = chunk->stamp_length,
        .file_size_max = chunk->file_size_max,
    };
    struct inflight_position position = inflight_position(slot);
    enum compose_result composed;
    struct output *output;
    int result = output_at(&process->outputs, service, &position, &output);

    if (result < 0) {
        return result;
    }
    if (result > 0) {
        inflight_move(slot, &position);
    }
    do {
        uint64_t offset = position.cursor.offset;
        size_t length;

        composed = compose_next(&input, &position.cursor, process->composed,
                                sizeof(process->composed), &length);
        result = output_write(output, process->composed, length, offset);
        if (result == 0 && composed == COMPOSE_ROTATE) {
            result = turn(process, service, output, &position);
        }
        if (result < 0) {
            stall_note_error(process, output->device, result);
            return result;
        }
    } while (composed != COMPOSE_DONE);
    inflight_done(slot);
    service->slot = NULL;
    output->offset = position.cursor.offset;
    output->is_mid_line = position.cursor.line == COMPOSE_LINE_MID;
    service->owner = output->is_mid_line ? chunk->run : 0;
    return 0;
}

/* The name and sizes in a slot come from a file; a broken one must not lead outside the log folder.
 */
static bool is_sound(const struct inflight_chunk *chunk) {
    size_t length = strnlen(chunk->service, sizeof(chunk->service));

    return length > 0 && length < sizeof(chunk->service) && chunk->service[0] != '.' &&
           strchr(chunk->service, '/') == NULL && chunk->size > 0 &&
           chunk->size <= INFLIGHT_DATA_SIZE && chunk->stamp_length <= STAMP_SIZE &&
           chunk->file_size_max > 0;
}

static int recover_slot(struct process *process, struct inflight_slot *slot) {
    const struct inflight_chunk *chunk = inflight_chunk(slot);
    size_t length = strnlen(chunk->service, sizeof(chunk->service));
    struct service *service;
    int result;

    if (!is_sound(chunk) || inflight_position(slot).cursor.consumed > chunk->size) {
        diag_write(process->outputs.logs_fd, "%s: a broken chunk was dropped", INFLIGHT_FILE);
        inflight_done(slot);
        return 0;
    }
    service = service_find(&process->services, chunk->service, length);
    if (service == NULL) {
        result = service_add(&process->services, chunk->service, length, &service);
        if (result < 0) {
            return result;
        }
    }
    if (service->slot != NULL) {
        /* No logger has two chunks of one service under way. */
        diag_write(process->outputs.logs_fd, "%s: a second chunk was dropped", service->name);
        inflight_done(slot);
        return 0;
    }
    service->slot = slot;
    service->owner = chunk->run;
    return 0;
}

void chunk_recall(struct process *process) {
    for (size_t i = 0; i < INFLIGHT_SLOTS; i++) {
        const struct inflight_chunk *chunk = inflight_chunk(inflight_slot(&process->inflight, i));
        const struct service *service;
        struct run *run;

        if (!is_sound(chunk)) {
            continue;
        }
        service = service_find(&process->services, chunk->service, strlen(chunk->service));
        run = service != NULL ? service_find_run(service, chunk->run) : NULL;
        if (run != NULL) {
            run->had_data = true;
        }
    }
}

int chunk_recover(struct process *process) {
    for (size_t i = 0; i < INFLIGHT_SLOTS; i++) {
        struct inflight_slot *slot = inflight_slot(&process->inflight, i);
        if (inflight_holds(slot)) {
            int result = recover_slot(process, slot);
            if (result < 0) {
                return result;
            }
        }
    }
    return 0;
}
