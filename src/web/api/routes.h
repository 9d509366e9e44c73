/* The routes of the Explore API v2.1 and their handlers. */
#ifndef WEB_API_ROUTES_H
#define WEB_API_ROUTES_H

#include "web/shell/route.h"

extern const struct route api_routes[];
extern const size_t api_route_count;

call_handler api_catalog;
call_handler api_datasets;
call_handler api_dataset;
call_handler api_catalog_facets;
call_handler api_records;
call_handler api_record;
call_handler api_facets;
call_handler api_attachments;
call_handler api_attachment;
call_handler api_exports;
call_handler api_export;
call_handler api_catalogue_exports;
call_handler api_catalogue_export;
call_handler api_tile;
call_handler api_catalogue_known; /* the same at the places where harvesters look */
call_handler api_schema_org;

#endif
