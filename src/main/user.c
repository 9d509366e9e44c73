/* Accounts from the command line. Passwords are never given here: a one-time link lets people
 * choose theirs. */
#include <stdio.h>

#include "domain/identity/invitation.h"
#include "domain/identity/second_factor.h"
#include "domain/identity/session.h"
#include "main/commands.h"
#include "main/people.h"

/* ---- what is printed ---- */

/* The address alone on standard output, for scripts; what it is for beside it. */
static enum err print_link(struct scope *scope, const struct command_line *line,
                           struct identity *identity, const struct user *user, usec lifetime,
                           const char *validity)
{
    str base;
    str token;
    TRY(people_base(scope, line, &base));
    TRY(link_make(scope, identity, &actor_command_line, user->id, lifetime, &token));
    fprintf(stderr, "%.*s sets a password, once and within %s, at\n", STR_ARG(user->name),
            validity);
    printf("%.*s/account/link/%.*s\n", STR_ARG(base), STR_ARG(token));
    return ERR_OK;
}

/* ---- the actions ---- */

struct action_call {
    const struct command_line *line;
    struct catalog *catalog;
    struct identity *identity;
    str name;
    str role;
};

static enum err read_role(struct scope *scope, str text, enum role *ret_role)
{
    return role_find(text, ret_role)
               ? ERR_OK
               : fail(scope, ERR_USAGE,
                      "role '%.*s': reader, editor, publisher or administrator is expected",
                      STR_ARG(text));
}

static enum err add(struct scope *scope, const struct action_call *call)
{
    const char *role = option_repeated(call->line, "role", 0);
    struct new_user new = {.name = call->name,
                           .display_name = str_from(option_repeated(call->line, "name", 0)),
                           .email = str_from(option_repeated(call->line, "email", 0)),
                           .role = ROLE_READER};
    struct user user;
    int64_t id;
    if (role) {
        TRY(read_role(scope, str_from(role), &new.role));
    }
    TRY(user_add(scope, call->identity, &actor_command_line, &new, &id));
    TRY(user_get(scope, call->identity, id, &user));
    return print_link(scope, call->line, call->identity, &user, INVITATION_LIFETIME, "7 days");
}

static str group_names(struct scope *scope, struct catalog *catalog, int64_t user)
{
    const struct group *groups;
    size_t count;
    if (group_list_of_user(scope, catalog, user, &groups, &count) != ERR_OK) {
        scope_forgive(scope);
        return S("");
    }
    return count ? str_join(&scope->arena, &groups[0].name, count, sizeof(*groups), S(",")) : S("");
}

static enum err list(struct scope *scope, const struct action_call *call)
{
    const struct user *users;
    size_t count;
    TRY(user_list(scope, call->identity, &users, &count));
    for (size_t i = 0; i < count; i++) {
        const struct user *user = &users[i];
        const char *state = !user->active ? "disabled" : user->has_password ? "active" : "invited";
        printf("%.*s\t%s\t%s\t%s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(user->name), role_name(user->role),
               state, user->has_second_factor ? "second-factor" : "-",
               STR_ARG(people_instant(scope, user->last_sign_in)), STR_ARG(user->display_name),
               STR_ARG(user->email), STR_ARG(group_names(scope, call->catalog, user->id)),
               STR_ARG(people_instant(scope, user->created)));
    }
    return ERR_OK;
}

static enum err set_active(struct scope *scope, const struct action_call *call, bool active)
{
    struct user user;
    TRY(user_find(scope, call->identity, call->name, &user));
    TRY(user_set_active(scope, call->identity, &actor_command_line, user.id, active));
    printf("%.*s: %s\n", STR_ARG(user.name), active ? "enabled" : "disabled");
    return ERR_OK;
}

static enum err disable(struct scope *scope, const struct action_call *call)
{
    return set_active(scope, call, false);
}

static enum err enable(struct scope *scope, const struct action_call *call)
{
    return set_active(scope, call, true);
}

static enum err set_role(struct scope *scope, const struct action_call *call)
{
    struct user user;
    enum role role;
    TRY(read_role(scope, call->role, &role));
    TRY(user_find(scope, call->identity, call->name, &user));
    TRY(user_set_role(scope, call->identity, &actor_command_line, user.id, role));
    printf("%.*s: %s\n", STR_ARG(user.name), role_name(role));
    return ERR_OK;
}

static enum err reset(struct scope *scope, const struct action_call *call)
{
    struct user user;
    TRY(user_find(scope, call->identity, call->name, &user));
    if (user.has_second_factor && option_flag(call->line, "second-factor")) {
        TRY(second_factor_disable(scope, call->identity, &actor_command_line, user.id));
    }
    return print_link(scope, call->line, call->identity, &user, LINK_LIFETIME, "1 hour");
}

static enum err read_groups(struct scope *scope, const struct action_call *call, struct invitation *invitation)
{
    size_t count = 0;
    while (option_repeated(call->line, "group", count)) {
        count++;
    }
    int64_t *ids = arena_array(&scope->arena, int64_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        TRY(group_find(scope, call->catalog, str_from(option_repeated(call->line, "group", i)), &ids[i]));
    }
    invitation->groups = ids;
    invitation->group_count = count;
    return ERR_OK;
}

/* The link alone on standard output: no mail is sent from here. */
static enum err invite(struct scope *scope, const struct action_call *call)
{
    const char *role = option_repeated(call->line, "role", 0);
    const char *in = option_repeated(call->line, "language", 0);
    struct invitation invitation = {.email = call->name, .language = str_from(in ? in : "en"), .role = ROLE_READER};
    int64_t id;
    str base;
    str token;
    if (role) {
        TRY(read_role(scope, str_from(role), &invitation.role));
    }
    if (language_exact(invitation.language) == LANGUAGE_NONE) {
        return fail(scope, ERR_USAGE, "--language %s: the code of a language that there is, as en or fr", in);
    }
    TRY(read_groups(scope, call, &invitation));
    TRY(people_base(scope, call->line, &base));
    TRY(invitation_make(scope, call->identity, &actor_command_line, NULL, &invitation, &id, &token));
    fprintf(stderr, "%.*s makes an account, once and within 7 days, at\n", STR_ARG(call->name));
    printf("%.*s/account/invitation/%.*s\n", STR_ARG(base), STR_ARG(token));
    return ERR_OK;
}

static enum err sessions(struct scope *scope, const struct action_call *call)
{
    struct user user;
    const struct session_row *rows;
    size_t count;
    int64_t ended;
    TRY(user_find(scope, call->identity, call->name, &user));
    if (option_flag(call->line, "end")) {
        TRY(session_end_others(scope, call->identity, &actor_command_line, user.id, 0, &ended));
        printf("%.*s: %lld sessions ended\n", STR_ARG(user.name), (long long)ended);
        return ERR_OK;
    }
    TRY(session_list(scope, call->identity, user.id, 0, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        printf("%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(rows[i].label), STR_ARG(rows[i].network),
               STR_ARG(people_instant(scope, rows[i].created)),
               STR_ARG(people_instant(scope, rows[i].last_seen)));
    }
    return ERR_OK;
}

/* ---- which one ---- */

#define OPTIONS_MOST 3

static const struct action {
    const char *name;
    const char *arguments;
    size_t argument_count;
    const char *options[OPTIONS_MOST]; /* beside settings */
    bool makes_catalogue;
    enum err (*run)(struct scope *scope, const struct action_call *call);
} actions[] = {
    {"add", "NAME", 1, {"role", "name", "email"}, true, add},
    {"invite", "ADDRESS", 1, {"role", "group", "language"}, true, invite},
    {"list", "", 0, {NULL}, false, list},
    {"disable", "NAME", 1, {NULL}, false, disable},
    {"enable", "NAME", 1, {NULL}, false, enable},
    {"role", "NAME ROLE", 2, {NULL}, false, set_role},
    {"reset", "NAME", 1, {"second-factor"}, false, reset},
    {"sessions", "NAME", 1, {"end"}, false, sessions},
};

static enum err check_words(struct scope *scope, const struct command_line *line,
                            const struct action *action)
{
    size_t count = line->argument_count - 1;
    if (count < action->argument_count) {
        return fail(scope, ERR_USAGE, "%s is expected: parvis user %s %s", action->arguments,
                    action->name, action->arguments);
    }
    if (count > action->argument_count) {
        return fail(scope, ERR_USAGE, "'%s' was not expected; see parvis user --help",
                    line->arguments[action->argument_count + 1]);
    }
    for (size_t i = 0; i < line->given_count; i++) {
        const struct option_row *row = line->given[i].row;
        bool fits = row->is_setting;
        for (size_t j = 0; j < OPTIONS_MOST && action->options[j]; j++) {
            fits |= str_eq(str_from(row->name), str_from(action->options[j]));
        }
        if (!fits) {
            return fail(scope, ERR_USAGE, "--%s is not for parvis user %s; see parvis user --help",
                        row->name, action->name);
        }
    }
    return ERR_OK;
}

enum err command_user(struct scope *scope, const struct command_line *line)
{
    struct people people cleanup_with(people_close) = {0};
    const struct action *action = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        bool is_it = str_eq(str_from(actions[i].name), str_from(line->arguments[0]));
        action = is_it ? &actions[i] : action;
    }
    if (!action) {
        return fail(scope, ERR_USAGE,
                    "'%s': add, invite, list, disable, enable, role, reset or sessions is expected",
                    line->arguments[0]);
    }
    TRY(check_words(scope, line, action));
    if (!action->makes_catalogue) {
        TRY(command_check_catalogue(scope, line));
    }
    TRY(people_open(scope, line, &people));
    struct action_call call = {.line = line, .catalog = people.catalog, .identity = people.identity};
    call.name = str_from(line->argument_count > 1 ? line->arguments[1] : NULL);
    call.role = str_from(line->argument_count > 2 ? line->arguments[2] : NULL);
    return action->run(scope, &call);
}
