/*
 * Formats of maps that cannot be written from front to back: shapefiles, GPX, FlatGeobuf, vector tiles. Each goes
 * to a file of the spool directory, whose size is watched.
 */
#include <math.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "domain/records/format/features.h"
#include "domain/records/spool.h"
#include "domain/records/spool_files.h"
#include "platform/geometry/geometry.h"

#define SHAPEFILE_NAME_BYTES 10
#define TILE_ZOOM_MOST 14
#define TILES_ACROSS_MOST 8 /* powers of two: 256 tiles at the last zoom */
#define AREAS_ACROSS_MOST 6 /* the same where areas fill tiles: cutting them takes time */
#define MERCATOR_SOUTH (-85.06)
#define MERCATOR_NORTH 85.06

/* One export under way. */
struct feature_file {
    struct scope *scope;
    struct records_lease *lease;
    const struct plan *plan;
    struct writing writing;
    struct features features;
    struct feature_writer *writer;
    str path;
    struct gdal_guard *guard; /* of path and what drivers write beside it */
    const char *format;       /* its name in messages */
    uint64_t records_most;    /* 0: any number */
    bool mixes_kinds;         /* geometries of all kinds go into one layer */
    bool needs_geometry;      /* records without are left out */
    enum layer_kind kind;     /* others go without geometry; LAYER_ANY: all go */
    bool has_height;          /* some geometry of the layer's kind has a height */
    struct box box;           /* around all geometries */
    bool has_areas;           /* some are not points */
    bool tracks;              /* gpx: lines and rings are written, else points */
    bool met_other;           /* gpx: there are features of the other sort */
};

typedef enum err feature_step(struct feature_file *file, const struct batch *batch, size_t row);

static enum layer_kind layer_kind_of(str wkb)
{
    enum geometry_kind kind;
    if (!wkb.p || !geometry_kind_of(wkb, &kind)) {
        return LAYER_ANY;
    }
    switch (kind) {
    case GEOMETRY_POINT:
        return LAYER_POINTS;
    case GEOMETRY_MULTI_POINT:
        return LAYER_MULTI_POINTS;
    case GEOMETRY_LINE:
    case GEOMETRY_MULTI_LINE:
        return LAYER_LINES;
    case GEOMETRY_POLYGON:
    case GEOMETRY_MULTI_POLYGON:
        return LAYER_POLYGONS;
    case GEOMETRY_COLLECTION:
        break;
    }
    return LAYER_ANY;
}

/* ISO codes of geometries with a third dimension are above 1000. */
static bool has_height(str wkb)
{
    uint32_t code = 0;
    if (wkb.n >= 5) {
        memcpy(&code, wkb.p + 1, sizeof(code));
    }
    return code > 1000;
}

/* Takes every record of the plan through a step. */
static enum err each_record(struct feature_file *file, feature_step *step)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *batch;
    uint64_t records = 0;
    TRY(db_run(file->scope, file->lease->db, &file->plan->rows, &cursor));
    for (;;) {
        struct arena_mark mark = arena_get_mark(&file->scope->arena);
        TRY(cursor_next(file->scope, cursor, &batch));
        if (!batch) {
            return ERR_OK;
        }
        records += batch->rows;
        if (file->records_most && records > file->records_most) {
            return fail_in_words(file->scope, ERR_PARAMETER, MSG_FAULT_EXPORT_RECORDS_MOST,
                                 SAYS(ARG_TEXT("format", str_from(file->format)),
                                      ARG_INT("most", (int64_t)file->records_most)));
        }
        writing_view(&file->writing, batch);
        for (size_t row = 0; row < batch->rows; row++) {
            TRY(step(file, batch, row));
            TRY(gdal_guard_check(file->guard)); /* one large geometry may take long */
        }
        arena_rewind(&file->scope->arena, mark);
    }
}

static enum err add_feature(struct feature_file *file, const struct batch *batch, size_t row)
{
    str wkb = features_wkb(&file->features, batch, row);
    feature_begin(file->writer);
    for (size_t i = 0; i < file->features.count; i++) {
        features_set(&file->features, file->writer, batch, i, row);
    }
    bool fits = wkb.p && (file->kind == LAYER_ANY || layer_kind_of(wkb) == file->kind);
    if (!fits && file->needs_geometry) {
        return ERR_OK;
    }
    if (fits) {
        TRY(feature_geometry(file->scope, file->writer, wkb, false));
    }
    return feature_add(file->scope, file->writer);
}

static struct feature_file file_of(struct scope *scope, struct records_lease *lease,
                                   const struct plan *plan, const struct format_options *options,
                                   const char *ending)
{
    str name = spool_name(&scope->arena, records_spool_directory(lease->records), "export");
    struct gdal_guard *guard = arena_new(&scope->arena, struct gdal_guard);
    *guard = (struct gdal_guard){.scope = scope, .bytes_most = LIMIT_SPOOL_BYTES};
    return (struct feature_file){
        .scope = scope,
        .lease = lease,
        .plan = plan,
        .guard = guard,
        .writing = writing_begin(scope, plan->outputs, plan->output_count, options, NULL),
        .path = str_printf(&scope->arena, "%.*s%s", STR_ARG(name), ending)};
}

static str guarded(struct feature_file *file, str path)
{
    return gdal_guard_path(&file->scope->arena, path);
}

/* The file as a spool, or nothing left of it. */
static enum err take_file(struct feature_file *file, enum err result, struct spool *ret_spool)
{
    if (result == ERR_OK) {
        result = feature_writer_finish(file->scope, file->writer);
    }
    feature_writer_close(file->writer);
    features_done(&file->features);
    if (result == ERR_OK) {
        result = spool_take(file->scope, file->path.p, ret_spool);
    }
    unlink(file->path.p);
    return result;
}

/* Attributes by the types of the plan's columns, before any record is read. */
static enum err map_attributes(struct feature_file *file)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *batch;
    TRY(db_run(file->scope, file->lease->db, &file->plan->rows, &cursor));
    TRY(cursor_next(file->scope, cursor, &batch));
    file->features = features_of(&file->writing, batch);
    return ERR_OK;
}

static enum err survey(struct feature_file *file, const struct batch *batch, size_t row)
{
    struct box box;
    str wkb = features_wkb(&file->features, batch, row);
    if (!wkb.p || !geometry_box(wkb, &box)) {
        return ERR_OK;
    }
    enum layer_kind kind = layer_kind_of(wkb);
    file->kind = file->kind == LAYER_ANY ? kind : file->kind;
    file->has_areas |= kind != LAYER_POINTS && kind != LAYER_MULTI_POINTS;
    file->has_height |= has_height(wkb) && (file->mixes_kinds || kind == file->kind);
    file->box.west = fmin(file->box.west, box.west);
    file->box.east = fmax(file->box.east, box.east);
    file->box.south = fmin(file->box.south, box.south);
    file->box.north = fmax(file->box.north, box.north);
    return ERR_OK;
}

/* Looks at all geometries: what the first one is, whether any has a height, the extent. */
static enum err survey_records(struct feature_file *file)
{
    file->box = (struct box){INFINITY, INFINITY, -INFINITY, -INFINITY};
    TRY(map_attributes(file));
    return each_record(file, survey);
}

static enum err open_layer(struct feature_file *file, const struct writer_options *options)
{
    TRY(feature_writer_open(file->scope, options, &file->writer));
    return feature_writer_layer(file->scope, file->writer, file->writing.options.dataset_id, file->kind,
                                file->has_height, file->features.attributes, file->features.count);
}

/* ---- shapefile ---- */

static bool is_attribute(const struct attribute *attributes, size_t count, str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_nocase(attributes[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Names of columns have at most ten bytes in a shapefile, and must still differ. */
static void shorten_names(struct feature_file *file)
{
    struct features *features = &file->features;
    for (size_t i = 0; i < features->count; i++) {
        str whole = features->attributes[i].name;
        str name = utf8_truncate(whole, SHAPEFILE_NAME_BYTES);
        for (size_t n = 1; is_attribute(features->attributes, i, name); n++) {
            str number = str_printf(&file->scope->arena, "_%zu", n);
            name = str_printf(&file->scope->arena, "%.*s%.*s",
                              STR_ARG(utf8_truncate(whole, SHAPEFILE_NAME_BYTES - number.n)),
                              STR_ARG(number));
        }
        features->attributes[i].name = name;
    }
}

static enum err write_shp(struct feature_file *file)
{
    static const char *const layer_options[] = {"ENCODING=UTF-8", NULL};
    struct writer_options options = {.driver = "ESRI Shapefile",
                                     .path = guarded(file, file->path).p,
                                     .guard = file->guard,
                                     .layer_options = layer_options,
                                     .epsg = file->writing.options.epsg};
    TRY(survey_records(file));
    file->kind = file->kind == LAYER_ANY ? LAYER_POINTS : file->kind;
    shorten_names(file);
    features_as_text(&file->features, ATTRIBUTE_TIME); /* columns of a shapefile hold days at most */
    TRY(open_layer(file, &options));
    return each_record(file, add_feature);
}

enum err spool_shp(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                   const struct format_options *options, struct spool *ret_spool)
{
    struct feature_file file = file_of(scope, lease, plan, options, ".shp.zip");
    file.format = "shp";
    file.records_most = FORMAT_SHP_RECORDS_MOST;
    enum err result = take_file(&file, write_shp(&file), ret_spool);
    /* The driver gathers the files of the shapefile beside the archive. */
    spool_remove(str_printf(&scope->arena, "%s_tmp_uncompressed", file.path.p).p);
    spool_remove(str_printf(&scope->arena, "%s_tmp_uncompressed.zip", file.path.p).p);
    return result;
}

/* ---- FlatGeobuf ---- */

static enum err write_fgb(struct feature_file *file)
{
    str spool = guarded(file, str_from(records_spool_directory(file->lease->records)));
    str directory = str_printf(&file->scope->arena, "TEMPORARY_DIR=%.*s", STR_ARG(spool));
    TRY(survey_records(file));
    file->kind = LAYER_ANY;
    const char *layer_options[] = {"SPATIAL_INDEX=YES", directory.p, NULL};
    struct writer_options options = {.driver = "FlatGeobuf",
                                     .path = guarded(file, file->path).p,
                                     .guard = file->guard,
                                     .layer_options = layer_options,
                                     .epsg = file->writing.options.epsg};
    TRY(open_layer(file, &options));
    return each_record(file, add_feature);
}

enum err spool_fgb(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                   const struct format_options *options, struct spool *ret_spool)
{
    struct feature_file file = file_of(scope, lease, plan, options, ".fgb");
    file.mixes_kinds = true;
    file.needs_geometry = true; /* the index knows no record without */
    return take_file(&file, write_fgb(&file), ret_spool);
}

/* ---- vector tiles ---- */

/* The last zoom at which what the map shows is still so many tiles across; a world has few, a city all zooms. */
static int last_zoom(const struct box *box, int across)
{
    double width = fmin(box->east, 180) - fmax(box->west, -180);
    double height = fmin(box->north, MERCATOR_NORTH) - fmax(box->south, MERCATOR_SOUTH);
    double span = fmax(fmax(width, height), 1e-6);
    int zoom = (int)floor(log2(360 / fmin(span, 360))) + across;
    return zoom > TILE_ZOOM_MOST ? TILE_ZOOM_MOST : zoom;
}

static enum err write_mvt(struct feature_file *file)
{
    char zoom[32];
    TRY(survey_records(file));
    file->kind = LAYER_ANY;
    file->has_height = false;
    snprintf(zoom, sizeof(zoom), "MAXZOOM=%d",
             last_zoom(&file->box, file->has_areas ? AREAS_ACROSS_MOST : TILES_ACROSS_MOST));
    str temporary = str_printf(&file->scope->arena, "TEMPORARY_DB=%s.temporary",
                               guarded(file, file->path).p);
    const char *file_options[] = {"FORMAT=MBTILES", "MINZOOM=0", zoom, temporary.p, NULL};
    struct writer_options options = {
        .driver = "MVT", .path = guarded(file, file->path).p,
                                     .guard = file->guard, .file_options = file_options, .epsg = 4326};
    TRY(open_layer(file, &options));
    return each_record(file, add_feature);
}

enum err spool_mvt(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                   const struct format_options *options, struct spool *ret_spool)
{
    struct feature_file file = file_of(scope, lease, plan, options, ".mbtiles");
    file.format = "mvt";
    file.records_most = FORMAT_MVT_RECORDS_MOST;
    file.needs_geometry = true;
    enum err result = take_file(&file, write_mvt(&file), ret_spool);
    spool_remove(str_printf(&scope->arena, "%s.temporary", file.path.p).p);
    return result;
}

/* ---- GPX ---- */

enum { GPX_NAME, GPX_DESCRIPTION, GPX_FIRST_OTHER };

static bool is_among(str name, const str *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

static size_t find_output(const struct feature_file *file, str name)
{
    for (size_t i = 0; i < file->plan->output_count; i++) {
        if (str_eq(file->plan->outputs[i].name, name)) {
            return i;
        }
    }
    return NO_OUTPUT;
}

/* "name: value" a line, of the fields asked for, or of all when there are no extensions. */
static void describe(struct feature_file *file, const struct batch *batch, size_t row, struct buf *out)
{
    const struct format_options *options = &file->writing.options;
    for (size_t i = 0; i < file->features.count; i++) {
        str name = file->plan->outputs[file->features.outputs[i]].name;
        bool wanted = options->description_field_count
                          ? is_among(name, options->description_fields, options->description_field_count)
                          : !options->use_extension;
        str text = wanted ? features_text(&file->features, batch, file->features.outputs[i], row) : STR_NONE;
        if (text.p) {
            buf_add(out, out->n ? S("\n") : STR_NONE);
            if (options->description_field_count != 1) {
                buf_printf(out, "%.*s: ", STR_ARG(file->features.attributes[i].name));
            }
            buf_add(out, text);
        }
    }
}

static enum err add_gpx_feature(struct feature_file *file, const struct batch *batch, size_t row)
{
    const struct format_options *options = &file->writing.options;
    struct buf description cleanup_with(buf_cleanup) = {0};
    str wkb = features_wkb(&file->features, batch, row);
    enum layer_kind kind = layer_kind_of(wkb);
    bool is_track = kind == LAYER_LINES || kind == LAYER_POLYGONS;
    if (is_track != file->tracks || kind == LAYER_ANY || kind == LAYER_MULTI_POINTS) {
        file->met_other |= is_track != file->tracks;
        return ERR_OK;
    }
    feature_begin(file->writer);
    size_t name = options->name_field.p ? find_output(file, options->name_field) : NO_OUTPUT;
    str text = name != NO_OUTPUT ? features_text(&file->features, batch, name, row) : STR_NONE;
    if (text.p) {
        feature_text(file->writer, GPX_NAME, text);
    }
    describe(file, batch, row, &description);
    if (description.n) {
        feature_text(file->writer, GPX_DESCRIPTION, buf_str(&description));
    }
    for (size_t i = 0; options->use_extension && i < file->features.count; i++) {
        text = features_text(&file->features, batch, file->features.outputs[i], row);
        if (text.p) {
            feature_text(file->writer, GPX_FIRST_OTHER + i, text);
        }
    }
    TRY(feature_geometry(file->scope, file->writer, wkb, is_track));
    return feature_add(file->scope, file->writer);
}

static enum err check_fields(struct feature_file *file)
{
    const struct format_options *options = &file->writing.options;
    if (options->name_field.p && find_output(file, options->name_field) == NO_OUTPUT) {
        return fail_parameter(file->scope, S("name_field"), options->name_field, MSG_FAULT_EXPECTS_SELECTED_FIELD);
    }
    for (size_t i = 0; i < options->description_field_count; i++) {
        if (find_output(file, options->description_fields[i]) == NO_OUTPUT) {
            return fail_parameter(file->scope, S("description_field_list"), options->description_fields[i],
                                  MSG_FAULT_EXPECTS_SELECTED_FIELD);
        }
    }
    return ERR_OK;
}

/* A name of XML for an extension: labels and aliases may have any characters. */
static str element_name(struct arena *arena, str name, const struct attribute *before, size_t count)
{
    struct buf out = {0};
    buf_add(&out, S("ogr_"));
    bool begins_well = name.n && (is_ascii_letter(name.p[0]) || name.p[0] == '_');
    buf_add(&out, begins_well ? STR_NONE : S("_"));
    for (size_t at = 0; at < name.n;) {
        uint32_t character = utf8_next(name, &at);
        bool is_good = character < 0x80 && (is_ascii_letter((char)character) ||
                                            is_ascii_digit((char)character) || character == '_' ||
                                            character == '-' || character == '.');
        buf_add_char(&out, is_good ? (char)character : '_');
    }
    str whole = buf_copy(&out, arena);
    buf_done(&out);
    str element = whole;
    for (size_t n = 2; is_attribute(before, count, element); n++) {
        element = str_printf(arena, "%.*s_%zu", STR_ARG(whole), n);
    }
    return element;
}

/* Layer of waypoints or of tracks, with the fields of GPX before ours. */
static enum err begin_gpx_layer(struct feature_file *file)
{
    size_t others = file->writing.options.use_extension ? file->features.count : 0;
    struct attribute *attributes =
        arena_array(&file->scope->arena, struct attribute, GPX_FIRST_OTHER + others);
    attributes[GPX_NAME] = (struct attribute){S("name"), ATTRIBUTE_TEXT};
    attributes[GPX_DESCRIPTION] = (struct attribute){S("desc"), ATTRIBUTE_TEXT};
    for (size_t i = 0; i < others; i++) {
        str name = element_name(&file->scope->arena, file->features.attributes[i].name, attributes,
                                GPX_FIRST_OTHER + i);
        attributes[GPX_FIRST_OTHER + i] = (struct attribute){name, ATTRIBUTE_TEXT};
    }
    return feature_writer_layer(file->scope, file->writer, file->tracks ? S("tracks") : S("waypoints"),
                                file->tracks ? LAYER_LINES : LAYER_POINTS, false, attributes,
                                GPX_FIRST_OTHER + others);
}

static enum err write_gpx(struct feature_file *file)
{
    static const char *const file_options[] = {"GPX_USE_EXTENSIONS=YES", NULL};
    static const char *const layer_options[] = {"FORCE_GPX_TRACK=YES", NULL};
    struct writer_options options = {
        .driver = "GPX", .path = guarded(file, file->path).p,
                                     .guard = file->guard, .file_options = file_options,
        .layer_options = layer_options, .epsg = 4326, .is_xml = true};
    TRY(check_fields(file));
    TRY(map_attributes(file));
    TRY(feature_writer_open(file->scope, &options, &file->writer));
    TRY(begin_gpx_layer(file));
    TRY(each_record(file, add_gpx_feature));
    if (!file->met_other) {
        return ERR_OK;
    }
    file->tracks = true; /* GPX 1.1 has all waypoints before the first track */
    TRY(begin_gpx_layer(file));
    return each_record(file, add_gpx_feature);
}

enum err spool_gpx(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                   const struct format_options *options, struct spool *ret_spool)
{
    struct feature_file file = file_of(scope, lease, plan, options, ".gpx");
    return take_file(&file, write_gpx(&file), ret_spool);
}
