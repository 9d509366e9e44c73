#include "web/front/basemap.h"
#include "web/front/catalogue_head.h"
#include "web/front/chart.h"
#include "web/front/content_page.h"
#include "web/front/dataset_head.h"
#include "web/front/explore.h"

#define PAGE(pattern_, name_, ...)                                                                 \
    {                                                                                              \
        .pattern = pattern_, .lane = LANE_QUICK, .name = name_, .kind = ROUTE_PAGE,                \
        .csrf = CSRF_TOKEN, .cacheable = true, .counts = COUNTED_PAGE, __VA_ARGS__                                         \
    }
#define DOCUMENT(pattern_, name_, lane_, ...)                                                      \
    {                                                                                              \
        .pattern = pattern_, .lane = lane_, .name = name_, .kind = ROUTE_DOCUMENT, __VA_ARGS__     \
    }
#define EMBED(pattern_, name_, handler_)                                                           \
    {                                                                                              \
        .pattern = "/embed/dataset/{}/" pattern_, .lane = LANE_QUICK, .name = name_,               \
        .kind = ROUTE_EMBED, .handler = handler_, .cacheable = true, .counts = COUNTED_EMBED       \
    }
/* For programs, too: sessions and keys are read, errors are JSON. */
#define DOWNLOAD(pattern_, handler_, lane_, text_)                                                 \
    {                                                                                              \
        .pattern = pattern_, .handler = handler_, .lane = lane_, .name = "selection_download",     \
        .documentation = text_, .kind = ROUTE_API, .counts = COUNTED_CALL                                                  \
    }
#define DATASET "/explore/dataset/{}"
#define VERSION DATASET "/version/{}"

const struct route explore_routes[] = {
    PAGE("/explore", "catalogue", .handler = catalogue_get),
    PAGE(DATASET, "dataset", .handler = dataset_information_get),
    PAGE(DATASET "/analyze", "dataset_analyze", .handler = dataset_analyze_get),
    PAGE(DATASET "/api", "dataset_api", .handler = dataset_api_get),
    PAGE(DATASET "/export", "dataset_export", .handler = dataset_export_get),
    PAGE(DATASET "/information", "dataset_information", .handler = dataset_information_get),
    PAGE(DATASET "/map", "dataset_map", .handler = dataset_map_get),
    {.pattern = "/map/base/{}/{}/{}.mvt", .lane = LANE_QUICK, .name = "base_map", .kind = ROUTE_DOCUMENT,
     .handler = basemap_get},
    PAGE(DATASET "/table", "dataset_table", .handler = dataset_table_get),
    PAGE(DATASET "/records/{}", "record", .handler = record_get),
    PAGE(VERSION, "dataset_version", .handler = dataset_information_get),
    PAGE(VERSION "/analyze", "dataset_version_analyze", .handler = dataset_analyze_get),
    PAGE(VERSION "/api", "dataset_version_api", .handler = dataset_api_get),
    PAGE(VERSION "/export", "dataset_version_export", .handler = dataset_export_get),
    PAGE(VERSION "/map", "dataset_version_map", .handler = dataset_map_get),
    PAGE(VERSION "/table", "dataset_version_table", .handler = dataset_table_get),
    PAGE(VERSION "/records/{}", "version_record", .handler = record_get),
    PAGE("/pages/{}", "content_page", .handler = content_page_get),
    DOCUMENT("/pages/{}/{}", "content_file", LANE_QUICK, .handler = content_file_send_get),
    PAGE("/selection", "selection", .handler = selection_get, .post = selection_post),
    DOWNLOAD("/selection/download.zip", selection_zip_get, LANE_BULK, "Datasets of a selection as one ZIP archive."),
    DOWNLOAD("/selection/download.sh", selection_shell_get, LANE_QUICK, "Their downloads as a shell script."),
    DOWNLOAD("/selection/download.py", selection_python_get, LANE_QUICK, "Their downloads in Python."),
    DOCUMENT(DATASET "/picture.png", "dataset_picture", LANE_BULK, .handler = dataset_picture_get, .cacheable = true),
    DOCUMENT("/robots.txt", "robots", LANE_QUICK, .handler = robots_get, .cacheable = true),
    DOCUMENT("/sitemap.xml", "sitemap_index", LANE_QUICK, .handler = sitemap_index_get, .cacheable = true),
    DOCUMENT("/sitemap/{}", "sitemap", LANE_BULK, .handler = sitemap_get),
    DOCUMENT("/opensearch.xml", "opensearch", LANE_QUICK, .handler = opensearch_get, .cacheable = true),
    EMBED("chart", "embed_chart", embed_chart_get),
    EMBED("map", "embed_map", embed_map_get),
    EMBED("table", "embed_table", embed_table_get),
#ifdef PARVIS_DEVELOPMENT
    PAGE("/styleguide", "styleguide", .handler = styleguide_get),
#endif
};
const size_t explore_route_count = ARRAY_LENGTH(explore_routes);

const struct tpl_binding *const explore_templates[] = {
    &catalogue_template,
    &catalogue_head_template,
    &chart_template,
    &content_page_template,
    &dataset_analyze_template,
    &dataset_frame_template,
    &dataset_head_template,
    &dataset_api_template,
    &dataset_export_template,
    &selection_template,
    &dataset_information_template,
    &map_template,
    &embed_page_template,
    &condition_form_template,
    &dataset_table_template,
    &table_embed_template,
    &table_rows_template,
    &record_template,
#ifdef PARVIS_DEVELOPMENT
    &styleguide_template,
#endif
};
const size_t explore_template_count = ARRAY_LENGTH(explore_templates);
