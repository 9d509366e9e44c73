/* where, refine and exclude together (explore-api.md 3.9). */
#include "base/num.h"
#include "base/vec.h"
#include "domain/odsql/dialect.h"

enum err split_refinement(struct translation *translation, str text,
                          const struct field **ret_field, str *ret_value)
{
    size_t at = 0;
    struct token name;
    TRY(lexer_next(translation->scope, translation->clause, &at, &name));
    if (name.kind != TOKEN_NAME && name.kind != TOKEN_QUOTED) {
        return syntax_error(translation->scope, translation->clause, &name);
    }
    size_t before = at;
    struct token colon;
    TRY(lexer_next(translation->scope, translation->clause, &at, &colon));
    if (!token_is(&colon, S(":"))) {
        return syntax_error(translation->scope, translation->clause, &colon);
    }
    before = colon.at + 1;
    str value = str_trim(str_slice(text, before, text.n));
    if (value.n >= 2 && (value.p[0] == '"' || value.p[0] == '\'')) {
        size_t value_at = before;
        struct token quoted;
        TRY(lexer_next(translation->scope, translation->clause, &value_at, &quoted));
        struct token end;
        TRY(lexer_next(translation->scope, translation->clause, &value_at, &end));
        if (end.kind != TOKEN_END) {
            return syntax_error(translation->scope, translation->clause, &end);
        }
        value = quoted.value;
    }
    *ret_value = value;
    return resolve_field(translation,
                         name.kind == TOKEN_QUOTED ? name.value : name.text, ret_field);
}

static enum err refine_date(struct translation *translation, const struct field *field, str value,
                            struct sql *out)
{
    struct node name = {.kind = NODE_FIELD, .name = field->name};
    struct node literal = {.kind = NODE_DATE, .name = value};
    struct node *children[] = {&name, &literal};
    struct node comparison = {.kind = NODE_COMPARE, .op = '=', .children = {children, 2, 2}};
    return translate_condition(translation, &comparison, out);
}

/* One text is the value, or lies below it. */
static void add_match(const struct field *field, const struct sql *text, str value, struct sql *out)
{
    sql_text(out, "(");
    sql_join(out, text);
    sql_text(out, " = ");
    sql_bind(out, cell_text(value));
    sql_text(out, "::text");
    if (field->hierarchical.n) {
        str below = str_printf(out->arena, "%.*s%.*s", STR_ARG(value),
                               STR_ARG(field->hierarchical));
        sql_text(out, " or starts_with(");
        sql_join(out, text);
        sql_text(out, ", ");
        sql_bind(out, cell_text(below));
        sql_text(out, "::text)");
    }
    sql_text(out, ")");
}

static void refine_text(const struct source *source, const struct field *field, str value,
                        struct sql *out)
{
    struct sql text = sql_in(out->arena);
    if (!field_is_list(field)) {
        sql_name(&text, field->name);
        add_match(field, &text, value, out);
        return;
    }
    struct sql condition = sql_in(out->arena);
    sql_text(&text, "x");
    add_match(field, &text, value, &condition);
    sql_text(out, "(");
    append_any_item(source, field->name, &condition, out);
    sql_text(out, ")");
}

enum err translate_refinement(struct translation *translation, const struct field *field, str value,
                              struct sql *out)
{
    int64_t number;
    double real;
    switch (field->type) {
    case FIELD_DATE:
    case FIELD_DATETIME:
        return refine_date(translation, field, value, out);
    case FIELD_BOOLEAN:
        sql_text(out, "(");
        sql_name(out, field->name);
        sql_text_constant(out, str_eq_nocase(value, S("true"))    ? S(" is true)")
                               : str_eq_nocase(value, S("false")) ? S(" is false)")
                                                                  : S(" is null and false)"));
        return ERR_OK;
    case FIELD_INT:
        if (!num_read_int(value, &number)) {
            break;
        }
        sql_text(out, "(");
        sql_name(out, field->name);
        sql_text(out, " = ");
        sql_bind(out, cell_int(number));
        sql_text(out, "::bigint)");
        return ERR_OK;
    case FIELD_DOUBLE:
        if (!num_read_double(value, &real)) {
            break;
        }
        sql_text(out, "(");
        sql_name(out, field->name);
        sql_text(out, " = ");
        sql_bind(out, cell_double(real));
        sql_text(out, "::double precision)");
        return ERR_OK;
    case FIELD_TEXT:
        refine_text(translation->source, field, value, out);
        return ERR_OK;
    default:
        return query_error(translation->scope, translation->clause, MSG_ODSQL_REFINE_NOT,
                           SAYS(ARG_TEXT("name", field->name)));
    }
    sql_text(out, "false");
    return ERR_OK;
}

struct refinement {
    const struct field *field;
    struct sql condition;
};

/* ---- choices ---- */

typedef VEC(struct choice) choice_list;

static void begin_choices(struct translation *translation, bool are_known)
{
    translation->choices = (struct choices){.are_known = are_known,
                                            .searches = translation->searches.items,
                                            .search_count = translation->searches.count};
}

/* Notes a refinement, or an exclusion, that was translated; what is no facet of the catalogue only the engine knows. */
static enum err note_choice(struct translation *translation, const struct field *field, str value,
                            bool is_excluded, choice_list *list)
{
    struct choice choice = {.field = field, .value = value, .group = list->count, .is_excluded = is_excluded};
    bool is_text = field->type == FIELD_TEXT && !field->hierarchical.n;
    translation->choices.are_known &= field->facet && (is_text || field->type == FIELD_DATETIME);
    if (!translation->choices.are_known) {
        return ERR_OK;
    }
    if (!is_text) {
        struct period period;
        TRY(read_date_literal(translation, value, &period));
        choice.start = period.start;
        choice.end = period.end;
    }
    vec_add(&translation->scope->arena, list, choice);
    translation->choices.items = list->items;
    translation->choices.count = list->count;
    return ERR_OK;
}

/* ---- the filter ---- */

static void add_and(struct sql *out, bool *any)
{
    if (*any) {
        sql_text(out, " and ");
    }
    *any = true;
}

static bool is_disjunctive(const struct clauses *clauses, const struct field *field)
{
    for (size_t i = 0; i < clauses->facet_count; i++) {
        if (clauses->facets[i].field == field) {
            return clauses->facets[i].disjunctive;
        }
    }
    return field->disjunctive;
}

/* Values of one disjunctive field are alternatives; everything else must hold together. */
static void join_refinements(const struct clauses *clauses, const struct refinement *items,
                             size_t count, struct sql *out, bool *any)
{
    for (size_t i = 0; i < count; i++) {
        bool joined_before = false;
        bool disjunctive = is_disjunctive(clauses, items[i].field);
        for (size_t j = 0; j < i && disjunctive; j++) {
            joined_before |= items[j].field == items[i].field;
        }
        if (joined_before) {
            continue;
        }
        add_and(out, any);
        sql_text(out, "(");
        sql_join(out, &items[i].condition);
        for (size_t j = i + 1; j < count && disjunctive; j++) {
            if (items[j].field == items[i].field) {
                sql_text(out, " or ");
                sql_join(out, &items[j].condition);
            }
        }
        sql_text(out, ")");
    }
}

/* Refinements of one disjunctive field are of one group. */
static void group_choices(const struct clauses *clauses, choice_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = i; j-- > 0 && is_disjunctive(clauses, list->items[i].field);) {
            if (list->items[j].field == list->items[i].field) {
                list->items[i].group = list->items[j].group;
            }
        }
    }
}

/* The conditions of where, joined; for the catalogue they are known when they are nothing but searches. */
static enum err translate_where(struct translation *translation, const struct clauses *clauses,
                                struct sql *out, bool *any)
{
    bool are_known = translation->source->index && !*any && !clauses->condition &&
                     translation->searches.count == 0;
    translation->only_lookups = true;
    for (size_t i = 0; i < clauses->where_count; i++) {
        struct clause clause = {"where", clauses->where[i]};
        struct node *node;
        if (str_trim(clause.text).n == 0) {
            continue;
        }
        translation->clause = &clause;
        TRY(parse_where(translation->scope, &clause, &node));
        add_and(out, any);
        translation->only_lookups &= is_text_search(node);
        TRY(translate_condition(translation, node, out));
    }
    begin_choices(translation, are_known && translation->only_lookups);
    return ERR_OK;
}

static enum err translate_refinements(struct translation *translation, const struct clauses *clauses,
                                      const struct field *left_out, choice_list *choices,
                                      struct sql *out, bool *any)
{
    struct refinement *items =
        arena_array(&translation->scope->arena, struct refinement, clauses->refine_count);
    size_t count = 0;
    for (size_t i = 0; i < clauses->refine_count; i++) {
        struct clause clause = {"refine", clauses->refine[i]};
        str value;
        translation->clause = &clause;
        TRY(split_refinement(translation, clause.text, &items[count].field, &value));
        if (items[count].field != left_out) {
            items[count].condition = sql_in(out->arena);
            TRY(translate_refinement(translation, items[count].field, value,
                                     &items[count].condition));
            TRY(note_choice(translation, items[count].field, value, false, choices));
            count++;
        }
    }
    join_refinements(clauses, items, count, out, any);
    group_choices(clauses, choices);
    return ERR_OK;
}

static enum err translate_exclusions(struct translation *translation, const struct clauses *clauses,
                                     choice_list *choices, struct sql *out, bool *any)
{
    for (size_t i = 0; i < clauses->exclude_count; i++) {
        struct clause clause = {"exclude", clauses->exclude[i]};
        const struct field *field;
        str value;
        translation->clause = &clause;
        TRY(split_refinement(translation, clause.text, &field, &value));
        add_and(out, any);
        sql_text(out, "((");
        TRY(translate_refinement(translation, field, value, out));
        sql_text(out, ") is not true)");
        TRY(note_choice(translation, field, value, true, choices));
    }
    return ERR_OK;
}

enum err translate_filter(struct translation *translation, const struct clauses *clauses,
                          const struct field *left_out, struct sql *out, bool *ret_any)
{
    bool any = false;
    choice_list choices = {0};
    TRY(translate_row_filter(translation, out, &any));
    bool is_where_alone = !any && clauses->refine_count == 0 && clauses->exclude_count == 0 &&
                          !clauses->condition;
    TRY(translate_where(translation, clauses, out, &any));
    translation->only_lookups &= is_where_alone && any;
    TRY(translate_refinements(translation, clauses, left_out, &choices, out, &any));
    TRY(translate_exclusions(translation, clauses, &choices, out, &any));
    if (clauses->condition) {
        /* Within the fence, where there is one, it can be looked up. */
        struct sql *to = translation->fence.parts.count ? &translation->fence : out;
        bool follows = to != out || any;
        sql_text_constant(to, follows ? S(" and (") : S("("));
        sql_join(to, clauses->condition);
        sql_text(to, ")");
        any = true;
    }
    translation->guards_values = false;
    *ret_any = any;
    return ERR_OK;
}
