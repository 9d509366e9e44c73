#include "main/people.h"

#include "base/log.h"
#include "main/open.h"

enum err people_open(struct scope *scope, const struct command_line *line,
                     struct people *ret_people)
{
    const struct identity_options options = {0};
    TRY(open_catalog(scope, line, &ret_people->catalog));
    TRY(identity_open(scope, ret_people->catalog, &options, &ret_people->identity));
    ret_people->access = access_open(ret_people->catalog, NULL);
    return ERR_OK;
}

void people_close(struct people *people)
{
    access_close(people->access);
    identity_close(people->identity);
    catalog_close(people->catalog);
}

void people_audit(struct scope *scope, const struct people *people, const char *action, str subject,
                  str detail)
{
    audit_add(scope, people->identity, &actor_command_line, NULL, action, subject, detail);
}

void catalog_audit(struct scope *scope, struct catalog *catalog, const char *action, str subject,
                   str detail)
{
    const struct identity_options options = {0};
    struct identity *identity = NULL;
    if (identity_open(scope, catalog, &options, &identity) == ERR_OK) {
        audit_add(scope, identity, &actor_command_line, NULL, action, subject, detail);
    } else {
        log_event(EV_AUDIT_FAILED, "%s: %.*s", action, STR_ARG(scope->failure.message));
        scope_forgive(scope);
    }
    identity_close(identity);
}
