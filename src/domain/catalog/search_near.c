#include "domain/catalog/search_near.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "platform/db/statement.h"
#include "platform/text/near.h"

/*
 * By length, because words of another length need not be compared. Numbers, and names with digits, are no
 * slips of each other.
 */
static const char list_words[] =
    "drop table if exists search_word;"
    "create table search_word (length integer not null, word text not null,"
    " primary key (length, word)) without rowid;"
    "drop table if exists temp.search_vocabulary;"
    "create virtual table temp.search_vocabulary using fts5vocab(main, search, row);"
    "insert into search_word select length(term), term from temp.search_vocabulary"
    " where term not glob '*[0-9]*';"
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
                  "insert or ignore into search_word select length(value), value from json_each(?) "
                  "where value not glob '*[0-9]*'",
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

/* A bit for each letter of ASCII; words whose letters differ too much need no closer look. */
static uint64_t letters_of(str word)
{
    uint64_t letters = 0;
    for (size_t i = 0; i < word.n; i++) {
        unsigned char c = (unsigned char)word.p[i];
        letters |= c < 0x80 ? UINT64_C(1) << (c & 63) : 0;
    }
    return letters;
}

/* One letter more or less changes one bit at most, another in its place two. */
static bool may_be_near(uint64_t letters, uint64_t others, int most)
{
    return __builtin_popcountll(letters ^ others) <= 2 * most;
}

static void compare_words(struct scope *scope, str words, str word, int most,
                          struct nearest *nearest)
{
    uint64_t letters = letters_of(word);
    str other;
    while (str_split(&words, ' ', &other)) {
        int distance = may_be_near(letters, letters_of(other), most)
                           ? text_distance(word, other, most)
                           : most + 1;
        if (distance > 0 && distance <= most) {
            add_near(scope, nearest, other, distance);
        }
    }
}

static bool has_digit(str word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (is_ascii_digit(word.p[i])) {
            return true;
        }
    }
    return false;
}

/* The words come as one text, because a step of the engine for each would take longer than the rest. */
enum err search_near(struct scope *scope, struct db_lease *lease, str word, const str **ret_words,
                     size_t *ret_count)
{
    cell words;
    struct nearest *nearest = arena_new(&scope->arena, struct nearest);
    int most = text_near_distance(word);
    int64_t length = (int64_t)utf8_length(word);
    *nearest = (struct nearest){0};
    *ret_words = nearest->words;
    *ret_count = 0;
    if (most == 0 || has_digit(word)) {
        return ERR_OK;
    }
    TRY(DB_ASK(scope, lease, &words,
               "select group_concat(word, ' ') from search_word where length between ? and ?",
               cell_int(length - most), cell_int(length + most)));
    if (words.type == CELL_TEXT) {
        compare_words(scope, words.text, word, most, nearest);
    }
    *ret_count = nearest->count;
    return ERR_OK;
}
