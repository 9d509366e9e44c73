#include "base/log.h"
#include "base/vec.h"
#include "domain/privacy/internal.h"

/* Neither can be a cookie's name: parentheses are not of its alphabet. */
#define NAME_EMPTY S("(empty)")
#define NAME_OTHERS S("(others)")

/* Letters, digits and the marks that a token may have (RFC 9110 section 5.6.2). */
static bool is_token(char c)
{
    return is_ascii_letter(c) || is_ascii_digit(c) ||
           (c && str_find_char(S("!#$%&'*+-.^_`|~"), c, 0) != SIZE_MAX);
}

/* A name as it is shown: cut, and without anything that could be markup or a command to a terminal.
 */
static size_t clean(str name, char ret_name[UNKNOWN_NAME_BYTES])
{
    if (name.n == 0) {
        name = NAME_EMPTY;
        memcpy(ret_name, name.p, name.n);
        return name.n;
    }
    size_t n = name.n < UNKNOWN_NAME_BYTES ? name.n : UNKNOWN_NAME_BYTES;
    for (size_t i = 0; i < n; i++) {
        ret_name[i] = is_token(name.p[i]) ? name.p[i] : '?';
    }
    return n;
}

static struct unknown_count *place_of(struct unknown_table *table, str name)
{
    uint64_t hash = str_hash(name);
    for (size_t i = 0; i < table->count; i++) {
        struct unknown_count *row = &table->rows[i];
        if (row->hash == hash && str_eq((str){row->name, row->length}, name)) {
            return row;
        }
    }
    if (table->count >= UNKNOWN_NAMES && !str_eq(name, NAME_OTHERS)) {
        return place_of(table, NAME_OTHERS);
    }
    bug_if(table->count >= ARRAY_LENGTH(table->rows));
    struct unknown_count *row = &table->rows[table->count++];
    *row = (struct unknown_count){.hash = hash, .length = name.n};
    memcpy(row->name, name.p, name.n);
    return row;
}

void privacy_notice_unknown(struct privacy *privacy, str name)
{
    char text[UNKNOWN_NAME_BYTES];
    usec now = clock_wall();
    size_t n = clean(name, text);
    pthread_mutex_lock(&privacy->unknown.mutex);
    struct unknown_count *row = place_of(&privacy->unknown, (str){text, n});
    row->first = row->count ? row->first : now;
    row->last = now;
    row->count++;
    pthread_mutex_unlock(&privacy->unknown.mutex);
}

static enum err write_row(struct scope *scope, struct db_lease *lease,
                          const struct unknown_count *row)
{
    return DB_RUN(scope, lease,
                  "insert into unknown_cookie (name, count, first, last) values (?, ?, ?, ?)"
                  " on conflict (name) do update set count = unknown_cookie.count + excluded.count,"
                  " first = case when unknown_cookie.first < excluded.first then unknown_cookie.first"
                  " else excluded.first end, last = case when unknown_cookie.last > excluded.last"
                  " then unknown_cookie.last else excluded.last end",
                  cell_text((str){row->name, row->length}), cell_int(row->count),
                  cell_int(row->first), cell_int(row->last));
}

static enum err write_rows(struct scope *scope, struct privacy *privacy,
                           const struct unknown_count *rows, size_t count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, privacy->db, &lease));
    for (size_t i = 0; i < count; i++) {
        TRY(write_row(scope, lease, &rows[i]));
    }
    /* What many browsers send stays; noise that somebody makes up goes first. */
    TRY(DB_RUN(scope, lease,
               "delete from unknown_cookie where name not in (select name from unknown_cookie"
               " order by count desc, last desc, name limit ?)",
               cell_int(UNKNOWN_NAMES)));
    return db_commit(scope, lease);
}

/* Counts that could not be written go back to what came since. */
static void give_back(struct unknown_table *table, const struct unknown_count *rows, size_t count)
{
    pthread_mutex_lock(&table->mutex);
    for (size_t i = 0; i < count; i++) {
        struct unknown_count *row = place_of(table, (str){rows[i].name, rows[i].length});
        row->last = row->count && row->last > rows[i].last ? row->last : rows[i].last;
        row->first = row->count && row->first < rows[i].first ? row->first : rows[i].first;
        row->count += rows[i].count;
    }
    pthread_mutex_unlock(&table->mutex);
}

static enum err unknown_flush(struct scope *scope, struct privacy *privacy)
{
    struct unknown_table *table = &privacy->unknown;
    pthread_mutex_lock(&table->mutex);
    size_t count = table->count;
    struct unknown_count *rows = arena_array(&scope->arena, struct unknown_count, count + 1);
    memcpy(rows, table->rows, count * sizeof(*rows));
    table->count = 0;
    pthread_mutex_unlock(&table->mutex);
    if (count == 0) {
        return ERR_OK;
    }
    enum err result = write_rows(scope, privacy, rows, count);
    if (result != ERR_OK) {
        give_back(table, rows, count);
    }
    return result;
}

void privacy_upkeep(struct scope *scope, struct privacy *privacy)
{
    if (unknown_flush(scope, privacy) != ERR_OK) {
        log_event(EV_PRIVACY_FAILED, "names of unknown cookies were not written: %.*s",
                  STR_ARG(scope->failure.message));
        scope_forgive(scope);
    }
}

enum err privacy_unknown_cookies(struct scope *scope, struct privacy *privacy,
                                 const struct unknown_cookie **ret_rows, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct unknown_cookie) rows = {0};
    struct sql sql = STATEMENT(&scope->arena,
                               "select name, count, first, last from unknown_cookie"
                               " order by count desc, last desc, name");
    TRY(unknown_flush(scope, privacy));
    TRY(db_lease(scope, privacy->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct unknown_cookie cookie = {.name = row_text(&scope->arena, row, 0),
                                        .count = row_number(row, 1),
                                        .first = row_number(row, 2),
                                        .last = row_number(row, 3)};
        vec_add(&scope->arena, &rows, cookie);
    }
    *ret_rows = rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}
