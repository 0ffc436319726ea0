/* Two columns wherever something is listed; the first is as wide as what is in it. */
#include "abide/help.h"

#include "abide/verbs.h"

#include <string.h>

#define OPTION_TEXT_SIZE 64

void help_all(FILE *stream) {
    size_t width = 0;
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        size_t length = strlen(verb->name);
        width = !verb->is_internal && length > width ? length : width;
    }
    (void)fputs("abide makes programs daemons and keeps them running.\n\n"
                "  abide run -- ./server      make a service of a command, and start it\n"
                "  abide status               what runs\n"
                "  abide logs server          what it said\n\n"
                "usage: abide [--home DIR] COMMAND …\n\n",
                stream);
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        if (!verb->is_internal) {
            (void)fprintf(stream, "  %-*s  %s\n", (int)width, verb->name, verb->summary);
        }
    }
    (void)fputs("\n`abide help COMMAND` says more. The system's services are root's, others have\n"
                "their own; --home DIR or ABIDE_HOME=DIR keeps some apart. See abide(1).\n",
                stream);
}

/* "  -n, --lines=N" */
static void option_text(const struct option_rule *rule, char text[OPTION_TEXT_SIZE]) {
    (void)snprintf(text, OPTION_TEXT_SIZE, "%s%c%s--%s%s%s", rule->letter != 0 ? "-" : " ",
                   rule->letter != 0 ? rule->letter : ' ', rule->letter != 0 ? ", " : "  ",
                   rule->name, rule->value != NULL ? "=" : "",
                   rule->value != NULL ? rule->value : "");
}

void help_verb(FILE *stream, const struct verb *verb) {
    (void)fprintf(stream, "abide %s%s%s\n\n%s.\n", verb->name, verb->usage[0] != '\0' ? " " : "",
                  verb->usage, verb->summary);
    if (verb->help != NULL) {
        (void)fprintf(stream, "\n%s\n", verb->help);
    }
    if (verb->options == NULL) {
        return;
    }
    (void)fputs("\n", stream);
    char text[OPTION_TEXT_SIZE];
    size_t width = 0;
    for (const struct option_rule *rule = verb->options; rule->name != NULL; rule++) {
        option_text(rule, text);
        width = strlen(text) > width ? strlen(text) : width;
    }
    for (const struct option_rule *rule = verb->options; rule->name != NULL; rule++) {
        option_text(rule, text);
        (void)fprintf(stream, "  %-*s  %s\n", (int)width, text, rule->help);
    }
}

void help_words(FILE *stream, const struct verb *verb) {
    if (verb == NULL) {
        for (verb = verbs; verb->name != NULL; verb++) {
            if (!verb->is_internal) {
                (void)fprintf(stream, "%s\t%s\n", verb->name, verb->summary);
            }
        }
        return;
    }
    for (const struct option_rule *rule = verb->options; rule != NULL && rule->name != NULL;
         rule++) {
        (void)fprintf(stream, "--%s%s%s\t%s\n", rule->name, rule->value != NULL ? "=" : "",
                      rule->value != NULL ? rule->value : "", rule->help);
        if (rule->letter != 0) {
            (void)fprintf(stream, "-%c\t%s\n", rule->letter, rule->help);
        }
    }
}
