#include "main/people.h"

#include "base/date.h"
#include "base/log.h"
#include "base/num.h"
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

str people_instant(struct scope *scope, usec instant)
{
    char text[DATE_TEXT_BYTES];
    usec whole = instant / USEC_SECOND * USEC_SECOND;
    size_t n = date_write_instant(text, whole, 0);
    return instant ? str_copy(&scope->arena, (str){text, n}) : S("-");
}

enum err people_base(struct scope *scope, const struct command_line *line, str *ret_base)
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
