/*
 * A hash table with chains: names come and go with FIFOs, and each event must find its service
 * among ten thousand.
 */
#include "logger/service.h"

#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 16
#define SERVICES_MAX 1000000
/* 18 digits cannot overflow. */
#define RUN_DIGITS_MAX 18

static bool is_service_name(const char *name, size_t length) {
    return length > 0 && length < INFLIGHT_NAME_SIZE && name[0] != '.';
}

bool service_parse_pipe_name(const char *file, size_t *ret_name_length, uint64_t *ret_run) {
    const char *dot = strrchr(file, '.');
    uint64_t run = 0;
    size_t n_digits;

    if (dot == NULL || !is_service_name(file, (size_t)(dot - file))) {
        return false;
    }
    n_digits = strlen(dot + 1);
    if (n_digits == 0 || n_digits > RUN_DIGITS_MAX || dot[1] == '0') {
        return false;
    }
    for (const char *digit = dot + 1; *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '9') {
            return false;
        }
        run = run * 10 + (uint64_t)(*digit - '0');
    }
    *ret_name_length = (size_t)(dot - file);
    *ret_run = run;
    return true;
}

bool service_parse_settings_name(const char *file, size_t *ret_name_length) {
    const char *dot = strrchr(file, '.');

    if (dot == NULL || strcmp(dot, ".conf") != 0 || !is_service_name(file, (size_t)(dot - file))) {
        return false;
    }
    *ret_name_length = (size_t)(dot - file);
    return true;
}

/* FNV-1a; names are given by the supervisor, who has easier ways to slow us down than collisions.
 */
static size_t hash(const char *name, size_t length) {
    uint64_t value = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < length; i++) {
        value = (value ^ (unsigned char)name[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(value ^ (value >> 32));
}

static struct service **bucket_of(const struct service_table *table, const char *name,
                                  size_t length) {
    return &table->buckets[hash(name, length) & (table->n_buckets - 1)];
}

struct service *service_find(const struct service_table *table, const char *name, size_t length) {
    if (table->n_buckets == 0) {
        return NULL;
    }
    for (struct service *service = *bucket_of(table, name, length); service != NULL;
         service = service->next) {
        if (strncmp(service->name, name, length) == 0 && service->name[length] == '\0') {
            return service;
        }
    }
    return NULL;
}

static int grow(struct service_table *table) {
    size_t n_buckets = table->n_buckets == 0 ? BUCKETS_MIN : 2 * table->n_buckets;
    struct service_table bigger = {.n_buckets = n_buckets, .n_services = table->n_services};

    bigger.buckets = calloc(n_buckets, sizeof(struct service *));
    if (bigger.buckets == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < table->n_buckets; i++) {
        struct service *service = table->buckets[i];
        while (service != NULL) {
            struct service *next = service->next;
            struct service **bucket = bucket_of(&bigger, service->name, strlen(service->name));
            service->next = *bucket;
            *bucket = service;
            service = next;
        }
    }
    free(table->buckets);
    *table = bigger;
    return 0;
}

int service_add(struct service_table *table, const char *name, size_t length,
                struct service **ret_service) {
    struct service *service;
    struct service **bucket;

    assert(is_service_name(name, length));
    assert(service_find(table, name, length) == NULL);
    if (table->n_services >= SERVICES_MAX) {
        return -ENOSPC;
    }
    if (table->n_services >= table->n_buckets && grow(table) < 0) {
        return -ENOMEM;
    }
    service = calloc(1, sizeof(*service) + length + 1);
    if (service == NULL) {
        return -ENOMEM;
    }
    memcpy(service->name, name, length);
    service->settings = SETTINGS_INIT;
    bucket = bucket_of(table, name, length);
    service->next = *bucket;
    *bucket = service;
    table->n_services++;
    *ret_service = service;
    return 0;
}

void service_remove(struct service_table *table, struct service *service) {
    struct service **link = bucket_of(table, service->name, strlen(service->name));

    assert(service->runs == NULL);
    assert(service->output == NULL);
    assert(!service->is_stalled);
    while (*link != service) {
        link = &(*link)->next;
    }
    *link = service->next;
    table->n_services--;
    free(service);
}

struct run *service_find_run(const struct service *service, uint64_t number) {
    for (struct run *run = service->runs; run != NULL; run = run->next) {
        if (run->number == number) {
            return run;
        }
    }
    return NULL;
}

int service_add_run(struct service *service, uint64_t number, int fd_take, struct run **ret_run) {
    struct run **link = &service->runs;
    auto_fd int fd = fd_take;
    struct run *run = calloc(1, sizeof(*run));

    if (run == NULL) {
        return -ENOMEM;
    }
    run->service = service;
    run->number = number;
    run->fd = take_fd(&fd);
    run->is_unsure = true;
    while (*link != NULL && (*link)->number < number) {
        link = &(*link)->next;
    }
    run->next = *link;
    *link = run;
    *ret_run = run;
    return 0;
}

void service_remove_run(struct run *run) {
    struct run **link = &run->service->runs;

    while (*link != run) {
        link = &(*link)->next;
    }
    *link = run->next;
    (void)fd_close(run->fd);
    free(run);
}

void service_for_each(struct service_table *table, void (*visit)(struct service *, void *),
                      void *data) {
    for (size_t i = 0; i < table->n_buckets; i++) {
        struct service *next;
        for (struct service *service = table->buckets[i]; service != NULL; service = next) {
            next = service->next;
            visit(service, data);
        }
    }
}

void service_table_fini(struct service_table *table) {
    for (size_t i = 0; i < table->n_buckets; i++) {
        while (table->buckets[i] != NULL) {
            struct service *service = table->buckets[i];
            while (service->runs != NULL) {
                service_remove_run(service->runs);
            }
            table->buckets[i] = service->next;
            free(service);
        }
    }
    free(table->buckets);
    *table = (struct service_table){0};
}
