/* One rule of a dataset: /backoffice/datasets/ID/access/rule, for everybody, ?group=NAME or ?user=NAME. */
#include "base/limits.h"
#include "base/utf8.h"
#include "web/back/security.h"

static const enum right rights[] = {RIGHT_READ, RIGHT_EDIT, RIGHT_PUBLISH, RIGHT_MANAGE};

/* Whom the address names, and the rule that there is for him; without one an empty rule. */
struct target {
    const struct dataset *dataset;
    struct access_rule rule;
    bool is_new;
};

static enum err find_target(struct call *call, struct target *target)
{
    const struct access_rule *rules;
    size_t count;
    str group = call_query(call, S("group"));
    str user = str_trim(call_query(call, S("user")));
    struct access_rule *rule = &target->rule;
    TRY(office_open_dataset(call, RIGHT_MANAGE, &target->dataset));
    *rule = (struct access_rule){.kind = group.n  ? ACCESS_GROUP
                                         : user.n ? ACCESS_USER
                                                  : ACCESS_EVERYONE,
                                 .name = group.n ? group : user,
                                 .rights = RIGHT_READ};
    if (rule->kind != ACCESS_EVERYONE) {
        TRY(access_find_subject(call->scope, call->app->access, rule->kind, rule->name,
                                &rule->subject));
    }
    TRY(access_list(call->scope, call->app->access, target->dataset->id, &rules, &count));
    target->is_new = true;
    for (size_t i = 0; i < count; i++) {
        if (rules[i].kind == rule->kind && rules[i].subject == rule->subject) {
            str name = rule->name;
            *rule = rules[i];
            rule->name = rule->name.n ? rule->name : name;
            target->is_new = false;
        }
    }
    return ERR_OK;
}

/* The name was typed: say beside it that there is nobody of that name. */
static enum err find_or_explain(struct call *call, struct target *target, bool *ret_found)
{
    enum err result = find_target(call, target);
    *ret_found = result == ERR_OK;
    if (result != ERR_NO_USER || !target->dataset) {
        return result;
    }
    scope_forgive(call->scope);
    str name = utf8_truncate(str_trim(call_query(call, S("user"))), LIMIT_NAME_BYTES);
    return office_show_rules(
        call, target->dataset, name,
        office_tell(call, MSG_BACKOFFICE_FAULT_NO_USER, ARG_TEXT("name", name)));
}

/* ---- the form ---- */

struct rule_fields {
    struct form_field *rights, *filter, *hidden;
};

static str rules_address(struct call *call, const struct target *target)
{
    return office_dataset_address(call, target->dataset->id, "/access");
}

static str heading(struct call *call, const struct target *target)
{
    const struct access_rule *rule = &target->rule;
    str title = office_dataset_title(target->dataset);
    if (rule->kind == ACCESS_EVERYONE) {
        return office_tell(call, MSG_BACKOFFICE_RULE_EVERYONE_TITLE, ARG_TEXT("dataset", title));
    }
    return office_tell(call,
                       rule->kind == ACCESS_GROUP ? MSG_BACKOFFICE_RULE_GROUP_TITLE
                                                  : MSG_BACKOFFICE_RULE_USER_TITLE,
                       ARG_TEXT("name", rule->name), ARG_TEXT("dataset", title));
}

static void add_rights(struct office_form *form, struct form_field *field,
                       const struct access_rule *rule)
{
    static const enum message texts[] = {
        MSG_BACKOFFICE_RIGHT_READ_TEXT, MSG_BACKOFFICE_RIGHT_EDIT_TEXT,
        MSG_BACKOFFICE_RIGHT_PUBLISH_TEXT, MSG_BACKOFFICE_RIGHT_MANAGE_TEXT};
    struct call *call = form->call;
    size_t count = rule->kind == ACCESS_EVERYONE ? 1 : ARRAY_LENGTH(rights);
    form_choice(form, field, S("none"), office_rights(call, 0),
                office_say(call, MSG_BACKOFFICE_RIGHT_NONE_TEXT), rule->rights == 0);
    for (size_t i = 0; i < count; i++) {
        unsigned bits = right_bits(rights[i]);
        form_choice(form, field, str_from(right_name(rights[i])), office_rights(call, bits),
                    office_say(call, texts[i]), rule->rights == bits);
    }
}

static bool is_hidden(const struct access_rule *rule, str name)
{
    for (size_t i = 0; i < rule->hidden_count; i++) {
        if (str_eq(rule->hidden[i], name)) {
            return true;
        }
    }
    return false;
}

static struct office_form *make_form(struct call *call, const struct target *target,
                                     struct rule_fields *fields)
{
    struct office_form *form = form_make(call, SECTION_DATASETS, heading(call, target),
                                         office_say(call, MSG_BACKOFFICE_SAVE),
                                         rules_address(call, target));
    form->dataset = target->dataset;
    form->tab = OFFICE_TAB_ACCESS;
    const struct schema *schema = &target->dataset->schema;
    form->lead =
        office_say(call, target->rule.kind == ACCESS_EVERYONE ? MSG_BACKOFFICE_RULE_EVERYONE_LEAD
                                                              : MSG_BACKOFFICE_RULE_LEAD);
    fields->rights = form_radios(form, "rights", MSG_BACKOFFICE_FIELD_RIGHTS, MESSAGE_NONE);
    add_rights(form, fields->rights, &target->rule);
    fields->filter = form_area(form, "filter", MSG_BACKOFFICE_FIELD_FILTER,
                               MSG_BACKOFFICE_FIELD_FILTER_HINT, 3, target->rule.filter);
    fields->hidden =
        form_checks(form, "hidden", MSG_BACKOFFICE_FIELD_HIDDEN, MSG_BACKOFFICE_FIELD_HIDDEN_HINT);
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        form_choice(form, fields->hidden, field->name, field->label.n ? field->label : field->name,
                    field->label.n && !str_eq(field->label, field->name) ? field->name : S(""),
                    is_hidden(&target->rule, field->name));
    }
    return form;
}

/* ---- saving ---- */

static bool read_rights(const struct form_field *field, unsigned *ret_rights)
{
    *ret_rights = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(rights); i++) {
        if (str_eq(field->value, str_from(right_name(rights[i])))) {
            *ret_rights = right_bits(rights[i]);
        }
    }
    return *ret_rights != 0 || str_eq(field->value, S("none"));
}

static struct access_rule read_rule(struct call *call, const struct target *target,
                                    const struct rule_fields *fields, unsigned given)
{
    struct access_rule rule = {.kind = target->rule.kind,
                               .subject = target->rule.subject,
                               .rights = given,
                               .filter = str_trim(fields->filter->value)};
    size_t most = fields->hidden->choices.count;
    str *hidden = arena_array(&call->scope->arena, str, most + 1);
    for (size_t i = 0; i < most; i++) {
        if (fields->hidden->choices.items[i].chosen) {
            hidden[rule.hidden_count++] = fields->hidden->choices.items[i].value;
        }
    }
    rule.hidden = hidden;
    return rule;
}

static enum err put(struct call *call, const struct target *target, const struct access_rule *rule)
{
    bool is_plain = rule->rights == RIGHT_READ && rule->filter.n == 0 && rule->hidden_count == 0;
    if (rule->kind == ACCESS_EVERYONE && is_plain) {
        return access_unset(call->scope, call->app->access, target->dataset->id, rule->kind, 0);
    }
    return access_set(call->scope, call->app->access, target->dataset->id, rule);
}

static void write_down(struct call *call, const struct target *target, const char *what)
{
    str detail = str_printf(&call->scope->arena, "%s%s%.*s: %s", access_subject_name(target->rule.kind),
                            target->rule.name.n ? " " : "", STR_ARG(target->rule.name), what);
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "access.change",
              target->dataset->id, detail);
}

/* Faults of the filter name the position; they are in the language of ODSQL, which is English. */
static enum err explain(struct office_form *form, const struct rule_fields *fields, enum err result,
                        bool is_empty)
{
    struct call *call = form->call;
    str message = call->scope->failure.message;
    if (result == ERR_SYNTAX || result == ERR_QUERY) {
        form_fault(form, fields->filter,
                   office_tell(call, MSG_BACKOFFICE_FAULT_FILTER, ARG_TEXT("reason", message)));
    } else if (result == ERR_USAGE && is_empty) {
        form_fault(form, fields->rights, office_say(call, MSG_BACKOFFICE_FAULT_RULE_EMPTY));
    } else if (result == ERR_USAGE) {
        form_fault(form, fields->hidden, office_say(call, MSG_BACKOFFICE_FAULT_ALL_HIDDEN));
    } else {
        return result;
    }
    scope_forgive(call->scope);
    return form_send(form);
}

enum err back_access_rule(struct call *call)
{
    struct target target = {0};
    struct rule_fields fields;
    unsigned given;
    bool found;
    TRY(find_or_explain(call, &target, &found));
    if (!found) {
        return ERR_OK;
    }
    struct office_form *form = make_form(call, &target, &fields);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (!read_rights(fields.rights, &given)) {
        form_fault(form, fields.rights, office_say(call, MSG_BACKOFFICE_FAULT_CHOOSE));
        return form_send(form);
    }
    struct access_rule rule = read_rule(call, &target, &fields, given);
    enum err result = put(call, &target, &rule);
    if (result != ERR_OK) {
        return explain(form, &fields, result, given == 0);
    }
    write_down(call, &target, fields.rights->value.p);
    TRY(office_apply(call));
    return office_done(call, rules_address(call, &target),
                       MSG_BACKOFFICE_DONE_RULE);
}

enum err back_access_remove(struct call *call)
{
    struct target target = {0};
    TRY(find_target(call, &target));
    str back = rules_address(call, &target);
    if (target.is_new) {
        return office_done(call, back, MESSAGE_NONE);
    }
    if (!office_is_post(call)) {
        struct office_form *form = form_make(
            call, SECTION_DATASETS,
            office_tell(call, MSG_BACKOFFICE_RULE_REMOVE_TITLE, ARG_TEXT("rule", heading(call, &target))),
            office_say(call, MSG_BACKOFFICE_RULE_REMOVE_SUBMIT), back);
        form->dataset = target.dataset;
        form->tab = OFFICE_TAB_ACCESS;
        form->lead = office_say(call, MSG_BACKOFFICE_RULE_REMOVE_TEXT);
        form->danger = true;
        return form_send(form);
    }
    TRY(access_unset(call->scope, call->app->access, target.dataset->id, target.rule.kind,
                     target.rule.subject));
    write_down(call, &target, "removed");
    TRY(office_apply(call));
    return office_done(call, back, MSG_BACKOFFICE_DONE_RULE_REMOVED);
}
