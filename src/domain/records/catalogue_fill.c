/* The table of the catalogue: cells from the stored metadata, added in batches without a statement. */
#include <stdlib.h>

#include "base/bug.h"
#include "base/buf.h"
#include "base/date.h"
#include "domain/records/catalogue_source.h"

#define BATCH_ROWS 512 /* a multiple of 64; small, because texts of a batch are in memory twice */

/* One column of a batch under construction. */
struct filling_column {
    uint64_t valid[BATCH_ROWS / 64];
    union {
        bool truths[BATCH_ROWS];
        int64_t numbers[BATCH_ROWS];
        double reals[BATCH_ROWS];
        int32_t days[BATCH_ROWS];
        usec instants[BATCH_ROWS];
        str texts[BATCH_ROWS];
        struct span lists[BATCH_ROWS];
    };
    VEC(str) items;
};

struct filling {
    struct scope *scope; /* of the batch */
    const struct catalogue_columns *columns;
    struct filling_column *cells;
    size_t row;
};

static enum cell_type cell_type_of(enum metadata_type type)
{
    static const enum cell_type types[] = {
        [METADATA_TEXT] = CELL_TEXT,       [METADATA_HTML] = CELL_TEXT,
        [METADATA_TEXTS] = CELL_TEXT_LIST, [METADATA_INT] = CELL_INT,
        [METADATA_DOUBLE] = CELL_DOUBLE,   [METADATA_BOOLEAN] = CELL_BOOL,
        [METADATA_DAY] = CELL_DATE,        [METADATA_INSTANT] = CELL_INSTANT,
        [METADATA_SHAPE] = CELL_TEXT,      [METADATA_ANY] = CELL_TEXT};
    return types[type];
}

/* ---- cells ---- */

static void set_valid(struct filling *filling, size_t column)
{
    filling->cells[column].valid[filling->row / 64] |= UINT64_C(1) << (filling->row % 64);
}

static void set_text(struct filling *filling, size_t column, str text)
{
    filling->cells[column].texts[filling->row] = text;
    set_valid(filling, column);
}

static void set_instant(struct filling *filling, size_t column, usec instant)
{
    filling->cells[column].instants[filling->row] = instant;
    set_valid(filling, column);
}

static void set_list(struct filling *filling, size_t column, const str *texts, size_t count)
{
    struct filling_column *cells = &filling->cells[column];
    cells->lists[filling->row] = (struct span){cells->items.count, count};
    for (size_t i = 0; i < count; i++) {
        vec_add(&filling->scope->arena, &cells->items, texts[i]);
    }
    set_valid(filling, column);
}

static str json_of(struct filling *filling, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    str copy = str_copy(&filling->scope->arena, str_from(text ? text : "null"));
    free(text);
    return copy;
}

static str text_of(struct filling *filling, const json_t *value)
{
    return json_is_string(value) ? str_copy(&filling->scope->arena, json_read_text(value))
                                 : json_of(filling, value);
}

static void set_texts(struct filling *filling, size_t column, const json_t *value)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    str *texts = arena_array(&filling->scope->arena, str, count);
    for (size_t i = 0; i < count; i++) {
        texts[i] = text_of(filling, json_is_array(value) ? json_array_get(value, i) : value);
    }
    set_list(filling, column, texts, count);
}

static void set_time(struct filling *filling, size_t column, const json_t *value, bool is_day)
{
    struct date_text date;
    if (!date_read(json_read_text(value), &date)) {
        return;
    }
    if (is_day) {
        filling->cells[column].days[filling->row] =
            date_days(date.civil.year, date.civil.month, date.civil.day);
        set_valid(filling, column);
    } else {
        usec offset = (usec)date.zone_offset_minutes * 60 * USEC_SECOND;
        set_instant(filling, column, date_instant(&date.civil) - offset);
    }
}

/* What does not fit the type is no value. */
static void set_value(struct filling *filling, size_t column, const json_t *value)
{
    struct filling_column *cells = &filling->cells[column];
    size_t row = filling->row;
    if (!value || json_is_null(value)) {
        return;
    }
    switch (filling->columns->items[column].type) {
    case METADATA_TEXT:
    case METADATA_HTML:
        set_text(filling, column, text_of(filling, value));
        return;
    case METADATA_TEXTS:
        set_texts(filling, column, value);
        return;
    case METADATA_INT:
        cells->numbers[row] = json_integer_value(value);
        break;
    case METADATA_DOUBLE:
        cells->reals[row] = json_number_value(value);
        break;
    case METADATA_BOOLEAN:
        cells->truths[row] = json_is_true(value);
        break;
    case METADATA_DAY:
    case METADATA_INSTANT:
        set_time(filling, column, value, filling->columns->items[column].type == METADATA_DAY);
        return;
    case METADATA_SHAPE:
    case METADATA_ANY:
        set_text(filling, column, json_of(filling, value));
        return;
    }
    if (json_is_number(value) || json_is_boolean(value)) {
        set_valid(filling, column);
    }
}

/* ---- one dataset ---- */

static void set_own(struct filling *filling, size_t column, const struct dataset *dataset,
                    const json_t *metadata)
{
    str name = filling->columns->items[column].name;
    if (str_eq(name, S("dataset_id"))) {
        set_text(filling, column, dataset->id);
    } else if (str_eq(name, S("dataset_uid"))) {
        set_text(filling, column, dataset->uid);
    } else if (str_eq(name, S("has_records"))) {
        filling->cells[column].truths[filling->row] = dataset->version > 0;
        set_valid(filling, column);
    } else if (str_eq(name, S("features"))) {
        str features[DATASET_FEATURES];
        set_list(filling, column, features, dataset_features(dataset, metadata, features));
    } else {
        struct buf out = {0};
        struct json_writer json = json_writer_to(&out);
        schema_write(&json, &dataset->schema);
        set_text(filling, column, buf_copy(&out, &filling->scope->arena));
        buf_done(&out);
    }
}

static void set_metadata(struct filling *filling, size_t column, const json_t *metadata)
{
    const struct catalogue_column *of = &filling->columns->items[column];
    set_value(filling, column, metadata_value(metadata, S(""), of->template_name, of->name));
}

static enum err set_dataset(struct filling *filling, const struct snapshot *snapshot,
                            const struct dataset *light)
{
    struct dataset *dataset;
    TRY(dataset_load_stored(filling->scope, snapshot, light, &dataset));
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(filling->scope, ERR_DATABASE, dataset->metadata, "stored metadata", &metadata));
    json_t *known cleanup_with(json_cleanup) = NULL;
    TRY(dataset_known_values(filling->scope, dataset, metadata, &known));
    for (size_t i = 0; i < filling->columns->count; i++) {
        const struct catalogue_column *column = &filling->columns->items[i];
        json_t *value = column->row && str_eq(column->template_name, S("default"))
                            ? json_object_getn(known, column->name.p, column->name.n)
                            : NULL;
        if (!column->template_name.n) {
            set_own(filling, i, dataset, metadata);
        } else if (value) {
            set_value(filling, i, value);
        } else if (!column->row || !(column->row->flags & METADATA_MADE)) {
            set_metadata(filling, i, metadata);
        }
    }
    return ERR_OK;
}

/* ---- the table ---- */

static enum err create(struct scope *scope, struct db_lease *lease, str database,
                       const struct schema *schema)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "create table ");
    sql_name(&sql, database);
    sql_text(&sql, ".datasets (");
    for (size_t i = 0; i < schema->count; i++) {
        sql_text_constant(&sql, i ? S(", ") : S(""));
        sql_name(&sql, schema->fields[i].name);
        sql_text(&sql, " ");
        sql_text_constant(&sql, field_type_column(schema->fields[i].type));
        sql_text_constant(&sql, field_is_list(&schema->fields[i]) ? S("[]") : S(""));
    }
    sql_text(&sql, ")");
    return db_execute(scope, lease, &sql);
}

static enum err append(struct filling *filling, struct db_append *append)
{
    struct column *columns =
        arena_array(&filling->scope->arena, struct column, filling->columns->count);
    for (size_t i = 0; i < filling->columns->count; i++) {
        struct filling_column *cells = &filling->cells[i];
        bool is_empty = true;
        for (size_t j = 0; j < ARRAY_LENGTH(cells->valid); j++) {
            is_empty &= cells->valid[j] == 0;
        }
        enum cell_type type = cell_type_of(filling->columns->items[i].type);
        columns[i] = (struct column){.type = is_empty ? CELL_NULL : type,
                                     .valid = cells->valid,
                                     .numbers = cells->numbers, /* the arrays begin at one place */
                                     .items = cells->items.items};
    }
    struct batch batch = {filling->row, filling->columns->count, columns};
    return db_append(filling->scope, append, &batch);
}

/* The rows from first on, as many as a batch has. */
static enum err fill_batch(struct scope *scope, struct db_append *rows,
                           const struct catalogue_source *source,
                           const struct catalogue_columns *columns, struct filling_column *cells,
                           size_t first)
{
    struct scope work;
    enum err result = ERR_OK;
    size_t count = source->count - first < BATCH_ROWS ? source->count - first : BATCH_ROWS;
    scope_open(&work);
    work.deadline = scope->deadline;
    work.gone = scope->gone;
    struct filling filling = {.scope = &work, .columns = columns, .cells = cells};
    for (size_t i = 0; i < columns->count; i++) {
        memset(cells[i].valid, 0, sizeof(cells[i].valid));
        memset(&cells[i].items, 0, sizeof(cells[i].items));
    }
    for (; filling.row < count && result == ERR_OK; filling.row++) {
        result = set_dataset(&filling, source->snapshot, source->rows[first + filling.row]);
    }
    if (result == ERR_OK) {
        result = append(&filling, rows);
    }
    if (result != ERR_OK) {
        result = fail_with_cause(scope, result, work.failure.cause, "%.*s",
                                 STR_ARG(work.failure.message));
    }
    scope_close(&work);
    return result;
}

enum err catalogue_fill(struct scope *scope, struct db_lease *lease,
                        const struct catalogue_source *source,
                        const struct catalogue_columns *columns)
{
    struct db_append *rows cleanup_with(db_append_cleanup) = NULL;
    TRY(create(scope, lease, source->database, &columns->schema));
    TRY(db_append_open(scope, lease, source->database, S("datasets"), &rows));
    struct filling_column *cells = calloc(columns->count, sizeof(*cells));
    if (!cells) {
        bug_out_of_memory(columns->count * sizeof(*cells));
    }
    enum err result = ERR_OK;
    for (size_t i = 0; i < source->count && result == ERR_OK; i += BATCH_ROWS) {
        result = fill_batch(scope, rows, source, columns, cells, i);
    }
    free(cells);
    TRY(result);
    return db_append_finish(scope, rows);
}
