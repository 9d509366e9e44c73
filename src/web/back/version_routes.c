/* The versions of a dataset in the back office. */
#include "base/attr.h"
#include "web/back/routes.h"
#include "web/back/versions.h"

#define VERSIONS "/backoffice/datasets/{}/versions"

static const struct route routes[] = {
    {PAGE_FOR(GUARD_SIGNED_IN, VERSIONS, back_versions, "back.versions", "The versions of a dataset that are kept."),
     .keys = true},
    {.pattern = VERSIONS "/compare", .handler = back_versions_compare, .lane = LANE_BULK,
     .name = "back.versions_compare", .documentation = "What differs between two versions: from, to.",
     .kind = ROUTE_PAGE, .guard = GUARD_SIGNED_IN, .office = true, .keys = true},
    {WORK(GUARD_SIGNED_IN, VERSIONS "/keep", back_versions_keep, "back.versions_keep",
          "How many versions of a dataset are kept.")},
    {WORK(GUARD_SIGNED_IN, VERSIONS "/{}/{}", back_version_action, "back.version_action",
          "Make a version the current one, pin, unpin or delete it.")},
};

static const struct tpl_binding *const templates[] = {&versions_template, &versions_compare_template};

const struct office_part version_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
