/*
 * What differs between the SQL of the two engines. Where one text serves both, it stands where it is
 * made; everything else has a function here that appends the text of the source's engine. Functions
 * that only PostgreSQL's texts call are those of domain/records/postgres_functions.sql. Private to
 * this directory.
 */
#ifndef DOMAIN_ODSQL_DIALECT_H
#define DOMAIN_ODSQL_DIALECT_H

#include "domain/odsql/translate.h"

static inline bool is_postgres(const struct source *source)
{
    return source->engine == DB_POSTGRES;
}

/* ---- texts ---- */

/** Makes a text that the statement makes compare by code points, as columns do. */
void append_collation(const struct source *source, struct sql *out);

/** A text as a value of the statement. */
void bind_text(const struct source *source, str text, struct sql *out);

/** lower() or upper() by code point of a text expression. */
void append_case(const struct source *source, str function, const struct sql *text, struct sql *out);

/** A number, date or truth as the text that facets and ranges show. */
void append_as_text(const struct source *source, enum value_type type, const struct sql *value,
                    struct sql *out);

/** Whether a folded text matches a pattern of %, _ and letters; nothing escapes them. */
void append_like(const struct source *source, str pattern, struct sql *out);

/** Whether "term" differs from a word in at most so many letters. */
void append_near(const struct source *source, str word, int distance, struct sql *out);

/* ---- lists ---- */

/** Whether a condition over x holds for any item of a list; null where there is no list. */
void append_any_item(const struct source *source, str column, const struct sql *condition,
                     struct sql *out);

/** Whether a list contains a text. */
void append_contains(const struct source *source, const struct sql *list, const struct sql *text,
                     struct sql *out);

/** The numbers of the rows in a block of the inverted index, one a row of the result. */
void append_posting_rows(const struct source *source, struct sql *out);

/** The first levels of a path. */
void append_levels(const struct source *source, const struct sql *path, str separator, size_t count,
                   struct sql *out);

/** One row for each different text of a list. */
void append_spread(const struct source *source, const struct sql *list, struct sql *out);

/** What stands before and behind the items of a list, which are separated by ", ". */
void open_list(const struct source *source, struct sql *out);

/** One row for each different text in the lists that are made of the items x of a list. */
void append_spread_each(const struct source *source, const struct sql *list,
                        const struct sql *places, struct sql *out);

/* ---- numbers ---- */

/** left op right, in whole numbers or doubles; divisions by 0 are null. */
void append_calculation(const struct translation *translation, char op, bool whole,
                        const struct sql *left, const struct sql *right, struct sql *out);

void append_negation(const struct translation *translation, enum value_type type,
                     const struct sql *value, struct sql *out);

/** sum, avg or a quantile (share of 0 to 1) as a double. */
void append_sum(const struct source *source, enum value_type type, const struct sql *value,
                struct sql *out);
void append_mean(const struct source *source, enum value_type type, const struct sql *value,
                 struct sql *out);
void append_quantile(const struct source *source, str share, const struct sql *value,
                     struct sql *out);

/** A whole number of any size. */
str wide_type(const struct source *source);

/** value / width for a double width, and rounding halves away from 0. */
void append_share(const struct source *source, const struct sql *value, double width,
                  struct sql *out);
void append_product(const struct source *source, const struct sql *left, double right,
                    struct sql *out);
void append_rounded(const struct source *source, const struct sql *value, int64_t decimals,
                    struct sql *out);

/** An order that looks random, the same for the same seed. */
void append_random(const struct source *source, int64_t seed, struct sql *out);

/* ---- dates ---- */

/**
 * ", zone" as functions of dates take it. PostgreSQL's take what the program knows of the zone: names and
 * rules of the server may be others, and answers show times by the program's.
 */
void append_zone(struct translation *translation, struct sql *out);

/** A local time as the instant it is in the request's zone; the later one where there are two. */
void append_instant_of_local(struct translation *translation, const struct sql *local, struct sql *out);

/** The text of an instant, or of a local time, in the request's zone, as edges of ranges show it. */
void append_edge_text(struct translation *translation, bool is_instant, const struct sql *time,
                      struct sql *out);

/** year, month … second of a local time. */
void append_date_part(const struct source *source, str part, const struct sql *local, struct sql *out);

/** A local time by the letters of a pattern that was checked. */
void append_date_words(const struct translation *translation, str pattern, const struct sql *local,
                       struct sql *out);

/** 2026/08/29 of a local time. */
void append_date_path(const struct source *source, const struct sql *local, struct sql *out);

/* ---- statements ---- */

/**
 * The rows of the source. Where the source hides some, PostgreSQL reads through a fence: what comes
 * behind it never meets them.
 */
void append_records(const struct translation *translation, struct sql *out);

/**
 * The same with one row for each item of a multivalued field, in place of its list; a row without
 * items stays, as null. filter: NULL, or which rows.
 */
void append_records_spread(const struct translation *translation, const struct field *spread,
                           const struct sql *filter, struct sql *out);

/** Refuses what needs PostGIS where there is none. */
enum err check_areas(struct translation *translation, str function) must_check;

#endif
