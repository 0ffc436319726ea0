/*
 * Who a process is, beyond its number: numbers are given again, and a signal to a stranger is the
 * worst that a supervisor can do. So no function here takes a bare number to signal; all go
 * through a pidfd, and a recorded process gets its pidfd by identity_open() only.
 *
 *     struct identity recorded = …;                 // from the status file, of this boot
 *     auto_fd int pidfd = -1;
 *     int error = identity_open(&recorded, &pidfd);  // -ESRCH: it has gone
 *     if (error == 0) {
 *         error = identity_signal(pidfd, SIGTERM);
 *     }
 *
 * An identity holds within one boot: keep clock_boot_id() beside it and drop what another boot
 * wrote. Every function returns 0 or -errno.
 */
#ifndef OS_IDENTITY_H
#define OS_IDENTITY_H

#include <stdint.h>
#include <sys/types.h>

/* All-zero is nobody. */
struct identity {
    uint64_t inode; /* Of the process in pidfs, unique within a boot; 0 before Linux 6.9. */
    uint64_t start_time; /* In clock ticks after boot; only filled where there is no inode. */
    pid_t pid;
};

/* The identity of a process whose pidfd and number are known, dead or alive, if not yet reaped. */
int identity_of_pidfd(int pidfd, pid_t pid, struct identity *ret_identity);

/* This process's own. */
int identity_of_self(struct identity *ret_identity);

/*
 * Opens the very process that `self` names. -ESRCH when it has gone, whoever has its number now.
 * A zombie is still there. -EINVAL for nobody.
 */
int identity_open(const struct identity *self, int *ret_pidfd);

/* 1 when the process has ended (reaped or not), 0 while it lives. */
int identity_has_ended(int pidfd);

/*
 * The status, in the form of wait(2), of a process that somebody else has reaped. -ENODATA when
 * the kernel can't say: before Linux 6.15, or not reaped yet.
 */
int identity_exit_status(int pidfd, int *ret_wait_status);

/* `signal` 0 only asks whether one may. -ESRCH when the process was reaped. */
int identity_signal(int pidfd, int signal);

/*
 * The same for the process group that the process leads, also after it has been reaped. -ESRCH
 * when the group is empty, -EINVAL before Linux 6.9.
 */
int identity_signal_group(int pidfd, int signal);

#endif
