/*
 * The logger alone, for tests: logger_test_main RUNTIME LOGS [GRACE_MSEC]. Exit status 1 and a line
 * on stderr if it could not serve.
 */
#include "logger/logger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    struct logger_options options;
    int result;

    if (argc != 3 && argc != 4) {
        (void)fprintf(stderr, "usage: %s RUNTIME LOGS\n", argv[0]);
        return 2;
    }
    options = (struct logger_options){
        .runtime_path = argv[1],
        .logs_path = argv[2],
        .grace_usec = argc == 4 ? strtoul(argv[3], NULL, 10) * USEC_PER_MSEC : 0,
    };
    result = logger_run(&options);
    if (result < 0) {
        (void)fprintf(stderr, "%s: %s\n", argv[0], strerror(-result));
        return 1;
    }
    return 0;
}
