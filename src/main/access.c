/* Who may do what with a dataset, from the command line. */
#include <stdio.h>

#include "base/vec.h"
#include "main/commands.h"
#include "main/people.h"

/* What the options ask for. */
struct wish {
    bool restricts, publishes; /* --restrict, --public */
    bool has_subject;
    enum access_subject kind;
    str name;                  /* of the group or user */
    bool removes;              /* --remove */
    struct access_rule rule;
};

/* ---- options ---- */

static enum err read_subject(struct scope *scope, const struct command_line *line, struct wish *wish)
{
    size_t count = 0;
    for (enum access_subject kind = ACCESS_EVERYONE; kind <= ACCESS_USER; kind++) {
        const char *option = access_subject_name(kind);
        if (option_flag(line, option)) {
            bool has_name = kind != ACCESS_EVERYONE;
            wish->has_subject = true;
            wish->kind = kind;
            wish->name = has_name ? str_from(option_repeated(line, option, 0)) : S("");
            count += has_name && option_repeated(line, option, 1) ? 2 : 1;
        }
    }
    return count <= 1 ? ERR_OK
                      : fail(scope, ERR_USAGE,
                             "one of --everyone, --group NAME and --user NAME is expected, once");
}

static enum err read_rights(struct scope *scope, const struct command_line *line, struct wish *wish)
{
    static const enum right rights[] = {RIGHT_READ, RIGHT_EDIT, RIGHT_PUBLISH, RIGHT_MANAGE};
    bool narrows = wish->rule.filter.n || wish->rule.hidden_count;
    wish->removes = option_flag(line, "remove");
    size_t count = option_flag(line, "none") + (size_t)wish->removes;
    for (size_t i = 0; i < ARRAY_LENGTH(rights); i++) {
        if (option_flag(line, right_name(rights[i]))) {
            wish->rule.rights = right_bits(rights[i]);
            count++;
        }
    }
    if (count == 0 && narrows) {
        wish->rule.rights = RIGHT_READ;
        count = 1;
    }
    if (!wish->has_subject && count) {
        return fail(scope, ERR_USAGE,
                    "for whom? --everyone, --group NAME or --user NAME is expected");
    }
    if (wish->has_subject && count != 1) {
        return fail(scope, ERR_USAGE, "one of --read, --edit, --publish, --manage, --none and "
                                      "--remove is expected");
    }
    return wish->removes && narrows
               ? fail(scope, ERR_USAGE, "--filter and --hide are parts of a rule; --remove takes "
                                        "the whole rule away")
               : ERR_OK;
}

static enum err read_wish(struct scope *scope, const struct command_line *line, struct wish *wish)
{
    const char *text;
    VEC(str) hidden = {0};
    TRY(option_text(scope, line, "filter", &text));
    wish->rule.filter = str_trim(str_from(text));
    for (size_t i = 0; (text = option_repeated(line, "hide", i)); i++) {
        vec_add(&scope->arena, &hidden, str_from(text));
    }
    wish->rule.hidden = hidden.items;
    wish->rule.hidden_count = hidden.count;
    wish->restricts = option_flag(line, "restrict");
    wish->publishes = option_flag(line, "public");
    TRY(read_subject(scope, line, wish));
    TRY(read_rights(scope, line, wish));
    bool again = wish->has_subject && wish->kind == ACCESS_EVERYONE;
    return wish->restricts + wish->publishes + again <= 1
               ? ERR_OK
               : fail(scope, ERR_USAGE, "one of --restrict, --public and --everyone is expected");
}

/* ---- changes ---- */

static str rights_text(struct scope *scope, unsigned rights)
{
    static const enum right all[] = {RIGHT_READ, RIGHT_EDIT, RIGHT_PUBLISH, RIGHT_MANAGE};
    str text = S("");
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        if (rights & (unsigned)all[i]) {
            text = str_printf(&scope->arena, "%.*s%s%s", STR_ARG(text), text.n ? "," : "",
                              right_name(all[i]));
        }
    }
    return text.n ? text : S("none");
}

static str hidden_text(struct scope *scope, const struct access_rule *rule)
{
    return str_join(&scope->arena, rule->hidden, rule->hidden_count, sizeof(str), S(","));
}

static void write_down(struct scope *scope, const struct people *people, str dataset,
                       const struct access_rule *rule, str name, bool removes)
{
    str gives = removes ? S("no rule") : rights_text(scope, rule->rights);
    str detail = str_printf(&scope->arena, "%s%s%.*s: %.*s", access_subject_name(rule->kind),
                            name.n ? " " : "", STR_ARG(name), STR_ARG(gives));
    if (rule->filter.n) {
        detail = str_printf(&scope->arena, "%.*s where %.*s", STR_ARG(detail),
                            STR_ARG(rule->filter));
    }
    if (rule->hidden_count) {
        detail = str_printf(&scope->arena, "%.*s without %.*s", STR_ARG(detail),
                            STR_ARG(hidden_text(scope, rule)));
    }
    people_audit(scope, people, "access.change", dataset, detail);
}

static enum err change(struct scope *scope, const struct people *people, str dataset,
                       const struct access_rule *rule, str name, bool removes)
{
    TRY(removes ? access_unset(scope, people->access, dataset, rule->kind, rule->subject)
                : access_set(scope, people->access, dataset, rule));
    write_down(scope, people, dataset, rule, name, removes);
    return ERR_OK;
}

/* What closes comes before what opens. */
static enum err carry_out(struct scope *scope, const struct people *people, str dataset,
                          struct wish *wish)
{
    const struct access_rule everyone = {.kind = ACCESS_EVERYONE};
    if (wish->restricts) {
        TRY(change(scope, people, dataset, &everyone, S(""), false));
    }
    if (wish->has_subject) {
        wish->rule.kind = wish->kind;
        TRY(access_find_subject(scope, people->access, wish->kind, wish->name,
                                &wish->rule.subject));
        TRY(change(scope, people, dataset, &wish->rule, wish->name, wish->removes));
    }
    return wish->publishes ? change(scope, people, dataset, &everyone, S(""), true) : ERR_OK;
}

/* ---- what there is ---- */

static void print_rule(struct scope *scope, const struct access_rule *rule)
{
    printf("%s\t%.*s\t%.*s\t%.*s\t%.*s\t%s%.*s\n", access_subject_name(rule->kind), STR_ARG(rule->name),
           STR_ARG(rights_text(scope, rule->rights)), STR_ARG(rule->filter),
           STR_ARG(hidden_text(scope, rule)), rule->fault.n ? "gives nothing: " : "",
           STR_ARG(rule->fault));
}

static enum err show(struct scope *scope, const struct people *people, str dataset)
{
    const struct access_rule *rules;
    size_t count;
    TRY(access_list(scope, people->access, dataset, &rules, &count));
    if (count == 0 || rules[0].kind != ACCESS_EVERYONE) {
        const struct access_rule everyone = {.rights = RIGHT_READ};
        print_rule(scope, &everyone);
    }
    for (size_t i = 0; i < count; i++) {
        print_rule(scope, &rules[i]);
    }
    return ERR_OK;
}

enum err command_access(struct scope *scope, const struct command_line *line)
{
    struct people people cleanup_with(people_close) = {0};
    struct wish wish = {0};
    str dataset = str_from(line->arguments[0]);
    TRY(read_wish(scope, line, &wish));
    TRY(people_open(scope, line, &people));
    TRY(carry_out(scope, &people, dataset, &wish));
    return show(scope, &people, dataset);
}
