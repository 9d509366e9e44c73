#include <stdio.h>

#include "main/commands.h"
#include "main/open.h"
#include "main/people.h"

#define FILE_BYTES (64u << 10)

static int64_t current_revision(struct privacy *privacy)
{
    const struct registry *registry = privacy_registry(privacy);
    int64_t revision = registry->revision;
    registry_unref(registry);
    return revision;
}

static enum err add(struct scope *scope, struct privacy *privacy, const char *path,
                     str *ret_subject)
{
    str json;
    str id;
    int64_t before = current_revision(privacy);
    TRY(read_small_file(scope, path, FILE_BYTES, &json));
    TRY(service_put(scope, privacy, json, &id));
    int64_t after = current_revision(privacy);
    *ret_subject = id;
    printf("%.*s: declared; %s (revision %lld)\n", STR_ARG(id),
           after > before ? "visitors are asked again" : "visitors' choices stay valid",
           (long long)after);
    return ERR_OK;
}

static enum err list(struct scope *scope, struct privacy *privacy, const char *ignored,
                     str *ret_subject)
{
    (void)scope;
    (void)ignored;
    (void)ret_subject;
    const struct registry *registry = privacy_registry(privacy);
    for (size_t i = 0; i < registry->service_count; i++) {
        const struct service *service = &registry->services[i];
        printf("%.*s\t%s\t%.*s\t%.*s", STR_ARG(service->id), purpose_name(service->purpose),
               STR_ARG(service->name), STR_ARG(service->provider));
        for (size_t j = 0; j < service->host_count; j++) {
            printf("%c%.*s", j ? ' ' : '\t', STR_ARG(service->hosts[j].origin));
        }
        printf("\n");
    }
    registry_unref(registry);
    return ERR_OK;
}

static enum err show(struct scope *scope, struct privacy *privacy, const char *id,
                     str *ret_subject)
{
    (void)ret_subject;
    const struct registry *registry = privacy_registry(privacy);
    const struct service *service = registry_service(registry, str_from(id));
    if (service) {
        printf("%.*s", STR_ARG(service_document(&scope->arena, service)));
    }
    registry_unref(registry);
    return service ? ERR_OK : fail(scope, ERR_NO_SERVICE, "The service %s is not declared.", id);
}

static enum err remove_service(struct scope *scope, struct privacy *privacy, const char *id,
                     str *ret_subject)
{
    TRY(service_remove(scope, privacy, str_from(id)));
    *ret_subject = str_from(id);
    printf("%s: removed\n", id);
    return ERR_OK;
}

static const struct {
    const char *name;
    const char *argument; /* NULL: none */
    const char *audit;    /* what the audit log calls it; NULL: nothing changes */
    enum err (*run)(struct scope *scope, struct privacy *privacy, const char *argument,
                    str *ret_subject);
} actions[] = {
    {"add", "FILE", "service.put", add},
    {"list", NULL, NULL, list},
    {"show", "ID", NULL, show},
    {"remove", "ID", "service.remove", remove_service},
};

enum err command_service(struct scope *scope, const struct command_line *line)
{
    struct opened_privacy opened cleanup_with(close_privacy) = {0};
    const char *argument = line->argument_count > 1 ? line->arguments[1] : NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        if (!str_eq(str_from(actions[i].name), str_from(line->arguments[0]))) {
            continue;
        }
        if (actions[i].argument && !argument) {
            return fail(scope, ERR_USAGE, "%s is missing: parvis service %s %s",
                        actions[i].argument, actions[i].name, actions[i].argument);
        }
        if (!actions[i].argument && argument) {
            return fail(scope, ERR_USAGE, "'%s' was not expected; see parvis service --help",
                        argument);
        }
        TRY(open_privacy(scope, line, &opened));
        str subject = STR_NONE;
        TRY(actions[i].run(scope, opened.privacy, argument, &subject));
        if (actions[i].audit) {
            catalog_audit(scope, opened.catalog, actions[i].audit, subject, S(""));
        }
        return ERR_OK;
    }
    return fail(scope, ERR_USAGE, "'%s': add, list, show or remove is expected",
                line->arguments[0]);
}
