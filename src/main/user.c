/* Accounts from the command line. Passwords are never given here: a one-time link lets people
 * choose theirs. */
#include <stdio.h>

#include "base/date.h"
#include "base/num.h"
#include "domain/identity/link.h"
#include "domain/identity/second_factor.h"
#include "domain/identity/session.h"
#include "main/commands.h"
#include "main/people.h"

/* ---- what is printed ---- */

/* Where the server is reached: its public address, or the port it listens on at this machine. */
static enum err read_base(struct scope *scope, const struct command_line *line, str *ret_base)
{
    const char *url;
    const char *listen;
    TRY(option_text(scope, line, "public-url", &url));
    TRY(option_text(scope, line, "listen", &listen));
    str text = str_from(listen);
    str port = text;
    str rest = text;
    while (str_split(&rest, ':', &port)) {
    }
    int64_t number;
    bool has_port = num_read_int(port, &number) && number > 0;
    *ret_base = url && url[0] ? str_from(url)
                              : str_printf(&scope->arena, "http://localhost%s%.*s",
                                           has_port ? ":" : "", STR_ARG(has_port ? port : S("")));
    return ERR_OK;
}

/* The address alone on standard output, for scripts; what it is for beside it. */
static enum err print_link(struct scope *scope, const struct command_line *line,
                           struct identity *identity, const struct user *user, usec lifetime,
                           const char *validity)
{
    str base;
    str token;
    TRY(read_base(scope, line, &base));
    TRY(link_make(scope, identity, &actor_command_line, user->id, lifetime, &token));
    fprintf(stderr, "%.*s sets a password, once and within %s, at\n", STR_ARG(user->name),
            validity);
    printf("%.*s/account/link/%.*s\n", STR_ARG(base), STR_ARG(token));
    return ERR_OK;
}

static str instant_text(struct scope *scope, usec instant)
{
    char text[DATE_TEXT_BYTES];
    usec whole = instant / USEC_SECOND * USEC_SECOND;
    size_t n = date_write_instant(text, whole, 0);
    return instant ? str_copy(&scope->arena, (str){text, n}) : S("-");
}

/* ---- the actions ---- */

struct action_call {
    const struct command_line *line;
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

static enum err list(struct scope *scope, const struct action_call *call)
{
    const struct user *users;
    size_t count;
    TRY(user_list(scope, call->identity, &users, &count));
    for (size_t i = 0; i < count; i++) {
        const struct user *user = &users[i];
        const char *state = !user->active ? "disabled" : user->has_password ? "active" : "invited";
        printf("%.*s\t%s\t%s\t%s\t%.*s\t%.*s\t%.*s\n", STR_ARG(user->name), role_name(user->role),
               state, user->has_second_factor ? "second-factor" : "-",
               STR_ARG(instant_text(scope, user->last_sign_in)), STR_ARG(user->display_name),
               STR_ARG(user->email));
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
               STR_ARG(instant_text(scope, rows[i].created)),
               STR_ARG(instant_text(scope, rows[i].last_seen)));
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
                    "'%s': add, list, disable, enable, role, reset or sessions is expected",
                    line->arguments[0]);
    }
    TRY(check_words(scope, line, action));
    if (!action->makes_catalogue) {
        TRY(command_check_catalogue(scope, line));
    }
    TRY(people_open(scope, line, &people));
    struct action_call call = {.line = line, .identity = people.identity};
    call.name = str_from(line->argument_count > 1 ? line->arguments[1] : NULL);
    call.role = str_from(line->argument_count > 2 ? line->arguments[2] : NULL);
    return action->run(scope, &call);
}
