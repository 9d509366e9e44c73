/*
 * From the tree to SQL: names resolved against the schema, types checked, values bound. One walk,
 * so that what is emitted is what was checked. Private to this directory.
 */
#ifndef DOMAIN_ODSQL_TRANSLATE_H
#define DOMAIN_ODSQL_TRANSLATE_H

#include "domain/odsql/ast.h"
#include "domain/odsql/odsql.h"
#include "platform/text/zone.h"

enum value_type {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_DOUBLE,
    VALUE_TEXT,
    VALUE_DATE,
    VALUE_DATETIME, /* TIMESTAMP in UTC */
    VALUE_LIST,     /* texts */
    VALUE_POINT,    /* two columns; only select and is null know it */
    VALUE_SHAPE,
    VALUE_JSON
};

#define LOOKUPS_MOST 128 /* in an index, by one query */

struct translation {
    struct scope *scope;
    const struct source *source;
    const struct zone *zone;
    str lang;
    usec now;
    const struct clause *clause; /* the one being translated, for messages */
    bool aggregates_allowed;
    bool saw_aggregate;
    bool saw_now;
    bool in_aggregate;
    const struct field *const *grouped; /* plain fields that are group keys */
    size_t grouped_count;
    const struct field *loose; /* first field outside aggregates that is no group key, or NULL */
    size_t words;              /* searched for so far */
    VEC(struct sql) lookups;   /* in the inverted index so far: statements that yield row numbers */
    struct sql relevance;      /* of the first search of the catalogue: the less the better; no parts: none */
    VEC(const struct catalogue_ranks *) searches; /* of the catalogue so far */
    struct choices choices;    /* of the filter */
    bool order_is_lost;        /* the source's filters look words up, too */
    bool guards_values;        /* see append_guard */
    str zone_changes;          /* of PostgreSQL: see append_zone; p == NULL: not yet made */
    struct sql fence;          /* of PostgreSQL: which rows the source has for the one who asks; no parts: all */
    bool only_lookups;         /* the filter is true for the rows in all look-ups, or of all searches, and no others */
};

static inline bool is_numeric(enum value_type type)
{
    return type == VALUE_INT || type == VALUE_DOUBLE;
}

static inline bool is_time(enum value_type type)
{
    return type == VALUE_DATE || type == VALUE_DATETIME;
}

/** "text", "int", "date" … as in messages. */
const char *value_type_name(enum value_type type);

enum value_type value_type_of(const struct field *field);

/** The field a name means, or ERR_QUERY "Unknown field". In the catalogue "default." may be left out. */
enum err resolve_field(struct translation *translation, str name, const struct field **ret_field)
    must_check;

/** Notes that a field stands where each of its rows counts, unless inside an aggregate. */
void note_field(struct translation *translation, const struct field *field);

/** Refuses a statement that has grown beyond what the engine and the arena can take. */
enum err check_size(struct translation *translation, const struct sql *out) must_check;

/** Appends the SQL of a value. Errors: ERR_QUERY. */
enum err translate_value(struct translation *translation, const struct node *node, struct sql *out,
                         enum value_type *ret_type) must_check;

/** Appends the SQL of a condition. */
enum err translate_condition(struct translation *translation, const struct node *node,
                             struct sql *out) must_check;

/** Appends a function call as a value, by its row of functions.def. */
enum err translate_call(struct translation *translation, const struct node *node, struct sql *out,
                        enum value_type *ret_type) must_check;

/** Appends the full text of a lone string, or of like. */
enum err translate_full_text(struct translation *translation, str text, struct sql *out) must_check;
enum err translate_like(struct translation *translation, const struct node *node, struct sql *out)
    must_check;

/**
 * Appends a condition for the rows that have a text between blanks as a value of a number or date field;
 * nothing when it can be none. The text may be 42, -1.5, 2024, 2024-03, 2024-03-31.
 */
enum err translate_values_like(struct translation *translation, str text, struct sql *out)
    must_check;

/**
 * Appends a full-text condition over the catalogue: the words of a text in some fields, or (count 0) in
 * all that is searched.
 */
enum err translate_catalogue_text(struct translation *translation, str text,
                                  const struct search_options *options,
                                  const struct field *const *fields, size_t count, struct sql *out)
    must_check;

/** Whether a condition is nothing but words that must all occur. */
bool is_text_search(const struct node *node);

/** Appends a statement that yields the numbers of the rows in all look-ups, as "row". */
void append_matches(const struct translation *translation, struct sql *out);

/** Appends the local time of a date or datetime value given as SQL, for date parts. */
void local_time(struct translation *translation, const struct sql *value, enum value_type type,
                struct sql *out);

/** Value of now(…) in microseconds UTC. */
enum err evaluate_now(struct translation *translation, const struct node *call, usec *ret_instant)
    must_check;

/**
 * A grouping key made by range(): start gets what is grouped by, where the range of a row begins; out the
 * key's text, made once for each group from its least start.
 */
enum err translate_range(struct translation *translation, const struct node *call, struct sql *start,
                         struct sql *out) must_check;

/* The half-open interval that a date literal denotes: as instants, and as local times of the request's zone. */
struct period {
    usec start, end;
    usec local_start, local_end;
    bool whole_days;
};

enum err read_date_literal(struct translation *translation, str text, struct period *ret_period)
    must_check;

/** Appends the start (or end) of a period as a value of a date or datetime expression's type. */
void bind_edge(enum value_type type, const struct period *period, bool end, struct sql *out);

/** Appends refine=field:value (or exclude) as a condition. */
enum err translate_refinement(struct translation *translation, const struct field *field, str value,
                              struct sql *out) must_check;

/** Splits "field:value" and resolves the field. */
enum err split_refinement(struct translation *translation, str text,
                          const struct field **ret_field, str *ret_value) must_check;

/** Appends where, refine and exclude as one condition; ret_any tells whether there was any. left_out: a
 * field whose refinements are ignored, or NULL. */
enum err translate_filter(struct translation *translation, const struct clauses *clauses,
                          const struct field *left_out, struct sql *out, bool *ret_any) must_check;

/**
 * Appends the source's filters as one condition, and beneath it lets the client's conditions guard
 * their values. any: as for translate_filter. For PostgreSQL the condition becomes the fence.
 * Errors: ERR_DATABASE (a filter does not fit the table).
 */
enum err translate_row_filter(struct translation *translation, struct sql *out, bool *any) must_check;

/** Whether the engine meets rows that are not there for the one who asks. */
static inline bool source_hides_rows(const struct source *source)
{
    return source->filter_count > 0 || source->relation;
}

/**
 * Appends what opens a parenthesis around a calculation that can fail. The engine may test the client's
 * condition on rows that the source leaves out, before them; such a row must not make the
 * statement fail, because that would tell what it holds. There a failed calculation is null. PostgreSQL
 * has no such word: its conditions stand behind a fence (append_records), and what overflows is null.
 */
static inline void append_guard(const struct translation *translation, struct sql *out)
{
    bool tries = translation->guards_values && translation->source->engine != DB_POSTGRES;
    sql_text_constant(out, tries ? S("try(") : S("("));
}

/** Place of a field in the table, by which the inverted index names it. */
size_t table_position(const struct source *source, const struct field *field);

/** Appends "database"."table". */
void append_relation(struct sql *out, const struct source *source, str table);

/** Begins a translation: checks timezone. Errors: ERR_PARAMETER. */
enum err translation_begin(struct scope *scope, const struct source *source,
                           const struct clauses *clauses, struct translation *ret) must_check;

#endif
