/*
 * Spans of time as systemd.time(7) defines them: "5min 20s", "1.5h", "300ms20s 5day", "infinity".
 * A month is 30.4375 days, a year 365.25.
 */
#ifndef UNITFILE_SPAN_H
#define UNITFILE_SPAN_H

#include "base/usec.h"
#include "unitfile/text.h"

/*
 * Reads `text`, blanks around it allowed; a number without a unit counts in `unit_usec`. Returns 0,
 * -EINVAL, or -ERANGE.
 */
int span_parse(const char *text, usec_t unit_usec, usec_t *ret_usec);

/* Appends the span in its normal form, which span_parse() reads back: "1min 30s", "1.500ms", "0".
 */
void span_format(struct text *text, usec_t usec);

#endif
