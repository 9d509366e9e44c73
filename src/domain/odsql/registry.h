/*
 * The functions of the language, rows of functions.def: parser, compiler, messages and docs read them.
 * Private to this directory.
 */
#ifndef DOMAIN_ODSQL_REGISTRY_H
#define DOMAIN_ODSQL_REGISTRY_H

#include "domain/odsql/translate.h"

enum clause_set {
    IN_SELECT = 1,
    IN_WHERE = 2,
    IN_GROUP_BY = 4,
    IN_ORDER_BY = 8,
    IN_FACET = 16,
    ANYWHERE = IN_SELECT | IN_WHERE | IN_GROUP_BY | IN_ORDER_BY
};

enum function_kind {
    FUNCTION_SCALAR,
    FUNCTION_AGGREGATE, /* of groups */
    FUNCTION_CONDITION,
    FUNCTION_GROUPING,
    FUNCTION_OTHER
};

/* Appends a call as a value; clause, kind and number of arguments are checked before. */
typedef enum err function_translate(struct translation *translation, const struct node *call,
                                    struct sql *out, enum value_type *ret_type);

struct function {
    str name;
    enum function_kind kind;
    function_translate *translate;
    unsigned clauses;
    size_t least, most;
    enum message expects; /* its arguments */
};

/** The function of a name in any letter case, or NULL. */
const struct function *function_find(str name);

/** "function x() expects …" */
enum err wrong_arguments(struct translation *translation, const struct node *call);

/** Checks that a call may stand in the current clause, and its number of arguments. */
enum err check_call(struct translation *translation, const struct node *call) must_check;

function_translate translate_length, translate_case, translate_date_part, translate_date_format,
    translate_ifnull, translate_now, translate_standing_alone, translate_count,
    translate_statistic, translate_text_search, translate_geometry_condition, translate_distance,
    translate_area;

#endif
