/* Signed statements of a choice. What is signed is the canonical JSON of the member "receipt". */
#include "domain/privacy/internal.h"

#define RECEIPT_BYTES (64u << 10)
#define SCHEMA "parvis-consent-receipt-1"

str receipt_key_id(struct arena *arena, const uint8_t key[PUBLIC_KEY_BYTES])
{
    uint8_t digest[DIGEST_BYTES];
    digest_sha256((str){(const char *)key, PUBLIC_KEY_BYTES}, digest);
    return hex_encode(arena, digest, 8);
}

void receipt_public_key(const struct privacy *privacy, uint8_t ret_key[PUBLIC_KEY_BYTES])
{
    memcpy(ret_key, privacy->public_key, PUBLIC_KEY_BYTES);
}

/* ---- making ---- */

static json_t *purposes_json(const struct consent *consent, language lang)
{
    json_t *purposes = json_array();
    for (int i = 0; i < PURPOSE__COUNT; i++) {
        json_t *purpose = json_object();
        bool accepted = i == PURPOSE_NECESSARY || (consent->chosen && (consent->purposes >> i & 1));
        json_put(purpose, "id", json_string(purpose_name((enum purpose)i)));
        json_put(purpose, "title", json_from(message_plain(lang, purpose_title((enum purpose)i))));
        json_put(purpose, "needs_consent", json_boolean(i != PURPOSE_NECESSARY));
        json_put(purpose, "accepted", json_boolean(accepted));
        json_push(purposes, purpose);
    }
    return purposes;
}

static json_t *services_json(const struct registry *registry, const struct consent *consent)
{
    json_t *services = json_array();
    for (size_t i = 0; i < registry->service_count; i++) {
        const struct service *row = &registry->services[i];
        json_t *service = json_object();
        json_put(service, "id", json_from(row->id));
        json_put(service, "name", json_from(row->name));
        json_put(service, "provider", json_from(row->provider));
        json_put(service, "purpose", json_string(purpose_name(row->purpose)));
        json_put(service, "accepted", json_boolean(consent_allows(consent, row)));
        json_push(services, service);
    }
    return services;
}

static json_t *receipt_json(struct scope *scope, const struct privacy *privacy,
                            const struct registry *registry, const struct consent *consent,
                            language lang, str id)
{
    struct arena *arena = &scope->arena;
    int64_t last_day = consent->day + privacy->consent_seconds / 86400;
    json_t *receipt = json_object();
    json_put(receipt, "schema", json_string(SCHEMA));
    if (id.n) {
        json_put(receipt, "id", json_from(id));
    }
    json_put(receipt, "controller", json_from(privacy->controller));
    json_put(receipt, "portal", json_from(privacy->public_url));
    json_put(receipt, "issued", json_from(instant_text(arena, clock_wall())));
    json_put(receipt, "chosen", json_boolean(consent->chosen));
    if (consent->chosen) {
        json_put(receipt, "chosen_on", json_from(day_text(arena, consent->day)));
        json_put(receipt, "valid_until", json_from(day_text(arena, last_day)));
    }
    json_put(receipt, "refusal_signal", json_boolean(consent->signal));
    json_put(receipt, "objects_to_statistics", json_boolean(consent->objects));
    json_put(receipt, "revision", json_integer(registry->revision));
    json_put(receipt, "revision_hash", json_from(registry->revision_hash));
    json_put(receipt, "text",
             json_from(str_printf(arena, "%.*s" REVISION_PATH "%lld", STR_ARG(privacy->public_url),
                                  (long long)registry->revision)));
    json_put(receipt, "language", json_from(language_code(lang)));
    json_put(receipt, "purposes", purposes_json(consent, lang));
    json_put(receipt, "services", services_json(registry, consent));
    return receipt;
}

str receipt_make(struct scope *scope, const struct privacy *privacy,
                 const struct registry *registry, const struct consent *consent, language lang,
                 str id)
{
    struct arena *arena = &scope->arena;
    uint8_t bytes[SIGNATURE_BYTES];
    json_t *document cleanup_with(json_cleanup) = json_object();
    json_t *receipt = receipt_json(scope, privacy, registry, consent, lang, id);
    json_t *signature = json_object();
    signature_make(privacy->seed, json_canonical(arena, receipt), bytes);
    json_put(signature, "algorithm", json_string("Ed25519"));
    json_put(signature, "key_id", json_from(receipt_key_id(arena, privacy->public_key)));
    json_put(signature, "value", json_from(base64_encode(arena, bytes, SIGNATURE_BYTES)));
    json_put(document, "receipt", receipt);
    json_put(document, "signature", signature);
    char *text = json_dumps(document, JSON_SORT_KEYS | JSON_INDENT(2) | JSON_ENSURE_ASCII);
    bug_if(!text);
    str copy = str_printf(arena, "%s\n", text);
    free(text);
    return copy;
}

/* ---- checking ---- */

static enum err wrong(struct scope *scope, const char *what)
{
    return fail(scope, ERR_DATA, "receipt: %s", what);
}

/* Text of a receipt on one line of a terminal or page. */
static str shown(struct arena *arena, const json_t *object, const char *member)
{
    str text = json_read_text(json_object_get(object, member));
    char *out = arena_alloc(arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool is_control = c < ' ' || c == 0x7F ||
                          (c == 0xC2 && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0xA0);
        out[i] = is_control ? '?' : (char)c;
        if (c == 0xC2 && is_control) {
            out[++i] = '?';
        }
    }
    return (str){out, text.n};
}

static void add_line(struct arena *arena, struct buf *out, const json_t *receipt,
                     const char *member, const char *label)
{
    str text = shown(arena, receipt, member);
    if (text.n) {
        buf_printf(out, "%s: %.*s\n", label, STR_ARG(text));
    }
}

static void add_answers(struct arena *arena, struct buf *out, const json_t *receipt,
                        const char *list, const char *label, const char *name)
{
    const json_t *items = json_object_get(receipt, list);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const json_t *needs = json_object_get(item, "needs_consent");
        const char *answer = needs && json_is_false(needs)                     ? "always"
                             : json_is_true(json_object_get(item, "accepted")) ? "accepted"
                                                                               : "refused";
        buf_printf(out, "%s %.*s: %s\n", label, STR_ARG(shown(arena, item, name)), answer);
    }
}

static str summary(struct arena *arena, const json_t *receipt)
{
    struct buf out = {0};
    bool chosen = json_is_true(json_object_get(receipt, "chosen"));
    add_line(arena, &out, receipt, "id", "receipt");
    add_line(arena, &out, receipt, "controller", "controller");
    add_line(arena, &out, receipt, "portal", "portal");
    add_line(arena, &out, receipt, "issued", "issued");
    if (!chosen) {
        buf_add(&out, S("choice: none was made; nothing optional is allowed\n"));
    }
    add_line(arena, &out, receipt, "chosen_on", "chosen on");
    add_line(arena, &out, receipt, "valid_until", "valid until");
    buf_printf(&out, "revision: %lld\n",
               (long long)json_integer_value(json_object_get(receipt, "revision")));
    add_line(arena, &out, receipt, "text", "text");
    add_line(arena, &out, receipt, "language", "language");
    add_answers(arena, &out, receipt, "purposes", "purpose", "id");
    add_answers(arena, &out, receipt, "services", "service", "name");
    str text = buf_copy(&out, arena);
    buf_done(&out);
    return text;
}

static enum err check_signature(struct scope *scope, const uint8_t key[PUBLIC_KEY_BYTES],
                                const json_t *receipt, const json_t *signature)
{
    uint8_t bytes[SIGNATURE_BYTES];
    str key_id = json_read_text(json_object_get(signature, "key_id"));
    str value = json_read_text(json_object_get(signature, "value"));
    if (!str_eq(json_read_text(json_object_get(signature, "algorithm")), S("Ed25519"))) {
        return wrong(scope, "its signature is not of the kind Ed25519");
    }
    if (!str_eq(key_id, receipt_key_id(&scope->arena, key))) {
        return wrong(scope, "it was signed with another key than the one given");
    }
    if (!base64_decode(value, bytes, SIGNATURE_BYTES)) {
        return wrong(scope, "its signature is not 64 bytes in base64url");
    }
    return signature_verify(key, json_canonical(&scope->arena, receipt), bytes)
               ? ERR_OK
               : wrong(scope,
                       "the signature does not fit: it was changed, or is not of this portal");
}

enum err receipt_verify(struct scope *scope, const uint8_t key[PUBLIC_KEY_BYTES], str json,
                        str *ret_summary)
{
    json_t *document cleanup_with(json_cleanup) = NULL;
    if (json.n > RECEIPT_BYTES) {
        return wrong(scope, "it is larger than 64 KiB");
    }
    TRY(json_read(scope, ERR_DATA, json, "receipt", &document));
    const json_t *receipt = json_object_get(document, "receipt");
    const json_t *signature = json_object_get(document, "signature");
    if (!json_is_object(receipt) || !json_is_object(signature) || json_object_size(document) != 2) {
        return wrong(scope, "an object of the two objects receipt and signature is expected");
    }
    if (!str_eq(json_read_text(json_object_get(receipt, "schema")), S(SCHEMA))) {
        return wrong(scope, "its schema is not " SCHEMA);
    }
    TRY(check_signature(scope, key, receipt, signature));
    *ret_summary = summary(&scope->arena, receipt);
    return ERR_OK;
}
