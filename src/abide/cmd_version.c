/* The program's own version; nobody is asked, so it is right when nothing else works. */
#include "abide/commands.h"

#include <stdio.h>

int cmd_version(struct call *call) {
    (void)call;
    (void)puts("abide " ABIDE_VERSION);
    return 0;
}
