#include "domain/catalog/search.h"

#include "domain/catalog/search_near.h"
#include "domain/catalog/search_text.h"
#include "platform/db/statement.h"

/* Of the index; raised when other tokens are made, so that it is made anew. */
#define SEARCH_FORMAT 1

static const char index_tables[] =
    "drop table if exists search;"
    "create virtual table search using fts5(title, keyword, publisher, labels, other, description,"
    " tokenize = 'ascii', prefix = '1 2 3 4 5')";

static enum err insert(struct scope *scope, struct db_lease *lease, int64_t number,
                       const struct search_text *text)
{
    cell parts[PART__COUNT];
    for (size_t i = 0; i < PART__COUNT; i++) {
        parts[i] = cell_text(text->parts[i].n ? buf_str(&text->parts[i]) : S(""));
    }
    return DB_RUN(scope, lease,
                  "insert into search (rowid, title, keyword, publisher, labels, other, description) "
                  "values (?, ?, ?, ?, ?, ?, ?)",
                  cell_int(number), parts[PART_TITLE], parts[PART_KEYWORD], parts[PART_PUBLISHER],
                  parts[PART_LABELS], parts[PART_OTHER], parts[PART_DESCRIPTION]);
}

enum err search_index(struct scope *scope, struct db_lease *lease, const struct search_stored *stored,
                      bool is_new)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    json_t *fields cleanup_with(json_cleanup) = NULL;
    struct schema schema;
    struct search_text text;
    TRY(json_read(scope, ERR_DATABASE, stored->metadata, "stored metadata", &metadata));
    TRY(json_read(scope, ERR_DATABASE, stored->fields, "stored fields", &fields));
    TRY(schema_read(scope, fields, &schema));
    search_text_make(scope, stored->id, &schema, metadata, &text);
    enum err result = insert(scope, lease, stored->number, &text);
    for (size_t i = 0; i < PART__COUNT && is_new && result == ERR_OK; i++) {
        result = search_add_words(scope, lease, buf_str(&text.parts[i]));
    }
    search_text_done(&text);
    return result;
}

/* The first dataset after a number, or the one of an id. */
static enum err read_stored(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                            struct search_stored *ret_stored, bool *ret_found)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    TRY(db_run(scope, lease, sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    *ret_found = row != NULL;
    if (row) {
        struct arena *arena = &scope->arena;
        *ret_stored = (struct search_stored){row_number(row, 0), row_text(arena, row, 1),
                                      row_text(arena, row, 2), row_text(arena, row, 3)};
    }
    return ERR_OK;
}

/* With memory of its own, because there may be many. */
static enum err index_next(struct scope *scope, struct db_lease *lease, int64_t *number,
                           bool *ret_found)
{
    struct scope work;
    struct search_stored stored;
    scope_open(&work);
    struct sql sql = STATEMENT(&work.arena,
                               "select number, id, metadata, fields from dataset where number > ? "
                               "order by number limit 1",
                               cell_int(*number));
    enum err result = read_stored(&work, lease, &sql, &stored, ret_found);
    if (result == ERR_OK && *ret_found) {
        *number = stored.number;
        result = search_index(&work, lease, &stored, false);
    }
    if (result != ERR_OK) {
        result = fail_as(scope, result, &work.failure);
    }
    scope_close(&work);
    return result;
}

enum err search_is_current(struct scope *scope, struct db_lease *lease, bool *ret_is)
{
    cell format;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select value from state where key = 'search_format'");
    TRY(db_query_cell(scope, lease, &sql, &format));
    *ret_is = format.type == CELL_INT && format.number == SEARCH_FORMAT;
    return ERR_OK;
}

enum err search_set_current(struct scope *scope, struct db_lease *lease)
{
    return DB_RUN(scope, lease, "insert or replace into state values ('search_format', ?)",
                  cell_int(SEARCH_FORMAT));
}

enum err search_make(struct scope *scope, struct db_lease *lease)
{
    return db_script(scope, lease, index_tables);
}

static enum err rebuild(struct scope *scope, struct db_lease *lease)
{
    bool is_made;
    int64_t number = 0;
    TRY(search_is_current(scope, lease, &is_made)); /* another process may have been faster */
    if (is_made) {
        return db_script(scope, lease, "commit");
    }
    TRY(search_make(scope, lease));
    for (bool found = true; found;) {
        TRY(index_next(scope, lease, &number, &found));
    }
    TRY(search_list_words(scope, lease));
    TRY(search_set_current(scope, lease));
    return db_script(scope, lease, "commit");
}

enum err search_prepare(struct scope *scope, struct db_lease *lease)
{
    bool is_made;
    TRY(search_is_current(scope, lease, &is_made));
    if (is_made) {
        return ERR_OK;
    }
    TRY(db_script(scope, lease, "begin immediate"));
    return rebuild(scope, lease);
}

enum err search_forget(struct scope *scope, struct db_lease *lease, str id)
{
    if (db_lease_engine(lease) != DB_SQLITE) {
        return ERR_OK; /* search_follow will see it */
    }
    return DB_RUN(scope, lease,
                  "delete from search where rowid = (select number from dataset where id = ?)",
                  cell_text(id));
}

enum err search_update(struct scope *scope, struct db_lease *lease, str id)
{
    struct search_stored stored;
    bool found;
    struct sql sql = STATEMENT(&scope->arena,
                               "select number, id, metadata, fields from dataset where id = ?",
                               cell_text(id));
    if (db_lease_engine(lease) != DB_SQLITE) {
        return ERR_OK;
    }
    TRY(search_forget(scope, lease, id));
    TRY(read_stored(scope, lease, &sql, &stored, &found));
    return found ? search_index(scope, lease, &stored, true) : ERR_OK;
}
