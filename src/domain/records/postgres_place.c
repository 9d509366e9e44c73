#include "domain/records/postgres_place.h"

#include "domain/records/postgres_version.h"
#include "platform/db/statement.h"

enum err postgres_has_workers(struct scope *scope, struct db_lease *lease, bool *ret_has)
{
    cell found;
    *ret_has = false;
    TRY(DB_ASK(scope, lease, &found, "select extname from pg_extension where extname = ?",
               cell_text(S("citus"))));
    if (found.type != CELL_TEXT) {
        return ERR_OK;
    }
    TRY(DB_ASK(scope, lease, &found,
               "select count(*) from pg_dist_node where isactive and noderole = 'primary' and ? > 0",
               cell_int(1)));
    *ret_has = found.number > 0;
    return ERR_OK;
}

static cell full_name(struct arena *arena, str table)
{
    return cell_text(str_printf(arena, "%.*s.%.*s", STR_ARG(POSTGRES_SCHEMA), STR_ARG(table)));
}

enum err postgres_distribute(struct scope *scope, struct db_lease *lease, str table, str column)
{
    cell name = full_name(&scope->arena, table);
    return column.n ? DB_RUN(scope, lease,
                             "select create_distributed_table(?::regclass, ?, colocate_with => 'none')",
                             name, cell_text(column))
                    : DB_RUN(scope, lease, "select create_reference_table(?::regclass)", name);
}

/* The first cell of a statement about a table, whose name is its one value; empty: there is no row. */
static enum err ask_text(struct scope *scope, struct db_lease *lease, str *ret_text, str table,
                         str statement)
{
    cell name = full_name(&scope->arena, table);
    struct sql sql = statement_make(&scope->arena, statement, &name, 1);
    cell text;
    TRY(db_query_cell(scope, lease, &sql, &text));
    *ret_text = text.type == CELL_TEXT ? text.text : S("");
    return ERR_OK;
}

/* A row of citus_tables: kind, column, shards. */
static enum err read_distribution(struct scope *scope, struct db_lease *lease, str table,
                                  str *ret_text)
{
    return ask_text(scope, lease, ret_text, table,
                       S("select pg_size_pretty(citus_total_relation_size(table_name)) || case"
                       " when citus_table_type = 'distributed' then ', distributed by ' ||"
                       " distribution_column || ' in ' || shard_count || ' shards over '"
                       " when citus_table_type = 'reference' then ', whole on each of '"
                       " else ', local beside ' end || (select count(*) from pg_dist_node"
                       " where isactive and noderole = 'primary' and shouldhaveshards) || ' workers'"
                       " from citus_tables where table_name = ?::regclass"));
}

enum err postgres_place_text(struct scope *scope, struct db_lease *lease, str table, str *ret_text)
{
    bool has_workers;
    TRY(postgres_has_workers(scope, lease, &has_workers));
    *ret_text = S("");
    if (has_workers) {
        TRY(read_distribution(scope, lease, table, ret_text));
    }
    return ret_text->n ? ERR_OK
                       : ask_text(scope, lease, ret_text, table,
                                  S("select pg_size_pretty(pg_total_relation_size(?::regclass)) || "
                                    "', a table'"));
}
