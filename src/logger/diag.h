/*
 * The logger's own words: LOGS/abide-log.diag, a line for what an administrator must know (a log
 * that cannot be written, a dropped chunk). Never a FIFO: the logger must not wait for itself.
 */
#ifndef LOGGER_DIAG_H
#define LOGGER_DIAG_H

#include "base/attr.h"

#define DIAG_FILE "abide-log.diag"
/* Past this size the file becomes abide-log.diag.old. */
#define DIAG_SIZE_MAX 262144
#define DIAG_RESERVE 16384
/* A longer line is cut. */
#define DIAG_LINE_MAX 512

/*
 * Appends one stamped line to the file in the folder `logs_fd`. A line that cannot be written is
 * lost. Each line reserves DIAG_RESERVE bytes for the next ones, so that a disk that is full since
 * then can still be told of.
 */
void diag_write(int logs_fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
