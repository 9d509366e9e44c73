/* What visitors and administrators hand to the privacy layer: cookie values, receipts, declarations. */
#include "base/bug.h"
#include "domain/privacy/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* No database is behind it: nothing here needs one. */
static struct held_registry held = {.registry = {.revision = 2}, .references = 1};
static struct privacy portal = {.consent_seconds = 15552000, .seed = {7}, .current = &held};
static struct privacy *privacy;

#define NOW (20000 * USEC_DAY)

static void start(void)
{
    crypto_start();
    messages_start();
    privacy = &portal;
    pthread_mutex_init(&privacy->mutex, NULL);
    pthread_mutex_init(&privacy->unknown.mutex, NULL);
    signature_public_key(privacy->seed, privacy->public_key);
}

/* A value that counts is the only one for its choice. */
static void try_cookie(struct scope *scope, const struct registry *registry, str text)
{
    struct consent consent = consent_read(privacy, registry, text, text, text, NOW);
    bug_if(consent.chosen && consent.outdated);
    bug_if(consent.objects && !consent_objects(text)); /* who is told that he is not counted is not */
    bug_if(!consent.chosen && (consent.purposes || consent.services || consent.day));
    if (consent.chosen) {
        str again = consent_write(&scope->arena, &consent);
        struct consent second = consent_read(privacy, registry, again, text, text, NOW);
        bug_if(again.n >= 60);
        bug_if(!second.chosen || second.purposes != consent.purposes ||
               second.services != consent.services || second.day != consent.day || second.objects != consent.objects);
    } else if (consent.objects) {
        consent.day = NOW / USEC_DAY; /* as who writes it sets it */
        bug_if(!consent_read(privacy, registry, consent_write(&scope->arena, &consent), text, text, NOW).objects);
    }
}

/* What was taken can be written, is taken again, and means the same; its policy stays one line of words. */
static void try_service(struct scope *scope, str text)
{
    struct service service;
    struct service again;
    if (service_read(scope, ERR_METADATA, text, true, &service) != ERR_OK) {
        bug_if(scope->failure.code != ERR_METADATA || scope->failure.message.n == 0);
        scope_forgive(scope);
        return;
    }
    str document = service_document(&scope->arena, &service);
    bug_if(service_read(scope, ERR_METADATA, document, true, &again) != ERR_OK);
    bug_if(!str_eq(document, service_document(&scope->arena, &again)));
    service.number = again.number = 5;
    struct service_list before = {&service, 1};
    struct service_list after = {&again, 1};
    bug_if(services_need_new_consent(&before, &after));
    struct registry registry = {.services = &service, .service_count = 1, .revision = 1};
    struct consent all = consent_all(&registry, NOW);
    str policy = content_security_policy(&scope->arena, &registry, &all, NULL, S(""), S("'none'"), S(""),
                                         false);
    for (size_t i = 0; i < policy.n; i++) {
        bug_if(policy.p[i] < ' ' || policy.p[i] == ',' || policy.p[i] == '"');
    }
    bug_if(str_find(policy, S("unsafe"), 0) != SIZE_MAX &&
           str_find(document, S("unsafe"), 0) == SIZE_MAX);
}

static void try_receipt(struct scope *scope, str text)
{
    uint8_t key[PUBLIC_KEY_BYTES];
    str summary;
    receipt_public_key(privacy, key);
    if (receipt_verify(scope, key, text, &summary) == ERR_OK) {
        for (size_t i = 0; i < summary.n; i++) {
            bug_if((unsigned char)summary.p[i] < ' ' && summary.p[i] != '\n');
        }
    } else {
        bug_if(scope->failure.code != ERR_DATA);
        scope_forgive(scope);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!privacy) {
        start();
    }
    str text = {(const char *)bytes, size};
    struct scope scope;
    scope_open(&scope);
    const struct registry *registry = privacy_registry(privacy);
    try_cookie(&scope, registry, text);
    try_service(&scope, text);
    try_receipt(&scope, text);
    privacy_notice_unknown(privacy, text);
    registry_unref(registry);
    scope_close(&scope);
    return 0;
}
