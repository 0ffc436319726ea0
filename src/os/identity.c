/*
 * Since Linux 6.9 each process has an inode of its own in pidfs, shown by fstat(2) on its pidfd
 * and never given again in the same boot. Before that every pidfd shows the one anonymous inode,
 * and the start time (10 ms ticks) has to do. A pidfd is opened first and checked then, so what
 * was checked is what is signalled.
 */
#include "os/identity.h"

#include "base/cleanup.h"
#include "os/fd.h"
#include "os/procstat.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* From Linux 6.9 to 6.15, newer than the headers that this is built with. */
#define PIDFS_MAGIC 0x50494446
#define PIDFD_SIGNAL_PROCESS_GROUP 4U
#define PIDFD_INFO_EXIT 8U

/* struct pidfd_info of its first size; the kernel takes any size from this one on. */
struct pidfd_info_v0 {
    uint64_t mask;
    uint64_t cgroupid;
    uint32_t ids[11]; /* pid, tgid, ppid, and eight user and group numbers. */
    int32_t exit_code;
};
static_assert(sizeof(struct pidfd_info_v0) == 64, "the size is part of the ioctl's number");
#define PIDFD_GET_INFO_V0 _IOWR(0xFF, 11, struct pidfd_info_v0)

/* 0 and the inode, which is 0 where the kernel has no pidfs. */
static int read_inode(int pidfd, uint64_t *ret_inode) {
    struct statfs filesystem;
    if (fstatfs(pidfd, &filesystem) < 0) {
        return -errno;
    }
    if (filesystem.f_type != PIDFS_MAGIC) {
        *ret_inode = 0;
        return 0;
    }
    struct stat status;
    if (fstat(pidfd, &status) < 0) {
        return -errno;
    }
    *ret_inode = status.st_ino;
    return 0;
}

int identity_of_pidfd(int pidfd, pid_t pid, struct identity *ret_identity) {
    assert(pidfd >= 0 && pid > 0);
    struct identity identity = {.pid = pid};
    int error = read_inode(pidfd, &identity.inode);
    if (error == 0 && identity.inode == 0) {
        struct procstat stat;
        error = procstat_read(pid, &stat);
        if (error == 0) {
            identity.start_time = stat.start_time;
        }
    }
    if (error == 0) {
        *ret_identity = identity;
    }
    return error;
}

int identity_of_self(struct identity *ret_identity) {
    auto_fd int pidfd = pidfd_open(getpid(), 0);
    return pidfd < 0 ? -errno : identity_of_pidfd(pidfd, getpid(), ret_identity);
}

int identity_open(const struct identity *self, int *ret_pidfd) {
    if (self->pid <= 0 || (self->inode == 0 && self->start_time == 0)) {
        return -EINVAL;
    }
    auto_fd int pidfd = pidfd_open(self->pid, 0);
    if (pidfd < 0) {
        /* EINVAL, newer ENOENT: the number belongs to a thread now, so its old owner has gone. */
        return errno == EINVAL || errno == ENOENT ? -ESRCH : -errno;
    }
    uint64_t inode = 0;
    int error = read_inode(pidfd, &inode);
    if (error < 0) {
        return error;
    }
    if (self->inode != 0) {
        if (inode != self->inode) {
            return -ESRCH;
        }
    } else {
        struct procstat stat;
        error = procstat_read(self->pid, &stat);
        if (error < 0) {
            return error;
        }
        if (stat.start_time != self->start_time) {
            return -ESRCH;
        }
    }
    *ret_pidfd = take_fd(&pidfd);
    return 0;
}

int identity_has_ended(int pidfd) {
    struct pollfd entry = {.fd = pidfd, .events = POLLIN};
    int n_ready = poll(&entry, 1, 0);
    if (n_ready < 0) {
        return -errno;
    }
    return n_ready > 0 && (entry.revents & (POLLIN | POLLHUP)) != 0 ? 1 : 0;
}

int identity_exit_status(int pidfd, int *ret_wait_status) {
    struct pidfd_info_v0 info = {.mask = PIDFD_INFO_EXIT};
    if (ioctl(pidfd, PIDFD_GET_INFO_V0, &info) < 0) {
        bool is_unknown = errno == ENOTTY || errno == EINVAL || errno == ESRCH || errno == ENOSYS;
        return is_unknown ? -ENODATA : -errno;
    }
    if ((info.mask & PIDFD_INFO_EXIT) == 0) {
        return -ENODATA;
    }
    *ret_wait_status = info.exit_code;
    return 0;
}

int identity_signal(int pidfd, int signal) {
    return pidfd_send_signal(pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int identity_signal_group(int pidfd, int signal) {
    return pidfd_send_signal(pidfd, signal, NULL, PIDFD_SIGNAL_PROCESS_GROUP) < 0 ? -errno : 0;
}
