/*
 * Invitations: /backoffice/invitations. A link is sent by mail, or shown by the answer itself, this once: a message
 * for the next page would store it.
 */
#include "base/num.h"
#include "base/vec.h"
#include "web/back/security.h"

struct invitation_item {
    str email, role, groups, invited_by, sent, expires, state, state_kind, send_address, revoke_address;
};

struct invitations_page {
    bool found;
    struct tpl_list invitations;
};

struct link_page {
    str email, secret, lifetime;
    bool sent, failed;
};

static const struct tpl_member item_members[] = {
    TPL_TEXT(struct invitation_item, email),       TPL_TEXT(struct invitation_item, role),
    TPL_TEXT(struct invitation_item, groups),      TPL_TEXT(struct invitation_item, invited_by),
    TPL_TEXT(struct invitation_item, sent),        TPL_TEXT(struct invitation_item, expires),
    TPL_TEXT(struct invitation_item, state),       TPL_TEXT(struct invitation_item, state_kind),
    TPL_URL(struct invitation_item, send_address), TPL_URL(struct invitation_item, revoke_address)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct invitation_item, item_members);
static const struct tpl_member page_members[] = {TPL_BOOL(struct invitations_page, found),
                                                 TPL_LIST(struct invitations_page, invitations, item_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct invitations_page, page_members);
const struct tpl_binding invitations_template = {"back/invitations", &page_struct};

static const struct tpl_member link_members[] = {
    TPL_TEXT(struct link_page, email), TPL_TEXT(struct link_page, secret), TPL_TEXT(struct link_page, lifetime),
    TPL_BOOL(struct link_page, sent), TPL_BOOL(struct link_page, failed)};
static const struct tpl_struct link_struct = TPL_STRUCT(struct link_page, link_members);
const struct tpl_binding invitation_link_template = {"back/invitation_link", &link_struct};

/* ---- the list ---- */

static str name_groups(struct call *call, const struct invitation *invitation, const struct group *groups,
                       size_t count)
{
    VEC(str) names = {0};
    for (size_t i = 0; i < invitation->group_count; i++) {
        for (size_t j = 0; j < count; j++) {
            if (groups[j].id == invitation->groups[i]) {
                vec_add(&call->scope->arena, &names, groups[j].name);
            }
        }
    }
    return str_join(&call->scope->arena, names.items, names.count, sizeof(str), S(", "));
}

static str action_address(const struct call *call, int64_t id, const char *action)
{
    return str_printf(&call->scope->arena, "/backoffice/invitations/%lld/%s", (long long)id, action);
}

enum err back_invitations(struct call *call)
{
    const struct invitation *invitations;
    const struct group *groups;
    size_t count;
    size_t group_count;
    TRY(invitation_list(call->scope, call->app->identity, &invitations, &count));
    TRY(group_list(call->scope, call->app->catalog, &groups, &group_count));
    struct invitation_item *items = arena_array(&call->scope->arena, struct invitation_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct invitation *invitation = &invitations[i];
        bool is_over = invitation->expires <= clock_wall();
        items[i] = (struct invitation_item){
            .email = invitation->email,
            .role = office_say(call, office_role_title(invitation->role)),
            .groups = name_groups(call, invitation, groups, group_count),
            .invited_by = office_audit_actor(call, invitation->invited_by),
            .sent = office_instant(call, invitation->sent, MESSAGE_NONE),
            .expires = office_instant(call, invitation->expires, MESSAGE_NONE),
            .state = office_say(call, is_over ? MSG_BACKOFFICE_INVITATION_EXPIRED : MSG_BACKOFFICE_INVITATION_OPEN),
            .state_kind = is_over ? S("tag warning") : S("tag success"),
            .send_address = action_address(call, invitation->id, "send"),
            .revoke_address = action_address(call, invitation->id, "revoke")};
    }
    struct invitations_page page = {count > 0, {items, count}};
    return office_send(call, &(struct office_page){.section = SECTION_USERS,
                                                   .title = office_say(call, MSG_BACKOFFICE_INVITATIONS_TITLE),
                                                   .body = &invitations_template,
                                                   .data = &page});
}

/* ---- a new one ---- */

enum err office_group_choices(struct office_form *form, struct form_field *field)
{
    const struct group *groups;
    size_t count;
    TRY(group_list(form->call->scope, form->call->app->catalog, &groups, &count));
    for (size_t i = 0; i < count; i++) {
        form_choice(form, field, office_path_id(form->call, "", groups[i].id), groups[i].name, S(""), false);
    }
    return ERR_OK;
}

const int64_t *office_chosen_groups(const struct office_form *form, const struct form_field *field,
                                    size_t *ret_count)
{
    int64_t *ids = arena_array(&form->call->scope->arena, int64_t, field->choices.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < field->choices.count; i++) {
        if (field->choices.items[i].chosen && num_read_int(field->choices.items[i].value, &ids[count])) {
            count++;
        }
    }
    *ret_count = count;
    return ids;
}

/* Sends the letter, or shows the link when none can be sent. */
static enum err deliver(struct call *call, int64_t id, str token)
{
    struct invitation invitation;
    struct link_page page = {
        .lifetime = format_duration(&call->scope->arena, call->language, INVITATION_LIFETIME)};
    TRY(invitation_get(call->scope, call->app->identity, id, &invitation));
    page.email = invitation.email;
    if (call->site->sends_mail) {
        page.sent = invitation_send(call->scope, call->app->identity, &invitation, token) == ERR_OK;
        page.failed = !page.sent;
        scope_forgive(call->scope);
    }
    if (!page.sent) {
        page.secret = str_printf(&call->scope->arena, "%.*s/account/invitation/%.*s", STR_ARG(call->base_url),
                                 STR_ARG(token));
    }
    return office_send(call, &(struct office_page){.section = SECTION_USERS,
                                                   .title = office_say(call, MSG_BACKOFFICE_INVITATION_SENT_TITLE),
                                                   .body = &invitation_link_template,
                                                   .data = &page});
}

struct fields {
    struct form_field *email, *role, *groups, *language;
};

static enum err make_form(struct call *call, struct fields *fields, struct office_form **ret_form)
{
    struct office_form *form = form_make(
        call, SECTION_USERS, office_say(call, MSG_BACKOFFICE_INVITATION_NEW_TITLE),
        office_say(call, MSG_BACKOFFICE_INVITATION_NEW_SUBMIT), S("/backoffice/invitations"));
    form->lead = office_say(call, MSG_BACKOFFICE_INVITATION_NEW_LEAD);
    fields->email = form_line(form, "email", MSG_BACKOFFICE_FIELD_EMAIL, MESSAGE_NONE, S(""));
    fields->email->type = S("email");
    fields->role = form_radios(form, "role", MSG_BACKOFFICE_FIELD_ROLE, MESSAGE_NONE);
    office_role_choices(form, fields->role, ROLE_READER);
    fields->groups = form_checks(form, "group", MSG_BACKOFFICE_GROUPS_TITLE, MESSAGE_NONE);
    TRY(office_group_choices(form, fields->groups));
    fields->language = form_radios(form, "language", MSG_BACKOFFICE_INVITATION_LANGUAGE, MESSAGE_NONE);
    for (language i = 0; i < language_count(); i++) {
        form_choice(form, fields->language, language_code(i), language_own_name(i), S(""),
                    i == call->site->language);
    }
    *ret_form = form;
    return ERR_OK;
}

static bool read_form(struct office_form *form, const struct fields *fields, struct invitation *ret)
{
    *ret = (struct invitation){.email = fields->email->value, .language = fields->language->value};
    if (!role_find(fields->role->value, &ret->role)) {
        form_fault(form, fields->role, office_say(form->call, MSG_BACKOFFICE_FAULT_CHOOSE));
    }
    if (language_exact(fields->language->value) == LANGUAGE_NONE) {
        form_fault(form, fields->language, office_say(form->call, MSG_BACKOFFICE_FAULT_CHOOSE));
    }
    ret->groups = office_chosen_groups(form, fields->groups, &ret->group_count);
    return !form->has_faults;
}

enum err back_invitation_new(struct call *call)
{
    struct fields fields;
    struct office_form *form;
    struct invitation invitation;
    int64_t id;
    str token;
    TRY(make_form(call, &fields, &form));
    if (!office_is_post(call) || !read_form(form, &fields, &invitation)) {
        return form_send(form);
    }
    enum err result = invitation_make(call->scope, call->app->identity, call->actor, &call->origin, &invitation,
                                      &id, &token);
    if (result != ERR_USAGE && result != ERR_CONFLICT) {
        return result == ERR_OK ? deliver(call, id, token) : result;
    }
    scope_forgive(call->scope);
    form_fault(form, fields.email, office_say(call, result == ERR_USAGE ? MSG_BACKOFFICE_FAULT_EMAIL
                                                                        : MSG_BACKOFFICE_INVITATION_TAKEN));
    return form_send(form);
}

/* ---- open ones ---- */

static enum err open_invitation(struct call *call, struct invitation *ret)
{
    int64_t id;
    TRY(office_id(call, 0, ERR_NO_LINK, &id));
    return invitation_get(call->scope, call->app->identity, id, ret);
}

enum err back_invitation_send(struct call *call)
{
    struct invitation invitation;
    str token;
    TRY(open_invitation(call, &invitation));
    if (!office_is_post(call)) {
        struct office_form *form = form_make(
            call, SECTION_USERS,
            office_tell(call, MSG_BACKOFFICE_INVITATION_SEND_TITLE, ARG_TEXT("email", invitation.email)),
            office_say(call, MSG_BACKOFFICE_INVITATION_SEND_SUBMIT), S("/backoffice/invitations"));
        form->lead = office_say(call, MSG_BACKOFFICE_INVITATION_SEND_TEXT);
        return form_send(form);
    }
    TRY(invitation_renew(call->scope, call->app->identity, call->actor, &call->origin, invitation.id, &token));
    return deliver(call, invitation.id, token);
}

enum err back_invitation_revoke(struct call *call)
{
    struct invitation invitation;
    TRY(open_invitation(call, &invitation));
    if (!office_is_post(call)) {
        return form_confirm(
            call, SECTION_USERS,
            office_tell(call, MSG_BACKOFFICE_INVITATION_REVOKE_TITLE, ARG_TEXT("email", invitation.email)),
            office_say(call, MSG_BACKOFFICE_INVITATION_REVOKE_TEXT),
            office_say(call, MSG_BACKOFFICE_INVITATION_REVOKE_SUBMIT), S("/backoffice/invitations"), S(""));
    }
    TRY(invitation_revoke(call->scope, call->app->identity, call->actor, &call->origin, invitation.id));
    return office_done(call, S("/backoffice/invitations"), MSG_BACKOFFICE_INVITATION_REVOKED);
}
