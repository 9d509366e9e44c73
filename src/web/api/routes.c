#include "web/api/routes.h"

#include "base/attr.h"
#include "web/api/endpoint.h"

#define CATALOG "/api/explore/v2.1/catalog"

#define MONITORING "/api/explore/v2.1/monitoring"

#define FILTERING (TAKES(WHERE) | TAKES(REFINE) | TAKES(EXCLUDE))
#define SHOWING (TAKES(LANG) | TAKES(TIMEZONE))
#define PAGING                                                                                     \
    (TAKES(SELECT) | FILTERING | TAKES(GROUP_BY) | TAKES(ORDER_BY) | TAKES(LIMIT) | TAKES(OFFSET) | \
     TAKES(ROWS) | TAKES(START) | SHOWING | TAKES(INCLUDE_LINKS) | TAKES(INCLUDE_APP_METAS))
#define EXPORTING                                                                                  \
    (TAKES(SELECT) | FILTERING | TAKES(GROUP_BY) | TAKES(ORDER_BY) | TAKES(EXPORT_LIMIT) |          \
     TAKES(EXPORT_OFFSET) | TAKES(ROWS) | TAKES(START) | SHOWING | TAKES(USE_LABELS) |              \
     TAKES(COMPRESSED) | TAKES(DELIMITER) | TAKES(LIST_SEPARATOR) | TAKES(QUOTE_ALL) | TAKES(WITH_BOM))

static const struct endpoint entry = {SHOWING, {NULL}, "links"};
static const struct endpoint datasets = {PAGING, {NULL}, "datasets"};
static const struct endpoint dataset = {
    TAKES(SELECT) | SHOWING | TAKES(INCLUDE_LINKS) | TAKES(INCLUDE_APP_METAS) | TAKES(VERSION), {"dataset_id"}, "dataset"};
static const struct endpoint catalog_facets = {FILTERING | TAKES(FACET) | SHOWING, {NULL}, "facets"};
static const struct endpoint records = {PAGING | TAKES(VERSION), {"dataset_id"}, "records"};
static const struct endpoint record = {TAKES(SELECT) | SHOWING | TAKES(VERSION), {"dataset_id", "record_id"}, "record"};
static const struct endpoint facets = {FILTERING | TAKES(FACET) | SHOWING | TAKES(VERSION), {"dataset_id"}, "facets"};
static const struct endpoint tile = {
    FILTERING | TAKES(FIELD) | TAKES(PROPERTY) | SHOWING | TAKES(VERSION), {"dataset_id", "z", "x", "y"}, NULL};
static const struct endpoint attachments = {0, {"dataset_id"}, "attachments"};
static const struct endpoint attachment = {0, {"dataset_id", "attachment_id"}, NULL};
static const struct endpoint exports = {SHOWING | TAKES(VERSION), {"dataset_id"}, "links"};
static const struct endpoint export = {
    EXPORTING | TAKES(EPSG) | TAKES(PARQUET_COMPRESSION) | TAKES(NAME_FIELD) |
        TAKES(DESCRIPTION_FIELD_LIST) | TAKES(USE_EXTENSION) | TAKES(VERSION),
    {"dataset_id", "format"}, NULL};

static const struct endpoint catalogue_exports = {SHOWING, {NULL}, "links"};
static const struct endpoint catalogue_export = {
    EXPORTING | TAKES(INCLUDE_EXPORTS) | TAKES(USE_LABELS_IN_EXPORTS), {"format"}, NULL};

const struct route api_routes[] = {
    {CATALOG, api_catalog, LANE_QUICK, true, "api.catalog", "The entry point: links to what there is.",
     .kind = ROUTE_API, .counts = COUNTED_CALL, .endpoint = &entry},
    {CATALOG "/datasets", api_datasets, LANE_QUICK, true, "api.datasets",
     "Search the catalogue of datasets.", .kind = ROUTE_API, .counts = COUNTED_CALL, .endpoint = &datasets},
    {CATALOG "/datasets/{}", api_dataset, LANE_QUICK, true, "api.dataset",
     "One dataset: its schema and metadata.", .kind = ROUTE_API, .counts = COUNTED_CALL, .endpoint = &dataset},
    {CATALOG "/facets", api_catalog_facets, LANE_QUICK, true, "api.catalog_facets",
     "Facet values of the catalogue.", .kind = ROUTE_API, .counts = COUNTED_CALL, .endpoint = &catalog_facets},
    {CATALOG "/datasets/{}/records", api_records, LANE_QUICK, true, "api.records",
     "Query or aggregate the records of a dataset.", .kind = ROUTE_API, .counts = COUNTED_CALL, .endpoint = &records},
    {CATALOG "/datasets/{}/records/{}", api_record, LANE_QUICK, true, "api.record",
     "One record by its id.", .kind = ROUTE_API, .counts = COUNTED_CALL, .endpoint = &record},
    {CATALOG "/datasets/{}/facets", api_facets, LANE_QUICK, true, "api.facets",
     "Facet values of a dataset.", .kind = ROUTE_API, .counts = COUNTED_CALL, .endpoint = &facets},
    {CATALOG "/datasets/{}/tiles/{}/{}/{}.mvt", api_tile, LANE_QUICK, true, "api.tile",
     "A vector tile of the matching records of a dataset, for maps.", .kind = ROUTE_API, .counts = COUNTED_TILE, .endpoint = &tile,
     .is_free = true},
    {CATALOG "/datasets/{}/attachments", api_attachments, LANE_QUICK, true, "api.attachments",
     "The files attached to a dataset.", .kind = ROUTE_API, .counts = COUNTED_CALL, .endpoint = &attachments},
    {CATALOG "/datasets/{}/attachments/{}", api_attachment, LANE_BULK, false, "api.attachment",
     "One attached file.", .kind = ROUTE_API, .counts = COUNTED_ATTACHMENT, .endpoint = &attachment},
    {CATALOG "/datasets/{}/exports", api_exports, LANE_QUICK, true, "api.exports",
     "The formats in which a dataset can be exported.", .kind = ROUTE_API, .counts = COUNTED_CALL, .endpoint = &exports},
    {CATALOG "/datasets/{}/exports/{}", api_export, LANE_BULK, false, "api.export",
     "All matching records of a dataset as a file.", .kind = ROUTE_API, .counts = COUNTED_EXPORT, .endpoint = &export},
    {CATALOG "/exports", api_catalogue_exports, LANE_QUICK, true, "api.catalog_exports",
     "The formats in which the catalogue can be exported.", .kind = ROUTE_API, .counts = COUNTED_CALL, .endpoint = &catalogue_exports},
    {CATALOG "/exports/{}", api_catalogue_export, LANE_BULK, false, "api.catalog_export",
     "All matching datasets as a file.", .kind = ROUTE_API, .counts = COUNTED_EXPORT, .endpoint = &catalogue_export},
    {MONITORING, api_catalog, LANE_QUICK, false, "monitoring.catalog", "The entry point of the datasets about the use of the portal.",
     .kind = ROUTE_API, .is_monitoring = true},
    {MONITORING "/datasets", api_datasets, LANE_QUICK, false, "monitoring.datasets", "Search the datasets about the use of the portal.",
     .kind = ROUTE_API, .is_monitoring = true},
    {MONITORING "/datasets/{}", api_dataset, LANE_QUICK, false, "monitoring.dataset", "One of them.",
     .kind = ROUTE_API, .is_monitoring = true},
    {MONITORING "/facets", api_catalog_facets, LANE_QUICK, false, "monitoring.catalog_facets", "Their facet values.",
     .kind = ROUTE_API, .is_monitoring = true},
    {MONITORING "/datasets/{}/records", api_records, LANE_QUICK, false, "monitoring.records", "Figures of the use of the portal.",
     .kind = ROUTE_API, .is_monitoring = true},
    {MONITORING "/datasets/{}/records/{}", api_record, LANE_QUICK, false, "monitoring.record", "One figure.",
     .kind = ROUTE_API, .is_monitoring = true},
    {MONITORING "/datasets/{}/facets", api_facets, LANE_QUICK, false, "monitoring.facets", "Facet values of figures.",
     .kind = ROUTE_API, .is_monitoring = true},
    {MONITORING "/datasets/{}/exports", api_exports, LANE_QUICK, false, "monitoring.exports", "The formats of exports.",
     .kind = ROUTE_API, .is_monitoring = true},
    {MONITORING "/datasets/{}/exports/{}", api_export, LANE_BULK, false, "monitoring.export", "Figures as a file.",
     .kind = ROUTE_API, .is_monitoring = true},
    {"/explore/dataset/{}/schema.jsonld", api_schema_org, LANE_QUICK, true, "schema_org",
     "A dataset as schema.org describes it, for search engines.", .kind = ROUTE_API},
    {"/data.json", api_catalogue_known, LANE_BULK, false, "data_json",
     "The catalogue in the schema of Project Open Data, at its well-known place.", .kind = ROUTE_API, .counts = COUNTED_CALL},
    {"/catalog.ttl", api_catalogue_known, LANE_BULK, false, "catalog_ttl", "The catalogue in DCAT, Turtle.",
     .kind = ROUTE_API, .counts = COUNTED_CALL},
    {"/catalog.rdf", api_catalogue_known, LANE_BULK, false, "catalog_rdf", "The catalogue in DCAT, RDF/XML.",
     .kind = ROUTE_API, .counts = COUNTED_CALL},
    {"/api/explore/v2.1/swagger.json", api_description, LANE_QUICK, true, "api.description",
     "This description of the API in OpenAPI 3.1.", .kind = ROUTE_API},
};

const size_t api_route_count = ARRAY_LENGTH(api_routes);
