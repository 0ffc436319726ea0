/*
 * pulse FILE: says in the mapped FILE that its main() was reached, when, and as which process; then
 * waits for signals. What bench/restart.c kills and sees come back.
 */
#include "pulse.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    int fd = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
    struct pulse *pulse =
        fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*pulse), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (pulse == MAP_FAILED) {
        return 1;
    }
    pulse->nsec = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    pulse->pid = getpid();
    __atomic_add_fetch(&pulse->count, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        (void)pause();
    }
}
