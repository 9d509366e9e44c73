/* The API keys of all users: /backoffice/keys. */
#include "base/json_write.h"
#include "base/vec.h"
#include "platform/text/fold.h"
#include "web/back/security.h"

struct key_item {
    str name, prefix, owner, owner_address, scopes, created, expires, last_used, calls, state, state_kind;
    str limit_address, revoke_address;
    bool in_use;
};

struct keys_page {
    str q, lead;
    bool found, is_paged;
    int64_t page, pages;
    str previous_page, next_page;
    struct tpl_list keys;
};

static const struct tpl_member item_members[] = {
    TPL_TEXT(struct key_item, name),      TPL_TEXT(struct key_item, prefix),
    TPL_TEXT(struct key_item, owner),     TPL_URL(struct key_item, owner_address),
    TPL_TEXT(struct key_item, scopes),    TPL_TEXT(struct key_item, created),
    TPL_TEXT(struct key_item, expires),   TPL_TEXT(struct key_item, last_used),
    TPL_TEXT(struct key_item, calls),     TPL_TEXT(struct key_item, state),
    TPL_TEXT(struct key_item, state_kind), TPL_URL(struct key_item, limit_address),
    TPL_URL(struct key_item, revoke_address), TPL_BOOL(struct key_item, in_use)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct key_item, item_members);

static const struct tpl_member page_members[] = {
    TPL_TEXT(struct keys_page, q),            TPL_TEXT(struct keys_page, lead),
    TPL_BOOL(struct keys_page, found),        TPL_BOOL(struct keys_page, is_paged),
    TPL_INT(struct keys_page, page),          TPL_INT(struct keys_page, pages),
    TPL_URL(struct keys_page, previous_page), TPL_URL(struct keys_page, next_page),
    TPL_LIST(struct keys_page, keys, item_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct keys_page, page_members);
const struct tpl_binding keys_overview_template = {"back/keys", &page_struct};

static bool is_expired(const struct api_key *key)
{
    return key->expires && key->expires <= clock_wall();
}

static struct key_item show(struct call *call, const struct api_key *key)
{
    struct arena *arena = &call->scope->arena;
    bool in_use = !key->revoked && !is_expired(key);
    return (struct key_item){
        .name = key->name,
        .prefix = str_printf(arena, "%.*s…", STR_ARG(key->prefix)),
        .owner = key->owner,
        .owner_address = office_user_path(call, key->user, ""),
        .scopes = office_say(call, key->scopes == SCOPE_READ ? MSG_BACKOFFICE_KEY_READ : MSG_BACKOFFICE_KEY_WRITE),
        .created = format_instant_date(arena, call->language, key->created),
        .expires = key->expires ? format_date(arena, call->language, key->expires - USEC_SECOND) /* the day that was typed */
                                : office_say(call, MSG_BACKOFFICE_NEVER),
        .last_used = key->last_used ? format_date(arena, call->language, key->last_used)
                                    : office_say(call, MSG_BACKOFFICE_NEVER),
        .calls = office_calls(call, key->calls, MSG_BACKOFFICE_LIMIT_NONE),
        .state = office_say(call, key->revoked      ? MSG_BACKOFFICE_KEY_REVOKED
                                  : is_expired(key) ? MSG_BACKOFFICE_KEY_EXPIRED
                                                    : MSG_BACKOFFICE_KEY_ACTIVE),
        .state_kind = in_use ? S("tag success") : S("tag"),
        .limit_address = str_printf(arena, "/backoffice/keys/%lld/limit", (long long)key->id),
        .revoke_address = str_printf(arena, "/backoffice/keys/%lld/revoke", (long long)key->id),
        .in_use = in_use};
}

static bool fits(struct arena *arena, const struct api_key *key, str folded)
{
    return folded.n == 0 || str_find(text_fold(arena, key->owner), folded, 0) != SIZE_MAX ||
           str_find(text_fold(arena, key->name), folded, 0) != SIZE_MAX ||
           str_starts(key->prefix, folded);
}

static enum err tell_keys(struct call *call, const struct api_key *const *keys, size_t count)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key(&json, S("keys"));
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(&json);
        json_key_int(&json, S("id"), keys[i]->id);
        json_key_text(&json, S("name"), keys[i]->name);
        json_key_text(&json, S("prefix"), keys[i]->prefix);
        json_key_text(&json, S("owner"), keys[i]->owner);
        json_key_text(&json, S("state"), keys[i]->revoked      ? S("revoked")
                                         : is_expired(keys[i]) ? S("expired")
                                                               : S("active"));
        json_key_int(&json, S("calls"), keys[i]->calls);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    return office_json(call, 200, &out);
}

enum err back_keys(struct call *call)
{
    struct arena *arena = &call->scope->arena;
    const struct api_key *all;
    size_t all_count;
    struct keys_page page = {.q = str_trim(call_query(call, S("q")))};
    VEC(const struct api_key *) keys = {0};
    VEC(struct key_item) items = {0};
    TRY(api_key_list_all(call->scope, call->app->identity, &all, &all_count));
    str folded = text_fold(arena, page.q);
    for (size_t i = 0; i < all_count; i++) {
        if (fits(arena, &all[i], folded)) {
            vec_add(arena, &keys, &all[i]);
        }
    }
    if (page_is_for_script(call)) {
        return tell_keys(call, keys.items, keys.count);
    }
    struct office_pages pages = office_pages(call, keys.count, "/backoffice/keys",
                                             page.q.n ? office_path(call, "q=", page.q) : S(""));
    for (size_t i = pages.from; i < pages.to; i++) {
        vec_add(arena, &items, show(call, keys.items[i]));
    }
    page.lead = office_tell(call, MSG_BACKOFFICE_KEYS_COUNT, ARG_INT("count", (int64_t)keys.count));
    page.found = keys.count > 0;
    page.is_paged = pages.pages > 1;
    page.page = pages.page;
    page.pages = pages.pages;
    page.previous_page = pages.previous_page;
    page.next_page = pages.next_page;
    page.keys = (struct tpl_list){items.items, items.count};
    return office_send(call, &(struct office_page){.section = SECTION_KEYS,
                                                   .title = office_say(call, MSG_BACKOFFICE_KEYS_TITLE),
                                                   .body = &keys_overview_template,
                                                   .data = &page,
                                                   .is_wide = true});
}

enum err back_key_revoke(struct call *call)
{
    struct api_key key;
    int64_t id;
    TRY(office_id(call, 0, ERR_NO_KEY, &id));
    TRY(api_key_get(call->scope, call->app->identity, id, &key));
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_KEYS,
                            office_tell(call, MSG_BACKOFFICE_KEYS_REVOKE_TITLE, ARG_TEXT("name", key.name),
                                        ARG_TEXT("owner", key.owner)),
                            office_say(call, MSG_BACKOFFICE_USER_KEY_TEXT),
                            office_say(call, MSG_BACKOFFICE_USER_KEY_SUBMIT), S("/backoffice/keys"), S(""));
    }
    TRY(api_key_revoke(call->scope, call->app->identity, call->actor, key.user, id));
    return office_done(call, S("/backoffice/keys"), MSG_BACKOFFICE_DONE_KEY);
}
