/* The SQL of what is stored: from cells and JSON values to the columns of the schema. */
#include "domain/ingest/loading.h"
#include "domain/records/records.h"

bool is_json_source(const struct loading *loading)
{
    return strcmp(loading->source.mask_function, "json_mask") == 0;
}

void add_call(struct sql *out, const char *function, const struct sql *value)
{
    sql_text_constant(out, str_from(function));
    sql_text(out, "(");
    sql_join(out, value);
    sql_text(out, ")");
}

size_t column_names(struct arena *arena, const struct field *field, str ret_names[2])
{
    if (field->type != FIELD_GEO_POINT) {
        ret_names[0] = field->name;
        return 1;
    }
    ret_names[0] = field_longitude_column(arena, field);
    ret_names[1] = field_latitude_column(arena, field);
    return 2;
}

static const struct source_column *column_of(const struct loading *loading, size_t field)
{
    size_t column = loading->origins[field].column;
    return column == NO_COLUMN ? NULL : &loading->source.columns[column];
}

/* Whether decimals are read with a comma; all values decide, or the more frequent form. */
static bool reads_commas(const struct source_column *column)
{
    return column->mask & MASK_DOUBLE ? false : column->mask & MASK_COMMA ? true : column->commas;
}

static bool reads_day_first(const struct source_column *column)
{
    return column->mask & MASK_DATE        ? false
           : column->mask & MASK_DAY_FIRST ? true
                                           : column->day_first;
}

static const char *reader_of(enum field_type type, const struct source_column *column)
{
    switch (type) {
    case FIELD_INT:
        return "read_int";
    case FIELD_DOUBLE:
        return reads_commas(column) ? "read_comma" : "read_double";
    case FIELD_BOOLEAN:
        return "read_boolean";
    case FIELD_DATE:
        return reads_day_first(column) ? "read_day_first" : "read_date";
    case FIELD_DATETIME:
        return "read_datetime";
    default:
        return NULL;
    }
}

int readable_mask(const struct loading *loading, size_t field)
{
    const struct source_column *column = column_of(loading, field);
    switch (loading->schema.fields[field].type) {
    case FIELD_INT:
        return MASK_INT;
    case FIELD_DOUBLE:
        return reads_commas(column) ? MASK_COMMA : MASK_DOUBLE;
    case FIELD_BOOLEAN:
        return MASK_BOOLEAN;
    case FIELD_DATE:
        return reads_day_first(column) ? MASK_DAY_FIRST : MASK_DATE;
    case FIELD_DATETIME:
        return MASK_DATETIME;
    case FIELD_GEO_POINT:
        return MASK_POINT | MASK_POINT_OBJECT;
    case FIELD_GEO_SHAPE:
        return MASK_SHAPE;
    default:
        return 0;
    }
}

/* The text a strict reader reads: a CSV cell, or a JSON scalar without its quotes. */
static struct sql scalar_text(const struct loading *loading, const struct source_column *column)
{
    struct sql text = sql_in(&loading->scope->arena);
    if (is_json_source(loading)) {
        sql_text(&text, "json_extract_string(");
        sql_join(&text, &column->value);
        sql_text(&text, ", '$')");
    } else {
        sql_join(&text, &column->value);
        sql_text(&text, "::varchar");
    }
    return text;
}

void add_value_mask(const struct loading *loading, const struct source_column *column,
                    struct sql *out)
{
    sql_text_constant(out, str_from(loading->source.mask_function));
    sql_text(out, "(");
    sql_join(out, &column->value);
    sql_text(out, "::varchar)");
}

void add_mask(const struct loading *loading, size_t field, struct sql *out)
{
    const struct source_column *column = column_of(loading, field);
    if (is_json_source(loading) && reader_of(loading->schema.fields[field].type, column)) {
        struct sql text = scalar_text(loading, column);
        add_call(out, "text_mask", &text);
    } else {
        add_value_mask(loading, column, out);
    }
}

void add_form_check(const struct loading *loading, size_t field, struct sql *out)
{
    struct sql text = scalar_text(loading, column_of(loading, field));
    sql_text(out, "is_formed(");
    sql_join(out, &text);
    sql_text(out, ", ");
    sql_bind(out, cell_text(loading->origins[field].date_format));
    sql_text(out, "::varchar)");
}

static void add_point_part(const struct loading *loading, const struct source_column *column,
                           bool latitude, struct sql *out)
{
    if (is_json_source(loading)) {
        add_call(out, latitude ? "read_json_latitude" : "read_json_longitude", &column->value);
        return;
    }
    struct sql text = scalar_text(loading, column);
    add_call(out, latitude ? "read_latitude" : "read_longitude", &text);
}

static void add_list(const struct loading *loading, const struct source_column *column,
                     const struct field *field, struct sql *out)
{
    if (column->is_list && column->has_type) {
        sql_join(out, &column->value);
    } else if (column->mask & MASK_LIST && column->mask != MASK_ALL) {
        sql_text(out, "from_json(");
        sql_join(out, &column->value);
        sql_text(out, ", '[\"VARCHAR\"]')");
    } else {
        struct sql text = scalar_text(loading, column);
        sql_text(out, "list_transform(string_split(nullif(");
        sql_join(out, &text);
        sql_text(out, ", ''), ");
        sql_bind(out, cell_text(field->multivalued));
        sql_text(out, "::varchar), lambda x: trim(x))");
    }
}

static void add_json(const struct source_column *column, struct sql *out)
{
    sql_text(out, "nullif(");
    if (column->has_type) {
        add_call(out, "to_json", &column->value);
    } else {
        sql_join(out, &column->value);
    }
    sql_text(out, "::varchar, 'null')");
}

/* What a file says of a type of its own has a value that is text. */
static void add_shape(const struct loading *loading, const struct source_column *column, struct sql *out)
{
    struct sql text = sql_in(out->arena);
    sql_join(&text, &column->value);
    sql_text(&text, "::varchar");
    add_call(out, is_json_source(loading) ? "read_json_shape" : "read_shape", &text);
}

/* A date or an instant in a form that was chosen. */
static void add_formed(const struct sql *text, enum field_type type, str form, struct sql *out)
{
    sql_text_constant(out, type == FIELD_DATE ? S("read_formed_date(") : S("read_formed_time("));
    sql_join(out, text);
    sql_text(out, ", ");
    sql_bind(out, cell_text(form));
    sql_text(out, "::varchar)");
}

/* The value of a column as a field of a type has it. */
static void add_value(const struct loading *loading, const struct source_column *column,
                      const struct field *field, enum field_type type, struct sql *out)
{
    const char *reader = reader_of(type, column);
    struct sql text = scalar_text(loading, column);
    bool is_ready = column->has_type && type == column->type && type != FIELD_TEXT &&
                    type != FIELD_JSON;
    if (field_is_list(field)) {
        add_list(loading, column, field, out);
    } else if (is_ready) {
        sql_join(out, &column->value);
        sql_text(out, "::");
        sql_text_constant(out, field_type_column(type));
    } else if (reader) {
        add_call(out, reader, &text);
    } else if (type == FIELD_GEO_SHAPE) {
        add_shape(loading, column, out);
    } else if (type == FIELD_JSON) {
        add_json(column, out);
    } else {
        sql_text(out, "nullif(");
        sql_join(out, &text);
        sql_text(out, ", '')");
    }
}

/* A number of a column; where cells may be left empty, one that is no number is none. */
static void add_coordinate(const struct loading *loading, const struct source_column *column, const struct field *field,
                           struct sql *out)
{
    bool may_be_bad = loading->options->empty_bad_cells && reader_of(FIELD_DOUBLE, column) &&
                      !(column->has_type && column->type == FIELD_DOUBLE);
    if (may_be_bad) {
        struct sql text = scalar_text(loading, column);
        sql_text(out, "case when (");
        add_call(out, "text_mask", &text);
        sql_text_constant(out, str_printf(out->arena, " & %d) <> 0 then ", reads_commas(column) ? MASK_COMMA : MASK_DOUBLE));
    }
    add_value(loading, column, field, FIELD_DOUBLE, out);
    if (may_be_bad) {
        sql_text(out, " end");
    }
}

/* A point made of two columns is there when both are, and on the globe. */
static void add_made_point_part(const struct loading *loading, const struct origin *origin,
                                const struct field *field, bool latitude, struct sql *out)
{
    const struct source_column *columns = loading->source.columns;
    struct sql lat = sql_in(out->arena);
    struct sql lon = sql_in(out->arena);
    add_coordinate(loading, &columns[origin->latitude], field, &lat);
    add_coordinate(loading, &columns[origin->longitude], field, &lon);
    sql_text(out, "case when abs(");
    sql_join(out, &lat);
    sql_text(out, ") <= 90 and abs(");
    sql_join(out, &lon);
    sql_text(out, ") <= 180 then ");
    sql_join(out, latitude ? &lat : &lon);
    sql_text(out, " end");
}

static void add_part(const struct loading *loading, size_t at, size_t part, struct sql *out)
{
    const struct field *field = &loading->schema.fields[at];
    const struct origin *origin = &loading->origins[at];
    const struct source_column *column = column_of(loading, at);
    if (origin->latitude != NO_COLUMN) {
        add_made_point_part(loading, origin, field, part == 1, out);
    } else if (!column) {
        sql_text(out, "null");
    } else if (origin->date_format.p) {
        struct sql text = scalar_text(loading, column);
        add_formed(&text, field->type, origin->date_format, out);
    } else if (field->type == FIELD_GEO_POINT) {
        add_point_part(loading, column, part == 1, out);
    } else {
        add_value(loading, column, field, field->type, out);
    }
}

/* The same, or null where the value does not fit and is to be left out. */
static void add_kept_part(const struct loading *loading, size_t at, size_t part, struct sql *out)
{
    struct sql bad = sql_in(out->arena);
    bool may_be_bad = loading->options->empty_bad_cells && add_bad_condition(loading, at, &bad);
    if (may_be_bad) {
        sql_text(out, "case when ");
        sql_join(out, &bad);
        sql_text(out, " then null else ");
    }
    add_part(loading, at, part, out);
    if (may_be_bad) {
        sql_text(out, " end");
    }
}

void add_columns(const struct loading *loading, struct sql *out)
{
    for (size_t i = 0; i < loading->schema.count; i++) {
        str names[2];
        size_t count = column_names(out->arena, &loading->schema.fields[i], names);
        for (size_t part = 0; part < count; part++) {
            sql_text_constant(out, i || part ? S(", ") : S(""));
            add_kept_part(loading, i, part, out);
            sql_text(out, " as ");
            sql_name(out, names[part]);
        }
    }
}

/*
 * The engine's own choice of compression costs a fourth of an import and prefers the smaller form to
 * the faster one; repeated values are read several times faster from a dictionary.
 */
static str compression_of(const struct loading *loading, size_t at)
{
    const struct field *field = &loading->schema.fields[at];
    const struct source_column *column = column_of(loading, at);
    if (field->type != FIELD_TEXT || field_is_list(field) || !column) {
        return S("");
    }
    return column->repeats ? S(" using compression dictionary") : S(" using compression fsst");
}

void add_definitions(const struct loading *loading, struct sql *out)
{
    for (size_t i = 0; i < loading->schema.count; i++) {
        const struct field *field = &loading->schema.fields[i];
        str names[2];
        size_t count = column_names(out->arena, field, names);
        for (size_t part = 0; part < count; part++) {
            sql_name(out, names[part]);
            sql_text(out, " ");
            sql_text_constant(out, field_type_column(field->type));
            sql_text_constant(out, field_is_list(field) ? S("[]") : S(""));
            sql_text_constant(out, compression_of(loading, i));
            sql_text(out, ", ");
        }
    }
    for (size_t i = 0; i < loading->schema.count; i++) {
        const struct field *field = &loading->schema.fields[i];
        for (enum field_edge edge = 0; field->type == FIELD_GEO_SHAPE && edge < EDGE__COUNT; edge++) {
            sql_name(out, field_edge_column(out->arena, field, edge));
            sql_text(out, " double, ");
        }
    }
    sql_name(out, RECORDS_KEY_COLUMN);
    sql_text(out, " bigint");
}

static void add_boxes(const struct loading *loading, struct sql *out)
{
    for (size_t i = 0; i < loading->schema.count; i++) {
        const struct field *field = &loading->schema.fields[i];
        for (enum field_edge edge = 0; field->type == FIELD_GEO_SHAPE && edge < EDGE__COUNT; edge++) {
            sql_text(out, "shape_");
            sql_text_constant(out, field_edge_text(edge));
            sql_text(out, "(");
            sql_name(out, field->name);
            sql_text(out, ") as ");
            sql_name(out, field_edge_column(out->arena, field, edge));
            sql_text(out, ", ");
        }
    }
}

static void add_key(const struct loading *loading, struct sql *out)
{
    bool any_id = schema_has_id(&loading->schema);
    bool first = true;
    sql_text(out, "count_rows(record_key(");
    for (size_t i = 0; i < loading->schema.count; i++) {
        const struct field *field = &loading->schema.fields[i];
        if (any_id && !field->id) {
            continue;
        }
        str names[2];
        size_t count = column_names(out->arena, field, names);
        for (size_t part = 0; part < count; part++) {
            sql_text_constant(out, first ? S("") : S(", "));
            sql_name(out, names[part]);
            first = false;
        }
    }
    sql_text(out, ")) as ");
    sql_name(out, RECORDS_KEY_COLUMN);
}

void add_made_columns(const struct loading *loading, struct sql *out)
{
    add_boxes(loading, out);
    add_key(loading, out);
}
