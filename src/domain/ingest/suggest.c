#include "domain/ingest/suggest.h"

#include "base/utf8.h"
#include "domain/ingest/infer.h"
#include "domain/ingest/loading.h"

#define FILLED_LEAST 10  /* values of a field */
#define SHARE_LEAST 0.9  /* of values that are of the type */
#define OTHER_BYTES 60
#define TEXT_BYTES 64    /* of a value: longer ones are of none of these types */

/* In the order of preference, as in type_of_mask. */
static const struct {
    enum field_type type;
    int mask;
} kinds[] = {{FIELD_BOOLEAN, MASK_BOOLEAN}, {FIELD_INT, MASK_INT},        {FIELD_DOUBLE, MASK_DOUBLE},
             {FIELD_DOUBLE, MASK_COMMA},    {FIELD_DATE, MASK_DATE},      {FIELD_DATE, MASK_DAY_FIRST},
             {FIELD_DATETIME, MASK_DATETIME}};
#define KINDS ARRAY_LENGTH(kinds)

struct tally {
    int64_t filled, fits[KINDS];
    str others[KINDS]; /* the first value that does not fit */
};

static bool is_looked_at(const struct field *field)
{
    return field->type == FIELD_TEXT && !field_is_list(field);
}

static void count(struct arena *arena, struct tally *tally, str text)
{
    int mask = text.n <= TEXT_BYTES ? mask_of_text(text) : MASK_TEXT;
    if (mask == MASK_ALL) {
        return; /* blanks */
    }
    tally->filled++;
    for (size_t kind = 0; kind < KINDS; kind++) {
        if (mask & kinds[kind].mask) {
            tally->fits[kind]++;
        } else if (!tally->others[kind].p) {
            tally->others[kind] = str_copy(arena, utf8_truncate(text, OTHER_BYTES));
        }
    }
}

static struct type_suggestion decide(const struct tally *tally)
{
    size_t best = 0;
    for (size_t kind = 1; kind < KINDS; kind++) {
        best = tally->fits[kind] > tally->fits[best] ? kind : best;
    }
    int64_t fits = tally->fits[best];
    bool is_good = tally->filled >= FILLED_LEAST && fits < tally->filled &&
                   (double)fits >= SHARE_LEAST * (double)tally->filled;
    return is_good ? (struct type_suggestion){kinds[best].type, fits, tally->filled, tally->others[best]}
                   : (struct type_suggestion){.fits = 0};
}

static enum err count_all(struct scope *scope, struct db *db, const struct sql *sql, struct tally *tallies)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_lease(scope, db, &lease));
    TRY(db_run(scope, lease, sql, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        TRY(scope_check(scope));
        for (size_t i = 0; i < batch->column_count; i++) {
            const struct column *column = &batch->columns[i];
            for (size_t row = 0; row < batch->rows; row++) {
                if (!column_is_null(column, row)) {
                    count(&scope->arena, &tallies[i], column->texts[row]);
                }
            }
        }
    }
    return ERR_OK;
}

enum err suggest_types(struct scope *scope, struct db *db, const struct schema *schema,
                       const struct type_suggestion **ret_suggestions)
{
    struct type_suggestion *suggestions = arena_array(&scope->arena, struct type_suggestion, schema->count + 1);
    struct tally *tallies = arena_array(&scope->arena, struct tally, SUGGEST_FIELDS);
    size_t fields[SUGGEST_FIELDS];
    size_t looked_at = 0;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select ");
    for (size_t i = 0; i < schema->count && looked_at < SUGGEST_FIELDS; i++) {
        if (is_looked_at(&schema->fields[i])) {
            sql_text_constant(&sql, looked_at ? S(", ") : S(""));
            str names[2];
            (void)column_names(&scope->arena, &schema->fields[i], names);
            sql_name(&sql, names[0]);
            fields[looked_at++] = i;
        }
    }
    sql_text(&sql, " from records");
    *ret_suggestions = suggestions;
    TRY(looked_at ? count_all(scope, db, &sql, tallies) : ERR_OK);
    for (size_t i = 0; i < looked_at; i++) {
        suggestions[fields[i]] = decide(&tallies[i]);
    }
    return ERR_OK;
}
