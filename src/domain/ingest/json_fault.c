/*
 * The engine counts lines and values of JSON in a way of its own; people look for the place in their
 * file. A file that the engine refused is read once more, and the place is named when it is sure.
 */
#include <stdio.h>

#include "base/limits.h"
#include "domain/ingest/source.h"

/* One line without its end; false at the end of the file or when a line is too long to look at. */
static bool next_line(FILE *file, struct buf *line)
{
    buf_clear(line);
    for (int c = getc_unlocked(file); c != '\n'; c = getc_unlocked(file)) {
        if (c == EOF) {
            return line->n > 0;
        }
        if (line->n > LIMIT_JSON_BYTES) {
            return false;
        }
        buf_add_char(line, (char)c);
    }
    return true;
}

static bool find_in_lines(struct arena *arena, FILE *file, struct json_fault *ret_fault)
{
    struct buf line = {0};
    bool found = false;
    for (int number = 1; !found && next_line(file, &line); number++) {
        str text = str_trim(buf_str(&line));
        found = text.n && json_find_fault(arena, text, ret_fault);
        if (found) {
            ret_fault->line = number;
        }
    }
    buf_done(&line);
    return found;
}

static bool find_in_whole(struct arena *arena, FILE *file, struct json_fault *ret_fault)
{
    char *text = arena_alloc(arena, LIMIT_JSON_BYTES + 1);
    size_t n = fread(text, 1, LIMIT_JSON_BYTES + 1, file);
    str mark = S("\xef\xbb\xbf");
    str whole = {text, n};
    return json_find_fault(arena, str_starts(whole, mark) ? str_slice(whole, mark.n, n) : whole,
                           ret_fault);
}

bool source_find_json_fault(struct arena *arena, const struct ingest_options *options,
                            struct json_fault *ret_fault)
{
    FILE *file = options->is_compressed ? NULL : fopen(options->path, "re");
    if (!file) {
        return false;
    }
    bool found = str_eq(str_from(options->format), S("jsonl"))
                     ? find_in_lines(arena, file, ret_fault)
                     : find_in_whole(arena, file, ret_fault);
    fclose(file);
    return found;
}
