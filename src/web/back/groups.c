/* Groups of users: the list, one group, its members, its end. */
#include "web/back/security.h"

struct group_item {
    str address, name, members, created;
};

struct groups {
    bool found;
    struct tpl_list groups;
};

struct group_page {
    str name, lead, edit_address, delete_address, limit_address, calls, csrf, as;
    bool has_members;
    struct tpl_list members;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct group_item, address), TPL_TEXT(struct group_item, name),
    TPL_TEXT(struct group_item, members), TPL_TEXT(struct group_item, created)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct group_item, item_members);

static const struct tpl_member groups_members[] = {TPL_BOOL(struct groups, found),
                                                   TPL_LIST(struct groups, groups, item_struct)};
static const struct tpl_struct groups_struct = TPL_STRUCT(struct groups, groups_members);
const struct tpl_binding groups_template = {"back/groups", &groups_struct};

static const struct tpl_member group_page_members[] = {
    TPL_TEXT(struct group_page, name),
    TPL_TEXT(struct group_page, lead),
    TPL_URL(struct group_page, edit_address),
    TPL_URL(struct group_page, limit_address), TPL_TEXT(struct group_page, calls),
    TPL_TEXT(struct group_page, csrf), TPL_TEXT(struct group_page, as),
    TPL_URL(struct group_page, delete_address),
    TPL_BOOL(struct group_page, has_members),
    TPL_LIST(struct group_page, members, office_link_struct)};
static const struct tpl_struct group_page_struct =
    TPL_STRUCT(struct group_page, group_page_members);
const struct tpl_binding group_template = {"back/group", &group_page_struct};

static void audit(struct call *call, const char *action, str group, str detail)
{
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, action, group, detail);
}

static str group_path(const struct call *call, int64_t id, const char *action)
{
    return str_printf(&call->scope->arena, "/backoffice/groups/%lld%s", (long long)id, action);
}

static str count_members(const struct call *call, const struct group *group)
{
    return office_tell(call, MSG_BACKOFFICE_GROUP_MEMBERS, ARG_INT("count", group->members));
}

/* ---- the list, and a new one ---- */

enum err back_groups(struct call *call)
{
    const struct group *groups;
    size_t count;
    TRY(group_list(call->scope, call->app->catalog, &groups, &count));
    struct group_item *items = arena_array(&call->scope->arena, struct group_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] =
            (struct group_item){.address = group_path(call, groups[i].id, ""),
                                .name = groups[i].name,
                                .members = count_members(call, &groups[i]),
                                .created = office_instant(call, groups[i].created, MESSAGE_NONE)};
    }
    struct groups page = {.found = count > 0, .groups = {items, count}};
    return office_send(call,
                       &(struct office_page){.section = SECTION_GROUPS,
                                             .title = office_say(call, MSG_BACKOFFICE_GROUPS_TITLE),
                                             .body = &groups_template,
                                             .data = &page});
}

/* What is wrong with a name, beside its field; other errors are passed on. */
static enum err explain_name(struct office_form *form, struct form_field *field, enum err result)
{
    if (result != ERR_CONFLICT && result != ERR_USAGE) {
        return result;
    }
    scope_forgive(form->call->scope);
    form_fault(form, field,
               office_say(form->call, result == ERR_CONFLICT ? MSG_BACKOFFICE_FAULT_GROUP_TAKEN
                                                             : MSG_BACKOFFICE_FAULT_GROUP_NAME));
    return ERR_OK;
}

enum err back_group_new(struct call *call)
{
    int64_t id = 0;
    struct office_form *form =
        form_make(call, SECTION_GROUPS, office_say(call, MSG_BACKOFFICE_GROUP_NEW_TITLE),
                  office_say(call, MSG_BACKOFFICE_GROUP_NEW_SUBMIT), S("/backoffice/groups"));
    struct form_field *name = form_line(form, "name", MSG_BACKOFFICE_FIELD_GROUP_NAME,
                                        MSG_BACKOFFICE_FIELD_GROUP_NAME_HINT, S(""));
    if (!office_is_post(call)) {
        return form_send(form);
    }
    TRY(explain_name(form, name, group_add(call->scope, call->app->catalog, name->value, &id)));
    if (form->has_faults) {
        return form_send(form);
    }
    audit(call, "group.add", name->value, S(""));
    return office_done(call, group_path(call, id, ""), MSG_BACKOFFICE_DONE_GROUP);
}

/* ---- one group ---- */

static enum err find_group(struct call *call, struct group *ret_group)
{
    int64_t id;
    TRY(office_id(call, 0, ERR_NO_GROUP, &id));
    return group_get(call->scope, call->app->catalog, id, ret_group);
}

enum err back_group(struct call *call)
{
    struct group group;
    const struct member *members;
    size_t count;
    int64_t calls;
    TRY(find_group(call, &group));
    TRY(limit_get(call->scope, call->app->identity, LIMITED_GROUP, group.id, &calls));
    TRY(group_members(call->scope, call->app->catalog, group.id, &members, &count));
    struct office_link *links = arena_array(&call->scope->arena, struct office_link, count + 1);
    for (size_t i = 0; i < count; i++) {
        links[i] = (struct office_link){
            .address = office_path_id(call, "/backoffice/users/", members[i].id),
            .label = members[i].name};
    }
    struct group_page page = {.name = group.name,
                              .lead = count_members(call, &group),
                              .edit_address = group_path(call, group.id, "/edit"),
                              .delete_address = group_path(call, group.id, "/delete"),
                              .limit_address = group_path(call, group.id, "/limit"),
                              .calls = office_calls(call, calls, MSG_BACKOFFICE_LIMIT_GROUP_DEFAULT),
                              .csrf = csrf_token(call),
                              .as = str_printf(&call->scope->arena, "group:%.*s", STR_ARG(group.name)),
                              .has_members = count > 0,
                              .members = {links, count}};
    return office_send(call, &(struct office_page){.section = SECTION_GROUPS,
                                                   .title = group.name,
                                                   .body = &group_template,
                                                   .data = &page});
}

enum err back_group_delete(struct call *call)
{
    struct group group;
    TRY(find_group(call, &group));
    if (!office_is_post(call)) {
        return form_confirm(
            call, SECTION_GROUPS,
            office_tell(call, MSG_BACKOFFICE_GROUP_DELETE_TITLE, ARG_TEXT("name", group.name)),
            office_say(call, MSG_BACKOFFICE_GROUP_DELETE_TEXT),
            office_say(call, MSG_BACKOFFICE_GROUP_DELETE_SUBMIT), group_path(call, group.id, ""),
            S(""));
    }
    TRY(group_remove(call->scope, call->app->catalog, group.id));
    audit(call, "group.remove", group.name, S(""));
    TRY(office_apply(call));
    return office_done(call, S("/backoffice/groups"), MSG_BACKOFFICE_DONE_GROUP_DELETED);
}

/* ---- name and members ---- */

/* Who is added is named by sign-in name, several apart by blanks, commas or line ends. */
static enum err add_members(struct office_form *form, struct form_field *field,
                            const struct group *group, bool for_real)
{
    struct call *call = form->call;
    str rest = field->value;
    while (rest.n) {
        size_t end = 0;
        struct user user;
        while (end < rest.n && !is_ascii_space(rest.p[end]) && rest.p[end] != ',') {
            end++;
        }
        str name = str_slice(rest, 0, end);
        rest = str_slice(rest, end + 1, rest.n);
        if (name.n == 0) {
            continue;
        }
        enum err result = user_find(call->scope, call->app->identity, name, &user);
        if (result == ERR_NO_USER) {
            scope_forgive(call->scope);
            form_fault(form, field,
                       office_tell(call, MSG_BACKOFFICE_FAULT_NO_USER, ARG_TEXT("name", name)));
            return ERR_OK;
        }
        TRY(result);
        if (for_real) {
            TRY(group_add_member(call->scope, call->app->catalog, group->id, user.id));
            audit(call, "group.join", group->name, user.name);
        }
    }
    return ERR_OK;
}

static enum err remove_members(struct call *call, const struct form_field *field,
                               const struct group *group, const struct member *members)
{
    for (size_t i = 0; i < field->choices.count; i++) {
        if (field->choices.items[i].chosen) {
            TRY(group_remove_member(call->scope, call->app->catalog, group->id, members[i].id));
            audit(call, "group.leave", group->name, members[i].name);
        }
    }
    return ERR_OK;
}

static enum err rename_group(struct office_form *form, struct form_field *name, struct group *group)
{
    struct call *call = form->call;
    if (str_eq(name->value, group->name)) {
        return ERR_OK;
    }
    TRY(explain_name(form, name,
                     group_rename(call->scope, call->app->catalog, group->id, name->value)));
    if (!form->has_faults) {
        audit(call, "group.rename", name->value, group->name);
        group->name = name->value;
    }
    return ERR_OK;
}

enum err back_group_edit(struct call *call)
{
    struct group group;
    const struct member *members;
    size_t count;
    TRY(find_group(call, &group));
    TRY(group_members(call->scope, call->app->catalog, group.id, &members, &count));
    str back = group_path(call, group.id, "");
    struct form_field *leaving = NULL;
    struct office_form *form =
        form_make(call, SECTION_GROUPS,
                  office_tell(call, MSG_BACKOFFICE_GROUP_EDIT_TITLE, ARG_TEXT("name", group.name)),
                  office_say(call, MSG_BACKOFFICE_SAVE), back);
    struct form_field *name = form_line(form, "name", MSG_BACKOFFICE_FIELD_GROUP_NAME,
                                        MSG_BACKOFFICE_FIELD_GROUP_NAME_HINT, group.name);
    struct form_field *joining = form_line(form, "add", MSG_BACKOFFICE_FIELD_ADD_MEMBERS,
                                           MSG_BACKOFFICE_FIELD_ADD_MEMBERS_HINT, S(""));
    if (count) {
        leaving = form_checks(form, "remove", MSG_BACKOFFICE_FIELD_REMOVE_MEMBERS,
                              MSG_BACKOFFICE_FIELD_REMOVE_MEMBERS_HINT);
        for (size_t i = 0; i < count; i++) {
            form_choice(form, leaving, office_path_id(call, "", members[i].id), members[i].name,
                        S(""), false);
        }
    }
    if (!office_is_post(call)) {
        return form_send(form);
    }
    TRY(add_members(form, joining, &group, false));
    if (!form->has_faults) {
        TRY(rename_group(form, name, &group));
    }
    if (form->has_faults) {
        return form_send(form);
    }
    TRY(add_members(form, joining, &group, true));
    if (leaving) {
        TRY(remove_members(call, leaving, &group, members));
    }
    return office_done(call, back, MSG_BACKOFFICE_DONE_SAVED);
}
