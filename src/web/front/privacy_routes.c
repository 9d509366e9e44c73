#include "web/front/privacy_routes.h"

#include "web/front/privacy_pages.h"
#include "web/front/statistics.h"

#define PAGE(pattern_, name_, ...)                                                                 \
    {                                                                                              \
        .pattern = pattern_, .lane = LANE_QUICK, .name = name_, .kind = ROUTE_PAGE,                \
        .csrf = CSRF_SAME_ORIGIN, __VA_ARGS__                                                      \
    }
#define DOCUMENT(pattern_, name_, handler_)                                                        \
    {                                                                                              \
        .pattern = pattern_, .lane = LANE_QUICK, .name = name_, .kind = ROUTE_DOCUMENT,            \
        .handler = handler_                                                                        \
    }

const struct route privacy_routes[] = {
    PAGE("/", "home", .counts = COUNTED_PAGE, .handler = home_get, .cacheable = true),
    PAGE("/analytics", "analytics", .counts = COUNTED_PAGE, .handler = analytics_get),
    DOCUMENT("/analytics.json", "analytics_json", analytics_json),
    DOCUMENT("/analytics.csv", "analytics_csv", analytics_csv),
    PAGE("/cookies", "cookies", .counts = COUNTED_PAGE, .handler = preferences_get, .post = choice_post),
    PAGE("/cookies/delete", "cookies_delete", .post = everything_delete_post),
    PAGE("/cookies/receipt", "cookies_receipt", .handler = receipt_get, .post = receipt_post),
    PAGE("/cookies/policy", "cookies_policy", .counts = COUNTED_PAGE, .handler = policy_get),
    PAGE("/cookies/browser", "cookies_browser", .counts = COUNTED_PAGE, .handler = browser_get, .post = browser_post),
    PAGE("/cookies/revisions", "cookies_revisions", .counts = COUNTED_PAGE, .handler = revisions_get),
    PAGE("/cookies/revisions/{}", "cookies_revision", .counts = COUNTED_PAGE, .handler = revision_get),
    DOCUMENT("/cookies/revisions/{}/declaration.json", "cookies_revision_declaration",
             revision_declaration_get),
    PAGE("/embedded/{}", "embedded", .counts = COUNTED_PAGE, .handler = embedded_get, .post = embedded_post),
    PAGE("/language", "language", .counts = COUNTED_PAGE, .handler = language_get),
    PAGE("/i18n/setlang", "set_language", .handler = set_language_get, .post = set_language_post),
    DOCUMENT("/.well-known/cookies.json", "cookies_declaration", declaration_get),
    DOCUMENT("/.well-known/gpc.json", "gpc", gpc_get),
};
const size_t privacy_route_count = ARRAY_LENGTH(privacy_routes);

const struct tpl_binding *const privacy_templates[] = {
    &home_template,    &embedded_template,  &preferences_template, &receipt_template,
    &statistics_template, &policy_template,  &revisions_template, &revision_template,    &browser_template,
    &deleted_template, &language_template};
const size_t privacy_template_count = ARRAY_LENGTH(privacy_templates);
