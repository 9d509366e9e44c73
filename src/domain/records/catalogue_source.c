/*
 * The columns are found in the dataset objects themselves: each metadata value becomes
 * "template.name" with the type its JSON values have. The engine's JSON functions fill them.
 */
#include "domain/records/catalogue_source.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/limits.h"
#include "base/vec.h"
#include "domain/catalog/metadata.h"
#include "domain/records/index.h"

struct column_source {
    struct field field;
    str path; /* JSON path in the document */
};

typedef VEC(struct column_source) column_list;

static bool is_instant_name(str name)
{
    return str_eq(name, S("modified")) || str_eq(name, S("data_processed")) ||
           str_eq(name, S("metadata_processed")) || str_eq(name, S("created")) ||
           str_eq(name, S("issued"));
}

static bool is_facet_name(str name)
{
    static const char *const facets[] = {"features", "default.modified", "default.publisher",
                                         "default.keyword", "default.theme", "default.language",
                                         "default.license"};
    for (size_t i = 0; i < ARRAY_LENGTH(facets); i++) {
        if (str_eq(name, str_from(facets[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_known(const column_list *columns, str name)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (str_eq_nocase(columns->items[i].field.name, name)) {
            return true;
        }
    }
    return false;
}

static void add_column(struct arena *arena, column_list *columns, str name, str path,
                       enum field_type type, bool is_list)
{
    for (size_t i = 0; i < columns->count; i++) {
        struct field *known = &columns->items[i].field;
        if (str_eq_nocase(known->name, name)) { /* the engine knows no letter case in names */
            if (is_list && !known->multivalued.p && known->type == FIELD_TEXT) {
                known->multivalued = S(",");
            } else if (known->type != type) {
                known->type = FIELD_TEXT;
            }
            return;
        }
    }
    if (columns->count == LIMIT_FIELDS) {
        return;
    }
    struct column_source column = {
        .field = {.name = name, .label = name, .type = type, .decimals = -1,
                  .facet = is_facet_name(name), .multivalued = is_list ? S(",") : STR_NONE},
        .path = path};
    vec_add(arena, columns, column);
}

/* A step of a JSON pointer. */
static void add_step(struct buf *path, str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        buf_add(path, c == '~' ? S("~0") : c == '/' ? S("~1") : str_slice(name, i, i + 1));
    }
}

/* JSON null says nothing of the type: values of other datasets come first. */
static void add_value(struct arena *arena, column_list *columns, str template_name, str name,
                      const json_t *value)
{
    enum field_type type = json_is_integer(value)   ? FIELD_INT
                           : json_is_real(value)    ? FIELD_DOUBLE
                           : json_is_boolean(value) ? FIELD_BOOLEAN
                           : json_is_object(value)  ? FIELD_JSON
                           : is_instant_name(name)  ? FIELD_DATETIME
                                                    : FIELD_TEXT;
    bool is_list = json_is_array(value) || str_eq(name, S("theme")) || str_eq(name, S("keyword"));
    str full = str_printf(arena, "%.*s.%.*s", STR_ARG(template_name), STR_ARG(name));
    if (json_is_null(value) && is_known(columns, full)) {
        return;
    }
    struct buf path = {0};
    buf_add(&path, S("/metas/"));
    add_step(&path, template_name);
    buf_add_char(&path, '/');
    add_step(&path, name);
    add_column(arena, columns, full, buf_copy(&path, arena), is_list ? FIELD_TEXT : type, is_list);
    buf_done(&path);
}

/* Columns of one dataset's metadata: of the values, or of the names that have none. */
static enum err collect_values(struct scope *scope, struct arena *arena,
                               const struct snapshot *snapshot, size_t at, bool without,
                               column_list *columns)
{
    json_t *document cleanup_with(json_cleanup) = NULL;
    struct arena_mark mark = arena_get_mark(&scope->arena);
    const struct dataset *dataset;
    TRY(dataset_load(scope, snapshot, snapshot->datasets[at], &dataset));
    TRY(json_read(scope, ERR_DATABASE, dataset->document, "dataset object", &document));
    arena_rewind(&scope->arena, mark);
    const char *template_name;
    const char *name;
    json_t *values;
    json_t *value;
    json_object_foreach(json_object_get(document, "metas"), template_name, values) {
        json_object_foreach(values, name, value) {
            if (json_is_null(value) == without) {
                add_value(arena, columns, str_copy(arena, str_from(template_name)),
                          str_copy(arena, str_from(name)), value);
            }
        }
    }
    return ERR_OK;
}

/* Figures of use, which clients sort by (explore-api.md 2.3), also where no dataset has any. */
static void collect_figures(struct arena *arena, column_list *columns)
{
    size_t count;
    const struct metadata_row *rows = metadata_rows(&count);
    for (size_t i = 0; i < count; i++) {
        bool is_figure = rows[i].type == METADATA_INT || rows[i].type == METADATA_DOUBLE;
        if (rows[i].in->kind == TEMPLATE_EXTRA && is_figure) {
            str name = str_printf(arena, "%.*s.%.*s", STR_ARG(rows[i].in->name), STR_ARG(rows[i].name));
            str path = str_printf(arena, "/metas/%.*s/%.*s", STR_ARG(rows[i].in->name),
                                  STR_ARG(rows[i].name));
            add_column(arena, columns, name, path,
                       rows[i].type == METADATA_INT ? FIELD_INT : FIELD_DOUBLE, false);
        }
    }
}

static enum err collect_columns(struct scope *scope, struct arena *arena,
                                const struct snapshot *snapshot, column_list *columns)
{
    add_column(arena, columns, S("dataset_id"), S("/dataset_id"), FIELD_TEXT, false);
    add_column(arena, columns, S("dataset_uid"), S("/dataset_uid"), FIELD_TEXT, false);
    add_column(arena, columns, S("has_records"), S("/has_records"), FIELD_BOOLEAN, false);
    add_column(arena, columns, S("features"), S("/features"), FIELD_TEXT, true);
    add_column(arena, columns, S("fields"), S("/fields"), FIELD_JSON, false);
    static const char *const always[] = {"title", "description", "publisher", "license", "language",
                                         "theme", "keyword", "modified"};
    for (size_t i = 0; i < ARRAY_LENGTH(always); i++) {
        add_value(arena, columns, S("default"), str_from(always[i]), json_null());
    }
    for (size_t i = 0; i < snapshot->count; i++) {
        TRY(collect_values(scope, arena, snapshot, i, false, columns));
    }
    for (size_t i = 0; i < snapshot->count; i++) {
        TRY(collect_values(scope, arena, snapshot, i, true, columns));
    }
    collect_figures(arena, columns);
    return ERR_OK;
}

static void add_expression(struct sql *sql, const struct column_source *column)
{
    if (field_is_list(&column->field)) {
        sql_text(sql, "case json_type(document, ");
        sql_bind(sql, cell_text(column->path));
        sql_text(sql, ") when 'ARRAY' then from_json(json_extract(document, ");
        sql_bind(sql, cell_text(column->path));
        sql_text(sql, "), '[\"VARCHAR\"]') when 'VARCHAR' then [json_extract_string(document, ");
        sql_bind(sql, cell_text(column->path));
        sql_text(sql, ")] end");
        return;
    }
    bool is_instant = column->field.type == FIELD_DATETIME;
    sql_text_constant(sql, is_instant ? S("try_cast(try_cast(") : S("try_cast("));
    sql_text(sql, "json_extract_string(document, ");
    sql_bind(sql, cell_text(column->path));
    sql_text_constant(sql, is_instant ? S(") as timestamptz) at time zone 'UTC' as ") : S(") as "));
    sql_text_constant(sql, field_type_column(column->field.type));
    sql_text(sql, ")");
}

static void name_in(struct sql *sql, str database, str table)
{
    sql_name(sql, database);
    sql_text(sql, ".");
    sql_name(sql, table);
}

static enum err fill(struct scope *scope, struct db_lease *lease, const struct snapshot *snapshot,
                     str database, const column_list *columns)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "create table ");
    name_in(&sql, database, S("documents"));
    sql_text(&sql, " (position bigint, document varchar)");
    TRY(db_execute(scope, lease, &sql));
    for (size_t i = 0; i < snapshot->count; i++) {
        struct arena_mark mark = arena_get_mark(&scope->arena);
        const struct dataset *dataset;
        TRY(dataset_load(scope, snapshot, snapshot->datasets[i], &dataset));
        sql = sql_in(&scope->arena);
        sql_text(&sql, "insert into ");
        name_in(&sql, database, S("documents"));
        sql_text(&sql, " values (");
        sql_bind(&sql, cell_int((int64_t)i));
        sql_text(&sql, ", ");
        sql_bind(&sql, cell_text(dataset->document));
        sql_text(&sql, ")");
        TRY(db_execute(scope, lease, &sql));
        arena_rewind(&scope->arena, mark);
    }
    sql = sql_in(&scope->arena);
    sql_text(&sql, "create table ");
    name_in(&sql, database, S("datasets"));
    sql_text(&sql, " as select ");
    for (size_t i = 0; i < columns->count; i++) {
        add_expression(&sql, &columns->items[i]);
        sql_text(&sql, " as ");
        sql_name(&sql, columns->items[i].field.name);
        sql_text(&sql, ", ");
    }
    sql_text(&sql, "document as ");
    sql_name(&sql, CATALOGUE_DOCUMENT_COLUMN);
    sql_text(&sql, " from ");
    name_in(&sql, database, S("documents"));
    sql_text(&sql, " order by position");
    return db_execute(scope, lease, &sql);
}

static enum err build(struct scope *scope, struct db_lease *lease, struct indexer *indexer,
                      const struct snapshot *snapshot, const char *spool,
                      struct catalogue_source *source)
{
    column_list columns = {0};
    TRY(collect_columns(scope, &source->scope.arena, snapshot, &columns));
    source->schema.fields = arena_array(&source->scope.arena, struct field, columns.count);
    source->schema.count = columns.count;
    for (size_t i = 0; i < columns.count; i++) {
        source->schema.fields[i] = columns.items[i].field;
    }
    struct sql attach = sql_in(&scope->arena);
    sql_text(&attach, "attach ':memory:' as ");
    sql_name(&attach, source->database);
    TRY(db_execute(scope, lease, &attach));
    TRY(fill(scope, lease, snapshot, source->database, &columns));
    struct index_options index = {.schema = &source->schema,
                                  .database = source->database,
                                  .table = S("datasets"),
                                  .directory = spool};
    return index_build(scope, lease, indexer, &index);
}

enum err catalogue_source_open(struct scope *scope, struct db_lease *lease,
                               struct indexer *indexer, const struct snapshot *snapshot, const char *spool,
                               uint64_t number, struct catalogue_source **ret)
{
    struct catalogue_source *source = calloc(1, sizeof(*source));
    if (!source) {
        bug_out_of_memory(sizeof(*source));
    }
    scope_open(&source->scope);
    source->generation = snapshot->generation;
    source->fingerprint = snapshot->fingerprint;
    source->database = str_printf(&source->scope.arena, "catalogue_%llu",
                                  (unsigned long long)number);
    enum err result = build(scope, lease, indexer, snapshot, spool, source);
    if (result != ERR_OK) {
        catalogue_source_close(lease, source);
        return result;
    }
    *ret = source;
    return ERR_OK;
}

void catalogue_source_close(struct db_lease *lease, struct catalogue_source *source)
{
    struct scope scope; /* of its own: the request's may be cancelled, and a name left behind blocks the next */
    scope_open(&scope);
    struct sql detach = sql_in(&scope.arena);
    sql_text(&detach, "detach database if exists ");
    sql_name(&detach, source->database);
    if (db_execute(&scope, lease, &detach) != ERR_OK) {
        scope_forgive(&scope); /* the memory stays with the engine until it closes */
    }
    scope_close(&scope);
    scope_close(&source->scope);
    free(source);
}
