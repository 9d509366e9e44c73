#include "domain/records/index.h"

static void name_table(struct sql *sql, str database, str table)
{
    if (database.n) {
        sql_name(sql, database);
        sql_text(sql, ".");
    }
    sql_name(sql, table);
}

static void add_field(struct sql *sql, const struct field *field, size_t number, str database,
                      str table)
{
    sql_text(sql, "select unnest(search_words(");
    sql_name(sql, field->name);
    sql_text(sql, ")) as term, ");
    sql_text_constant(sql, str_printf(sql->arena, "%zu", number));
    sql_text(sql, "::smallint as field, rowid as row from ");
    name_table(sql, database, table);
}

enum err index_build(struct scope *scope, struct db_lease *lease, const struct schema *schema,
                     str database, str table)
{
    struct sql fields = sql_in(&scope->arena);
    for (size_t i = 0; i < schema->count; i++) {
        if (schema->fields[i].type == FIELD_TEXT) {
            if (fields.parts.count) {
                sql_text(&fields, " union all ");
            }
            add_field(&fields, &schema->fields[i], i, database, table);
        }
    }
    if (fields.parts.count == 0) {
        sql_text(&fields, "select ''::varchar as term, 0::smallint as field, 0::bigint as row "
                          "where false");
    }
    struct sql postings = sql_in(&scope->arena);
    sql_text(&postings, "create table ");
    name_table(&postings, database, S("postings"));
    sql_text(&postings, " as select term, field, row from (");
    sql_join(&postings, &fields);
    sql_text(&postings, ") order by term, field, row");
    TRY(db_execute(scope, lease, &postings));

    struct sql terms = sql_in(&scope->arena);
    sql_text(&terms, "create table ");
    name_table(&terms, database, S("terms"));
    sql_text(&terms, " as select term, count(*) as records from ");
    name_table(&terms, database, S("postings"));
    sql_text(&terms, " group by term order by term");
    return db_execute(scope, lease, &terms);
}
