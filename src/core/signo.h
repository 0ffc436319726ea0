/*
 * The signals that the core itself names. The core includes no system header, so it says their
 * numbers here; a unit test compares them with <signal.h> on the machine that builds.
 */
#ifndef CORE_SIGNO_H
#define CORE_SIGNO_H

/* Signals are 1 to SIGNO_MAX, the real-time ones included; 0 is "none". */
#define SIGNO_MAX 64

enum signo {
    SIGNO_HUP = 1,
    SIGNO_INT = 2,
    SIGNO_KILL = 9,
    SIGNO_PIPE = 13,
    SIGNO_TERM = 15,
#if defined(__mips__)
    SIGNO_CONT = 25,
#else
    SIGNO_CONT = 18,
#endif
};

#endif
