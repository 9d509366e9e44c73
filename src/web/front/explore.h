/* The front office's pages of datasets: routes, handlers and templates. */
#ifndef WEB_FRONT_EXPLORE_H
#define WEB_FRONT_EXPLORE_H

#include "web/front/dataset_page.h"
#include "web/shell/route.h"

extern const struct route explore_routes[];
extern const size_t explore_route_count;
extern const struct tpl_binding *const explore_templates[];
extern const size_t explore_template_count;

/* ---- handlers, a file each ---- */

call_handler catalogue_get, dataset_information_get, dataset_table_get, record_get, dataset_export_get,
    dataset_api_get, dataset_map_get, dataset_analyze_get, embed_chart_get, embed_map_get,
    embed_table_get;
call_handler selection_get, selection_post, selection_zip_get, selection_shell_get, selection_python_get;
call_handler dataset_picture_get, robots_get, sitemap_index_get, sitemap_get, opensearch_get;

#ifdef PARVIS_DEVELOPMENT
call_handler styleguide_get;
extern const struct tpl_binding styleguide_template;
#endif

/* ---- templates ---- */

extern const struct tpl_binding catalogue_template, dataset_information_template, dataset_table_template,
    table_embed_template, table_rows_template, record_template, dataset_export_template, dataset_api_template, selection_template,
    map_template, dataset_analyze_template, embed_page_template;

#endif
