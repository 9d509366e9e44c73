#include "domain/records/catalogue_batch.h"

#include <stdlib.h>

#include "base/bug.h"
#include "base/buf.h"
#include "base/date.h"
#include "domain/catalog/uses.h"

/* One column under construction. */
struct filling_column {
    uint64_t valid[CATALOGUE_BATCH_ROWS / 64];
    union {
        bool truths[CATALOGUE_BATCH_ROWS];
        int64_t numbers[CATALOGUE_BATCH_ROWS];
        double reals[CATALOGUE_BATCH_ROWS];
        int32_t days[CATALOGUE_BATCH_ROWS];
        usec instants[CATALOGUE_BATCH_ROWS];
        str texts[CATALOGUE_BATCH_ROWS];
        struct span lists[CATALOGUE_BATCH_ROWS];
    };
    str *items; /* of the lists; not in the arena, whose limit a single long list may pass */
    size_t item_count, item_room;
};

struct catalogue_batch {
    struct scope *scope;
    const struct catalogue_columns *columns;
    size_t row;
    struct filling_column cells[];
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

static void set_valid(struct catalogue_batch *batch, size_t column)
{
    batch->cells[column].valid[batch->row / 64] |= UINT64_C(1) << (batch->row % 64);
}

static void set_text(struct catalogue_batch *batch, size_t column, str text)
{
    batch->cells[column].texts[batch->row] = text;
    set_valid(batch, column);
}

static void set_instant(struct catalogue_batch *batch, size_t column, usec instant)
{
    batch->cells[column].instants[batch->row] = instant;
    set_valid(batch, column);
}

static void add_item(struct filling_column *cells, str text)
{
    if (cells->item_count == cells->item_room) {
        size_t room = cells->item_room ? 2 * cells->item_room : 64;
        str *items = realloc(cells->items, room * sizeof(*items));
        if (!items) {
            bug_out_of_memory(room * sizeof(*items));
        }
        cells->items = items;
        cells->item_room = room;
    }
    cells->items[cells->item_count++] = text;
}

static void set_list(struct catalogue_batch *batch, size_t column, const str *texts, size_t count)
{
    struct filling_column *cells = &batch->cells[column];
    cells->lists[batch->row] = (struct span){cells->item_count, count};
    for (size_t i = 0; i < count; i++) {
        add_item(cells, texts[i]);
    }
    set_valid(batch, column);
}

static str json_of(struct catalogue_batch *batch, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    str copy = str_copy(&batch->scope->arena, str_from(text ? text : "null"));
    free(text);
    return copy;
}

static str text_of(struct catalogue_batch *batch, const json_t *value)
{
    return json_is_string(value) ? json_read_text(value) : json_of(batch, value);
}

static void set_texts(struct catalogue_batch *batch, size_t column, const json_t *value)
{
    struct filling_column *cells = &batch->cells[column];
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    cells->lists[batch->row] = (struct span){cells->item_count, count};
    for (size_t i = 0; i < count; i++) {
        add_item(cells, text_of(batch, json_is_array(value) ? json_array_get(value, i) : value));
    }
    set_valid(batch, column);
}

static void set_time(struct catalogue_batch *batch, size_t column, const json_t *value, bool is_day)
{
    struct date_text date;
    if (!date_read(json_read_text(value), &date)) {
        return;
    }
    if (is_day) {
        batch->cells[column].days[batch->row] =
            date_days(date.civil.year, date.civil.month, date.civil.day);
        set_valid(batch, column);
    } else {
        usec offset = (usec)date.zone_offset_minutes * 60 * USEC_SECOND;
        set_instant(batch, column, date_instant(&date.civil) - offset);
    }
}

/* What does not fit the type is no value. */
static void set_value(struct catalogue_batch *batch, size_t column, const json_t *value)
{
    struct filling_column *cells = &batch->cells[column];
    size_t row = batch->row;
    if (!value || json_is_null(value)) {
        return;
    }
    switch (batch->columns->items[column].type) {
    case METADATA_TEXT:
    case METADATA_HTML:
        set_text(batch, column, text_of(batch, value));
        return;
    case METADATA_TEXTS:
        set_texts(batch, column, value);
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
        set_time(batch, column, value, batch->columns->items[column].type == METADATA_DAY);
        return;
    case METADATA_SHAPE:
    case METADATA_ANY:
        set_text(batch, column, json_of(batch, value));
        return;
    }
    if (json_is_number(value) || json_is_boolean(value)) {
        set_valid(batch, column);
    }
}

/* ---- one dataset ---- */

static void set_own(struct catalogue_batch *batch, size_t column, const struct dataset *dataset,
                    const json_t *metadata)
{
    str name = batch->columns->items[column].name;
    if (str_eq(name, S("dataset_id"))) {
        set_text(batch, column, dataset->id);
    } else if (str_eq(name, S("dataset_uid"))) {
        set_text(batch, column, dataset->uid);
    } else if (str_eq(name, S("has_records"))) {
        batch->cells[column].truths[batch->row] = dataset->version > 0;
        set_valid(batch, column);
    } else if (str_eq(name, S("features"))) {
        str features[DATASET_FEATURES];
        set_list(batch, column, features, dataset_features(dataset, metadata, features));
    } else {
        struct buf out = {0};
        struct json_writer json = json_writer_to(&out);
        schema_write(&json, &dataset->schema);
        set_text(batch, column, buf_copy(&out, &batch->scope->arena));
        buf_done(&out);
    }
}

static void set_cell(struct catalogue_batch *batch, size_t column, const struct known_value *known)
{
    struct filling_column *cells = &batch->cells[column];
    switch (known->value.type) {
    case CELL_BOOL:
        cells->truths[batch->row] = known->value.truth;
        break;
    case CELL_INT:
        cells->numbers[batch->row] = known->value.number;
        break;
    case CELL_DOUBLE:
        cells->reals[batch->row] = known->value.real;
        break;
    case CELL_INSTANT:
        cells->instants[batch->row] = known->value.instant;
        break;
    case CELL_TEXT:
    case CELL_BYTES:
        cells->texts[batch->row] = known->value.text;
        break;
    case CELL_TEXT_LIST:
        set_list(batch, column, known->texts, known->count);
        return;
    default:
        return;
    }
    set_valid(batch, column);
}

static void set_metadata(struct catalogue_batch *batch, size_t column, const struct dataset *dataset,
                         const json_t *metadata)
{
    const struct catalogue_column *of = &batch->columns->items[column];
    if (of->lang.n) {
        const json_t *languages = json_object_get(metadata, "languages");
        const json_t *values = json_object_getn(languages, of->lang.p, of->lang.n);
        set_value(batch, column, metadata_value(values, S(""), of->template_name, of->name));
        return;
    }
    bool is_default = str_eq(of->template_name, S("default"));
    bool is_made = of->row && of->row->flags & METADATA_MADE;
    struct known_value known = {0};
    if (is_default && dataset_known_value(batch->scope, dataset, metadata, of->name, &known)) {
        set_cell(batch, column, &known);
        return;
    }
    if (is_made && str_eq(of->template_name, S("explore"))) {
        known.value = uses_value(metadata, of->name);
        set_cell(batch, column, &known);
        return;
    }
    const json_t *value =
        is_made ? NULL : metadata_value(metadata, S(""), of->template_name, of->name);
    bool is_open = !of->row; /* then values of other types are in other columns */
    if (value && (!is_open || catalogue_value_type(value) == of->type)) {
        set_value(batch, column, value);
    } else if (!value && is_default) {
        known.value = dataset_unset_value(dataset, of->name);
        set_cell(batch, column, &known);
    }
}

static void drop_json(void *value)
{
    json_decref(value);
}

/* ---- the batch ---- */

struct catalogue_batch *catalogue_batch_new(const struct catalogue_columns *columns)
{
    struct catalogue_batch *batch =
        calloc(1, sizeof(*batch) + columns->count * sizeof(*batch->cells));
    if (!batch) {
        bug_out_of_memory(columns->count * sizeof(*batch->cells));
    }
    batch->columns = columns;
    return batch;
}

void catalogue_batch_free(struct catalogue_batch *batch)
{
    for (size_t i = 0; i < batch->columns->count; i++) {
        free(batch->cells[i].items);
    }
    free(batch);
}

void catalogue_batch_begin(struct catalogue_batch *batch, struct scope *scope)
{
    batch->scope = scope;
    batch->row = 0;
    for (size_t i = 0; i < batch->columns->count; i++) {
        memset(batch->cells[i].valid, 0, sizeof(batch->cells[i].valid));
        batch->cells[i].item_count = 0;
    }
}

bool catalogue_batch_is_full(const struct catalogue_batch *batch)
{
    return batch->row == CATALOGUE_BATCH_ROWS ||
           (batch->row > 0 && batch->scope->arena.used_bytes > CATALOGUE_BATCH_BYTES);
}

enum err catalogue_batch_add(struct catalogue_batch *batch, const struct snapshot *snapshot,
                             const struct dataset *light, const struct dataset_texts *texts)
{
    struct dataset *dataset;
    json_t *metadata;
    TRY(dataset_load_stored(batch->scope, snapshot, light, texts, &dataset));
    TRY(json_read(batch->scope, ERR_DATABASE, dataset->metadata, "stored metadata", &metadata));
    scope_keep(batch->scope, drop_json, metadata); /* cells borrow from it */
    for (size_t i = 0; i < batch->columns->count; i++) {
        if (batch->columns->items[i].template_name.n) {
            set_metadata(batch, i, dataset, metadata);
        } else {
            set_own(batch, i, dataset, metadata);
        }
    }
    batch->row++;
    return ERR_OK;
}

struct batch catalogue_batch_rows(const struct catalogue_batch *batch)
{
    struct column *columns = arena_array(&batch->scope->arena, struct column, batch->columns->count);
    for (size_t i = 0; i < batch->columns->count; i++) {
        const struct filling_column *cells = &batch->cells[i];
        bool is_empty = true;
        for (size_t j = 0; j < ARRAY_LENGTH(cells->valid); j++) {
            is_empty &= cells->valid[j] == 0;
        }
        enum cell_type type = cell_type_of(batch->columns->items[i].type);
        columns[i] = (struct column){.type = is_empty ? CELL_NULL : type,
                                     .valid = cells->valid,
                                     .numbers = cells->numbers, /* the arrays begin at one place */
                                     .items = cells->items};
    }
    return (struct batch){batch->row, batch->columns->count, columns};
}
