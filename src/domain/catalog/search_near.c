#include "domain/catalog/search_near.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "platform/db/statement.h"
#include "platform/text/near.h"

/* By length, because words of another length need not be compared. */
static const char list_words[] =
    "drop table if exists search_word;"
    "create table search_word (length integer not null, word text not null,"
    " primary key (length, word)) without rowid;"
    "drop table if exists temp.search_vocabulary;"
    "create virtual table temp.search_vocabulary using fts5vocab(main, search, row);"
    "insert into search_word select length(term), term from temp.search_vocabulary;"
    "drop table temp.search_vocabulary";

enum err search_list_words(struct scope *scope, struct db_lease *lease)
{
    return db_script(scope, lease, list_words);
}

enum err search_add_words(struct scope *scope, struct db_lease *lease, str words)
{
    struct buf list cleanup_with(buf_cleanup) = {0};
    str rest = str_trim(words);
    if (!rest.n) {
        return ERR_OK;
    }
    buf_add(&list, S("[\""));
    for (size_t i = 0; i < rest.n; i++) { /* letters and digits between blanks */
        if (rest.p[i] == ' ') {
            buf_add(&list, S("\",\""));
        } else {
            buf_add_char(&list, rest.p[i]);
        }
    }
    buf_add(&list, S("\"]"));
    return DB_RUN(scope, lease,
                  "insert or ignore into search_word select length(value), value from json_each(?)",
                  cell_text(buf_str(&list)));
}

struct nearest {
    str words[SEARCH_NEAR_MOST];
    int distances[SEARCH_NEAR_MOST];
    size_t count;
};

/* Keeps them in order; the farthest gives way. */
static void add_near(struct scope *scope, struct nearest *nearest, str word, int distance)
{
    size_t at = nearest->count;
    if (at == SEARCH_NEAR_MOST) {
        at--;
        if (nearest->distances[at] <= distance) {
            return;
        }
    } else {
        nearest->count++;
    }
    for (; at > 0 && nearest->distances[at - 1] > distance; at--) {
        nearest->words[at] = nearest->words[at - 1];
        nearest->distances[at] = nearest->distances[at - 1];
    }
    nearest->words[at] = str_copy(&scope->arena, word);
    nearest->distances[at] = distance;
}

enum err search_near(struct scope *scope, struct db_lease *lease, str word, const str **ret_words,
                     size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct nearest *nearest = arena_new(&scope->arena, struct nearest);
    int most = text_near_distance(word);
    int64_t length = (int64_t)utf8_length(word);
    *nearest = (struct nearest){0};
    *ret_words = nearest->words;
    *ret_count = 0;
    if (most == 0) {
        return ERR_OK;
    }
    struct sql sql = STATEMENT(&scope->arena,
                               "select word from search_word where length between ? and ?",
                               cell_int(length - most), cell_int(length + most));
    TRY(db_run(scope, lease, &sql, &cursor));
    for (;;) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            break;
        }
        str other = column_cell(&row->columns[0], 0).text;
        int distance = text_distance(word, other, most);
        if (distance > 0 && distance <= most) {
            add_near(scope, nearest, other, distance);
        }
    }
    *ret_count = nearest->count;
    return ERR_OK;
}
