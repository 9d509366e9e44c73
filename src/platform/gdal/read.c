#include "platform/gdal/read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/date.h"
#include "platform/gdal/library.h"
#include "platform/i18n/explanation.h"

#define ZONE_UTC 100    /* GDAL counts zones in quarters of an hour from here */
#define ZONE_UNKNOWN 1

struct layer_reader {
    const char *shown; /* in the scope's arena */
    GDALDatasetH dataset;
    OGRLayerH layer;
    OGRFeatureDefnH definition;
    OGRFeatureH feature;
    OGRSpatialReferenceH target, given;
    OGRCoordinateTransformationH transformation; /* NULL: WGS 84 already */
    int64_t record;
    bool has_made_heights; /* the driver makes a height of 0 where the file has none */
    int64_t implied_epsg; /* of a format that leaves the reference system out; 0: none */
    struct buf wkb;
};

enum err layer_reader_open(struct scope *scope, const char *path, const char *shown,
                           const char *driver, const char *const *options,
                           struct layer_reader **ret_reader)
{
    TRY(gdal_start(scope));
    const char *const drivers[] = {driver, NULL};
    struct layer_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        bug_out_of_memory(sizeof(*reader));
    }
    reader->shown = str_cz(&scope->arena, str_from(shown));
    gdal.CPLErrorReset();
    reader->dataset =
        gdal.GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers, options, NULL);
    if (!reader->dataset) {
        str reason = str_copy(&scope->arena, str_from(gdal.CPLGetLastErrorMsg()));
        layer_reader_close(reader);
        return fail_in_words_because(scope, ERR_DATA, reason, MSG_FAULT_FILE_DAMAGED_MAP,
                                     SAYS(ARG_TEXT("file", str_from(shown)), ARG_TEXT("format", str_from(driver))));
    }
    reader->target = gdal_reference(4326);
    reader->has_made_heights = strcmp(driver, "LIBKML") == 0;
    reader->implied_epsg = strcmp(driver, "TopoJSON") == 0 ? 4326 : 0;
    *ret_reader = reader;
    return ERR_OK;
}

void layer_reader_close(struct layer_reader *reader)
{
    if (!reader) {
        return;
    }
    if (reader->feature) {
        gdal.OGR_F_Destroy(reader->feature);
    }
    if (reader->transformation) {
        gdal.OCTDestroyCoordinateTransformation(reader->transformation);
    }
    if (reader->target) {
        gdal.OSRDestroySpatialReference(reader->target);
    }
    if (reader->given) {
        gdal.OSRDestroySpatialReference(reader->given);
    }
    if (reader->dataset) {
        gdal.GDALClose(reader->dataset);
    }
    buf_done(&reader->wkb);
    free(reader);
}

struct layer *layer_reader_list(struct arena *arena, struct layer_reader *reader, size_t *ret_count)
{
    int count = gdal.GDALDatasetGetLayerCount(reader->dataset);
    struct layer *layers = arena_array(arena, struct layer, (size_t)count);
    for (int i = 0; i < count; i++) {
        OGRLayerH layer = gdal.GDALDatasetGetLayer(reader->dataset, i);
        layers[i].name = str_copy(arena, str_from(gdal.OGR_L_GetName(layer)));
        layers[i].records = gdal.OGR_L_GetFeatureCount(layer, 1);
    }
    *ret_count = (size_t)count;
    return layers;
}

enum err layer_reader_choose(struct scope *scope, struct layer_reader *reader, size_t layer,
                             int64_t source_epsg)
{
    reader->layer = gdal.GDALDatasetGetLayer(reader->dataset, (int)layer);
    reader->definition = gdal.OGR_L_GetLayerDefn(reader->layer);
    reader->record = 0;
    gdal.OGR_L_ResetReading(reader->layer);
    if (gdal.OGR_L_GetGeomType(reader->layer) == wkbNone) {
        return ERR_OK;
    }
    OGRSpatialReferenceH own = gdal.OGR_L_GetSpatialRef(reader->layer);
    if (!own && !source_epsg && reader->implied_epsg) {
        source_epsg = reader->implied_epsg;
    }
    if (!own && source_epsg) {
        own = reader->given = gdal_reference(source_epsg);
        if (!own) {
            return fail_and_tell(scope, ERR_USAGE, MSG_FAULT_FILE_EPSG,
                                 SAYS(argument_digits(&scope->arena, "number", source_epsg)),
                                 "--source-epsg: %lld was given; the EPSG number of a reference system, such "
                                 "as 2154, is expected",
                                 (long long)source_epsg);
        }
    }
    if (!own) {
        return fail_and_tell(scope, ERR_DATA, MSG_FAULT_FILE_NO_EPSG, SAYS(ARG_TEXT("file", str_from(reader->shown))),
                             "%s: the file does not say the reference system of its coordinates; give it, as in "
                             "--source-epsg 2154 (or 4326 when they are longitude and latitude)",
                             reader->shown);
    }
    gdal.OSRSetAxisMappingStrategy(own, OAMS_TRADITIONAL_GIS_ORDER);
    if (gdal.OSRIsSame(own, reader->target)) {
        return ERR_OK;
    }
    reader->transformation = gdal.OCTNewCoordinateTransformation(own, reader->target);
    return reader->transformation ? ERR_OK
                                  : gdal_fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_NO_TRANSFORMATION,
                                                       SAYS(ARG_TEXT("file", str_from(reader->shown))));
}

static struct layer_column column_of(OGRFieldDefnH field)
{
    struct layer_column column = {.kind = COLUMN_TEXT};
    switch (gdal.OGR_Fld_GetType(field)) {
    case OFTInteger:
    case OFTInteger64:
        column.kind = gdal.OGR_Fld_GetSubType(field) == OFSTBoolean ? COLUMN_BOOLEAN : COLUMN_INT;
        break;
    case OFTReal:
        column.kind = COLUMN_DOUBLE;
        break;
    case OFTDate:
        column.kind = COLUMN_DAY;
        break;
    case OFTDateTime:
        column.kind = COLUMN_TIME;
        break;
    case OFTStringList:
    case OFTIntegerList:
    case OFTInteger64List:
    case OFTRealList:
        column.is_list = true;
        break;
    case OFTBinary:
        column.kind = COLUMN_BYTES;
        break;
    default:
        break;
    }
    return column;
}

struct layer_column *layer_reader_columns(struct arena *arena, struct layer_reader *reader,
                                          size_t *ret_count)
{
    int count = gdal.OGR_FD_GetFieldCount(reader->definition);
    struct layer_column *columns = arena_array(arena, struct layer_column, (size_t)count);
    for (int i = 0; i < count; i++) {
        OGRFieldDefnH field = gdal.OGR_FD_GetFieldDefn(reader->definition, i);
        columns[i] = column_of(field);
        columns[i].name = str_copy(arena, str_from(gdal.OGR_Fld_GetNameRef(field)));
    }
    *ret_count = (size_t)count;
    return columns;
}

static enum err take_geometry(struct scope *scope, struct layer_reader *reader)
{
    OGRGeometryH geometry = gdal.OGR_F_GetGeometryRef(reader->feature);
    buf_clear(&reader->wkb);
    if (!geometry || gdal.OGR_G_IsEmpty(geometry)) {
        return ERR_OK;
    }
    if (reader->has_made_heights) {
        OGREnvelope3D box;
        gdal.OGR_G_GetEnvelope3D(geometry, &box);
        if (box.MinZ == 0 && box.MaxZ == 0) {
            gdal.OGR_G_FlattenTo2D(geometry);
        }
    }
    gdal.CPLErrorReset();
    if (reader->transformation &&
        gdal.OGR_G_Transform(geometry, reader->transformation) != OGRERR_NONE) {
        return gdal_fail_in_words(
            scope, ERR_DATA, MSG_FAULT_FILE_GEOMETRY_OUTSIDE,
            SAYS(ARG_TEXT("file", str_from(reader->shown)), argument_digits(&scope->arena, "record", reader->record)));
    }
    OGRGeometryH plain = gdal.OGR_G_GetLinearGeometry(geometry, 0, NULL);
    size_t n = plain ? (size_t)gdal.OGR_G_WkbSize(plain) : 0;
    bool done = plain && gdal.OGR_G_ExportToIsoWkb(
                             plain, wkbNDR, (unsigned char *)buf_reserve(&reader->wkb, n)) == OGRERR_NONE;
    if (plain) {
        gdal.OGR_G_DestroyGeometry(plain);
    }
    reader->wkb.n = done ? n : 0;
    return done ? ERR_OK
                : gdal_fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_GEOMETRY,
                                     SAYS(ARG_TEXT("file", str_from(reader->shown)),
                                          argument_digits(&scope->arena, "record", reader->record)));
}

enum err layer_reader_next(struct scope *scope, struct layer_reader *reader, bool *ret_more)
{
    TRY(scope_check(scope));
    if (reader->feature) {
        gdal.OGR_F_Destroy(reader->feature);
    }
    gdal.CPLErrorReset();
    reader->feature = gdal.OGR_L_GetNextFeature(reader->layer);
    reader->record++;
    *ret_more = reader->feature != NULL;
    if (gdal.CPLGetLastErrorType() >= CE_Failure) {
        return gdal_fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_DAMAGED_HERE,
                                  SAYS(ARG_TEXT("file", str_from(reader->shown)),
                                       ARG_TEXT("layer", str_from(gdal.OGR_L_GetName(reader->layer))),
                                       argument_digits(&scope->arena, "record", reader->record)));
    }
    return reader->feature ? take_geometry(scope, reader) : ERR_OK;
}

/* ---- values ---- */

static void write_double(double real, struct json_writer *json)
{
    char text[40];
    if (fabs(real) < 1e15) {
        json_double(json, real);
        return;
    }
    if (!isfinite(real)) {
        json_write_null(json);
        return;
    }
    /* Whole numbers of so many digits are taken for codes; an exponent, kept by the quotes, says that this is none. */
    int n = snprintf(text, sizeof(text), "%.16e", real);
    json_text(json, (str){text, (size_t)n});
}

static bool write_date(struct layer_reader *reader, int at, bool has_time, struct json_writer *json)
{
    int year, month, day, hour, minute, zone;
    float second;
    char text[DATE_TEXT_BYTES];
    if (!gdal.OGR_F_GetFieldAsDateTimeEx(reader->feature, at, &year, &month, &day, &hour, &minute,
                                         &second, &zone) ||
        year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > date_month_length(year, month)) {
        json_write_null(json);
        return false;
    }
    if (!has_time) {
        size_t n = date_write_day(text, date_days(year, month, day));
        json_text(json, (str){text, n});
        return true;
    }
    /* Milliseconds are what the seconds, of single precision, keep. */
    struct civil civil = {.year = year, .month = month, .day = day, .hour = hour, .minute = minute};
    usec instant = date_instant(&civil) + (usec)llround((double)second * 1000) * 1000;
    if (zone > ZONE_UNKNOWN) {
        instant -= (usec)(zone - ZONE_UTC) * 15 * 60 * USEC_SECOND;
    }
    size_t n = date_write_instant(text, instant, 0);
    json_text(json, (str){text, n});
    return true;
}

static void write_list(struct layer_reader *reader, int at, struct json_writer *json)
{
    json_array_begin(json);
    int count = 0;
    OGRFieldDefnH field = gdal.OGR_FD_GetFieldDefn(reader->definition, at);
    OGRFieldType type = gdal.OGR_Fld_GetType(field);
    if (type == OFTStringList) {
        char **items = gdal.OGR_F_GetFieldAsStringList(reader->feature, at);
        for (; items && *items; items++) {
            json_text(json, str_from(*items));
        }
    } else if (type == OFTRealList) {
        const double *items = gdal.OGR_F_GetFieldAsDoubleList(reader->feature, at, &count);
        for (int i = 0; i < count; i++) {
            json_double(json, items[i]);
        }
    } else if (type == OFTIntegerList) {
        const int *items = gdal.OGR_F_GetFieldAsIntegerList(reader->feature, at, &count);
        for (int i = 0; i < count; i++) {
            json_int(json, items[i]);
        }
    } else {
        const GIntBig *items = gdal.OGR_F_GetFieldAsInteger64List(reader->feature, at, &count);
        for (int i = 0; i < count; i++) {
            json_int(json, items[i]);
        }
    }
    json_array_end(json);
}

bool layer_reader_write(struct layer_reader *reader, size_t column, struct json_writer *json)
{
    int at = (int)column;
    struct layer_column kind = column_of(gdal.OGR_FD_GetFieldDefn(reader->definition, at));
    if (!gdal.OGR_F_IsFieldSetAndNotNull(reader->feature, at) || kind.kind == COLUMN_BYTES) {
        json_write_null(json);
        return false;
    }
    if (kind.is_list) {
        write_list(reader, at, json);
        return true;
    }
    switch (kind.kind) {
    case COLUMN_INT:
        json_int(json, gdal.OGR_F_GetFieldAsInteger64(reader->feature, at));
        return true;
    case COLUMN_BOOLEAN:
        json_bool(json, gdal.OGR_F_GetFieldAsInteger64(reader->feature, at) != 0);
        return true;
    case COLUMN_DOUBLE:
        write_double(gdal.OGR_F_GetFieldAsDouble(reader->feature, at), json);
        return true;
    case COLUMN_DAY:
    case COLUMN_TIME:
        return write_date(reader, at, kind.kind == COLUMN_TIME, json);
    default:
        json_text(json, str_from(gdal.OGR_F_GetFieldAsString(reader->feature, at)));
        return true;
    }
}

str layer_reader_geometry(const struct layer_reader *reader)
{
    return buf_str(&reader->wkb);
}
