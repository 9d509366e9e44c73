#include "domain/odsql/dialect.h"

#include "base/buf.h"
#include "base/utf8.h"

static void append_cast(const struct sql *value, str type, struct sql *out)
{
    sql_join(out, value);
    sql_text_constant(out, type);
}

/* function(value, value) of PostgreSQL's doubles, which overflow to infinity as DuckDB's do. */
static void append_doubles(str function, const struct sql *left, const struct sql *right,
                           struct sql *out)
{
    sql_text_constant(out, function);
    append_cast(left, S("::double precision, "), out);
    append_cast(right, S("::double precision)"), out);
}

static void append_bound_double(double value, struct sql *out)
{
    sql_bind(out, cell_double(value));
    sql_text(out, "::double precision");
}

/* ---- texts ---- */

void append_collation(const struct source *source, struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S(" collate \"C\"") : S(""));
}

void bind_text(const struct source *source, str text, struct sql *out)
{
    sql_bind(out, cell_text(text));
    sql_text(out, "::text");
    append_collation(source, out);
}

void append_case(const struct source *source, str function, const struct sql *text, struct sql *out)
{
    sql_text_constant(out, function);
    sql_text_constant(out, is_postgres(source) ? S("_text(") : S("("));
    append_cast(text, S("::text)"), out);
    append_collation(source, out);
}

void append_as_text(const struct source *source, enum value_type type, const struct sql *value,
                    struct sql *out)
{
    if (is_postgres(source) && type == VALUE_DOUBLE) {
        sql_text(out, "double_text(");
        sql_join(out, value);
        sql_text(out, ")");
    } else {
        append_cast(value, S("::text"), out);
    }
    append_collation(source, out);
}

void append_like(const struct source *source, str pattern, struct sql *out)
{
    sql_text(out, " like ");
    sql_bind(out, cell_text(pattern));
    sql_text(out, "::text");
    sql_text_constant(out, is_postgres(source) ? S(" escape ''") : S(""));
}

/* DuckDB compares bytes; here each stands for a letter. */
static str bytes_as_letters(struct arena *arena, str word)
{
    char *letters = arena_alloc(arena, 2 * word.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < word.n; i++) {
        n += utf8_write(letters + n, (unsigned char)word.p[i]);
    }
    return (str){letters, n};
}

/* Terms of another length cannot be near enough, and need not be compared. */
void append_near(const struct source *source, str word, int distance, struct sql *out)
{
    bool postgres = is_postgres(source);
    sql_text(out, "abs(length(term) - ");
    sql_bind(out, cell_int((int64_t)utf8_length(word)));
    sql_text(out, "::bigint) <= ");
    sql_bind(out, cell_int(distance));
    sql_text_constant(out, postgres ? S("::bigint and bytes_distance(term, ")
                                    : S("::bigint and levenshtein(term, "));
    sql_bind(out, cell_text(postgres ? bytes_as_letters(out->arena, word) : word));
    sql_text(out, "::text");
    if (postgres) {
        sql_text_constant(out, str_printf(out->arena, ", %d", distance));
    }
    sql_text(out, ") <= ");
    sql_bind(out, cell_int(distance));
    sql_text(out, "::bigint");
}

/* ---- lists ---- */

void append_any_item(const struct source *source, str column, const struct sql *condition,
                     struct sql *out)
{
    if (is_postgres(source)) {
        sql_text(out, "(case when ");
        sql_name(out, column);
        sql_text(out, " is not null then exists (select from unnest(");
        sql_name(out, column);
        sql_text(out, ") as item (x) where ");
        sql_join(out, condition);
        sql_text(out, ") end)");
        return;
    }
    sql_text(out, "len(list_filter(");
    sql_name(out, column);
    sql_text(out, ", lambda x: ");
    sql_join(out, condition);
    sql_text(out, ")) > 0");
}

void append_contains(const struct source *source, const struct sql *list, const struct sql *text,
                     struct sql *out)
{
    if (is_postgres(source)) {
        sql_text(out, "(");
        sql_join(out, text);
        sql_text(out, " = any(");
        sql_join(out, list);
        sql_text(out, "))");
        return;
    }
    sql_text(out, "list_contains(");
    sql_join(out, list);
    sql_text(out, ", ");
    sql_join(out, text);
    sql_text(out, ")");
}

void append_posting_rows(const struct source *source, struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S("unnest(rows)::bigint")
                                               : S("unnest(posting_rows(packed))"));
}

void append_levels(const struct source *source, const struct sql *path, str separator, size_t count,
                   struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S("path_levels(")
                                               : S("array_to_string(string_split("));
    sql_join(out, path);
    sql_text(out, ", ");
    sql_bind(out, cell_text(separator));
    if (is_postgres(source)) {
        sql_text(out, "::text, ");
        sql_bind(out, cell_int((int64_t)count));
        sql_text(out, "::bigint)");
        append_collation(source, out);
        return;
    }
    sql_text(out, "::text)[:");
    sql_bind(out, cell_int((int64_t)count));
    sql_text(out, "::bigint], ");
    sql_bind(out, cell_text(separator));
    sql_text(out, "::text)");
}

void append_spread(const struct source *source, const struct sql *list, struct sql *out)
{
    (void)source;
    sql_text(out, "unnest(list_distinct(");
    sql_join(out, list);
    sql_text(out, "))");
}

void open_list(const struct source *source, struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S("array[") : S("["));
}

void append_spread_each(const struct source *source, const struct sql *list,
                        const struct sql *places, struct sql *out)
{
    if (is_postgres(source)) {
        sql_text(out, "unnest(array(select distinct place from unnest(");
        sql_join(out, list);
        sql_text(out, ") as item (x), unnest(");
        sql_join(out, places);
        sql_text(out, ") as places (place) where place is not null))");
        return;
    }
    sql_text(out, "unnest(list_distinct(flatten(list_transform(");
    sql_join(out, list);
    sql_text(out, ", lambda x: ");
    sql_join(out, places);
    sql_text(out, "))))");
}

/* ---- numbers ---- */

static void append_double_calculation(char op, const struct sql *left, const struct sql *right,
                                      struct sql *out)
{
    struct sql divisor = sql_in(out->arena);
    if (op == '/') {
        sql_text(&divisor, "nullif(");
        sql_join(&divisor, right);
        sql_text(&divisor, "::double precision, 0)");
    }
    append_doubles(op == '/'   ? S("double_over(")
                   : op == '*' ? S("double_times(")
                   : op == '+' ? S("double_plus(")
                               : S("double_minus("),
                   left, op == '/' ? &divisor : right, out);
}

static str operator_text(char op)
{
    return op == '/' ? S(" / nullif(") : op == '*' ? S(" * ") : op == '+' ? S(" + ") : S(" - ");
}

void append_calculation(const struct translation *translation, char op, bool whole,
                        const struct sql *left, const struct sql *right, struct sql *out)
{
    bool postgres = is_postgres(translation->source);
    if (postgres && !whole) {
        append_double_calculation(op, left, right, out);
        return;
    }
    bool wide = postgres && translation->guards_values;
    str type = wide ? S("::bigint::numeric") : whole ? S("::bigint") : S("::double precision");
    if (wide) {
        sql_text(out, "whole_or_null(");
    } else {
        append_guard(translation, out);
    }
    append_cast(left, type, out);
    sql_text_constant(out, operator_text(op));
    append_cast(right, type, out);
    sql_text_constant(out, op == '/' ? S(", 0))") : S(")"));
}

void append_negation(const struct translation *translation, enum value_type type,
                     const struct sql *value, struct sql *out)
{
    bool wide = is_postgres(translation->source) && translation->guards_values && type == VALUE_INT;
    if (wide) {
        sql_text(out, "whole_or_null(-(");
        append_cast(value, S(")::numeric)"), out);
        return;
    }
    append_guard(translation, out);
    sql_text(out, "-");
    sql_join(out, value);
    sql_text(out, ")");
}

void append_sum(const struct source *source, enum value_type type, const struct sql *value,
                struct sql *out)
{
    if (!is_postgres(source)) {
        sql_text(out, "sum(");
        append_cast(value, S(")::double precision"), out);
    } else if (type == VALUE_INT) {
        sql_text(out, "hugeint_double(sum(");
        append_cast(value, S(")::numeric)"), out);
    } else { /* only what may overflow is added the long way */
        sql_text(out, "double_sum(sum(");
        sql_join(out, value);
        sql_text(out, ") filter (where abs(");
        sql_join(out, value);
        sql_text(out, ") < '1e290'::double precision), double_total(");
        sql_join(out, value);
        sql_text(out, ") filter (where abs(");
        append_cast(value, S(") >= '1e290'::double precision))"), out);
    }
}

void append_mean(const struct source *source, enum value_type type, const struct sql *value,
                 struct sql *out)
{
    if (!is_postgres(source)) {
        sql_text(out, "avg(");
        append_cast(value, S(")::double precision"), out);
        return;
    }
    sql_text_constant(out, type == VALUE_INT ? S("whole_mean(sum(") : S("double_over("));
    if (type == VALUE_INT) {
        append_cast(value, S(")::numeric, count("), out);
        append_cast(value, S("))"), out);
        return;
    }
    append_sum(source, type, value, out);
    sql_text(out, ", nullif(count(");
    append_cast(value, S("), 0)::double precision)"), out);
}

void append_quantile(const struct source *source, str share, const struct sql *value,
                     struct sql *out)
{
    if (is_postgres(source)) {
        sql_text(out, "quantile_at(array_agg((");
        append_cast(value, S(")::double precision order by ("), out);
        append_cast(value, S(")::double precision) filter (where ("), out);
        append_cast(value, S(") is not null), '"), out);
        sql_text_constant(out, share);
        sql_text(out, "'::double precision)");
        return;
    }
    sql_text(out, "quantile_cont(");
    append_cast(value, S("::double precision, "), out);
    sql_text_constant(out, share);
    sql_text(out, ")::double precision");
}

str wide_type(const struct source *source)
{
    return is_postgres(source) ? S("::numeric") : S("::hugeint");
}

void append_share(const struct source *source, const struct sql *value, double width,
                  struct sql *out)
{
    struct sql divisor = sql_in(out->arena);
    append_bound_double(width, &divisor);
    if (is_postgres(source)) {
        append_doubles(S("double_over("), value, &divisor, out);
        return;
    }
    sql_join(out, value);
    sql_text(out, " / ");
    sql_join(out, &divisor);
}

void append_product(const struct source *source, const struct sql *left, double right,
                    struct sql *out)
{
    struct sql factor = sql_in(out->arena);
    append_bound_double(right, &factor);
    if (is_postgres(source)) {
        append_doubles(S("double_times("), left, &factor, out);
        return;
    }
    sql_join(out, left);
    sql_text(out, " * ");
    sql_join(out, &factor);
}

void append_rounded(const struct source *source, const struct sql *value, int64_t decimals,
                    struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S("double_round(") : S("round("));
    sql_join(out, value);
    sql_text_constant(out, str_printf(out->arena, ", %lld)", (long long)decimals));
}

void append_random(const struct source *source, int64_t seed, struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S("random_order(rowid, ") : S("hash(rowid, "));
    sql_bind(out, cell_int(seed));
    sql_text(out, "::bigint)");
}

/* ---- statements ---- */

static void append_table(const struct source *source, struct sql *out)
{
    append_relation(out, source, source->table);
}

void append_records(const struct translation *translation, struct sql *out)
{
    if (translation->fence.parts.count == 0) {
        append_table(translation->source, out);
        return;
    }
    sql_text(out, "(select * from ");
    append_table(translation->source, out);
    sql_text(out, " where ");
    sql_join(out, &translation->fence);
    sql_text(out, " offset 0) as fenced");
}

static void append_items(const struct source *source, const struct field *field, struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S("unnest(case when cardinality(")
                                               : S("unnest(case when len("));
    sql_name(out, field->name);
    sql_text(out, ") > 0 then ");
    sql_name(out, field->name);
    sql_text_constant(out, is_postgres(source) ? S(" else array[null]::text[] end) as ")
                                               : S(" else [null] end) as "));
    sql_name(out, field->name);
}

/* The columns of a field, each behind ", ". */
static void append_columns(const struct field *field, struct sql *out)
{
    sql_text(out, ", ");
    if (field->type == FIELD_GEO_POINT) {
        sql_name(out, field_longitude_column(out->arena, field));
        sql_text(out, ", ");
        sql_name(out, field_latitude_column(out->arena, field));
        return;
    }
    sql_name(out, field->name);
    for (enum field_edge edge = 0; edge < EDGE__COUNT && field->type == FIELD_GEO_SHAPE; edge++) {
        sql_text(out, ", ");
        sql_name(out, field_edge_column(out->arena, field, edge));
    }
}

static void append_spread_columns(const struct source *source, const struct field *spread,
                                  struct sql *out)
{
    if (!is_postgres(source)) {
        sql_text(out, "* replace (");
        append_items(source, spread, out);
        sql_text(out, ")");
        return;
    }
    sql_text(out, "rowid");
    for (size_t i = 0; i < source->schema->count; i++) {
        if (&source->schema->fields[i] == spread) {
            sql_text(out, ", ");
            append_items(source, spread, out);
        } else {
            append_columns(&source->schema->fields[i], out);
        }
    }
}

void append_records_spread(const struct translation *translation, const struct field *spread,
                           const struct sql *filter, struct sql *out)
{
    sql_text(out, "(select ");
    append_spread_columns(translation->source, spread, out);
    sql_text(out, " from ");
    append_records(translation, out);
    if (filter) {
        sql_text(out, " where ");
        sql_join(out, filter);
    }
    sql_text(out, ") as spread");
}

enum err check_areas(struct translation *translation, str function)
{
    const struct source *source = translation->source;
    return !is_postgres(source) || source->has_postgis
               ? ERR_OK
               : query_error(translation->scope, translation->clause, MSG_ODSQL_POSTGIS,
                             SAYS(ARG_TEXT("name", function)));
}
