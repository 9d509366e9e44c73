#include "platform/gdal/write.h"

#include <math.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/date.h"
#include "platform/gdal/library.h"
#include "platform/gdal/stream.h"
#include "platform/i18n/explanation.h"

struct feature_writer {
    struct gdal_guard *guard;
    struct stream_target target; /* of a writer without a file */
    GDALDatasetH dataset;
    OGRLayerH layer;
    OGRFeatureH feature;
    OGRSpatialReferenceH from, to;
    OGRCoordinateTransformationH transformation; /* NULL: WGS 84 */
    const char *const *layer_options;
    int *places; /* of the attributes among the layer's fields */
    bool is_xml;
    struct buf text;
};

static enum err open_references(struct scope *scope, struct feature_writer *writer, int64_t epsg)
{
    writer->from = gdal_reference(4326);
    writer->to = gdal_reference(epsg);
    if (writer->to && epsg != 4326) {
        writer->transformation = gdal.OCTNewCoordinateTransformation(writer->from, writer->to);
    }
    if (!writer->to || (epsg != 4326 && !writer->transformation)) {
        return fail_parameter(scope, S("epsg"), str_printf(&scope->arena, "%lld", (long long)epsg),
                              MSG_FAULT_EXPECTS_EPSG);
    }
    return ERR_OK;
}

/* GDAL takes lists of options as char **, and changes none. */
static char **as_list(const char *const *options)
{
    return (char **)(uintptr_t)options;
}

enum err feature_writer_open(struct scope *scope, const struct writer_options *options,
                             struct feature_writer **ret_writer)
{
    TRY(gdal_start(scope));
    struct feature_writer *writer = calloc(1, sizeof(*writer));
    if (!writer) {
        bug_out_of_memory(sizeof(*writer));
    }
    writer->layer_options = options->layer_options;
    writer->guard = options->guard;
    gdal_guard_set(writer->guard);
    writer->is_xml = options->is_xml;
    enum err result = open_references(scope, writer, options->epsg);
    char name[STREAM_NAME_BYTES];
    const char *path = options->path;
    if (!path) {
        writer->target.out = options->out;
        path = stream_name(&writer->target, name);
    }
    GDALDriverH driver = gdal.GDALGetDriverByName(options->driver);
    if (result == ERR_OK && driver) {
        writer->dataset =
            gdal.GDALCreate(driver, path, 0, 0, 0, GDT_Unknown, as_list(options->file_options));
    }
    if (result == ERR_OK && !writer->dataset) {
        result = gdal_fail_in_words(scope, ERR_FILE, MSG_FAULT_EXPORT_NOT_WRITTEN, NULL);
    }
    if (result != ERR_OK) {
        feature_writer_close(writer);
        return result;
    }
    *ret_writer = writer;
    return ERR_OK;
}

/* Whether bytes begin with a character that XML 1.0 has not: controls, U+FFFE, U+FFFF. Its length, or 0. */
static size_t foreign_to_xml(const char *at, size_t left)
{
    unsigned char first = (unsigned char)at[0];
    if (first < 0x20) {
        return first != '\t' && first != '\n' && first != '\r';
    }
    bool is_last = left >= 3 && first == 0xef && (unsigned char)at[1] == 0xbf &&
                   (unsigned char)at[2] >= 0xbe;
    return is_last ? 3 : 0;
}

/* The text as GDAL takes it; valid until the next call. */
static const char *text_for(struct feature_writer *writer, str text)
{
    buf_clear(&writer->text);
    if (!writer->is_xml) {
        buf_add(&writer->text, text);
    }
    for (size_t i = 0, from = 0; writer->is_xml && i <= text.n;) {
        size_t foreign = i < text.n ? foreign_to_xml(text.p + i, text.n - i) : 0;
        if (foreign || i == text.n) {
            buf_add(&writer->text, str_slice(text, from, i));
            from = i + foreign;
        }
        i += foreign ? foreign : 1;
    }
    buf_add_char(&writer->text, 0);
    return writer->text.p;
}

static bool add_field(struct feature_writer *writer, const struct attribute *attribute)
{
    static const OGRFieldType types[] = {
        [ATTRIBUTE_TEXT] = OFTString,       [ATTRIBUTE_INT] = OFTInteger64,
        [ATTRIBUTE_DOUBLE] = OFTReal,       [ATTRIBUTE_BOOLEAN] = OFTInteger,
        [ATTRIBUTE_DAY] = OFTDate,          [ATTRIBUTE_TIME] = OFTDateTime};
    OGRFieldDefnH field =
        gdal.OGR_Fld_Create(text_for(writer, attribute->name), types[attribute->type]);
    if (attribute->type == ATTRIBUTE_BOOLEAN) {
        gdal.OGR_Fld_SetSubType(field, OFSTBoolean);
    }
    bool added = gdal.OGR_L_CreateField(writer->layer, field, TRUE) == OGRERR_NONE;
    gdal.OGR_Fld_Destroy(field);
    return added;
}

static int find_field(struct feature_writer *writer, str name)
{
    OGRFeatureDefnH form = gdal.OGR_L_GetLayerDefn(writer->layer);
    return gdal.OGR_FD_GetFieldIndex(form, text_for(writer, name));
}

enum err feature_writer_layer(struct scope *scope, struct feature_writer *writer, str name,
                              enum layer_kind kind, bool has_height,
                              const struct attribute *attributes, size_t count)
{
    static const OGRwkbGeometryType kinds[][2] = {[LAYER_ANY] = {wkbUnknown, (OGRwkbGeometryType)wkb25DBit},
                                                  [LAYER_POINTS] = {wkbPoint, wkbPoint25D},
                                                  [LAYER_MULTI_POINTS] = {wkbMultiPoint, wkbMultiPoint25D},
                                                  [LAYER_LINES] = {wkbLineString, wkbLineString25D},
                                                  [LAYER_POLYGONS] = {wkbPolygon, wkbPolygon25D}};
    char *text = strndup(name.p, name.n);
    writer->layer = gdal.GDALDatasetCreateLayer(writer->dataset, text, writer->to,
                                                kinds[kind][has_height], as_list(writer->layer_options));
    free(text);
    if (!writer->layer) {
        return gdal_fail_in_words(scope, ERR_FILE, MSG_FAULT_EXPORT_NOT_WRITTEN, NULL);
    }
    free(writer->places);
    writer->places = calloc(count ? count : 1, sizeof(*writer->places));
    for (size_t i = 0; i < count; i++) {
        writer->places[i] = find_field(writer, attributes[i].name);
        if (writer->places[i] < 0) {
            int before = gdal.OGR_FD_GetFieldCount(gdal.OGR_L_GetLayerDefn(writer->layer));
            if (!add_field(writer, &attributes[i])) {
                return gdal_fail_in_words(scope, ERR_FILE, MSG_FAULT_EXPORT_COLUMN,
                                          SAYS(ARG_TEXT("name", attributes[i].name)));
            }
            writer->places[i] = before; /* its name may have been changed to fit */
        }
    }
    return ERR_OK;
}

void feature_begin(struct feature_writer *writer)
{
    if (writer->feature) {
        gdal.OGR_F_Destroy(writer->feature);
    }
    writer->feature = gdal.OGR_F_Create(gdal.OGR_L_GetLayerDefn(writer->layer));
}

void feature_text(struct feature_writer *writer, size_t attribute, str text)
{
    gdal.OGR_F_SetFieldString(writer->feature, writer->places[attribute], text_for(writer, text));
}

void feature_int(struct feature_writer *writer, size_t attribute, int64_t number)
{
    gdal.OGR_F_SetFieldInteger64(writer->feature, writer->places[attribute], number);
}

void feature_double(struct feature_writer *writer, size_t attribute, double real)
{
    if (isfinite(real)) {
        gdal.OGR_F_SetFieldDouble(writer->feature, writer->places[attribute], real);
    }
}

void feature_day(struct feature_writer *writer, size_t attribute, int32_t days)
{
    struct civil civil = date_civil(days);
    gdal.OGR_F_SetFieldDateTimeEx(writer->feature, writer->places[attribute], civil.year, civil.month,
                                  civil.day, 0, 0, 0, 0);
}

void feature_time(struct feature_writer *writer, size_t attribute, usec instant, int offset)
{
    usec local = instant + offset * USEC_SECOND;
    struct civil civil = date_civil_instant(local);
    usec in_minute = local % (60 * USEC_SECOND);
    in_minute += in_minute < 0 ? 60 * USEC_SECOND : 0;
    /* GDAL counts zones in quarters of an hour from 100, which is UTC. */
    gdal.OGR_F_SetFieldDateTimeEx(writer->feature, writer->places[attribute], civil.year, civil.month,
                                  civil.day, civil.hour, civil.minute,
                                  (float)((double)in_minute / 1e6), 100 + offset / 900);
}

enum err feature_geometry(struct scope *scope, struct feature_writer *writer, str wkb, bool as_lines)
{
    OGRGeometryH geometry = NULL;
    if (wkb.n > INT32_MAX ||
        gdal.OGR_G_CreateFromWkb(wkb.p, NULL, &geometry, (int)wkb.n) != OGRERR_NONE || !geometry) {
        return gdal_fail_in_words(scope, ERR_DATA, MSG_FAULT_EXPORT_GEOMETRY, NULL);
    }
    if (as_lines) {
        geometry = gdal.OGR_G_ForceToMultiLineString(geometry);
    }
    if (writer->transformation &&
        gdal.OGR_G_Transform(geometry, writer->transformation) != OGRERR_NONE) {
        gdal.OGR_G_DestroyGeometry(geometry);
        return gdal_fail_in_words(scope, ERR_DATA, MSG_FAULT_EXPORT_OUTSIDE, NULL);
    }
    gdal.OGR_F_SetGeometryDirectly(writer->feature, geometry);
    return ERR_OK;
}

/* The guard stopped it, or else GDAL tells what was wrong. */
static enum err refuse(struct scope *scope, struct feature_writer *writer)
{
    if (writer->guard) {
        TRY(gdal_guard_check(writer->guard));
    }
    return gdal_fail_in_words(scope, ERR_DATA, MSG_FAULT_EXPORT_RECORD, NULL);
}

enum err feature_add(struct scope *scope, struct feature_writer *writer)
{
    gdal.CPLErrorReset();
    if (gdal.OGR_L_CreateFeature(writer->layer, writer->feature) != OGRERR_NONE) {
        return refuse(scope, writer);
    }
    return ERR_OK;
}

enum err feature_writer_finish(struct scope *scope, struct feature_writer *writer)
{
    if (writer->feature) {
        gdal.OGR_F_Destroy(writer->feature);
        writer->feature = NULL;
    }
    gdal.CPLErrorReset();
    gdal.GDALClose(writer->dataset);
    writer->dataset = NULL;
    if (writer->guard) {
        TRY(gdal_guard_check(writer->guard)); /* some drivers do not say that they broke off */
    }
    return gdal.CPLGetLastErrorType() >= CE_Failure && gdal.CPLGetLastErrorMsg()[0]
               ? gdal_fail_in_words(scope, ERR_FILE, MSG_FAULT_EXPORT_NOT_WRITTEN, NULL)
               : ERR_OK;
}

void feature_writer_close(struct feature_writer *writer)
{
    if (!writer) {
        return;
    }
    if (writer->feature) {
        gdal.OGR_F_Destroy(writer->feature);
    }
    if (writer->dataset) {
        writer->target.out = NULL; /* what is written now is of no use */
        if (writer->guard) {
            writer->guard->is_closed = true;
        }
        gdal.GDALClose(writer->dataset);
    }
    gdal_guard_set(NULL);
    if (writer->transformation) {
        gdal.OCTDestroyCoordinateTransformation(writer->transformation);
    }
    if (writer->from) {
        gdal.OSRDestroySpatialReference(writer->from);
    }
    if (writer->to) {
        gdal.OSRDestroySpatialReference(writer->to);
    }
    buf_done(&writer->text);
    free(writer->places);
    free(writer);
}
