/*
 * The engine tells which record holds a bad value; people look for the line. A record may span
 * several lines (quotes) and lines may be empty, so the file is read once more; the value is looked
 * for in the record that was found, so that a wrong line is never named.
 */
#include <stdio.h>

#include "domain/ingest/loading.h"

#define SHOWN_BYTES 65536 /* of a record in which the value is looked for */

struct walk {
    FILE *file;
    char quote;
    bool one_column;      /* then an empty line is a record too */
    int64_t line;         /* of the next byte */
    int64_t record_line;  /* where the current record begins */
    char text[SHOWN_BYTES];
    size_t length;
};

/* Reads one record; false at the end of the file. Empty lines are passed over unless they count. */
static bool next_record(struct walk *walk)
{
    bool quoted = false;
    walk->length = 0;
    walk->record_line = walk->line;
    for (;;) {
        int c = getc_unlocked(walk->file);
        if (c == EOF) {
            return walk->length > 0;
        }
        walk->line += c == '\n';
        quoted ^= walk->quote && c == walk->quote;
        if (c == '\n' && !quoted) {
            if (walk->length || walk->one_column) {
                return true;
            }
            walk->record_line = walk->line;
        } else if (c != '\r' && walk->length < SHOWN_BYTES) {
            walk->text[walk->length++] = (char)c;
        }
    }
}

int64_t find_line(const char *path, int64_t record, str value, const struct layout *layout)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return 0;
    }
    struct walk walk = {.file = file, .line = 1};
    bool found = true;
    for (int64_t i = 0; i < layout->skipped_lines && found; i++) {
        found = next_record(&walk);
    }
    walk.quote = layout->quote;
    walk.one_column = layout->one_column;
    for (int64_t i = 0; i < record + layout->header && found; i++) {
        found = next_record(&walk);
    }
    fclose(file);
    str text = {walk.text, walk.length};
    return found && value.n && str_find(text, value, 0) != SIZE_MAX ? walk.record_line : 0;
}
