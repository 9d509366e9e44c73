#include <stdlib.h>

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
    bool is_too_many; /* there were more than LIMIT_FIELDS */
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

static str name_of(struct arena *arena, const struct catalogue_column *column)
{
    return column->template_name.n ? str_printf(arena, "%.*s.%.*s", STR_ARG(column->template_name),
                                                STR_ARG(column->name))
                                   : column->name;
}

static void add_column(struct collecting *collecting, struct catalogue_column column, str name,
                       bool is_facet)
{
    if (collecting->columns.count == LIMIT_FIELDS) {
        collecting->is_too_many = true;
        return;
    }
    struct field field = {.name = name, .label = name, .decimals = -1, .facet = is_facet};
    vec_add(collecting->arena, &collecting->columns, column);
    vec_add(collecting->arena, &collecting->fields, field);
    set_type(collecting, collecting->columns.count - 1, column.type);
}

enum metadata_type catalogue_value_type(const json_t *value)
{
    return json_is_integer(value)   ? METADATA_INT
           : json_is_real(value)    ? METADATA_DOUBLE
           : json_is_boolean(value) ? METADATA_BOOLEAN
           : json_is_object(value)  ? METADATA_ANY
           : json_is_array(value)   ? METADATA_TEXTS
                                    : METADATA_TEXT;
}

/*
 * Values are kept by their exact name and type, in columns whose names nobody chose: what somebody sees of them
 * depends on no name that is hidden from him. The column's texts are copied.
 */
static void add_more(struct collecting *collecting, struct catalogue_column column)
{
    struct arena *arena = collecting->arena;
    size_t count = collecting->columns.count;
    for (size_t i = 0; i < count; i++) {
        const struct catalogue_column *other = &collecting->columns.items[i];
        if (other->row == column.row && other->type == column.type &&
            str_eq(other->lang, column.lang) && str_eq(other->name, column.name) &&
            str_eq(other->template_name, column.template_name)) {
            return;
        }
    }
    if (count == LIMIT_FIELDS) {
        collecting->is_too_many = true;
        return;
    }
    column.name = str_copy(arena, column.name);
    column.lang = str_copy(arena, column.lang);
    add_column(collecting, column, str_printf(arena, "more %zu", count), false);
}

static void add_open_value(struct collecting *collecting, str template_name, str name,
                           const json_t *value)
{
    if (!json_is_null(value)) { /* which says nothing of the type */
        add_more(collecting, (struct catalogue_column){.template_name = template_name,
                                                       .name = name,
                                                       .type = catalogue_value_type(value)});
    }
}

static void add_translation(struct collecting *collecting, const struct metadata_row *row, str lang)
{
    add_more(collecting, (struct catalogue_column){.row = row,
                                                   .template_name = row->in->name,
                                                   .name = row->name,
                                                   .type = row->type,
                                                   .lang = lang});
}

/* Values in other languages, of the metadata that may have some. */
static void add_translations(struct collecting *collecting, const json_t *metadata)
{
    size_t count;
    const struct metadata_row *rows = metadata_rows(&count);
    const char *lang;
    json_t *templates;
    json_object_foreach(json_object_get(metadata, "languages"), lang, templates) {
        for (size_t i = 0; i < count; i++) {
            const struct metadata_row *row = &rows[i];
            bool is_taken = row->flags & METADATA_LANG && row->in->kind != TEMPLATE_ADMIN;
            json_t *values = json_object_getn(templates, row->in->name.p, row->in->name.n);
            if (is_taken && json_object_getn(values, row->name.p, row->name.n)) {
                add_translation(collecting, row, str_from(lang));
            }
        }
    }
}

static enum err add_more_values(struct scope *scope, struct collecting *collecting, str text)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    TRY(json_read(scope, ERR_DATABASE, text, "stored metadata", &metadata));
    add_translations(collecting, metadata);
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

/* Most datasets have none, nor translations, which their text tells without being parsed. */
static bool may_have_more_values(str metadata)
{
    static const str languages = {"\"languages\"", 11};
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    for (size_t i = 0; i < count; i++) {
        bool is_taken = metadata_is_open(&templates[i]) && templates[i].kind != TEMPLATE_ADMIN;
        if (is_taken && memmem(metadata.p, metadata.n, templates[i].name.p, templates[i].name.n)) {
            return true;
        }
    }
    return memmem(metadata.p, metadata.n, languages.p, languages.n);
}

/* Metadata of the changed rows, or of all; others must not take the places of columns. */
static struct sql select_metadata(struct arena *arena, enum db_engine engine,
                                  const struct catalogue_source *source, const size_t *changed,
                                  size_t count)
{
    struct sql sql = sql_in(arena);
    sql_text(&sql, "select metadata from dataset");
    if (count < source->count || source->fingerprint != SNAPSHOT_WHOLE) {
        struct buf numbers = {0};
        struct json_writer json = json_writer_to(&numbers);
        json_array_begin(&json);
        for (size_t i = 0; i < count; i++) {
            json_int(&json, source->rows[changed[i]]->number);
        }
        json_array_end(&json);
        bool is_postgres = engine == DB_POSTGRES;
        sql_text_constant(&sql, is_postgres ? S(" where number in (select value::bigint from "
                                                "json_array_elements_text(")
                                            : S(" where number in (select value from json_each("));
        sql_bind(&sql, cell_text(buf_copy(&numbers, arena)));
        sql_text_constant(&sql, is_postgres ? S("::json))") : S("))"));
        buf_done(&numbers);
    }
    return sql;
}

/*
 * The names are those of the catalogue as it is now, which may be newer than the snapshot: a column too many
 * has no values, one too few is not missed for long.
 */
static enum err add_columns_of_values(struct scope *scope, struct collecting *collecting,
                                   const struct catalogue_source *source, const size_t *changed,
                                   size_t count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct db *db = catalog_database(source->snapshot->catalog);
    struct sql sql = select_metadata(&scope->arena, db_engine_of(db), source, changed, count);
    TRY(db_lease(scope, db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        str metadata = column_cell(&row->columns[0], 0).text;
        if (may_have_more_values(metadata)) {
            TRY(add_more_values(scope, collecting, metadata));
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
        add_column(collecting, column, column.name, own[i].is_facet);
    }
    size_t count;
    const struct metadata_row *rows = metadata_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].in->kind != TEMPLATE_ADMIN) {
            struct catalogue_column column = {
                &rows[i], rows[i].in->name, rows[i].name, rows[i].type, STR_NONE};
            add_column(collecting, column, name_of(collecting->arena, &column),
                       (rows[i].flags & METADATA_FACET) != 0);
        }
    }
}

/* The arrays never move: sources that were made before go on reading what was there for them. */
static struct collecting begin_columns(struct catalogue_table *table)
{
    struct collecting collecting = {.arena = &table->scope.arena};
    size_t count = table->columns.count;
    if (count == 0) {
        collecting.columns.items = arena_array(collecting.arena, struct catalogue_column, LIMIT_FIELDS);
        collecting.fields.items = arena_array(collecting.arena, struct field, LIMIT_FIELDS);
    } else {
        collecting.columns.items = (struct catalogue_column *)(uintptr_t)table->columns.items;
        collecting.fields.items = table->schema.fields;
    }
    collecting.columns.count = collecting.fields.count = count;
    collecting.columns.capacity = collecting.fields.capacity = LIMIT_FIELDS;
    return collecting;
}

enum err catalogue_columns_make(struct scope *scope, const struct catalogue_source *source,
                                const size_t *changed, size_t changed_count, bool may_lack,
                                bool *ret_has_all)
{
    struct catalogue_table *table = source->table;
    struct collecting collecting = begin_columns(table);
    if (collecting.columns.count == 0) {
        add_fixed_columns(&collecting);
    }
    TRY(add_columns_of_values(scope, &collecting, source, changed, changed_count));
    *ret_has_all = !collecting.is_too_many;
    if (collecting.is_too_many && !may_lack) {
        return ERR_OK;
    }
    table->columns =
        (struct catalogue_columns){collecting.columns.items, collecting.columns.count};
    table->schema = (struct schema){collecting.fields.items, collecting.fields.count};
    return ERR_OK;
}

/* ---- fields ---- */

/* What holds values of both types. */
static enum metadata_type join_types(enum metadata_type a, enum metadata_type b)
{
    bool is_number = (a == METADATA_INT || a == METADATA_DOUBLE) &&
                     (b == METADATA_INT || b == METADATA_DOUBLE);
    return a == b                                       ? a
           : is_number                                  ? METADATA_DOUBLE
           : a == METADATA_TEXTS || b == METADATA_TEXTS ? METADATA_TEXTS
                                                        : METADATA_TEXT;
}

/* Columns of which the source shows values; the fixed ones are asked for no matter what. */
static enum err find_used(struct scope *scope, struct db_lease *lease,
                          const struct catalogue_source *source, bool *ret_used)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    const struct catalogue_table *table = source->table;
    struct sql sql = sql_in(&scope->arena);
    size_t asked = 0;
    sql_text(&sql, "select ");
    for (size_t i = 0; i < table->columns.count; i++) {
        ret_used[i] = !catalogue_is_open(&table->columns.items[i]) && !table->columns.items[i].lang.n;
        if (catalogue_is_open(&table->columns.items[i])) {
            sql_text_constant(&sql, asked++ ? S(", count(") : S("count("));
            sql_name(&sql, table->schema.fields[i].name);
            sql_text(&sql, ")");
        }
    }
    if (asked == 0) {
        return ERR_OK;
    }
    sql_text(&sql, " from ");
    sql_join(&sql, catalogue_rows(&scope->arena, source, S("")));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    for (size_t i = 0, at = 0; row && i < table->columns.count; i++) {
        if (catalogue_is_open(&table->columns.items[i])) {
            ret_used[i] = row->columns[at++].numbers[0] > 0;
        }
    }
    return ERR_OK;
}

static void add_field(struct collecting *collecting, const struct catalogue_column *column,
                      bool is_facet)
{
    for (size_t i = 0; i < collecting->columns.count && catalogue_is_open(column); i++) {
        const struct catalogue_column *other = &collecting->columns.items[i];
        if (catalogue_is_same_name(other, column->template_name, column->name)) {
            set_type(collecting, i, join_types(other->type, column->type));
            return;
        }
    }
    add_column(collecting, *column, name_of(collecting->arena, column), is_facet);
}

static int compare_names(const void *a, const void *b, void *columns)
{
    const struct catalogue_column *of = columns;
    const struct catalogue_column *left = &of[*(const size_t *)a];
    const struct catalogue_column *right = &of[*(const size_t *)b];
    int order = str_compare(left->template_name, right->template_name);
    order = order ? order : str_compare(left->name, right->name);
    return order ? order : (left->type > right->type) - (left->type < right->type);
}

/* Used columns of the table: the fixed ones, then the others by name, whenever they came. */
static void list_used(struct catalogue_source *source, const bool *is_used)
{
    size_t *used = arena_array(&source->scope.arena, size_t, source->stored.count + 1);
    size_t count = 0;
    size_t fixed = 0;
    for (size_t i = 0; i < source->stored.count; i++) {
        if (is_used[i]) {
            used[count++] = i;
            fixed += !catalogue_is_open(&source->stored.items[i]);
        }
    }
    qsort_r(used + fixed, count - fixed, sizeof(*used), compare_names,
            (void *)(uintptr_t)source->stored.items);
    source->used = used;
    source->used_count = count;
}

enum err catalogue_fields_make(struct scope *scope, struct db_lease *lease,
                               struct catalogue_source *source)
{
    struct collecting collecting = {.arena = &source->scope.arena};
    bool *is_used = arena_array(&scope->arena, bool, source->table->columns.count + 1);
    source->stored = source->table->columns;
    source->stored_schema = source->table->schema;
    TRY(find_used(scope, lease, source, is_used));
    list_used(source, is_used);
    for (size_t i = 0; i < source->used_count; i++) {
        size_t at = source->used[i];
        add_field(&collecting, &source->stored.items[at], source->stored_schema.fields[at].facet);
    }
    source->fields =
        (struct catalogue_columns){collecting.columns.items, collecting.columns.count};
    source->schema = (struct schema){collecting.fields.items, collecting.fields.count};
    return ERR_OK;
}
