#include "domain/catalog/attachment_type.h"

#include "base/attr.h"

/* Types that no browser runs; everything else, HTML and SVG too, is sent as bytes. */
static const struct {
    str extension, type;
} types[] = {
    {S(".pdf"), S("application/pdf")},
    {S(".csv"), S("text/csv")},
    {S(".txt"), S("text/plain")},
    {S(".md"), S("text/markdown")},
    {S(".json"), S("application/json")},
    {S(".geojson"), S("application/geo+json")},
    {S(".zip"), S("application/zip")},
    {S(".gz"), S("application/gzip")},
    {S(".png"), S("image/png")},
    {S(".jpg"), S("image/jpeg")},
    {S(".jpeg"), S("image/jpeg")},
    {S(".gif"), S("image/gif")},
    {S(".webp"), S("image/webp")},
    {S(".doc"), S("application/msword")},
    {S(".docx"), S("application/vnd.openxmlformats-officedocument.wordprocessingml.document")},
    {S(".xls"), S("application/vnd.ms-excel")},
    {S(".xlsx"), S("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")},
    {S(".ppt"), S("application/vnd.ms-powerpoint")},
    {S(".pptx"), S("application/vnd.openxmlformats-officedocument.presentationml.presentation")},
    {S(".odt"), S("application/vnd.oasis.opendocument.text")},
    {S(".ods"), S("application/vnd.oasis.opendocument.spreadsheet")},
    {S(".odp"), S("application/vnd.oasis.opendocument.presentation")},
    {S(".parquet"), S("application/vnd.apache.parquet")},
    {S(".gpkg"), S("application/geopackage+sqlite3")},
};

str attachment_type(struct arena *arena, str file_name)
{
    str lower = str_lower_ascii(arena, file_name);
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
        if (str_ends(lower, types[i].extension)) {
            return types[i].type;
        }
    }
    return S("application/octet-stream");
}
