/*
 * The tab Access of a dataset: its rules, what each gives in words and figures, and the way to see the dataset
 * as those whom it is for. For who may change the rules; scripts get them as JSON.
 */
#include "base/json_write.h"
#include "web/back/security.h"

struct rule_item {
    str who, kind, rights, sees, filter, hidden, fault, edit_address, remove_address;
    str as; /* of the button that shows the dataset so; empty: it is not offered */
    bool can_be_removed;
};

struct group_option {
    str name;
};

struct access_tab {
    str csrf, rule_address, view_address;
    str user, user_fault;
    bool has_groups;
    struct tpl_list rules, groups;
};

static const struct tpl_member rule_members[] = {
    TPL_TEXT(struct rule_item, who),         TPL_TEXT(struct rule_item, kind),
    TPL_TEXT(struct rule_item, rights),      TPL_TEXT(struct rule_item, sees),
    TPL_TEXT(struct rule_item, filter),      TPL_TEXT(struct rule_item, hidden),
    TPL_TEXT(struct rule_item, fault),       TPL_URL(struct rule_item, edit_address),
    TPL_URL(struct rule_item, remove_address), TPL_TEXT(struct rule_item, as),
    TPL_BOOL(struct rule_item, can_be_removed)};
static const struct tpl_struct rule_struct = TPL_STRUCT(struct rule_item, rule_members);

static const struct tpl_member option_members[] = {TPL_TEXT(struct group_option, name)};
static const struct tpl_struct option_struct = TPL_STRUCT(struct group_option, option_members);

static const struct tpl_member tab_members[] = {
    TPL_TEXT(struct access_tab, csrf),        TPL_URL(struct access_tab, rule_address),
    TPL_URL(struct access_tab, view_address), TPL_TEXT(struct access_tab, user),
    TPL_TEXT(struct access_tab, user_fault),  TPL_BOOL(struct access_tab, has_groups),
    TPL_LIST(struct access_tab, rules, rule_struct),
    TPL_LIST(struct access_tab, groups, option_struct)};
static const struct tpl_struct tab_struct = TPL_STRUCT(struct access_tab, tab_members);
const struct tpl_binding access_tab_template = {"back/access_tab", &tab_struct};

/* ---- what a rule gives ---- */

/* A count that cannot be made is no reason not to show the rules. */
static bool count_records(struct call *call, const struct dataset *dataset, const struct access_rule *rule,
                          int64_t *ret_records)
{
    if (access_count(call->scope, call->app->access, dataset, rule, ret_records) == ERR_OK) {
        return true;
    }
    scope_forgive(call->scope);
    return false;
}

static str tell_sight(struct call *call, const struct dataset *dataset, const struct access_rule *rule)
{
    int64_t shown;
    if (!(rule->rights & RIGHT_READ) || rule->fault.n) {
        return office_say(call, MSG_BACKOFFICE_ACCESS_SEES_NOTHING);
    }
    if (!count_records(call, dataset, rule, &shown)) {
        return office_say(call, MSG_BACKOFFICE_ACCESS_SEES_UNKNOWN);
    }
    struct message_argument all = ARG_INT("all", dataset->records_count);
    struct message_argument hidden = ARG_INT("hidden", (int64_t)rule->hidden_count);
    return rule->filter.n
               ? office_tell(call, MSG_BACKOFFICE_ACCESS_SEES_SOME,
                             ARG_INT("shown", shown), all, hidden)
               : office_tell(call, MSG_BACKOFFICE_ACCESS_SEES_ALL, all, hidden);
}

/* ---- as a page ---- */

static str rule_address(const struct call *call, const struct dataset *dataset, const char *action,
                        const struct access_rule *rule)
{
    str path = office_dataset_address(call, dataset->id, action);
    return rule->kind == ACCESS_EVERYONE
               ? path
               : office_path(call, str_printf(&call->scope->arena, "%.*s?%s=", STR_ARG(path),
                                              access_subject_name(rule->kind)).p, rule->name);
}

static str view_name(struct call *call, const struct access_rule *rule)
{
    if (rule->kind == ACCESS_USER && !actor_has_role(call->actor, ROLE_ADMINISTRATOR)) {
        return S("");
    }
    return rule->kind == ACCESS_EVERYONE
               ? S("everyone")
               : str_printf(&call->scope->arena, "%s:%.*s", access_subject_name(rule->kind),
                            STR_ARG(rule->name));
}

static struct rule_item show_rule(struct call *call, const struct dataset *dataset,
                                  const struct access_rule *rule)
{
    static const enum message kinds[] = {[ACCESS_EVERYONE] = MESSAGE_NONE,
                                         [ACCESS_GROUP] = MSG_BACKOFFICE_ACCESS_GROUP,
                                         [ACCESS_USER] = MSG_BACKOFFICE_ACCESS_USER};
    return (struct rule_item){
        .who = rule->kind == ACCESS_EVERYONE ? office_say(call, MSG_BACKOFFICE_ACCESS_EVERYONE)
                                             : rule->name,
        .kind = office_say(call, kinds[rule->kind]),
        .rights = office_rights(call, rule->rights),
        .sees = tell_sight(call, dataset, rule),
        .filter = rule->filter,
        .hidden = str_join(&call->scope->arena, rule->hidden, rule->hidden_count, sizeof(str), S(", ")),
        .fault = rule->fault,
        .edit_address = rule_address(call, dataset, "/access/rule", rule),
        .remove_address = rule_address(call, dataset, "/access/remove", rule),
        .as = view_name(call, rule),
        .can_be_removed = rule->kind != ACCESS_EVERYONE};
}

/* What those have who have no rule: everything, unless there is one for everybody. */
static bool has_everyone(const struct access_rule *rules, size_t count)
{
    return count > 0 && rules[0].kind == ACCESS_EVERYONE;
}

enum err office_show_rules(struct call *call, const struct dataset *dataset, str user, str user_fault)
{
    struct arena *arena = &call->scope->arena;
    const struct access_rule *rules;
    const struct group *groups;
    size_t count;
    size_t group_count;
    TRY(access_list(call->scope, call->app->access, dataset->id, &rules, &count));
    TRY(group_list(call->scope, call->app->catalog, &groups, &group_count));
    struct rule_item *items = arena_array(arena, struct rule_item, count + 1);
    struct group_option *options = arena_array(arena, struct group_option, group_count + 1);
    size_t shown = 0;
    if (!has_everyone(rules, count)) {
        items[shown++] = show_rule(call, dataset, &(struct access_rule){.rights = RIGHT_READ});
    }
    for (size_t i = 0; i < count; i++) {
        items[shown++] = show_rule(call, dataset, &rules[i]);
    }
    for (size_t i = 0; i < group_count; i++) {
        options[i] = (struct group_option){groups[i].name};
    }
    struct access_tab tab = {
        .csrf = call->ignores_cookies ? S("") : csrf_token(call),
        .rule_address = office_dataset_address(call, dataset->id, "/access/rule"),
        .view_address = office_path(call, "/backoffice/view-as?dataset=", dataset->id),
        .user = user,
        .user_fault = user_fault,
        .has_groups = group_count > 0,
        .rules = {items, shown},
        .groups = {options, group_count}};
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = dataset,
                                                                   .tab = OFFICE_TAB_ACCESS,
                                                                   .body = &access_tab_template,
                                                                   .data = &tab,
                                                                   .has_errors = user_fault.n > 0});
}

/* ---- as JSON ---- */

static void write_rule(struct call *call, struct json_writer *json, const struct dataset *dataset,
                       const struct access_rule *rule)
{
    int64_t shown;
    json_object_begin(json);
    json_key_text(json, S("subject"), str_from(access_subject_name(rule->kind)));
    json_key_text(json, S("name"), rule->name);
    json_key_text(json, S("rights"), str_from(rule->rights ? right_highest(rule->rights) : "none"));
    json_key_text(json, S("filter"), rule->filter);
    json_key(json, S("hidden"));
    json_array_begin(json);
    for (size_t i = 0; i < rule->hidden_count; i++) {
        json_text(json, rule->hidden[i]);
    }
    json_array_end(json);
    json_key_text(json, S("fault"), rule->fault);
    if (count_records(call, dataset, rule, &shown)) {
        json_key_int(json, S("records"), shown);
    }
    json_object_end(json);
}

static enum err tell_rules(struct call *call, const struct dataset *dataset)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    const struct access_rule *rules;
    size_t count;
    TRY(access_list(call->scope, call->app->access, dataset->id, &rules, &count));
    json_object_begin(&json);
    json_key_int(&json, S("records"), dataset->records_count);
    json_key(&json, S("rules"));
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        write_rule(call, &json, dataset, &rules[i]);
    }
    json_array_end(&json);
    json_object_end(&json);
    return office_json(call, 200, &out);
}

enum err back_access_tab(struct call *call)
{
    const struct dataset *dataset;
    TRY(office_open_dataset(call, RIGHT_MANAGE, &dataset));
    return page_is_for_script(call) ? tell_rules(call, dataset)
                                    : office_show_rules(call, dataset, S(""), S(""));
}
