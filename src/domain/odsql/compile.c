/* Clauses to a plan: filter, groups, order, page. */
#include "domain/odsql/compile.h"

#include "base/buf.h"
#include "base/limits.h"
#include "domain/odsql/dialect.h"
#include "domain/odsql/registry.h"

/* Keys are the first columns; naming them by position keeps expressions with bound values equal. */
static void append_ordinal(struct sql *out, size_t key)
{
    sql_text_constant(out, str_printf(out->arena, "%zu", key + 1));
}

static enum err compile_keys(struct compilation *compilation)
{
    struct translation *translation = &compilation->translation;
    struct clause clause = {"group_by", compilation->clauses->group_by};
    translation->clause = &clause;
    TRY(parse_group_by(translation->scope, &clause, &compilation->group_by));
    compilation->keys = arena_array(arena_of(compilation), struct group_key,
                                    compilation->group_by.count);
    const struct field **grouped =
        arena_array(arena_of(compilation), const struct field *, compilation->group_by.count);
    translation->grouped = grouped;
    for (size_t i = 0; i < compilation->group_by.count; i++) {
        const struct item *item = &compilation->group_by.items[i];
        struct group_key *key = &compilation->keys[i];
        *key = (struct group_key){.expression = item->expression, .alias = item->alias,
                                  .value = sql_in(arena_of(compilation)),
                                  .group = sql_in(arena_of(compilation)),
                                  .order = sql_in(arena_of(compilation))};
        if (item->expression->kind == NODE_CALL && str_eq(item->expression->name, S("range"))) {
            key->type = VALUE_TEXT;
            TRY(translate_range(translation, item->expression, &key->group, &key->value));
            sql_text(&key->order, "min(");
            sql_join(&key->order, &key->group);
            sql_text(&key->order, ")");
        } else if (item->expression->kind == NODE_CALL &&
                   str_eq(item->expression->name, S("geo_cluster"))) {
            TRY(compile_cluster(compilation, item, key));
            append_ordinal(&key->order, i);
        } else {
            TRY(translate_value(translation, item->expression, &key->value, &key->type));
            append_ordinal(&key->order, i);
        }
        if (item->expression->kind == NODE_FIELD) {
            TRY(resolve_field(translation, item->expression->name, &key->field));
            grouped[translation->grouped_count++] = key->field;
        }
        if (key->type == VALUE_POINT || key->type == VALUE_SHAPE) {
            return query_error(translation->scope, &clause, MSG_ODSQL_GROUP_POINTS,
                               SAYS(ARG_TEXT("name", item->text),
                                    ARG_TEXT("type", str_from(value_type_name(key->type)))));
        }
        if (key->type > VALUE_LIST) {
            return query_error(translation->scope, &clause, MSG_ODSQL_GROUP_NOT, SAYS(ARG_TEXT("name", item->text)));
        }
        if (key->type == VALUE_LIST) {
            if (compilation->unnested && compilation->unnested != key->field) {
                return query_error(translation->scope, &clause, MSG_ODSQL_GROUP_LISTS, NULL);
            }
            compilation->unnested = key->field;
        }
        output_key(compilation, key, item_name(item));
        TRY(check_size(translation, &compilation->columns));
    }
    translation->loose = NULL;
    return check_names(compilation, &clause);
}

static const struct item *find_alias(const struct compilation *compilation, str name)
{
    for (size_t i = 0; i < compilation->select.count; i++) {
        const struct item *item = &compilation->select.items[i];
        if (item->alias.p && str_eq(item->alias, name)) {
            return item;
        }
    }
    return NULL;
}

static enum err order_random(struct translation *translation, const struct node *node,
                             struct sql *out)
{
    TRY(check_call(translation, node));
    if (node->children.items[0]->kind != NODE_INT) {
        return wrong_arguments(translation, node);
    }
    append_random(translation->source, node->children.items[0]->number, out);
    return ERR_OK;
}

static enum err order_value(struct compilation *compilation, const struct node *node,
                            struct sql *out)
{
    struct translation *translation = &compilation->translation;
    bool grouped = compilation->group_by.count > 0;
    const struct group_key *key = grouped ? find_key(compilation, node) : NULL;
    const struct item *alias =
        node->kind == NODE_FIELD ? find_alias(compilation, node->name) : NULL;
    if (key) {
        sql_join(out, &key->order);
        return ERR_OK;
    }
    if (alias) {
        node = alias->expression;
    }
    if (node->kind == NODE_CALL && str_eq(node->name, S("random"))) {
        return grouped ? query_error(translation->scope, translation->clause, MSG_ODSQL_RANDOM_GROUPED, NULL)
                       : order_random(translation, node, out);
    }
    enum value_type type;
    translation->saw_aggregate = false;
    translation->aggregates_allowed = grouped || compilation->is_aggregate;
    translation->loose = NULL;
    TRY(translate_value(translation, node, out, &type));
    translation->aggregates_allowed = false;
    if (grouped && translation->loose) {
        return refuse_loose(translation, node->text);
    }
    int64_t limit = compilation->clauses->limit;
    bool too_many = !compilation->clauses->any_limit && (limit < 0 || limit > LIMIT_GROUP_ROWS);
    if (grouped && translation->saw_aggregate && too_many) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_ORDER_LIMIT,
                           SAYS(argument_digits(&translation->scope->arena, "most", LIMIT_GROUP_ROWS),
                                argument_digits(&translation->scope->arena, "below", LIMIT_GROUP_ROWS + 1)));
    }
    if (type == VALUE_NULL || type >= VALUE_LIST) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_ORDER_NOT,
                           SAYS(ARG_TEXT("name", node->text)));
    }
    return ERR_OK;
}

static enum err compile_order(struct compilation *compilation, struct sql *out)
{
    struct translation *translation = &compilation->translation;
    const struct clauses *clauses = compilation->clauses;
    struct clause clause = {"order_by", clauses->order_by};
    bool grouped = compilation->group_by.count > 0;
    bool any = str_trim(clause.text).n > 0;
    if (any) {
        translation->clause = &clause;
        TRY(parse_order_by(translation->scope, &clause, &compilation->order_by));
        for (size_t i = 0; i < compilation->order_by.count; i++) {
            const struct item *item = &compilation->order_by.items[i];
            const struct node *node = item->expression;
            bool descending = item->descending;
            bool is_key = grouped && find_key(compilation, node);
            if (node->kind == NODE_NEGATE && !is_key) {
                node = node->children.items[0];
                descending = !descending;
            }
            sql_text_constant(out, i ? S(", ") : S(" order by "));
            TRY(order_value(compilation, node, out));
            sql_text_constant(out, descending ? S(" desc nulls last") : S(" asc nulls last"));
            TRY(check_size(translation, out));
        }
    }
    if (compilation->cluster.field && !any) {
        any = true;
        sql_text(out, " order by count(*) desc");
    }
    if (grouped) {
        for (size_t i = 0; i < compilation->group_by.count; i++) {
            sql_text_constant(out, i || any ? S(", ") : S(" order by "));
            sql_join(out, &compilation->keys[i].order);
            sql_text(out, " asc nulls first");
        }
    } else if (any) {
        sql_text(out, ", rowid");
    } else if (translation->relevance.parts.count && !compilation->is_aggregate) {
        sql_text(out, " order by ");
        sql_join(out, &translation->relevance);
        sql_text(out, " asc nulls last, rowid");
    } else if (translation->source->relation && !translation->source->is_in_order &&
               !compilation->is_aggregate) {
        sql_text(out, " order by rowid");
    } else if ((translation->lookups.count || translation->order_is_lost) &&
               (clauses->limit >= 0 || clauses->offset > 0)) {
        sql_text(out, " order by rowid"); /* looking words up loses the order of the file */
    } else if (is_postgres(translation->source)) {
        sql_text(out, " order by rowid"); /* a table has no order */
    }
    return ERR_OK;
}

/* from T [where …]; a multivalued group key is spread over rows first, empty lists as null. */
static void append_from(struct compilation *compilation, const struct sql *filter, bool filtered,
                        struct sql *out)
{
    const struct translation *translation = &compilation->translation;
    sql_text(out, " from ");
    if (compilation->unnested) {
        append_records_spread(translation, compilation->unnested, filtered ? filter : NULL, out);
    } else {
        append_records(translation, out);
    }
    if (compilation->cluster.field) {
        sql_text(out, " join clusters on ");
        append_cluster_join(compilation, out);
    }
    if (filtered && !compilation->unnested) {
        sql_text(out, " where ");
        sql_join(out, filter);
    }
}

static void append_groups(const struct compilation *compilation, bool by_position,
                          struct sql *out)
{
    for (size_t i = 0; i < compilation->group_by.count; i++) {
        sql_text_constant(out, i ? S(", ") : S(" group by "));
        const struct group_key *key = &compilation->keys[i];
        if (key->group.parts.count) {
            sql_join(out, &key->group);
        } else if (by_position) {
            append_ordinal(out, i);
        } else {
            sql_join(out, &key->value);
        }
    }
}

static void append_key_values(const struct compilation *compilation, struct sql *out)
{
    for (size_t i = 0; i < compilation->group_by.count; i++) {
        sql_text_constant(out, i ? S(", ") : S(""));
        sql_join(out, &compilation->keys[i].value);
    }
}

static void append_page(const struct clauses *clauses, struct sql *out)
{
    if (clauses->limit >= 0) {
        sql_text(out, " limit ");
        sql_bind(out, cell_int(clauses->limit));
    }
    if (clauses->offset > 0) {
        sql_text(out, " offset ");
        sql_bind(out, cell_int(clauses->offset));
    }
}

/* Tokens joined by blanks; select keeps its text, because it names the keys of the answer. */
static void add_canonical(struct scope *scope, const char *name, str text, struct buf *out)
{
    struct clause clause = {name, text};
    size_t at = 0;
    buf_printf(out, "&%s=", name);
    for (;;) {
        struct token token;
        if (lexer_next(scope, &clause, &at, &token) != ERR_OK) {
            scope_forgive(scope); /* refine values need not be tokens */
            buf_add(out, text);
            return;
        }
        if (token.kind == TOKEN_END) {
            return;
        }
        buf_add_char(out, ' ');
        buf_add(out, token.text);
    }
}

static str canonical(struct compilation *compilation)
{
    const struct clauses *clauses = compilation->clauses;
    struct translation *translation = &compilation->translation;
    struct buf out = {0};
    buf_printf(&out, "select=%.*s", STR_ARG(str_trim(clauses->select)));
    add_canonical(translation->scope, "group_by", clauses->group_by, &out);
    add_canonical(translation->scope, "order_by", clauses->order_by, &out);
    for (size_t i = 0; i < clauses->where_count; i++) {
        add_canonical(translation->scope, "where", clauses->where[i], &out);
    }
    for (size_t i = 0; i < clauses->refine_count; i++) {
        buf_printf(&out, "&refine=%.*s", STR_ARG(clauses->refine[i]));
    }
    for (size_t i = 0; i < clauses->exclude_count; i++) {
        buf_printf(&out, "&exclude=%.*s", STR_ARG(clauses->exclude[i]));
    }
    str zone = zone_name(translation->zone);
    buf_printf(&out, "&limit=%lld&offset=%lld&timezone=%.*s&lang=%.*s", (long long)clauses->limit,
               (long long)clauses->offset, STR_ARG(zone), STR_ARG(translation->lang));
    if (translation->saw_now) {
        buf_printf(&out, "&now=%lld", (long long)translation->now);
    }
    str text = buf_copy(&out, arena_of(compilation));
    buf_done(&out);
    return text;
}

/* Whether the index alone tells which rows a page has: only words, in the order of the file. */
static bool is_index_page(const struct compilation *compilation)
{
    const struct clauses *clauses = compilation->clauses;
    return compilation->translation.only_lookups && compilation->translation.lookups.count &&
           compilation->group_by.count == 0 && !compilation->is_aggregate && compilation->order_by.count == 0 && clauses->limit > 0;
}

/* The page is cut before the records are read, so that only its own are. */
static void append_index_page(struct compilation *compilation, struct sql *out)
{
    struct sql filter = sql_in(arena_of(compilation));
    sql_text(&filter, "rowid in (select \"row\" from (");
    append_matches(&compilation->translation, &filter);
    sql_text(&filter, ") as found order by \"row\"");
    append_page(compilation->clauses, &filter);
    sql_text(&filter, ")");
    append_from(compilation, &filter, true, out);
    sql_text(out, " order by rowid");
}

/* Rows of the catalogue that searches, choices or nothing tell need no statement. */
static void note_listing(const struct compilation *compilation, struct plan *plan)
{
    plan->choices = compilation->translation.choices;
    plan->is_listing = plan->choices.are_known && !plan->is_grouped && !plan->is_aggregate &&
                       compilation->order_by.count == 0 && compilation->clauses->limit > 0 &&
                       plan->output_count == 1 && str_eq(plan->outputs[0].name, ODSQL_DOCUMENT);
}

static void compile_total(struct compilation *compilation, const struct sql *filter, bool filtered,
                          struct sql *out)
{
    if (compilation->group_by.count) {
        if (compilation->cluster.field) {
            append_clusters(compilation, filter, filtered, out);
        }
        if (compilation->cluster.field && compilation->group_by.count == 1) {
            sql_text(out, "select count(distinct \"clusters.value\") from clusters");
            return;
        }
        bool by_position = is_postgres(compilation->translation.source); /* which groups by no constants */
        sql_text(out, "select count(*) from (select ");
        if (by_position) {
            append_key_values(compilation, out);
        } else {
            sql_text(out, "1");
        }
        append_from(compilation, filter, filtered, out);
        append_groups(compilation, by_position, out);
        sql_text(out, ") as groups");
    } else if (compilation->translation.only_lookups && compilation->translation.lookups.count) {
        sql_text(out, "select count(*) from (");
        append_matches(&compilation->translation, out);
        sql_text(out, ") as found");
    } else {
        sql_text(out, "select count(*)");
        append_from(compilation, filter, filtered, out);
    }
}

enum err odsql_compile(struct scope *scope, const struct source *source,
                       const struct clauses *clauses, struct plan **ret_plan)
{
    struct compilation compilation = {.clauses = clauses, .columns = sql_in(&scope->arena)};
    struct sql filter = sql_in(&scope->arena);
    struct sql order = sql_in(&scope->arena);
    bool filtered;
    TRY(translation_begin(scope, source, clauses, &compilation.translation));
    if (str_trim(clauses->group_by).n) {
        TRY(compile_keys(&compilation));
    }
    TRY(compile_select(&compilation));
    bool grouped = compilation.group_by.count > 0;
    bool aggregate = !grouped && compilation.translation.saw_aggregate;
    compilation.is_aggregate = aggregate;
    TRY(translate_filter(&compilation.translation, clauses, NULL, &filter, &filtered));
    TRY(compile_order(&compilation, &order));
    if (compilation.outputs.count == 0) {
        struct clause clause = {"select", clauses->select};
        return query_error(scope, &clause, MSG_ODSQL_NOTHING_SELECTED, NULL);
    }
    struct plan *plan = arena_new(&scope->arena, struct plan);
    plan->id_column = SIZE_MAX;
    if (clauses->id_expression && !grouped && !aggregate) {
        plan->id_column = compilation.column_count;
        begin_column(&compilation);
        sql_join(&compilation.columns, clauses->id_expression);
    }
    plan->total_column = SIZE_MAX;
    if (clauses->with_total && compilation.cluster.field) {
        plan->total_column = compilation.column_count;
        begin_column(&compilation);
        sql_text(&compilation.columns, "count(*) over ()");
    }
    plan->rows = sql_in(&scope->arena);
    if (compilation.cluster.field) {
        append_clusters(&compilation, &filter, filtered, &plan->rows);
    }
    sql_text(&plan->rows, "select ");
    sql_join(&plan->rows, &compilation.columns);
    if (is_index_page(&compilation)) {
        append_index_page(&compilation, &plan->rows);
    } else {
        append_from(&compilation, &filter, filtered, &plan->rows);
        append_groups(&compilation, true, &plan->rows);
        if (!aggregate) {
            sql_join(&plan->rows, &order);
        }
        if (!aggregate || clauses->limit == 0) {
            append_page(clauses, &plan->rows);
        }
    }
    plan->total = sql_in(&scope->arena);
    compile_total(&compilation, &filter, filtered, &plan->total);
    plan->outputs = compilation.outputs.items;
    plan->output_count = compilation.outputs.count;
    plan->is_grouped = grouped;
    plan->is_aggregate = aggregate;
    plan->is_unfiltered = !filtered && !grouped;
    plan->canonical = canonical(&compilation);
    note_listing(&compilation, plan);
    *ret_plan = plan;
    return ERR_OK;
}
