/* Loads small files and shows what became of them. */
#ifndef TESTS_UNIT_INGEST_LOADER_H
#define TESTS_UNIT_INGEST_LOADER_H

#include "../directory.h"

#include "base/date.h"
#include "base/num.h"
#include "domain/ingest/ingest.h"
#include "domain/records/index.h"
#include "platform/geometry/geometry.h"

/* One load and the scope everything lives in. */
struct loader {
    struct scope scope;
    struct directory directory;
    struct ingest_options options; /* the caller may change it before loader_run */
    struct ingest_result result;
};

/* Opening an engine takes as long as a load; one serves all loads of a program in turn. */
static struct {
    struct scope scope;
    struct indexer *indexer;
    struct db *db;
    struct ingest_progress progress;
} engine;

static inline int engine_open(void **state)
{
    (void)state;
    struct scope *scope = &engine.scope;
    size_t shared_count;
    size_t own_count;
    scope_open(scope);
    engine.indexer = indexer_new();
    const struct db_function *shared = indexer_functions(engine.indexer, &shared_count);
    const struct db_function *own =
        ingest_functions(&scope->arena, &engine.progress, &own_count);
    struct db_function *functions =
        arena_array(&scope->arena, struct db_function, shared_count + own_count);
    memcpy(functions, shared, shared_count * sizeof(*shared));
    memcpy(functions + shared_count, own, own_count * sizeof(*own));
    struct db_options options = {.engine = DB_DUCKDB,
                                 .connections = 1,
                                 .threads = 1,
                                 .functions = functions,
                                 .function_count = shared_count + own_count};
    check_ok("engine", scope, db_open(scope, &options, &engine.db));
    return 0;
}

static inline int engine_close(void **state)
{
    (void)state;
    db_close(engine.db);
    indexer_free(engine.indexer);
    scope_close(&engine.scope);
    return 0;
}

/* As a fresh engine has it: no tables, nothing attached. */
static inline void engine_clear(struct scope *scope)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    check_ok("clear", scope, db_lease(scope, engine.db, &lease));
    check_ok("clear", scope,
             db_script(scope, lease,
                       "drop table if exists records; drop table if exists added;"
                       "drop table if exists raw; drop table if exists rejected;"
                       "drop table if exists reject_errors; drop table if exists reject_scans;"
                       "detach database if exists kept"));
}

static inline void loader_open(struct loader *loader, const char *format, str bytes)
{
    *loader = (struct loader){0};
    scope_open(&loader->scope);
    engine_clear(&loader->scope);
    directory_make(&loader->directory);
    const char *path = directory_file(&loader->scope, &loader->directory, "file");
    file_write(path, bytes);
    loader->options = (struct ingest_options){
        .path = path, .shown_path = "file", .format = format, .progress = &engine.progress};
}

static inline enum err loader_run(struct loader *loader)
{
    return ingest_load(&loader->scope, engine.db, &loader->options, &loader->result);
}

static inline void loader_close(struct loader *loader)
{
    directory_remove(&loader->directory);
    scope_close(&loader->scope);
}

/** "name:type name:type[]" */
static inline str loader_fields(struct loader *loader)
{
    struct buf out = {0};
    for (size_t i = 0; i < loader->result.schema.count; i++) {
        const struct field *field = &loader->result.schema.fields[i];
        buf_printf(&out, "%s%.*s:%.*s%s", i ? " " : "", STR_ARG(field->name),
                   STR_ARG(field_type_text(field->type)), field_is_list(field) ? "[]" : "");
    }
    str text = buf_copy(&out, &loader->scope.arena);
    buf_done(&out);
    return text;
}

/** Notes, each with a new line behind it. */
static inline str loader_notes(struct loader *loader)
{
    str all = S("");
    for (size_t i = 0; i < loader->result.note_count; i++) {
        all = str_printf(&loader->scope.arena, "%.*s%.*s\n", STR_ARG(all),
                         STR_ARG(loader->result.notes[i].text));
    }
    return all;
}

static inline void loader_add_list(const struct column *column, size_t row, struct buf *out)
{
    struct span span = column->lists[row];
    buf_add_char(out, '[');
    for (uint64_t i = 0; i < span.count; i++) {
        str item = column->items[span.from + i];
        buf_add(out, i ? S(",") : S(""));
        buf_add(out, item.p ? item : S("null"));
    }
    buf_add_char(out, ']');
}

static inline void loader_add_value(const struct column *column, size_t row, struct buf *out)
{
    char text[DATE_TEXT_BYTES];
    if (column_is_null(column, row)) {
        buf_add(out, S("null"));
        return;
    }
    if (column->type == CELL_TEXT_LIST) {
        loader_add_list(column, row, out);
        return;
    }
    cell value = column_cell(column, row);
    switch (value.type) {
    case CELL_BOOL:
        buf_add(out, value.truth ? S("true") : S("false"));
        break;
    case CELL_INT:
        buf_add_int(out, value.number);
        break;
    case CELL_DOUBLE:
        buf_add(out, (str){text, num_write_double(text, value.real)});
        break;
    case CELL_DATE:
        buf_add(out, (str){text, date_write_day(text, value.days)});
        break;
    case CELL_INSTANT:
        buf_add(out, (str){text, date_write_instant(text, value.instant, 0)});
        break;
    case CELL_BYTES:
        assert_true(geometry_write_json(value.text, out));
        break;
    default:
        buf_printf(out, "'%.*s'", STR_ARG(value.text));
    }
}

/** Rows of a constant query, values joined by ' ', rows by '\n'. */
static inline str loader_rows(struct loader *loader, const char *query)
{
    struct scope *scope = &loader->scope;
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    struct buf out = {0};
    const struct batch *batch;
    sql_text_constant(&sql, str_from(query));
    check_ok(query, scope, db_lease(scope, engine.db, &lease));
    check_ok(query, scope, db_run(scope, lease, &sql, &cursor));
    for (;;) {
        check_ok(query, scope, cursor_next(scope, cursor, &batch));
        if (!batch) {
            break;
        }
        for (size_t row = 0; row < batch->rows; row++) {
            for (size_t i = 0; i < batch->column_count; i++) {
                buf_add(&out, i ? S(" ") : S(""));
                loader_add_value(&batch->columns[i], row, &out);
            }
            buf_add_char(&out, '\n');
        }
    }
    str text = buf_copy(&out, &scope->arena);
    buf_done(&out);
    return text;
}

#define LOADER_ALL "select * exclude (\"_key\") from records"

#endif
