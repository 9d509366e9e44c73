#include "base/json_write.h"
#include "base/limits.h"
#include "domain/catalog/catalog.h"
#include "domain/records/catalogue_source.h"
#include "platform/db/statement.h"

typedef VEC(struct catalogue_column) column_list;
typedef VEC(struct field) field_list;

struct collecting {
    struct arena *arena;
    column_list columns;
    field_list fields;
};

static enum field_type field_type_of(enum metadata_type type)
{
    static const enum field_type types[] = {
        [METADATA_TEXT] = FIELD_TEXT,       [METADATA_HTML] = FIELD_TEXT,
        [METADATA_TEXTS] = FIELD_TEXT,      [METADATA_INT] = FIELD_INT,
        [METADATA_DOUBLE] = FIELD_DOUBLE,   [METADATA_BOOLEAN] = FIELD_BOOLEAN,
        [METADATA_DAY] = FIELD_DATE,        [METADATA_INSTANT] = FIELD_DATETIME,
        [METADATA_SHAPE] = FIELD_JSON,      [METADATA_ANY] = FIELD_JSON};
    return types[type];
}

static void set_type(struct collecting *collecting, size_t at, enum metadata_type type)
{
    struct field *field = &collecting->fields.items[at];
    collecting->columns.items[at].type = type;
    field->type = field_type_of(type);
    field->multivalued = type == METADATA_TEXTS ? S(",") : STR_NONE;
}

static void add_column(struct collecting *collecting, struct catalogue_column column, bool is_facet)
{
    if (collecting->columns.count == LIMIT_FIELDS) {
        return;
    }
    str name = column.template_name.n ? str_printf(collecting->arena, "%.*s.%.*s",
                                                   STR_ARG(column.template_name),
                                                   STR_ARG(column.name))
                                      : column.name;
    struct field field = {.name = name, .label = name, .decimals = -1, .facet = is_facet};
    vec_add(collecting->arena, &collecting->columns, column);
    vec_add(collecting->arena, &collecting->fields, field);
    set_type(collecting, collecting->columns.count - 1, column.type);
}

static enum metadata_type value_type(const json_t *value)
{
    return json_is_integer(value)   ? METADATA_INT
           : json_is_real(value)    ? METADATA_DOUBLE
           : json_is_boolean(value) ? METADATA_BOOLEAN
           : json_is_object(value)  ? METADATA_ANY
           : json_is_array(value)   ? METADATA_TEXTS
                                    : METADATA_TEXT;
}

/* What holds values of both types. */
static enum metadata_type join_types(enum metadata_type a, enum metadata_type b)
{
    bool is_number = (a == METADATA_INT || a == METADATA_DOUBLE) &&
                     (b == METADATA_INT || b == METADATA_DOUBLE);
    bool is_texts = (a == METADATA_TEXTS && b == METADATA_TEXT) ||
                    (a == METADATA_TEXT && b == METADATA_TEXTS);
    return a == b ? a : is_number ? METADATA_DOUBLE : is_texts ? METADATA_TEXTS : METADATA_TEXT;
}

/* The engine knows no letter case in names. */
static size_t find_column(const struct collecting *collecting, str template_name, str name)
{
    for (size_t i = 0; i < collecting->columns.count; i++) {
        const struct catalogue_column *column = &collecting->columns.items[i];
        if (str_eq(column->template_name, template_name) && str_eq_nocase(column->name, name)) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void add_open_value(struct collecting *collecting, str template_name, str name,
                           const json_t *value)
{
    size_t at = find_column(collecting, template_name, name);
    enum metadata_type type = value_type(value);
    if (json_is_null(value)) {
        return; /* says nothing of the type */
    }
    if (at == SIZE_MAX) {
        struct catalogue_column column = {.template_name = template_name,
                                          .name = str_copy(collecting->arena, name),
                                          .type = type};
        add_column(collecting, column, false);
    } else if (!collecting->columns.items[at].row) {
        set_type(collecting, at, join_types(collecting->columns.items[at].type, type));
    }
}

static enum err add_open_values(struct scope *scope, struct collecting *collecting, str text)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    TRY(json_read(scope, ERR_DATABASE, text, "stored metadata", &metadata));
    for (size_t i = 0; i < count; i++) {
        str in = templates[i].name;
        const char *name;
        json_t *value;
        if (!metadata_is_open(&templates[i]) || templates[i].kind == TEMPLATE_ADMIN) {
            continue;
        }
        json_object_foreach(json_object_getn(metadata, in.p, in.n), name, value) {
            add_open_value(collecting, in, str_from(name), value);
        }
    }
    return ERR_OK;
}

/* Most datasets have none, which their text tells without being parsed. */
static bool may_have_open_values(str metadata)
{
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    for (size_t i = 0; i < count; i++) {
        bool is_taken = metadata_is_open(&templates[i]) && templates[i].kind != TEMPLATE_ADMIN;
        if (is_taken && memmem(metadata.p, metadata.n, templates[i].name.p, templates[i].name.n)) {
            return true;
        }
    }
    return false;
}

/* Numbers and metadata of the changed rows, or of all. */
static struct sql select_metadata(struct arena *arena, const struct catalogue_source *source,
                                  const size_t *changed, size_t count)
{
    struct sql sql = sql_in(arena);
    sql_text(&sql, "select number, metadata from dataset");
    if (count < source->count) {
        struct buf numbers = {0};
        struct json_writer json = json_writer_to(&numbers);
        json_array_begin(&json);
        for (size_t i = 0; i < count; i++) {
            json_int(&json, source->rows[changed[i]]->number);
        }
        json_array_end(&json);
        sql_text(&sql, " where number in (select value from json_each(");
        sql_bind(&sql, cell_text(buf_copy(&numbers, arena)));
        sql_text(&sql, "))");
        buf_done(&numbers);
    }
    return sql;
}

/*
 * The names are those of the catalogue as it is now, which may be newer than the snapshot: a column too many
 * has no values, one too few is not missed for long. Datasets that are not in the snapshot add none.
 */
static enum err add_open_templates(struct scope *scope, struct collecting *collecting,
                                   const struct catalogue_source *source, const size_t *changed,
                                   size_t count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = select_metadata(&scope->arena, source, changed, count);
    TRY(db_lease(scope, catalog_database(source->snapshot->catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    for (;;) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            break;
        }
        str metadata = column_cell(&row->columns[1], 0).text;
        if (may_have_open_values(metadata) &&
            catalogue_row(source, row_number(row, 0)) != SIZE_MAX) {
            TRY(add_open_values(scope, collecting, metadata));
        }
    }
    cursor_close(cursor);
    cursor = NULL; /* before the lease is given back */
    return ERR_OK;
}

static void add_fixed_columns(struct collecting *collecting)
{
    static const struct {
        const char *name;
        enum metadata_type type;
        bool is_facet;
    } own[] = {{"dataset_id", METADATA_TEXT, false},
               {"dataset_uid", METADATA_TEXT, false},
               {"has_records", METADATA_BOOLEAN, false},
               {"features", METADATA_TEXTS, true},
               {"fields", METADATA_ANY, false}};
    for (size_t i = 0; i < ARRAY_LENGTH(own); i++) {
        struct catalogue_column column = {.name = str_from(own[i].name), .type = own[i].type};
        add_column(collecting, column, own[i].is_facet);
    }
    size_t count;
    const struct metadata_row *rows = metadata_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].in->kind != TEMPLATE_ADMIN) {
            struct catalogue_column column = {
                &rows[i], rows[i].in->name, rows[i].name, rows[i].type};
            add_column(collecting, column, (rows[i].flags & METADATA_FACET) != 0);
        }
    }
}

static void add_columns_of(struct collecting *collecting, const struct catalogue_table *table)
{
    for (size_t i = 0; i < table->columns.count; i++) {
        add_column(collecting, table->columns.items[i], table->schema.fields[i].facet);
    }
}

static bool has_types_of(const struct collecting *collecting, const struct catalogue_table *table)
{
    for (size_t i = 0; i < table->columns.count; i++) {
        if (collecting->columns.items[i].type != table->columns.items[i].type) {
            return false;
        }
    }
    return true;
}

enum err catalogue_columns_make(struct scope *scope, struct catalogue_source *source, bool is_new,
                                const size_t *changed, size_t changed_count, bool *ret_fits)
{
    struct catalogue_table *table = source->table;
    struct collecting collecting = {.arena = &table->scope.arena};
    if (is_new) {
        add_fixed_columns(&collecting);
    } else {
        add_columns_of(&collecting, table);
    }
    TRY(add_open_templates(scope, &collecting, source, changed, changed_count));
    *ret_fits = is_new || has_types_of(&collecting, table);
    if (*ret_fits) {
        table->columns =
            (struct catalogue_columns){collecting.columns.items, collecting.columns.count};
        table->schema = (struct schema){collecting.fields.items, collecting.fields.count};
        source->columns = table->columns;
        source->schema = table->schema;
    }
    return ERR_OK;
}
