/* Where the start of a file is cut, and dates in a form that was chosen. */
#include "../suite.h"

#include "base/date.h"
#include "domain/ingest/date_form.h"
#include "domain/ingest/sample.h"

static void check_cut(const char *format, const char *text, const char *kept, const char *closing)
{
    const char *closed;
    size_t end = sample_end(str_from(text), format, &closed);
    assert_int_equal(end, strlen(kept));
    assert_memory_equal(text, kept, end);
    assert_string_equal(closed, closing);
}

static void lines_are_cut_outside_quotes(void **state)
{
    (void)state;
    check_cut("csv", "a,b\n1,2\n3,", "a,b\n1,2\n", "");
    check_cut("csv", "a,b\n1,\"x\ny\"\n3,\"z\nmore", "a,b\n1,\"x\ny\"\n", "");
    check_cut("csv", "a\n5\" pipe\nnext\nlast", "a\n", "");
    check_cut("csv", "no line end", "", "");
    check_cut("jsonl", "{\"a\":1}\n{\"a\":\"\\\"\n", "{\"a\":1}\n{\"a\":\"\\\"\n", "");
}

static void lists_are_closed_behind_an_item(void **state)
{
    (void)state;
    check_cut("json", "[{\"a\":1},{\"b\":[1,2]},{\"c\":", "[{\"a\":1},{\"b\":[1,2]}", "]");
    check_cut("json", "[{\"a\":\"]}\"},{\"b\":\"", "[{\"a\":\"]}\"}", "]");
    check_cut("json", "[{\"a\":\"\\\"]\"},{", "[{\"a\":\"\\\"]\"}", "]");
    check_cut("geojson", "{\"type\":\"F\",\"features\":[{\"g\":{\"c\":[1]}},{\"g\":", "{\"type\":\"F\",\"features\":[{\"g\":{\"c\":[1]}}", "]}");
    check_cut("json", "[1,2,3", "", "]");
    check_cut("json", "]]]]}}}[{", "", "]");
    check_cut("geojson", "}}}}}", "", "]}");
}

static void check_date(const char *form, const char *text, const char *expected)
{
    usec instant;
    char shown[DATE_TEXT_BYTES];
    bool is_read = date_form_read(str_from(text), str_from(form), &instant);
    if (!expected) {
        assert_false(is_read);
        return;
    }
    assert_true(is_read);
    size_t n = date_write_instant(shown, instant, 0);
    assert_true(str_starts((str){shown, n}, str_from(expected)));
}

static void dates_are_read_by_their_form(void **state)
{
    (void)state;
    check_date("dd.MM.yyyy", "31.12.2024", "2024-12-31");
    check_date("DD/MM/YY", "01/02/68", "2068-02-01");
    check_date("DD/MM/YY", "01/02/69", "1969-02-01");
    check_date("d MMMM yyyy", "1 Août 2023", "2023-08-01");
    check_date("d MMM yyyy", "3 déc. 2020", "2020-12-03");
    check_date("MMM d yyyy", "May 4 2020", "2020-05-04");
    check_date("yyyy-MM-dd'T'HH:mm:ss", "2024-05-06T07:08:09", "2024-05-06T07:08:09");
    check_date("MM/dd/yyyy h:mm a", "12/31/2024 12:05 AM", "2024-12-31T00:05");
    check_date("MM/dd/yyyy h:mm a", "12/31/2024 1:05 pm", "2024-12-31T13:05");
    check_date("yyyy", "1999", "1999-01-01");
    check_date("dd.MM.yyyy", "31.02.2024", NULL);
    check_date("dd.MM.yyyy", "1.2.2024", NULL);
    check_date("dd.MM.yyyy", "31.12.2024 ", NULL);
    check_date("h a yyyy", "13 am 2024", NULL);
    check_date("dd MMM yyyy", "01 xyz 2024", NULL);
    check_date("dd.MM.yyyy", "", NULL);
}

static void forms_have_a_year_and_known_letters(void **state)
{
    (void)state;
    assert_true(date_form_check(S("dd/MM/yyyy HH:mm:ss.SSS")));
    assert_true(date_form_check(S("yyyy 'week'")));
    assert_false(date_form_check(S("dd/MM")));
    assert_false(date_form_check(S("yyy")));
    assert_false(date_form_check(S("yyyy qq")));
    assert_false(date_form_check(S("")));
    assert_false(date_form_check(S("yyyy-MM-dd yyyy-MM-dd yyyy-MM-dd yyyy-MM-dd yyyy-MM-dd yyyy-MM-dd")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_cut_outside_quotes),
        cmocka_unit_test(lists_are_closed_behind_an_item),
        cmocka_unit_test(dates_are_read_by_their_form),
        cmocka_unit_test(forms_have_a_year_and_known_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
