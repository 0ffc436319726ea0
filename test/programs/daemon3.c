/* A daemon as daemon(3) of the C library makes it, to compare with. */
#include <unistd.h>

int main(void) {
    if (daemon(0, 0) < 0) {
        return 1;
    }
    for (;;) {
        (void)pause();
    }
}
