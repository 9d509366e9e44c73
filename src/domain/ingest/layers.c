#include "domain/ingest/layers.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "domain/records/spool_files.h"
#include "platform/gdal/read.h"
#include "platform/geometry/geometry.h"
#include "platform/i18n/explanation.h"

struct format {
    const char *name;
    const char *driver;
    const char *ending;      /* by which the driver knows the file */
    uint64_t bytes_most;     /* unpacked; 0: any */
    bool is_archive;
    bool is_xml;             /* which the driver holds in memory */
    bool has_fixed_columns;  /* the format has columns that few files use */
    const char *options[2];
};

static const struct format formats[] = {
    {"shp", "ESRI Shapefile", "shp.zip", LIMIT_ARCHIVE_BYTES, true, false, false, {NULL}},
    {"gpkg", "GPKG", "gpkg", 0, false, false, false, {"NOLOCK=YES", NULL}},
    {"kml", "LIBKML", "kml", LIMIT_DOCUMENT_BYTES, false, true, true, {NULL}},
    {"kmz", "LIBKML", "kmz", LIMIT_DOCUMENT_BYTES, true, true, true, {NULL}},
    {"fgb", "FlatGeobuf", "fgb", 0, false, false, false, {NULL}},
    {"gpx", "GPX", "gpx", LIMIT_DOCUMENT_BYTES, false, true, true, {NULL}},
    {"topojson", "TopoJSON", "json", LIMIT_DOCUMENT_BYTES, false, false, false, {NULL}},
    {"geojson-crs", "GeoJSON", "geojson", LIMIT_DOCUMENT_BYTES, false, false, false, {NULL}},
};

static const struct format *find_format(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++) {
        if (strcmp(formats[i].name, name) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

bool layers_know(const char *format)
{
    return strcmp(format, "zip") == 0 || find_format(format);
}

/* One conversion under way. */
struct conversion {
    struct scope *scope;
    const struct publish_options *options;
    const struct format *format;
    const char *shown;
    str directory;            /* in an archive of shapefiles, with / behind it */
    struct layer_reader *reader;
    struct layer_column *columns;
    bool *used;               /* parallel: some record has a value */
    size_t count;
    str geometry;             /* its label; p == NULL: the layer has none so far */
    bool only_points;         /* so far, and on the globe */
    FILE *output;
    int64_t records;
    uint64_t bytes;
    VEC(struct remark) notes;
};

/* ---- recognising what an archive holds ---- */

struct entries {
    struct arena *arena;
    bool shapes, kml, sheet;
    bool scattered;   /* shapefiles lie in several directories */
    str directory;    /* of the first one, with / behind it */
};

static bool has_ending(const char *name, str ending)
{
    str text = str_from(name);
    return text.n >= ending.n && str_eq_nocase(str_slice(text, text.n - ending.n, text.n), ending);
}

static void note_entry(void *user, const char *name)
{
    struct entries *entries = user;
    str text = str_from(name);
    if (str_starts(text, S("__MACOSX/"))) {
        return; /* what the archiver of another system adds */
    }
    if (has_ending(name, S(".shp"))) {
        const char *slash = strrchr(name, '/');
        str directory = str_slice(text, 0, slash ? (size_t)(slash + 1 - name) : 0);
        entries->scattered |= entries->shapes && !str_eq(directory, entries->directory);
        entries->directory = str_copy(entries->arena, directory);
        entries->shapes = true;
    }
    entries->kml |= has_ending(name, S(".kml"));
    entries->sheet |= str_eq(text, S("[Content_Types].xml")) || str_eq(text, S("content.xml"));
}

/* Its other files are not there. */
static bool is_lone_shapefile(const char *path)
{
    char start[4] = "";
    FILE *file = fopen(path, "re");
    bool is_alone = file && fread(start, 1, sizeof(start), file) == sizeof(start) &&
                    memcmp(start, "\0\0\x27\x0a", sizeof(start)) == 0;
    if (file) {
        fclose(file);
    }
    return is_alone;
}

static enum err look_into_archive(struct conversion *conversion, const char *path, const char *name)
{
    struct scope *scope = conversion->scope;
    struct entries entries = {.arena = &scope->arena};
    if (is_lone_shapefile(path)) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_LONE_SHAPE,
                             SAYS(ARG_TEXT("file", str_from(conversion->shown))));
    }
    TRY(archive_check(scope, path, conversion->shown, LIMIT_ARCHIVE_ENTRIES, LIMIT_ARCHIVE_BYTES,
                      note_entry, &entries));
    if (strcmp(name, "zip") == 0) {
        name = entries.shapes ? "shp" : entries.kml ? "kmz" : NULL;
    }
    if (!name) {
        return fail_in_words(scope, ERR_DATA, entries.sheet ? MSG_FAULT_ARCHIVE_OFFICE : MSG_FAULT_ARCHIVE_NOTHING,
                             SAYS(ARG_TEXT("file", str_from(conversion->shown))));
    }
    if (entries.shapes && entries.scattered) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_SCATTERED,
                             SAYS(ARG_TEXT("file", str_from(conversion->shown))));
    }
    conversion->format = find_format(name);
    conversion->directory = entries.directory;
    return ERR_OK;
}

/* ---- opening ---- */

/* Drivers know files by their endings: ours is a link of the right name, which goes with its directory. */
static enum err link_file(struct conversion *conversion, const char *directory, const char *path,
                          str *ret_link)
{
    struct scope *scope = conversion->scope;
    char *absolute = realpath(path, NULL);
    *ret_link = str_printf(&scope->arena, "%s/file.%s", directory, conversion->format->ending);
    bool made = absolute && mkdir(directory, 0700) == 0 && symlink(absolute, ret_link->p) == 0;
    int cause = errno;
    free(absolute);
    return made ? ERR_OK
                : fail(scope, ERR_FILE, "%s: it cannot be made (%s)", ret_link->p, strerror(cause));
}

struct document_check {
    struct conversion *conversion;
    const char *path;
    enum err result;
};

static void check_document(void *user, const char *name)
{
    struct document_check *check = user;
    struct conversion *conversion = check->conversion;
    if (check->result == ERR_OK && has_ending(name, S(".kml"))) {
        str document = str_printf(&conversion->scope->arena, "/vsizip/{%s}/%s", check->path, name);
        check->result = xml_check(conversion->scope, document.p, conversion->shown,
                                  conversion->format->bytes_most);
    }
}

static enum err check_documents(struct conversion *conversion, const char *path)
{
    struct document_check check = {conversion, path, ERR_OK};
    TRY(archive_check(conversion->scope, path, conversion->shown, LIMIT_ARCHIVE_ENTRIES,
                      conversion->format->bytes_most, check_document, &check));
    return check.result;
}

/* Drivers hold some formats in memory; archives are measured entry by entry. */
static enum err check_bytes(const struct conversion *conversion, const char *path)
{
    struct stat facts;
    uint64_t most = conversion->format->bytes_most;
    bool fits = most == 0 || conversion->format->is_archive || stat(path, &facts) != 0 ||
                (uint64_t)facts.st_size <= most;
    return fits ? ERR_OK
                : fail_in_words(conversion->scope, ERR_TOO_LARGE, MSG_FAULT_FILE_LARGE_MAP,
                                SAYS(ARG_TEXT("file", str_from(conversion->shown)),
                                     argument_digits(&conversion->scope->arena, "most", (int64_t)(most >> 20))));
}

static enum err open_reader(struct conversion *conversion, const char *path)
{
    struct scope *scope = conversion->scope;
    const struct format *format = conversion->format;
    TRY(check_bytes(conversion, path));
    if (strcmp(format->name, "gpkg") == 0) {
        TRY(geopackage_check(scope, path, conversion->shown));
    }
    if (format->is_archive && format->is_xml) {
        TRY(check_documents(conversion, path));
    } else if (format->is_archive) {
        path = str_printf(&scope->arena, "/vsizip/{%s}/%.*s", path, STR_ARG(conversion->directory)).p;
    }
    if (format->is_xml && !format->is_archive) {
        TRY(xml_check(scope, path, conversion->shown, format->bytes_most));
    }
    return layer_reader_open(scope, path, conversion->shown, format->driver, format->options,
                             &conversion->reader);
}

/* ---- which layer ---- */

static str list_layers(struct arena *arena, const struct layer *layers, size_t count)
{
    str list = STR_NONE;
    for (size_t i = 0; i < count && list.n < 1000; i++) {
        list = str_printf(arena, "%.*s%s%.*s (%lld)", STR_ARG(list), i ? ", " : "",
                          STR_ARG(layers[i].name), (long long)layers[i].records);
    }
    return list;
}

static void tell_layers(const struct conversion *conversion, const struct layer *layers, size_t count)
{
    struct publish_parts *parts = conversion->options->parts;
    if (parts) {
        str *names = arena_array(&conversion->scope->arena, str, count);
        for (size_t i = 0; i < count; i++) {
            names[i] = str_copy(&conversion->scope->arena, layers[i].name);
        }
        *parts = (struct publish_parts){false, names, count};
    }
}

static enum err choose_layer(struct conversion *conversion)
{
    struct scope *scope = conversion->scope;
    const char *wanted = conversion->options->layer;
    size_t count;
    const struct layer *layers = layer_reader_list(&scope->arena, conversion->reader, &count);
    size_t found = SIZE_MAX;
    size_t filled = 0;
    tell_layers(conversion, layers, count);
    for (size_t i = 0; i < count; i++) {
        bool matches = wanted ? str_eq(layers[i].name, str_from(wanted)) : layers[i].records != 0;
        filled += matches;
        found = matches ? i : found;
    }
    if (count == 0 || (!wanted && filled == 0)) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_NO_RECORDS,
                             SAYS(ARG_TEXT("file", str_from(conversion->shown))));
    }
    if (found == SIZE_MAX || filled > 1) {
        str list = list_layers(&scope->arena, layers, count);
        return fail_and_tell(scope, ERR_USAGE, wanted ? MSG_FAULT_LAYER_ABSENT : MSG_FAULT_LAYER_SEVERAL,
                             SAYS(ARG_TEXT("file", str_from(conversion->shown)), ARG_TEXT("layers", list)),
                             "%s: %s; it has the layers (with records) %.*s%s", conversion->shown,
                             wanted ? "--layer: there is none of that name" : "the file has several layers",
                             STR_ARG(list), wanted ? "" : "; choose one with --layer NAME");
    }
    return layer_reader_choose(scope, conversion->reader, found, conversion->options->source_epsg);
}

/* ---- writing ---- */

static void write_geometry(struct conversion *conversion, struct json_writer *json)
{
    static const char digits[] = "0123456789abcdef";
    str wkb = layer_reader_geometry(conversion->reader);
    double longitude;
    double latitude;
    if (!wkb.n) {
        json_write_null(json);
        return;
    }
    conversion->geometry = S("geo_shape");
    bool is_point = wkb.n == 21 && geometry_read_point(wkb, &longitude, &latitude) &&
                    longitude >= -180 && longitude <= 180 && latitude >= -90 && latitude <= 90;
    conversion->only_points &= is_point;
    struct buf hex cleanup_with(buf_cleanup) = {0};
    if (is_point && geometry_write_json(wkb, &hex)) {
        json_raw(json, buf_str(&hex)); /* read as a point or as a shape */
        return;
    }
    char *out = buf_reserve(&hex, wkb.n * 2);
    for (size_t i = 0; i < wkb.n; i++) {
        out[2 * i] = digits[(unsigned char)wkb.p[i] >> 4];
        out[2 * i + 1] = digits[wkb.p[i] & 15];
    }
    hex.n = wkb.n * 2;
    json_text(json, buf_str(&hex));
}

static enum err write_record(struct conversion *conversion, struct buf *line)
{
    struct scope *scope = conversion->scope;
    struct json_writer json = json_writer_to(line);
    buf_clear(line);
    conversion->records++;
    json_object_begin(&json);
    for (size_t i = 0; i < conversion->count; i++) {
        if (conversion->columns[i].kind != COLUMN_BYTES) {
            json_key(&json, conversion->columns[i].name);
            conversion->used[i] |= layer_reader_write(conversion->reader, i, &json);
        }
    }
    json_key(&json, S("geo_shape"));
    write_geometry(conversion, &json);
    json_object_end(&json);
    buf_add_char(line, '\n');
    conversion->bytes += line->n;
    if (line->n > LIMIT_RECORD_BYTES) {
        return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_FILE_RECORD_LARGE,
                             SAYS(ARG_TEXT("file", str_from(conversion->shown)),
                                  argument_digits(&scope->arena, "record", conversion->records),
                                  argument_digits(&scope->arena, "most", LIMIT_RECORD_BYTES >> 20)));
    }
    if (conversion->bytes > LIMIT_SPOOL_BYTES) {
        return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_FILE_LARGE,
                             SAYS(ARG_TEXT("file", str_from(conversion->shown)),
                                  argument_digits(&scope->arena, "most", LIMIT_SPOOL_BYTES >> 30)));
    }
    return fwrite(line->p, 1, line->n, conversion->output) == line->n
               ? ERR_OK
               : fail(scope, ERR_FILE, "the spool directory cannot be written (%s)", strerror(errno));
}

static enum err write_records(struct conversion *conversion)
{
    struct scope *scope = conversion->scope;
    struct buf line cleanup_with(buf_cleanup) = {0};
    struct ingest_progress *progress = conversion->options->progress;
    conversion->only_points = true;
    conversion->columns = layer_reader_columns(&scope->arena, conversion->reader, &conversion->count);
    if (conversion->count > LIMIT_FIELDS) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FIELD_FILE_MOST,
                             SAYS(argument_digits(&scope->arena, "most", LIMIT_FIELDS)));
    }
    conversion->used = arena_array(&scope->arena, bool, conversion->count);
    if (progress) {
        atomic_store(&progress->phase, "converting");
    }
    for (;;) {
        bool more;
        TRY(layer_reader_next(scope, conversion->reader, &more));
        if (!more || (conversion->records && conversion->records == conversion->options->sample_rows)) {
            return ERR_OK;
        }
        TRY(write_record(conversion, &line));
        if (progress) {
            atomic_fetch_add(&progress->rows, 1);
        }
    }
}

/* ---- columns ---- */

static bool is_styling(str name)
{
    static const char *const names[] = {"altitudeMode", "tessellate", "extrude", "visibility",
                                        "drawOrder", "icon"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_eq(name, str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

static void note(struct conversion *conversion, struct remark remark)
{
    vec_add(&conversion->scope->arena, &conversion->notes, remark);
}

static void add_columns(struct conversion *conversion, struct readable_file *ret)
{
    static const enum field_type types[] = {
        [COLUMN_TEXT] = FIELD_TEXT, [COLUMN_INT] = FIELD_INT, [COLUMN_DOUBLE] = FIELD_DOUBLE,
        [COLUMN_BOOLEAN] = FIELD_BOOLEAN, [COLUMN_DAY] = FIELD_DATE, [COLUMN_TIME] = FIELD_DATETIME,
        [COLUMN_BYTES] = FIELD_TEXT};
    struct arena *arena = &conversion->scope->arena;
    bool is_kml = strcmp(conversion->format->driver, "LIBKML") == 0;
    struct known_column *columns = arena_array(arena, struct known_column, conversion->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < conversion->count; i++) {
        const struct layer_column *column = &conversion->columns[i];
        if (column->kind == COLUMN_BYTES) {
            note(conversion, remark_in_words(arena, MSG_NOTE_BYTES, SAYS(ARG_TEXT("column", column->name))));
            continue;
        }
        if (conversion->format->has_fixed_columns &&
            (!conversion->used[i] || (is_kml && is_styling(column->name)))) {
            continue;
        }
        columns[count++] = (struct known_column){
            .label = column->name, .type = types[column->kind], .is_list = column->is_list};
    }
    if (conversion->geometry.p) {
        columns[count++] = (struct known_column){
            .label = S("geo_shape"), .type = conversion->only_points ? FIELD_GEO_POINT : FIELD_GEO_SHAPE};
    }
    ret->columns = columns;
    ret->column_count = count;
    ret->notes = conversion->notes.items;
    ret->note_count = conversion->notes.count;
}

static enum err convert(struct conversion *conversion, const char *path)
{
    TRY(open_reader(conversion, path));
    TRY(choose_layer(conversion));
    TRY(write_records(conversion));
    return conversion->records ? ERR_OK
                               : fail_in_words(conversion->scope, ERR_DATA, MSG_FAULT_FILE_LAYER_EMPTY,
                                               SAYS(ARG_TEXT("file", str_from(conversion->shown))));
}

enum err layers_convert(struct scope *scope, const struct publish_options *options, const char *data,
                        const char *path, const char *format, struct readable_file *ret)
{
    struct conversion conversion = {.scope = scope, .options = options, .format = find_format(format),
                                    .shown = readable_shown_path(options)};
    str spool = str_printf(&scope->arena, "%s/spool", data);
    str directory = spool_name(&scope->arena, spool.p, "import");
    str output = spool_name(&scope->arena, spool.p, "import");
    str link = str_from(path);
    if (str_eq(str_from(format), S("zip")) || (conversion.format && conversion.format->is_archive &&
                                                !str_ends(link, S(".shp")))) {
        TRY(look_into_archive(&conversion, path, format));
    }
    bool has_siblings = conversion.format && str_eq(str_from(format), S("shp")) && str_ends(link, S(".shp"));
    struct format plain = *conversion.format;
    if (has_siblings) {
        plain.is_archive = false;
        conversion.format = &plain;
    }
    enum err result = has_siblings ? ERR_OK : link_file(&conversion, directory.p, path, &link);
    conversion.output = result == ERR_OK ? fopen(output.p, "wxe") : NULL;
    if (result == ERR_OK && !conversion.output) {
        result = fail_system(scope, errno, output.p, "it cannot be made");
    }
    if (result == ERR_OK) {
        result = convert(&conversion, link.p);
    }
    if (conversion.output && fclose(conversion.output) != 0 && result == ERR_OK) {
        result = fail_system(scope, errno, output.p, "it cannot be written");
    }
    layer_reader_close(conversion.reader);
    spool_remove(directory.p);
    if (result != ERR_OK) {
        unlink(output.p);
        return result;
    }
    *ret = (struct readable_file){.path = output.p, .format = "jsonl", .is_spooled = true,
                                  .is_cut = conversion.records == options->sample_rows};
    add_columns(&conversion, ret);
    return ERR_OK;
}
