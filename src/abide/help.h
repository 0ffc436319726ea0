/*
 * What the program says of itself, from the table in verbs.c.
 */
#ifndef ABIDE_HELP_H
#define ABIDE_HELP_H

#include <stdio.h>

struct verb;

/* All commands, a line each. */
void help_all(FILE *stream);

/* One command: usage, options, the rest. */
void help_verb(FILE *stream, const struct verb *verb);

/*
 * For programs: the names of all commands, one a line; or, of one command, its options: "--name",
 * "-n", a tab before what it does, and "=VALUE" after the name of one that takes a value.
 */
void help_words(FILE *stream, const struct verb *verb);

#endif
