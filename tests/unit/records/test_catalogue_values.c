/* Values of the catalogue's facets in memory: what is added is read again, and does not move. */
#include "base/bug.h"
#include "domain/catalog/metadata.h"
#include "domain/records/catalogue_source.h"
#include "check.h"

#define ROWS 512
#define BATCHES 60 /* more than one part of each list */
#define BYTES_MOST 160 /* a dataset, with four keywords of which one is its own */

static struct scope scope;

/* Row i has the publisher i modulo 97, or none; keywords that repeat, and one of its own. */
static str publisher_of(size_t row)
{
    return row % 5 == 0 ? STR_NONE : str_printf(&scope.arena, "publisher %zu", row % 97);
}

static size_t keywords_of(size_t row, str *ret_keywords)
{
    if (row % 7 == 0) {
        return 0;
    }
    ret_keywords[0] = S("b");
    ret_keywords[1] = row % 2 ? S("a") : STR_NONE; /* a null item */
    ret_keywords[2] = S("b");
    ret_keywords[3] = row % 3 ? S("") : str_printf(&scope.arena, "own %zu", row);
    return 4;
}

static void add_rows(struct catalogue_values *values, size_t first)
{
    uint64_t valid[3][ROWS / 64] = {{0}};
    str *publishers = arena_array(&scope.arena, str, ROWS);
    str *keywords = arena_array(&scope.arena, str, 4 * ROWS);
    struct span *lists = arena_array(&scope.arena, struct span, ROWS);
    usec *instants = arena_array(&scope.arena, usec, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        publishers[i] = publisher_of(first + i);
        lists[i] = (struct span){4 * i, keywords_of(first + i, keywords + 4 * i)};
        instants[i] = (usec)(first + i) * USEC_SECOND;
        valid[0][i / 64] |= (uint64_t)(publishers[i].p != NULL) << i % 64;
        valid[1][i / 64] |= (uint64_t)((first + i) % 11 != 0) << i % 64;
        valid[2][i / 64] |= (uint64_t)(i % 2) << i % 64;
    }
    struct column columns[] = {{.type = CELL_TEXT, .valid = valid[0], .texts = publishers},
                               {.type = CELL_TEXT_LIST, .valid = valid[1], .lists = lists, .items = keywords},
                               {.type = CELL_INSTANT, .valid = valid[2], .instants = instants},
                               {.type = CELL_NULL},
                               {.type = CELL_NULL}};
    struct batch rows = {ROWS, ARRAY_LENGTH(columns), columns};
    catalogue_values_add(values, &rows, first);
}

static void check_row(const struct value_view *views, size_t row)
{
    str publisher = publisher_of(row);
    uint32_t code = value_code(views[0].column, row);
    assert_int_equal(code != 0, publisher.p != NULL);
    if (code) {
        assert_true(code <= views[0].texts);
        assert_true(str_eq(value_text(views[0].column->of, code - 1), publisher));
    }
    str keywords[4];
    bool has_b = keywords_of(row, keywords) > 0;
    code = value_code(views[1].column, row);
    assert_int_equal(code != 0, row % 11 != 0);
    if (code) {
        assert_true(code <= views[1].sets);
        struct number_range set = value_set(views[1].column->of, code - 1);
        assert_int_equal(set.count, has_b ? 2 + row % 2 : 0);
        bool seen_b = false;
        for (size_t i = 0; i < set.count; i++) {
            uint32_t number = part_number(&views[1].column->of->members, set.first + i);
            assert_true(number < views[1].texts);
            seen_b |= str_eq(value_text(views[1].column->of, number), S("b"));
        }
        assert_int_equal(seen_b, has_b);
    }
    usec instant = value_instant(views[2].column, row);
    assert_true(instant == (row % 2 ? (usec)row * USEC_SECOND : INSTANT_NONE));
    assert_int_equal(value_code(views[4].column, row), 0);
}

static void test_values(void **state)
{
    (void)state;
    const struct metadata_row *publisher = metadata_find(S("default"), S("publisher"));
    const struct metadata_row *keyword = metadata_find(S("default"), S("keyword"));
    const struct metadata_row *modified = metadata_find(S("default"), S("modified"));
    const struct metadata_row *title = metadata_find(S("default"), S("title"));
    struct catalogue_column items[] = {
        {publisher, publisher->in->name, publisher->name, publisher->type, STR_NONE},
        {keyword, keyword->in->name, keyword->name, keyword->type, STR_NONE},
        {modified, modified->in->name, modified->name, modified->type, STR_NONE},
        {title, title->in->name, title->name, title->type, STR_NONE},
        {keyword, keyword->in->name, keyword->name, keyword->type, S("fr")}};
    struct catalogue_values *values = catalogue_values_new();
    catalogue_values_extend(values, &(struct catalogue_columns){items, 4}, 0);
    for (size_t i = 0; i < BATCHES / 2; i++) {
        scope_open(&scope);
        if (i == 20) { /* a language comes later */
            catalogue_values_extend(values, &(struct catalogue_columns){items, 5}, i * ROWS);
        }
        add_rows(values, i * ROWS);
        scope_close(&scope);
    }
    scope_open(&scope);
    const struct value_view *early = catalogue_values_view(&scope.arena, values, 5);
    assert_null(early[3].column); /* no facet */
    assert_ptr_equal(early[4].column->of, early[1].column->of);
    for (size_t i = BATCHES / 2; i < BATCHES; i++) {
        add_rows(values, i * ROWS);
    }
    const struct value_view *late = catalogue_values_view(&scope.arena, values, 5);
    for (size_t row = 0; row < BATCHES * ROWS; row++) {
        check_row(row < BATCHES / 2 * ROWS ? early : late, row);
    }
    assert_int_equal(late[0].texts, 97);
    size_t bytes = catalogue_values_bytes(values) / (BATCHES * ROWS);
    print_message("%zu bytes a dataset\n", bytes);
    assert_true(bytes > 0 && bytes < BYTES_MOST);
    scope_close(&scope);
    catalogue_values_free(values);
    catalogue_values_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
