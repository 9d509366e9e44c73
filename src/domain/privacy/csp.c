#include "base/json_write.h"
#include "domain/privacy/internal.h"

/* Which directive each kind of load is of, and what it allows at any time. */
static const struct {
    const char *directive;
    const char *always;
    enum load load;
} directives[] = {
    {"script-src", "'self'", LOAD_SCRIPT},   {"style-src", "'self'", LOAD_STYLE},
    {"img-src", "'self' data:", LOAD_IMAGE}, {"connect-src", "'self'", LOAD_CONNECT},
    {"frame-src", "'self'", LOAD_FRAME},     {"font-src", "'self'", LOAD_FONT},
    {"media-src", "'self'", LOAD_MEDIA},
};

struct policy {
    const struct registry *registry;
    const struct consent *consent;
    const struct service *once;
};

static bool is_let_in(const struct policy *policy, const struct service *service)
{
    return consent_allows(policy->consent, service) ||
           (policy->once && str_eq(policy->once->id, service->id));
}

/* Calls nothing twice: an origin of two services is named once. Returns how many were added. */
static size_t add_hosts(struct buf *out, const struct policy *policy, enum load load)
{
    str added[SERVICES_MOST];
    size_t count = 0;
    for (size_t i = 0; i < policy->registry->service_count; i++) {
        const struct service *service = &policy->registry->services[i];
        for (size_t j = 0; is_let_in(policy, service) && j < service->host_count; j++) {
            const struct service_host *host = &service->hosts[j];
            bool is_new = host->loads >> load & 1;
            for (size_t k = 0; is_new && k < count && k < SERVICES_MOST; k++) {
                is_new = !str_eq(added[k], host->origin);
            }
            if (!is_new) {
                continue;
            }
            if (count < SERVICES_MOST) {
                added[count] = host->origin;
            }
            count++;
            buf_add_char(out, ' ');
            buf_add(out, host->origin);
        }
    }
    return count;
}

str content_security_policy(struct arena *arena, const struct registry *registry,
                            const struct consent *consent, const struct service *once, str nonce,
                            str frame_ancestors, str trusted_types, bool is_https)
{
    struct policy policy = {registry, consent, once};
    struct buf out = {0};
    bool has_scripts = false;
    buf_add(&out, S("default-src 'self'"));
    for (size_t i = 0; i < ARRAY_LENGTH(directives); i++) {
        buf_printf(&out, "; %s %s", directives[i].directive, directives[i].always);
        if (directives[i].load == LOAD_SCRIPT && nonce.n) {
            buf_printf(&out, " 'nonce-%.*s'", STR_ARG(nonce));
        }
        size_t count = add_hosts(&out, &policy, directives[i].load);
        has_scripts |= directives[i].load == LOAD_SCRIPT && count;
    }
    buf_printf(&out,
               "; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors %.*s",
               STR_ARG(frame_ancestors));
    if (!has_scripts) {
        /* Scripts of others are written without it. */
        buf_printf(&out, "; require-trusted-types-for 'script'; trusted-types %.*s",
                   STR_ARG(trusted_types.n ? trusted_types : S("'none'")));
    }
    if (is_https) {
        buf_add(&out, S("; upgrade-insecure-requests"));
    }
    str text = buf_copy(&out, arena);
    buf_done(&out);
    return text;
}

str gpc_statement(struct arena *arena, const struct registry *registry)
{
    bool all_ask = true;
    for (size_t i = 0; i < registry->service_count; i++) {
        all_ask &= registry->services[i].purpose != PURPOSE_NECESSARY;
    }
    struct buf out = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_bool(&json, S("gpc"), all_ask);
    json_key_text(&json, S("lastUpdate"), day_text(arena, registry->changed / USEC_DAY));
    json_object_end(&json);
    str text = buf_copy(&out, arena);
    buf_done(&out);
    return text;
}
