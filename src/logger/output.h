/*
 * Output files: LOGS/NAME/current of the services that write. Only busy files stay open: the one
 * that was used longest ago gives its place to a new one.
 *
 * What must survive the logger is read from the file itself: its size is where the next byte goes,
 * and its last byte says whether a line is unfinished.
 */
#ifndef LOGGER_OUTPUT_H
#define LOGGER_OUTPUT_H

#include "logger/inflight.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUTPUTS_MAX 64
/* Folders and files of logs. The logger's umask is 0. */
#define OUTPUT_FOLDER_MODE 0750
#define OUTPUT_FILE_MODE 0640

struct service;

struct output {
    struct service *service; /* NULL: a free place */
    int fd;
    uint64_t device;
    uint64_t inode;
    uint64_t offset; /* the size of the file */
    bool is_mid_line; /* its last line has no end yet */
    uint64_t used; /* when, by the cache's count of uses */
};

struct output_cache {
    const char *logs_path; /* borrowed */
    int logs_fd;
    uint64_t n_uses;
    struct output outputs[OUTPUTS_MAX];
};

/* Opens the folder `logs_path`, makes it if it is missing. */
int output_cache_open(struct output_cache *cache, const char *logs_path);
void output_cache_close(struct output_cache *cache);

/*
 * The current file of the service: opened, made, or found still as it was left. A file that was
 * removed is made anew, one that was truncated or appended to goes on at its real end.
 */
int output_current(struct output_cache *cache, struct service *service, struct output **ret_output);

/*
 * The file that a chunk was going to. If it is gone, the position becomes the end of the current
 * file and 1 is returned: the caller must write that down. Otherwise 0.
 */
int output_at(struct output_cache *cache, struct service *service,
              struct inflight_position *position, struct output **ret_output);

/*
 * Makes the file a rotated one, named by `now`, and goes on with a new current file. Can be
 * repeated after it failed or was killed half-way.
 */
int output_rotate(struct output_cache *cache, struct output *output, uint64_t now);

/* Holds the service to its limits. */
int output_trim(struct output_cache *cache, const struct service *service);

/* Ends the unfinished line at the end of the file. */
int output_end_line(struct output *output);

/* Closes the service's file, if it is open. */
void output_drop(struct service *service);

/* pwrite() until all of it is written. */
int output_write(const struct output *output, const char *data, size_t size, uint64_t offset);

#endif
