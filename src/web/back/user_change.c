/* Changes of a user that have a form: profile, role, groups. */
#include "web/back/form.h"
#include "web/back/routes.h"

enum err back_user_profile(struct call *call)
{
    struct user user;
    TRY(office_user(call, &user));
    str back = office_user_path(call, user.id, "");
    struct office_form *form =
        form_make(call, SECTION_USERS,
                  office_tell(call, MSG_BACKOFFICE_USER_PROFILE_TITLE, ARG_TEXT("name", user.name)),
                  office_say(call, MSG_BACKOFFICE_SAVE), back);
    struct form_field *display_name =
        form_line(form, "display_name", MSG_BACKOFFICE_FIELD_DISPLAY_NAME,
                  MSG_BACKOFFICE_FIELD_DISPLAY_NAME_HINT, user.display_name);
    struct form_field *email = form_line(form, "email", MSG_BACKOFFICE_FIELD_EMAIL,
                                         MSG_BACKOFFICE_FIELD_EMAIL_HINT, user.email);
    email->type = S("email");
    if (!office_is_post(call) || !office_check_email(form, email)) {
        return form_send(form);
    }
    enum err result = user_set_profile(call->scope, call->app->identity, call->actor, user.id,
                                       display_name->value, email->value);
    if (result == ERR_USAGE) {
        scope_forgive(call->scope);
        form_fault(form, display_name, office_say(call, MSG_BACKOFFICE_FAULT_DISPLAY_NAME));
        return form_send(form);
    }
    return result == ERR_OK ? office_done(call, back, MSG_BACKOFFICE_DONE_SAVED) : result;
}

enum err back_user_role(struct call *call)
{
    struct user user;
    enum role role;
    TRY(office_user(call, &user));
    str back = office_user_path(call, user.id, "");
    struct office_form *form =
        form_make(call, SECTION_USERS,
                  office_tell(call, MSG_BACKOFFICE_USER_ROLE_TITLE, ARG_TEXT("name", user.name)),
                  office_say(call, MSG_BACKOFFICE_SAVE), back);
    form->lead = office_say(call, MSG_BACKOFFICE_USER_ROLE_LEAD);
    struct form_field *field = form_radios(form, "role", MSG_BACKOFFICE_FIELD_ROLE, MESSAGE_NONE);
    office_role_choices(form, field, user.role);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (!role_find(field->value, &role)) {
        form_fault(form, field, office_say(call, MSG_BACKOFFICE_FAULT_CHOOSE));
        return form_send(form);
    }
    enum err result = user_set_role(call->scope, call->app->identity, call->actor, user.id, role);
    if (result == ERR_CONFLICT) {
        scope_forgive(call->scope);
        form_fault(form, field, office_say(call, MSG_BACKOFFICE_FAULT_LAST_ADMINISTRATOR));
        return form_send(form);
    }
    return result == ERR_OK ? office_done(call, back, MSG_BACKOFFICE_DONE_ROLE) : result;
}

/* ---- groups ---- */

static bool is_member(const struct group *groups, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (groups[i].id == id) {
            return true;
        }
    }
    return false;
}

static enum err change_membership(struct call *call, const struct group *group,
                                  const struct user *user, bool is_in)
{
    struct catalog *catalog = call->app->catalog;
    if (is_in) {
        TRY(group_add_member(call->scope, catalog, group->id, user->id));
    } else {
        TRY(group_remove_member(call->scope, catalog, group->id, user->id));
    }
    audit_add(call->scope, call->app->identity, call->actor, &call->origin,
              is_in ? "group.join" : "group.leave", group->name, user->name);
    return ERR_OK;
}

enum err back_user_groups(struct call *call)
{
    struct user user;
    const struct group *all;
    const struct group *own;
    size_t all_count;
    size_t own_count;
    TRY(office_user(call, &user));
    TRY(group_list(call->scope, call->app->catalog, &all, &all_count));
    TRY(group_list_of_user(call->scope, call->app->catalog, user.id, &own, &own_count));
    str back = office_user_path(call, user.id, "");
    struct office_form *form =
        form_make(call, SECTION_USERS,
                  office_tell(call, MSG_BACKOFFICE_USER_GROUPS_TITLE, ARG_TEXT("name", user.name)),
                  office_say(call, MSG_BACKOFFICE_SAVE), back);
    form->lead =
        office_say(call, all_count ? MSG_BACKOFFICE_USER_GROUPS_LEAD : MSG_BACKOFFICE_GROUPS_NONE);
    struct form_field *field =
        form_checks(form, "group", MSG_BACKOFFICE_GROUPS_TITLE, MESSAGE_NONE);
    for (size_t i = 0; i < all_count; i++) {
        form_choice(form, field, office_path_id(call, "", all[i].id), all[i].name, S(""),
                    is_member(own, own_count, all[i].id));
    }
    if (!office_is_post(call)) {
        return form_send(form);
    }
    for (size_t i = 0; i < all_count; i++) {
        bool wanted = field->choices.items[i].chosen;
        if (wanted != is_member(own, own_count, all[i].id)) {
            TRY(change_membership(call, &all[i], &user, wanted));
        }
    }
    return office_done(call, back, MSG_BACKOFFICE_DONE_SAVED);
}
