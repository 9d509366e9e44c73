/* Rows of the services: the same tables on both sides, so that rows are copied by the names of their columns. */
#include "base/buf.h"
#include "base/utf8.h"
#include "domain/transfer/internal.h"
#include "platform/db/statement.h"

#define ROWS_MOST 100 /* of one statement */
#define BYTES_MOST ((size_t)1 << 20)

struct copy {
    struct scope *scope;
    struct transfer *transfer;
    struct db_lease *from, *to;
};

/* ---- a table ---- */

/* Rows on their way into a table. */
struct filling {
    struct copy *copy;
    struct scope part; /* holds what is not yet written */
    str table;
    struct cursor *cursor;
    struct sql insert;
    size_t rows;
};

static void begin_insert(struct filling *filling)
{
    scope_open(&filling->part);
    filling->insert = sql_in(&filling->part.arena);
    filling->rows = 0;
    sql_text(&filling->insert, "insert into ");
    sql_name(&filling->insert, filling->table);
    sql_text(&filling->insert, " (");
    for (size_t i = 0; i < cursor_column_count(filling->cursor); i++) {
        sql_text_constant(&filling->insert, i ? S(", ") : S(""));
        sql_name(&filling->insert, cursor_column_name(filling->cursor, i));
    }
    sql_text(&filling->insert, ") values ");
}

static enum err end_insert(struct filling *filling)
{
    enum err result = ERR_OK;
    if (filling->rows) {
        result = db_execute(&filling->part, filling->copy->to, &filling->insert);
    }
    return transfer_part_end(filling->copy->scope, &filling->part, result);
}

/* PostgreSQL has only texts of UTF-8, without U+0000; names of files need not be such. */
static str storable(struct arena *arena, str text)
{
    struct buf replaced cleanup_with(buf_cleanup) = {0};
    if (utf8_is_valid(text)) {
        return str_copy(arena, text);
    }
    for (size_t at = 0; at < text.n;) {
        size_t n = 1;
        while (n < 4 && at + n <= text.n && !utf8_is_valid(str_slice(text, at, at + n))) {
            n++;
        }
        str one = str_slice(text, at, at + n);
        bool is_good = n <= text.n - at && utf8_is_valid(one);
        buf_add(&replaced, is_good ? one : S("\xef\xbf\xbd"));
        at += is_good ? n : 1;
    }
    return buf_copy(&replaced, arena);
}

static void add_row(struct filling *filling, const struct batch *row)
{
    struct arena *arena = &filling->part.arena;
    bool to_postgres = filling->copy->transfer->to.store->url != NULL;
    sql_text_constant(&filling->insert, filling->rows++ ? S(", (") : S("("));
    for (size_t i = 0; i < row->column_count; i++) {
        cell value = column_cell(&row->columns[i], 0);
        if (value.type == CELL_TEXT && to_postgres) {
            value.text = storable(arena, value.text);
        } else if (value.type == CELL_TEXT || value.type == CELL_BYTES) {
            value.text = value.text.n ? str_copy(arena, value.text) : S("");
        }
        sql_text_constant(&filling->insert, i ? S(", ") : S(""));
        sql_bind(&filling->insert, value);
    }
    sql_text(&filling->insert, ")");
}

static enum err fill(struct filling *filling)
{
    struct scope *scope = filling->copy->scope;
    begin_insert(filling);
    for (;;) {
        const struct batch *row;
        enum err result = cursor_next(scope, filling->cursor, &row);
        if (result != ERR_OK || !row) {
            enum err ended = end_insert(filling);
            return result != ERR_OK ? result : ended;
        }
        add_row(filling, row);
        filling->copy->transfer->result.rows++;
        *transfer_rows(filling->copy->transfer) += 1;
        if (filling->rows == ROWS_MOST || filling->part.arena.used_bytes > BYTES_MOST) {
            TRY(end_insert(filling));
            begin_insert(filling);
        }
    }
}

static enum err copy_table(struct copy *copy, str table)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql clear = sql_in(&copy->scope->arena);
    struct sql select = sql_in(&copy->scope->arena);
    sql_text(&clear, "delete from "); /* what a new table has from the start */
    sql_name(&clear, table);
    TRY(db_execute(copy->scope, copy->to, &clear));
    sql_text(&select, "select * from ");
    sql_name(&select, table);
    TRY(db_run(copy->scope, copy->from, &select, &cursor));
    struct filling filling = {.copy = copy, .table = table, .cursor = cursor};
    return fill(&filling);
}

/* ---- numbers that come next ---- */

static str sequence_name(struct arena *arena, const struct stored_table *table)
{
    return str_printf(arena, "parvis.\"%s\"", table->name);
}

/* The last number that was given, also to a row that is gone. */
static enum err read_last(struct copy *copy, const struct stored_table *table, int64_t *ret_last)
{
    struct scope *scope = copy->scope;
    cell last;
    if (db_lease_engine(copy->from) == DB_POSTGRES) {
        TRY(DB_ASK(scope, copy->from, &last,
                   "select pg_sequence_last_value(pg_get_serial_sequence(?, ?)::regclass)",
                   cell_text(sequence_name(&scope->arena, table)), cell_text(str_from(table->given))));
    } else {
        TRY(DB_ASK(scope, copy->from, &last, "select seq from sqlite_sequence where name = ?",
                   cell_text(str_from(table->name))));
    }
    *ret_last = last.type == CELL_INT ? last.number : 0;
    return ERR_OK;
}

static enum err write_last(struct copy *copy, const struct stored_table *table, int64_t last)
{
    struct scope *scope = copy->scope;
    cell name = cell_text(str_from(table->name));
    if (last == 0) {
        return ERR_OK;
    }
    if (db_lease_engine(copy->to) == DB_POSTGRES) {
        return DB_RUN(scope, copy->to, "select setval(pg_get_serial_sequence(?, ?)::regclass, ?)",
                      cell_text(sequence_name(&scope->arena, table)), cell_text(str_from(table->given)),
                      cell_int(last));
    }
    TRY(DB_RUN(scope, copy->to, "delete from sqlite_sequence where name = ?", name));
    return DB_RUN(scope, copy->to, "insert into sqlite_sequence (name, seq) values (?, ?)", name,
                  cell_int(last));
}

/* ---- all ---- */

static enum err copy_one(struct scope *scope, void *user, const struct stored_table *table)
{
    struct copy *copy = user;
    int64_t last;
    (void)scope;
    TRY(copy_table(copy, str_from(table->name)));
    if (!table->given) {
        return ERR_OK;
    }
    TRY(read_last(copy, table, &last));
    return write_last(copy, table, last);
}

/*
 * Generations go on where they were. Not the identity: what nodes keep of the origin is of another catalogue
 * as soon as either of the two changes.
 */
static enum err copy_state(struct copy *copy)
{
    static const char *const keys[] = {"generation", "pruned"};
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        cell value;
        cell key = cell_text(str_from(keys[i]));
        TRY(DB_ASK(copy->scope, copy->from, &value, "select value from state where key = ?", key));
        TRY(DB_RUN(copy->scope, copy->to, "update state set value = ? where key = ?",
                   cell_int(value.number), key));
    }
    return DB_RUN(copy->scope, copy->to, "delete from state where key = ?", /* made anew when it is opened */
                  cell_text(S("search_format")));
}

enum err rows_copy(struct scope *scope, struct transfer *transfer, struct db_lease *from,
                   struct db_lease *to)
{
    struct copy copy = {scope, transfer, from, to};
    transfer_phase(transfer, "rows", 0);
    TRY(copy_state(&copy));
    return transfer_each_table(scope, &copy, copy_one);
}
