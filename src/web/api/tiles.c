/* Vector tiles of a dataset's records: an extension of ours (docs/api.md). */
#include "domain/records/tile.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "web/api/answer.h"
#include "web/api/routes.h"

struct address {
    int zoom;
    int64_t x, y;
};

static enum err read_number(struct call *call, const char *name, str text, int64_t most, int64_t *ret_number)
{
    if (num_read_int(text, ret_number) && !num_is_canonical(text)) {
        return fail(call->scope, ERR_NO_ROUTE, "The %s of the tile is written %lld.", name, (long long)*ret_number);
    }
    if (num_read_int(text, ret_number) && *ret_number >= 0 && *ret_number <= most) {
        return ERR_OK;
    }
    return fail(call->scope, ERR_PARAMETER, "The %s of the tile is %.*s, but 0 <= %s <= %lld is expected.", name,
                STR_ARG(utf8_truncate(text, LIMIT_NAME_BYTES)), name, (long long)most);
}

static enum err read_address(struct call *call, struct address *ret_address)
{
    int64_t zoom;
    TRY(read_number(call, "z", call->path_values[1], LIMIT_TILE_ZOOM, &zoom));
    int64_t most = ((int64_t)1 << zoom) - 1;
    ret_address->zoom = (int)zoom;
    TRY(read_number(call, "x", call->path_values[2], most, &ret_address->x));
    return read_number(call, "y", call->path_values[3], most, &ret_address->y);
}

static void add_texts(struct buf *out, char mark, const str *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "|%c%zu:", mark, texts[i].n);
        buf_add(out, texts[i]);
    }
}

static str identify(struct call *call, const struct params *params, const struct address *address)
{
    struct buf out = {0};
    const struct clauses *clauses = &params->clauses;
    buf_printf(&out, "tile %d %lld %lld", address->zoom, (long long)address->x, (long long)address->y);
    add_texts(&out, 'f', &params->field, 1);
    add_texts(&out, 'p', params->properties, params->property_count);
    add_texts(&out, 'w', clauses->where, clauses->where_count);
    add_texts(&out, 'r', clauses->refine, clauses->refine_count);
    add_texts(&out, 'e', clauses->exclude, clauses->exclude_count);
    str result = buf_copy(&out, &call->scope->arena);
    buf_done(&out);
    return result;
}

enum err api_tile(struct call *call)
{
    struct params params;
    struct address address;
    const struct dataset *dataset;
    struct tile_request request;
    struct records_lease lease cleanup_with(records_release) = {0};
    struct buf body cleanup_with(buf_cleanup) = {0};
    TRY(params_read(call, PARAMS_WHOLE, &params));
    TRY(answer_find_dataset(call, call->path_values[0], &dataset));
    TRY(read_address(call, &address));
    TRY(records_lease(call->scope, call->app->records, dataset, &lease));
    TRY(tile_request(call->scope, &lease.source, address.zoom, address.x, address.y, params.field,
                     params.properties, params.property_count, &request));
    if (answer_is_known(call, &params, dataset, false, identify(call, &params, &address))) {
        return ERR_OK;
    }
    struct sql id_expression = sql_in(&call->scope->arena);
    records_id_expression(&id_expression, &lease.source);
    params.clauses.id_expression = &id_expression;
    TRY(tile_read(call->scope, &lease, &params.clauses, &request, &body));
    response_status(call->exchange, 200);
    response_header(call->exchange, S("Content-Type"), S("application/vnd.mapbox-vector-tile"));
    response_body(call->exchange, &body);
    return ERR_OK;
}
