#include "web/front/filter.h"

#include "base/limits.h"
#include "base/vec.h"

typedef VEC(struct filter_part) part_list;

/* ---- reading ---- */

static bool read_part(const struct query_parameter *parameter, struct filter_part *ret_part)
{
    static const struct {
        str prefix;
        enum filter_kind kind;
    } prefixes[] = {{{"refine.", 7}, FILTER_REFINE},
                    {{"exclude.", 8}, FILTER_EXCLUDE},
                    {{"disjunctive.", 12}, FILTER_DISJUNCTIVE}};
    static const struct {
        str name;
        enum filter_kind kind;
    } names[] = {
        {{"q", 1}, FILTER_WORDS}, {{"where", 5}, FILTER_WHERE}, {{"sort", 4}, FILTER_SORT}};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_eq(parameter->name, names[i].name)) {
            *ret_part = (struct filter_part){names[i].kind, S(""), str_trim(parameter->value)};
            return ret_part->value.n > 0;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++) {
        if (str_starts(parameter->name, prefixes[i].prefix)) {
            str field = str_slice(parameter->name, prefixes[i].prefix.n, parameter->name.n);
            *ret_part = (struct filter_part){prefixes[i].kind, field, parameter->value};
            if (prefixes[i].kind == FILTER_DISJUNCTIVE) { /* Opendatasoft writes it with and without a value */
                bool is_no = str_eq_nocase(parameter->value, S("false"));
                ret_part->value = S("true");
                return field.n > 0 && !is_no;
            }
            return field.n > 0 && parameter->value.n > 0;
        }
    }
    return false;
}

static bool is_single(enum filter_kind kind)
{
    return kind == FILTER_WORDS || kind == FILTER_SORT;
}

static bool is_same(const struct filter_part *a, const struct filter_part *b)
{
    return a->kind == b->kind && str_eq(a->field, b->field) && str_eq(a->value, b->value);
}

static bool has_part(const part_list *list, const struct filter_part *part)
{
    for (size_t i = 0; i < list->count; i++) {
        bool is_taken = is_single(part->kind) && list->items[i].kind == part->kind;
        if (is_taken || is_same(&list->items[i], part)) {
            return true;
        }
    }
    return false;
}

enum err filter_read(struct call *call, struct filter *ret_filter)
{
    part_list list = {0};
    for (int kind = FILTER_WORDS; kind <= FILTER_SORT; kind++) {
        for (size_t i = 0; i < call->query.count; i++) {
            struct filter_part part;
            if (!read_part(&call->query.items[i], &part) || (int)part.kind != kind ||
                has_part(&list, &part)) {
                continue;
            }
            if (part.value.n > LIMIT_CLAUSE_BYTES || part.field.n > LIMIT_CLAUSE_BYTES) {
                return fail(call->scope, ERR_TOO_LARGE, "The parameter %.*s is longer than %u bytes.",
                            STR_ARG(call->query.items[i].name), LIMIT_CLAUSE_BYTES);
            }
            if (list.count == LIMIT_REFINES) {
                return fail(call->scope, ERR_TOO_LARGE, "The address has more than %d filters.",
                            LIMIT_REFINES);
            }
            vec_add(&call->scope->arena, &list, part);
        }
    }
    *ret_filter = (struct filter){list.items, list.count};
    return ERR_OK;
}

/* ---- asking ---- */

str filter_value(const struct filter *filter, enum filter_kind kind)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->parts[i].kind == kind) {
            return filter->parts[i].value;
        }
    }
    return S("");
}

bool filter_narrows(const struct filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        enum filter_kind kind = filter->parts[i].kind;
        if (kind != FILTER_SORT && kind != FILTER_DISJUNCTIVE) {
            return true;
        }
    }
    return false;
}

bool filter_is_disjunctive(const struct filter *filter, str field)
{
    return filter_find(filter, FILTER_DISJUNCTIVE, field, S("true")) != SIZE_MAX;
}

size_t filter_find(const struct filter *filter, enum filter_kind kind, str field, str value)
{
    struct filter_part wanted = {kind, field, value};
    for (size_t i = 0; i < filter->count; i++) {
        if (is_same(&filter->parts[i], &wanted)) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* ---- changing ---- */

struct filter filter_without(struct arena *arena, const struct filter *filter, size_t at)
{
    part_list list = {0};
    for (size_t i = 0; i < filter->count; i++) {
        if (i != at) {
            vec_add(arena, &list, filter->parts[i]);
        }
    }
    return (struct filter){list.items, list.count};
}

struct filter filter_with(struct arena *arena, const struct filter *filter, struct filter_part part)
{
    part_list list = {0};
    bool is_added = false;
    for (size_t i = 0; i < filter->count; i++) {
        const struct filter_part *own = &filter->parts[i];
        if (!is_added && own->kind > part.kind) {
            vec_add(arena, &list, part);
            is_added = true;
        }
        if (!is_same(own, &part) && !(is_single(part.kind) && own->kind == part.kind)) {
            vec_add(arena, &list, *own);
        }
    }
    if (!is_added) {
        vec_add(arena, &list, part);
    }
    return (struct filter){list.items, list.count};
}

struct filter filter_cleared(struct arena *arena, const struct filter *filter)
{
    part_list list = {0};
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->parts[i].kind == FILTER_SORT) {
            vec_add(arena, &list, filter->parts[i]);
        }
    }
    return (struct filter){list.items, list.count};
}

/* ---- writing ---- */

static void write_parameter(struct buf *out, str prefix, str field, str value)
{
    if (out->n) {
        buf_add_char(out, '&');
    }
    buf_add(out, prefix);
    url_encode(out, field);
    buf_add_char(out, '=');
    url_encode(out, value);
}

void filter_write(struct buf *out, const struct filter *filter)
{
    static const str prefixes[] = {
        [FILTER_WORDS] = {"q", 1},           [FILTER_REFINE] = {"refine.", 7},
        [FILTER_EXCLUDE] = {"exclude.", 8},  [FILTER_WHERE] = {"where", 5},
        [FILTER_DISJUNCTIVE] = {"disjunctive.", 12}, [FILTER_SORT] = {"sort", 4}};
    for (size_t i = 0; i < filter->count; i++) {
        write_parameter(out, prefixes[filter->parts[i].kind], filter->parts[i].field,
                        filter->parts[i].value);
    }
}

str filter_address(struct arena *arena, str path, const struct filter *filter)
{
    cleanup_with(buf_cleanup) struct buf query = {0};
    filter_write(&query, filter);
    return query.n ? str_printf(arena, "%.*s?%.*s", STR_ARG(path), STR_ARG(buf_str(&query)))
                   : str_copy(arena, path);
}

/* ---- as clauses ---- */

static str search_clause(struct arena *arena, str words, enum filter_search search)
{
    if (search == FILTER_SEARCH_CATALOGUE) {
        return str_printf(arena, "search(%.*s)", STR_ARG(odsql_literal(arena, words)));
    }
    bool is_open = !str_ends(words, S("*")) && !str_ends(words, S("\""));
    str text = is_open ? str_printf(arena, "%.*s*", STR_ARG(words)) : words;
    return odsql_literal(arena, text);
}

static str order_clause(struct arena *arena, str sort)
{
    bool is_descending = str_starts(sort, S("-"));
    str name = str_slice(sort, is_descending, sort.n);
    return str_printf(arena, "%.*s%s", STR_ARG(odsql_name(arena, name)),
                      is_descending ? " desc" : "");
}

void filter_clauses(struct arena *arena, const struct filter *filter, enum filter_search search,
                    struct clauses *clauses)
{
    VEC(str) where = {0}, refine = {0}, exclude = {0};
    for (size_t i = 0; i < filter->count; i++) {
        const struct filter_part *part = &filter->parts[i];
        str pair = str_printf(arena, "%.*s:%.*s", STR_ARG(odsql_name(arena, part->field)),
                              STR_ARG(odsql_literal(arena, part->value)));
        if (part->kind == FILTER_WORDS) {
            vec_add(arena, &where, search_clause(arena, part->value, search));
        } else if (part->kind == FILTER_WHERE) {
            vec_add(arena, &where, part->value);
        } else if (part->kind == FILTER_REFINE) {
            vec_add(arena, &refine, pair);
        } else if (part->kind == FILTER_EXCLUDE) {
            vec_add(arena, &exclude, pair);
        } else if (part->kind == FILTER_SORT) {
            clauses->order_by = order_clause(arena, part->value);
        }
    }
    clauses->where = where.items;
    clauses->where_count = where.count;
    clauses->refine = refine.items;
    clauses->refine_count = refine.count;
    clauses->exclude = exclude.items;
    clauses->exclude_count = exclude.count;
}

static void write_clauses(struct buf *out, str name, const str *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        write_parameter(out, name, S(""), texts[i]);
    }
}

void filter_write_api(struct buf *out, const struct clauses *clauses)
{
    write_clauses(out, S("where"), clauses->where, clauses->where_count);
    write_clauses(out, S("refine"), clauses->refine, clauses->refine_count);
    write_clauses(out, S("exclude"), clauses->exclude, clauses->exclude_count);
    if (clauses->order_by.n) {
        write_parameter(out, S("order_by"), S(""), clauses->order_by);
    }
}
