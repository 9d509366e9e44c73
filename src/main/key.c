/* API keys from the command line. */
#include <stdio.h>

#include "base/date.h"
#include "base/num.h"
#include "domain/identity/api_key.h"
#include "domain/identity/limit.h"
#include "main/commands.h"
#include "main/people.h"

struct action_call {
    const struct command_line *line;
    struct people people;
    str name;
};

static const char *state_of(const struct api_key *key)
{
    return key->revoked                                     ? "revoked"
           : key->expires && key->expires <= clock_wall() ? "expired"
                                                            : "active";
}

/* Of one user, or of all. */
static enum err list(struct scope *scope, struct action_call *call)
{
    const struct api_key *keys;
    struct user user;
    size_t count;
    if (call->name.n) {
        TRY(user_find(scope, call->people.identity, call->name, &user));
        TRY(api_key_list(scope, call->people.identity, user.id, &keys, &count));
    } else {
        TRY(api_key_list_all(scope, call->people.identity, &keys, &count));
    }
    for (size_t i = 0; i < count; i++) {
        const struct api_key *key = &keys[i];
        printf("%lld\t%.*s\t%.*s\t%.*s…\t%s\t%s\t%.*s\t%.*s\t%.*s\t%lld\n", (long long)key->id,
               STR_ARG(key->owner), STR_ARG(key->name), STR_ARG(key->prefix),
               key->scopes == SCOPE_READ ? "read" : "write", state_of(key),
               STR_ARG(people_instant(scope, key->created)), STR_ARG(people_instant(scope, key->last_used)),
               STR_ARG(people_instant(scope, key->expires)), (long long)key->calls);
    }
    return ERR_OK;
}

/* A day as in 2026-08-29; the key is good until its end. */
static enum err read_expiry(struct scope *scope, const struct command_line *line, usec *ret_expires)
{
    const char *text = option_repeated(line, "expires", 0);
    struct date_text date;
    *ret_expires = 0;
    if (!text) {
        return ERR_OK;
    }
    if (!date_read(str_from(text), &date) || date.precision != PRECISION_DAY) {
        return fail(scope, ERR_USAGE, "--expires %s: a day is expected, as in 2026-08-29", text);
    }
    *ret_expires = date_instant(&date.civil) + USEC_DAY;
    return ERR_OK;
}

static enum err set_calls(struct scope *scope, struct action_call *call, int64_t user, int64_t calls)
{
    const struct api_key *keys;
    size_t count;
    TRY(api_key_list(scope, call->people.identity, user, &keys, &count));
    return limit_set(scope, call->people.identity, &actor_command_line, NULL, LIMITED_KEY, keys[0].id,
                     keys[0].name, calls);
}

/* The key alone on standard output, this once. */
static enum err add(struct scope *scope, struct action_call *call)
{
    const char *name = option_repeated(call->line, "name", 0);
    const char *calls = option_repeated(call->line, "calls", 0);
    unsigned scopes = option_flag(call->line, "write") ? SCOPE_ALL : SCOPE_READ;
    int64_t number = 0;
    struct user user;
    usec expires;
    str key;
    if (calls && (!num_read_int(str_from(calls), &number) || number <= 0)) {
        return fail(scope, ERR_USAGE, "--calls %s: a number above 0 is expected", calls);
    }
    TRY(read_expiry(scope, call->line, &expires));
    TRY(user_find(scope, call->people.identity, call->name, &user));
    TRY(api_key_make_for(scope, call->people.identity, &actor_command_line, user.id,
                         str_from(name ? name : "command line"), scopes, expires, &key));
    if (number) {
        TRY(set_calls(scope, call, user.id, number));
    }
    printf("%.*s\n", STR_ARG(key));
    return ERR_OK;
}

static enum err revoke(struct scope *scope, struct action_call *call)
{
    struct api_key key;
    int64_t id;
    if (!num_read_int(call->name, &id)) {
        return fail(scope, ERR_USAGE, "'%.*s': the number of a key is expected; see parvis key list",
                    STR_ARG(call->name));
    }
    TRY(api_key_get(scope, call->people.identity, id, &key));
    TRY(api_key_revoke(scope, call->people.identity, &actor_command_line, key.user, id));
    printf("%.*s: revoked\n", STR_ARG(key.name));
    return ERR_OK;
}

static const struct action {
    const char *name;
    const char *argument; /* NULL: may be left out */
    bool takes_options;
    enum err (*run)(struct scope *scope, struct action_call *call);
} actions[] = {
    {"list", NULL, false, list},
    {"add", "USER", true, add},
    {"revoke", "NUMBER", false, revoke},
};

static enum err check_words(struct scope *scope, const struct command_line *line, const struct action *action)
{
    if (action->argument && line->argument_count < 2) {
        return fail(scope, ERR_USAGE, "%s is expected: parvis key %s %s", action->argument, action->name,
                    action->argument);
    }
    if (line->argument_count > 2) {
        return fail(scope, ERR_USAGE, "'%s' was not expected; see parvis key --help", line->arguments[2]);
    }
    for (size_t i = 0; i < line->given_count; i++) {
        if (!line->given[i].row->is_setting && !action->takes_options) {
            return fail(scope, ERR_USAGE, "--%s is for parvis key add USER", line->given[i].row->name);
        }
    }
    return ERR_OK;
}

static void close_call(struct action_call *call)
{
    people_close(&call->people);
}

enum err command_key(struct scope *scope, const struct command_line *line)
{
    const struct action *action = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        bool is_it = str_eq(str_from(actions[i].name), str_from(line->arguments[0]));
        action = is_it ? &actions[i] : action;
    }
    if (!action) {
        return fail(scope, ERR_USAGE, "'%s': list, add or revoke is expected", line->arguments[0]);
    }
    TRY(check_words(scope, line, action));
    struct action_call call cleanup_with(close_call) = {
        .line = line, .name = line->argument_count > 1 ? str_from(line->arguments[1]) : S("")};
    TRY(people_open(scope, line, &call.people));
    return action->run(scope, &call);
}
