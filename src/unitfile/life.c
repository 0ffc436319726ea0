/* How a service starts, ends and starts again: what the policy is made of. */
#include "unitfile/command.h"
#include "unitfile/ending.h"
#include "unitfile/readers.h"
#include "unitfile/span.h"
#include "unitfile/word.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

int read_timeouts(struct reader *reader, const struct key *key, char *value) {
    usec_t usec = 0;
    int r = read_span(reader, key, value);
    if (r == 0 && reader->spec != NULL && span_parse(value, USEC_PER_SEC, &usec) == 0) {
        reader->spec->policy.stop_timeout_usec = reader->spec->policy.start_timeout_usec;
    }
    return r;
}

int read_kill_mode(struct reader *reader, const struct key *key, char *value) {
    int r = 0;
    if (strcmp(value, "none") == 0) {
        const char *const pieces[] = {"KillMode=none leaves processes behind that nobody watches",
                                      NULL};
        r = reader_say(reader, DIAG_NOTE, DIAG_ADVICE, pieces);
    }
    return r < 0 ? r : read_word(reader, key, value);
}

/* Numbers are exit codes, never signals. */
static int add_status(struct reader *reader, struct status_set *set, const char *word) {
    uint32_t number = 0;
    struct text text = {0};
    if (exit_code_parse(word, &number) == 0) {
        if (set != NULL) {
            status_set_add_code(set, number);
        }
        text_add_number(&text, number);
    } else if (signal_parse(word, &number) == 0) {
        if (set != NULL) {
            status_set_add_signal(set, number);
        }
        text_add(&text, "SIG");
        signal_format(&text, number);
    } else {
        return reader_reject(reader, "is neither an exit code nor a signal", word);
    }
    return reader_append_text(reader, &text);
}

int read_status_set(struct reader *reader, const struct key *key, char *value) {
    struct status_set *set = reader_field(reader, key);
    if (*value == '\0') {
        if (set != NULL) {
            *set = (struct status_set){0};
        }
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, 0, &word);
        if (r > 0) {
            int added = add_status(reader, set, word);
            r = added < 0 ? added : 1;
        }
    }
    return r;
}

/* What is wrong with a command is fatal, unless `-` says that its failure does not matter. */
static int reject_command(struct reader *reader, const struct command_line *line,
                          const char *value) {
    if ((line->command.flags & COMMAND_IGNORE_FAILURE) != 0) {
        return reader_reject(reader, line->problem, value);
    }
    return reader_reject_fatally(reader, line->problem, value);
}

static int store_command(struct reader *reader, const struct key *key, struct command_line *line,
                         const char *value) {
    if (reader->keeps_values) {
        struct text text = {0};
        command_format(&text, line->command.argv);
        int r = reader_append_text(reader, &text);
        if (r < 0) {
            return r;
        }
    } else {
        (void)reader_append(reader, ""); /* can't fail, nothing is kept */
    }
    if (reader->spec == NULL || key->low < 0) {
        return 0;
    }
    struct command *command = NULL;
    int r = spec_add_command(reader->spec, (enum phase)key->low, line->command.flags, &command);
    if (r == -E2BIG) {
        return reader_reject_fatally(reader, "has too many commands", value);
    }
    if (r == 0) {
        command->path = take_ptr(&line->command.path);
        command->argv = take_ptr(&line->command.argv);
    }
    return r;
}

int read_command(struct reader *reader, const struct key *key, char *value) {
    if (*value == '\0') {
        if (reader->spec != NULL && key->low >= 0) {
            spec_clear_commands(reader->spec, (enum phase)key->low);
        }
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        struct command_line line;
        r = command_next(&at, &reader->unit, &line);
        if (r <= 0) {
            break;
        }
        int done = 0;
        if (line.has_unknown_escape) {
            done = reader_reject(reader, "has a backslash that means nothing, and stays", value);
        }
        if (done == 0 && line.problem != NULL) {
            done = reject_command(reader, &line, value);
            r = 0;
        } else if (done == 0) {
            done = store_command(reader, key, &line, value);
        }
        command_line_fini(&line);
        r = done < 0 ? done : r;
    }
    return r;
}
