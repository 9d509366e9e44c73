/*
 * The filters of a source: which rows of its table there are for the one who asks. They are compiled
 * into every statement by the one function that compiles conditions, translate_filter.
 */
#include "domain/odsql/dialect.h"

size_t table_position(const struct source *source, const struct field *field)
{
    const struct schema *table = source->table_schema;
    return table ? (size_t)(schema_find(table, field->name) - table->fields)
                 : (size_t)(field - source->schema->fields);
}

/* One filter over the whole table, where hidden fields exist. */
static enum err translate_one(struct translation *translation, str text, struct sql *out)
{
    struct clause clause = {"filter", text};
    struct node *node;
    translation->clause = &clause;
    TRY(parse_where(translation->scope, &clause, &node));
    TRY(translate_condition(translation, node, out));
    return translation->saw_now
               ? query_error(translation->scope, &clause, MSG_ODSQL_FILTER_NOW, NULL)
               : ERR_OK;
}

static enum err begin(struct scope *scope, const struct source *table, struct translation *ret)
{
    const struct clauses nothing = {0};
    return translation_begin(scope, table, &nothing, ret);
}

enum err translate_row_filter(struct translation *translation, struct sql *out, bool *any)
{
    const struct source *source = translation->source;
    struct source table = *source;
    struct translation whole;
    translation->guards_values = source_hides_rows(source);
    if (source->filter_count == 0) {
        return ERR_OK;
    }
    table.schema = source->table_schema ? source->table_schema : source->schema;
    table.table_schema = NULL;
    table.filter_count = 0;
    TRY(begin(translation->scope, &table, &whole));
    struct sql *condition = is_postgres(source) ? &translation->fence : out;
    sql_text(condition, "(");
    for (size_t i = 0; i < source->filter_count; i++) {
        sql_text_constant(condition, i ? S(" or ") : S(""));
        if (translate_one(&whole, source->filters[i], condition) != ERR_OK) {
            /* What it says is not for the one who asks. */
            struct failure failure = translation->scope->failure;
            scope_forgive(translation->scope);
            return fail_with_cause(translation->scope, ERR_DATABASE, failure.message,
                                   "The access rules of the dataset do not fit its records.");
        }
    }
    sql_text(condition, ")");
    sql_text_constant(out, is_postgres(source) ? S("true") : S(""));
    translation->order_is_lost = whole.lookups.count > 0;
    *any = true;
    return ERR_OK;
}

enum err odsql_filter_check(struct scope *scope, const struct schema *table_schema, str filter)
{
    const struct source table = {
        .schema = table_schema, .table = S("records"), .postings = S("postings")};
    struct translation translation;
    struct sql sql = sql_in(&scope->arena);
    TRY(begin(scope, &table, &translation));
    return translate_one(&translation, filter, &sql);
}
