#include "domain/catalog/search.h"

#include "base/limits.h"
#include "domain/catalog/catalog.h"
#include "domain/catalog/search_text.h"
#include "platform/db/statement.h"
#include "platform/text/fold.h"
#include "platform/text/stem.h"

/* Of the index; raised when other tokens are made, so that it is made anew. */
#define SEARCH_FORMAT 1

/* More are not compared by relevance: that costs some microseconds each. */
#define RANKED_MOST 1000

/* ---- the index ---- */

static const char index_tables[] =
    "drop table if exists search;"
    "create virtual table search using fts5(title, keyword, publisher, labels, other, description,"
    " tokenize = 'ascii', prefix = '1 2 3')";

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

struct stored {
    int64_t number;
    str id, metadata, fields;
};

static enum err index_stored(struct scope *scope, struct db_lease *lease,
                             const struct stored *stored)
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
    search_text_done(&text);
    return result;
}

/* The first dataset after a number, or the one of an id. */
static enum err read_stored(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                            struct stored *ret_stored, bool *ret_found)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    TRY(db_run(scope, lease, sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    *ret_found = row != NULL;
    if (row) {
        struct arena *arena = &scope->arena;
        *ret_stored = (struct stored){row_number(row, 0), row_text(arena, row, 1),
                                      row_text(arena, row, 2), row_text(arena, row, 3)};
    }
    return ERR_OK;
}

/* With memory of its own, because there may be many. */
static enum err index_next(struct scope *scope, struct db_lease *lease, int64_t *number,
                           bool *ret_found)
{
    struct scope work;
    struct stored stored;
    scope_open(&work);
    struct sql sql = STATEMENT(&work.arena,
                               "select number, id, metadata, fields from dataset where number > ? "
                               "order by number limit 1",
                               cell_int(*number));
    enum err result = read_stored(&work, lease, &sql, &stored, ret_found);
    if (result == ERR_OK && *ret_found) {
        *number = stored.number;
        result = index_stored(&work, lease, &stored);
    }
    if (result != ERR_OK) {
        result = fail_with_cause(scope, result, work.failure.cause, "%.*s",
                                 STR_ARG(work.failure.message));
    }
    scope_close(&work);
    return result;
}

static enum err is_current(struct scope *scope, struct db_lease *lease, bool *ret_is)
{
    cell format;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select value from state where key = 'search_format'");
    TRY(db_query_cell(scope, lease, &sql, &format));
    *ret_is = format.type == CELL_INT && format.number == SEARCH_FORMAT;
    return ERR_OK;
}

static enum err rebuild(struct scope *scope, struct db_lease *lease)
{
    bool is_made;
    int64_t number = 0;
    TRY(is_current(scope, lease, &is_made)); /* another process may have been faster */
    if (is_made) {
        return db_script(scope, lease, "commit");
    }
    TRY(db_script(scope, lease, index_tables));
    for (bool found = true; found;) {
        TRY(index_next(scope, lease, &number, &found));
    }
    TRY(DB_RUN(scope, lease, "insert or replace into state values ('search_format', ?)",
               cell_int(SEARCH_FORMAT)));
    return db_script(scope, lease, "commit");
}

enum err search_prepare(struct scope *scope, struct db_lease *lease)
{
    bool is_made;
    TRY(is_current(scope, lease, &is_made));
    if (is_made) {
        return ERR_OK;
    }
    TRY(db_script(scope, lease, "begin immediate"));
    return rebuild(scope, lease);
}

enum err search_forget(struct scope *scope, struct db_lease *lease, str id)
{
    return DB_RUN(scope, lease,
                  "delete from search where rowid = (select number from dataset where id = ?)",
                  cell_text(id));
}

enum err search_update(struct scope *scope, struct db_lease *lease, str id)
{
    struct stored stored;
    bool found;
    struct sql sql = STATEMENT(&scope->arena,
                               "select number, id, metadata, fields from dataset where id = ?",
                               cell_text(id));
    TRY(search_forget(scope, lease, id));
    TRY(read_stored(scope, lease, &sql, &stored, &found));
    return found ? index_stored(scope, lease, &stored) : ERR_OK;
}

/* ---- queries ---- */

static const char *const part_names[PART__COUNT] = {"title",  "keyword", "publisher",
                                                    "labels", "other",   "description"};

static void add_parts(struct buf *out, unsigned parts)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < PART__COUNT; i++) {
        if (parts >> i & 1) {
            buf_add_char(out, ' ');
            buf_add(out, str_from(part_names[i]));
        }
    }
    buf_add(out, S(" } : "));
}

static void add_word(struct buf *out, str word)
{
    buf_add_char(out, '"');
    buf_add(out, word); /* letters and digits: it cannot end the quotes */
    buf_add_char(out, '"');
}

/* The word, or its stem in any of the languages. */
static void add_choice(struct scope *scope, struct buf *out, str word, bool is_start)
{
    size_t count;
    str stems[STEM_LANGUAGES_MOST];
    size_t known = 0;
    const str *languages = stem_languages(&count);
    buf_add_char(out, '(');
    add_word(out, word);
    buf_add(out, is_start ? S(" *") : S(""));
    for (size_t i = 0; i < count; i++) {
        str stem = text_stem(&scope->arena, word, languages[i]);
        bool is_known = str_eq(stem, word);
        for (size_t j = 0; j < known; j++) {
            is_known |= str_eq(stem, stems[j]);
        }
        if (!is_known) {
            stems[known++] = stem;
            buf_add(out, S(" OR "));
            add_word(out, stem);
        }
    }
    buf_add_char(out, ')');
}

/* A text between blanks. */
static bool next_piece(str *rest, str *ret_piece)
{
    *rest = str_trim(*rest);
    size_t end = 0;
    while (end < rest->n && !is_ascii_space(rest->p[end])) {
        end++;
    }
    *ret_piece = str_slice(*rest, 0, end);
    *rest = str_trim(str_slice(*rest, end, rest->n));
    return end > 0;
}

static enum err write_words(struct scope *scope, str text, bool last_is_start, struct buf *out)
{
    str words[LIMIT_SEARCH_WORDS + 1];
    size_t total = 0;
    str piece;
    while (next_piece(&text, &piece)) {
        size_t count = text_words(&scope->arena, piece, words, ARRAY_LENGTH(words));
        bool is_start = str_ends(piece, S("*")) || (last_is_start && text.n == 0);
        if ((total += count) > LIMIT_SEARCH_WORDS) {
            return fail(scope, ERR_USAGE, "a search has more than %d words", LIMIT_SEARCH_WORDS);
        }
        for (size_t i = 0; i < count; i++) {
            buf_add(out, out->n ? S(" AND ") : S(""));
            add_choice(scope, out, words[i], is_start && i + 1 == count);
        }
    }
    return ERR_OK;
}

enum err search_expression(struct scope *scope, str text, const struct search_options *options,
                           str *ret_expression)
{
    struct buf words cleanup_with(buf_cleanup) = {0};
    struct buf out cleanup_with(buf_cleanup) = {0};
    unsigned parts = options->parts & SEARCH_EVERYWHERE;
    TRY(write_words(scope, text, options->last_is_start, &words));
    if (words.n && parts && parts != SEARCH_EVERYWHERE) {
        add_parts(&out, parts);
    }
    if (words.n) {
        buf_add_char(&out, '(');
        buf_add(&out, buf_str(&words));
        buf_add_char(&out, ')');
    }
    *ret_expression = buf_copy(&out, &scope->arena);
    return ERR_OK;
}

typedef VEC(int64_t) number_list;

static enum err read_numbers(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                             number_list *numbers)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, lease, sql, &cursor));
    for (;;) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            return ERR_OK;
        }
        vec_add(&scope->arena, numbers, row_number(row, 0));
    }
}

static enum err find(struct scope *scope, struct db_lease *lease, str expression,
                     number_list *numbers)
{
    struct sql sql = STATEMENT(&scope->arena, "select rowid from search where search match ?",
                               cell_text(expression));
    return read_numbers(scope, lease, &sql, numbers);
}

static enum err rank(struct scope *scope, struct db_lease *lease, str expression,
                     number_list *numbers)
{
    struct sql sql = STATEMENT(&scope->arena,
                               "select rowid from search where search match ? "
                               "order by bm25(search, 10.0, 6.0, 4.0, 2.0, 1.5, 1.0), rowid",
                               cell_text(expression));
    numbers->count = 0;
    return read_numbers(scope, lease, &sql, numbers);
}

/* The rows in which all words occur within some of the parts. */
static enum err find_within(struct scope *scope, struct db_lease *lease, str text,
                            const struct search_options *options, unsigned within,
                            number_list *numbers)
{
    struct search_options narrow = *options;
    str expression;
    narrow.parts = (options->parts ? options->parts : SEARCH_EVERYWHERE) & within;
    if (!narrow.parts) {
        return ERR_OK;
    }
    TRY(search_expression(scope, text, &narrow, &expression));
    return find(scope, lease, expression, numbers);
}

static bool has_number(const number_list *ascending, int64_t number)
{
    size_t low = 0;
    size_t high = ascending->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ascending->items[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ascending->count && ascending->items[low] == number;
}

/* Moves those that are in first to the front; the order is kept besides. */
static void put_first(struct arena *arena, number_list *all, const number_list *first)
{
    int64_t *numbers = arena_array(arena, int64_t, all->count);
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < all->count; i++) {
            if (has_number(first, all->items[i]) == (pass == 0)) {
                numbers[count++] = all->items[i];
            }
        }
    }
    all->items = numbers;
    all->capacity = count;
}

/*
 * A word counts the more, the weightier the part it is in; but the engine's formula is for whole texts,
 * and a word together with its stem in a description would outweigh a stem in the title.
 */
static enum err rank_matches(struct scope *scope, struct db_lease *lease, str text,
                             const struct search_options *options, str expression, number_list *all)
{
    static const unsigned within[] = {SEARCH_TITLE | SEARCH_KEYWORD | SEARCH_PUBLISHER,
                                      SEARCH_TITLE | SEARCH_KEYWORD, SEARCH_TITLE};
    TRY(rank(scope, lease, expression, all));
    for (size_t i = 0; i < ARRAY_LENGTH(within) && all->count > 1; i++) {
        number_list first = {0};
        TRY(find_within(scope, lease, text, options, within[i], &first));
        put_first(&scope->arena, all, &first);
    }
    return ERR_OK;
}

static enum err search_in(struct scope *scope, struct db_lease *lease, str text,
                          const struct search_options *options, struct search_matches *ret_matches)
{
    number_list all = {0};
    number_list titles = {0};
    str expression;
    TRY(search_expression(scope, text, options, &expression));
    *ret_matches = (struct search_matches){0};
    if (!expression.n) {
        return ERR_OK;
    }
    TRY(find(scope, lease, expression, &all));
    bool is_ranked = all.count <= RANKED_MOST;
    if (is_ranked) {
        TRY(rank_matches(scope, lease, text, options, expression, &all));
    } else {
        TRY(find_within(scope, lease, text, options, SEARCH_TITLE, &titles));
        put_first(&scope->arena, &all, &titles);
    }
    *ret_matches = (struct search_matches){all.items, all.count, titles.count, is_ranked};
    return ERR_OK;
}

/* All statements see one state of the index, so that the lists belong together. */
enum err catalog_search(struct scope *scope, struct catalog *catalog, str text,
                        const struct search_options *options, struct search_matches *ret_matches)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(db_script(scope, lease, "begin"));
    TRY(search_in(scope, lease, text, options, ret_matches));
    return db_script(scope, lease, "commit");
}
