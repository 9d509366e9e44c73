#include "platform/gdal/projection.h"

#include <stdlib.h>

#include "base/bug.h"
#include "platform/gdal/library.h"

struct projection {
    OGRSpatialReferenceH from, to;
    OGRCoordinateTransformationH transformation;
    char *json; /* GDAL's */
};

enum err projection_open(struct scope *scope, int64_t epsg, struct projection **ret)
{
    TRY(gdal_start(scope));
    struct projection *projection = calloc(1, sizeof(*projection));
    if (!projection) {
        bug_out_of_memory(sizeof(*projection));
    }
    projection->from = gdal_reference(4326);
    projection->to = gdal_reference(epsg);
    if (projection->from && projection->to) {
        projection->transformation =
            gdal.OCTNewCoordinateTransformation(projection->from, projection->to);
    }
    if (!projection->transformation) {
        projection_close(projection);
        return fail_parameter(scope, S("epsg"), str_printf(&scope->arena, "%lld", (long long)epsg),
                              MSG_FAULT_EXPECTS_EPSG);
    }
    *ret = projection;
    return ERR_OK;
}

void projection_close(struct projection *projection)
{
    if (!projection) {
        return;
    }
    if (projection->transformation) {
        gdal.OCTDestroyCoordinateTransformation(projection->transformation);
    }
    if (projection->from) {
        gdal.OSRDestroySpatialReference(projection->from);
    }
    if (projection->to) {
        gdal.OSRDestroySpatialReference(projection->to);
    }
    if (projection->json) {
        gdal.VSIFree(projection->json);
    }
    free(projection);
}

enum err projection_apply(struct scope *scope, struct projection *projection, char *wkb, size_t n)
{
    OGRGeometryH geometry = NULL;
    bool done = n <= INT32_MAX &&
                gdal.OGR_G_CreateFromWkb(wkb, NULL, &geometry, (int)n) == OGRERR_NONE && geometry &&
                gdal.OGR_G_Transform(geometry, projection->transformation) == OGRERR_NONE &&
                (size_t)gdal.OGR_G_WkbSize(geometry) == n &&
                gdal.OGR_G_ExportToIsoWkb(geometry, wkbNDR, (unsigned char *)wkb) == OGRERR_NONE;
    if (geometry) {
        gdal.OGR_G_DestroyGeometry(geometry);
    }
    return done ? ERR_OK
                : gdal_fail_in_words(scope, ERR_DATA, MSG_FAULT_EXPORT_OUTSIDE, NULL);
}

str projection_json(struct projection *projection)
{
    if (!projection->json &&
        gdal.OSRExportToPROJJSON(projection->to, &projection->json, NULL) != OGRERR_NONE) {
        return STR_NONE;
    }
    return str_from(projection->json);
}
