/* How a fault of ODSQL is explained: the message with its arguments, and the place in the clause. */
#include "../check.h"

#include "domain/odsql/lexer.h"

static struct scope scope;

static str explained(const char *code)
{
    assert_non_null(scope.failure.explanation);
    return explanation_text(&scope.arena, language_find(str_from(code)), scope.failure.explanation);
}

static void check_place(size_t at, size_t length)
{
    assert_true(scope.failure.explanation->has_place);
    assert_int_equal(scope.failure.explanation->at, at);
    assert_int_equal(scope.failure.explanation->length, length);
}

static void test_place_is_a_part_of_the_clause(void **state)
{
    (void)state;
    struct clause clause = {"where", S("n > 1 and nix = 2")};
    str name = str_slice(clause.text, 10, 13);
    assert_int_equal(query_error(&scope, &clause, MSG_ODSQL_UNKNOWN_FIELD, SAYS(ARG_TEXT("name", name))), ERR_QUERY);
    check_text("said", scope.failure.message,
               S("ODSQL query is malformed: Unknown field: nix. Clause(s) containing the error(s): where."));
    check_text("said", explained("de"), S("Unbekanntes Feld: nix"));
    check_place(10, 3);
    scope_forgive(&scope);
    query_error(&scope, &clause, MSG_ODSQL_UNKNOWN_FIELD, SAYS(ARG_TEXT("name", S("nix"))));
    assert_false(scope.failure.explanation->has_place);
    scope_forgive(&scope);
}

static void test_row_filters_stay_secret(void **state)
{
    (void)state;
    struct clause clause = {"filter", S("secret = 2")};
    query_error(&scope, &clause, MSG_ODSQL_UNKNOWN_FIELD, SAYS(ARG_TEXT("name", str_slice(clause.text, 0, 6))));
    assert_false(scope.failure.explanation->has_place);
    scope_forgive(&scope);
}

static void test_syntax(void **state)
{
    (void)state;
    struct clause clause = {"where", S("é >> 1")};
    struct token token = {.kind = TOKEN_SYMBOL, .text = str_slice(clause.text, 4, 5), .at = 4};
    assert_int_equal(syntax_error(&scope, &clause, &token), ERR_SYNTAX);
    check_text("said", explained("en"), S("Syntax error: > is not expected at position 3."));
    check_place(4, 1);
    scope_forgive(&scope);
    token = (struct token){.kind = TOKEN_END, .at = clause.text.n};
    syntax_error(&scope, &clause, &token);
    check_text("said", explained("it"), S("Errore di sintassi: il testo finisce troppo presto, alla fine manca qualcosa."));
    check_place(clause.text.n, 0);
    scope_forgive(&scope);
}

static void test_words_within_words(void **state)
{
    (void)state;
    fail_in_words(&scope, ERR_QUERY, MSG_ODSQL_ARGUMENTS,
                  SAYS(ARG_TEXT("name", S("length")), ARG_MESSAGE("expects", MSG_ODSQL_EXPECTS_TEXT)));
    check_text("said", scope.failure.message, S("function length() expects a text"));
    check_text("said", explained("es"), S("la función length() espera: un texto"));
    scope_forgive(&scope);
}

static void test_the_first_failure_counts(void **state)
{
    (void)state;
    fail(&scope, ERR_FILE, "first");
    fail_in_words(&scope, ERR_PARAMETER, MSG_FAULT_ROWS, NULL);
    check_text("said", scope.failure.message, S("first"));
    assert_null(scope.failure.explanation);
    scope_forgive(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place_is_a_part_of_the_clause), cmocka_unit_test(test_row_filters_stay_secret),
        cmocka_unit_test(test_syntax), cmocka_unit_test(test_words_within_words),
        cmocka_unit_test(test_the_first_failure_counts)};
    scope_open(&scope);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scope_close(&scope);
    return failed;
}
