/* The select clause: fields, patterns, expressions, keys of group_by. */
#include "domain/odsql/compile.h"

#include "domain/odsql/dialect.h"
#include "domain/odsql/registry.h"

void begin_column(struct compilation *compilation)
{
    if (compilation->column_count++) {
        sql_text(&compilation->columns, ", ");
    }
}

static void add_output(struct compilation *compilation, str name, enum output_form form,
                       const struct field *field)
{
    struct output output = {name, form, field, compilation->column_count};
    vec_add(arena_of(compilation), &compilation->outputs, output);
}

static bool has_output(const struct compilation *compilation, const struct field *field, str name)
{
    for (size_t i = 0; i < compilation->outputs.count; i++) {
        const struct output *output = &compilation->outputs.items[i];
        if (output->field == field && str_eq(output->name, name)) {
            return true;
        }
    }
    return false;
}

static bool takes_wkb(const struct compilation *compilation)
{
    return compilation->clauses->shapes_as_wkb || is_postgres(compilation->translation.source);
}

/* A field that is selected already under its name, as by "*, name", stays where it is. */
static void output_field(struct compilation *compilation, const struct field *field, str name)
{
    if (has_output(compilation, field, name)) {
        return;
    }
    note_field(&compilation->translation, field);
    bool is_point = field->type == FIELD_GEO_POINT;
    add_output(compilation, name, is_point ? OUTPUT_GEO_POINT : OUTPUT_FIELD, field);
    begin_column(compilation);
    if (is_point) {
        sql_name(&compilation->columns, field_longitude_column(arena_of(compilation), field));
        begin_column(compilation);
        sql_name(&compilation->columns, field_latitude_column(arena_of(compilation), field));
    } else if (field->type == FIELD_GEO_SHAPE && !takes_wkb(compilation)) {
        sql_text(&compilation->columns, "shape_json(");
        sql_name(&compilation->columns, field->name);
        sql_text(&compilation->columns, ")");
    } else {
        sql_name(&compilation->columns, field->name);
    }
}

static void output_all(struct compilation *compilation)
{
    const struct schema *schema = compilation->translation.source->schema;
    for (size_t i = 0; i < schema->count; i++) {
        output_field(compilation, &schema->fields[i], schema->fields[i].name);
    }
}

static bool matches_pattern(str name, str pattern)
{
    if (str_ends(pattern, S("*"))) {
        return str_starts(name, str_slice(pattern, 0, pattern.n - 1));
    }
    return str_eq(name, pattern);
}

static bool matches_item(const struct item *item, str name)
{
    for (size_t i = 0; i < item->patterns.count; i++) {
        if (matches_pattern(name, item->patterns.items[i])) {
            return true;
        }
    }
    return false;
}

/* A pattern without * is the name of a field. */
static enum err check_pattern(struct compilation *compilation, const struct item *item)
{
    for (size_t i = 0; i < item->patterns.count; i++) {
        const struct field *field;
        if (!str_ends(item->patterns.items[i], S("*"))) {
            TRY(resolve_field(&compilation->translation, item->patterns.items[i], &field));
            item->patterns.items[i] = field->name;
        }
    }
    return ERR_OK;
}

static void output_pattern(struct compilation *compilation, const struct item *item)
{
    const struct schema *schema = compilation->translation.source->schema;
    for (size_t i = 0; i < schema->count; i++) {
        if (matches_item(item, schema->fields[i].name)) {
            output_field(compilation, &schema->fields[i], schema->fields[i].name);
        }
    }
}

/* exclude(…) takes fields away from what was selected before it; alone, from all fields. */
static void exclude_pattern(struct compilation *compilation, const struct item *item)
{
    if (compilation->outputs.count == 0) {
        output_all(compilation);
    }
    size_t kept = 0;
    for (size_t i = 0; i < compilation->outputs.count; i++) {
        if (!matches_item(item, compilation->outputs.items[i].name)) {
            compilation->outputs.items[kept++] = compilation->outputs.items[i];
        }
    }
    compilation->outputs.count = kept;
}

str item_name(const struct item *item)
{
    const struct node *node = item->expression;
    bool is_quoted = node->kind == NODE_FIELD && node->text.p[0] == '`';
    return item->alias.p ? item->alias : is_quoted ? node->name : item->text;
}

static enum err output_json_format(struct compilation *compilation, const struct item *item)
{
    struct translation *translation = &compilation->translation;
    const struct node *call = item->expression;
    const struct field *field;
    TRY(check_call(translation, call));
    size_t last = call->children.count - 1;
    enum node_kind fallback = last ? call->children.items[last]->kind : NODE_NULL;
    if (call->children.items[0]->kind != NODE_FIELD ||
        (fallback != NODE_NULL && fallback != NODE_STRING)) {
        return wrong_arguments(translation, call);
    }
    TRY(resolve_field(translation, call->children.items[0]->name, &field));
    if (field->type != FIELD_TEXT || field_is_list(field)) {
        return wrong_arguments(translation, call);
    }
    if (compilation->clauses->json_as_text) {
        output_field(compilation, field, item_name(item));
        return ERR_OK;
    }
    note_field(translation, field);
    add_output(compilation, item_name(item), OUTPUT_JSON, NULL);
    begin_column(compilation);
    struct sql *out = &compilation->columns;
    sql_text(out, "case when is_json(");
    sql_name(out, field->name);
    sql_text(out, ") then ");
    sql_name(out, field->name);
    if (call->children.count == 2 && fallback == NODE_NULL) {
        sql_text(out, " end");
    } else if (call->children.count == 2) {
        enum value_type type;
        sql_text(out, " when ");
        sql_name(out, field->name);
        sql_text(out, " is not null then to_json(");
        TRY(translate_value(translation, call->children.items[1], out, &type));
        sql_text(out, "::text)::text end");
    } else {
        sql_text(out, " else to_json(");
        sql_name(out, field->name);
        sql_text(out, ")::text end");
    }
    return ERR_OK;
}

/* A shape that was calculated is shown as one of a field. */
static void output_shape(struct compilation *compilation, str name, const struct sql *value)
{
    struct field *field = arena_new(arena_of(compilation), struct field);
    *field = (struct field){.name = name, .label = name, .type = FIELD_GEO_SHAPE, .decimals = -1};
    bool as_wkb = takes_wkb(compilation);
    add_output(compilation, name, OUTPUT_FIELD, field);
    begin_column(compilation);
    sql_text_constant(&compilation->columns, as_wkb ? S("(") : S("shape_json("));
    sql_join(&compilation->columns, value);
    sql_text(&compilation->columns, ")");
}

static enum err output_expression(struct compilation *compilation, const struct item *item)
{
    struct translation *translation = &compilation->translation;
    str name = item->alias.p ? item->alias : item->text;
    const struct node *node = item->expression;
    if (node->kind == NODE_FIELD) {
        const struct field *field;
        TRY(resolve_field(translation, node->name, &field));
        output_field(compilation, field, item_name(item));
        return ERR_OK;
    }
    if (node->kind == NODE_CALL && str_eq(node->name, S("json_format"))) {
        return output_json_format(compilation, item);
    }
    struct sql value = sql_in(arena_of(compilation));
    enum value_type type;
    TRY(translate_value(translation, node, &value, &type));
    if (type == VALUE_POINT) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_SELECT_NOT,
                           SAYS(ARG_TEXT("name", item->text)));
    }
    if (type == VALUE_SHAPE) {
        output_shape(compilation, name, &value);
        return ERR_OK;
    }
    add_output(compilation, name, type == VALUE_JSON ? OUTPUT_JSON : OUTPUT_VALUE, NULL);
    begin_column(compilation);
    sql_join(&compilation->columns, &value);
    return ERR_OK;
}

const struct group_key *find_key(const struct compilation *compilation, const struct node *node)
{
    for (size_t i = 0; i < compilation->group_by.count; i++) {
        const struct group_key *key = &compilation->keys[i];
        bool is_name = node->kind == NODE_FIELD;
        if (node_equal(key->expression, node) ||
            (is_name && key->alias.p && str_eq(key->alias, node->name)) ||
            (is_name && key->field && str_eq(key->field->name, node->name))) {
            return key;
        }
    }
    return NULL;
}

void output_key(struct compilation *compilation, const struct group_key *key, str name)
{
    bool is_field = key->field && !field_is_list(key->field);
    add_output(compilation, name, is_field ? OUTPUT_FIELD : key->is_json ? OUTPUT_JSON : OUTPUT_VALUE,
               key->field);
    begin_column(compilation);
    sql_join(&compilation->columns, &key->value);
}

enum err refuse_loose(struct translation *translation, str text)
{
    return query_error(translation->scope, translation->clause, MSG_ODSQL_UNGROUPED, SAYS(ARG_TEXT("name", text)));
}

/* Under group_by a selected item is a key or made of keys, aggregates and constants. */
static enum err output_grouped(struct compilation *compilation, const struct item *item)
{
    struct translation *translation = &compilation->translation;
    const struct group_key *key = find_key(compilation, item->expression);
    if (key) {
        if (item->alias.p && key->alias.p && str_eq(item->alias, key->alias)) {
            return query_error(translation->scope, translation->clause, MSG_ODSQL_ALIAS_TWICE,
                               SAYS(ARG_TEXT("name", item->alias)));
        }
        if (item->alias.p) {
            struct group_key again = *key;
            bool is_of_group = key->group.parts.count > 0;
            again.value = sql_in(arena_of(compilation));
            bool is_plain = is_of_group || is_postgres(translation->source);
            sql_text_constant(&again.value, is_plain ? S("(") : S("any_value("));
            sql_join(&again.value, &key->value);
            sql_text(&again.value, ")");
            output_key(compilation, &again, item->alias);
        }
        return ERR_OK;
    }
    TRY(output_expression(compilation, item));
    return translation->loose ? refuse_loose(translation, item->text) : ERR_OK;
}

enum err check_names(struct compilation *compilation, const struct clause *clause)
{
    for (size_t i = 0; i < compilation->outputs.count; i++) {
        for (size_t j = i + 1; j < compilation->outputs.count; j++) {
            str name = compilation->outputs.items[i].name;
            if (str_eq(name, compilation->outputs.items[j].name)) {
                return query_error(compilation->translation.scope, clause, MSG_ODSQL_ALIAS_TWICE,
                                   SAYS(ARG_TEXT("name", name)));
            }
        }
    }
    return ERR_OK;
}

enum err compile_select(struct compilation *compilation)
{
    struct translation *translation = &compilation->translation;
    struct clause clause = {"select", compilation->clauses->select};
    bool grouped = compilation->group_by.count > 0;
    if (str_trim(clause.text).n == 0) {
        if (translation->source->is_catalogue && !grouped) {
            add_output(compilation, ODSQL_DOCUMENT, OUTPUT_JSON, NULL);
            begin_column(compilation);
            sql_text(&compilation->columns, "rowid");
        } else if (!grouped) {
            output_all(compilation);
        }
        return ERR_OK;
    }
    translation->clause = &clause;
    translation->aggregates_allowed = true;
    TRY(parse_select(translation->scope, &clause, &compilation->select));
    for (size_t i = 0; i < compilation->select.count; i++) {
        const struct item *item = &compilation->select.items[i];
        if (item->is_pattern && grouped) {
            return query_error(translation->scope, &clause, MSG_ODSQL_GROUPED_NOT,
                               SAYS(ARG_TEXT("name", item->text)));
        }
        if (item->is_pattern) {
            TRY(check_pattern(compilation, item));
        }
        if (item->is_pattern && item->excludes) {
            exclude_pattern(compilation, item);
        } else if (item->is_pattern) {
            output_pattern(compilation, item);
        } else if (item->expression->kind == NODE_STAR) {
            if (grouped) {
                return query_error(translation->scope, &clause, MSG_ODSQL_GROUPED_ALL, NULL);
            }
            output_all(compilation);
        } else {
            TRY(check_size(translation, &compilation->columns));
            TRY(grouped ? output_grouped(compilation, item)
                        : output_expression(compilation, item));
        }
    }
    TRY(check_names(compilation, &clause));
    if (translation->saw_aggregate && translation->loose) {
        return refuse_loose(translation, translation->loose->name);
    }
    translation->aggregates_allowed = false;
    return ERR_OK;
}
