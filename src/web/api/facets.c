/* Facet values of a dataset and of the catalogue (explore-api.md 2.5). */
#include "domain/records/facet.h"
#include "web/api/answer.h"
#include "web/api/routes.h"

static const str state_names[] = {
    [FACET_DISPLAYED] = {"displayed", 9}, [FACET_REFINED] = {"refined", 7},
    [FACET_EXCLUDED] = {"excluded", 8}};

/* Nesting is bounded by LIMIT_FACET_LEVELS. */
static void write_values(struct json_writer *json, const struct facet_value *first)
{
    json_array_begin(json);
    for (const struct facet_value *value = first; value; value = value->next) {
        json_object_begin(json);
        json_key_text(json, S("name"), value->name);
        if (value->state != FACET_EXCLUDED) {
            json_key_int(json, S("count"), value->count);
        }
        json_key_text(json, S("state"), state_names[value->state]);
        json_key_text(json, S("value"), value->value);
        if (value->children) {
            json_key(json, S("facets"));
            write_values(json, value->children);
        }
        json_object_end(json);
    }
    json_array_end(json);
}

static enum err read_requests(struct call *call, const struct source *source,
                              const struct params *params,
                              const struct facet_request **ret_requests, size_t *ret_count)
{
    if (params->facet_count == 0) {
        return facet_requests_default(call->scope, source, ret_requests, ret_count);
    }
    struct facet_request *requests =
        arena_array(&call->scope->arena, struct facet_request, params->facet_count);
    for (size_t i = 0; i < params->facet_count; i++) {
        TRY(odsql_facet_parse(call->scope, source, params->facets[i], &requests[i]));
    }
    *ret_requests = requests;
    *ret_count = params->facet_count;
    return ERR_OK;
}

static enum err write_facets(struct call *call, struct records_lease *lease,
                             const struct params *params, struct json_writer *json)
{
    const struct facet_request *requests;
    size_t count;
    TRY(read_requests(call, &lease->source, params, &requests, &count));
    struct clauses clauses = params->clauses;
    clauses.facets = requests;
    clauses.facet_count = count;
    json_key(json, S("facets"));
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        const struct facet_value *values;
        TRY(facet_read(call->scope, lease, &clauses, &requests[i], &values));
        json_object_begin(json);
        json_key_text(json, S("name"), facet_name(&lease->source, requests[i].field));
        json_key(json, S("facets"));
        write_values(json, values);
        json_object_end(json);
    }
    json_array_end(json);
    return ERR_OK;
}

static void add_texts(struct buf *out, str name, const str *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "|%.*s=%zu:", STR_ARG(name), texts[i].n);
        buf_add(out, texts[i]);
    }
}

/* Facets have no plan whose canonical text could name them; the clauses do as they came. */
static str identify(struct call *call, const struct params *params)
{
    struct buf out = {0};
    const struct clauses *clauses = &params->clauses;
    buf_add(&out, S("facets"));
    add_texts(&out, S("facet"), params->facets, params->facet_count);
    add_texts(&out, S("where"), clauses->where, clauses->where_count);
    add_texts(&out, S("refine"), clauses->refine, clauses->refine_count);
    add_texts(&out, S("exclude"), clauses->exclude, clauses->exclude_count);
    str result = buf_copy(&out, &call->scope->arena);
    buf_done(&out);
    return result;
}

static void write_links(struct json_writer *json, str self, str rel, str href)
{
    json_key(json, S("links"));
    json_array_begin(json);
    link_write(json, S("self"), self);
    link_write(json, rel, href);
    json_array_end(json);
}

enum err api_facets(struct call *call)
{
    struct params params;
    const struct dataset *dataset;
    struct records_lease lease cleanup_with(records_release) = {0};
    struct buf body cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&body);
    TRY(params_read(call, PARAMS_WHOLE, &params));
    TRY(answer_find_dataset(call, call->path_values[0], &dataset));
    TRY(records_lease(call->scope, call->app->records, dataset, &lease));
    if (answer_is_known(call, &params, dataset, true, identify(call, &params))) {
        return ERR_OK;
    }
    json_object_begin(&json);
    write_links(&json, link_of_version(call, link_dataset(call, dataset->id, S("/facets"))), S("dataset"),
                link_of_version(call, link_dataset(call, dataset->id, S(""))));
    TRY(write_facets(call, &lease, &params, &json));
    json_object_end(&json);
    answer_json(call, &params, &body);
    return ERR_OK;
}

enum err api_catalog_facets(struct call *call)
{
    struct params params;
    struct records_lease lease cleanup_with(records_release) = {0};
    struct buf body cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&body);
    TRY(params_read(call, PARAMS_WHOLE, &params));
    if (answer_is_known(call, &params, NULL, true, identify(call, &params))) {
        return ERR_OK;
    }
    TRY(records_lease_catalogue(call->scope, call->app->records, call->snapshot,
                                params.clauses.lang, &lease));
    json_object_begin(&json);
    write_links(&json, link_catalog(call, S("/facets")), S("source"), link_catalog(call, S("")));
    TRY(write_facets(call, &lease, &params, &json));
    json_object_end(&json);
    answer_json(call, &params, &body);
    return ERR_OK;
}
