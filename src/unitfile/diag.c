/*
 * Unit files come from anywhere, and what is said of them ends on terminals and in logs: so each
 * piece is cut and cleaned here, once, and no other file has to think of it.
 */
#include "unitfile/diag.h"

#include "base/alloc.h"
#include "unitfile/text.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Not in the middle of a UTF-8 sequence: its later bytes are 10xxxxxx. */
static size_t cut_length(const char *piece) {
    size_t length = strlen(piece);
    if (length <= DIAG_QUOTE_MAX) {
        return length;
    }
    length = DIAG_QUOTE_MAX;
    while (length != 0 && ((unsigned char)piece[length] & 0xc0U) == 0x80U) {
        length--;
    }
    return length;
}

static void add_piece(struct text *text, const char *piece) {
    size_t length = cut_length(piece);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)piece[i];
        text_add_char(text, (char)(byte < 0x20 || byte == 0x7f ? '?' : byte));
    }
    if (piece[length] != '\0') {
        text_add(text, "...");
    }
}

int diag_add(struct diag_list *self, const struct diag_head *head, const char *const *pieces) {
    assert((uint32_t)head->severity < DIAG_SEVERITY_COUNT);
    self->n_of[head->severity]++;
    if (self->count >= DIAG_MAX) {
        self->n_dropped++;
        return 0;
    }
    struct text file = {0};
    struct text text = {0};
    text_add(&file, head->file);
    for (size_t i = 0; pieces[i] != NULL; i++) {
        add_piece(&text, pieces[i]);
    }
    auto_free char *file_string = NULL;
    auto_free char *text_string = NULL;
    int file_result = text_take(&file, &file_string);
    int text_result = text_take(&text, &text_string);
    struct diag *grown = alloc_resized(self->items, self->count + 1, sizeof(*grown));
    if (grown != NULL) {
        self->items = grown;
    }
    if (grown == NULL || file_result < 0 || text_result < 0) {
        return -ENOMEM;
    }
    grown[self->count++] = (struct diag){
        .file = take_ptr(&file_string),
        .text = take_ptr(&text_string),
        .line = head->line,
        .severity = head->severity,
        .kind = head->kind,
    };
    return 0;
}

const char *diag_severity_name(enum diag_severity severity) {
    switch (severity) {
    case DIAG_NOTE:
        return "note";
    case DIAG_WARNING:
        return "warning";
    case DIAG_GUARD:
        return "refused";
    case DIAG_ERROR:
        return "error";
    }
    return NULL;
}

enum diag_severity diag_list_worst(const struct diag_list *self) {
    uint32_t worst = DIAG_SEVERITY_COUNT - 1;
    while (worst > 0 && self->n_of[worst] == 0) {
        worst--;
    }
    return (enum diag_severity)worst;
}

void diag_list_fini(struct diag_list *self) {
    for (size_t i = 0; i < self->count; i++) {
        cleanup_free(&self->items[i].file);
        cleanup_free(&self->items[i].text);
    }
    cleanup_free(&self->items);
    *self = (struct diag_list){0};
}
