/*
 * A dataset seen through filters and hidden fields, by every door: pages, groups, facets, searches,
 * exports, single records, the catalogue. See test_agreement.c for clauses at random.
 */
#include "doors.h"

#include "domain/records/spool.h"

/* ---- hidden fields ---- */

static str replace_all(str text, str from, str to)
{
    struct buf out = {0};
    for (size_t at = 0;;) {
        size_t next = str_find(text, from, at);
        buf_add(&out, str_slice(text, at, next));
        if (next == SIZE_MAX) {
            break;
        }
        buf_add(&out, to);
        at = next + from.n;
    }
    str result = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return result;
}

/* Every clause says of a hidden field what it says of one that never was. */
static void test_hidden_fields_do_not_exist(void **state)
{
    (void)state;
    static const char *const clauses[] = {
        "s:secret", "s:count(secret) as c", "s:include(sec*)", "s:exclude(secret)", "s:upper(secret)",
        "s:n, SECRET", "s:json_format(secret)", "s:max(`secret`)", "s:secret as n", "s:length(secret)",
        "w:secret = \"alpha hush\"", "w:secret like \"alpha\"", "w:secret like \"al%\"",
        "w:search(secret, \"alpha\")", "w:search(name, secret, \"alpha\")", "w:startswith(secret, \"a\")",
        "w:suggest(secret, \"a\")", "w:secret is null", "w:\"alpha\" in secret", "w:secret in (\"a\")",
        "w:year(secret) = 3", "w:n = secret", "w:n + secret > 1", "w:secret", "w:not secret is null",
        "w:alpha", "w:\"alpha\"", "w:\"hush\"", "w:search(\"alpha\")", "w:suggest(*, \"hus\")",
        "w:startswith(*, \"alpha\")", "w:ifnull(secret, \"a\") = \"a\"", "w:n = 3 and secret = 4",
        "g:secret", "g:secret as s", "g:range(secret, 5)", "g:lower(secret)", "o:secret", "o:-secret",
        "o:secret desc, n", "o:random(3), secret", "r:secret:alpha hush", "r:secret.x:a", "x:secret:a",
        "f:secret", "f:facet(name=\"secret\")", "f:facet(name=\"secret\", disjunctive=true)"};
    rule("things", ACCESS_GROUP, 1, RIGHT_READ, "", "secret");
    struct door view = door_open(&member, "things");
    for (size_t i = 0; i < ARRAY_LENGTH(clauses); i++) {
        str seen[2];
        for (int j = 0; j < 2; j++) {
            str text = str_from(clauses[i] + 2);
            text = j ? replace_all(text, S("secret"), S("absent")) : text;
            text = j ? replace_all(text, S("SECRET"), S("ABSENT")) : text;
            text = j ? replace_all(text, S("sec*"), S("abs*")) : text;
            text = j ? replace_all(text, S("alpha"), S("nowhe")) : text;
            text = j ? replace_all(text, S("hus"), S("qqq")) : text;
            struct clauses read = {.limit = 20};
            switch (clauses[i][0]) {
            case 's':
                read.select = text;
                break;
            case 'w':
                read.where = &text;
                read.where_count = 1;
                break;
            case 'g':
                read.group_by = text;
                break;
            case 'o':
                read.order_by = text;
                break;
            case 'r':
                read.refine = &text;
                read.refine_count = 1;
                break;
            case 'x':
                read.exclude = &text;
                read.exclude_count = 1;
                break;
            default:
                break;
            }
            seen[j] = clauses[i][0] == 'f' ? facet_text(&view, &read, text)
                                           : read_text(&view, &read);
        }
        str seen_absent = replace_all(replace_all(replace_all(replace_all(
            seen[0], S("secret"), S("absent")), S("SECRET"), S("ABSENT")), S("alpha"), S("nowhe")),
            S("hus"), S("qqq"));
        check_text(clauses[i], seen_absent, seen[1]);
    }
    const struct facet_request *requests;
    size_t count;
    check_ok("facets", &scope,
             facet_requests_default(&scope, &view.lease.source, &requests, &count));
    for (size_t i = 0; i < count; i++) {
        assert_false(str_eq(requests[i].field->name, S("secret")));
    }
    assert_int_equal(str_find(view.dataset->document, S("secret"), 0), SIZE_MAX);
    door_close(&view);
}

/* Searching everywhere does not find the words of hidden fields, in any form, also when all texts are
 * hidden. */
static void test_words_of_hidden_fields(void **state)
{
    (void)state;
    const str searches[] = {S("\"hush\""), S("search(\"alpha\")"), S("search(\"alphx hush\")"),
                            S("suggest(\"gam\")"), S("\"bet*\""), S("startswith(*, \"beta\")")};
    for (int all_texts = 0; all_texts < 2; all_texts++) {
        rule("things", ACCESS_GROUP, 1, RIGHT_READ, "", all_texts ? "secret,name,kind,tags" : "secret");
        struct door view = door_open(&member, "things");
        struct door whole = door_open(&administrator, "things");
        for (size_t i = 0; i < ARRAY_LENGTH(searches); i++) {
            struct clauses clauses = {.select = S("n"), .where = &searches[i], .where_count = 1,
                                      .limit = 3};
            check_text(searches[i].p, read_text(&view, &clauses), S("; 0 of 0"));
            assert_false(str_starts(read_text(&whole, &clauses), S("; 0 of 0")));
        }
        /* A word that is in both kinds of fields is found where it is visible only. */
        const str green = S("\"green\"");
        struct clauses clauses = {.select = S("count(*) as c"), .where = &green, .where_count = 1,
                                  .limit = 1};
        check_text("green", read_text(&view, &clauses),
                   all_texts ? S("{\"c\": 0}; 1 of 0") : S("{\"c\": 100}; 1 of 100"));
        door_close(&whole);
        door_close(&view);
    }
}

/* A condition that fails on records that are left out must not show that they are there. */
static void test_errors_of_records_left_out(void **state)
{
    (void)state;
    const str wheres_that_fail[] = {S("n + 9223372036854775800 > n"), S("-(n + 9223372036854775800) < n"),
                                    S("not (n + 9223372036854775800 > n)"),
                                    S("year(d) * (n + 9223372036854775000) > n or n = 5")};
    rule("things", ACCESS_GROUP, 1, RIGHT_READ, "n <= 5", "");
    struct door view = door_open(&member, "things");
    struct door whole = door_open(&administrator, "things");
    for (size_t i = 0; i < ARRAY_LENGTH(wheres_that_fail); i++) {
        struct clauses clauses = {.select = S("n"), .where = &wheres_that_fail[i], .where_count = 1,
                                  .limit = 100};
        assert_true(str_starts(read_text(&whole, &clauses), S("error")));
        str seen = read_text(&view, &clauses);
        if (str_starts(seen, S("error"))) {
            print_error("%s: %s\n", wheres_that_fail[i].p, str_cz(&scope.arena, seen));
        }
        assert_false(str_starts(seen, S("error")));
    }
    door_close(&whole);
    door_close(&view);
}

/* A file that the engine writes whole: the columns and rows that there are. */
static void test_parquet(void **state)
{
    (void)state;
    rule("things", ACCESS_GROUP, 1, RIGHT_READ, "n < 40 and secret like \"al%\"", "secret,p");
    struct door view = door_open(&member, "things");
    struct format_options options = format_options_default();
    struct clauses clauses = {.limit = -1};
    struct plan *plan;
    struct spool spool;
    cell value;
    options.compression = S("snappy");
    check_ok("plan", &scope, odsql_compile(&scope, &view.lease.source, &clauses, &plan));
    check_ok("spool", &scope, spool_parquet(&scope, &view.lease, plan, &options, &spool));
    str path = str_printf(&scope.arena, "%s/copy.parquet", records_spool_directory(portal.records));
    str copy = str_printf(&scope.arena, "cat /proc/%d/fd/%d > %s", (int)getpid(), spool.descriptor,
                          path.p);
    assert_int_equal(system(copy.p), 0);
    close(spool.descriptor);
    struct sql sql = sql_in(&scope.arena);
    sql_text(&sql, "select string_agg(distinct name, ',' order by name) from parquet_schema(");
    sql_bind(&sql, cell_text(path));
    sql_text(&sql, ") where num_children is null");
    check_ok("columns", &scope, db_query_cell(&scope, view.lease.db, &sql, &value));
    check_text("columns", value.text, S("at,d,element,kind,n,name,ok,x"));
    sql = sql_in(&scope.arena);
    sql_text(&sql, "select count(*) || ' ' || max(n) from read_parquet(");
    sql_bind(&sql, cell_text(path));
    sql_text(&sql, ")");
    check_ok("rows", &scope, db_query_cell(&scope, view.lease.db, &sql, &value));
    check_text("rows", value.text, S("8 35"));
    unlink(path.p);
    door_close(&view);
}

/* ---- single records ---- */

static void keep_id(struct buf *out, str id, bool is_first, const void *user)
{
    (void)is_first;
    (void)user;
    buf_printf(out, "|%.*s\n", STR_ARG(id));
}

/* The ids of all records as links have them, in the order of the file. */
static str *read_ids(struct door *door, size_t *ret_count)
{
    struct sql expression = sql_in(&scope.arena);
    records_id_expression(&expression, &door->lease.source);
    struct clauses clauses = {.select = S("1 as one"), .limit = 20000, .id_expression = &expression};
    struct plan *plan;
    struct buf out = {0};
    struct read_result page;
    check_ok("ids", &scope, odsql_compile(&scope, &door->lease.source, &clauses, &plan));
    struct read read = {.plan = plan, .clauses = &clauses, .zone = zone_find(STR_NONE),
                        .add_keys = keep_id};
    check_ok("ids", &scope, read_page(&scope, &door->lease, &read, &out, &page));
    str *ids = arena_array(&scope.arena, str, (size_t)page.rows);
    str rest = buf_copy(&out, &scope.arena);
    str line;
    for (*ret_count = 0; *ret_count < (size_t)page.rows && str_split(&rest, '\n', &line);) {
        size_t at = str_find_char(line, '|', 0);
        ids[(*ret_count)++] = str_slice(line, at + 1, line.n);
    }
    buf_done(&out);
    return ids;
}

static bool finds(struct door *door, str id)
{
    int64_t key;
    struct sql condition = sql_in(&scope.arena);
    struct plan *plan;
    cell count;
    assert_true(records_key_of_id(id, &key));
    records_id_condition(&condition, &door->lease.source, id, key);
    struct clauses clauses = {.condition = &condition, .limit = 1};
    check_ok("find", &scope, odsql_compile(&scope, &door->lease.source, &clauses, &plan));
    check_ok("find", &scope, db_query_cell(&scope, door->lease.db, &plan->total, &count));
    assert_true(count.number <= 1);
    return count.number == 1;
}

/* Records found by any of the ids. A record has one id only, so that many means each of as many ids. */
static size_t count_found(struct door *door, const str *ids, size_t count)
{
    enum { at_once = 30 };
    size_t found = 0;
    for (size_t from = 0; from < count; from += at_once) {
        struct sql condition = sql_in(&scope.arena);
        struct plan *plan;
        cell records;
        for (size_t i = from; i < count && i < from + at_once; i++) {
            int64_t key;
            assert_true(records_key_of_id(ids[i], &key));
            sql_text_constant(&condition, i > from ? S(" or (") : S("("));
            records_id_condition(&condition, &door->lease.source, ids[i], key);
            sql_text(&condition, ")");
        }
        struct clauses clauses = {.condition = &condition, .limit = 1};
        check_ok("find", &scope, odsql_compile(&scope, &door->lease.source, &clauses, &plan));
        check_ok("find", &scope, db_query_cell(&scope, door->lease.db, &plan->total, &records));
        found += (size_t)records.number;
    }
    return found;
}

static void test_record_ids(void **state)
{
    (void)state;
    str invisible[THINGS];
    size_t invisible_count = 0;
    size_t count;
    size_t all_count;
    size_t filtered_count;
    struct door whole = door_open(&administrator, "things");
    str *all = read_ids(&whole, &all_count);
    rule("things", ACCESS_GROUP, 1, RIGHT_READ, "", "secret");
    struct door hiding = door_open(&member, "things");
    str *ids = read_ids(&hiding, &count);
    rule("things", ACCESS_GROUP, 1, RIGHT_READ, "n < 60 and secret is not null", "secret");
    struct door view = door_open(&member, "things");
    str *filtered = read_ids(&view, &filtered_count);
    assert_int_equal(all_count, THINGS);
    assert_int_equal(count, THINGS);
    assert_int_equal(filtered_count, 48);
    size_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        bool visible = seen < filtered_count && str_eq(filtered[seen], ids[i]);
        assert_false(str_eq(ids[i], all[i])); /* those would let secrets be guessed */
        seen += visible;
        if (!visible) {
            invisible[invisible_count++] = ids[i];
        }
    }
    assert_int_equal(seen, filtered_count);
    assert_int_equal(count_found(&whole, all, all_count), all_count);
    assert_int_equal(count_found(&view, all, all_count), 0);
    assert_int_equal(count_found(&view, filtered, filtered_count), filtered_count);
    assert_int_equal(count_found(&view, invisible, invisible_count), 0);
    door_close(&view);
    door_close(&hiding);
    /* Without hidden fields ids are what they are for others; the filter holds for look-ups too. */
    rule("things", ACCESS_GROUP, 1, RIGHT_READ, "n < 60", "");
    view = door_open(&member, "things");
    assert_int_equal(count_found(&view, all, 60), 60);
    assert_int_equal(count_found(&view, all + 60, all_count - 60), 0);
    door_close(&view);
    door_close(&whole);
}

/* Ids made of id fields stay the same as long as none of those is hidden. */
static void test_record_ids_of_id_fields(void **state)
{
    (void)state;
    size_t count;
    struct door whole = door_open(&administrator, "notes");
    str *all = read_ids(&whole, &count);
    rule("notes", ACCESS_GROUP, 1, RIGHT_READ, "pay < 500", "pay");
    struct door view = door_open(&member, "notes");
    assert_true(schema_has_id(&view.dataset->schema));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(finds(&view, all[i]), i < 5);
    }
    door_close(&view);
    rule("notes", ACCESS_GROUP, 1, RIGHT_READ, "pay < 500", "code");
    view = door_open(&member, "notes");
    assert_false(schema_has_id(&view.dataset->schema));
    size_t few;
    str *ids = read_ids(&view, &few);
    assert_int_equal(few, 5);
    for (size_t i = 0; i < few; i++) {
        assert_true(finds(&view, ids[i]));
        assert_false(finds(&view, all[i]));
    }
    door_close(&view);
    door_close(&whole);
}

/* ---- the catalogue ---- */

static str catalogue_text(const struct actor *actor, const struct clauses *clauses, str facet,
                          str *ret_facet)
{
    struct records_lease lease;
    struct plan *plan;
    struct read_result page;
    struct buf out = {0};
    struct facet_request request;
    const struct facet_value *values;
    const struct snapshot *view = view_of(actor);
    check_ok("catalogue", &scope, records_lease_catalogue(&scope, portal.records, view, S(""), &lease));
    check_ok("catalogue", &scope, odsql_compile(&scope, &lease.source, clauses, &plan));
    struct read read = {.plan = plan, .clauses = clauses, .zone = zone_find(STR_NONE),
                        .source_count = (int64_t)view->count};
    check_ok("catalogue", &scope, read_page(&scope, &lease, &read, &out, &page));
    buf_printf(&out, "; %lld", (long long)page.total);
    str text = buf_copy(&out, &scope.arena);
    buf_clear(&out);
    check_ok("facet", &scope, odsql_facet_parse(&scope, &lease.source, facet, &request));
    check_ok("facet", &scope, facet_read(&scope, &lease, clauses, &request, &values));
    add_facet(&out, values);
    *ret_facet = buf_copy(&out, &scope.arena);
    buf_done(&out);
    records_release(&lease);
    snapshot_unref(view);
    return text;
}

static void test_catalogue(void **state)
{
    (void)state;
    const str search[] = {S("\"notes\"")};
    struct clauses clauses = {.select = S("dataset_id, default.records_count as n"), .limit = 10};
    struct clauses searching = clauses;
    searching.where = search;
    searching.where_count = 1;
    str facet;
    rule("notes", ACCESS_EVERYONE, 0, 0, "", "");
    rule("notes", ACCESS_GROUP, 1, RIGHT_READ, "pay < 700", "pay");
    rule("things", ACCESS_EVERYONE, 0, RIGHT_READ, "n < 33", "secret");
    for (int i = 0; i < 2; i++) { /* in turn, so that none finds what was made for another */
        check_text("visitor", catalogue_text(&visitor, &clauses, S("publisher"), &facet),
                   S("{\"dataset_id\": \"things\", \"n\": 33}; 1"));
        check_text("visitor", facet, S("Works:1:0() "));
        check_text("member", catalogue_text(&member, &clauses, S("publisher"), &facet),
                   S("{\"dataset_id\": \"things\", \"n\": 33}, {\"dataset_id\": \"notes\", \"n\": 7}; 2"));
        check_text("member", facet, S("Works:2:0() "));
        check_text("administrator", catalogue_text(&administrator, &clauses, S("publisher"), &facet),
                   S("{\"dataset_id\": \"things\", \"n\": 300}, {\"dataset_id\": \"notes\", \"n\": 20}; 2"));
        check_text("visitor", catalogue_text(&visitor, &searching, S("publisher"), &facet), S("; 0"));
        check_text("visitor", facet, S(""));
    }
    /* And after a change. */
    rule("things", ACCESS_EVERYONE, 0, 0, "", "");
    clauses.select = S("dataset_id");
    check_text("visitor", catalogue_text(&visitor, &clauses, S("publisher"), &facet), S("; 0"));
}

/* Tells apart what is seen before and after a change that alters neither count nor fields. */
static void test_validators(void **state)
{
    (void)state;
    rule("things", ACCESS_EVERYONE, 0, RIGHT_READ, "n < 5", "");
    struct door before = door_open(&visitor, "things");
    rule("things", ACCESS_EVERYONE, 0, RIGHT_READ, "n >= 295", "");
    struct door after = door_open(&visitor, "things");
    struct door whole = door_open(&administrator, "things");
    check_text("document", before.dataset->document, after.dataset->document);
    assert_int_not_equal(before.dataset->view, after.dataset->view);
    assert_int_not_equal(before.dataset->view, 0);
    assert_int_equal(whole.dataset->view, 0);
    struct clauses clauses = {.select = S("n"), .limit = 1};
    check_text("before", read_text(&before, &clauses), S("{\"n\": 0}; 1 of 5"));
    check_text("after", read_text(&after, &clauses), S("{\"n\": 295}; 1 of 5"));
    door_close(&whole);
    door_close(&after);
    door_close(&before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_hidden_fields_do_not_exist, test_begin),
        cmocka_unit_test_setup(test_words_of_hidden_fields, test_begin),
        cmocka_unit_test_setup(test_errors_of_records_left_out, test_begin),
        cmocka_unit_test_setup(test_parquet, test_begin),
        cmocka_unit_test_setup(test_record_ids, test_begin),
        cmocka_unit_test_setup(test_record_ids_of_id_fields, test_begin),
        cmocka_unit_test_setup(test_catalogue, test_begin),
        cmocka_unit_test_setup(test_validators, test_begin),
    };
    return cmocka_run_group_tests(tests, open_doors, portal_close);
}
