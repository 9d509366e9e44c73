/*
 * A dataset seen through filters and hidden fields, asked with clauses put together at random. What is
 * compared with is the whole dataset with the filter put into where and the hidden fields left out of
 * select.
 */
#include "doors.h"

static uint64_t seed = 20260701;

static size_t draw(size_t count)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % count;
}

#define DECK_MOST 32

/* Texts in an order drawn at random: each comes once before any comes again. */
struct deck {
    size_t order[DECK_MOST];
    size_t left;
};

static str deal(struct deck *deck, const char *const *texts, size_t count)
{
    assert_true(count <= DECK_MOST);
    if (deck->left == 0) {
        for (size_t i = 0; i < count; i++) {
            size_t other = draw(i + 1);
            deck->order[i] = deck->order[other];
            deck->order[other] = i;
        }
        deck->left = count;
    }
    return str_from(texts[deck->order[--deck->left]]);
}

/* Each place in the program where it stands has a deck of its own. */
#define PICK(texts)                                                                                \
    ({                                                                                             \
        static struct deck deck;                                                                   \
        deal(&deck, texts, ARRAY_LENGTH(texts));                                                   \
    })

/* Over all fields, also those that are hidden. */
static const char *const filter_parts[] = {
    "n < 150", "n % 2 = 0", "secret like \"alpha%\"", "secret = \"beta hush\"", "kind = \"small\"",
    "kind is null", "secret is not null", "tags = \"a\"", "x > 12.5", "ok is true", "not ok is true",
    "d >= date'2024'", "at > date'2026-07-05'", "search(secret, \"gamma\")", "\"blue\"", "year(d) = 2023",
    "n * 2 > 100", "length(name) > 9", "startswith(secret, \"g\")", "n in (1, 2, 3, 50, 120, 250)",
    "p is not null", "suggest(\"hush\")", "month(at) = 7 and hour(at) < 12", "n in [20..180]"};

static const char *const hidden_sets[] = {"", "secret", "secret,name", "secret,kind,x", "secret,p,at",
                                          "name,tags", "secret,ok,d"};

/* What clients ask; %s: the visible text fields. Those that name a hidden field are the same error. */
static const char *const wheres[] = {
    "", "", "", "n > 40", "n + n > 100", "kind = \"big\"", "kind is null or n < 30", "tags = \"b\"",
    "x < 20 and n > 3", "d = date'2024-01'", "at < date'2026-07-09' and not kind = \"small\"",
    "search(%s, \"green\")", "search(%s, \"alpha\")", "search(%s, \"hush\")", "suggest(%s, \"gre\")",
    "search(%s, \"red\") or n < 9", "name like \"red\"", "startswith(name, \"thing b\")", "ok = true",
    "hour(at) = 5", "kind in (\"big\", \"none\")", "not (n > 20)", "length(name) = 10"};

static const char *const selects[] = {"", "", "n", "name, n as number", "n, tags, at", "*, n + 1 as next",
                                      "include(n, k*)", "exclude(n)", "p, d", "upper(name), x"};
static const char *const orders[] = {"", "", "-n", "kind, n desc", "x, n", "at desc"};
static const char *const groups[] = {"kind", "tags", "ok", "year(d)", "range(n, 50)", "kind, ok",
                                     "range(d, 1 month)"};
static const char *const refines[] = {"", "", "", "kind:small", "tags:a", "ok:true", "d:2024", "d:2023/12"};
static const char *const facets[] = {"kind", "tags", "ok", "d", "n",
                                     "facet(name=\"kind\", disjunctive=true)"};

struct question {
    str where, select, order_by, group_by, refine, exclude, facet;
    int64_t limit, offset;
};

static str with_modulo(str filter)
{
    /* ODSQL has no remainder; this part is the same in another way. */
    return str_eq(filter, S("n % 2 = 0")) ? S("tags = \"a\" and n >= 0") : filter;
}

static str draw_filter(void)
{
    str first = with_modulo(PICK(filter_parts));
    str second = with_modulo(PICK(filter_parts));
    switch (draw(4)) {
    case 0:
        return first;
    case 1:
        return str_printf(&scope.arena, "(%.*s) and (%.*s)", STR_ARG(first), STR_ARG(second));
    case 2:
        return str_printf(&scope.arena, "%.*s or %.*s", STR_ARG(first), STR_ARG(second));
    default:
        return str_printf(&scope.arena, "not (%.*s) or (%.*s)", STR_ARG(first), STR_ARG(second));
    }
}

static struct question draw_question(void)
{
    struct question question = {.where = PICK(wheres), .refine = PICK(refines),
                                .exclude = draw(4) ? S("") : PICK(refines), .facet = PICK(facets)};
    if (draw(3)) {
        question.select = PICK(selects);
        question.order_by = PICK(orders);
    } else {
        question.group_by = PICK(groups);
        question.select = draw(2) ? S("count(*) as c") : S("count(*) as c, sum(n) as s");
    }
    question.limit = draw(3) ? (int64_t)draw(30) : -1;
    question.offset = question.limit > 0 ? (int64_t)draw(20) : 0;
    return question;
}

/* Names of fields, with commas; only texts for searches. */
static str field_list(const struct schema *schema, bool only_text)
{
    str list = S("");
    for (size_t i = 0; i < schema->count; i++) {
        if (!only_text || schema->fields[i].type == FIELD_TEXT) {
            list = str_printf(&scope.arena, "%.*s%s%.*s", STR_ARG(list), list.n ? ", " : "",
                              STR_ARG(schema->fields[i].name));
        }
    }
    return list;
}

static str fill(str text, str list)
{
    size_t at = str_find(text, S("%s"), 0);
    return at == SIZE_MAX ? text
                          : str_printf(&scope.arena, "%.*s%.*s%.*s",
                                       STR_ARG(str_slice(text, 0, at)), STR_ARG(list),
                                       STR_ARG(str_slice(text, at + 2, text.n)));
}

/* Whether a clause names a hidden field: then it must be refused, and there is nothing to compare. */
static bool names(str clause, const struct schema *schema)
{
    for (size_t i = 0; i < thing_schema.count; i++) {
        str name = thing_schema.fields[i].name;
        if (schema_find(schema, name)) {
            continue;
        }
        for (size_t at = str_find(clause, name, 0); at != SIZE_MAX;
             at = str_find(clause, name, at + 1)) {
            bool before = at > 0 && (is_ascii_letter(clause.p[at - 1]));
            bool after = at + name.n < clause.n && (is_ascii_letter(clause.p[at + name.n]) ||
                                                    clause.p[at + name.n] == '(');
            if (!before && !after) {
                return true;
            }
        }
    }
    return false;
}

static void replace_star(struct question *question, str list, bool has_kind)
{
    if (question->group_by.n) {
        return;
    }
    if (!has_kind && str_starts(question->select, S("include"))) {
        question->select = S("n"); /* nothing else begins with k */
    }
    str select = question->select;
    if (select.n == 0) {
        question->select = list;
    } else if (str_starts(select, S("*"))) {
        question->select = str_printf(&scope.arena, "%.*s%.*s", STR_ARG(list),
                                      STR_ARG(str_slice(select, 1, select.n)));
    } else if (str_starts(select, S("exclude"))) {
        question->select = str_printf(&scope.arena, "%.*s, %.*s", STR_ARG(list), STR_ARG(select));
    }
}

static void compare_question(struct door *view, struct door *whole, str filter,
                             const struct question *asked, size_t number)
{
    struct question question = *asked;
    str list = field_list(&view->dataset->schema, false);
    str texts = field_list(&view->dataset->schema, true);
    bool names_hidden = names(question.where, &view->dataset->schema) ||
                        names(question.select, &view->dataset->schema) ||
                        names(question.order_by, &view->dataset->schema) ||
                        names(question.group_by, &view->dataset->schema) ||
                        names(question.refine, &view->dataset->schema) ||
                        names(question.exclude, &view->dataset->schema);
    bool has_text = str_find(question.where, S("%s"), 0) != SIZE_MAX;
    str where = fill(question.where, S("*"));
    str both[] = {filter, fill(question.where, texts)};
    struct clauses clauses = {.select = question.select, .group_by = question.group_by,
                              .order_by = question.order_by, .where = &where, .where_count = 1,
                              .refine = &question.refine, .refine_count = question.refine.n > 0,
                              .exclude = &question.exclude, .exclude_count = question.exclude.n > 0,
                              .limit = question.limit, .offset = question.offset};
    str name = str_printf(&scope.arena,
                          "%zu: filter '%.*s' fields '%.*s' where '%.*s' select '%.*s' group_by '%.*s' "
                          "order_by '%.*s' refine '%.*s' exclude '%.*s' facet '%.*s'",
                          number, STR_ARG(filter), STR_ARG(list), STR_ARG(where),
                          STR_ARG(question.select), STR_ARG(question.group_by),
                          STR_ARG(question.order_by), STR_ARG(question.refine),
                          STR_ARG(question.exclude), STR_ARG(question.facet));
    str seen = read_text(view, &clauses);
    if (names_hidden) {
        if (!str_starts(seen, S("error"))) {
            print_error("%s\n", name.p);
        }
        assert_true(str_starts(seen, S("error")));
        return;
    }
    assert_true(texts.n > 0 || !has_text);
    replace_star(&question, list, schema_find(&view->dataset->schema, S("kind")) != NULL);
    struct clauses open = clauses;
    open.select = question.select;
    open.where = both;
    open.where_count = 2;
    check_text(name.p, seen, read_text(whole, &open));
    if (!str_starts(seen, S("error"))) {
        check_text(name.p, export_text(view, &clauses, "csv"), export_text(whole, &open, "csv"));
    }
    if (!names(question.facet, &view->dataset->schema)) {
        check_text(name.p, facet_text(view, &clauses, question.facet),
                   facet_text(whole, &open, question.facet));
    }
}

static void check_counts(struct door *view, struct door *whole, str filter)
{
    struct clauses counting = {.select = S("count(*) as c"), .where = &filter, .where_count = 1,
                               .limit = 1};
    struct clauses all = {.limit = 0};
    str expected = read_text(whole, &counting);
    counting.where_count = 0;
    check_text("count(*)", read_text(view, &counting), expected);
    str count = str_printf(&scope.arena, "{\"c\": %lld}; 1 of %lld",
                           (long long)view->dataset->records_count,
                           (long long)view->dataset->records_count);
    check_text("records_count", expected, count);
    str total = str_printf(&scope.arena, "; 0 of %lld", (long long)view->dataset->records_count);
    check_text("total_count", read_text(view, &all), total);
    str in_document = str_printf(&scope.arena, "\"records_count\": %lld,",
                                 (long long)view->dataset->records_count);
    assert_true(str_find(view->dataset->document, in_document, 0) != SIZE_MAX);
}

static void test_agreement(void **state)
{
    (void)state;
    for (size_t round = 0; round < ARRAY_LENGTH(filter_parts); round++) {
        str filter = draw_filter();
        str hidden = PICK(hidden_sets);
        rule("things", ACCESS_GROUP, 1, RIGHT_READ, str_cz(&scope.arena, filter), hidden.p);
        struct door view = door_open(&member, "things");
        struct door whole = door_open(&administrator, "things");
        check_counts(&view, &whole, filter);
        for (size_t i = 0; i < 4; i++) {
            struct question question = draw_question();
            compare_question(&view, &whole, filter, &question, round * 100 + i);
        }
        door_close(&whole);
        door_close(&view);
        scope_close(&scope);
        scope_open(&scope);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_agreement, test_begin),
    };
    return cmocka_run_group_tests(tests, open_doors, portal_close);
}
