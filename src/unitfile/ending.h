/*
 * The words for how a process ends: signals by name and number, exit codes by name and number.
 * signal(7); exit codes are those of systemd.exec(5), "Process Exit Codes".
 */
#ifndef UNITFILE_ENDING_H
#define UNITFILE_ENDING_H

#include "unitfile/text.h"

#include <stdint.h>

/*
 * "SIGTERM", "TERM", "15", "RTMIN", "RTMIN+3", "RTMAX-2". Returns 0, -EINVAL, or -ERANGE for a
 * number that is no signal's.
 */
int signal_parse(const char *text, uint32_t *ret_signo);

/* Appends "TERM", "RTMIN+3"; a number for what has no name. */
void signal_format(struct text *text, uint32_t signo);

/* "SUCCESS", "NOTRUNNING", "TEMPFAIL", "EXEC", or 0 to 255. Returns 0, -EINVAL or -ERANGE. */
int exit_code_parse(const char *text, uint32_t *ret_code);

#endif
