/* Against the C library and the kernel's own text. */
#include "os/clock.h"

#include "os/testing.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void test_clocks_go_forward(void **state) {
    (void)state;
    usec_t before = clock_monotonic();
    usec_t after = clock_monotonic();
    assert_true(before > 0 && after >= before);
    usec_t seconds = (usec_t)time(NULL);
    usec_t now = clock_realtime();
    assert_true(now / USEC_PER_SEC >= seconds - 1);
}

static void test_boot_id(void **state) {
    (void)state;
    uint8_t id[CLOCK_BOOT_ID_SIZE];
    assert_int_equal(clock_boot_id(id), 0);
    char text[64];
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    testing_read_all(fd, text, sizeof text);
    assert_int_equal(close(fd), 0);
    char expected[64];
    (void)snprintf(expected, sizeof expected,
                   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\n", id[0],
                   id[1], id[2], id[3], id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11],
                   id[12], id[13], id[14], id[15]);
    assert_string_equal(text, expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clocks_go_forward),
        cmocka_unit_test_setup_teardown(test_boot_id, testing_setup, testing_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
