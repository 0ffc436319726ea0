/*
 * Optimal string alignment: the table of distances between all beginnings of the two words, of
 * which three rows are enough. A word is near when at most a third of it is wrong; a beginning of a
 * word, as long as it is two characters or more, is always near.
 */
#include "abide/suggest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct rows {
    size_t before_last[SUGGEST_WORD_MAX + 1];
    size_t last[SUGGEST_WORD_MAX + 1];
    size_t this[SUGGEST_WORD_MAX + 1];
};

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Row i of the table, from the two before it. */
static void fill_row(struct rows *rows, const char *a, size_t i, const char *b) {
    rows->this[0] = i;
    for (size_t j = 1; b[j - 1] != '\0'; j++) {
        size_t replaced = rows->last[j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0);
        size_t one = least(rows->last[j], rows->this[j - 1]) + 1;
        rows->this[j] = least(replaced, one);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
            rows->this[j] = least(rows->this[j], rows -> before_last[j - 2] + 1);
        }
    }
}

size_t suggest_distance(const char *a, const char *b) {
    struct rows rows;
    size_t length = strlen(b);
    if (strlen(a) > SUGGEST_WORD_MAX || length > SUGGEST_WORD_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= length; j++) {
        rows.last[j] = j;
        rows.before_last[j] = 0;
    }
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        fill_row(&rows, a, i, b);
        memcpy(rows.before_last, rows.last, (length + 1) * sizeof(size_t));
        memcpy(rows.last, rows.this, (length + 1) * sizeof(size_t));
    }
    return rows.last[length];
}

void suggest_offer(struct suggest *self, const char *word) {
    size_t length = strlen(self->typed);
    bool begins = length >= 2 && strncmp(word, self->typed, length) == 0;
    size_t distance = begins ? 0 : suggest_distance(self->typed, word);
    size_t allowed = length < 3 ? 1 : 1 + length / 4;
    if (distance > allowed || distance >= length + 1) {
        return;
    }
    if (self->nearest == NULL || distance < self->distance) {
        self->nearest = word;
        self->distance = distance;
    }
}
