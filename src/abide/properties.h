/*
 * The properties of a service, by systemctl's names and in its notation: one table.
 */
#ifndef ABIDE_PROPERTIES_H
#define ABIDE_PROPERTIES_H

#include "abide/facts.h"
#include "core/policy.h"
#include "core/spec.h"

#include <stdio.h>

/* What a property is drawn from. */
struct property_source {
    const struct facts *facts;
    const struct policy *policy; /* of the running service, or of its unit file; NULL: not known */
    const struct spec *spec; /* of its unit file; NULL: there is none, or it can't be read */
};

struct property {
    const char *name;
    void (*print)(FILE *stream, const struct property_source *source); /* the value only */
};

/* In the order in which they are shown; ends with a row without a name. */
extern const struct property properties[];

#endif
