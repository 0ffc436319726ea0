/*
 * What the logger knows of services: a table by name, and for each service its runs, that is, its
 * FIFOs. A service without a run is forgotten, so the table is as large as what is running; a quiet
 * service costs about 200 bytes and one descriptor.
 */
#ifndef LOGGER_SERVICE_H
#define LOGGER_SERVICE_H

#include "base/usec.h"
#include "logger/inflight.h"
#include "logger/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output;
struct service;

/* One FIFO: its read end, until its end of file. */
struct run {
    struct run *next; /* the next younger one */
    struct service *service;
    uint64_t number;
    usec_t unsure_since_usec; /* when it was first found empty, without a writer; 0 = never */
    int fd;
    bool is_polled; /* the event loop waits for it */
    /* It may have no writer and never get an end-of-file event: see logger/pipes.c. */
    bool is_unsure;
    bool had_data;
};

struct service {
    struct service *next; /* in its bucket */
    struct service *stall_next; /* among the stalled */
    struct run *runs; /* oldest first */
    struct output *output; /* the open file; NULL for most */
    struct inflight_slot *slot; /* the chunk that could not be written yet */
    uint64_t owner; /* run whose unfinished line may stand at the end of the file; 0 = none */
    uint64_t stalled_usec;
    struct settings settings;
    bool is_stalled; /* its file cannot be written: none of its runs is read */
    char name[];
};

struct service_table {
    struct service **buckets;
    size_t n_buckets; /* a power of two, or 0 */
    size_t n_services;
};

/* Splits "web.service.12" into the length of "web.service", and 12. False if it is not of this
 * form. */
bool service_parse_pipe_name(const char *file, size_t *ret_name_length, uint64_t *ret_run);

/* Splits "web.service.conf" likewise. */
bool service_parse_settings_name(const char *file, size_t *ret_name_length);

struct service *service_find(const struct service_table *table, const char *name, size_t length);

/* A new service of that name, which the table does not hold yet. */
int service_add(struct service_table *table, const char *name, size_t length,
                struct service **ret_service);

/* Forgets a service that has no run and no open file. */
void service_remove(struct service_table *table, struct service *service);

struct run *service_find_run(const struct service *service, uint64_t number);

/* Takes the descriptor. */
int service_add_run(struct service *service, uint64_t number, int fd_take, struct run **ret_run);

/* Closes the descriptor. */
void service_remove_run(struct run *run);

/* Calls `visit` for each service; it may remove that one, and no other. */
void service_for_each(struct service_table *table, void (*visit)(struct service *, void *),
                      void *data);

/* Forgets everything, closes every run. */
void service_table_fini(struct service_table *table);

#endif
