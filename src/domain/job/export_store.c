/* Where exported files lie. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "domain/job/export.h"
#include "domain/job/internal.h"
#include "platform/crypto/crypto.h"
#include "platform/i18n/explanation.h"

#define PART_BYTES ((size_t)1 << 20)
#define NAME_SYMBOLS 16

static const str name_symbols = {"abcdefghijklmnopqrstuvwxyz0123456789", 36};

#define TABLES(NUMBER, KEY, TEXT, BYTES, KEYED)                                                    \
    "create table if not exists export_file ("                                                     \
    " job_id " NUMBER " primary key, user_id " NUMBER " not null, name " TEXT " not null,"         \
    " content_type " TEXT " not null, bytes " NUMBER " not null, stored " TEXT " not null,"        \
    " created " NUMBER " not null, expires " NUMBER " not null);"

static const char postgres_parts[] =
    "create table if not exists export_part (stored text collate \"C\" not null, job_id bigint not null,"
    " part bigint not null, bytes bytea not null, primary key (stored, part));";

enum err export_make_tables(struct scope *scope, struct db_lease *lease)
{
    TRY(schema_make(scope, lease, SCHEMA_SQLITE(TABLES), SCHEMA_POSTGRES(TABLES)));
    return schema_make(scope, lease, "", postgres_parts);
}

static bool is_in_database(struct catalog *catalog)
{
    return catalog_store(catalog)->url != NULL;
}

static str path_of(struct scope *scope, struct catalog *catalog, str stored)
{
    return str_printf(&scope->arena, "%s/exports/%.*s", catalog_data_directory(catalog), STR_ARG(stored));
}

enum err export_file_fault(struct scope *scope, int cause)
{
    bool is_full = cause == ENOSPC || cause == EDQUOT;
    if (cause == EFBIG) {
        return fail_in_words_because(scope, ERR_BUSY, str_from(strerror(cause)), MSG_FAULT_FILE_LIMIT, NULL);
    }
    return is_full ? fail_in_words_because(scope, ERR_BUSY, str_from(strerror(cause)), MSG_FAULT_EXPORT_NO_ROOM, NULL)
                   : fail_with_cause(scope, ERR_FILE, str_from(strerror(cause)), "The file cannot be written.");
}

enum err export_file_make(struct scope *scope, struct catalog *catalog, int64_t job, str *ret_stored,
                          int *ret_descriptor)
{
    str directory = path_of(scope, catalog, S(""));
    str name = str_printf(&scope->arena, "%lld-%.*s", (long long)job,
                          STR_ARG(random_text(&scope->arena, name_symbols, NAME_SYMBOLS)));
    if (mkdir(directory.p, 0700) != 0 && errno != EEXIST) {
        return export_file_fault(scope, errno);
    }
    *ret_descriptor = open(path_of(scope, catalog, name).p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (*ret_descriptor < 0) {
        return export_file_fault(scope, errno);
    }
    *ret_stored = name;
    return ERR_OK;
}

void export_file_drop(struct scope *scope, struct catalog *catalog, str stored)
{
    unlink(path_of(scope, catalog, stored).p);
}

/* ---- keeping ---- */

static enum err read_part(struct scope *scope, int from, char *bytes, size_t *ret_n)
{
    for (*ret_n = 0; *ret_n < PART_BYTES;) {
        ssize_t n = read(from, bytes + *ret_n, PART_BYTES - *ret_n);
        if (n < 0 && errno != EINTR) {
            return export_file_fault(scope, errno);
        }
        if (n == 0) {
            break;
        }
        *ret_n += n > 0 ? (size_t)n : 0;
    }
    return ERR_OK;
}

/* With memory of its own, because there may be many; each is a transaction, so that nobody waits for all of them. */
static enum err add_part(struct scope *scope, struct catalog *catalog, const struct export_file *file, int64_t part,
                         str bytes)
{
    struct scope work;
    struct db_lease *lease = NULL;
    scope_open(&work);
    work.gone = scope->gone;
    enum err result = db_lease(&work, catalog_database(catalog), &lease);
    if (result == ERR_OK) {
        result = DB_RUN(&work, lease, "insert into export_part (stored, job_id, part, bytes) values (?, ?, ?, ?)",
                        cell_text(file->stored), cell_int(file->job), cell_int(part),
                        cell_bytes((const uint8_t *)bytes.p, bytes.n));
    }
    db_release(lease);
    if (result != ERR_OK) {
        result = fail_again(scope, result, &work.failure);
    }
    scope_close(&work);
    return result;
}

static enum err add_parts(struct scope *scope, struct catalog *catalog, const struct export_file *file, int from)
{
    char *bytes = arena_alloc(&scope->arena, PART_BYTES);
    size_t n = PART_BYTES;
    for (int64_t part = 0; n == PART_BYTES; part++) {
        TRY(read_part(scope, from, bytes, &n));
        TRY(add_part(scope, catalog, file, part, (str){bytes, n}));
    }
    return ERR_OK;
}

static enum err move_to_database(struct scope *scope, struct catalog *catalog, const struct export_file *file)
{
    str path = path_of(scope, catalog, file->stored);
    int from = open(path.p, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        return export_file_fault(scope, errno);
    }
    enum err result = add_parts(scope, catalog, file, from);
    close(from);
    unlink(path.p);
    return result;
}

enum err export_file_keep(struct scope *scope, struct catalog *catalog, const struct export_file *file)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    if (is_in_database(catalog)) {
        TRY(move_to_database(scope, catalog, file));
    }
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(DB_RUN(scope, lease, "delete from export_file where job_id = ?", cell_int(file->job)));
    TRY(DB_RUN(scope, lease,
               "insert into export_file (job_id, user_id, name, content_type, bytes, stored, created, expires)"
               " values (?, ?, ?, ?, ?, ?, ?, ?)",
               cell_int(file->job), cell_int(file->user), cell_text(file->name), cell_text(file->content_type),
               cell_int(file->bytes), cell_text(file->stored), cell_instant(file->created),
               cell_instant(file->expires)));
    return db_commit(scope, lease);
}

/* ---- reading ---- */

enum err export_file_find(struct scope *scope, struct catalog *catalog, int64_t job, bool *ret_found,
                          struct export_file *ret_file)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    struct arena *arena = &scope->arena;
    usec now;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(job_now(scope, lease, &now));
    struct sql sql = STATEMENT(arena,
                               "select job_id, user_id, bytes, name, content_type, stored, created, expires"
                               " from export_file where job_id = ? and expires > ?",
                               cell_int(job), cell_instant(now));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    *ret_found = row != NULL;
    if (row) {
        *ret_file = (struct export_file){row_number(row, 0), row_number(row, 1), row_number(row, 2),
                                         row_text(arena, row, 3), row_text(arena, row, 4), row_text(arena, row, 5),
                                         row_number(row, 6), row_number(row, 7)};
    }
    return ERR_OK;
}

static enum err write_bytes(struct scope *scope, int to, str bytes)
{
    while (bytes.n) {
        ssize_t n = write(to, bytes.p, bytes.n);
        if (n < 0 && errno != EINTR) {
            return export_file_fault(scope, errno);
        }
        bytes = str_slice(bytes, n > 0 ? (size_t)n : 0, bytes.n);
    }
    return ERR_OK;
}

static enum err read_parts(struct scope *scope, struct catalog *catalog, const struct export_file *file, int to)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena, "select bytes from export_part where stored = ? order by part",
                               cell_text(file->stored));
    int64_t bytes = 0;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        cell piece = column_cell(&row->columns[0], 0);
        bytes += piece.type == CELL_BYTES ? (int64_t)piece.text.n : 0;
        TRY(write_bytes(scope, to, piece.type == CELL_BYTES ? piece.text : S("")));
    }
    return bytes == file->bytes ? ERR_OK
                                : fail(scope, ERR_FILE, "The exported file is not all there any more.");
}

/* A copy without a name, which goes when it is closed. */
static enum err copy_from_database(struct scope *scope, struct catalog *catalog, const struct export_file *file,
                                   int *ret_descriptor)
{
    str stored;
    int to;
    TRY(export_file_make(scope, catalog, file->job, &stored, &to));
    int from = open(path_of(scope, catalog, stored).p, O_RDONLY | O_CLOEXEC);
    int cause = errno;
    export_file_drop(scope, catalog, stored);
    enum err result = from < 0 ? export_file_fault(scope, cause) : read_parts(scope, catalog, file, to);
    close(to);
    if (result == ERR_OK) {
        *ret_descriptor = from;
    } else if (from >= 0) {
        close(from);
    }
    return result;
}

enum err export_file_open(struct scope *scope, struct catalog *catalog, const struct export_file *file,
                          int *ret_descriptor)
{
    if (is_in_database(catalog)) {
        return copy_from_database(scope, catalog, file, ret_descriptor);
    }
    *ret_descriptor = open(path_of(scope, catalog, file->stored).p, O_RDONLY | O_CLOEXEC);
    return *ret_descriptor >= 0 ? ERR_OK
                                : fail_with_cause(scope, ERR_FILE, str_from(strerror(errno)),
                                                  "The exported file cannot be read.");
}

/* ---- upkeep ---- */

/* Whether a file of the directory belongs to a row, or to a job that runs. */
static enum err is_needed(struct scope *scope, struct catalog *catalog, const char *name, bool *ret_is)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    str text = str_from(name);
    size_t dash = str_find_char(text, '-', 0);
    cell count;
    int64_t job;
    *ret_is = false;
    if (dash == SIZE_MAX || !num_read_int(str_slice(text, 0, dash), &job)) {
        return ERR_OK;
    }
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &count,
               "select (select count(*) from export_file where stored = ?)"
               " + (select count(*) from job where id = ? and state = 'running')",
               cell_text(text), cell_int(job)));
    *ret_is = count.number > 0;
    return ERR_OK;
}

static enum err clean_directory(struct scope *scope, struct catalog *catalog)
{
    DIR *directory = opendir(path_of(scope, catalog, S("")).p);
    struct dirent *entry;
    enum err result = ERR_OK;
    while (directory && result == ERR_OK && (entry = readdir(directory))) {
        bool is_kept = true;
        if (entry->d_name[0] != '.') {
            result = is_needed(scope, catalog, entry->d_name, &is_kept);
        }
        if (result == ERR_OK && !is_kept) {
            export_file_drop(scope, catalog, str_from(entry->d_name));
        }
    }
    if (directory) {
        closedir(directory);
    }
    return result;
}

enum err export_upkeep(struct scope *scope, struct catalog *catalog)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    usec now;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(job_now(scope, lease, &now));
    TRY(DB_RUN(scope, lease, "delete from export_file where expires <= ?", cell_instant(now)));
    if (is_in_database(catalog)) {
        TRY(db_script(scope, lease,
                      "delete from export_part where not exists (select 1 from export_file where"
                      " export_file.stored = export_part.stored) and not exists (select 1 from job where"
                      " job.id = export_part.job_id and job.state = 'running')"));
    }
    TRY(db_commit(scope, lease));
    db_release(lease);
    lease = NULL;
    return clean_directory(scope, catalog);
}
