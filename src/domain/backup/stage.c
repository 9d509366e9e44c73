/*
 * The state of a portal at one moment, in a directory. The catalogue is copied first; then each file that the copy
 * names is held by a link, or copied where there can be none. What was dropped before it could be held, because
 * somebody published meanwhile, is named by a later catalogue no more: then that one is copied.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain/backup/internal.h"
#include "domain/transfer/contents.h"
#include "domain/transfer/transfer.h"
#include "platform/db/statement.h"

#define ATTEMPTS 30
#define NANOSECONDS 1000000000

struct staging {
    struct work *work;
    const struct backup_options *options;
    const char *stage;
    struct manifest *manifest;
    str missing; /* a file that was not there, in this attempt; empty: all were */
    const struct version_row *versions;
    const struct file_row *files;
    size_t version_count, file_count;
};

/* ---- one file ---- */

static enum err copy(struct staging *staging, str path, bool may_grow, bool *ret_found)
{
    struct scope *scope = staging->work->scope;
    uint8_t digest[DIGEST_BYTES];
    struct stat facts;
    struct pump pump = {.may_grow = may_grow};
    pump.name = path_in(&scope->arena, staging->options->store->data_directory, path).p;
    TRY(file_open(scope, pump.name, &pump.from, ret_found));
    if (!*ret_found) {
        return ERR_OK;
    }
    enum err result = fstat(pump.from, &facts) == 0 ? ERR_OK : file_failed(scope, pump.name, "it cannot be read");
    if (result == ERR_OK) {
        pump.bytes = facts.st_size;
        result = file_copy(staging->work, &pump, staging->stage, path,
                           facts.st_mtim.tv_sec * NANOSECONDS + facts.st_mtim.tv_nsec, digest);
    }
    close(pump.from);
    return result;
}

static bool is_without_links(int cause)
{
    return cause == EXDEV || cause == EPERM || cause == EMLINK || cause == EACCES || cause == EOPNOTSUPP ||
           cause == ENOSYS;
}

/* A file that does not change. */
static enum err hold(struct staging *staging, str path)
{
    struct scope *scope = staging->work->scope;
    str from = path_in(&scope->arena, staging->options->store->data_directory, path);
    str to = path_in(&scope->arena, staging->stage, path);
    bool found = true;
    TRY(scope_check(scope));
    TRY(file_make_parents(scope, staging->stage, path));
    if (link(from.p, to.p) != 0 && errno != EEXIST) {
        found = errno != ENOENT && errno != ENOTDIR;
        if (found && !is_without_links(errno)) {
            return file_failed(scope, to.p, "the link cannot be made");
        }
        if (found) {
            TRY(copy(staging, path, false, &found));
        }
    }
    if (!found && !staging->missing.n) {
        staging->missing = str_copy(&scope->arena, path);
    }
    return ERR_OK;
}

static enum err add_entry(struct staging *staging, str path)
{
    struct scope *scope = staging->work->scope;
    struct stat facts;
    str file = path_in(&scope->arena, staging->stage, path);
    if (lstat(file.p, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return fail(scope, ERR_DATA, "%s: a file is expected there; see parvis check", file.p);
    }
    if (!entry_path_is_good(path)) {
        return fail(scope, ERR_DATA, "%s: no backup can hold a file of this name", file.p);
    }
    vec_add(&scope->arena, &staging->manifest->entries,
            (struct entry){.path = str_copy(&scope->arena, path), .bytes = facts.st_size,
                           .modified = facts.st_mtim.tv_sec * NANOSECONDS + facts.st_mtim.tv_nsec});
    return ERR_OK;
}

/* ---- what the copied catalogue names ---- */

static enum err read_number(struct scope *scope, struct db_lease *lease, const char *key, int64_t *ret_number)
{
    cell value;
    TRY(DB_ASK(scope, lease, &value, "select value from state where key = ?", cell_text(str_from(key))));
    *ret_number = value.number;
    return ERR_OK;
}

static enum err list_leased(struct staging *staging, struct db_lease *lease)
{
    struct scope *scope = staging->work->scope;
    struct backup_facts *facts = &staging->manifest->facts;
    cell count;
    TRY(versions_list(scope, lease, &staging->versions, &staging->version_count));
    TRY(files_list(scope, lease, &staging->files, &staging->file_count));
    TRY(DB_ASK(scope, lease, &count, "select count(*) + ? from dataset", cell_int(0)));
    TRY(read_number(scope, lease, "generation", &facts->generation));
    facts->datasets = count.number;
    facts->versions = (int64_t)staging->version_count;
    facts->records = 0;
    for (size_t i = 0; i < staging->version_count; i++) {
        facts->records += staging->versions[i].records;
    }
    return ERR_OK;
}

static enum err list(struct staging *staging)
{
    struct scope *scope = staging->work->scope;
    struct db *db = NULL;
    struct db_lease *lease = NULL;
    TRY(rows_open(scope, path_in(&scope->arena, staging->stage, S("catalogue.sqlite")).p, &db));
    enum err result = db_lease(scope, db, &lease);
    if (result == ERR_OK) {
        result = list_leased(staging, lease);
    }
    db_release(lease);
    db_close(db);
    return result;
}

typedef enum err path_action(struct staging *staging, str path);

static enum err each_named(struct staging *staging, path_action *action)
{
    struct arena *arena = &staging->work->scope->arena;
    for (size_t i = 0; i < staging->version_count; i++) {
        const struct version_row *row = &staging->versions[i];
        TRY(action(staging, str_printf(arena, "records/%.*s/%lld.duckdb", STR_ARG(row->uid), (long long)row->number)));
    }
    for (size_t i = 0; i < staging->file_count; i++) {
        const struct file_row *row = &staging->files[i];
        TRY(action(staging, str_printf(arena, "attachments/%.*s/%.*s", STR_ARG(row->uid), STR_ARG(row->stored))));
    }
    return ERR_OK;
}

/* Attempts differ when the catalogue does; a file that is missing of the same generation is lost. */
static enum err hold_all(struct staging *staging)
{
    struct scope *scope = staging->work->scope;
    str catalogue = path_in(&scope->arena, staging->stage, S("catalogue.sqlite"));
    int64_t before = -1;
    for (int i = 0; i < ATTEMPTS; i++) {
        staging->missing = S("");
        TRY(rows_copy_catalogue(scope, staging->options->store, catalogue.p));
        TRY(list(staging));
        TRY(each_named(staging, hold));
        if (!staging->missing.n) {
            return ERR_OK;
        }
        if (staging->manifest->facts.generation == before) {
            return fail(scope, ERR_DATA, "%s/%.*s is missing, which the catalogue names; see parvis check",
                        staging->options->store->data_directory, STR_ARG(staging->missing));
        }
        before = staging->manifest->facts.generation;
    }
    return fail(scope, ERR_BUSY, "versions are published and dropped faster than they can be held; try again, or keep "
                "more of them");
}

/* ---- what stands beside it ---- */

/* All files of a directory of the portal whose names are those of files that last. */
static enum err copy_directory(struct staging *staging, const char *name, bool may_grow)
{
    struct scope *scope = staging->work->scope;
    str path = path_in(&scope->arena, staging->options->store->data_directory, str_from(name));
    DIR *directory = opendir(path.p);
    enum err result = ERR_OK;
    if (!directory) {
        return errno == ENOENT ? ERR_OK : file_failed(scope, path.p, "the directory cannot be read");
    }
    for (const struct dirent *item; result == ERR_OK && (item = readdir(directory));) {
        struct stat facts;
        bool found;
        str file = str_printf(&scope->arena, "%s/%s", name, item->d_name);
        bool is_file = fstatat(dirfd(directory), item->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
                       S_ISREG(facts.st_mode);
        bool is_held = access(path_in(&scope->arena, staging->stage, file).p, F_OK) == 0;
        if (is_file && !is_held && entry_path_is_good(file)) {
            result = copy(staging, file, may_grow, &found);
        }
    }
    closedir(directory);
    return result;
}

static enum err add_directory(struct staging *staging, const char *name)
{
    struct scope *scope = staging->work->scope;
    DIR *directory = opendir(path_in(&scope->arena, staging->stage, str_from(name)).p);
    enum err result = ERR_OK;
    if (!directory) {
        return ERR_OK; /* there was none */
    }
    for (const struct dirent *item; result == ERR_OK && (item = readdir(directory));) {
        if (item->d_name[0] != '.') {
            result = add_entry(staging, str_printf(&scope->arena, "%s/%s", name, item->d_name));
        }
    }
    closedir(directory);
    return result;
}

/* With PostgreSQL the transfer has brought the secrets of the database; a node may have its own file. */
static enum err copy_secrets(struct staging *staging)
{
    struct scope *scope = staging->work->scope;
    bool found;
    TRY(copy_directory(staging, "secrets", false));
    TRY(add_directory(staging, "secrets"));
    TRY(copy(staging, S("parvis.conf"), false, &found));
    if (found) {
        TRY(add_entry(staging, S("parvis.conf")));
    }
    str master = path_in(&scope->arena, staging->stage, S("secrets/master"));
    staging->manifest->facts.lacks_master = access(master.p, F_OK) != 0;
    return ERR_OK;
}

static enum err copy_rest(struct staging *staging)
{
    if (!staging->options->store->url) {
        TRY(copy_directory(staging, "uploads", true));
    }
    TRY(add_directory(staging, "uploads"));
    return staging->options->without_secrets ? ERR_OK : copy_secrets(staging);
}

/* ---- all ---- */

static enum err transfer_all(struct staging *staging)
{
    const struct backup_options *options = staging->options;
    const struct backup_watch *watch = options->watch;
    struct transfer_result moved;
    struct transfer_options transfer = {.from = *options->store,
                                        .to.data_directory = staging->stage,
                                        .memory_bytes = options->memory_bytes,
                                        .threads = options->threads,
                                        .tell = watch ? watch->tell : NULL,
                                        .user = watch ? watch->user : NULL};
    TRY(transfer_run(staging->work->scope, &transfer, &moved));
    return list(staging);
}

static enum err finish_catalogue(struct staging *staging)
{
    struct scope *scope = staging->work->scope;
    str catalogue = path_in(&scope->arena, staging->stage, S("catalogue.sqlite"));
    if (staging->options->without_secrets) {
        TRY(rows_forget_secrets(scope, catalogue.p));
    }
    TRY(rows_close_file(scope, catalogue.p));
    return add_entry(staging, S("catalogue.sqlite"));
}

enum err stage_fill(struct work *work, const struct backup_options *options, const char *stage,
                    struct manifest *manifest)
{
    struct staging staging = {work, options, stage, manifest, .missing = S("")};
    struct backup_facts *facts = &manifest->facts;
    *facts = (struct backup_facts){.program = S("parvis " PARVIS_VERSION), .created = clock_wall(),
                                   .has_secrets = !options->without_secrets};
    TRY(options->store->url ? transfer_all(&staging) : hold_all(&staging));
    TRY(each_named(&staging, add_entry));
    TRY(copy_rest(&staging));
    TRY(finish_catalogue(&staging));
    manifest_sort(manifest);
    facts->files = (int64_t)manifest->entries.count;
    facts->bytes = 0;
    for (size_t i = 0; i < manifest->entries.count; i++) {
        facts->bytes += manifest->entries.items[i].bytes;
    }
    return ERR_OK;
}
