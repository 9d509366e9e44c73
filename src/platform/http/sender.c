/* Who sends a request: the address behind trusted proxies, and what statistics may know. */
#include "base/bug.h"
#include "platform/http/internal.h"

static const struct address *client_of(struct exchange *exchange)
{
    const struct http_server *server = exchange->server;
    const struct header_value *forwarded = &exchange->known[HEADER_FORWARDED_FOR];
    if (exchange->has_client) {
        return &exchange->client;
    }
    exchange->has_client = true;
    const union MHD_ConnectionInfo *facts =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    bug_if(!facts || !address_of_peer(facts->client_addr, &exchange->client));
    if (server->trusted_count && forwarded->lines && forwarded->lines <= JOINED_LINES) {
        exchange->client = address_of_client(&exchange->client, forwarded->text, server->trusted,
                                             server->trusted_count);
    }
    return &exchange->client;
}

str exchange_client(struct exchange *exchange)
{
    return address_text(&exchange->scope.arena, client_of(exchange));
}

str exchange_client_network(struct exchange *exchange)
{
    return address_network_text(&exchange->scope.arena, client_of(exchange));
}

/* Several lines count as one if any is exactly 1 (Global Privacy Control). */
static bool is_one(const struct exchange *exchange, enum known_header header)
{
    str rest = exchange->known[header].text;
    str value;
    while (rest.n && str_split(&rest, ',', &value)) {
        if (str_eq(str_trim(value), S("1"))) {
            return true;
        }
    }
    return false;
}

static bool is_fetch(const struct exchange *exchange, enum known_header header)
{
    str text = exchange->known[header].text;
    return text.n && (str_find(text, S("prefetch"), 0) != SIZE_MAX || str_find(text, S("prerender"), 0) != SIZE_MAX ||
                      str_find(text, S("preview"), 0) != SIZE_MAX);
}

/* Not for a window or a frame. */
static bool is_by_script(const struct exchange *exchange)
{
    str destination = exchange->known[HEADER_SEC_FETCH_DEST].text;
    return destination.n && !str_eq(destination, S("document")) && !str_ends(destination, S("frame"));
}

struct sender exchange_sender(struct exchange *exchange)
{
    const struct address *address = client_of(exchange);
    return (struct sender){.address = address->bytes,
                           .address_bytes = address->family == AF_INET6 ? 16 : 4,
                           .user_agent = exchange->known[HEADER_USER_AGENT].text,
                           .referrer = exchange->known[HEADER_REFERER].text,
                           .languages = exchange->known[HEADER_ACCEPT_LANGUAGE].text,
                           .is_unwilling = is_one(exchange, HEADER_SEC_GPC) || is_one(exchange, HEADER_DNT),
                           .is_by_script = is_by_script(exchange),
                           .is_early = is_fetch(exchange, HEADER_SEC_PURPOSE) || is_fetch(exchange, HEADER_PURPOSE) ||
                                       is_fetch(exchange, HEADER_X_PURPOSE) || is_fetch(exchange, HEADER_X_MOZ)};
}

void exchange_attach(struct exchange *exchange, void *attached)
{
    exchange->attached = attached;
}

void *exchange_attached(const struct exchange *exchange)
{
    return exchange->attached;
}

void response_records(struct exchange *exchange, int64_t records)
{
    exchange->records = records;
}
