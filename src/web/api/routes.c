#include "web/api/routes.h"

#include "base/attr.h"
#include "web/shell/static.h"

#define CATALOG "/api/explore/v2.1/catalog"

const struct route api_routes[] = {
    {CATALOG, api_catalog, LANE_QUICK, true, "api.catalog", "The entry point: links to what there is."},
    {CATALOG "/datasets", api_datasets, LANE_QUICK, true, "api.datasets",
     "Search the catalogue of datasets."},
    {CATALOG "/datasets/{}", api_dataset, LANE_QUICK, true, "api.dataset",
     "One dataset: its schema and metadata."},
    {CATALOG "/facets", api_catalog_facets, LANE_QUICK, true, "api.catalog_facets",
     "Facet values of the catalogue."},
    {CATALOG "/datasets/{}/records", api_records, LANE_QUICK, true, "api.records",
     "Query or aggregate the records of a dataset."},
    {CATALOG "/datasets/{}/records/{}", api_record, LANE_QUICK, true, "api.record",
     "One record by its id."},
    {CATALOG "/datasets/{}/facets", api_facets, LANE_QUICK, true, "api.facets",
     "Facet values of a dataset."},
    {CATALOG "/datasets/{}/exports", api_exports, LANE_QUICK, true, "api.exports",
     "The formats in which a dataset can be exported."},
    {CATALOG "/datasets/{}/exports/{}", api_export, LANE_BULK, false, "api.export",
     "All matching records of a dataset as a file."},
    {"/static/{}", static_file, LANE_QUICK, true, "static.file", "Style sheet and script of the pages."},
    {"/favicon.svg", static_icon, LANE_QUICK, true, "static.icon", "The portal's icon."},
    {"/favicon.ico", static_icon, LANE_QUICK, true, "static.icon", "The portal's icon."},
};

const size_t api_route_count = ARRAY_LENGTH(api_routes);
