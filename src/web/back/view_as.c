/*
 * Seeing the portal as others do: /backoffice/view-as, where an administrator chooses as whom; the buttons of a
 * dataset's rules send the same form. Ended by the button of the banner, which is on every page meanwhile.
 */
#include "domain/identity/view_as.h"
#include "base/utf8.h"
#include "base/limits.h"
#include "web/back/security.h"

struct fields {
    struct form_field *as, *user;
};

/* "everyone", "group:NAME", "user:NAME", or "user" with the name in a field of its own. */
static bool read_choice(const struct fields *fields, str as, enum access_subject *ret_kind, str *ret_name)
{
    size_t colon = str_find_char(as, ':', 0);
    *ret_name = colon == SIZE_MAX ? S("") : str_slice(as, colon + 1, as.n);
    if (!access_subject_find(str_slice(as, 0, colon), ret_kind)) {
        return false;
    }
    if (*ret_kind == ACCESS_USER && colon == SIZE_MAX) {
        *ret_name = fields->user->value;
    }
    return *ret_kind == ACCESS_EVERYONE || ret_name->n > 0;
}

static enum err make_form(struct call *call, str dataset, struct fields *fields, struct office_form **ret_form)
{
    const struct group *groups;
    size_t count;
    TRY(group_list(call->scope, call->app->catalog, &groups, &count));
    str back = dataset.n ? office_dataset_address(call, dataset, "/access") : S("/backoffice/access");
    struct office_form *form = form_make(call, SECTION_ACCESS, office_say(call, MSG_BACKOFFICE_VIEW_AS_TITLE),
                                         office_say(call, MSG_BACKOFFICE_VIEW_AS_SUBMIT), back);
    form->lead = office_say(call, MSG_BACKOFFICE_VIEW_AS_LEAD);
    fields->as = form_radios(form, "as", MSG_BACKOFFICE_VIEW_AS_WHO, MESSAGE_NONE);
    form_choice(form, fields->as, S("everyone"), office_say(call, MSG_BACKOFFICE_ACCESS_EVERYONE), S(""), true);
    for (size_t i = 0; i < count; i++) {
        form_choice(form, fields->as, str_printf(&call->scope->arena, "group:%.*s", STR_ARG(groups[i].name)),
                    groups[i].name, office_say(call, MSG_BACKOFFICE_ACCESS_GROUP), false);
    }
    if (actor_has_role(call->actor, ROLE_ADMINISTRATOR)) {
        form_choice(form, fields->as, S("user"), office_say(call, MSG_BACKOFFICE_VIEW_AS_USER), S(""), false);
        fields->user = form_line(form, "user", MSG_BACKOFFICE_ACCESS_USER, MSG_BACKOFFICE_FIELD_NAME,
                                 call_query(call, S("user")));
    } else {
        fields->user = arena_new(&call->scope->arena, struct form_field);
    }
    *ret_form = form;
    return ERR_OK;
}

/* Names are typed: what is wrong with one is said beside it. */
static enum err explain(struct office_form *form, const struct fields *fields, str name, enum err result)
{
    struct call *call = form->call;
    if (result == ERR_NO_USER) {
        scope_forgive(call->scope);
        str shown = utf8_truncate(name, LIMIT_NAME_BYTES);
        form_fault(form, fields->user, office_tell(call, MSG_BACKOFFICE_FAULT_NO_USER, ARG_TEXT("name", shown)));
        return form_send(form);
    }
    return result;
}

enum err back_view_as(struct call *call)
{
    struct fields fields;
    struct office_form *form;
    enum access_subject kind;
    str name;
    str dataset = call_query(call, S("dataset"));
    if (!actor_has_role(call->actor, ROLE_ADMINISTRATOR)) {
        if (dataset.n == 0) {
            return fail(call->scope, ERR_DENIED, "Only administrators see the whole portal as somebody else.");
        }
        TRY(access_check(call->scope, call->app->access, call->actor, dataset, RIGHT_MANAGE));
    }
    TRY(make_form(call, dataset, &fields, &form));
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (!read_choice(&fields, form_value(&call->form, S("as")), &kind, &name)) {
        form_fault(form, fields.as, office_say(call, MSG_BACKOFFICE_FAULT_CHOOSE));
        return form_send(form);
    }
    enum err result = view_as_begin(call->scope, call->app->identity, call->app->access, call->actor,
                                    &call->origin, kind, name, dataset);
    if (result != ERR_OK) {
        return explain(form, &fields, name, result);
    }
    str path = dataset.n ? str_printf(&call->scope->arena, "%.*s/",
                                      STR_ARG(office_path(call, "/explore/dataset/", dataset)))
                         : S("/explore/");
    return office_done(call, path, MESSAGE_NONE);
}

enum err back_view_as_end(struct call *call)
{
    TRY(view_as_end(call->scope, call->app->identity, call->actor, &call->origin));
    return office_done(call, page_next(call, S("/backoffice")), MESSAGE_NONE);
}
