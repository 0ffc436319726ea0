/* What bench/pulse.c tells bench/restart.c, in a mapped file. */
#ifndef BENCH_PULSE_H
#define BENCH_PULSE_H

#include <stdint.h>

struct pulse {
    int64_t nsec; /* when main() began, CLOCK_MONOTONIC */
    int64_t pid;
    int64_t count; /* of all main()s so far; stored last */
};

#endif
