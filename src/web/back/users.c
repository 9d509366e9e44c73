/* The list of users, and making one. */
#include "base/limits.h"
#include "base/utf8.h"
#include "platform/mail/mail.h"
#include "platform/text/fold.h"
#include "web/back/form.h"
#include "web/back/routes.h"

struct user_item {
    str address, name, display_name, role, state, state_kind, factor, last_sign_in;
};

struct users {
    str q, lead;
    bool found, is_paged;
    int64_t page, pages;
    str previous_page, next_page;
    struct tpl_list users;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct user_item, address),       TPL_TEXT(struct user_item, name),
    TPL_TEXT(struct user_item, display_name), TPL_TEXT(struct user_item, role),
    TPL_TEXT(struct user_item, state),        TPL_TEXT(struct user_item, state_kind),
    TPL_TEXT(struct user_item, factor),       TPL_TEXT(struct user_item, last_sign_in)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct user_item, item_members);

static const struct tpl_member users_members[] = {
    TPL_TEXT(struct users, q),            TPL_TEXT(struct users, lead),
    TPL_BOOL(struct users, is_paged),     TPL_BOOL(struct users, found),        TPL_INT(struct users, page),
    TPL_INT(struct users, pages),         TPL_URL(struct users, previous_page),
    TPL_URL(struct users, next_page),     TPL_LIST(struct users, users, item_struct)};
static const struct tpl_struct users_struct = TPL_STRUCT(struct users, users_members);
const struct tpl_binding users_template = {"back/users", &users_struct};

/* ---- the list ---- */

static bool matches(struct arena *arena, const struct user *user, str folded)
{
    str texts[] = {user->name, user->display_name, user->email, str_from(role_name(user->role))};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (str_find(text_fold(arena, texts[i]), folded, 0) != SIZE_MAX) {
            return true;
        }
    }
    return folded.n == 0;
}

static struct user_item show(struct call *call, const struct user *user)
{
    return (struct user_item){
        .address = office_path_id(call, "/backoffice/users/", user->id),
        .name = user->name,
        .display_name = user->display_name,
        .role = office_say(call, office_role_title(user->role)),
        .state = office_say(call, user->active ? MSG_BACKOFFICE_USER_ACTIVE
                                               : MSG_BACKOFFICE_USER_DISABLED),
        .state_kind = user->active ? S("tag success") : S("tag danger"),
        .factor =
            office_say(call, user->has_second_factor ? MSG_BACKOFFICE_YES : MSG_BACKOFFICE_NO),
        .last_sign_in = office_instant(call, user->last_sign_in, MSG_BACKOFFICE_NEVER)};
}

enum err back_users(struct call *call)
{
    struct arena *arena = &call->scope->arena;
    const struct user *all;
    size_t all_count;
    struct users users = {.q = utf8_truncate(str_trim(call_query(call, S("q"))), LIMIT_NAME_BYTES)};
    VEC(struct user_item) items = {0};
    VEC(const struct user *) found = {0};
    TRY(user_list(call->scope, call->app->identity, &all, &all_count));
    str folded = text_fold(arena, users.q);
    for (size_t i = 0; i < all_count; i++) {
        if (matches(arena, &all[i], folded)) {
            vec_add(arena, &found, &all[i]);
        }
    }
    str query = users.q.n ? office_path(call, "q=", users.q) : S("");
    struct office_pages pages = office_pages(call, found.count, "/backoffice/users", query);
    for (size_t i = pages.from; i < pages.to; i++) {
        vec_add(arena, &items, show(call, found.items[i]));
    }
    users.lead =
        office_tell(call, MSG_BACKOFFICE_USERS_COUNT, ARG_INT("count", (int64_t)found.count));
    users.found = found.count > 0;
    users.page = pages.page;
    users.pages = pages.pages;
    users.is_paged = pages.pages > 1;
    users.previous_page = pages.previous_page;
    users.next_page = pages.next_page;
    users.users = (struct tpl_list){items.items, items.count};
    return office_send(call,
                       &(struct office_page){.section = SECTION_USERS,
                                             .title = office_say(call, MSG_BACKOFFICE_USERS_TITLE),
                                             .body = &users_template,
                                             .data = &users});
}

/* ---- a new one ---- */

void office_role_choices(struct office_form *form, struct form_field *field, enum role chosen)
{
    for (enum role role = ROLE_READER; role <= ROLE_ADMINISTRATOR; role++) {
        form_choice(form, field, str_from(role_name(role)),
                    office_say(form->call, office_role_title(role)),
                    office_say(form->call, office_role_text(role)), role == chosen);
    }
}

bool office_check_email(struct office_form *form, struct form_field *email)
{
    bool good = email->value.n == 0 || mail_address_is_valid(email->value);
    if (!good) {
        form_fault(form, email, office_say(form->call, MSG_BACKOFFICE_FAULT_EMAIL));
    }
    return good;
}

struct new_form {
    struct form_field *name, *display_name, *email, *role;
};

static enum err make(struct office_form *form, const struct new_form *fields, bool *ret_made,
                     int64_t *ret_id)
{
    struct call *call = form->call;
    struct new_user user = {.name = fields->name->value,
                            .display_name = fields->display_name->value,
                            .email = fields->email->value};
    *ret_made = false;
    if (!role_find(fields->role->value, &user.role)) {
        form_fault(form, fields->role, office_say(call, MSG_BACKOFFICE_FAULT_CHOOSE));
    }
    if (!office_check_email(form, fields->email) || form->has_faults) {
        return ERR_OK;
    }
    enum err result = user_add(call->scope, call->app->identity, call->actor, &user, ret_id);
    if (result == ERR_CONFLICT) {
        form_fault(form, fields->name, office_say(call, MSG_BACKOFFICE_FAULT_NAME_TAKEN));
    } else if (result == ERR_USAGE && user.display_name.n > DISPLAY_NAME_BYTES) {
        form_fault(form, fields->display_name, office_say(call, MSG_BACKOFFICE_FAULT_DISPLAY_NAME));
    } else if (result == ERR_USAGE) {
        form_fault(form, fields->name, office_say(call, MSG_BACKOFFICE_FAULT_SIGN_IN_NAME));
    } else {
        *ret_made = result == ERR_OK;
        return result;
    }
    scope_forgive(call->scope);
    return ERR_OK;
}

enum err back_user_new(struct call *call)
{
    bool made = false;
    int64_t id = 0;
    struct new_form fields;
    struct office_form *form =
        form_make(call, SECTION_USERS, office_say(call, MSG_BACKOFFICE_USER_NEW_TITLE),
                  office_say(call, MSG_BACKOFFICE_USER_NEW_SUBMIT), S("/backoffice/users"));
    form->lead = office_say(call, MSG_BACKOFFICE_USER_NEW_LEAD);
    fields.name =
        form_line(form, "name", MSG_BACKOFFICE_FIELD_NAME, MSG_BACKOFFICE_FIELD_NAME_HINT, S(""));
    fields.display_name = form_line(form, "display_name", MSG_BACKOFFICE_FIELD_DISPLAY_NAME,
                                    MSG_BACKOFFICE_FIELD_DISPLAY_NAME_HINT, S(""));
    fields.email = form_line(form, "email", MSG_BACKOFFICE_FIELD_EMAIL,
                             MSG_BACKOFFICE_FIELD_EMAIL_HINT, S(""));
    fields.email->type = S("email");
    fields.role = form_radios(form, "role", MSG_BACKOFFICE_FIELD_ROLE, MESSAGE_NONE);
    office_role_choices(form, fields.role, ROLE_READER);
    if (office_is_post(call)) {
        TRY(make(form, &fields, &made, &id));
    }
    return made ? office_send_link(call, id, INVITATION_LIFETIME) : form_send(form);
}
