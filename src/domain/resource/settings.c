#include "domain/resource/settings.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"

/* ---- reading ---- */

static enum err wrong(struct scope *scope, const char *name, const char *expected)
{
    return fail(scope, ERR_METADATA, "settings: %s is expected for '%s'", expected, name);
}

static enum err read_text(struct scope *scope, const json_t *in, const char *name, str *ret)
{
    const json_t *value = json_object_get(in, name);
    *ret = S("");
    if (!value || json_is_null(value)) {
        return ERR_OK;
    }
    str text = json_read_text(value);
    if (!text.p || text.n > RESOURCE_TEXT_BYTES || memchr(text.p, 0, text.n)) {
        return wrong(scope, name, "a text of at most 2000 bytes");
    }
    *ret = str_copy(&scope->arena, text);
    return ERR_OK;
}

static enum err read_number(struct scope *scope, const json_t *in, const char *name, int64_t least, int64_t most,
                            int64_t otherwise, int64_t *ret)
{
    const json_t *value = json_object_get(in, name);
    *ret = otherwise;
    if (!value || json_is_null(value)) {
        return ERR_OK;
    }
    if (!json_is_integer(value) || json_integer_value(value) < least || json_integer_value(value) > most) {
        return wrong(scope, name, "a whole number that is possible");
    }
    *ret = json_integer_value(value);
    return ERR_OK;
}

static enum err read_truth(struct scope *scope, const json_t *in, const char *name, bool *ret)
{
    const json_t *value = json_object_get(in, name);
    *ret = json_is_true(value);
    return !value || json_is_boolean(value) || json_is_null(value) ? ERR_OK : wrong(scope, name, "true or false");
}

static enum err read_type(struct scope *scope, const json_t *in, struct resource_field *field)
{
    str type;
    TRY(read_text(scope, in, "type", &type));
    field->has_type = type.n > 0;
    return type.n == 0 || field_type_find(type, &field->type) ? ERR_OK : wrong(scope, "type", "a type of fields");
}

static enum err read_field(struct scope *scope, const json_t *in, struct resource_field *ret)
{
    if (!json_is_object(in)) {
        return wrong(scope, "fields", "a list of objects");
    }
    TRY(read_text(scope, in, "column", &ret->column));
    if (ret->column.n == 0) {
        return wrong(scope, "column", "a name");
    }
    TRY(read_text(scope, in, "name", &ret->name));
    TRY(read_type(scope, in, ret));
    TRY(read_text(scope, in, "label", &ret->label));
    TRY(read_text(scope, in, "description", &ret->description));
    TRY(read_text(scope, in, "unit", &ret->unit));
    TRY(read_text(scope, in, "multivalued", &ret->multivalued));
    TRY(read_text(scope, in, "hierarchical", &ret->hierarchical));
    TRY(read_text(scope, in, "date_format", &ret->date_format));
    TRY(read_number(scope, in, "decimals", 0, 15, -1, &ret->decimals));
    TRY(read_truth(scope, in, "facet", &ret->facet));
    TRY(read_truth(scope, in, "disjunctive", &ret->disjunctive));
    TRY(read_truth(scope, in, "sortable", &ret->sortable));
    TRY(read_truth(scope, in, "id", &ret->id));
    return read_truth(scope, in, "hidden", &ret->is_hidden);
}

static enum err read_fields(struct scope *scope, const json_t *list, struct resource_settings *ret)
{
    size_t count = json_array_size(list);
    if ((list && !json_is_array(list)) || count > LIMIT_FIELDS) {
        return wrong(scope, "fields", "a list of at most 1000 objects");
    }
    ret->fields = arena_array(&scope->arena, struct resource_field, count);
    for (; ret->field_count < count; ret->field_count++) {
        TRY(read_field(scope, json_array_get(list, ret->field_count), &ret->fields[ret->field_count]));
    }
    return ERR_OK;
}

static enum err read_points(struct scope *scope, const json_t *list, struct resource_settings *ret)
{
    size_t count = json_array_size(list);
    if ((list && !json_is_array(list)) || count > 20) {
        return wrong(scope, "points", "a list of at most 20 objects");
    }
    ret->points = arena_array(&scope->arena, struct point_wish, count);
    for (; ret->point_count < count; ret->point_count++) {
        const json_t *in = json_array_get(list, ret->point_count);
        struct point_wish *point = &ret->points[ret->point_count];
        TRY(read_text(scope, in, "name", &point->name));
        TRY(read_text(scope, in, "latitude", &point->latitude));
        TRY(read_text(scope, in, "longitude", &point->longitude));
        if (!point->name.n || !point->latitude.n || !point->longitude.n) {
            return wrong(scope, "points", "a name, a latitude and a longitude for each");
        }
    }
    return ERR_OK;
}

enum err resource_settings_read(struct scope *scope, str text, struct resource_settings *ret_settings)
{
    json_t *in cleanup_with(json_cleanup) = NULL;
    struct resource_settings settings = {.header_row = SHEET_HEADER_FIND};
    TRY(json_read(scope, ERR_METADATA, text.n ? text : S("{}"), "settings", &in));
    if (!json_is_object(in)) {
        return fail(scope, ERR_METADATA, "settings: an object is expected");
    }
    TRY(read_text(scope, in, "format", &settings.format));
    TRY(read_text(scope, in, "layer", &settings.layer));
    TRY(read_text(scope, in, "sheet", &settings.sheet));
    TRY(read_number(scope, in, "header_row", 0, 1048576, SHEET_HEADER_FIND, &settings.header_row));
    TRY(read_number(scope, in, "epsg", 0, 1000000, 0, &settings.epsg));
    TRY(read_truth(scope, in, "skip_bad_rows", &settings.skips_bad_rows));
    TRY(read_truth(scope, in, "empty_bad_cells", &settings.empties_bad_cells));
    TRY(read_truth(scope, in, "append", &settings.appends));
    TRY(read_fields(scope, json_object_get(in, "fields"), &settings));
    TRY(read_points(scope, json_object_get(in, "points"), &settings));
    *ret_settings = settings;
    return ERR_OK;
}

/* ---- writing ---- */

static void write_text(struct json_writer *json, str key, str text)
{
    if (text.n) {
        json_key_text(json, key, text);
    }
}

static void write_truth(struct json_writer *json, str key, bool truth)
{
    if (truth) {
        json_key_bool(json, key, true);
    }
}

static void write_field(struct json_writer *json, const struct resource_field *field)
{
    json_object_begin(json);
    json_key_text(json, S("column"), field->column);
    write_text(json, S("name"), field->name);
    write_text(json, S("type"), field->has_type ? field_type_text(field->type) : S(""));
    write_text(json, S("label"), field->label);
    write_text(json, S("description"), field->description);
    write_text(json, S("unit"), field->unit);
    write_text(json, S("multivalued"), field->multivalued);
    write_text(json, S("hierarchical"), field->hierarchical);
    write_text(json, S("date_format"), field->date_format);
    if (field->decimals >= 0) {
        json_key_int(json, S("decimals"), field->decimals);
    }
    write_truth(json, S("facet"), field->facet);
    write_truth(json, S("disjunctive"), field->disjunctive);
    write_truth(json, S("sortable"), field->sortable);
    write_truth(json, S("id"), field->id);
    write_truth(json, S("hidden"), field->is_hidden);
    json_object_end(json);
}

static void write_lists(struct json_writer *json, const struct resource_settings *settings)
{
    if (settings->field_count) {
        json_key(json, S("fields"));
        json_array_begin(json);
        for (size_t i = 0; i < settings->field_count; i++) {
            write_field(json, &settings->fields[i]);
        }
        json_array_end(json);
    }
    if (settings->point_count) {
        json_key(json, S("points"));
        json_array_begin(json);
        for (size_t i = 0; i < settings->point_count; i++) {
            json_object_begin(json);
            json_key_text(json, S("name"), settings->points[i].name);
            json_key_text(json, S("latitude"), settings->points[i].latitude);
            json_key_text(json, S("longitude"), settings->points[i].longitude);
            json_object_end(json);
        }
        json_array_end(json);
    }
}

str resource_settings_write(struct arena *arena, const struct resource_settings *settings)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    write_text(&json, S("format"), settings->format);
    write_text(&json, S("layer"), settings->layer);
    write_text(&json, S("sheet"), settings->sheet);
    if (settings->header_row != SHEET_HEADER_FIND) {
        json_key_int(&json, S("header_row"), settings->header_row);
    }
    if (settings->epsg) {
        json_key_int(&json, S("epsg"), settings->epsg);
    }
    write_truth(&json, S("skip_bad_rows"), settings->skips_bad_rows);
    write_truth(&json, S("empty_bad_cells"), settings->empties_bad_cells);
    write_truth(&json, S("append"), settings->appends);
    write_lists(&json, settings);
    json_object_end(&json);
    return buf_copy(&out, arena);
}

/* ---- fields ---- */

struct resource_field *resource_field_find(const struct resource_settings *settings, str column)
{
    for (size_t i = 0; i < settings->field_count; i++) {
        if (str_eq(settings->fields[i].column, column)) {
            return &settings->fields[i];
        }
    }
    return NULL;
}

struct resource_field *resource_field_get(struct arena *arena, struct resource_settings *settings, str column)
{
    struct resource_field *found = resource_field_find(settings, column);
    if (found) {
        return found;
    }
    struct resource_field *fields = arena_array(arena, struct resource_field, settings->field_count + 1);
    memcpy(fields, settings->fields, settings->field_count * sizeof(*fields));
    settings->fields = fields;
    struct resource_field *field = &fields[settings->field_count++];
    *field = (struct resource_field){.column = column, .decimals = -1};
    return field;
}

/* ---- options ---- */

static void annotate(struct arena *arena, struct field_wish *wish, str annotation, str value)
{
    vec_add(arena, &wish->annotations, ((struct annotation_wish){annotation, value}));
}

static struct field_wish wish_of(struct arena *arena, const struct resource_field *field)
{
    struct field_wish wish = {.name = field->column,
                              .has_type = field->has_type,
                              .type = field->type,
                              .label = field->label.n ? field->label : STR_NONE,
                              .description = field->description.n ? field->description : STR_NONE,
                              .new_name = field->name.n ? field->name : STR_NONE,
                              .date_format = field->date_format.n ? field->date_format : STR_NONE,
                              .is_hidden = field->is_hidden};
    const struct {
        str name, value;
        bool is_chosen;
    } annotations[] = {{S("facet"), S("true"), field->facet},
                       {S("disjunctive"), S("true"), field->disjunctive},
                       {S("sortable"), S("true"), field->sortable},
                       {S("id"), S("true"), field->id},
                       {S("unit"), field->unit, field->unit.n > 0},
                       {S("multivalued"), field->multivalued, field->multivalued.n > 0},
                       {S("hierarchical"), field->hierarchical, field->hierarchical.n > 0}};
    for (size_t i = 0; i < ARRAY_LENGTH(annotations); i++) {
        if (annotations[i].is_chosen) {
            annotate(arena, &wish, annotations[i].name, annotations[i].value);
        }
    }
    if (field->decimals >= 0) {
        annotate(arena, &wish, S("decimals"), str_printf(arena, "%lld", (long long)field->decimals));
    }
    return wish;
}

static const char *or_none(struct arena *arena, str text)
{
    return text.n ? str_cz(arena, text) : NULL;
}

enum err resource_settings_options(struct scope *scope, const struct resource_settings *settings,
                                   struct publish_options *ret_options)
{
    struct arena *arena = &scope->arena;
    struct field_wish *wishes = arena_array(arena, struct field_wish, settings->field_count);
    for (size_t i = 0; i < settings->field_count; i++) {
        wishes[i] = wish_of(arena, &settings->fields[i]);
    }
    *ret_options = (struct publish_options){.format = or_none(arena, settings->format),
                                            .layer = or_none(arena, settings->layer),
                                            .sheet = or_none(arena, settings->sheet),
                                            .header_row = settings->header_row,
                                            .source_epsg = settings->epsg,
                                            .skip_bad_rows = settings->skips_bad_rows,
                                            .empty_bad_cells = settings->empties_bad_cells,
                                            .appends = settings->appends,
                                            .wishes = wishes,
                                            .wish_count = settings->field_count,
                                            .points = settings->points,
                                            .point_count = settings->point_count};
    return ERR_OK;
}
