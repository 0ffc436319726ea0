/* A count of open descriptors before and after, in place of valgrind, which can't run a spawn. */
#include "os/testing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define DENIED_MAX 16

static char folder[64];
static int n_fds_before;

static int count_fds(void) {
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    int count = 0;
    while (readdir(directory) != NULL) {
        count++;
    }
    (void)closedir(directory);
    return count;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw) {
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

int testing_setup(void **state) {
    (void)state;
    n_fds_before = count_fds();
    (void)snprintf(folder, sizeof folder, "/tmp/abide-os-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    return 0;
}

int testing_teardown(void **state) {
    (void)state;
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
    assert_int_equal(count_fds(), n_fds_before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    return 0;
}

const char *testing_folder(void) {
    return folder;
}

void testing_write_file(const char *name, const char *text, size_t size, mode_t mode) {
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, size), size);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

void testing_in_fork(void (*body)(void)) {
    (void)fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        /* A failing assertion jumps back into the runner, which would go on with the next test;
         * abort() at the assertion instead ends this process with a signal. */
        (void)setenv("CMOCKA_TEST_ABORT", "1", 1);
        body();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

void testing_deny_calls(const long *calls, size_t n_calls, int error) {
    struct sock_filter filter[DENIED_MAX + 3];
    unsigned short n = 0;
    assert_true(n_calls <= DENIED_MAX);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                               (uint32_t)offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < n_calls; i++) {
        unsigned char to_denial = (unsigned char)(n_calls - i);
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i],
                                                   to_denial, 0);
    }
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[n++] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)error);
    struct sock_fprog program = {.len = n, .filter = filter};
    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

void testing_read_all(int fd, char *buffer, size_t size) {
    size_t length = 0;
    while (length + 1 < size) {
        ssize_t n = read(fd, buffer + length, size - 1 - length);
        assert_true(n >= 0);
        if (n == 0) {
            break;
        }
        length += (size_t)n;
    }
    buffer[length] = '\0';
}
