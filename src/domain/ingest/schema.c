/*
 * From a survey of the values to fields: names from labels, types no value contradicts, points from
 * pairs of coordinates, and what the caller asked for on top.
 */
#include "base/limits.h"
#include "domain/ingest/date_form.h"
#include "domain/ingest/foreign.h"
#include "domain/ingest/loading.h"
#include "platform/i18n/explanation.h"
#include "platform/text/fold.h"

#define COUNTS 4        /* columns of the survey per column of the file */
#define REPEATS_SHARE 4 /* values repeat when at most a fourth of those seen differ */

/* ---- survey ---- */

static void add_counts(struct sql *sql, size_t column)
{
    struct arena *arena = sql->arena;
    int commas = MASK_DOUBLE | MASK_COMMA;
    int days = MASK_DATE | MASK_DAY_FIRST;
    sql_text_constant(
        sql, str_printf(arena,
                        "bit_and(m%zu), count_if(m%zu & %d = %d) - count_if(m%zu & %d = %d), "
                        "count_if(m%zu & %d = %d) - count_if(m%zu & %d = %d), "
                        "approx_count_distinct(v%zu), ",
                        column, column, commas, MASK_COMMA, column, commas, MASK_DOUBLE, column,
                        days, MASK_DAY_FIRST, column, days, MASK_DATE, column));
}

static struct sql survey_statement(const struct loading *loading, const struct sql *relation)
{
    const struct file_source *source = &loading->source;
    struct sql sql = sql_in(&loading->scope->arena);
    sql_text(&sql, "select ");
    for (size_t i = 0; i < source->count; i++) {
        add_counts(&sql, i);
    }
    sql_text(&sql, "count(*) from (select 0");
    for (size_t i = 0; i < source->count; i++) {
        sql_text(&sql, ", ");
        add_value_mask(loading, &source->columns[i], &sql);
        sql_text_constant(&sql, str_printf(sql.arena, " as m%zu, ", i));
        sql_join(&sql, &source->columns[i].value);
        sql_text_constant(&sql, str_printf(sql.arena, " as v%zu", i));
    }
    sql_text(&sql, " from ");
    sql_join(&sql, relation);
    sql_text(&sql, ")");
    return sql;
}

enum err survey(struct loading *loading, const struct sql *relation)
{
    struct scope *scope = loading->scope;
    struct file_source *source = &loading->source;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = survey_statement(loading, relation);
    const struct batch *row;
    TRY(db_run(scope, loading->lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    int64_t rows = row ? column_cell(&row->columns[source->count * COUNTS], 0).number : 0;
    for (size_t i = 0; row && i < source->count; i++) {
        struct source_column *column = &source->columns[i];
        const struct column *found = &row->columns[i * COUNTS];
        cell mask = column_cell(&found[0], 0);
        column->mask = mask.type == CELL_INT ? (int)mask.number : MASK_ALL;
        column->commas = column_cell(&found[1], 0).number > 0;
        column->day_first = column_cell(&found[2], 0).number > 0;
        column->repeats = column_cell(&found[3], 0).number <= rows / REPEATS_SHARE;
    }
    return ERR_OK;
}

/* ---- names ---- */

bool name_suggests_point(str name)
{
    static const char *const parts[] = {"geo", "point", "coord", "position", "location", "latlon",
                                        "lat_lon"};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        if (str_find(name, str_from(parts[i]), 0) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

static void add_note(struct loading *loading, struct remark note)
{
    vec_add(&loading->scope->arena, &loading->notes, note);
}

/* A name not yet taken by one of the first count fields, nor by the number that both engines give each row. */
static str free_name(struct loading *loading, size_t count, str wanted)
{
    struct schema so_far = {loading->schema.fields, count};
    str name = wanted;
    for (int i = 2; schema_find(&so_far, name) || str_eq(name, S("rowid")); i++) {
        name = str_printf(&loading->scope->arena, "%.*s_%d", STR_ARG(wanted), i);
    }
    return name;
}

static str name_of_label(struct loading *loading, size_t count, str label)
{
    struct arena *arena = &loading->scope->arena;
    str base = str_slice(text_identifier(arena, label), 0, LIMIT_NAME_BYTES - 10);
    if (base.n == 0) {
        base = str_printf(arena, "field_%zu", count + 1);
    }
    str name = free_name(loading, count, base);
    if (!str_eq(name, base)) {
        add_note(loading, remark_in_words(arena, MSG_NOTE_FIELD_NAME,
                                          SAYS(ARG_TEXT("column", label), ARG_TEXT("field", name), ARG_TEXT("taken", base))));
    }
    return name;
}

/* ---- what the caller asked for ---- */

static const struct field_wish *find_wish(const struct loading *loading, str name, str label)
{
    for (size_t i = 0; i < loading->options->wish_count; i++) {
        const struct field_wish *wish = &loading->options->wishes[i];
        if (str_eq(wish->name, name) || str_eq(wish->name, label)) {
            return wish;
        }
    }
    return NULL;
}

static enum err apply_wish(struct loading *loading, const struct field_wish *wish,
                           struct field *field, struct origin *origin)
{
    if (wish->has_type && origin->is_old && wish->type != field->type) {
        return fail_and_tell(loading->scope, ERR_METADATA, MSG_FAULT_FIELD_KEPT_TYPE,
                             SAYS(ARG_TEXT("field", field->name), ARG_TEXT("type", field_type_text(field->type))),
                             "field %.*s: the type is %.*s in the records that are kept; import with "
                             "--replace to change it",
                             STR_ARG(field->name), STR_ARG(field_type_text(field->type)));
    }
    if (wish->has_type) {
        field->type = wish->type;
        origin->type_is_fixed = true;
    }
    if (wish->date_format.p && !date_form_check(wish->date_format)) {
        return fail_in_words(loading->scope, ERR_METADATA, MSG_FAULT_FIELD_DATE_FORM,
                             SAYS(ARG_TEXT("field", field->name), ARG_TEXT("form", wish->date_format)));
    }
    origin->date_format = field->type == FIELD_DATE || field->type == FIELD_DATETIME ? wish->date_format : STR_NONE;
    origin->type_is_fixed |= origin->date_format.p != NULL;
    origin->is_hidden = wish->is_hidden;
    origin->new_name = wish->new_name;
    field->label = wish->label.p ? wish->label : field->label;
    field->description = wish->description.p ? wish->description : field->description;
    for (size_t i = 0; i < wish->annotations.count; i++) {
        TRY(field_annotate(loading->scope, field, wish->annotations.items[i].annotation,
                           wish->annotations.items[i].value));
    }
    if (field_is_list(field) && field->type != FIELD_TEXT) {
        return fail_in_words(loading->scope, ERR_METADATA, MSG_FAULT_FIELD_LIST, SAYS(ARG_TEXT("field", field->name)));
    }
    return ERR_OK;
}

/* Labels and annotations of fields that no column of the file gives. */
static enum err apply_other_wishes(struct loading *loading)
{
    for (size_t i = 0; i < loading->schema.count; i++) {
        struct field *field = &loading->schema.fields[i];
        const struct field_wish *wish = find_wish(loading, field->name, field->label);
        if (wish && loading->origins[i].column == NO_COLUMN) {
            TRY(apply_wish(loading, wish, field, &loading->origins[i]));
        }
    }
    return ERR_OK;
}

static str list_names(struct arena *arena, const struct schema *schema)
{
    str list = STR_NONE;
    for (size_t i = 0; i < schema->count && list.n < 300; i++) {
        list = str_printf(arena, "%.*s%s%.*s", STR_ARG(list), i ? ", " : "",
                          STR_ARG(schema->fields[i].name));
    }
    return list;
}

static bool has_field(const struct loading *loading, str name)
{
    for (size_t i = 0; i < loading->schema.count; i++) {
        const struct field *field = &loading->schema.fields[i];
        if (str_eq(name, field->name) || str_eq(name, field->label)) {
            return true;
        }
    }
    for (size_t i = 0; i < loading->source.count; i++) {
        if (str_eq(name, loading->source.columns[i].label)) {
            return true;
        }
    }
    return false;
}

/* A name on the command line must be right; a metadata file may speak of more than this file has. */
static enum err check_wishes(struct loading *loading)
{
    struct arena *arena = &loading->scope->arena;
    for (size_t i = 0; i < loading->options->wish_count; i++) {
        const struct field_wish *wish = &loading->options->wishes[i];
        if (has_field(loading, wish->name)) {
            continue;
        }
        if (wish->must_exist) {
            return fail_in_words(
                loading->scope, ERR_METADATA, MSG_FAULT_FIELD_ABSENT,
                SAYS(ARG_TEXT("field", wish->name), ARG_TEXT("fields", list_names(arena, &loading->schema))));
        }
        add_note(loading, remark_in_words(arena, MSG_NOTE_FIELD_ABSENT, SAYS(ARG_TEXT("field", wish->name))));
    }
    return ERR_OK;
}

/* ---- fields ---- */

static void type_field(const struct source_column *column, struct field *field)
{
    field->type = column->has_type || column->is_declared ? column->type
                                                          : type_of_mask(column->mask);
    bool all_lists = (column->mask & MASK_LIST) && !(column->mask & MASK_TEXT) && !column->is_declared;
    if (column->is_list || all_lists) {
        field->multivalued = S(",");
    }
    if (field->type == FIELD_TEXT && !column->is_declared && (column->mask & MASK_POINT) && column->mask != MASK_ALL &&
        name_suggests_point(field->name)) {
        field->type = FIELD_GEO_POINT;
    }
    if (field->type == FIELD_GEO_POINT && str_eq(field->name, S("geo_shape"))) {
        field->name = S("geo_point_2d");
        field->label = S("geo_point_2d");
    }
}

static struct field *add_field(struct loading *loading, struct field field, struct origin origin)
{
    size_t at = loading->schema.count++;
    loading->schema.fields[at] = field;
    loading->origins[at] = origin;
    return &loading->schema.fields[at];
}

/*
 * The old field that a column of the file continues: of the same name and label, else of the same
 * label, else of the same name; a name may have been made for another column of a similar label.
 */
static size_t find_old_field(const struct loading *loading, str name, str label)
{
    enum { NAME = 1, LABEL = 2 };
    static const int wanted[] = {NAME | LABEL, LABEL, NAME};
    const struct schema *old = loading->options->append_schema;
    for (size_t pass = 0; old && pass < ARRAY_LENGTH(wanted); pass++) {
        for (size_t i = 0; i < old->count; i++) {
            int same = (str_eq(old->fields[i].name, name) ? NAME : 0) |
                       (str_eq(old->fields[i].label, label) ? LABEL : 0);
            if ((same & wanted[pass]) == wanted[pass] && loading->origins[i].column == NO_COLUMN) {
                return i;
            }
        }
    }
    return NO_COLUMN;
}

static void add_old_fields(struct loading *loading)
{
    const struct schema *old = loading->options->append_schema;
    for (size_t i = 0; old && i < old->count; i++) {
        add_field(loading, old->fields[i],
                  (struct origin){.column = NO_COLUMN, .latitude = NO_COLUMN,
                                  .longitude = NO_COLUMN, .type_is_fixed = true, .is_old = true});
    }
}

/* A file whose header has bytes of zero is a text by mistake, and no store keeps such a name. */
static enum err check_label(const struct loading *loading, str label)
{
    return str_find_char(label, '\0', 0) == SIZE_MAX
               ? ERR_OK
               : foreign_refuse(loading->scope, STR_NONE, loading->options->shown_path);
}

static enum err add_column_field(struct loading *loading, size_t at)
{
    struct arena *arena = &loading->scope->arena;
    const struct source_column *column = &loading->source.columns[at];
    struct field fresh = {.name = text_identifier(arena, column->label), .label = column->label,
                          .decimals = -1};
    TRY(check_label(loading, column->label));
    type_field(column, &fresh);
    const struct field_wish *wish = find_wish(loading, fresh.name, column->label);
    str known_as = wish && wish->new_name.p ? wish->new_name : fresh.name;
    size_t old = find_old_field(loading, known_as, fresh.label);
    struct field *field;
    if (old != NO_COLUMN) {
        field = &loading->schema.fields[old];
        loading->origins[old].column = at;
    } else {
        fresh.name = name_of_label(loading, loading->schema.count, fresh.label);
        field = add_field(loading, fresh,
                          (struct origin){.column = at, .latitude = NO_COLUMN,
                                          .longitude = NO_COLUMN,
                                          .type_is_fixed = column->is_declared});
    }
    wish = old == NO_COLUMN ? find_wish(loading, field->name, column->label) : wish;
    if (wish) {
        return apply_wish(loading, wish, field, &loading->origins[field - loading->schema.fields]);
    }
    bool is_geometry = str_eq(str_from(loading->options->format), S("geojson")) &&
                       at + 1 == loading->source.count;
    if (is_geometry && field->type == FIELD_JSON) {
        add_note(loading, remark_and_tell(
                              arena, MSG_NOTE_NO_GEOMETRY, SAYS(ARG_TEXT("field", field->name)),
                              str_printf(arena, "%.*s holds values that are no geometry, so it is no geo_shape; "
                                                "--type %.*s=geo_shape names the first",
                                         STR_ARG(field->name), STR_ARG(field->name))));
    }
    return ERR_OK;
}

/* ---- points made of two columns ---- */

static enum err find_coordinate(struct loading *loading, const struct point_wish *wish, str name,
                                size_t *ret_column)
{
    for (size_t i = 0; i < loading->schema.count; i++) {
        const struct field *field = &loading->schema.fields[i];
        bool named = str_eq(field->name, name) || str_eq(field->label, name);
        if (named && loading->origins[i].column != NO_COLUMN) {
            *ret_column = loading->origins[i].column;
            return ERR_OK;
        }
    }
    return fail_and_tell(loading->scope, ERR_USAGE, MSG_FAULT_POINT_COLUMN,
                         SAYS(ARG_TEXT("point", wish->name), ARG_TEXT("column", name)),
                         "--geo-point %.*s: the file has no column '%.*s'", STR_ARG(wish->name), STR_ARG(name));
}

static enum err add_point(struct loading *loading, str name, size_t latitude, size_t longitude)
{
    struct origin origin = {.column = NO_COLUMN, .latitude = latitude, .longitude = longitude};
    for (size_t i = 0; i < loading->schema.count; i++) {
        struct field *field = &loading->schema.fields[i];
        if (!str_eq(field->name, name)) {
            continue;
        }
        if (loading->origins[i].column != NO_COLUMN || field->type != FIELD_GEO_POINT) {
            return fail_in_words(loading->scope, ERR_USAGE, MSG_FAULT_POINT_TWICE, SAYS(ARG_TEXT("point", name)));
        }
        loading->origins[i].latitude = latitude;
        loading->origins[i].longitude = longitude;
        return ERR_OK;
    }
    add_field(loading, (struct field){.name = name, .label = name, .type = FIELD_GEO_POINT,
                                      .decimals = -1}, origin);
    return ERR_OK;
}

static enum err add_wished_points(struct loading *loading)
{
    for (size_t i = 0; i < loading->options->point_count; i++) {
        const struct point_wish *wish = &loading->options->points[i];
        str name = text_identifier(&loading->scope->arena, wish->name);
        size_t latitude;
        size_t longitude;
        if (name.n == 0 || name.n > LIMIT_NAME_BYTES) {
            return fail_and_tell(loading->scope, ERR_USAGE, MSG_FAULT_POINT_NAME, SAYS(ARG_TEXT("point", wish->name)),
                                 "--geo-point: '%.*s' makes no field name", STR_ARG(wish->name));
        }
        TRY(find_coordinate(loading, wish, wish->latitude, &latitude));
        TRY(find_coordinate(loading, wish, wish->longitude, &longitude));
        TRY(add_point(loading, name, latitude, longitude));
    }
    return ERR_OK;
}

/* "start_lat" → "start_"; false when the name is not that of a latitude (or longitude). */
static bool coordinate_prefix(str name, const char *const *endings, str *ret_prefix)
{
    for (; *endings; endings++) {
        str ending = str_from(*endings);
        size_t rest = name.n - ending.n;
        if (str_ends(name, ending) && (rest == 0 || name.p[rest - 1] == '_')) {
            *ret_prefix = str_slice(name, 0, rest);
            return true;
        }
    }
    return false;
}

static bool is_coordinate(const struct loading *loading, size_t at, const char *const *endings,
                          str *ret_prefix)
{
    const struct field *field = &loading->schema.fields[at];
    bool numeric = field->type == FIELD_DOUBLE || field->type == FIELD_INT;
    return numeric && loading->origins[at].column != NO_COLUMN &&
           coordinate_prefix(field->name, endings, ret_prefix);
}

/* The first pair of columns that are plainly latitude and longitude. */
static void find_point(struct loading *loading)
{
    static const char *const latitudes[] = {"lat", "latitude", "y_wgs84", NULL};
    static const char *const longitudes[] = {"lon", "lng", "long", "longitude", "x_wgs84", NULL};
    size_t count = loading->schema.count;
    for (size_t i = 0; i < count; i++) {
        str prefix;
        if (!is_coordinate(loading, i, latitudes, &prefix)) {
            continue;
        }
        for (size_t j = 0; j < count; j++) {
            str other;
            if (is_coordinate(loading, j, longitudes, &other) && str_eq(prefix, other)) {
                struct failure before = loading->scope->failure;
                if (add_point(loading, S("geo_point_2d"), loading->origins[i].column,
                              loading->origins[j].column) == ERR_OK) {
                    add_note(loading, remark_in_words(&loading->scope->arena, MSG_NOTE_POINT,
                                                      SAYS(ARG_TEXT("latitude", loading->schema.fields[i].name),
                                                           ARG_TEXT("longitude", loading->schema.fields[j].name))));
                }
                loading->scope->failure = before; /* a field of that name is no fault */
                return;
            }
        }
    }
}

enum err make_schema(struct loading *loading)
{
    struct arena *arena = &loading->scope->arena;
    const struct ingest_options *options = loading->options;
    size_t old = options->append_schema ? options->append_schema->count : 0;
    size_t most = old + loading->source.count + options->point_count + 1;
    loading->schema = (struct schema){arena_array(arena, struct field, most), 0};
    loading->origins = arena_array(arena, struct origin, most);
    loading->notes.count = 0;
    add_old_fields(loading);
    for (size_t i = 0; i < loading->source.count; i++) {
        TRY(add_column_field(loading, i));
    }
    TRY(add_wished_points(loading));
    if (options->point_count == 0) {
        find_point(loading);
    }
    TRY(apply_other_wishes(loading));
    if (loading->schema.count > LIMIT_FIELDS) {
        return fail_in_words(loading->scope, ERR_DATA, MSG_FAULT_FIELD_MOST,
                             SAYS(argument_digits(&loading->scope->arena, "most", LIMIT_FIELDS)));
    }
    TRY(check_wishes(loading));
    return choose_fields(loading);
}
