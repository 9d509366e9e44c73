#include "web/api/links.h"

#include "base/limits.h"
#include "platform/i18n/locale.h"
#include "web/shell/route.h"

static const char *source_of(const struct call *call)
{
    return call->route->is_monitoring ? "monitoring" : "catalog";
}

str link_catalog(struct call *call, str path)
{
    return str_printf(&call->scope->arena, "%.*s" API_PATH "/%s%.*s", STR_ARG(call->base_url),
                      source_of(call), STR_ARG(path));
}

str link_dataset(struct call *call, str dataset_id, str path)
{
    struct buf encoded = {0};
    url_encode(&encoded, dataset_id);
    str address = str_printf(&call->scope->arena, "%.*s" API_PATH "/%s/datasets/%.*s%.*s",
                             STR_ARG(call->base_url), source_of(call), STR_ARG(buf_str(&encoded)), STR_ARG(path));
    buf_done(&encoded);
    return address;
}

str link_of_version(struct call *call, str address)
{
    int64_t version;
    if (params_read_version(call, &version) != ERR_OK) {
        scope_forgive(call->scope); /* refused before */
        return address;
    }
    return version ? str_printf(&call->scope->arena, "%.*s?version=%lld", STR_ARG(address), (long long)version)
                   : address;
}

struct interop_portal link_portal(struct call *call, str lang)
{
    return (struct interop_portal){
        .address = call->base_url,
        .catalogue = str_printf(&call->scope->arena, "%.*s/explore/", STR_ARG(call->base_url)),
        .name = call->site->name,
        .lang = language_code(call->site->language),
        .values = lang};
}

void link_write(struct json_writer *json, str rel, str href)
{
    json_object_begin(json);
    json_key_text(json, S("rel"), rel);
    json_key_text(json, S("href"), href);
    json_object_end(json);
}

static bool is_paging(str name)
{
    return str_eq(name, S("limit")) || str_eq(name, S("offset")) || str_eq(name, S("rows")) ||
           str_eq(name, S("start"));
}

/* The request's address with another offset; its other parameters stay in their order. */
static str page_address(struct call *call, str address, int64_t limit, int64_t offset)
{
    struct buf out = {0};
    buf_add(&out, address);
    buf_printf(&out, "?limit=%lld&offset=%lld", (long long)limit, (long long)offset);
    for (size_t i = 0; i < call->query.count; i++) {
        const struct query_parameter *parameter = &call->query.items[i];
        if (is_paging(parameter->name)) {
            continue;
        }
        buf_add_char(&out, '&');
        url_encode(&out, parameter->name);
        buf_add_char(&out, '=');
        url_encode(&out, parameter->value);
    }
    str result = buf_copy(&out, &call->scope->arena);
    buf_done(&out);
    return result;
}

void links_write_paging(struct json_writer *json, struct call *call, str address,
                        const struct params *params, int64_t total)
{
    int64_t limit = params->clauses.limit;
    int64_t offset = params->clauses.offset;
    int64_t last = limit > 0 && total > 0 ? (total - 1) / limit * limit : 0;
    json_array_begin(json);
    link_write(json, S("self"), page_address(call, address, limit, offset));
    link_write(json, S("first"), page_address(call, address, limit, 0));
    link_write(json, S("last"), page_address(call, address, limit, last));
    int64_t window = params->clauses.group_by.n ? LIMIT_GROUP_ROWS : LIMIT_PAGE_WINDOW;
    if (limit > 0 && offset + limit < total && offset + 2 * limit <= window) {
        link_write(json, S("next"), page_address(call, address, limit, offset + limit));
    }
    json_array_end(json);
}

void links_write_dataset(struct json_writer *json, struct call *call, str dataset_id,
                         bool has_records, bool has_attachments)
{
    json_array_begin(json);
    link_write(json, S("self"), link_of_version(call, link_dataset(call, dataset_id, S(""))));
    link_write(json, S("datasets"), link_catalog(call, S("/datasets")));
    if (has_records) {
        link_write(json, S("records"), link_of_version(call, link_dataset(call, dataset_id, S("/records"))));
        link_write(json, S("exports"), link_of_version(call, link_dataset(call, dataset_id, S("/exports"))));
        link_write(json, S("facets"), link_of_version(call, link_dataset(call, dataset_id, S("/facets"))));
    }
    if (has_attachments) {
        link_write(json, S("attachments"), link_dataset(call, dataset_id, S("/attachments")));
    }
    json_array_end(json);
}

void links_write_record(struct json_writer *json, struct call *call, str dataset_id, str record_id)
{
    str path = str_printf(&call->scope->arena, "/records/%.*s", STR_ARG(record_id));
    json_array_begin(json);
    link_write(json, S("self"), link_of_version(call, link_dataset(call, dataset_id, path)));
    link_write(json, S("datasets"), link_catalog(call, S("/datasets")));
    link_write(json, S("dataset"), link_of_version(call, link_dataset(call, dataset_id, S(""))));
    json_array_end(json);
}
