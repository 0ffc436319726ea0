/* The window is fixed, not sliding: two fields are all it needs, and it is what systemd does. */
#include "core/start_limit.h"

#include "core/policy.h"

#include <string.h>

bool start_limit_allows(struct start_limit *self, const struct policy *policy, usec_t now) {
    if (policy->start_limit_burst == 0 || policy->start_limit_interval_usec == 0) {
        memset(self, 0, sizeof(*self));
        return true;
    }
    usec_t end = usec_add(self->since_usec, policy->start_limit_interval_usec);
    if (self->count == 0 || now > end) {
        self->since_usec = now;
        self->count = 0;
    }
    if (self->count >= policy->start_limit_burst) {
        return false;
    }
    self->count++;
    return true;
}
