/* Every key of the table, for comparison with other lists: section, key, status, guard, what for.
 */
#include "unitfile/keys.h"

#include <stdio.h>

int main(void) {
    for (size_t i = 0; key_at(i) != NULL; i++) {
        const struct key *key = key_at(i);
        for (unsigned bit = 0; bit < SECTION_COUNT; bit++) {
            if ((key->sections >> bit & 1) != 0) {
                (void)printf("%s\t%s\t%s\t%s\t%s\n", section_name((enum section)(1U << bit)),
                             key->name, key_status_name(key->status), key->is_guard ? "guard" : "",
                             key->about);
            }
        }
    }
    return 0;
}
