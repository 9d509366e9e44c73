/* Records of a dataset: pages, groups, one record (explore-api.md 2.6, 2.7). */
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/records/read.h"
#include "web/api/answer.h"
#include "web/api/routes.h"

enum err api_records(struct call *call)
{
    struct params params;
    const struct dataset *dataset;
    struct records_lease lease cleanup_with(records_release) = {0};
    TRY(params_read(call, PARAMS_PAGE, &params));
    TRY(answer_find_dataset(call, call->path_values[0], &dataset));
    TRY(records_lease(call->scope, call->app->records, dataset, &lease));
    struct sql id_expression = sql_in(&call->scope->arena);
    records_id_expression(&id_expression, &lease.source);
    struct page_source source = {.dataset = dataset,
                                 .address = link_dataset(call, dataset->id, S("/records")),
                                 .id_expression = &id_expression};
    return answer_page(call, &lease, &params, &source);
}

static enum err refuse_record(struct call *call, str id)
{
    return fail(call->scope, ERR_NO_RECORD, "The requested record %.*s does not exist.",
                STR_ARG(utf8_truncate(id, LIMIT_NAME_BYTES)));
}

static enum err read_record(struct call *call, struct params *params, const struct dataset *dataset,
                            struct buf *body, bool *ret_known)
{
    str id = str_lower_ascii(&call->scope->arena, call->path_values[1]);
    int64_t key;
    if (!records_key_of_id(id, &key)) {
        return refuse_record(call, call->path_values[1]);
    }
    struct records_lease lease cleanup_with(records_release) = {0};
    struct sql condition = sql_in(&call->scope->arena);
    struct plan *plan;
    TRY(records_lease(call->scope, call->app->records, dataset, &lease));
    records_id_condition(&condition, &lease.source, id, key);
    params->clauses.condition = &condition;
    params->clauses.limit = 1;
    TRY(odsql_compile(call->scope, &lease.source, &params->clauses, &plan));
    struct read read = {.plan = plan, .clauses = &params->clauses, .zone = params->zone};
    bool found;
    cell count = cell_int(1);
    if (plan->is_aggregate) { /* has a row even where there is no record */
        TRY(db_query_cell(call->scope, lease.db, &plan->total, &count));
    }
    TRY(read_first(call->scope, &lease, &read, body, &found));
    if (!found || count.number == 0) {
        return refuse_record(call, call->path_values[1]);
    }
    /* Only a record that exists may be answered with 304, so the look-up comes first. */
    str identity = str_printf(&call->scope->arena, "record|%.*s|%.*s", STR_ARG(id),
                              STR_ARG(plan->canonical));
    *ret_known = answer_is_known(call, params, dataset, false, identity);
    return ERR_OK;
}

enum err api_record(struct call *call)
{
    struct params params;
    const struct dataset *dataset;
    struct buf body cleanup_with(buf_cleanup) = {0};
    bool is_known;
    TRY(params_read(call, PARAMS_WHOLE, &params));
    TRY(answer_find_dataset(call, call->path_values[0], &dataset));
    TRY(read_record(call, &params, dataset, &body, &is_known));
    if (!is_known) {
        response_records(call->exchange, 1);
        answer_json(call, &params, &body);
    }
    return ERR_OK;
}
