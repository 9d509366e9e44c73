#include <dlfcn.h>
#include <pthread.h>

#include "platform/gdal/library.h"

struct gdal_library gdal;

/* Functions that register one driver each; GDALAllRegister would load plugins and a hundred more. */
static const char *const drivers[] = {
    "RegisterOGRShape",  "RegisterOGRGeoJSON", "RegisterOGRGeoJSONSeq", "RegisterOGRTopoJSON",
    "RegisterOGRKML",    "RegisterOGRGPX",     "RegisterOGRFlatGeobuf", "RegisterOGRGeoPackage",
    "RegisterOGRMVT",    "RegisterOGRMEM",     "RegisterOGRTAB",        "RegisterOGRXLSX",
    "RegisterOGRODS",    "RegisterOGRXLS",     "RegisterOGRLIBKML"};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *fault; /* why the library is not there; NULL: it is */

static bool bind_functions(void *library)
{
    static const struct {
        const char *name;
        void **place;
    } functions[] = {
#define GDAL_FUNCTION(name) {#name, (void **)&gdal.name},
#include "platform/gdal/functions.def"
#include "platform/i18n/explanation.h"
#undef GDAL_FUNCTION
    };
    for (size_t i = 0; i < ARRAY_LENGTH(functions); i++) {
        *functions[i].place = dlsym(library, functions[i].name);
        if (!*functions[i].place) {
            fault = functions[i].name;
            return false;
        }
    }
    return true;
}

static void register_drivers(void *library)
{
    for (size_t i = 0; i < ARRAY_LENGTH(drivers); i++) {
        void *symbol = dlsym(library, drivers[i]);
        void (*add)(void);
        memcpy(&add, &symbol, sizeof(add));
        if (add) {
            add();
        }
    }
}

static void start(void)
{
    static const char *const options[][2] = {
        {"GDAL_DRIVER_PATH", "disable"},   {"GDAL_HTTP_MAX_RETRY", "0"},
        {"CPL_CURL_ENABLE_VSIMEM", "NO"},  {"PROJ_NETWORK", "OFF"},
        {"GDAL_PAM_ENABLED", "NO"},        {"LIBKML_RESOLVE_STYLE", "NO"},
        {"OGR_SQLITE_LOAD_EXTENSIONS", NULL}, {"OGR_ENABLE_PARTIAL_REPROJECTION", "NO"},
        {"GDAL_NUM_THREADS", "1"}};
    void *library = dlopen(PARVIS_GDAL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fault = PARVIS_GDAL_LIBRARY;
        return;
    }
    if (!bind_functions(library)) {
        return;
    }
    gdal.CPLSetErrorHandler(gdal.CPLQuietErrorHandler);
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        gdal.CPLSetConfigOption(options[i][0], options[i][1]);
    }
    register_drivers(library);
}

enum err gdal_start(struct scope *scope)
{
    pthread_once(&once, start);
    return fault ? fail_in_words_because(scope, ERR_FILE, str_from(fault), MSG_FAULT_GDAL, NULL) : ERR_OK;
}

static str take_cause(struct scope *scope)
{
    str cause = str_copy(&scope->arena, str_from(gdal.CPLGetLastErrorMsg()));
    gdal.CPLErrorReset();
    return cause;
}

enum err gdal_fail_in_words(struct scope *scope, enum err code, enum message message,
                            const struct message_argument *arguments)
{
    return fail_in_words_because(scope, code, take_cause(scope), message, arguments);
}

OGRSpatialReferenceH gdal_reference(int64_t epsg)
{
    if (epsg < 1 || epsg > INT32_MAX) {
        return NULL;
    }
    OGRSpatialReferenceH reference = gdal.OSRNewSpatialReference(NULL);
    if (gdal.OSRImportFromEPSG(reference, (int)epsg) != OGRERR_NONE) {
        gdal.OSRDestroySpatialReference(reference);
        return NULL;
    }
    gdal.OSRSetAxisMappingStrategy(reference, OAMS_TRADITIONAL_GIS_ORDER);
    return reference;
}
