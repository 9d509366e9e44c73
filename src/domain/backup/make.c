/* A backup from its beginning to its name. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain/backup/internal.h"

#define STAGE_PREFIX "backup.partial."
#define AT_WORK "another backup is being written there"

bool backup_is_archive(const char *name)
{
    return strcmp(name, "-") == 0 || str_ends(str_from(name), S(".tar.zst"));
}

static str parent_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == path ? S("/") : slash ? str_copy(arena, (str){path, (size_t)(slash - path)}) : S(".");
}

static enum err sync_parent(struct scope *scope, const char *path)
{
    return directory_sync(scope, str_cz(&scope->arena, parent_of(&scope->arena, path)));
}

static enum err check_target(struct scope *scope, const char *target)
{
    struct stat facts;
    if (strcmp(target, "-") == 0) {
        return isatty(STDOUT_FILENO) ? fail(scope, ERR_USAGE, "-: the archive goes to standard output, which is a terminal; "
                                            "lead it into a file or a pipe")
                                     : ERR_OK;
    }
    if (lstat(target, &facts) == 0) {
        return fail(scope, ERR_CONFLICT, "%s: it is there already; name one that is not (an earlier backup, whose files "
                    "are linked, is named with --previous)", target);
    }
    return errno == ENOENT ? ERR_OK : file_failed(scope, target, "it cannot be made");
}

/* ---- where it is put together ---- */

/* Beside the files that are linked; a copy of a database stands where the backup shall be. */
static str stage_path(struct arena *arena, const struct backup_options *options)
{
    bool is_beside = options->store->url && !backup_is_archive(options->target);
    return is_beside ? str_printf(arena, "%s.stage", options->target)
                     : str_printf(arena, "%s/" STAGE_PREFIX "%.*s", options->store->data_directory,
                                  STR_ARG(random_text(arena, S("abcdefghijklmnopqrstuvwxyz234567"), 10)));
}

/* What interrupted backups left. What is locked is being written. */
static void remove_leftovers(struct scope *scope, const char *directory_path)
{
    DIR *directory = opendir(directory_path);
    if (!directory) {
        return;
    }
    for (const struct dirent *item; (item = readdir(directory));) {
        int lock;
        str path = path_in(&scope->arena, directory_path, str_from(item->d_name));
        if (!str_starts(str_from(item->d_name), S(STAGE_PREFIX))) {
            continue;
        }
        if (directory_take(scope, path.p, AT_WORK, &lock) == ERR_OK) {
            rmdir(path.p);
            close(lock);
        } else {
            scope_forgive(scope);
        }
    }
    closedir(directory);
}

/* ---- to its name ---- */

static enum err make_directory(struct work *work, const struct backup_options *options, const char *stage,
                               struct manifest *manifest)
{
    struct scope *scope = work->scope;
    str partial = str_printf(&scope->arena, "%s.partial", options->target);
    int lock;
    TRY(directory_take(scope, partial.p, AT_WORK, &lock));
    enum err result = place_tree(work, stage, partial.p, options->previous, manifest);
    if (result == ERR_OK) {
        result = tree_sync(scope, partial.p);
    }
    if (result == ERR_OK && rename(partial.p, options->target) != 0) {
        result = file_failed(scope, options->target, "the backup cannot get its name");
    }
    if (result == ERR_OK) {
        result = sync_parent(scope, options->target);
    } else if (tree_remove(scope, partial.p) != ERR_OK) {
        work_tell(work, MSG_JOB_LINE_BACKUP_LEFT, SAYS(ARG_TEXT("path", partial)));
    }
    close(lock);
    return result;
}

static enum err write_file(struct work *work, const char *stage, int file, const char *partial, const char *target,
                           struct manifest *manifest)
{
    struct scope *scope = work->scope;
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        return fail(scope, ERR_CONFLICT, "%s: %s", partial, AT_WORK);
    }
    if (ftruncate(file, 0) != 0) {
        return file_failed(scope, partial, "it cannot be written");
    }
    enum err result = place_archive(work, stage, file, manifest);
    if (result == ERR_OK && (fsync(file) != 0 || rename(partial, target) != 0)) {
        result = file_failed(scope, target, "the backup cannot get its name");
    }
    if (result != ERR_OK) {
        unlink(partial);
        return result;
    }
    return sync_parent(scope, target);
}

static enum err make_archive(struct work *work, const struct backup_options *options, const char *stage,
                             struct manifest *manifest)
{
    struct scope *scope = work->scope;
    if (strcmp(options->target, "-") == 0) {
        return place_archive(work, stage, STDOUT_FILENO, manifest);
    }
    str partial = str_printf(&scope->arena, "%s.partial", options->target);
    int file = open(partial.p, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return file_failed(scope, partial.p, "the file cannot be made");
    }
    enum err result = write_file(work, stage, file, partial.p, options->target, manifest);
    close(file);
    return result;
}

static enum err make_staged(struct work *work, const struct backup_options *options, const char *taken,
                            struct manifest *manifest)
{
    struct scope *scope = work->scope;
    str stage = path_in(&scope->arena, taken, S("state"));
    if (mkdir(stage.p, 0700) != 0) {
        return file_failed(scope, stage.p, "the directory cannot be made");
    }
    TRY(stage_fill(work, options, stage.p, manifest));
    const struct backup_facts *facts = &manifest->facts;
    work_tell(work, MSG_JOB_LINE_BACKUP_HELD,
              SAYS(argument_digits(&scope->arena, "generation", facts->generation),
                   argument_digits(&scope->arena, "datasets", facts->datasets),
                   argument_digits(&scope->arena, "versions", facts->versions),
                   argument_digits(&scope->arena, "files", facts->files),
                   argument_digits(&scope->arena, "bytes", facts->bytes)));
    return backup_is_archive(options->target) ? make_archive(work, options, stage.p, manifest)
                                              : make_directory(work, options, stage.p, manifest);
}

static enum err check_options(struct scope *scope, const struct backup_options *options)
{
    if (options->previous && backup_is_archive(options->target)) {
        return fail(scope, ERR_USAGE, "--previous: an archive holds all files; it is for backups in a directory");
    }
    return check_target(scope, options->target);
}

enum err backup_make(struct scope *scope, const struct backup_options *options, struct backup_facts *ret_facts)
{
    struct work work = work_begin(scope, options->watch);
    struct backup_options own = *options;
    struct manifest manifest = {0};
    int lock;
    str target = str_from(options->target);
    while (target.n > 1 && target.p[target.n - 1] == '/') {
        target.n--;
    }
    own.target = str_cz(&scope->arena, target);
    TRY(check_options(scope, &own));
    remove_leftovers(scope, own.store->data_directory);
    str taken = stage_path(&scope->arena, &own);
    TRY(directory_take(scope, taken.p, AT_WORK, &lock));
    enum err result = make_staged(&work, &own, taken.p, &manifest);
    enum err removed = tree_remove(scope, taken.p);
    close(lock);
    *ret_facts = manifest.facts;
    return result == ERR_OK ? removed : result;
}
