/*
 * What the rows of routes.c say of an endpoint of the Explore API besides its path and handler: which
 * parameters it takes (parameters.def) and what it answers. Parameters that an endpoint does not take are
 * ignored (explore-api.md 1.1).
 */
#ifndef WEB_API_ENDPOINT_H
#define WEB_API_ENDPOINT_H

#include "base/str.h"
#include "web/shell/call.h"

enum parameter {
#define PARAMETER(name, text, repeatable, schema, documentation) PARAMETER_##name,
#include "web/api/parameters.def"
#undef PARAMETER
    PARAMETER__COUNT
};

#define TAKES(name) (UINT64_C(1) << PARAMETER_##name)

struct endpoint {
    uint64_t parameters;           /* TAKES(…) | TAKES(…) */
    const char *path_names[CALL_PATH_VALUES]; /* of {} in the path, in order */
    const char *answer;            /* name of a schema in schemas.json; NULL: a file */
};

struct parameter_row {
    str name;
    bool is_repeatable;
    str schema, documentation;
};

/** All rows, PARAMETER__COUNT of them in the order of enum parameter. */
const struct parameter_row *parameter_rows(void);

/** Whether an endpoint takes a parameter of that name. NULL takes all. */
bool endpoint_takes(const struct endpoint *endpoint, str name);

/** Answers GET /api/explore/v2.1/swagger.json: the OpenAPI 3.1 description of all endpoints. */
call_handler api_description;

#endif
