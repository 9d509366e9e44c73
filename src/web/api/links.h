/* Addresses of the API's own resources, and the link objects of answers (explore-api.md 2.3-2.8). */
#ifndef WEB_API_LINKS_H
#define WEB_API_LINKS_H

#include "base/json_write.h"
#include "domain/interop/interop.h"
#include "web/api/params.h"

#define API_PATH "/api/explore/v2.1"

/** "http://host/api/explore/v2.1/catalog" + path, in the call's arena. */
str link_catalog(struct call *call, str path);

/** Address of a dataset + path ("", "/records", …). */
str link_dataset(struct call *call, str dataset_id, str path);

/** An address with the version that is asked for, if one is: what it leads to is of the same one. In the call's arena. */
str link_of_version(struct call *call, str address);

/** What descriptions of datasets say of the portal; lang: of the values that are wanted. */
struct interop_portal link_portal(struct call *call, str lang);

/** Writes {"rel": …, "href": …}. */
void link_write(struct json_writer *json, str rel, str href);

/**
 * Writes the paging links of an answer as an array: self, first, last, and next when there is one.
 * The addresses repeat the request's parameters with another offset.
 */
void links_write_paging(struct json_writer *json, struct call *call, str address,
                        const struct params *params, int64_t total);

/** Writes the links of a dataset as an array (explore-api.md 2.3). */
void links_write_dataset(struct json_writer *json, struct call *call, str dataset_id,
                         bool has_records, bool has_attachments);

/** Writes the links of a record as an array: self, datasets, dataset. */
void links_write_record(struct json_writer *json, struct call *call, str dataset_id, str record_id);

#endif
