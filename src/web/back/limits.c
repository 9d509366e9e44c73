/* Calls of the API a day: forms for a user, a group and a key; and what several pages say of them. */
#include "base/num.h"
#include "web/back/security.h"

struct form_field *office_calls_field(struct office_form *form, enum message hint, int64_t calls)
{
    str value = calls == CALLS_DEFAULT ? S("") : str_printf(&form->call->scope->arena, "%lld", (long long)calls);
    return form_line(form, "calls", MSG_BACKOFFICE_LIMIT_CALLS, hint, value);
}

bool office_read_calls(struct office_form *form, struct form_field *field, int64_t *ret_calls)
{
    *ret_calls = CALLS_DEFAULT;
    bool good = field->value.n == 0 || (num_read_int(field->value, ret_calls) && *ret_calls >= 0);
    if (!good) {
        form_fault(form, field, office_say(form->call, MSG_BACKOFFICE_LIMIT_FAULT));
    }
    return good;
}

str office_calls(const struct call *call, int64_t calls, enum message by_default)
{
    return calls == CALLS_DEFAULT ? office_say(call, by_default)
           : calls == 0           ? office_say(call, MSG_BACKOFFICE_LIMIT_NONE)
                                  : format_whole(&call->scope->arena, call->language, calls);
}

struct subject {
    enum limited kind;
    int64_t id;
    str name, back;
    enum section section;
    enum message hint;
};

static enum err change(struct call *call, const struct subject *subject)
{
    int64_t calls;
    TRY(limit_get(call->scope, call->app->identity, subject->kind, subject->id, &calls));
    struct office_form *form =
        form_make(call, subject->section,
                  office_tell(call, MSG_BACKOFFICE_LIMIT_TITLE, ARG_TEXT("name", subject->name)),
                  office_say(call, MSG_BACKOFFICE_SAVE), subject->back);
    struct form_field *field = office_calls_field(form, subject->hint, calls);
    if (!office_is_post(call) || !office_read_calls(form, field, &calls)) {
        return form_send(form);
    }
    TRY(limit_set(call->scope, call->app->identity, call->actor, &call->origin, subject->kind, subject->id,
                  subject->name, calls));
    return office_done(call, subject->back, MSG_BACKOFFICE_DONE_SAVED);
}

enum err back_user_limit(struct call *call)
{
    struct user user;
    TRY(office_user(call, &user));
    return change(call, &(struct subject){LIMITED_USER, user.id, user.name, office_user_path(call, user.id, ""),
                                          SECTION_USERS, MSG_BACKOFFICE_LIMIT_USER_HINT});
}

enum err back_group_limit(struct call *call)
{
    struct group group;
    int64_t id;
    TRY(office_id(call, 0, ERR_NO_GROUP, &id));
    TRY(group_get(call->scope, call->app->catalog, id, &group));
    return change(call, &(struct subject){LIMITED_GROUP, id, group.name,
                                          office_path_id(call, "/backoffice/groups/", id), SECTION_GROUPS,
                                          MSG_BACKOFFICE_LIMIT_GROUP_HINT});
}

enum err back_key_limit(struct call *call)
{
    struct api_key key;
    int64_t id;
    TRY(office_id(call, 0, ERR_NO_KEY, &id));
    TRY(api_key_get(call->scope, call->app->identity, id, &key));
    return change(call, &(struct subject){LIMITED_KEY, id, key.name, S("/backoffice/keys"), SECTION_KEYS,
                                          MSG_BACKOFFICE_LIMIT_KEY_HINT});
}
