/*
 * From a backup to a portal. Everything is read, compared and written beside (restore.partial/new); a file "ready"
 * then says that the rest is only renaming, which the next call ends when this one is interrupted:
 *   ready: what is in the way is moved aside, the old catalogue first;  placing: what is new gets its place, the
 *   catalogue last.
 * Meanwhile nobody opens the directory (catalog_open_rows).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "domain/backup/internal.h"
#include "domain/transfer/transfer.h"
#include "platform/db/statement.h"

#define ASIDE_BYTES_MOST 200
#define LOCK_PATIENCE (2 * USEC_SECOND)

struct restore {
    struct work *work;
    const struct restore_options *options;
    const char *directory;     /* the data directory */
    str partial, state;        /* restore.partial, and what will be the portal in it */
    str ready, placing;        /* marks */
    str aside;                 /* where the old portal goes, as a path; empty: there is none */
    struct manifest *manifest;
};

/* What a portal is made of, in the order in which it is moved; the catalogue is what makes it one. */
static const char *const portal_names[] = {"catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm", "records",
                                           "attachments", "uploads", "secrets", "spool", "search.sqlite",
                                           "search.sqlite-wal", "search.sqlite-shm"};

static bool exists(const char *path)
{
    struct stat facts;
    return lstat(path, &facts) == 0;
}

static str in_directory(const struct restore *restore, const char *name)
{
    return path_in(&restore->work->scope->arena, restore->directory, str_from(name));
}

/* ---- marks ---- */

static enum err write_mark(struct restore *restore)
{
    struct scope *scope = restore->work->scope;
    struct sink_file sink;
    TRY(file_create(scope, restore->partial.p, S("ready.new"), &sink.file, &sink.name));
    enum err result = pump_to_file(restore->work, &sink, restore->aside);
    enum err ended = file_finish(scope, sink.file, sink.name, 0);
    TRY(result);
    TRY(ended);
    if (rename(sink.name, restore->ready.p) != 0) {
        return file_failed(scope, restore->ready.p, "it cannot be made");
    }
    return directory_sync(scope, restore->partial.p);
}

/* false: there is none. */
static enum err read_mark(struct restore *restore, const str *mark, bool *ret_found)
{
    struct scope *scope = restore->work->scope;
    char text[ASIDE_BYTES_MOST + PATH_MAX];
    int file;
    TRY(file_open(scope, mark->p, &file, ret_found));
    if (!*ret_found) {
        return ERR_OK;
    }
    ssize_t n = read(file, text, sizeof(text));
    close(file);
    if (n < 0) {
        return file_failed(scope, mark->p, "it cannot be read");
    }
    restore->aside = str_copy(&scope->arena, (str){text, (size_t)n});
    return ERR_OK;
}

/* ---- moving ---- */

static enum err move_entry(struct restore *restore, str from, str to)
{
    return rename(from.p, to.p) == 0 || errno == ENOENT ? ERR_OK
                                                       : file_failed(restore->work->scope, to.p, "it cannot be moved there");
}

static enum err move_aside(struct restore *restore)
{
    struct scope *scope = restore->work->scope;
    if (restore->aside.n) {
        const char *aside = str_cz(&scope->arena, restore->aside);
        if (mkdir(aside, 0700) != 0 && errno != EEXIST) {
            return file_failed(scope, aside, "the directory cannot be made");
        }
        for (size_t i = 0; i < ARRAY_LENGTH(portal_names); i++) {
            TRY(move_entry(restore, in_directory(restore, portal_names[i]),
                           path_in(&scope->arena, aside, str_from(portal_names[i]))));
        }
        TRY(directory_sync(scope, aside));
    }
    TRY(directory_sync(scope, restore->directory));
    if (rename(restore->ready.p, restore->placing.p) != 0) {
        return file_failed(scope, restore->placing.p, "it cannot be made");
    }
    return directory_sync(scope, restore->partial.p);
}

/* Settings that the directory has already are those of this machine. */
static enum err place_settings(struct restore *restore)
{
    str from = path_in(&restore->work->scope->arena, restore->state.p, S("parvis.conf"));
    str to = in_directory(restore, "parvis.conf");
    if (exists(from.p) && exists(to.p)) {
        to = in_directory(restore, "parvis.conf.restored");
        work_note(restore->work, "%s stays; that of the backup is %s", in_directory(restore, "parvis.conf").p, to.p);
    }
    return move_entry(restore, from, to);
}

static enum err place_new(struct restore *restore)
{
    struct scope *scope = restore->work->scope;
    TRY(place_settings(restore));
    for (size_t i = ARRAY_LENGTH(portal_names); i > 0; i--) {
        str name = str_from(portal_names[i - 1]);
        if (i == 1) { /* the catalogue: what it names is there */
            TRY(directory_sync(scope, restore->directory));
        }
        TRY(move_entry(restore, path_in(&scope->arena, restore->state.p, name),
                       path_in(&scope->arena, restore->directory, name)));
    }
    TRY(directory_sync(scope, restore->directory));
    return tree_remove(scope, restore->partial.p);
}

/* Ends what was ready; false: nothing was. */
static enum err finish(struct restore *restore, bool *ret_finished)
{
    bool is_placing;
    bool is_ready = false;
    TRY(read_mark(restore, &restore->placing, &is_placing));
    if (!is_placing) {
        TRY(read_mark(restore, &restore->ready, &is_ready));
    }
    *ret_finished = is_placing || is_ready;
    if (is_ready) {
        TRY(move_aside(restore));
    }
    return *ret_finished ? place_new(restore) : ERR_OK;
}

/* ---- before ---- */

static enum err lock_directory(struct restore *restore, int *ret_lock)
{
    struct scope *scope = restore->work->scope;
    if (mkdir(restore->directory, 0750) != 0 && errno != EEXIST) {
        return file_failed(scope, restore->directory, "the directory cannot be made");
    }
    *ret_lock = open(restore->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret_lock < 0) {
        return file_failed(scope, restore->directory, "the directory cannot be opened");
    }
    if (flock(*ret_lock, LOCK_EX | LOCK_NB) == 0) {
        return ERR_OK;
    }
    close(*ret_lock);
    return fail(scope, ERR_CONFLICT, "%s: another restore or migration into this directory is running",
                restore->directory);
}

/*
 * A catalogue goes back to a single file only when nobody else has it open; then nothing of it is left in a log, either. One
 * that is damaged cannot be asked.
 */
static enum err check_unused(struct restore *restore)
{
    struct scope *scope = restore->work->scope;
    struct scope part;
    struct db *db = NULL;
    struct db_lease *lease = NULL;
    struct db_options options = {.engine = DB_SQLITE, .path = in_directory(restore, "catalogue.sqlite").p,
                                 .connections = 1, .lock_patience = LOCK_PATIENCE};
    if (!exists(options.path)) {
        return ERR_OK;
    }
    scope_open(&part);
    enum err result = db_open(&part, &options, &db);
    if (result == ERR_OK) {
        result = db_lease(&part, db, &lease);
    }
    if (result == ERR_OK) {
        result = db_script(&part, lease, "pragma journal_mode = delete");
    }
    db_release(lease);
    db_close(db);
    scope_close(&part);
    return result == ERR_BUSY ? fail(scope, ERR_CONFLICT, "%s: a server or another command is using the portal there; "
                                     "stop it first", restore->directory)
                              : ERR_OK;
}

static enum err check_place(struct restore *restore)
{
    struct scope *scope = restore->work->scope;
    bool is_taken = false;
    const char *first = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(portal_names); i++) {
        is_taken |= exists(in_directory(restore, portal_names[i]).p);
        first = is_taken && !first ? portal_names[i] : first;
    }
    if (is_taken && !restore->options->replaces) {
        return fail(scope, ERR_CONFLICT, "%s: there is a portal already (%s); name a directory that is empty or not there, "
                    "or stop the server and use --replace, which moves the portal aside", restore->directory, first);
    }
    if (is_taken) {
        struct tm parts;
        char text[64];
        time_t now = (time_t)(clock_wall() / USEC_SECOND);
        gmtime_r(&now, &parts);
        strftime(text, sizeof(text), "before-restore-%Y%m%dT%H%M%SZ", &parts);
        restore->aside = in_directory(restore, text);
    }
    return ERR_OK;
}

/* ---- into a directory ---- */

static enum err fill_state(struct restore *restore, bool keeps_identity)
{
    struct scope *scope = restore->work->scope;
    TRY(tree_remove(scope, restore->partial.p));
    if (mkdir(restore->partial.p, 0700) != 0 || mkdir(restore->state.p, 0750) != 0) {
        return file_failed(scope, restore->state.p, "the directory cannot be made");
    }
    TRY(source_read(restore->work, restore->options->source, restore->state.p, restore->manifest));
    str catalogue = path_in(&scope->arena, restore->state.p, S("catalogue.sqlite"));
    TRY(rows_prepare(scope, catalogue.p, keeps_identity));
    TRY(rows_close_file(scope, catalogue.p));
    return tree_sync(scope, restore->partial.p);
}

/* Between the look at it and the mark nobody can have begun to use it: see catalog_open_rows. */
static enum err restore_directory(struct restore *restore)
{
    bool is_finished;
    TRY(finish(restore, &is_finished));
    if (is_finished) {
        work_note(restore->work, "an earlier restore into %s was ready and had only to be put into its place; that is done now, "
                  "and nothing else", restore->directory);
        return ERR_OK;
    }
    TRY(check_place(restore));
    if (restore->aside.n) {
        TRY(check_unused(restore));
    }
    enum err result = fill_state(restore, false);
    if (result == ERR_OK && restore->aside.n) {
        result = check_unused(restore);
    }
    if (result == ERR_OK) {
        result = write_mark(restore);
    }
    if (result != ERR_OK) {
        if (!exists(restore->ready.p) && tree_remove(restore->work->scope, restore->partial.p) != ERR_OK) {
            work_note(restore->work, "%s: it cannot be removed", restore->partial.p);
        }
        return result;
    }
    TRY(move_aside(restore));
    return place_new(restore);
}

/* ---- into a database ---- */

static enum err restore_database(struct restore *restore)
{
    const struct restore_options *options = restore->options;
    const struct backup_watch *watch = options->watch;
    struct transfer_result moved;
    struct store to = *options->store;
    to.data_directory = NULL;
    if (options->replaces) {
        return fail(restore->work->scope, ERR_USAGE, "--replace is for data directories; for a database make an empty one "
                    "and name it with --store");
    }
    if (exists(restore->ready.p) || exists(restore->placing.p)) {
        return fail(restore->work->scope, ERR_CONFLICT, "%s: a restore into this directory has not ended; run it again as before, or "
                    "name another directory with --data", restore->directory);
    }
    struct transfer_options transfer = {.from.data_directory = restore->state.p,
                                        .to = to,
                                        .memory_bytes = options->memory_bytes,
                                        .threads = options->threads,
                                        .tell = watch ? watch->tell : NULL,
                                        .user = watch ? watch->user : NULL};
    enum err result = fill_state(restore, true);
    if (result == ERR_OK) {
        result = transfer_run(restore->work->scope, &transfer, &moved);
    }
    enum err removed = tree_remove(restore->work->scope, restore->partial.p);
    return result == ERR_OK ? removed : result;
}

enum err backup_restore(struct scope *scope, const struct restore_options *options,
                        struct backup_facts *ret_facts, str *ret_aside)
{
    struct work work = work_begin(scope, options->watch);
    struct manifest manifest = {0};
    struct restore restore = {.work = &work, .options = options, .directory = options->store->data_directory,
                              .manifest = &manifest, .aside = S("")};
    int lock;
    restore.partial = in_directory(&restore, CATALOG_RESTORING);
    restore.state = path_in(&scope->arena, restore.partial.p, S("new"));
    restore.ready = path_in(&scope->arena, restore.partial.p, S("ready"));
    restore.placing = path_in(&scope->arena, restore.partial.p, S("placing"));
    TRY(lock_directory(&restore, &lock));
    enum err result = options->store->url ? restore_database(&restore) : restore_directory(&restore);
    close(lock);
    *ret_facts = manifest.facts;
    *ret_aside = restore.aside;
    return result;
}
