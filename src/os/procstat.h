/*
 * /proc/PID/stat, proc(5): the few fields that identify a process and place it in its tree.
 * Async-signal-safe, without allocation: the child of a spawn reads its own on old kernels.
 */
#ifndef OS_PROCSTAT_H
#define OS_PROCSTAT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCSTAT_COMM_SIZE 16

struct procstat {
    char comm[PROCSTAT_COMM_SIZE]; /* The program's name, cut by the kernel; any bytes. */
    char state; /* 'R', 'S', …; 'Z' and 'X' are dead. */
    pid_t ppid;
    pid_t pgrp;
    pid_t session;
    uint64_t n_threads; /* A 'Z' with more than one is a process whose first thread has ended. */
    uint64_t start_time; /* In ticks of sysconf(_SC_CLK_TCK) after boot; never 0. */
    /* Of its memory; addresses are 0 or 1 for a stranger's process. `start_code` is 0 without
     * memory and in the middle of an exec: the environment is not in its place then. */
    uint64_t start_code;
    uint64_t env_start;
    uint64_t env_end;
};

/* `text` need not end with a NUL. -EBADMSG when it is not such a line. */
int procstat_parse(const char *text, size_t size, struct procstat *ret_stat);

/* -ESRCH when no process has this number (or procfs hides it), -ENOENT without a procfs. */
int procstat_read(pid_t pid, struct procstat *ret_stat);

#endif
