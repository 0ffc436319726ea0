/*
 * What `abide exec` is to do, as bytes: the supervisor writes them into a memfd, the helper, on the
 * other side of an exec, reads them.
 *
 *     struct exec_request request = {.path = "/usr/bin/web", .argv = …};   // in the supervisor
 *     int error = exec_request_send(&request, &fd);                        // to be inherited
 *
 *     struct exec_request *request = NULL;                                 // in the helper
 *     int error = exec_request_receive(fd, &request);
 *     …
 *     request = exec_request_free(request);
 *
 * Both sides are the same program, so the form has a magic number and no versions.
 */
#ifndef OS_EXEC_REQUEST_H
#define OS_EXEC_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The descriptors that the helper inherits: the request, and where it reports a failure. The
 * program that it becomes inherits neither. */
#define EXEC_REQUEST_FD 3
#define EXEC_REPORT_FD 4

/* More than the kernel takes for arguments and environment together (ARG_MAX) on most machines. */
#define EXEC_REQUEST_SIZE_MAX ((size_t)8 << 20)

/* What becomes of one of the three standard streams. */
enum exec_stream {
    EXEC_STREAM_INHERITED, /* the helper's own */
    EXEC_STREAM_READ, /* a file, for reading */
    EXEC_STREAM_WRITE, /* a file, written from its start, not truncated */
    EXEC_STREAM_APPEND,
    EXEC_STREAM_TRUNCATE,
    EXEC_STREAM_COPY, /* what the stream before it is (stdout: stdin; stderr: stdout) */
};

/* All-zero and NULL: nothing to do. Lists end with NULL; NULL is the empty one. */
struct exec_request {
    char *path; /* the program: absolute, or a name to look for in PATH */
    char **argv;
    char **environment;
    char **env_files; /* each entry begins with '-' when the file may be missing, else with '+' */
    char **unset_environment;
    char *user;
    char *group;
    char **supplementary_groups;
    char *working_directory;
    char *stream_paths[3];
    uint32_t streams[3]; /* enum exec_stream */
    uint32_t umask;
    uint32_t expands; /* variables in `argv` */
    uint32_t working_directory_is_home;
    uint32_t working_directory_may_be_missing;
};

/* A failure, as it is written to EXEC_REPORT_FD: whole or not at all. */
struct exec_report {
    int32_t step; /* also the exit status: systemd's number for the step */
    int32_t error; /* a positive errno */
    char text[512];
};

/* The supervisor's side. Returns 0 and a report; 1 when there is none: the program was executed, or
 * the helper has ended without a word; or -errno, of which -EAGAIN means not yet. */
int exec_report_receive(int fd, struct exec_report *ret_report);

/* Returns 0 and a sealed memfd, close-on-exec, or -errno; -E2BIG beyond the limit. */
int exec_request_send(const struct exec_request *request, int *ret_fd);

/* Returns 0 and a request, or -errno; -EBADMSG when the bytes are not one. */
int exec_request_receive(int fd, struct exec_request **ret_request);

struct exec_request *exec_request_free(struct exec_request *request);

#endif
