/* The catalogue: entry point, list of datasets, one dataset (explore-api.md 2.1, 2.3, 2.4). */
#include "domain/records/read.h"
#include "web/api/answer.h"
#include "web/api/routes.h"

static struct sql dataset_id_expression(struct call *call)
{
    struct sql sql = sql_in(&call->scope->arena);
    sql_text(&sql, "\"dataset_id\"");
    return sql;
}

enum err api_catalog(struct call *call)
{
    static const str names[] = {{"datasets", 8}, {"exports", 7}, {"facets", 6}};
    struct params params;
    TRY(params_read(call, PARAMS_WHOLE, &params));
    answer_links(call, &params, link_catalog(call, S("")), names, ARRAY_LENGTH(names));
    return ERR_OK;
}

enum err api_datasets(struct call *call)
{
    struct params params;
    struct records_lease lease cleanup_with(records_release) = {0};
    TRY(params_read(call, PARAMS_PAGE, &params));
    TRY(records_lease_catalogue(call->scope, call->app->records, call->snapshot,
                                params.clauses.lang, &lease));
    struct sql id_expression = dataset_id_expression(call);
    struct page_source source = {.address = link_catalog(call, S("/datasets")),
                                 .id_expression = &id_expression};
    return answer_page(call, &lease, &params, &source);
}

/* The keys of the object and no closing brace yet. */
static void send_object(struct call *call, const struct params *params,
                        const struct dataset *dataset, struct buf *body)
{
    if (params->include_links) {
        buf_add(body, body->n > 1 ? S(", \"_links\": ") : S("\"_links\": "));
        struct json_writer json = json_writer_to(body);
        links_write_dataset(&json, call, dataset->id, dataset->version > 0,
                            dataset->has_attachments);
    }
    buf_add_char(body, '}');
    answer_json(call, params, body);
}

/* One dataset as a row of the catalogue: the keys that select names. */
static enum err select_dataset(struct call *call, struct params *params,
                               const struct dataset *dataset, struct buf *body)
{
    struct records_lease lease cleanup_with(records_release) = {0};
    struct sql condition = dataset_id_expression(call);
    struct plan *plan;
    bool found;
    sql_text(&condition, " = ");
    sql_bind(&condition, cell_text(dataset->id));
    params->clauses.condition = &condition;
    params->clauses.limit = 1;
    TRY(records_lease_catalogue(call->scope, call->app->records, call->snapshot,
                                params->clauses.lang, &lease));
    TRY(odsql_compile(call->scope, &lease.source, &params->clauses, &plan));
    struct read read = {.plan = plan, .clauses = &params->clauses, .zone = params->zone};
    TRY(read_first(call->scope, &lease, &read, body, &found));
    if (!found) {
        return dataset_absent(call->scope, dataset->id);
    }
    body->n--; /* the closing brace */
    return ERR_OK;
}

enum err api_dataset(struct call *call)
{
    struct params params;
    const struct dataset *dataset;
    TRY(params_read(call, PARAMS_WHOLE, &params));
    TRY(answer_find_dataset(call, call->path_values[0], &dataset));
    str identity = str_printf(&call->scope->arena, "dataset|%.*s|%.*s", STR_ARG(dataset->id),
                              STR_ARG(params.clauses.select));
    if (dataset->is_past) { /* the metadata are today's */
        identity = str_printf(&call->scope->arena, "%.*s|%lld|%lld", STR_ARG(identity),
                              (long long)dataset->changed, (long long)dataset->metadata_processed);
    }
    if (answer_is_known(call, &params, dataset, params.include_links, identity)) {
        return ERR_OK;
    }
    struct buf body cleanup_with(buf_cleanup) = {0};
    if (params.clauses.select.n) {
        TRY(select_dataset(call, &params, dataset, &body));
    } else {
        str document;
        TRY(dataset_document_in(call->scope, dataset, params.clauses.lang, params.include_app_metas,
                                &document));
        buf_add(&body, str_slice(document, 0, document.n - 1));
        str own = params.clauses.lang;
        if (!own.n) {
            TRY(dataset_language(call->scope, dataset, &own));
        }
        params.lang = own.n ? own : params.lang;
    }
    send_object(call, &params, dataset, &body);
    return ERR_OK;
}
