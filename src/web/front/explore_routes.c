#include "web/front/explore.h"

#include "web/front/chart.h"

#define PAGE(pattern_, name_, ...)                                                                 \
    {                                                                                              \
        .pattern = pattern_, .lane = LANE_QUICK, .name = name_, .kind = ROUTE_PAGE,                \
        .csrf = CSRF_TOKEN, .cacheable = true, __VA_ARGS__                                         \
    }
#define EMBED(pattern_, name_, handler_)                                                           \
    {                                                                                              \
        .pattern = "/embed/dataset/{}/" pattern_, .lane = LANE_QUICK, .name = name_,               \
        .kind = ROUTE_EMBED, .handler = handler_, .cacheable = true                                \
    }
#define DATASET "/explore/dataset/{}"

const struct route explore_routes[] = {
    PAGE("/explore", "catalogue", .handler = catalogue_get),
    PAGE(DATASET, "dataset", .handler = dataset_information_get),
    PAGE(DATASET "/analyze", "dataset_analyze", .handler = dataset_analyze_get),
    PAGE(DATASET "/information", "dataset_information", .handler = dataset_information_get),
    EMBED("chart", "embed_chart", embed_chart_get),
#ifdef PARVIS_DEVELOPMENT
    PAGE("/styleguide", "styleguide", .handler = styleguide_get),
#endif
};
const size_t explore_route_count = ARRAY_LENGTH(explore_routes);

const struct tpl_binding *const explore_templates[] = {
    &catalogue_template,
    &chart_template,
    &dataset_analyze_template,
    &dataset_frame_template,
    &dataset_information_template,
    &embed_page_template,
#ifdef PARVIS_DEVELOPMENT
    &styleguide_template,
#endif
};
const size_t explore_template_count = ARRAY_LENGTH(explore_templates);
