/*
 * The readers of keys, as the table in keys.c and its parts names them. Each checks one value,
 * notes its normal form with reader_set() or reader_append(), and stores it if its key has a field;
 * what it complains about is not stored, and what was stored before stays. All return 0 or -ENOMEM.
 *
 * The comment of each says which values it takes, and the type of the field that it fills.
 */
#ifndef UNITFILE_READERS_H
#define UNITFILE_READERS_H

#include "unitfile/reader.h"

/* How read_span() takes it; or'ed in key.low. */
enum span_option {
    SPAN_ZERO_IS_INFINITY = 1 << 0,
    SPAN_MAY_BE_EMPTY = 1 << 1, /* an empty value resets */
    SPAN_IN_MICROSECONDS = 1 << 2, /* what a number without a unit counts */
    SPAN_IN_NANOSECONDS = 1 << 3, /* the same, and "ns", "nsec" are units; see TimerSlackNSec= */
};

/* How read_path(), read_paths() and read_string() take it; or'ed in key.low. */
enum string_option {
    STRING_PLAIN = 1 << 0, /* no specifiers */
    STRING_MAY_BE_MISSING = 1 << 1, /* `-` may stand before a path */
    STRING_ROOT_RELATIVE = 1 << 2, /* `+` may */
    STRING_SEPARATE = 1 << 3, /* each path of several is shown on a line of its own */
};

/* basic.c */

/* yes or no; uint8_t */
int read_bool(struct reader *reader, const struct key *key, char *value);
/* yes, no, or empty for neither; no field */
int read_tristate(struct reader *reader, const struct key *key, char *value);
/* one of key.words, yes and no also in other words when they begin with "no yes", or a number up to
 * key.high if that is not 0; an enum */
int read_word(struct reader *reader, const struct key *key, char *value);
/* key.low to key.high; no field */
int read_integer(struct reader *reader, const struct key *key, char *value);
/* 0 to 2^32 - 1; uint32_t */
int read_unsigned(struct reader *reader, const struct key *key, char *value);
/* a span of time, with key.low of enum span_option; usec_t */
int read_span(struct reader *reader, const struct key *key, char *value);
/* octal; uint32_t */
int read_mode(struct reader *reader, const struct key *key, char *value);
/* a signal's name or number; uint32_t */
int read_signal(struct reader *reader, const struct key *key, char *value);
/* any text, with key.low of enum string_option; char * */
int read_string(struct reader *reader, const struct key *key, char *value);
/* an absolute path; char * */
int read_path(struct reader *reader, const struct key *key, char *value);
/* several absolute paths; no field */
int read_paths(struct reader *reader, const struct key *key, char *value);
/* bytes, and "infinity" unless key.high is 1; uint64_t */
int read_size(struct reader *reader, const struct key *key, char *value);
/* several of key.words, or any words when it is NULL, each replaced by its specifiers; char ** */
int read_list(struct reader *reader, const struct key *key, char *value);

/* life.c: how a service starts, ends and starts again */

/* TimeoutSec= of services, which is both TimeoutStartSec= and TimeoutStopSec= */
int read_timeouts(struct reader *reader, const struct key *key, char *value);
/* KillMode=; enum kill_mode */
int read_kill_mode(struct reader *reader, const struct key *key, char *value);
/* exit codes and signals; struct status_set */
int read_status_set(struct reader *reader, const struct key *key, char *value);
/* command lines of phase key.low; any number of them when it is -1 */
int read_command(struct reader *reader, const struct key *key, char *value);

/* process.c: what a process is made of */

/* NAME=VALUE words */
int read_environment(struct reader *reader, const struct key *key, char *value);
/* Whether `text` is NAME=VALUE as Environment= takes it. */
bool environment_is_assignment(const char *text);
/* EnvironmentFile= */
int read_environment_file(struct reader *reader, const struct key *key, char *value);
/* names of variables; with NAME=VALUE too when key.low is 1; char ** */
int read_variable_names(struct reader *reader, const struct key *key, char *value);
/* WorkingDirectory= */
int read_working_directory(struct reader *reader, const struct key *key, char *value);
/* the name or number of a user or a group; char * */
int read_account(struct reader *reader, const struct key *key, char *value);
/* several of them; char ** */
int read_accounts(struct reader *reader, const struct key *key, char *value);
/* Limit…=, key.low of enum limit */
int read_limit(struct reader *reader, const struct key *key, char *value);
/* StandardInput=, StandardOutput=, StandardError=, key.low of 0, 1, 2; struct stdio */
int read_stdio(struct reader *reader, const struct key *key, char *value);

/* meaning.c: values of one key each */

/* words that are addresses of documents */
int read_documentation(struct reader *reader, const struct key *key, char *value);
/* 0 to 255, or empty */
int read_exit_code(struct reader *reader, const struct key *key, char *value);
/* a name on D-Bus */
int read_bus_name(struct reader *reader, const struct key *key, char *value);
/* PIDFile=, below the runtime directory when it is relative */
int read_pid_file(struct reader *reader, const struct key *key, char *value);

/* any text, which is kept as it is */
int read_text(struct reader *reader, const struct key *key, char *value);
/* FIELD=VALUE */
int read_log_field(struct reader *reader, const struct key *key, char *value);
/* base64 */
int read_base64(struct reader *reader, const struct key *key, char *value);
/* numbers and ranges: "0-3,8"; "numa" too in the first, "all" in the second if key.high is 1 */
int read_cpu_affinity(struct reader *reader, const struct key *key, char *value);
int read_cpu_set(struct reader *reader, const struct key *key, char *value);
/* kinds of memory, or a mask in hexadecimal */
int read_coredump_filter(struct reader *reader, const struct key *key, char *value);
/* paths with colons between them */
int read_search_path(struct reader *reader, const struct key *key, char *value);

/* sandbox.c: what a process may see and do */

/* relative paths, each with links after colons unless key.high is 1 */
int read_directories(struct reader *reader, const struct key *key, char *value);
/* names of capabilities, `~` for all others */
int read_capabilities(struct reader *reader, const struct key *key, char *value);
/* SOURCE[:DESTINATION[:OPTIONS]] */
int read_bind_paths(struct reader *reader, const struct key *key, char *value);
/* PATH[:OPTIONS] */
int read_temporary_file_systems(struct reader *reader, const struct key *key, char *value);
/* ID:DATA, and ID[:PATH] unless key.high is 1 */
int read_credential(struct reader *reader, const struct key *key, char *value);
/* families of addresses, `~` for all others, none */
int read_families(struct reader *reader, const struct key *key, char *value);
/* yes, no, or kinds of namespaces, `~` for all others */
int read_namespaces(struct reader *reader, const struct key *key, char *value);
/* architectures, native */
int read_architectures(struct reader *reader, const struct key *key, char *value);
/* EPERM, kill, a number */
int read_error_number(struct reader *reader, const struct key *key, char *value);
/* names of system calls and their groups, `~` for all others, each with :ERROR */
int read_system_calls(struct reader *reader, const struct key *key, char *value);

/* resource.c: what control groups limit and count */

/* a number from key.low to key.high, or one of key.words */
int read_weight(struct reader *reader, const struct key *key, char *value);
/* a size of at least key.low, a percentage of the machine's memory, infinity */
int read_memory(struct reader *reader, const struct key *key, char *value);
/* a number, a percentage, infinity */
int read_tasks(struct reader *reader, const struct key *key, char *value);
/* a percentage of one processor, also above 100 */
int read_quota(struct reader *reader, const struct key *key, char *value);
/* 0 % to 100 % */
int read_percentage(struct reader *reader, const struct key *key, char *value);
/* PATH and a number from key.low to key.high; PATH and bytes or operations a second; PATH and a
 * span
 */
int read_device_weight(struct reader *reader, const struct key *key, char *value);
int read_device_amount(struct reader *reader, const struct key *key, char *value);
int read_device_span(struct reader *reader, const struct key *key, char *value);
/* DEVICE [rwm] */
int read_device_allow(struct reader *reader, const struct key *key, char *value);
/* yes, no, or names of controllers */
int read_delegate(struct reader *reader, const struct key *key, char *value);
/* names of controllers */
int read_controllers(struct reader *reader, const struct key *key, char *value);
/* addresses with a prefix length, any, localhost, link-local, multicast */
int read_networks(struct reader *reader, const struct key *key, char *value);
/* the name of a slice */
int read_slice(struct reader *reader, const struct key *key, char *value);
/* Whether `text` is an IPv4 or IPv6 address, without a port. */
bool address_is_ip(const char *text, bool *ret_is_ipv6);

/* trigger.c: what starts other units */

/* a path, @NAME, PORT, ADDRESS:PORT, [ADDRESS]:PORT, vsock:… */
int read_listen(struct reader *reader, const struct key *key, char *value);
/* an absolute path; an empty one resets */
int read_one_path(struct reader *reader, const struct key *key, char *value);
/* a span, one of several; an empty one resets */
int read_timer_span(struct reader *reader, const struct key *key, char *value);
/* IPTOS= */
int read_type_of_service(struct reader *reader, const struct key *key, char *value);
/* FileDescriptorName= */
int read_descriptor_name(struct reader *reader, const struct key *key, char *value);
/* Where=, which the unit's name must say too */
int read_where(struct reader *reader, const struct key *key, char *value);
/* the name of one unit */
int read_unit(struct reader *reader, const struct key *key, char *value);

/* relation.c: what units are to one another */

/* names of units; char **; key.low 1: an empty value resets; key.high 1: sockets only */
int read_units(struct reader *reader, const struct key *key, char *value);
/* Condition...= and Assert...=: `|` for "one of these", `!` for "not", and what is looked for */
int read_condition(struct reader *reader, const struct key *key, char *value);
/* the same, of an absolute path */
int read_condition_path(struct reader *reader, const struct key *key, char *value);

#endif
