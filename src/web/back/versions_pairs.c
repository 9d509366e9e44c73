#include "web/back/versions_pairs.h"

#include "base/utf8.h"

/* ---- records ---- */

struct likeness {
    struct arena *arena;
    size_t rows, columns;
    size_t *scores; /* of row and column: values that are the same */
    bool *row_taken, *column_taken;
};

static size_t count_same(const struct schema *schema, const json_t *one, const json_t *other)
{
    size_t same = 0;
    for (size_t i = 0; i < schema->count; i++) {
        str name = schema->fields[i].name;
        same += json_equal(json_object_getn(one, name.p, name.n), json_object_getn(other, name.p, name.n)) ? 1 : 0;
    }
    return same;
}

static struct likeness measure(struct arena *arena, const struct schema *schema, const json_t *removed,
                               const json_t *added)
{
    struct likeness likeness = {.arena = arena, .rows = json_array_size(removed), .columns = json_array_size(added)};
    likeness.scores = arena_array(arena, size_t, likeness.rows * likeness.columns + 1);
    likeness.row_taken = arena_array(arena, bool, likeness.rows + 1);
    likeness.column_taken = arena_array(arena, bool, likeness.columns + 1);
    for (size_t row = 0; row < likeness.rows; row++) {
        for (size_t column = 0; column < likeness.columns; column++) {
            likeness.scores[row * likeness.columns + column] =
                count_same(schema, json_array_get(removed, row), json_array_get(added, column));
        }
    }
    return likeness;
}

/* Whether nothing that is left is as much like one of the two as they are like each other. */
static bool is_only(const struct likeness *likeness, size_t row, size_t column)
{
    size_t score = likeness->scores[row * likeness->columns + column];
    for (size_t i = 0; i < likeness->columns; i++) {
        if (i != column && !likeness->column_taken[i] && likeness->scores[row * likeness->columns + i] >= score) {
            return false;
        }
    }
    for (size_t i = 0; i < likeness->rows; i++) {
        if (i != row && !likeness->row_taken[i] && likeness->scores[i * likeness->columns + column] >= score) {
            return false;
        }
    }
    return true;
}

static void pair_of_score(struct likeness *likeness, size_t score, size_t *pairs)
{
    for (size_t row = 0; row < likeness->rows; row++) {
        for (size_t column = 0; column < likeness->columns && !likeness->row_taken[row]; column++) {
            bool fits = !likeness->column_taken[column] &&
                        likeness->scores[row * likeness->columns + column] == score && is_only(likeness, row, column);
            if (fits) {
                pairs[row] = column;
                likeness->row_taken[row] = true;
                likeness->column_taken[column] = true;
            }
        }
    }
}

size_t *pair_records(struct arena *arena, const struct schema *schema, const json_t *removed, const json_t *added)
{
    struct likeness likeness = measure(arena, schema, removed, added);
    size_t *pairs = arena_array(arena, size_t, likeness.rows + 1);
    for (size_t i = 0; i < likeness.rows; i++) {
        pairs[i] = SIZE_MAX;
    }
    for (size_t score = schema->count; score > 0 && 2 * score >= schema->count; score--) {
        pair_of_score(&likeness, score, pairs);
    }
    return pairs;
}

/* ---- texts ---- */

#define SAME_LEAST 12 /* bytes: less is not worth three parts */
#define SAME_SHOWN 48

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t';
}

/* Whole words at the start that are the same. */
static size_t same_start(str one, str other)
{
    size_t most = one.n < other.n ? one.n : other.n;
    size_t same = 0;
    while (same < most && one.p[same] == other.p[same]) {
        same++;
    }
    while (same > 0 && !is_space(one.p[same - 1])) {
        same--;
    }
    return same;
}

static size_t same_end(str one, str other, size_t start)
{
    size_t most = (one.n < other.n ? one.n : other.n) - start;
    size_t same = 0;
    while (same < most && one.p[one.n - 1 - same] == other.p[other.n - 1 - same]) {
        same++;
    }
    while (same > 0 && !is_space(one.p[one.n - same])) {
        same--;
    }
    return same;
}

/* The part of it that is next to the difference, in whole words. */
static str shorten_start(struct arena *arena, str text)
{
    size_t from = text.n > SAME_SHOWN ? text.n - SAME_SHOWN : 0;
    while (from > 0 && from < text.n && !is_space(text.p[from - 1])) {
        from++;
    }
    return from ? str_printf(arena, "… %.*s", STR_ARG(str_slice(text, from, text.n))) : text;
}

static str shorten_end(struct arena *arena, str text)
{
    str shown = utf8_truncate(text, SAME_SHOWN);
    return shown.n < text.n ? str_printf(arena, "%.*s…", STR_ARG(shown)) : text;
}

void split_texts(struct arena *arena, str before, str after, struct text_parts *ret_before,
                 struct text_parts *ret_after)
{
    size_t start = same_start(before, after);
    size_t end = same_end(before, after, start);
    *ret_before = (struct text_parts){.middle = before};
    *ret_after = (struct text_parts){.middle = after};
    if (start + end < SAME_LEAST) {
        return;
    }
    str first = shorten_start(arena, str_slice(before, 0, start));
    str last = shorten_end(arena, str_slice(before, before.n - end, before.n));
    *ret_before = (struct text_parts){first, str_slice(before, start, before.n - end), last};
    *ret_after = (struct text_parts){first, str_slice(after, start, after.n - end), last};
}
