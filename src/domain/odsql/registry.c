#include "domain/odsql/registry.h"

#include "base/limits.h"

static const struct function functions[] = {
#define FUNCTION(kind, name, translate, clauses, least, most, expects, returns, words) \
    {{#name, sizeof(#name) - 1}, FUNCTION_##kind, translate_##translate, clauses, least, most, expects},
#include "domain/odsql/functions.def"
#undef FUNCTION
};

static const struct {
    const char *name;
    unsigned clause;
} clause_rows[] = {
    {"select", IN_SELECT},     {"where", IN_WHERE}, {"filter", IN_WHERE}, {"group_by", IN_GROUP_BY},
    {"order_by", IN_ORDER_BY}, {"facet", IN_FACET},
};

const struct function *function_find(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(functions); i++) {
        if (str_eq_nocase(name, functions[i].name)) {
            return &functions[i];
        }
    }
    return NULL;
}

bool odsql_function_at(size_t at, struct odsql_function *ret_function)
{
    if (at >= ARRAY_LENGTH(functions)) {
        return false;
    }
    unsigned clauses = functions[at].clauses;
    *ret_function = (struct odsql_function){.name = functions[at].name,
                                            .expects = functions[at].expects,
                                            .in_select = clauses & IN_SELECT,
                                            .in_where = clauses & IN_WHERE,
                                            .in_group_by = clauses & IN_GROUP_BY,
                                            .in_order_by = clauses & IN_ORDER_BY};
    return true;
}

enum err wrong_arguments(struct translation *translation, const struct node *call)
{
    return query_error(translation->scope, translation->clause, MSG_ODSQL_ARGUMENTS,
                       SAYS(ARG_TEXT("name", call->name), ARG_MESSAGE("expects", function_find(call->name)->expects)));
}

enum err check_call(struct translation *translation, const struct node *call)
{
    const struct function *function = function_find(call->name);
    unsigned clause = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(clause_rows); i++) {
        if (strcmp(clause_rows[i].name, translation->clause->name) == 0) {
            clause = clause_rows[i].clause;
        }
    }
    if (!(function->clauses & clause)) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_NOT_ALLOWED,
                           SAYS(ARG_TEXT("name", call->name),
                                ARG_TEXT("clause", str_from(translation->clause->name))));
    }
    bool counted = call->children.count >= function->least && call->children.count <= function->most;
    return counted ? ERR_OK : wrong_arguments(translation, call);
}

/* An aggregate stands where groups are, and in no other aggregate. */
static enum err translate_aggregate(struct translation *translation, const struct function *function,
                                    const struct node *call, struct sql *out,
                                    enum value_type *ret_type)
{
    if (!translation->aggregates_allowed) {
        return query_error(translation->scope, translation->clause, MSG_ODSQL_NO_AGGREGATE,
                           SAYS(ARG_TEXT("name", call->name)));
    }
    translation->saw_aggregate = true;
    translation->aggregates_allowed = false;
    translation->in_aggregate = true;
    enum err result = function->translate(translation, call, out, ret_type);
    translation->aggregates_allowed = true;
    translation->in_aggregate = false;
    return result;
}

enum err translate_call(struct translation *translation, const struct node *call, struct sql *out,
                        enum value_type *ret_type)
{
    const struct function *function = function_find(call->name);
    TRY(check_call(translation, call));
    return function->kind == FUNCTION_AGGREGATE
               ? translate_aggregate(translation, function, call, out, ret_type)
               : function->translate(translation, call, out, ret_type);
}

enum err translate_standing_alone(struct translation *translation, const struct node *call,
                                  struct sql *out, enum value_type *ret_type)
{
    (void)out;
    (void)ret_type;
    return query_error(translation->scope, translation->clause, MSG_ODSQL_STANDS_ALONE,
                       SAYS(ARG_TEXT("name", call->name), ARG_TEXT("clause", str_from(translation->clause->name))));
}
