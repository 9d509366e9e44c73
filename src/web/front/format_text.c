#include "web/front/format_text.h"

static const struct format_text texts[] = {
    {"csv", GROUP_TABLES, "CSV", MSG_EXPORT_HELP_CSV, true},
    {"xlsx", GROUP_TABLES, "Excel (XLSX)", MSG_EXPORT_HELP_XLSX, true},
    {"geojson", GROUP_GEOGRAPHIC, "GeoJSON", MSG_EXPORT_HELP_GEOJSON, false},
    {"shp", GROUP_GEOGRAPHIC, "Shapefile", MSG_EXPORT_HELP_SHP, false},
    {"kml", GROUP_GEOGRAPHIC, "KML", MSG_EXPORT_HELP_KML, false},
    {"gpx", GROUP_GEOGRAPHIC, "GPX", MSG_EXPORT_HELP_GPX, false},
    {"fgb", GROUP_GEOGRAPHIC, "FlatGeobuf", MSG_EXPORT_HELP_FGB, false},
    {"mvt", GROUP_GEOGRAPHIC, "MBTiles", MSG_EXPORT_HELP_MVT, false},
    {"json", GROUP_PROGRAMS, "JSON", MSG_EXPORT_HELP_JSON, false},
    {"jsonl", GROUP_PROGRAMS, "JSON Lines", MSG_EXPORT_HELP_JSONL, false},
    {"parquet", GROUP_PROGRAMS, "Parquet", MSG_EXPORT_HELP_PARQUET, false},
};

const struct format_text *format_text_find(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (str_eq(name, str_from(texts[i].name))) {
            return &texts[i];
        }
    }
    return NULL;
}
