#include <errno.h>
#include <fcntl.h>

#include "domain/catalog/attachment.h"
#include "domain/catalog/attachment_store.h"
#include "domain/catalog/snapshot.h"
#include "platform/db/statement.h"

#define ATTEMPTS_MOST 3

static enum err try_open(struct scope *scope, struct catalog *catalog, str uid, const struct attachment *attachment,
                         int *ret_descriptor)
{
    str path = attachment_path(&scope->arena, catalog_data_directory(catalog), uid, attachment->stored);
    if (catalog_store(catalog)->url) {
        TRY(attachment_store_fetch(scope, catalog, uid, attachment));
    }
    *ret_descriptor = open(path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return *ret_descriptor >= 0 ? ERR_OK
                                : fail_with_cause(scope, ERR_FILE, str_from(strerror(errno)),
                                                  "The attachment cannot be read.");
}

/* The snapshot that the caller has may be of a moment ago: what the catalogue says now. */
static enum err find_now(struct scope *scope, struct catalog *catalog, const struct dataset *dataset, str id,
                         struct attachment *ret_attachment)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct dataset now = *dataset;
    cell metadata;
    bool found;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &metadata, "select metadata from dataset where uid = ?", cell_text(dataset->uid)));
    if (metadata.type != CELL_TEXT) {
        return dataset_absent(scope, dataset->id);
    }
    now.metadata = metadata.text;
    TRY(attachment_find(scope, &now, id, ret_attachment, &found));
    return found ? ERR_OK : fail(scope, ERR_NO_RECORD, "The dataset has no attachment of that id.");
}

enum err attachment_open(struct scope *scope, struct catalog *catalog, const struct dataset *dataset,
                         struct attachment *attachment, int *ret_descriptor)
{
    str id = attachment->id;
    for (int attempt = 1;; attempt++) {
        struct attachment now;
        enum err result = try_open(scope, catalog, dataset->uid, attachment, ret_descriptor);
        if (result != ERR_FILE || attempt == ATTEMPTS_MOST) {
            return result;
        }
        scope_forgive(scope);
        TRY(find_now(scope, catalog, dataset, id, &now));
        if (str_eq(now.stored, attachment->stored)) {
            return try_open(scope, catalog, dataset->uid, attachment, ret_descriptor); /* lost: the same failure */
        }
        *attachment = now;
    }
}
