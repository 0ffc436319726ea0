/* What the kernel says of this process, before and after. */
#include "os/signals.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static volatile sig_atomic_t n_handled;

static void count_signal(int number) {
    (void)number;
    n_handled++;
}

static void test_blocked_signals_wait(void **state) {
    (void)state;
    struct sigaction action = {.sa_handler = count_signal};
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    uint64_t before = signals_block_all();
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(n_handled, 0);
    signals_set_mask(before);
    assert_int_equal(n_handled, 1);
    assert_int_equal(before & SIGNALS_BIT(SIGUSR1), 0);
}

static void test_dispositions_are_reset(void **state) {
    (void)state;
    struct sigaction action = {.sa_handler = count_signal};
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    uint64_t ignored = SIGNALS_BIT(SIGPIPE) | SIGNALS_BIT(SIGRTMAX);
    signals_set_dispositions(SIGNALS_ALL, ignored);
    assert_int_equal(signals_ignored(), ignored);
    const struct {
        int number;
        void (*handler)(int);
    } rows[] = {{SIGUSR1, SIG_DFL}, {SIGPIPE, SIG_IGN}, {SIGTERM, SIG_DFL}, {SIGRTMAX, SIG_IGN}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(sigaction(rows[i].number, NULL, &action), 0);
        assert_ptr_equal(action.sa_handler, rows[i].handler);
    }
    signals_set_dispositions(SIGNALS_BIT(SIGPIPE), 0);
    assert_int_equal(signals_ignored(), SIGNALS_BIT(SIGRTMAX));
    signals_set_dispositions(SIGNALS_ALL, 0);
    assert_int_equal(signals_ignored(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocked_signals_wait),
        cmocka_unit_test(test_dispositions_are_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
