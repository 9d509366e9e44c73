#include <sys/stat.h>

#include "domain/backup/internal.h"

enum err source_read(struct work *work, const char *source, const char *into, struct manifest *manifest)
{
    struct stat facts;
    if (strcmp(source, "-") != 0 && stat(source, &facts) != 0) {
        return file_failed(work->scope, source, "no backup is there");
    }
    bool is_tree = strcmp(source, "-") != 0 && S_ISDIR(facts.st_mode);
    TRY(is_tree ? tree_read(work, source, into, manifest) : bundle_read(work, source, into, manifest));
    return manifest_find(manifest, S("catalogue.sqlite"))
               ? ERR_OK
               : fail(work->scope, ERR_DATA, "%s: the backup has no catalogue", source);
}

enum err backup_verify(struct scope *scope, const char *source, const struct backup_watch *watch,
                       struct backup_facts *ret_facts)
{
    struct work work = work_begin(scope, watch);
    struct manifest manifest = {0};
    TRY(source_read(&work, source, NULL, &manifest));
    *ret_facts = manifest.facts;
    return ERR_OK;
}
