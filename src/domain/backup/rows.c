/* Rows of a catalogue that was copied: a file of SQLite that nobody else has open. */
#include <fcntl.h>
#include <unistd.h>

#include "domain/analytics/analytics.h"
#include "domain/backup/internal.h"
#include "domain/identity/identity.h"
#include "domain/job/job.h"
#include "domain/resource/resource.h"
#include "domain/site/keeper.h"
#include "platform/db/statement.h"

enum err rows_open(struct scope *scope, const char *path, struct db **ret_db)
{
    struct db_options options = {.engine = DB_SQLITE, .path = path, .connections = 1};
    return db_open(scope, &options, ret_db);
}

/* A statement of the engine that copies as of one moment, while others write; the file is there, so that it is private. */
enum err rows_copy_catalogue(struct scope *scope, const struct store *store, const char *target)
{
    struct db *db = NULL;
    struct db_lease *lease = NULL;
    unlink(target);
    int file = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 || close(file) != 0) {
        return file_failed(scope, target, "the file cannot be made");
    }
    TRY(catalog_open_rows(scope, store, false, &db));
    enum err result = db_lease(scope, db, &lease);
    if (result == ERR_OK) {
        result = DB_RUN(scope, lease, "vacuum into ?", cell_text(str_from(target)));
    }
    db_release(lease);
    db_close(db);
    return result;
}

typedef enum err row_change(struct scope *scope, struct db_lease *lease);

static enum err change(struct scope *scope, const char *path, row_change *work)
{
    struct db *db = NULL;
    struct db_lease *lease = NULL;
    TRY(rows_open(scope, path, &db));
    enum err result = db_begin(scope, db, &lease);
    if (result == ERR_OK) {
        result = work(scope, lease);
    }
    if (result == ERR_OK) {
        result = db_commit(scope, lease);
    }
    db_release(lease);
    db_close(db);
    return result;
}

/* What was deleted must not stay in pages that are free: the file is written anew. */
static enum err run_script(struct scope *scope, const char *path, const char *script)
{
    struct db *db = NULL;
    struct db_lease *lease = NULL;
    TRY(rows_open(scope, path, &db));
    enum err result = db_lease(scope, db, &lease);
    if (result == ERR_OK) {
        result = db_script(scope, lease, script);
    }
    db_release(lease);
    db_close(db);
    return result;
}

static enum err forget_secrets(struct scope *scope, struct db_lease *lease)
{
    TRY(identity_forget_secrets(scope, lease));
    TRY(analytics_forget_keys(scope, lease));
    TRY(site_forget_secrets(scope, lease));
    return resource_forget_passwords(scope, lease);
}

enum err rows_forget_secrets(struct scope *scope, const char *path)
{
    TRY(change(scope, path, forget_secrets));
    return run_script(scope, path, "vacuum");
}

enum err rows_close_file(struct scope *scope, const char *path)
{
    return run_script(scope, path, "pragma wal_checkpoint(truncate); pragma journal_mode = delete");
}

/* A job that made a backup while it was made, and what came of it, is not to be done again. */
static enum err end_backups(struct scope *scope, struct db_lease *lease)
{
    TRY(job_make_tables(scope, lease));
    return DB_RUN(scope, lease,
                  "update job set state = ?, ended = ? where kind = ? and state in (?, ?)",
                  cell_text(str_from(job_state_name(JOB_CANCELLED))), cell_int(clock_wall()),
                  cell_text(S("backup")), cell_text(str_from(job_state_name(JOB_WAITING))),
                  cell_text(str_from(job_state_name(JOB_RUNNING))));
}

static enum err prepare(struct scope *scope, struct db_lease *lease)
{
    TRY(identity_end_sessions(scope, lease));
    return end_backups(scope, lease);
}

/* What browsers and nodes keep of the catalogue as it was is of another one from here on. */
static enum err prepare_anew(struct scope *scope, struct db_lease *lease)
{
    TRY(prepare(scope, lease));
    return DB_RUN(scope, lease, "delete from state where key = ?", cell_text(S("identity")));
}

static enum err check_file(struct scope *scope, const char *path)
{
    struct db *db = NULL;
    struct db_lease *lease = NULL;
    cell found = cell_null();
    TRY(rows_open(scope, path, &db));
    enum err result = db_lease(scope, db, &lease);
    if (result == ERR_OK) {
        result = DB_ASK(scope, lease, &found, "select quick_check from pragma_quick_check(?)", cell_int(1));
    }
    db_release(lease);
    db_close(db);
    TRY(result);
    return found.type == CELL_TEXT && str_eq(found.text, S("ok"))
               ? ERR_OK
               : fail(scope, ERR_DATA, "%s: the catalogue of the backup is damaged (%.*s)", path, STR_ARG(found.text));
}

enum err rows_prepare(struct scope *scope, const char *path, bool keeps_identity)
{
    TRY(check_file(scope, path));
    return change(scope, path, keeps_identity ? prepare : prepare_anew);
}
