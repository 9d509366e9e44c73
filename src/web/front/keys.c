/* API keys of a person: made, shown once, revoked. */
#include "base/date.h"
#include "base/num.h"
#include "domain/identity/limit.h"
#include "web/front/account.h"
#include "web/shell/gate.h"
#include "web/shell/quota.h"

struct key_item {
    str csrf, name, prefix, expires, last_used; /* days */
    int64_t id;
    bool may_write, is_valid, is_revoked, is_expired;
    int64_t calls;
    usec created;
};

struct keys_page {
    str csrf, secret, name, name_error, expires, expires_error, calls, calls_error, quota;
    bool may_write, has_keys;
    struct tpl_list navigation, errors, keys;
};

static const struct tpl_member item_members[] = {
    TPL_TEXT(struct key_item, csrf),       TPL_TEXT(struct key_item, name),
    TPL_TEXT(struct key_item, prefix),     TPL_NUMBER(struct key_item, id),
    TPL_INT(struct key_item, calls), TPL_BOOL(struct key_item, may_write),  TPL_BOOL(struct key_item, is_valid),
    TPL_BOOL(struct key_item, is_revoked), TPL_BOOL(struct key_item, is_expired),
    TPL_INSTANT(struct key_item, created), TPL_TEXT(struct key_item, expires),
    TPL_TEXT(struct key_item, last_used)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct key_item, item_members);

static const struct tpl_member members[] = {
    TPL_TEXT(struct keys_page, csrf),       TPL_TEXT(struct keys_page, secret),
    TPL_TEXT(struct keys_page, name),       TPL_TEXT(struct keys_page, name_error),
    TPL_TEXT(struct keys_page, expires),    TPL_TEXT(struct keys_page, expires_error),
    TPL_TEXT(struct keys_page, calls),      TPL_TEXT(struct keys_page, calls_error),
    TPL_TEXT(struct keys_page, quota),
    TPL_BOOL(struct keys_page, may_write),  TPL_BOOL(struct keys_page, has_keys),
    TPL_LIST(struct keys_page, keys, item_struct),
    TPL_LIST(struct keys_page, errors, fault_struct),
    TPL_LIST(struct keys_page, navigation, navigation_struct)};
static const struct tpl_struct shape = TPL_STRUCT(struct keys_page, members);
const struct tpl_binding keys_template = {"account/keys", &shape};

/* Days as they were typed and are counted, in UTC; empty: none. */
static str day_of(const struct call *call, usec instant)
{
    return instant ? format_date(&call->scope->arena, call->language, instant) : S("");
}

static enum err list_keys(struct call *call, str csrf, struct tpl_list *ret_list)
{
    const struct api_key *keys;
    size_t count;
    usec now = clock_wall();
    TRY(api_key_list(call->scope, call->app->identity, call->actor->user, &keys, &count));
    struct key_item *items = arena_array(&call->scope->arena, struct key_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct api_key *key = &keys[i];
        bool expired = key->expires && key->expires <= now;
        items[i] = (struct key_item){.csrf = csrf,
                                     .name = key->name,
                                     .prefix = key->prefix,
                                     .id = key->id,
                                     .may_write = (key->scopes & SCOPE_WRITE) != 0,
                                     .is_valid = !key->revoked && !expired,
                                     .is_revoked = key->revoked != 0,
                                     .is_expired = expired && !key->revoked,
                                     .created = key->created,
                                     /* the day itself, not the midnight that ends it */
                                     .expires = day_of(call, key->expires ? key->expires - USEC_SECOND : 0),
                                     .last_used = day_of(call, key->last_used),
                                     .calls = key->calls};
    }
    *ret_list = (struct tpl_list){items, count};
    return ERR_OK;
}

/* How many calls of the API there are today, and how many are left. */
static str tell_quota(struct call *call)
{
    struct quota_answer quota = quota_look(call->app->quotas, call->actor);
    if (!quota.limited) {
        return message_plain(call->language, MSG_ACCOUNT_KEYS_QUOTA_NONE);
    }
    struct message_argument arguments[] = {ARG_INT("calls", quota.calls), ARG_INT("limit", quota.limit),
                                           ARG_INT("left", quota.remaining)};
    return message_text(&call->scope->arena, call->language, MSG_ACCOUNT_KEYS_QUOTA, arguments,
                        ARRAY_LENGTH(arguments));
}

static enum err send(struct call *call, struct keys_page *view, int status)
{
    view->quota = tell_quota(call);
    view->csrf = csrf_token(call);
    view->navigation = account_navigation(call, "/account/keys");
    TRY(list_keys(call, view->csrf, &view->keys));
    view->has_keys = view->keys.count > 0;
    struct page page = {
        .title = MSG_ACCOUNT_KEYS_TITLE,
        .body = &keys_template,
        .data = view,
        .status = status,
        .has_faults = view->errors.count > 0};
    page_send(call, &page);
    return ERR_OK;
}

enum err account_keys(struct call *call)
{
    struct keys_page view = {0};
    return send(call, &view, 200);
}

/* A day as date inputs give it; the key is good until its end. Empty: for ever. */
static bool read_expiry(str text, usec *ret_expires)
{
    struct date_text date;
    *ret_expires = 0;
    if (text.n == 0) {
        return true;
    }
    if (!date_read(text, &date) || date.precision != PRECISION_DAY) {
        return false;
    }
    *ret_expires = date_instant(&date.civil) + USEC_DAY;
    return *ret_expires > clock_wall();
}

/* Calls a day at most; empty: as many as the person has. */
static bool read_calls(str text, int64_t *ret_calls)
{
    *ret_calls = CALLS_DEFAULT;
    return text.n == 0 || (num_read_int(text, ret_calls) && *ret_calls > 0);
}

static enum err make(struct call *call, struct keys_page *view, usec expires, int64_t calls)
{
    const struct api_key *keys;
    size_t count;
    TRY(api_key_make(call->scope, call->app->identity, call->actor, view->name,
                     view->may_write ? SCOPE_ALL : SCOPE_READ, expires, &view->secret));
    if (calls != CALLS_DEFAULT) {
        TRY(api_key_list(call->scope, call->app->identity, call->actor->user, &keys, &count));
        TRY(limit_set(call->scope, call->app->identity, call->actor, &call->origin, LIMITED_KEY, keys[0].id,
                      view->name, calls));
    }
    view->name = view->expires = view->calls = STR_NONE;
    view->may_write = false;
    return ERR_OK;
}

enum err account_key_make(struct call *call)
{
    struct faults faults = {0};
    struct keys_page view = {.name = str_trim(form_value(&call->form, S("name"))),
                             .expires = str_trim(form_value(&call->form, S("expires"))),
                             .calls = str_trim(form_value(&call->form, S("calls"))),
                             .may_write = form_has(&call->form, S("write"))};
    usec expires;
    int64_t calls;
    if (view.name.n == 0 || view.name.n > API_KEY_NAME_BYTES) {
        view.name_error = faults_add(call, &faults, S("name"), MSG_ACCOUNT_KEYS_FAULT_NAME);
    }
    if (!read_expiry(view.expires, &expires)) {
        view.expires_error = faults_add(call, &faults, S("expires"), MSG_ACCOUNT_KEYS_FAULT_DAY);
    }
    if (!read_calls(view.calls, &calls)) {
        view.calls_error = faults_add(call, &faults, S("calls"), MSG_ACCOUNT_KEYS_FAULT_CALLS);
    }
    if (faults.count == 0) {
        enum err result = make(call, &view, expires, calls);
        if (result == ERR_CONFLICT) {
            scope_forgive(call->scope);
            view.name_error = faults_add(call, &faults, S("name"), MSG_ACCOUNT_KEYS_FAULT_MANY);
        } else if (result != ERR_OK) {
            return result;
        }
    }
    view.errors = faults_list(&faults);
    return send(call, &view, faults.count ? 422 : 200);
}

enum err account_key_revoke(struct call *call)
{
    int64_t id;
    if (!num_read_int(form_value(&call->form, S("key")), &id)) {
        return fail(call->scope, ERR_REQUEST, "A number is expected in the field key.");
    }
    TRY(api_key_revoke(call->scope, call->app->identity, call->actor, call->actor->user, id));
    return account_done(call, MSG_ACCOUNT_KEYS_REVOKED, S("/account/keys"));
}
