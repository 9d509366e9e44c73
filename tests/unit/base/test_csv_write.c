/* Fields of tables for people: quoted where they must be, and no formula for a spreadsheet. */
#include "check.h"

#include "base/csv_write.h"

static void test_fields(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } fields[] = {
        {"plain", "plain"},       {"", ""},
        {"a,b", "\"a,b\""},       {"say \"a\"", "\"say \"\"a\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"=1+1", "\"'=1+1\""},    {"+1", "\"'+1\""},
        {"-1", "\"'-1\""},        {"@sum", "\"'@sum\""},
        {"\tx", "\"'\tx\""},      {"\rx", "\"'\rx\""},
        {"=\"a\"", "\"'=\"\"a\"\"\""},
        {"1=1", "1=1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        struct buf out cleanup_with(buf_cleanup) = {0};
        csv_text(&out, true, str_from(fields[i].text));
        check_text(fields[i].text, buf_str(&out), str_from(fields[i].written));
    }
}

static void test_lines(void **state)
{
    (void)state;
    struct buf out cleanup_with(buf_cleanup) = {0};
    csv_text(&out, true, S("a"));
    csv_text(&out, false, S(""));
    csv_int(&out, false, -3);
    csv_line(&out);
    check_text("line", buf_str(&out), S("a,,-3\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
