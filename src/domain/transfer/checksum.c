/*
 * A checksum over all values of all rows of a version: each row's is made of its number and its values, and they
 * are added up. So neither engine has to sort, and two rows that changed places are noticed all the same.
 */
#include "domain/records/records.h"
#include "domain/transfer/internal.h"

static bool is_postgres(const struct version_table *table)
{
    return db_lease_engine(table->lease) == DB_POSTGRES;
}

static void add_table(struct sql *sql, const struct version_table *table, bool is_words)
{
    struct arena *arena = sql->arena;
    sql_text(sql, " from ");
    sql_name(sql, is_postgres(table) ? POSTGRES_SCHEMA : table->database);
    sql_text(sql, ".");
    if (!is_postgres(table)) {
        sql_name(sql, is_words ? S("postings") : S("records"));
    } else {
        sql_name(sql, is_words ? postgres_words_table(arena, table->uid, table->number)
                               : postgres_table(arena, table->uid, table->number));
    }
}

static void add_columns(struct sql *sql, const struct version_table *table)
{
    size_t count;
    const str *names = records_columns(sql->arena, table->schema, &count);
    sql_text(sql, "select rowid");
    for (size_t i = 0; i < count; i++) {
        if (table->has_ids || !str_eq(names[i], RECORDS_KEY_COLUMN)) {
            sql_text(sql, ", ");
            sql_name(sql, names[i]);
        }
    }
    if (table->has_ids && is_postgres(table)) {
        sql_text(sql, ", \"_id\"");
    } else if (table->has_ids) {
        sql_text(sql, ", unhex(");
        records_stored_id_expression(sql, table->schema);
        sql_text(sql, ")");
    }
}

static enum err sum_rows(struct scope *scope, const struct version_table *table, _Atomic int64_t *rows,
                         struct noted *sum)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    uint64_t checksum = 0;
    add_columns(&sql, table);
    add_table(&sql, table, false);
    TRY(db_run(scope, table->lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        for (size_t row = 0; row < batch->rows; row++) {
            checksum += records_row_checksum(batch, row);
        }
        sum->records += (int64_t)batch->rows;
        *rows += (int64_t)batch->rows;
    }
    sum->checksum = (int64_t)checksum;
    return ERR_OK;
}

static enum err count_words(struct scope *scope, const struct version_table *table, struct noted *sum)
{
    struct sql sql = sql_in(&scope->arena);
    cell words;
    sql_text_constant(&sql, is_postgres(table)
                                ? S("select coalesce(sum(cardinality(\"rows\")), 0)::bigint")
                                : S("select coalesce(sum(len(posting_rows(packed))), 0)::bigint"));
    add_table(&sql, table, true);
    TRY(db_query_cell(scope, table->lease, &sql, &words));
    sum->words = words.number;
    return ERR_OK;
}

enum err checksum_version(struct scope *scope, const struct version_table *table, _Atomic int64_t *rows,
                          struct noted *ret_sum)
{
    *ret_sum = (struct noted){0};
    TRY(sum_rows(scope, table, rows, ret_sum));
    return count_words(scope, table, ret_sum);
}
