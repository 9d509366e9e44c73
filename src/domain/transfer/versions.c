#include <errno.h>
#include <unistd.h>

#include "domain/records/records.h"
#include "domain/records/version.h"
#include "domain/transfer/internal.h"
#include "platform/db/statement.h"

#define ALIAS S("version")

/* ---- the list ---- */

/* Ids of the current version are made of the fields that the dataset has now. */
enum err versions_list(struct scope *scope, struct db_lease *lease, const struct version_row **ret_rows,
                       size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct version_row) rows = {0};
    struct arena *arena = &scope->arena;
    struct sql sql = STATEMENT(arena, "select dataset.id, version.uid, version.number, version.records "
                                      "from version join dataset on dataset.uid = version.uid "
                                      "order by dataset.id, version.number");
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(arena, &rows,
                ((struct version_row){.dataset = row_text(arena, row, 0), .uid = row_text(arena, row, 1),
                                      .number = row_number(row, 2), .records = row_number(row, 3)}));
    }
    *ret_rows = rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

/* False: it has been removed since. */
static enum err read_schema(struct scope *scope, struct transfer *transfer,
                            const struct version_row *row, struct schema *ret_schema, bool *ret_found)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    json_t *fields cleanup_with(json_cleanup) = NULL;
    cell text;
    TRY(db_lease(scope, transfer->from.rows, &lease));
    TRY(DB_ASK(scope, lease, &text,
               "select case when dataset.version = version.number then dataset.fields else version.fields end "
               "from version join dataset on dataset.uid = version.uid "
               "where version.uid = ? and version.number = ?",
               cell_text(row->uid), cell_int(row->number)));
    *ret_found = text.type == CELL_TEXT;
    if (!*ret_found) {
        return ERR_OK;
    }
    TRY(json_read(scope, ERR_DATABASE, text.text, "stored fields", &fields));
    return schema_read(scope, fields, ret_schema);
}

/* ---- both ends of a version ---- */

struct one {
    struct scope *scope; /* of this version */
    struct transfer *transfer;
    const struct version_row *row;
    struct schema schema;
    const char *title; /* "lamps, version 3" */
    struct db_lease *files, *postgres;
};

static enum err detach(struct one *one)
{
    struct sql sql = sql_in(&one->scope->arena);
    sql_text(&sql, "detach database if exists ");
    sql_name(&sql, ALIAS);
    return db_execute(one->scope, one->files, &sql);
}

/* The version's file in the directory of whichever end has one. */
static enum err attach(struct one *one, const struct end *end)
{
    struct sql sql = sql_in(&one->scope->arena);
    str path = catalog_version_path(&one->scope->arena, end->store->data_directory, one->row->uid,
                                    one->row->number);
    TRY(detach(one));
    if (access(path.p, R_OK) != 0) {
        return fail(one->scope, ERR_FILE, "%s: the file of %s cannot be read (%s)", path.p, one->title,
                    strerror(errno));
    }
    sql_text(&sql, "attach ");
    sql_file_name(&sql, path);
    sql_text(&sql, " as ");
    sql_name(&sql, ALIAS);
    sql_text(&sql, " (read_only)");
    return db_execute(one->scope, one->files, &sql);
}

static void show(struct one *one, const char *doing)
{
    transfer_phase(one->transfer, doing, one->row->records);
}

static enum err sum(struct one *one, const struct end *end, const char *doing, struct noted *ret_sum)
{
    bool is_postgres = end->store->url != NULL;
    struct version_table table = {.lease = is_postgres ? one->postgres : one->files,
                                  .database = ALIAS,
                                  .schema = &one->schema,
                                  .uid = one->row->uid,
                                  .number = one->row->number,
                                  .has_ids = one->transfer->to.store->url != NULL};
    show(one, doing);
    if (!is_postgres) {
        TRY(attach(one, end));
    }
    return checksum_version(one->scope, &table, transfer_rows(one->transfer), ret_sum);
}

/* ---- copying ---- */

static enum err send(struct one *one, struct noted *noted)
{
    struct transfer *transfer = one->transfer;
    struct postgres_copy copy = {&one->schema, one->row->uid, one->row->number,
                                 transfer->to.store->distributed_rows, transfer_rows(transfer)};
    TRY(attach(one, &transfer->from));
    return postgres_send(one->scope, one->files, ALIAS, one->postgres, &copy, &noted->bytes);
}

/* Keys are made of the values, which differ where U+0000 was replaced. */
static enum err make_keys(struct one *one, struct db_lease *lease)
{
    struct sql sql = sql_in(&one->scope->arena);
    sql_text(&sql, "update records set \"_key\" = ");
    records_key_expression(&sql, &one->schema);
    sql_text(&sql, " where \"_key\" is distinct from ");
    records_key_expression(&sql, &one->schema);
    return db_execute(one->scope, lease, &sql);
}

static enum err receive_records(struct one *one, struct version_build *build)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct postgres_copy copy = {&one->schema, one->row->uid, one->row->number, 0,
                                 transfer_rows(one->transfer)};
    TRY(db_lease(one->scope, version_db(build), &lease));
    TRY(postgres_receive(one->scope, one->postgres, lease, &copy));
    return make_keys(one, lease);
}

static enum err receive(struct one *one, struct noted *noted)
{
    const struct transfer_options *options = one->transfer->options;
    struct version_build *build cleanup_with(version_cleanup) = NULL;
    struct version_options version = {.store = one->transfer->to.store,
                                      .uid = one->row->uid,
                                      .number = one->row->number,
                                      .memory_bytes = options->memory_bytes,
                                      .threads = options->threads};
    TRY(detach(one));
    TRY(version_begin(one->scope, &version, &build));
    TRY(receive_records(one, build));
    show(one, "indexing");
    return version_seal(one->scope, build, &one->schema, &noted->bytes);
}

static bool is_same(const struct noted *a, const struct noted *b)
{
    return a->records == b->records && a->checksum == b->checksum && a->words == b->words;
}

static enum err compare(struct one *one, struct noted *noted)
{
    struct noted original;
    struct noted copy;
    TRY(sum(one, &one->transfer->from, "reading again", &original));
    if (original.records != one->row->records) {
        return fail(one->scope, ERR_DATA,
                    "%s: %lld records are at the origin, its catalogue says %lld; see parvis check there",
                    one->title, (long long)original.records, (long long)one->row->records);
    }
    TRY(sum(one, &one->transfer->to, "comparing", &copy));
    if (!is_same(&original, &copy)) {
        return fail(one->scope, ERR_DATA,
                    "%s: the copy differs from the original (%lld records, %lld words, checksum %016llx; "
                    "copied were %lld, %lld, %016llx); run parvis migrate again",
                    one->title, (long long)original.records, (long long)original.words,
                    (unsigned long long)original.checksum, (long long)copy.records, (long long)copy.words,
                    (unsigned long long)copy.checksum);
    }
    copy.bytes = noted->bytes;
    *noted = copy;
    return ERR_OK;
}

static enum err copy_leased(struct one *one)
{
    struct noted noted = {0};
    show(one, "copying");
    TRY(one->transfer->to.store->url ? send(one, &noted) : receive(one, &noted));
    TRY(compare(one, &noted));
    TRY(ledger_note(one->scope, one->transfer, one->row->uid, one->row->number, &noted));
    transfer_tell(one->transfer, MSG_JOB_LINE_VERSION_COPIED,
                  SAYS(ARG_TEXT("dataset", one->row->dataset), argument_digits(&one->scope->arena, "version", one->row->number),
                       argument_digits(&one->scope->arena, "records", noted.records)));
    return ERR_OK;
}

/* Compares what is noted with what is there. */
static enum err verify_leased(struct one *one, const struct noted *noted)
{
    struct noted there;
    enum err result = sum(one, &one->transfer->to, "comparing", &there);
    bool is_damaged = result == ERR_FILE || result == ERR_DATABASE || result == ERR_BUSY ||
                      (result == ERR_OK && !is_same(&there, noted));
    if (!is_damaged) {
        return result;
    }
    TRY(scope_check(one->scope));
    scope_forgive(one->scope);
    transfer_tell(one->transfer, MSG_JOB_LINE_VERSION_AGAIN,
                  SAYS(ARG_TEXT("dataset", one->row->dataset), argument_digits(&one->scope->arena, "version", one->row->number)));
    return ledger_forget(one->scope, one->transfer, one->row->uid, one->row->number);
}

/* noted: NULL: copies. */
static enum err with_leases(struct one *one, const struct noted *noted)
{
    struct db_lease *files cleanup_with(db_lease_cleanup) = NULL;
    struct db_lease *postgres cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(one->scope, one->transfer->files, &files));
    TRY(db_lease(one->scope, one->transfer->postgres, &postgres));
    one->files = files;
    one->postgres = postgres;
    enum err result = noted ? verify_leased(one, noted) : copy_leased(one);
    if (result == ERR_OK) {
        result = detach(one);
    }
    return result;
}

static enum err handle(struct one *one, bool copies)
{
    struct noted noted;
    bool is_noted;
    bool is_there;
    TRY(ledger_find(one->scope, one->transfer, one->row->uid, one->row->number, &noted, &is_noted));
    if (is_noted == copies) {
        return ERR_OK;
    }
    TRY(read_schema(one->scope, one->transfer, one->row, &one->schema, &is_there));
    if (!is_there) {
        return ERR_OK;
    }
    enum err result = with_leases(one, copies ? NULL : &noted);
    if (copies && result != ERR_OK) {
        struct scope look;
        struct schema schema;
        transfer_part(one->scope, &look);
        bool was_removed = read_schema(&look, one->transfer, one->row, &schema, &is_there) == ERR_OK &&
                           !is_there;
        scope_close(&look);
        if (was_removed) { /* while it was being copied */
            scope_forgive(one->scope);
            result = ERR_OK;
        }
    }
    return result;
}

static enum err handle_all(struct scope *scope, struct transfer *transfer, bool copies)
{
    struct db_lease *lease = NULL;
    const struct version_row *rows;
    size_t count;
    size_t datasets = 0;
    TRY(db_lease(scope, transfer->from.rows, &lease));
    enum err result = versions_list(scope, lease, &rows, &count);
    db_release(lease);
    TRY(result);
    size_t all = 0;
    for (size_t i = 0; i < count; i++) {
        all += i == 0 || !str_eq(rows[i].uid, rows[i - 1].uid);
    }
    for (size_t i = 0; i < count; i++) {
        struct scope part;
        datasets += i == 0 || !str_eq(rows[i].uid, rows[i - 1].uid);
        transfer_part(scope, &part);
        transfer_place(transfer, datasets, all);
        struct one one = {.scope = &part, .transfer = transfer, .row = &rows[i]};
        one.title = str_printf(&part.arena, "%.*s, version %lld", STR_ARG(rows[i].dataset),
                               (long long)rows[i].number).p;
        result = transfer_keep_duty(&part, transfer);
        if (result == ERR_OK) {
            result = handle(&one, copies);
        }
        TRY(transfer_part_end(scope, &part, result));
    }
    return ERR_OK;
}

enum err versions_verify(struct scope *scope, struct transfer *transfer)
{
    return handle_all(scope, transfer, false);
}

enum err versions_copy(struct scope *scope, struct transfer *transfer)
{
    return handle_all(scope, transfer, true);
}
