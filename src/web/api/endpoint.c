#include "web/api/endpoint.h"

static const struct parameter_row rows[] = {
#define PARAMETER(name, text, repeatable, schema, documentation)                                   \
    {{text, sizeof(text) - 1},                                                                     \
     repeatable,                                                                                   \
     {schema, sizeof(schema) - 1},                                                                 \
     {documentation, sizeof(documentation) - 1}},
#include "web/api/parameters.def"
#undef PARAMETER
};

_Static_assert(PARAMETER__COUNT <= 64, "the parameters of an endpoint are bits of one number");

const struct parameter_row *parameter_rows(void)
{
    return rows;
}

bool endpoint_takes(const struct endpoint *endpoint, str name)
{
    if (!endpoint) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (endpoint->parameters >> i & 1 && str_eq(rows[i].name, name)) {
            return true;
        }
    }
    return false;
}
