/* The cookie policy, made from the registry: it cannot say less than the server does. */
#include "base/vec.h"
#include "domain/analytics/analytics.h"
#include "web/front/privacy_pages.h"

/* A measure, and by what it is counted. */
struct counted_view {
    str measure, dimensions;
};

static const struct tpl_member counted_members[] = {TPL_TEXT(struct counted_view, measure),
                                                    TPL_TEXT(struct counted_view, dimensions)};
static const struct tpl_struct counted_struct = TPL_STRUCT(struct counted_view, counted_members);

struct policy {
    str owner; /* of the portal's own cookies */
    str controller, hash;
    usec changed;
    int64_t revision;
    bool needs_consent;
    struct tpl_list cookies, services;
    bool is_counting, has_countries, has_campaigns, is_published, was_rolled;
    int64_t threshold, hours, days, rolled_rows;
    usec key_changed, rolled;
    struct tpl_list counted;
};

static const struct tpl_member policy_members[] = {
    TPL_TEXT(struct policy, owner),
    TPL_TEXT(struct policy, controller),
    TPL_TEXT(struct policy, hash),
    TPL_INSTANT(struct policy, changed),
    TPL_NUMBER(struct policy, revision),
    TPL_BOOL(struct policy, needs_consent),
    TPL_BOOL(struct policy, is_counting),
    TPL_BOOL(struct policy, has_countries),
    TPL_BOOL(struct policy, has_campaigns),
    TPL_BOOL(struct policy, is_published),
    TPL_BOOL(struct policy, was_rolled),
    TPL_NUMBER(struct policy, threshold),
    TPL_NUMBER(struct policy, hours),
    TPL_NUMBER(struct policy, days),
    TPL_INT(struct policy, rolled_rows),
    TPL_INSTANT(struct policy, key_changed),
    TPL_INSTANT(struct policy, rolled),
    TPL_LIST(struct policy, counted, counted_struct),
    TPL_LIST(struct policy, cookies, cookie_struct),
    TPL_LIST(struct policy, services, service_struct)};
static const struct tpl_struct policy_struct = TPL_STRUCT(struct policy, policy_members);
const struct tpl_binding policy_template = {"front/policy", &policy_struct};

static bool is_counted(const struct policy *policy, enum dimension dimension)
{
    return dimension == DIMENSION_COUNTRY    ? policy->has_countries
           : dimension == DIMENSION_CAMPAIGN ? policy->has_campaigns
                                             : true;
}

static str list_dimensions(struct call *call, enum measure measure, const struct policy *policy)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (enum dimension i = DIMENSION_NONE + 1; i < DIMENSION__COUNT; i++) {
        if (measure_has(measure, i) && is_counted(policy, i)) {
            buf_printf(&out, "%s%.*s", out.n ? ", " : "", STR_ARG(front_text(call, dimension_title(i))));
        }
    }
    return buf_copy(&out, &call->scope->arena);
}

/* All that is counted, from the rows that make it possible (analytics.def). */
static struct tpl_list list_counted(struct call *call, const struct policy *policy)
{
    struct counted_view *views = arena_array(&call->scope->arena, struct counted_view, MEASURE__COUNT);
    for (enum measure i = 0; i < MEASURE__COUNT; i++) {
        views[i] = (struct counted_view){front_text(call, measure_title(i)), list_dimensions(call, i, policy)};
    }
    return (struct tpl_list){views, MEASURE__COUNT};
}

static enum err add_counting(struct call *call, struct policy *data)
{
    struct analytics_facts facts;
    if (!call->app->analytics) {
        return ERR_OK;
    }
    const struct analytics_options *options = analytics_settings(call->app->analytics);
    TRY(analytics_facts(call->scope, call->app->analytics, &facts));
    data->is_counting = true;
    data->is_published = options->is_public;
    data->has_countries = facts.has_countries;
    data->has_campaigns = options->has_campaigns;
    data->threshold = options->threshold_public;
    data->hours = options->days_of_hours;
    data->days = options->months_of_days;
    data->key_changed = facts.key_changed;
    data->rolled = facts.rolled;
    data->was_rolled = facts.rolled != 0;
    data->rolled_rows = facts.rolled_rows;
    data->counted = list_counted(call, data);
    return ERR_OK;
}

enum err policy_get(struct call *call)
{
    const struct registry *registry = call->registry;
    str controller = privacy_controller(call->app->privacy);
    struct policy data = {.owner = controller.n ? controller : call->site->name,
                          .controller = controller,
                          .hash = registry->hash,
                          .changed = registry->changed,
                          .revision = registry->revision,
                          .needs_consent = registry_needs_consent(registry),
                          .cookies = cookie_views(call, true),
                          .services = service_views(call, PURPOSE__COUNT)};
    TRY(add_counting(call, &data));
    struct page page = {.title = MSG_POLICY_TITLE,
                        .body = &policy_template,
                        .data = &data,
                        .is_indexed = true,
                        .is_public = true};
    page_send(call, &page);
    return ERR_OK;
}
