/* Cells that were left empty because they did not fit the type of their field: how many, and the first of them. */
#include "domain/ingest/loading.h"
#include "domain/ingest/preview.h"

#define EXAMPLES 3  /* of a field */
#define COUNTED 64 /* fields that one statement counts */
#define EXPLAINED 10 /* fields with examples: each is looked for in the file */

/* The first values of a field that do not fit: the engine keeps the order of the file, and stops when it has them. */
static enum err find_examples(struct loading *loading, size_t at, const struct sql *bad, struct emptied_field *field)
{
    struct scope *scope = loading->scope;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select n, v from (select ");
    add_number(loading, loading->options->has_rows, &sql);
    sql_text(&sql, " as n, ");
    sql_join(&sql, &loading->source.columns[loading->origins[at].column].value);
    sql_text(&sql, "::varchar as v, ");
    sql_join(&sql, bad);
    sql_text(&sql, " as bad from ");
    sql_join(&sql, &loading->source.relation);
    sql_text(&sql, ") where bad limit ");
    sql_text_constant(&sql, str_printf(&scope->arena, "%d", EXAMPLES));
    TRY(db_run(scope, loading->lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        for (size_t i = 0; i < batch->rows; i++) {
            str value = str_copy(&scope->arena, column_cell(&batch->columns[1], i).text);
            struct place place = place_of(loading, column_cell(&batch->columns[0], i).number, str_trim(value));
            field->place = place.kind;
            buf_printf(&out, "%s%.*s: %.*s", out.n ? "; " : "", STR_ARG(place.number), STR_ARG(shown_value(loading, value)));
        }
    }
    field->examples = buf_copy(&out, &scope->arena);
    return ERR_OK;
}

/* Counts of up to COUNTED fields from the first on, in one reading of the file; conditions that are empty count nothing. */
static enum err count_some(struct loading *loading, const struct sql *bad, size_t first, size_t count, int64_t *ret_counts)
{
    struct scope *scope = loading->scope;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    size_t columns[COUNTED];
    size_t asked = 0;
    sql_text(&sql, "select ");
    for (size_t i = 0; i < count; i++) {
        ret_counts[first + i] = 0;
        if (bad[first + i].parts.count) {
            sql_text_constant(&sql, asked ? S(", count(*) filter (where ") : S("count(*) filter (where "));
            sql_join(&sql, &bad[first + i]);
            sql_text(&sql, ")");
            columns[asked++] = first + i;
        }
    }
    if (asked == 0) {
        return ERR_OK;
    }
    sql_text(&sql, " from ");
    sql_join(&sql, &loading->source.relation);
    TRY(db_run(scope, loading->lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        for (size_t i = 0; i < asked && batch->rows; i++) {
            ret_counts[columns[i]] = column_cell(&batch->columns[i], 0).number;
        }
    }
    return ERR_OK;
}

enum err count_emptied(struct loading *loading, struct ingest_result *result)
{
    struct arena *arena = &loading->scope->arena;
    size_t count = loading->schema.count;
    struct sql *bad = arena_array(arena, struct sql, count + 1);
    int64_t *counts = arena_array(arena, int64_t, count + 1);
    result->emptied = arena_array(arena, struct emptied_field, count + 1);
    result->emptied_count = 0;
    for (size_t i = 0; i < count; i++) {
        bad[i] = sql_in(arena);
        (void)add_bad_condition(loading, i, &bad[i]);
    }
    for (size_t first = 0; first < count; first += COUNTED) {
        TRY(count_some(loading, bad, first, count - first < COUNTED ? count - first : COUNTED, counts));
    }
    for (size_t i = 0; i < count; i++) {
        if (counts[i]) {
            struct emptied_field *field = &result->emptied[result->emptied_count++];
            *field = (struct emptied_field){.label = loading->schema.fields[i].label, .type = loading->schema.fields[i].type,
                                            .count = counts[i]};
            TRY(result->emptied_count <= EXPLAINED ? find_examples(loading, i, &bad[i], field) : ERR_OK);
        }
    }
    return ERR_OK;
}

struct remark emptied_remark(struct arena *arena, const struct emptied_field *field)
{
    if (field->examples.n == 0) {
        return remark_in_words(arena, MSG_NOTE_CELLS_EMPTIED_COUNTED,
                               SAYS(ARG_TEXT("field", field->label), ARG_INT("count", field->count),
                                    ARG_MESSAGE("type", preview_type_label(field->type))));
    }
    return remark_in_words(arena, MSG_NOTE_CELLS_EMPTIED,
                           SAYS(ARG_TEXT("field", field->label), ARG_INT("count", field->count),
                                ARG_MESSAGE("type", preview_type_label(field->type)), ARG_TEXT("place", field->place),
                                ARG_TEXT("examples", field->examples)));
}

static struct emptied_field *find(struct ingest_result *result, str label)
{
    for (size_t i = 0; i < result->emptied_count; i++) {
        if (str_eq(result->emptied[i].label, label)) {
            return &result->emptied[i];
        }
    }
    return NULL;
}

void emptied_add(struct arena *arena, struct ingest_result *all, const struct ingest_result *more)
{
    struct emptied_field *joined = arena_array(arena, struct emptied_field, all->emptied_count + more->emptied_count + 1);
    for (size_t i = 0; i < all->emptied_count; i++) {
        joined[i] = all->emptied[i];
    }
    all->emptied = joined;
    for (size_t i = 0; i < more->emptied_count; i++) {
        struct emptied_field *before = find(all, more->emptied[i].label);
        if (before) {
            before->count += more->emptied[i].count;
        } else {
            all->emptied[all->emptied_count++] = more->emptied[i];
        }
    }
}
