#include "domain/records/compare.h"

#include "base/json_write.h"
#include "base/vec.h"
#include "domain/records/read.h"
#include "domain/records/schema_changes.h"
#include "platform/db/statement.h"

#define SAMPLE_TEXT 1000

static bool same_ids(const struct schema *before, const struct schema *after)
{
    size_t at = 0;
    size_t own = 0;
    for (;; at++, own++) {
        while (at < before->count && !before->fields[at].id) {
            at++;
        }
        while (own < after->count && !after->fields[own].id) {
            own++;
        }
        if (at == before->count || own == after->count) {
            return at == before->count && own == after->count;
        }
        if (before->fields[at].type != after->fields[own].type ||
            !str_eq(before->fields[at].name, after->fields[own].name)) {
            return false;
        }
    }
}

/* Of the newer one: a replica that has it has the older one, too. */
enum err version_pair_open(struct scope *scope, struct records *records, const struct dataset *before,
                           const struct dataset *after, struct version_pair *ret_pair)
{
    bool is_older = before->version > after->version;
    bool is_whole = !before->table_schema && !after->table_schema;
    const struct schema *one = &before->schema;
    const struct schema *other = &after->schema;
    *ret_pair = (struct version_pair){
        .common = schema_common(&scope->arena, one, other),
        .has_ids = is_whole && schema_has_id(one) && same_ids(one, other)};
    ret_pair->is_by_key =
        ret_pair->has_ids ||
        (is_whole && !schema_has_id(one) && !schema_has_id(other) && schema_same_columns(one, other));
    struct records_lease *first = is_older ? &ret_pair->before : &ret_pair->after;
    struct records_lease *second = is_older ? &ret_pair->after : &ret_pair->before;
    TRY(records_lease(scope, records, is_older ? before : after, first));
    return records_lease_also(scope, first, is_older ? after : before, second);
}

void version_pair_close(struct version_pair *pair)
{
    bool after_is_borrowed = pair->after.is_borrowed;
    records_release(after_is_borrowed ? &pair->after : &pair->before);
    records_release(after_is_borrowed ? &pair->before : &pair->after);
}

/* ---- statements ---- */

/* A number made of the values of the common fields. */
static void add_content(struct scope *scope, const struct version_pair *pair, struct sql *sql)
{
    size_t count;
    const str *names = records_columns(&scope->arena, &pair->common, &count);
    bool is_postgres = pair->after.source.engine == DB_POSTGRES;
    if (count <= 1) { /* the last is the key */
        sql_text(sql, "0");
        return;
    }
    sql_text_constant(sql, is_postgres ? S("hashtextextended(row(") : S("hash("));
    for (size_t i = 0; i + 1 < count; i++) {
        sql_text_constant(sql, i ? S(", ") : S(""));
        sql_name(sql, names[i]);
    }
    sql_text_constant(sql, is_postgres ? S(")::text, 0)") : S(")"));
}

/* What tells records apart. */
static void add_key(struct scope *scope, const struct version_pair *pair, struct sql *sql)
{
    if (pair->is_by_key) {
        sql_name(sql, RECORDS_KEY_COLUMN);
    } else {
        add_content(scope, pair, sql);
    }
}

static void add_table(struct sql *sql, const struct source *source)
{
    sql_name(sql, source->database);
    sql_text(sql, ".");
    sql_name(sql, source->table);
}

/* DuckDB groups once; workers of Citus each group what they have. */
static void add_side(struct scope *scope, const struct version_pair *pair, const struct source *source,
                     bool is_after, struct sql *sql)
{
    bool is_postgres = source->engine == DB_POSTGRES;
    sql_text(sql, "select ");
    add_key(scope, pair, sql);
    sql_text(sql, " as k, ");
    if (pair->has_ids) {
        add_content(scope, pair, sql);
    } else {
        sql_text(sql, "0");
    }
    sql_text(sql, " as h, ");
    sql_text_constant(sql, is_after ? S("") : S("-"));
    sql_text_constant(sql, is_postgres ? S("count(*)") : S("1"));
    sql_text(sql, " as n from ");
    add_table(sql, source);
    sql_text_constant(sql, is_postgres ? S(" group by 1, 2") : S(""));
}

/* By key and values: how many more the later version has. */
static void add_differences(struct scope *scope, const struct version_pair *pair, struct sql *sql)
{
    sql_text(sql, "select k, h, cast(sum(n) as bigint) as d from (");
    add_side(scope, pair, &pair->after.source, true, sql);
    sql_text(sql, " union all ");
    add_side(scope, pair, &pair->before.source, false, sql);
    sql_text(sql, ") as sides group by k, h having sum(n) <> 0");
}

enum err version_pair_count(struct scope *scope, const struct version_pair *pair,
                            struct comparison *ret_comparison)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select cast(coalesce(sum(case when d > 0 then d else 0 end), 0) as bigint), "
                   "cast(coalesce(sum(case when d < 0 then -d else 0 end), 0) as bigint), "
                   "cast(coalesce(sum(p), 0) as bigint) from "
                   "(select k, sum(d) as d, sum(case when d > 0 then d else 0 end) as p from (");
    add_differences(scope, pair, &sql);
    sql_text(&sql, ") as rows group by k) as keys");
    TRY(db_run(scope, pair->after.db, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    int64_t gained = row ? row_number(row, 0) : 0;
    *ret_comparison = (struct comparison){.added = gained,
                                          .removed = row ? row_number(row, 1) : 0,
                                          .changed = row ? row_number(row, 2) - gained : 0};
    return ERR_OK;
}

/* ---- some of them ---- */

static enum err find_keys(struct scope *scope, const struct version_pair *pair, enum difference difference,
                          int64_t most, const cell **ret_keys, size_t *ret_count)
{
    static const char *const conditions[] = {
        [DIFFERENCE_ADDED] = "sum(d) > 0", [DIFFERENCE_REMOVED] = "sum(d) < 0",
        [DIFFERENCE_CHANGED] = "sum(case when d > 0 then d else 0 end) > greatest(sum(d), 0)"};
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(cell) keys = {0};
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select cast(k as varchar) from (");
    add_differences(scope, pair, &sql);
    sql_text(&sql, ") as rows group by k having ");
    sql_text_constant(&sql, str_from(conditions[difference]));
    sql_text(&sql, " order by k limit ");
    sql_bind(&sql, cell_int(most));
    TRY(db_run(scope, pair->after.db, &sql, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        for (size_t i = 0; i < batch->rows; i++) {
            str key = column_cell(&batch->columns[0], i).text;
            vec_add(&scope->arena, &keys, cell_text(str_copy(&scope->arena, key)));
        }
    }
    *ret_keys = keys.items;
    *ret_count = keys.count;
    return ERR_OK;
}

static void add_id(struct buf *out, str id, bool is_first, const void *user)
{
    (void)user;
    buf_add(out, is_first ? S("\"_id\": ") : S(", \"_id\": "));
    struct json_writer json = json_writer_to(out);
    json_text(&json, id);
}

/* The records of these keys, as whoever asks for them reads them. */
static enum err read_records(struct scope *scope, const struct version_pair *pair, struct records_lease *lease,
                             const cell *keys, size_t count, str *ret_records)
{
    struct buf results cleanup_with(buf_cleanup) = {0};
    struct read_result page;
    struct plan *plan;
    struct sql condition = sql_in(&scope->arena);
    struct sql id = sql_in(&scope->arena);
    sql_text(&condition, "cast(");
    add_key(scope, pair, &condition);
    sql_text(&condition, " as varchar) in (");
    for (size_t i = 0; i < count; i++) {
        sql_text_constant(&condition, i ? S(", ") : S(""));
        sql_bind(&condition, keys[i]);
    }
    sql_text(&condition, ")");
    records_id_expression(&id, &lease->source);
    struct clauses clauses = {.limit = 2 * (int64_t)count, .condition = &condition, .id_expression = &id};
    struct read read = {.clauses = &clauses, .zone = zone_find(S("UTC")), .longest_text = SAMPLE_TEXT,
                        .add_keys = add_id};
    TRY(odsql_compile(scope, &lease->source, &clauses, &plan));
    read.plan = plan;
    TRY(read_page(scope, lease, &read, &results, &page));
    *ret_records = str_printf(&scope->arena, "[%.*s]", STR_ARG(buf_str(&results)));
    return ERR_OK;
}

enum err version_pair_sample(struct scope *scope, struct version_pair *pair, enum difference difference,
                             int64_t most, str *ret_before, str *ret_after)
{
    const cell *keys;
    size_t count;
    *ret_before = S("[]");
    *ret_after = S("[]");
    if (difference == DIFFERENCE_CHANGED && !pair->has_ids) {
        return ERR_OK;
    }
    TRY(find_keys(scope, pair, difference, most, &keys, &count));
    if (count && difference != DIFFERENCE_ADDED) {
        TRY(read_records(scope, pair, &pair->before, keys, count, ret_before));
    }
    if (count && difference != DIFFERENCE_REMOVED) {
        TRY(read_records(scope, pair, &pair->after, keys, count, ret_after));
    }
    return ERR_OK;
}
