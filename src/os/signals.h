/*
 * Signal masks and dispositions of this process. A set of signals is a uint64_t, as the kernel has
 * it: signal N is the bit SIGNALS_BIT(N). Nothing here can fail, so nothing returns an error; all
 * of it is async-signal-safe, and the child of a spawn uses it.
 */
#ifndef OS_SIGNALS_H
#define OS_SIGNALS_H

#include <stdint.h>

#define SIGNALS_BIT(number) (UINT64_C(1) << ((number)-1))

/* Blocks every signal, also the two that libc keeps for itself. Returns the mask before. */
uint64_t signals_block_all(void);
void signals_set_mask(uint64_t blocked);

#define SIGNALS_ALL (~UINT64_C(0))

/*
 * Gives each signal of `which` its default disposition, except those in `ignored`, which are
 * ignored. What exec would pass on is thus known: a parent like nohup(1) leaves signals ignored.
 */
void signals_set_dispositions(uint64_t which, uint64_t ignored);

/* The signals that this process ignores now. */
uint64_t signals_ignored(void);

#endif
