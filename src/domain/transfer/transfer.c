#include "domain/transfer/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "domain/records/records.h"
#include "domain/resource/upload.h"
#include "domain/transfer/internal.h"
#include "platform/db/statement.h"

#define DUTY_PATIENCE (15 * USEC_SECOND) /* with a process that was killed just now */
#define DUTY_PAUSE 200000                /* microseconds */

/* ---- progress ---- */

void transfer_place(struct transfer *transfer, size_t place, size_t places)
{
    struct ingest_progress *progress = transfer->options->progress;
    atomic_store(&progress->place, (int64_t)place);
    atomic_store(&progress->places, (int64_t)places);
}

void transfer_phase(struct transfer *transfer, const char *phase, int64_t expected)
{
    struct ingest_progress *progress = transfer->options->progress;
    atomic_store(&progress->rows, 0);
    atomic_store(&progress->rows_expected, expected);
    atomic_store(&progress->phase, phase);
}

_Atomic int64_t *transfer_rows(struct transfer *transfer)
{
    return &transfer->options->progress->rows;
}

void transfer_tell(struct transfer *transfer, enum message message, const struct message_argument *arguments)
{
    struct arena arena;
    if (transfer->options->tell) {
        arena_init(&arena, 0);
        struct remark line = remark_in_words(&arena, message, arguments);
        transfer->options->tell(transfer->options->user, &line);
        arena_done(&arena);
    }
}

void transfer_part(struct scope *scope, struct scope *part)
{
    scope_open(part);
    part->deadline = scope->deadline;
    part->gone = scope->gone;
}

enum err transfer_part_end(struct scope *scope, struct scope *part, enum err result)
{
    if (result != ERR_OK) {
        fail_as(scope, result, &part->failure);
    }
    scope_close(part);
    return result;
}

/* ---- opening ---- */

static enum err check_origin(struct scope *scope, const struct store *store)
{
    struct db *db = NULL;
    struct db_lease *lease = NULL;
    cell found = cell_null();
    if (!store->url) {
        str file = str_printf(&scope->arena, "%s/catalogue.sqlite", store->data_directory);
        return access(file.p, R_OK) == 0
                   ? ERR_OK
                   : fail(scope, ERR_NO_DATASET, "--from %s: no catalogue is there (%s)",
                          store->data_directory, strerror(errno));
    }
    struct db_options options = {.engine = DB_POSTGRES, .path = store->url, .connections = 1,
                                 .untyped = true, .read_only = true};
    TRY(db_open(scope, &options, &db));
    enum err result = db_lease(scope, db, &lease);
    if (result == ERR_OK) {
        result = DB_ASK(scope, lease, &found, "select to_regclass(?)::text",
                        cell_text(S("parvis.state")));
    }
    db_release(lease);
    db_close(db);
    TRY(result);
    return found.type == CELL_TEXT
               ? ERR_OK
               : fail(scope, ERR_NO_DATASET, "--from: no catalogue is in this database");
}

/* All tables are made at both ends, so that each can be read or written. */
static enum err open_end(struct scope *scope, struct end *end, bool is_target)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(catalog_open_rows(scope, end->store, is_target, &end->rows));
    TRY(db_begin(scope, end->rows, &lease));
    TRY(transfer_make_tables(scope, lease));
    return db_commit(scope, lease);
}

static enum err lock_directory(struct scope *scope, struct transfer *transfer)
{
    const char *directory = transfer->to.store->data_directory;
    transfer->lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (transfer->lock < 0) {
        return fail(scope, ERR_FILE, "%s: the directory cannot be opened (%s)", directory, strerror(errno));
    }
    return flock(transfer->lock, LOCK_EX | LOCK_NB) == 0
               ? ERR_OK
               : fail(scope, ERR_CONFLICT, "%s: another migration into this directory is running", directory);
}

enum err transfer_keep_duty(struct scope *scope, struct transfer *transfer)
{
    bool has = !transfer->to.store->url;
    usec until = clock_monotonic() + DUTY_PATIENCE;
    while (!has) {
        TRY(duty_take(scope, &transfer->duty, &has));
        if (!has && clock_monotonic() > until) {
            return fail(scope, ERR_CONFLICT, "a node serves the target, or another migration into it is "
                                             "running; end that first");
        }
        if (!has) {
            usleep(DUTY_PAUSE);
        }
    }
    return ERR_OK;
}

static enum err read_origin(struct scope *scope, struct transfer *transfer)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell identity;
    TRY(db_lease(scope, transfer->from.rows, &lease));
    TRY(DB_ASK(scope, lease, &identity, "select value from state where key = ?",
               cell_text(S("identity"))));
    transfer->origin = identity.number;
    return ERR_OK;
}

static enum err open_engines(struct scope *scope, struct transfer *transfer)
{
    const struct transfer_options *options = transfer->options;
    const char *url = options->to.url ? options->to.url : options->from.url;
    struct db_options files = {.engine = DB_DUCKDB, .connections = 1, .threads = options->threads,
                               .memory_bytes = options->memory_bytes};
    files.functions = records_functions(&files.function_count);
    TRY(db_open(scope, &files, &transfer->files));
    return postgres_open(scope, url, 2, &transfer->postgres);
}

static enum err open_all(struct scope *scope, struct transfer *transfer)
{
    TRY(check_origin(scope, transfer->from.store));
    TRY(open_end(scope, &transfer->from, false));
    TRY(read_origin(scope, transfer));
    TRY(open_end(scope, &transfer->to, true));
    transfer->duty = (struct duty){.db = transfer->to.rows, .number = DUTY_UPKEEP};
    if (!transfer->to.store->url) {
        TRY(lock_directory(scope, transfer));
    }
    TRY(transfer_keep_duty(scope, transfer));
    return open_engines(scope, transfer);
}

static void close_all(struct transfer *transfer)
{
    if (transfer->duty.db) {
        duty_give(&transfer->duty);
    }
    db_close(transfer->postgres);
    db_close(transfer->files);
    db_close(transfer->to.rows);
    db_close(transfer->from.rows);
    if (transfer->lock >= 0) {
        close(transfer->lock);
    }
}

/* ---- all ---- */

/* What comes to the origin meanwhile comes along. */
static enum err move(struct scope *scope, struct transfer *transfer)
{
    TRY(ledger_open(scope, transfer));
    TRY(versions_verify(scope, transfer));
    TRY(ledger_count(scope, transfer, &transfer->result.versions_before));
    for (bool done = false; !done;) {
        struct scope part;
        transfer_part(scope, &part);
        enum err result = versions_copy(&part, transfer);
        if (result == ERR_OK) {
            result = files_copy(&part, transfer);
        }
        if (result == ERR_OK) {
            result = upload_move_bytes(&part, transfer->from.store, transfer->from.rows, transfer->to.store,
                                       transfer->to.rows);
        }
        if (result == ERR_OK) {
            result = transfer_finish(&part, transfer, &done);
        }
        TRY(transfer_part_end(scope, &part, result));
    }
    return ERR_OK;
}

enum err transfer_run(struct scope *scope, const struct transfer_options *options,
                      struct transfer_result *ret_result)
{
    struct ingest_progress unseen = {0};
    struct transfer_options own = *options;
    own.progress = own.progress ? own.progress : &unseen;
    struct transfer transfer = {.options = &own,
                                .from.store = &own.from,
                                .to.store = &own.to,
                                .lock = -1};
    enum err result = open_all(scope, &transfer);
    if (result == ERR_OK) {
        result = move(scope, &transfer);
    }
    close_all(&transfer);
    *ret_result = transfer.result;
    return result;
}
