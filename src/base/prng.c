/*
 * splitmix64 as published by Steele, Lea and Flood ("Fast splittable pseudorandom number
 * generators", 2014): a counter that steps by the golden ratio, and a mixing function. A counter
 * has no bad seeds and no state to warm up, which is what eight bytes in a status slot need.
 */
#include "base/prng.h"

uint64_t prng_next(struct prng *self) {
    self->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = self->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

uint64_t prng_below(struct prng *self, uint64_t bound) {
    uint64_t number = prng_next(self);
    return bound == 0 ? 0 : number % bound;
}
