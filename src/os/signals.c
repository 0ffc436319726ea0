/*
 * The system calls themselves: libc's functions leave out the two signals that its threads use. A
 * handler of one of those would run in a vfork child too, and posix_spawn(3) has both ignored in
 * whatever it starts, such as the supervisor, from which every service would inherit that.
 */
#include "os/signals.h"

#include <assert.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static_assert(_NSIG - 1 == 64, "a set of signals is 64 bits");

static uint64_t change_mask(uint64_t blocked) {
    uint64_t before = 0;
    /* It fails for wrong arguments only. */
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &blocked, &before, sizeof blocked);
    return before;
}

uint64_t signals_block_all(void) {
    return change_mask(SIGNALS_ALL);
}

void signals_set_mask(uint64_t blocked) {
    (void)change_mask(blocked);
}

/* As the kernel has it, which is not libc's struct sigaction. */
struct kernel_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

static int change_action(int number, const struct kernel_action *action,
                         struct kernel_action *ret_before) {
    return (int)syscall(SYS_rt_sigaction, number, action, ret_before, sizeof(uint64_t));
}

void signals_set_dispositions(uint64_t which, uint64_t ignored) {
    for (int number = 1; number < _NSIG; number++) {
        if ((which & SIGNALS_BIT(number)) == 0) {
            continue;
        }
        struct kernel_action action = {
            .handler = (ignored & SIGNALS_BIT(number)) != 0 ? SIG_IGN : SIG_DFL,
        };
        (void)change_action(number, &action, NULL); /* EINVAL for SIGKILL and SIGSTOP only. */
    }
}

uint64_t signals_ignored(void) {
    uint64_t ignored = 0;
    for (int number = 1; number < _NSIG; number++) {
        struct kernel_action action;
        if (change_action(number, NULL, &action) == 0 && action.handler == SIG_IGN) {
            ignored |= SIGNALS_BIT(number);
        }
    }
    return ignored;
}
