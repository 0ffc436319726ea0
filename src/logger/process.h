/*
 * The logger's process: what its parts share. Only the .c files of this folder include it.
 */
#ifndef LOGGER_PROCESS_H
#define LOGGER_PROCESS_H

#include "base/prng.h"
#include "base/usec.h"
#include "logger/inflight.h"
#include "logger/output.h"
#include "logger/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RUNTIME/PIPES_FOLDER/NAME.N */
#define PIPES_FOLDER "log"
/* Composed bytes for one write. */
#define COMPOSED_SIZE 131072

/* Services whose files cannot be written now, and when they are tried again. */
struct stalls {
    struct service *first;
    usec_t retry_at_usec;
    usec_t delay_usec;
    bool is_full; /* the file system `full_device` had no room at the last try */
    uint64_t full_device;
};

struct process {
    int runtime_fd;
    int epoll_fd;
    int inotify_fd;
    int signal_fd;
    int peek_read_fd; /* a pipe for tee(2): looks into a FIFO without taking from it */
    int peek_write_fd;
    usec_t grace_usec; /* logger_options */
    usec_t unsure_until_usec; /* pipes_expire() is due; USEC_INFINITY = never */
    struct prng random; /* for canaries, which must be unlike log bytes, not secret */
    struct inflight inflight;
    struct service_table services;
    struct output_cache outputs;
    struct stalls stalls;
    char composed[COMPOSED_SIZE];
};

usec_t process_monotonic_usec(void);
usec_t process_realtime_usec(void);

#endif
