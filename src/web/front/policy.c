/* The cookie policy, made from the registry: it cannot say less than the server does. */
#include "web/front/privacy_pages.h"

struct policy {
    str owner; /* of the portal's own cookies */
    str controller, hash;
    usec changed;
    int64_t revision;
    bool needs_consent;
    struct tpl_list cookies, services;
};

static const struct tpl_member policy_members[] = {
    TPL_TEXT(struct policy, owner),
    TPL_TEXT(struct policy, controller),
    TPL_TEXT(struct policy, hash),
    TPL_INSTANT(struct policy, changed),
    TPL_NUMBER(struct policy, revision),
    TPL_BOOL(struct policy, needs_consent),
    TPL_LIST(struct policy, cookies, cookie_struct),
    TPL_LIST(struct policy, services, service_struct)};
static const struct tpl_struct policy_struct = TPL_STRUCT(struct policy, policy_members);
const struct tpl_binding policy_template = {"front/policy", &policy_struct};

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
    struct page page = {.title = MSG_POLICY_TITLE,
                        .body = &policy_template,
                        .data = &data,
                        .is_indexed = true,
                        .is_public = true};
    page_send(call, &page);
    return ERR_OK;
}
