/* GDAL's functions, bound at run time. Private to this directory. */
#ifndef PLATFORM_GDAL_LIBRARY_H
#define PLATFORM_GDAL_LIBRARY_H

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "platform/gdal/gdal.h"

struct gdal_library {
#define GDAL_FUNCTION(name) __typeof__(&name) name;
#include "platform/gdal/functions.def"
#undef GDAL_FUNCTION
};

/* Filled by gdal_start; called as gdal.OGR_F_Create(…). */
extern struct gdal_library gdal;

/** A reference system of an EPSG number with x (east) before y (north); NULL when there is none. */
OGRSpatialReferenceH gdal_reference(int64_t epsg);

#endif
