/*
 * Full text over the catalogue: an index of SQLite in the catalogue's own database, kept in the transaction of
 * every change of a dataset, so that the two never disagree; beside PostgreSQL a file of each node. Its tokens are folded words, each followed
 * by its stem in the language of the value; a query asks for both.
 */
#ifndef DOMAIN_CATALOG_SEARCH_H
#define DOMAIN_CATALOG_SEARCH_H

#include "base/scope.h"

struct catalog;
struct db_lease;

/* Parts of a dataset, by weight; values in all languages are in each. */
enum search_part {
    SEARCH_TITLE = 1,
    SEARCH_KEYWORD = 2,   /* and themes */
    SEARCH_PUBLISHER = 4,
    SEARCH_LABELS = 8,    /* names, labels and descriptions of the fields */
    SEARCH_OTHER = 16,    /* further metadata, and the dataset's id */
    SEARCH_DESCRIPTION = 32,
    SEARCH_EVERYWHERE = 63
};

struct search_options {
    unsigned parts;     /* of enum search_part; 0 is everywhere */
    bool last_is_start; /* the last word is the beginning of one, as while somebody types */
    bool is_any;        /* one of the words is enough; those of one or two letters do not count beside longer ones */
    bool is_fuzzy;      /* words may differ by a letter or two (near.h), beginnings of words may not */
};

/* Datasets by number (dataset.h). */
struct search_matches {
    const int64_t *numbers; /* the best first when ranked, else ascending */
    size_t count;
    bool is_ranked;         /* few enough to be compared by relevance */
    const int64_t *in_title; /* when not ranked: those that match in the title, ascending */
    size_t in_title_count;
};

/**
 * Finds the datasets in which all words of a text occur (is_any: any of them). A word that ends in * is the beginning of one.
 * A text without words finds nothing. In the scope's arena.
 * Errors: ERR_USAGE (more than LIMIT_SEARCH_WORDS words), ERR_DATABASE, ERR_DEADLINE, ERR_CANCELLED, ERR_BUSY.
 */
enum err catalog_search(struct scope *scope, struct catalog *catalog, str text,
                        const struct search_options *options, struct search_matches *ret_matches)
    must_check;

/**
 * The expression of FTS5 that a text stands for, made of quoted words of letters and digits only; those
 * nearly alike are not in it. No bytes when there is no word. Errors: ERR_USAGE, as above.
 */
enum err search_expression(struct scope *scope, str text, const struct search_options *options,
                           str *ret_expression) must_check;

/**
 * Has the index take in what has changed in the catalogue, so that the next search need not wait for it. Does
 * nothing without PostgreSQL. Errors: as catalog_search.
 */
enum err search_follow(struct scope *scope, struct catalog *catalog) must_check;

/* ---- for this directory ---- */

/** Makes the index where it is missing or of another form. Errors: ERR_DATABASE, ERR_BUSY. */
enum err search_prepare(struct scope *scope, struct db_lease *lease) must_check;

/** Takes the dataset of an id into the index as it is stored now. Nothing where the index is not there. */
enum err search_update(struct scope *scope, struct db_lease *lease, str id) must_check;

/** Takes it out; to be called before the dataset is removed. */
enum err search_forget(struct scope *scope, struct db_lease *lease, str id) must_check;

/* A dataset as it is stored. */
struct search_stored {
    int64_t number;
    str id, metadata, fields;
};

/** Takes a dataset into the index of a lease. is_new: the list of words does not have its words yet. */
enum err search_index(struct scope *scope, struct db_lease *lease, const struct search_stored *stored,
                      bool is_new) must_check;

/** Makes an empty index in place of whatever is there; not the list of words. */
enum err search_make(struct scope *scope, struct db_lease *lease) must_check;

/** Whether the index of a lease is of the form that this program makes; and notes that it is. */
enum err search_is_current(struct scope *scope, struct db_lease *lease, bool *ret_is) must_check;
enum err search_set_current(struct scope *scope, struct db_lease *lease) must_check;

/**
 * Opens the index that follows a catalogue in PostgreSQL: a file in the data directory, which is made anew
 * when it is lost. Full text is the same by it as without PostgreSQL.
 */
enum err search_open(struct scope *scope, struct catalog *catalog) must_check;

#endif
