/*
 * The clauses of one read on their way to a plan: what is selected (select.c), what it is grouped,
 * filtered and sorted by (compile.c). Private to this directory.
 */
#ifndef DOMAIN_ODSQL_COMPILE_H
#define DOMAIN_ODSQL_COMPILE_H

#include "domain/odsql/translate.h"

/* Group keys as they are selected, so that select and order_by can name them. */
struct group_key {
    const struct node *expression;
    str alias; /* p == NULL: none */
    struct sql value; /* what is shown */
    struct sql group; /* what is grouped by, when value is made of the group; no parts: value */
    struct sql order;
    enum value_type type;
    const struct field *field; /* a plain field */
    bool is_json;              /* its text is JSON */
};

/* What geo_cluster() asks for. */
struct cluster_key {
    const struct field *field; /* NULL: there is none */
    double metres;             /* clusters are farther from each other */
    int precision;             /* of the grid that points are counted in first */
};

struct compilation {
    struct translation translation;
    const struct clauses *clauses;
    item_list select, group_by, order_by;
    struct group_key *keys;
    VEC(struct output) outputs;
    struct sql columns; /* select list */
    size_t column_count;
    const struct field *unnested; /* multivalued field grouped by, or NULL */
    bool is_aggregate;            /* aggregates without group_by */
    struct cluster_key cluster;
};

static inline struct arena *arena_of(struct compilation *compilation)
{
    return &compilation->translation.scope->arena;
}

/** Starts another column of the select list. */
void begin_column(struct compilation *compilation);

/** The key in the answer: the alias, else the text as written, a quoted name without its quotes. */
str item_name(const struct item *item);

/** The key of group_by that an expression is or names, or NULL. */
const struct group_key *find_key(const struct compilation *compilation, const struct node *node);

/** Adds a key of group_by to the outputs. */
void output_key(struct compilation *compilation, const struct group_key *key, str name);

/** "must be in group_by or inside an aggregation function" */
enum err refuse_loose(struct translation *translation, str text);

/** Refuses two outputs of one name. */
enum err check_names(struct compilation *compilation, const struct clause *clause) must_check;

/** Outputs and columns of the select clause; group_by is compiled before. */
enum err compile_select(struct compilation *compilation) must_check;

/* ---- cluster.c ---- */

/** The key of group_by that geo_cluster() is. */
enum err compile_cluster(struct compilation *compilation, const struct item *item, struct group_key *key)
    must_check;

/** Appends what stands before a grouped statement: the clusters of the records left by the filter. */
void append_clusters(const struct compilation *compilation, const struct sql *filter, bool filtered,
                     struct sql *out);

/** Appends the condition that joins a record, by the cell of its point, with its cluster. */
void append_cluster_join(const struct compilation *compilation, struct sql *out);

#endif
