#include "web/api/routes.h"

#include "base/attr.h"

#define CATALOG "/api/explore/v2.1/catalog"

const struct route api_routes[] = {
    {CATALOG, api_catalog, LANE_QUICK, true, "api.catalog", "The entry point: links to what there is.",
     .kind = ROUTE_API},
    {CATALOG "/datasets", api_datasets, LANE_QUICK, true, "api.datasets",
     "Search the catalogue of datasets.", .kind = ROUTE_API},
    {CATALOG "/datasets/{}", api_dataset, LANE_QUICK, true, "api.dataset",
     "One dataset: its schema and metadata.", .kind = ROUTE_API},
    {CATALOG "/facets", api_catalog_facets, LANE_QUICK, true, "api.catalog_facets",
     "Facet values of the catalogue.", .kind = ROUTE_API},
    {CATALOG "/datasets/{}/records", api_records, LANE_QUICK, true, "api.records",
     "Query or aggregate the records of a dataset.", .kind = ROUTE_API},
    {CATALOG "/datasets/{}/records/{}", api_record, LANE_QUICK, true, "api.record",
     "One record by its id.", .kind = ROUTE_API},
    {CATALOG "/datasets/{}/facets", api_facets, LANE_QUICK, true, "api.facets",
     "Facet values of a dataset.", .kind = ROUTE_API},
    {CATALOG "/datasets/{}/exports", api_exports, LANE_QUICK, true, "api.exports",
     "The formats in which a dataset can be exported.", .kind = ROUTE_API},
    {CATALOG "/datasets/{}/exports/{}", api_export, LANE_BULK, false, "api.export",
     "All matching records of a dataset as a file.", .kind = ROUTE_API},
};

const size_t api_route_count = ARRAY_LENGTH(api_routes);
