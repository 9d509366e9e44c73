/* Datasets and who may see them: the list, and the rules of one dataset. */
#include "base/vec.h"
#include "web/back/form.h"
#include "web/back/routes.h"

struct dataset_item {
    str address, id, title, state, state_kind, rules;
};

struct access_page {
    bool found;
    bool is_paged;
    int64_t page, pages;
    str previous_page, next_page;
    struct tpl_list datasets;
};

struct rule_item {
    str who, kind, rights, filter, hidden, fault, edit_address, remove_address;
    bool can_be_removed;
};

struct group_option {
    str name;
};

struct dataset_page {
    str id, title, state, state_kind, everyone_address, rule_address;
    str user, user_fault;
    bool has_rules, has_groups;
    struct tpl_list rules, groups;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct dataset_item, address),     TPL_TEXT(struct dataset_item, id),
    TPL_TEXT(struct dataset_item, title),      TPL_TEXT(struct dataset_item, state),
    TPL_TEXT(struct dataset_item, state_kind), TPL_TEXT(struct dataset_item, rules)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct dataset_item, item_members);

static const struct tpl_member access_members[] = {
    TPL_BOOL(struct access_page, found), TPL_INT(struct access_page, page),
    TPL_BOOL(struct access_page, is_paged),
    TPL_INT(struct access_page, pages), TPL_URL(struct access_page, previous_page),
    TPL_URL(struct access_page, next_page), TPL_LIST(struct access_page, datasets, item_struct)};
static const struct tpl_struct access_struct = TPL_STRUCT(struct access_page, access_members);
const struct tpl_binding access_template = {"back/access", &access_struct};

static const struct tpl_member rule_members[] = {
    TPL_TEXT(struct rule_item, who),           TPL_TEXT(struct rule_item, kind),
    TPL_TEXT(struct rule_item, rights),        TPL_TEXT(struct rule_item, filter),
    TPL_TEXT(struct rule_item, hidden),        TPL_TEXT(struct rule_item, fault),
    TPL_URL(struct rule_item, edit_address),   TPL_URL(struct rule_item, remove_address),
    TPL_BOOL(struct rule_item, can_be_removed)};
static const struct tpl_struct rule_struct = TPL_STRUCT(struct rule_item, rule_members);

static const struct tpl_member option_members[] = {TPL_TEXT(struct group_option, name)};
static const struct tpl_struct option_struct = TPL_STRUCT(struct group_option, option_members);

static const struct tpl_member dataset_members[] = {
    TPL_TEXT(struct dataset_page, id),
    TPL_TEXT(struct dataset_page, title),
    TPL_TEXT(struct dataset_page, state),
    TPL_TEXT(struct dataset_page, state_kind),
    TPL_URL(struct dataset_page, everyone_address),
    TPL_URL(struct dataset_page, rule_address),
    TPL_TEXT(struct dataset_page, user),
    TPL_TEXT(struct dataset_page, user_fault),
    TPL_BOOL(struct dataset_page, has_rules),
    TPL_BOOL(struct dataset_page, has_groups),
    TPL_LIST(struct dataset_page, rules, rule_struct),
    TPL_LIST(struct dataset_page, groups, option_struct)};
static const struct tpl_struct dataset_struct = TPL_STRUCT(struct dataset_page, dataset_members);
const struct tpl_binding access_dataset_template = {"back/access_dataset", &dataset_struct};

/* ---- words ---- */

static const struct access_rule *everyone_rule(const struct access_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].kind == ACCESS_EVERYONE) {
            return &rules[i];
        }
    }
    return NULL;
}

/* What somebody without a name sees of it. */
static enum message state_of(const struct access_rule *rules, size_t count, str *ret_kind)
{
    const struct access_rule *rule = everyone_rule(rules, count);
    bool is_closed = rule && (!(rule->rights & RIGHT_READ) || rule->fault.n);
    bool is_partial = rule && (rule->filter.n || rule->hidden_count);
    *ret_kind = is_closed ? S("tag warning") : is_partial ? S("tag info") : S("tag success");
    return is_closed    ? MSG_BACKOFFICE_ACCESS_RESTRICTED
           : is_partial ? MSG_BACKOFFICE_ACCESS_PARTIAL
                        : MSG_BACKOFFICE_ACCESS_PUBLIC;
}

static str title_of(const struct dataset *dataset)
{
    return dataset->title.n ? dataset->title : dataset->id;
}

enum err office_dataset(struct call *call, const struct dataset **ret_dataset)
{
    TRY(snapshot_load(call->scope, call->snapshot, call->path_values[0], ret_dataset));
    return *ret_dataset ? ERR_OK : dataset_absent(call->scope, call->path_values[0]);
}

str office_dataset_path(const struct call *call, const struct dataset *dataset, const char *action)
{
    return str_printf(&call->scope->arena, "/backoffice/access/%.*s%s", STR_ARG(dataset->id),
                      action);
}

/* ---- the list ---- */

static enum err show_dataset(struct call *call, const struct dataset *dataset,
                             struct dataset_item *ret_item)
{
    const struct access_rule *rules;
    size_t count;
    str kind;
    TRY(access_list(call->scope, call->app->access, dataset->id, &rules, &count));
    str state = office_say(call, state_of(rules, count, &kind));
    *ret_item = (struct dataset_item){
        .address = office_dataset_path(call, dataset, ""),
        .id = dataset->id,
        .title = title_of(dataset),
        .state = state,
        .state_kind = kind,
        .rules = office_tell(call, MSG_BACKOFFICE_ACCESS_RULES, ARG_INT("count", (int64_t)count))};
    return ERR_OK;
}

enum err back_access(struct call *call)
{
    struct office_pages pages =
        office_pages(call, call->snapshot->count, "/backoffice/access", S(""));
    struct dataset_item *items =
        arena_array(&call->scope->arena, struct dataset_item, OFFICE_PAGE_ITEMS);
    for (size_t i = pages.from; i < pages.to; i++) {
        TRY(show_dataset(call, call->snapshot->datasets[i], &items[i - pages.from]));
    }
    struct access_page page = {.found = pages.to > pages.from,
                               .page = pages.page,
                               .pages = pages.pages,
                               .is_paged = pages.pages > 1,
                               .previous_page = pages.previous_page,
                               .next_page = pages.next_page,
                               .datasets = {items, pages.to - pages.from}};
    return office_send(call,
                       &(struct office_page){.section = SECTION_ACCESS,
                                             .title = office_say(call, MSG_BACKOFFICE_ACCESS_TITLE),
                                             .body = &access_template,
                                             .data = &page});
}

/* ---- one dataset ---- */

static str office_rule_query(const struct call *call, enum access_subject kind, str name)
{
    return kind == ACCESS_EVERYONE
               ? S("")
               : office_path(call, kind == ACCESS_GROUP ? "?group=" : "?user=", name);
}

static struct rule_item show_rule(struct call *call, const struct dataset *dataset,
                                  const struct access_rule *rule)
{
    static const enum message kinds[] = {[ACCESS_EVERYONE] = MESSAGE_NONE,
                                         [ACCESS_GROUP] = MSG_BACKOFFICE_ACCESS_GROUP,
                                         [ACCESS_USER] = MSG_BACKOFFICE_ACCESS_USER};
    struct arena *arena = &call->scope->arena;
    str query = office_rule_query(call, rule->kind, rule->name);
    return (struct rule_item){
        .who = rule->kind == ACCESS_EVERYONE ? office_say(call, MSG_BACKOFFICE_ACCESS_EVERYONE)
                                             : rule->name,
        .kind = office_say(call, kinds[rule->kind]),
        .rights = office_rights(call, rule->rights),
        .filter = rule->filter,
        .hidden = str_join(arena, rule->hidden, rule->hidden_count, sizeof(str), S(", ")),
        .fault = rule->fault,
        .edit_address =
            str_printf(arena, "%.*s%.*s", STR_ARG(office_dataset_path(call, dataset, "/rule")),
                       STR_ARG(query)),
        .remove_address =
            str_printf(arena, "%.*s%.*s", STR_ARG(office_dataset_path(call, dataset, "/remove")),
                       STR_ARG(query)),
        .can_be_removed = rule->kind != ACCESS_EVERYONE};
}

enum err office_show_rules(struct call *call, const struct dataset *dataset, str user,
                           str user_fault)
{
    const struct access_rule *rules;
    const struct group *groups;
    size_t count;
    size_t group_count;
    str kind;
    TRY(access_list(call->scope, call->app->access, dataset->id, &rules, &count));
    TRY(group_list(call->scope, call->app->catalog, &groups, &group_count));
    struct rule_item *items = arena_array(&call->scope->arena, struct rule_item, count + 1);
    struct group_option *options =
        arena_array(&call->scope->arena, struct group_option, group_count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = show_rule(call, dataset, &rules[i]);
    }
    for (size_t i = 0; i < group_count; i++) {
        options[i] = (struct group_option){groups[i].name};
    }
    str state = office_say(call, state_of(rules, count, &kind));
    struct dataset_page page = {.id = dataset->id,
                                .title = title_of(dataset),
                                .state = state,
                                .state_kind = kind,
                                .everyone_address = office_dataset_path(call, dataset, "/rule"),
                                .rule_address = office_dataset_path(call, dataset, "/rule"),
                                .user = user,
                                .user_fault = user_fault,
                                .has_rules = count > 0,
                                .has_groups = group_count > 0,
                                .rules = {items, count},
                                .groups = {options, group_count}};
    return office_send(call, &(struct office_page){.section = SECTION_ACCESS,
                                                   .title = page.title,
                                                   .body = &access_dataset_template,
                                                   .data = &page,
                                                   .has_errors = user_fault.n > 0});
}

enum err back_access_dataset(struct call *call)
{
    const struct dataset *dataset;
    TRY(office_dataset(call, &dataset));
    return office_show_rules(call, dataset, S(""), S(""));
}
