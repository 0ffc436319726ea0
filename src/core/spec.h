/*
 * What the user asked for: one service, as read from a unit file or made by `abide run`.
 *
 * A spec owns all that it points to. Its policy (core/policy.h) is the part that decisions are made
 * of; the rest is what the process is made of, and is looked at only when a command is spawned. The
 * spec is made once, by the layer that reads text, and not changed afterwards.
 *
 *     struct spec spec;
 *     spec_init(&spec);                                 // all defaults, owns nothing yet
 *     r = str_replace(&spec.name, "web.service", 11);
 *     struct command *command;
 *     r = spec_add_command(&spec, PHASE_START, 0, &command);
 *     r = str_replace(&command->path, "/usr/bin/web", 12);
 *     r = str_list_append(&command->argv, "web", 3);
 *     ...
 *     spec_fini(&spec);
 *
 * Each field's comment names the key that sets it and the default; meanings are systemd.exec(5)'s
 * and systemd.service(5)'s. A NULL string is "not set", a NULL list is empty (base/str.h has the
 * functions that fill both). Specifiers are expanded when a spec is made; variables ($NAME) are
 * not: they depend on the environment of the run, MAINPID among it.
 */
#ifndef CORE_SPEC_H
#define CORE_SPEC_H

#include "core/policy.h"

#include <stddef.h>
#include <stdint.h>

/* The longest name of a service, suffix included, without the NUL; systemd's limit. */
#define SPEC_NAME_MAX 255

/* Characters before the path of a command, or'ed in `command.flags`. `@` shows as argv[0]. */
enum command_flag {
    COMMAND_IGNORE_FAILURE = 1 << 0, /* - */
    COMMAND_NO_EXPANSION = 1 << 1, /* : no variables are expanded */
    COMMAND_PRIVILEGED = 1 << 2, /* + as root, without any of the unit's restrictions */
    COMMAND_NO_SETUID = 1 << 3, /* ! user and group are not applied, all else is */
    COMMAND_AMBIENT = 1 << 4, /* !! as `!` where the kernel has no ambient capabilities */
};
#define COMMAND_FLAGS_ALL 0x1fU

struct command {
    char *path; /* the program; absolute, or a name to look for in the search path */
    char **argv; /* what it is given, argv[0] first: `path` itself unless `@` names another */
    uint32_t flags; /* enum command_flag */
};

struct command_list {
    struct command *items;
    size_t count;
};

/* EnvironmentFile=, one entry a line. */
struct env_file {
    char *path;
    uint8_t may_be_missing; /* 1: `-` stands before it */
};

struct env_file_list {
    struct env_file *items;
    size_t count;
};

/* Limit…=. The kernel's numbers differ between machines, so these are ours, in its x86 order. */
enum limit {
    LIMIT_CPU,
    LIMIT_FSIZE,
    LIMIT_DATA,
    LIMIT_STACK,
    LIMIT_CORE,
    LIMIT_RSS,
    LIMIT_NPROC,
    LIMIT_NOFILE,
    LIMIT_MEMLOCK,
    LIMIT_AS,
    LIMIT_LOCKS,
    LIMIT_SIGPENDING,
    LIMIT_MSGQUEUE,
    LIMIT_NICE, /* the kernel's value, 20 - nice */
    LIMIT_RTPRIO,
    LIMIT_RTTIME, /* microseconds */
};
#define LIMIT_COUNT 16
#define LIMIT_INFINITY UINT64_MAX

struct limit_value {
    uint64_t soft;
    uint64_t hard;
    uint8_t is_set; /* 0 (the default): the limit that abide itself was started with */
};

/* StandardInput=, StandardOutput=, StandardError= */
enum stdio_kind {
    STDIO_DEFAULT, /* not set: stdin null, stdout log, stderr inherit */
    STDIO_NULL, /* null */
    STDIO_INHERIT, /* inherit: stdout what stdin is, stderr what stdout is */
    STDIO_LOG, /* journal, syslog, kmsg and their +console forms: abide's own logger */
    STDIO_FILE, /* file:PATH, opened as it is: written from the start, not truncated */
    STDIO_APPEND, /* append:PATH */
    STDIO_TRUNCATE, /* truncate:PATH */
    STDIO_TTY, /* tty, tty-force, tty-fail */
    STDIO_SOCKET, /* socket */
    STDIO_DATA, /* data (stdin only) */
    STDIO_FD, /* fd:NAME */
};
#define STDIO_KIND_COUNT 11

struct stdio {
    enum stdio_kind kind;
    char *target; /* the path of the file kinds, the name of STDIO_FD; else NULL */
};

/* X-Abide's LogTimestamp= */
enum log_stamp {
    LOG_STAMP_UTC, /* utc (default): RFC 3339 with microseconds */
    LOG_STAMP_LOCAL, /* local: the same in local time */
    LOG_STAMP_NONE, /* none: the bytes as they came */
};
#define LOG_STAMP_COUNT 3

/* How the logger keeps the lines of a service whose output is STDIO_LOG. Sizes in bytes. */
struct log_settings {
    uint64_t file_size_max; /* X-Abide LogFileSize=; 0: 64 MiB */
    uint64_t total_size_max; /* X-Abide LogTotalSize=; 0: 512 MiB */
    enum log_stamp stamp;
};

/* [Install] */
struct install {
    char **wanted_by; /* WantedBy= */
    char **required_by; /* RequiredBy= */
    char **also; /* Also= */
    char **aliases; /* Alias= */
};

/* UMask= */
#define SPEC_UMASK_DEFAULT 0022U

struct spec {
    struct policy policy;
    struct command_list commands[PHASE_COUNT]; /* by enum phase; spec_add_command() fills it */

    char *name; /* with its suffix, "web.service"; at most SPEC_NAME_MAX bytes */
    char *description; /* Description= */
    char *fragment_path; /* the unit file; NULL for what has none */

    char **environment; /* Environment=: "NAME=VALUE", later entries win */
    struct env_file_list env_files; /* EnvironmentFile=: read at each start, after Environment= */
    char **pass_environment; /* PassEnvironment=: names taken from abide's own environment */
    char **unset_environment; /* UnsetEnvironment=: names, or NAME=VALUE; removed last */

    char *working_directory; /* WorkingDirectory=; default `/`, in a user's instance the home */
    char *user; /* User=: a name or a number; default: abide's own */
    char *group; /* Group=: a name or a number; default: the user's */
    char **supplementary_groups; /* SupplementaryGroups= */
    uint32_t umask; /* UMask=; SPEC_UMASK_DEFAULT */

    struct limit_value limits[LIMIT_COUNT]; /* Limit…=, by enum limit */

    struct stdio standard_input;
    struct stdio standard_output;
    struct stdio standard_error;
    struct log_settings log;

    struct install install;

    uint8_t working_directory_is_home; /* WorkingDirectory=~ */
    uint8_t working_directory_may_be_missing; /* WorkingDirectory=-PATH */
    uint8_t remove_when_ended; /* `abide run --rm`; X-Abide RemoveWhenEnded= */
};

/* Defaults as above; owns nothing. */
void spec_init(struct spec *self);

/* Frees what it owns, and leaves it as spec_init() does. */
void spec_fini(struct spec *self);

/*
 * Appends an empty command to a phase, with `flags` of enum command_flag, and notes it in the
 * policy. The result is the spec's and holds until the next command is added to that phase. Returns
 * 0, -ENOMEM, or -E2BIG when the phase has PHASE_COMMANDS_MAX.
 */
int spec_add_command(struct spec *self, enum phase phase, uint32_t flags,
                     struct command **ret_command);

/* Forgets a phase's commands; that is what an empty `ExecStart=` means. */
void spec_clear_commands(struct spec *self, enum phase phase);

/* Appends an EnvironmentFile= entry; `path` has `length` bytes. Returns 0 or -ENOMEM. */
int spec_add_env_file(struct spec *self, const char *path, size_t length, uint8_t may_be_missing);

/* Forgets the environment files; that is what an empty `EnvironmentFile=` means. */
void spec_clear_env_files(struct spec *self);

#endif
