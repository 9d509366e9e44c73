/* Groups of users from the command line. */
#include <stdio.h>

#include "main/commands.h"
#include "main/people.h"

struct action_call {
    const struct command_line *line;
    struct people people;
    str name;
};

static enum err add(struct scope *scope, struct action_call *call)
{
    int64_t id;
    TRY(group_add(scope, call->people.catalog, call->name, &id));
    people_audit(scope, &call->people, "group.add", call->name, S(""));
    printf("%.*s: added\n", STR_ARG(call->name));
    return ERR_OK;
}

static enum err list(struct scope *scope, struct action_call *call)
{
    const struct group *groups;
    size_t count;
    TRY(group_list(scope, call->people.catalog, &groups, &count));
    for (size_t i = 0; i < count; i++) {
        printf("%.*s\t%lld\n", STR_ARG(groups[i].name), (long long)groups[i].members);
    }
    return ERR_OK;
}

static enum err remove_group(struct scope *scope, struct action_call *call)
{
    int64_t id;
    TRY(group_find(scope, call->people.catalog, call->name, &id));
    TRY(group_remove(scope, call->people.catalog, id));
    people_audit(scope, &call->people, "group.remove", call->name, S(""));
    printf("%.*s: removed\n", STR_ARG(call->name));
    return ERR_OK;
}

static enum err rename_group(struct scope *scope, struct action_call *call)
{
    const char *name = option_repeated(call->line, "name", 0);
    int64_t id;
    if (!name) {
        return fail(scope, ERR_USAGE, "--name is expected: parvis group rename NAME --name TEXT");
    }
    TRY(group_find(scope, call->people.catalog, call->name, &id));
    TRY(group_rename(scope, call->people.catalog, id, str_from(name)));
    people_audit(scope, &call->people, "group.rename", str_from(name), call->name);
    printf("%s: renamed\n", name);
    return ERR_OK;
}

static enum err change_member(struct scope *scope, struct action_call *call, int64_t group,
                              const char *name, bool joins)
{
    struct user user;
    struct catalog *catalog = call->people.catalog;
    TRY(user_find(scope, call->people.identity, str_from(name), &user));
    TRY(joins ? group_add_member(scope, catalog, group, user.id)
              : group_remove_member(scope, catalog, group, user.id));
    people_audit(scope, &call->people, joins ? "group.join" : "group.leave", call->name, user.name);
    return ERR_OK;
}

/* Takes users in and out as asked, then shows who is in. */
static enum err member(struct scope *scope, struct action_call *call)
{
    int64_t id;
    const char *name;
    const struct member *members;
    size_t count;
    TRY(group_find(scope, call->people.catalog, call->name, &id));
    for (size_t i = 0; (name = option_repeated(call->line, "add", i)); i++) {
        TRY(change_member(scope, call, id, name, true));
    }
    for (size_t i = 0; (name = option_repeated(call->line, "remove", i)); i++) {
        TRY(change_member(scope, call, id, name, false));
    }
    TRY(group_members(scope, call->people.catalog, id, &members, &count));
    for (size_t i = 0; i < count; i++) {
        printf("%.*s\n", STR_ARG(members[i].name));
    }
    return ERR_OK;
}

static const struct action {
    const char *name;
    bool takes_name, takes_members;
    enum err (*run)(struct scope *scope, struct action_call *call);
} actions[] = {
    {"add", true, false, add},
    {"list", false, false, list},
    {"rename", true, false, rename_group},
    {"remove", true, false, remove_group},
    {"member", true, true, member},
};

static enum err check_words(struct scope *scope, const struct command_line *line,
                            const struct action *action)
{
    bool has_name = line->argument_count > 1;
    bool has_members =
        option_repeated(line, "add", 0) != NULL || option_repeated(line, "remove", 0) != NULL;
    if (action->takes_name && !has_name) {
        return fail(scope, ERR_USAGE, "a name is expected: parvis group %s NAME", action->name);
    }
    if (!action->takes_name && has_name) {
        return fail(scope, ERR_USAGE, "'%s' was not expected; see parvis group --help",
                    line->arguments[1]);
    }
    return has_members && !action->takes_members
               ? fail(scope, ERR_USAGE, "--add and --remove are for parvis group member NAME")
               : ERR_OK;
}

static void close_call(struct action_call *call)
{
    people_close(&call->people);
}

enum err command_group(struct scope *scope, const struct command_line *line)
{
    const struct action *action = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        bool is_it = str_eq(str_from(actions[i].name), str_from(line->arguments[0]));
        action = is_it ? &actions[i] : action;
    }
    if (!action) {
        return fail(scope, ERR_USAGE, "'%s': add, list, rename, remove or member is expected",
                    line->arguments[0]);
    }
    TRY(check_words(scope, line, action));
    struct action_call call cleanup_with(close_call) = {
        .line = line, .name = str_from(line->argument_count > 1 ? line->arguments[1] : NULL)};
    TRY(people_open(scope, line, &call.people));
    return action->run(scope, &call);
}
