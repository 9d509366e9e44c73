/* The OpenAPI 3.1 description of the Explore API, made of the rows by which it is served. */
#include "domain/records/format.h"
#include "web/api/answer.h"
#include "web/api/endpoint.h"
#include "web/api/routes.h"

extern const str api_schemas; /* schemas.json */

#define PREFIX S("/api/explore/v2.1")

/* Keys of the parameters among the components: of two with one name, each has its own. */
static const char *const parameter_keys[] = {
#define PARAMETER(name, text, repeatable, schema, documentation) #name,
#include "web/api/parameters.def"
#undef PARAMETER
};

static void write_reference(struct json_writer *json, const char *kind, str name)
{
    char text[100];
    int n = snprintf(text, sizeof(text), "#/components/%s/%.*s", kind, STR_ARG(name));
    json_object_begin(json);
    json_key_text(json, S("$ref"), (str){text, (size_t)n});
    json_object_end(json);
}

/* ---- paths ---- */

/* The path of a route below the prefix, with the names of its values. */
static void write_path_key(struct json_writer *json, const struct route *route, struct buf *path)
{
    str rest = str_slice(str_from(route->pattern), PREFIX.n, SIZE_MAX);
    size_t values = 0;
    buf_clear(path);
    for (size_t i = 0; i < rest.n; i++) {
        buf_add_char(path, rest.p[i]);
        if (rest.p[i] == '{') {
            buf_add(path, str_from(route->endpoint->path_names[values++]));
        }
    }
    json_key(json, buf_str(path));
}

static void write_formats(struct json_writer *json)
{
    size_t count;
    const struct format *formats = formats_all(&count);
    json_key(json, S("enum"));
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        json_text(json, formats[i].name);
    }
    json_array_end(json);
}

static void write_catalogue_formats(struct json_writer *json)
{
    size_t count;
    const struct catalogue_format *formats = catalogue_formats_all(&count);
    json_key(json, S("enum"));
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        json_text(json, formats[i].name);
    }
    json_array_end(json);
}

static void write_path_parameter(struct json_writer *json, str name, bool is_first)
{
    json_object_begin(json);
    json_key_text(json, S("name"), name);
    json_key_text(json, S("in"), S("path"));
    json_key_bool(json, S("required"), true);
    json_key(json, S("schema"));
    json_object_begin(json);
    json_key_text(json, S("type"), S("string"));
    if (str_eq(name, S("format"))) {
        is_first ? write_catalogue_formats(json) : write_formats(json);
    }
    json_object_end(json);
    json_object_end(json);
}

static void write_parameters(struct json_writer *json, const struct endpoint *endpoint)
{
    json_key(json, S("parameters"));
    json_array_begin(json);
    for (size_t i = 0; i < CALL_PATH_VALUES && endpoint->path_names[i]; i++) {
        str name = str_from(endpoint->path_names[i]);
        write_path_parameter(json, name, i == 0);
    }
    for (size_t i = 0; i < PARAMETER__COUNT; i++) {
        if (endpoint->parameters >> i & 1) {
            write_reference(json, "parameters", str_from(parameter_keys[i]));
        }
    }
    json_array_end(json);
}

static void write_success(struct json_writer *json, const struct endpoint *endpoint)
{
    json_key(json, S("200"));
    json_object_begin(json);
    json_key_text(json, S("description"),
                  endpoint->answer ? S("The answer.") : S("The file, as an attachment."));
    json_key(json, S("content"));
    json_object_begin(json);
    json_key(json, endpoint->answer ? S("application/json") : S("*/*"));
    json_object_begin(json);
    json_key(json, S("schema"));
    if (endpoint->answer) {
        write_reference(json, "schemas", str_from(endpoint->answer));
    } else {
        json_raw(json, S("{}"));
    }
    json_object_end(json);
    json_object_end(json);
    json_object_end(json);
}

static void write_responses(struct json_writer *json, const struct endpoint *endpoint)
{
    json_key(json, S("responses"));
    json_object_begin(json);
    write_success(json, endpoint);
    json_key(json, S("400"));
    write_reference(json, "responses", S("refused"));
    json_key(json, S("401"));
    write_reference(json, "responses", S("refused"));
    if (endpoint->path_names[0]) {
        json_key(json, S("404"));
        write_reference(json, "responses", S("absent"));
    }
    json_key(json, S("429"));
    write_reference(json, "responses", S("quota"));
    json_object_end(json);
}

/* "api.catalog_facets" → "catalog_facets" */
static str operation_id(const struct route *route)
{
    str name = str_from(route->name);
    size_t dot = str_find_char(name, '.', 0);
    return dot == SIZE_MAX ? name : str_slice(name, dot + 1, name.n);
}

static void write_path(struct json_writer *json, const struct route *route, struct buf *path)
{
    write_path_key(json, route, path);
    json_object_begin(json);
    json_key(json, S("get"));
    json_object_begin(json);
    json_key_text(json, S("operationId"), operation_id(route));
    json_key_text(json, S("summary"), str_from(route->documentation));
    json_key(json, S("tags"));
    json_array_begin(json);
    json_text(json, route->endpoint->path_names[0] &&
                            str_eq(str_from(route->endpoint->path_names[0]), S("dataset_id"))
                        ? S("Dataset")
                        : S("Catalogue"));
    json_array_end(json);
    write_parameters(json, route->endpoint);
    write_responses(json, route->endpoint);
    json_object_end(json);
    json_object_end(json);
}

/* ---- components ---- */

static void write_parameter_rows(struct json_writer *json)
{
    const struct parameter_row *rows = parameter_rows();
    json_key(json, S("parameters"));
    json_object_begin(json);
    for (size_t i = 0; i < PARAMETER__COUNT; i++) {
        json_key(json, str_from(parameter_keys[i]));
        json_object_begin(json);
        json_key_text(json, S("name"), rows[i].name);
        json_key_text(json, S("in"), S("query"));
        json_key_text(json, S("description"), rows[i].documentation);
        json_key(json, S("schema"));
        if (rows[i].is_repeatable) {
            json_object_begin(json);
            json_key_text(json, S("type"), S("array"));
            json_key(json, S("items"));
            json_raw(json, rows[i].schema);
            json_object_end(json);
            json_key_text(json, S("style"), S("form"));
            json_key_bool(json, S("explode"), true);
        } else {
            json_raw(json, rows[i].schema);
        }
        json_object_end(json);
    }
    json_object_end(json);
}

static void write_response(struct json_writer *json, const char *name, const char *description,
                           const char *schema)
{
    json_key(json, str_from(name));
    json_object_begin(json);
    json_key_text(json, S("description"), str_from(description));
    json_key(json, S("content"));
    json_object_begin(json);
    json_key(json, S("application/json"));
    json_object_begin(json);
    json_key(json, S("schema"));
    write_reference(json, "schemas", str_from(schema));
    json_object_end(json);
    json_object_end(json);
    json_object_end(json);
}

static void write_components(struct json_writer *json)
{
    json_key(json, S("components"));
    json_object_begin(json);
    write_parameter_rows(json);
    json_key(json, S("responses"));
    json_object_begin(json);
    write_response(json, "refused", "The request is wrong, or its API key is not known.", "error");
    write_response(json, "absent", "There is no such dataset or record for the caller.", "error");
    write_response(json, "quota", "The caller's quota of calls is used up.", "quota_error");
    json_object_end(json);
    json_key(json, S("schemas"));
    json_raw(json, api_schemas);
    json_key(json, S("securitySchemes"));
    json_raw(json, S("{\"apikey_header\": {\"type\": \"apiKey\", \"in\": \"header\", \"name\": "
                     "\"Authorization\", \"description\": \"Apikey and the key\"}, "
                     "\"apikey_query\": {\"type\": \"apiKey\", \"in\": \"query\", \"name\": \"apikey\"}}"));
    json_object_end(json);
}

static void write_description(struct call *call, struct json_writer *json)
{
    struct buf path = {0};
    json_object_begin(json);
    json_key_text(json, S("openapi"), S("3.1.0"));
    json_key(json, S("info"));
    json_object_begin(json);
    json_key_text(json, S("title"), str_printf(&call->scope->arena, "%.*s: Explore API",
                                               STR_ARG(call->site->name)));
    json_key_text(json, S("version"), S("2.1"));
    json_key_text(json, S("description"),
                  S("Datasets and their records, searched, filtered, aggregated and exported with ODSQL."));
    json_object_end(json);
    json_key(json, S("servers"));
    json_array_begin(json);
    json_object_begin(json);
    json_key_text(json, S("url"), str_printf(&call->scope->arena, "%.*s%.*s",
                                             STR_ARG(call->base_url), STR_ARG(PREFIX)));
    json_object_end(json);
    json_array_end(json);
    json_key(json, S("security"));
    json_raw(json, S("[{}, {\"apikey_header\": []}, {\"apikey_query\": []}]"));
    json_key(json, S("paths"));
    json_object_begin(json);
    for (size_t i = 0; i < api_route_count; i++) {
        if (api_routes[i].endpoint) {
            write_path(json, &api_routes[i], &path);
        }
    }
    json_object_end(json);
    write_components(json);
    json_object_end(json);
    buf_done(&path);
}

enum err api_description(struct call *call)
{
    struct params params = {.zone = zone_find(STR_NONE), .lang = S("en")};
    struct buf body cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&body);
    if (!answer_is_known(call, &params, NULL, true, S("description"))) {
        write_description(call, &json);
        answer_json(call, &params, &body);
    }
    return ERR_OK;
}
