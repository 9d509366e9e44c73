#include "web/shell/static.h"

#include "base/bug.h"
#include "web/shell/headers.h"
#include "web/shell/static_table.h"

#define DIRECTORY "/static/"

static const struct static_entry *find_name(str name)
{
    for (size_t i = 0; i < static_entry_count; i++) {
        if (str_eq(str_from(static_entries[i].name), name)) {
            return &static_entries[i];
        }
    }
    return NULL;
}

str static_address(str name)
{
    const struct static_entry *entry = find_name(name);
    bug_if(!entry);
    return str_from(entry->address);
}

static const struct static_entry *find_served(str served)
{
    for (size_t i = 0; i < static_entry_count; i++) {
        if (str_eq(str_from(static_entries[i].address + sizeof(DIRECTORY) - 1), served)) {
            return &static_entries[i];
        }
    }
    return NULL;
}

/* Opened by itself, a file is no page of ours: it may do nothing but show its colours. */
#define FILE_POLICY "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
/* A worker has the policy of its own file, not that of the page it works for. */
#define WORKER_POLICY "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"

static enum err send_bytes(struct call *call, str bytes, str type, str tag, str kept, str policy)
{
    struct exchange *exchange = call->exchange;
    response_reset(exchange); /* nothing that other answers carry, CORS above all */
    response_status(exchange, 200);
    response_header(exchange, S("Content-Type"), type);
    response_header(exchange, S("Cache-Control"), kept);
    headers_common(exchange);
    response_header(exchange, S("Cross-Origin-Resource-Policy"), S("same-origin"));
    response_header(exchange, S("Content-Security-Policy"), policy);
    response_header(exchange, S("Referrer-Policy"), S("same-origin"));
    call->may_cache = true;
    if (!response_etag(exchange, tag)) {
        struct buf body = {0};
        buf_add(&body, bytes);
        response_body(exchange, &body);
    }
    return ERR_OK;
}

static enum err send(struct call *call, const struct static_entry *entry, str kept)
{
    return send_bytes(call, (str){entry->bytes, entry->size}, str_from(entry->type),
                      str_from(entry->hash), kept, entry->is_worker ? S(WORKER_POLICY) : S(FILE_POLICY));
}

enum err static_file(struct call *call)
{
    const struct static_entry *entry = find_served(call->path_values[0]);
    if (!entry) {
        return fail(call->scope, ERR_NO_ROUTE, "The requested URI does not exist.");
    }
    return send(call, entry, S("public, max-age=31536000, immutable"));
}

enum err static_site_file(struct call *call)
{
    const struct site_file *file = site_file_find(call->site, call->path_values[0]);
    if (!file) {
        return fail(call->scope, ERR_NO_ROUTE, "The requested URI does not exist.");
    }
    return send_bytes(call, file->bytes, file->type, file->name, S("public, max-age=31536000, immutable"),
                      S(FILE_POLICY));
}

enum err static_send(struct call *call, str bytes, str type)
{
    str tag = str_printf(&call->scope->arena, "%016llx", (unsigned long long)str_hash(bytes));
    return send_bytes(call, bytes, type, tag, S("no-cache"), S(FILE_POLICY));
}

enum err static_icon(struct call *call)
{
    const struct static_entry *entry = find_name(S("favicon.svg"));
    bug_if(!entry);
    return send(call, entry, S("public, max-age=86400"));
}
