/* parvis attach, parvis detach. */
#include <stdio.h>

#include "domain/catalog/attachment.h"
#include "main/commands.h"
#include "main/open.h"
#include "main/people.h"

static enum err list(struct scope *scope, struct catalog *catalog, str id)
{
    const struct attachment *attachments;
    size_t count;
    const struct dataset *dataset;
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    enum err result = snapshot_load(scope, snapshot, id, &dataset);
    snapshot_unref(snapshot);
    TRY(result);
    if (!dataset) {
        return dataset_absent(scope, id);
    }
    TRY(attachments_of(scope, dataset, &attachments, &count));
    for (size_t i = 0; i < count; i++) {
        printf("%.*s\t%lld\t%.*s\t%.*s\n", STR_ARG(attachments[i].id),
               (long long)attachments[i].bytes, STR_ARG(attachments[i].mimetype),
               STR_ARG(attachments[i].title));
    }
    return ERR_OK;
}

static enum err attach(struct scope *scope, const struct command_line *line, struct catalog *catalog)
{
    const char *id;
    const char *title;
    struct attachment attachment;
    str dataset = str_from(line->arguments[0]);
    if (line->argument_count == 1) {
        return list(scope, catalog, dataset);
    }
    TRY(option_text(scope, line, "id", &id));
    TRY(option_text(scope, line, "title", &title));
    TRY(catalog_attach(scope, catalog, dataset, line->arguments[1], str_from(id), str_from(title),
                       &attachment));
    catalog_audit(scope, catalog, "dataset.attach", dataset, attachment.id);
    printf("%.*s: attached as %.*s, %lld bytes, %.*s\n", STR_ARG(dataset), STR_ARG(attachment.id),
           (long long)attachment.bytes, STR_ARG(attachment.mimetype));
    return ERR_OK;
}

enum err command_attach(struct scope *scope, const struct command_line *line)
{
    struct catalog *catalog;
    TRY(open_catalog(scope, line, &catalog));
    enum err result = attach(scope, line, catalog);
    catalog_close(catalog);
    return result;
}

enum err command_detach(struct scope *scope, const struct command_line *line)
{
    struct catalog *catalog;
    str dataset = str_from(line->arguments[0]);
    str id = str_from(line->arguments[1]);
    TRY(open_catalog(scope, line, &catalog));
    enum err result = catalog_detach(scope, catalog, dataset, id);
    if (result == ERR_OK) {
        catalog_audit(scope, catalog, "dataset.detach", dataset, id);
        printf("%.*s: %.*s is gone\n", STR_ARG(dataset), STR_ARG(id));
    }
    catalog_close(catalog);
    return result;
}
