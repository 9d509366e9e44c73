/* Which row names the columns: titles and notes stand above it, records below. */
#include <stdlib.h>

#include "domain/ingest/sheets.h"

static int compare_sizes(const void *a, const void *b)
{
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* The median of the widths. */
static size_t usual_width(struct arena *arena, const struct head_row *rows, size_t count)
{
    size_t *widths = arena_array(arena, size_t, count);
    for (size_t i = 0; i < count; i++) {
        widths[i] = rows[i].count;
    }
    qsort(widths, count, sizeof(*widths), compare_sizes);
    return widths[count / 2];
}

static int compare_texts(const void *a, const void *b)
{
    return str_compare(*(const str *)a, *(const str *)b);
}

/* Texts only, of which more than half differ. */
static bool can_be_header(struct arena *arena, const struct head_row *row)
{
    str *texts = arena_array(arena, str, row->count);
    size_t different = 0;
    for (size_t i = 0; i < row->count; i++) {
        texts[i] = str_trim(row->cells[i].cell.text);
        if (row->cells[i].kind != VALUE_TEXT || texts[i].n == 0) {
            return false;
        }
    }
    qsort(texts, row->count, sizeof(*texts), compare_texts);
    for (size_t i = 0; i < row->count; i++) {
        different += i == 0 || !str_eq(texts[i], texts[i - 1]);
    }
    return different * 2 > row->count;
}

size_t sheet_find_header(struct arena *arena, const struct head_row *rows, size_t count)
{
    int others = 0; /* rows as wide as records that cannot be the header */
    for (size_t i = 0; i < count && others < 2; i++) {
        bool is_last = i + 1 == count;
        if (is_last ? others > 0 : rows[i].count * 2 <= usual_width(arena, rows + i + 1, count - i - 1)) {
            continue;
        }
        if (can_be_header(arena, &rows[i])) {
            return i;
        }
        others++;
    }
    return SIZE_MAX;
}
