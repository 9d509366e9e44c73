/* parvis routes: what the server answers and for whom, from the tables that it answers by. */
#include "main/routes.h"

#include <stdio.h>

#include "base/attr.h"
#include "base/json_write.h"
#include "main/commands.h"
#include "web/api/routes.h"
#include "web/back/routes.h"
#include "web/front/account.h"
#include "web/front/explore.h"
#include "web/front/privacy_routes.h"

const struct route_table *site_routes(size_t *ret_count)
{
    static struct route_table tables[5];
    tables[0] = (struct route_table){api_routes, api_route_count};
    tables[1] = (struct route_table){privacy_routes, privacy_route_count};
    tables[2] = (struct route_table){account_routes, account_route_count};
    tables[3].routes = back_routes(&tables[3].count);
    tables[4] = (struct route_table){explore_routes, explore_route_count};
    *ret_count = ARRAY_LENGTH(tables);
    return tables;
}

static str guard_name(enum guard guard)
{
    static const char *const names[] = {[GUARD_NONE] = "nobody",
                                        [GUARD_SIGNED_IN] = "signed in",
                                        [GUARD_PUBLISHER] = "publisher",
                                        [GUARD_ADMINISTRATOR] = "administrator"};
    return str_from(names[guard]);
}

static str kind_name(enum route_kind kind)
{
    static const char *const names[] = {
        [ROUTE_API] = "api", [ROUTE_PAGE] = "page", [ROUTE_EMBED] = "embed", [ROUTE_DOCUMENT] = "document"};
    return str_from(names[kind]);
}

static void print_route(struct scope *scope, const struct route *route)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("pattern"), str_from(route->pattern));
    json_key_text(&json, S("name"), str_from(route->name));
    json_key_text(&json, S("methods"), route_methods(&scope->arena, route));
    json_key_text(&json, S("kind"), kind_name(route->kind));
    json_key_text(&json, S("guard"), guard_name(route->guard));
    json_key_bool(&json, S("keys"), route->keys);
    json_key_bool(&json, S("recent"), route->recent);
    json_key_bool(&json, S("office"), route->office);
    json_key_text(&json, S("description"), str_from(route->documentation));
    json_object_end(&json);
    printf("%.*s\n", (int)out.n, out.p);
}

enum err command_routes(struct scope *scope, const struct command_line *line)
{
    (void)line;
    size_t count;
    const struct route_table *tables = site_routes(&count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < tables[i].count; j++) {
            print_route(scope, &tables[i].routes[j]);
        }
    }
    return ERR_OK;
}
