/* Workbooks are read back by openpyxl, and by Python's own zip and XML readers. */
#include "../directory.h"
#include "../one_scope.h"

#include <dirent.h>

#include "base/date.h"
#include "base/utf8.h"
#include "platform/sheet/sheet.h"
#include "platform/sheet/text.h"

static struct directory directory;

static int set_up(void **state)
{
    directory_make(&directory);
    return open_scope(state);
}

static int tear_down(void **state)
{
    directory_remove(&directory);
    return close_scope(state);
}

/* ---- texts ---- */

static str escaped(str text)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    sheet_escape(text, &out);
    return buf_copy(&out, &scope.arena);
}

static void test_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        str text, expected;
    } cases[] = {
        {"plain", S("a_b <&> \"é\" 😀"), S("a_b <&> \"é\" 😀")},
        {"tab and line feed stay", S("a\tb\nc"), S("a\tb\nc")},
        {"carriage return", S("a\r\nb"), S("a_x000D_\nb")},
        {"controls", S("\x01\x1f\x7f"), S("_x0001__x001F_\x7f")},
        {"zero", S("a\0b"), S("ab")},
        {"not characters", S("\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD"), S("_xFFFE__xFFFF_\xEF\xBF\xBD")},
        {"what looks escaped", S("_x000D_ _x00e9_"), S("_x005F_x000D_ _x005F_x00e9_")},
        {"what does not", S("_x000_ _y000D_ _x000g_ _x000D"), S("_x000_ _y000D_ _x000g_ _x000D")},
        {"overlapping", S("_x0001_x0002_"), S("_x005F_x0001_x005F_x0002_")},
        {"empty", S(""), S("")},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_text(cases[i].name, escaped(cases[i].text), cases[i].expected);
    }
}

static str repeated(str part, size_t count)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < count; i++) {
        buf_add(&out, part);
    }
    return buf_copy(&out, &scope.arena);
}

static void test_length(void **state)
{
    (void)state;
    str fits = repeated(S("a"), SHEET_TEXT_MOST);
    check_text("as long as a cell", escaped(fits), fits);
    check_text("longer", escaped(repeated(S("a"), SHEET_TEXT_MOST + 1)),
               str_printf(&scope.arena, "%.*s…", SHEET_TEXT_MOST - 1, fits.p));
    str emoji = repeated(S("😀"), SHEET_TEXT_MOST / 2);
    check_text("pairs that fit", escaped(emoji), emoji);
    check_text("pairs are not cut", escaped(repeated(S("😀"), SHEET_TEXT_MOST / 2 + 1)),
               str_printf(&scope.arena, "%.*s…", STR_ARG(emoji)));
    str controls = escaped(repeated(S("\x01"), SHEET_TEXT_MOST));
    assert_true(utf8_length(controls) <= SHEET_TEXT_MOST);
    assert_true(str_ends(controls, S("_x0001_…")));
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *expected;
    } cases[] = {
        {"lamps", "lamps"},
        {"a[b]c:d*e?f/g\\h", "abcdefgh"},
        {"'it's'", "it's"},
        {"History", "data"},
        {"", "data"},
        {"[]''", "data"},
        {"a\n\x01z", "az"},
        {"1234567890123456789012345678901234", "1234567890123456789012345678901"},
        {"123456789012345678901234567890😀", "123456789012345678901234567890"},
        {"ñandú", "ñandú"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_text(cases[i].name, sheet_clean_name(&scope.arena, str_from(cases[i].name)),
                   str_from(cases[i].expected));
    }
}

/* ---- files ---- */

static struct sheet *begin(const char **ret_path)
{
    struct sheet *sheet;
    *ret_path = directory_file(&scope, &directory, "out");
    check_ok("open", &scope, sheet_open(&scope, *ret_path, directory.path, S("Lamps: all"), &sheet));
    return sheet;
}

#define OK(expression) check_ok(#expression, &scope, expression)

static void finish(struct sheet *sheet)
{
    OK(sheet_finish(&scope, sheet));
    sheet_close(sheet);
}

/* What a Python program prints that has the path in sys.argv[1]. */
static str python(const char *path, const char *program)
{
    const char *script = directory_file(&scope, &directory, "read.py");
    file_write(script, str_from(program));
    FILE *pipe = popen(str_printf(&scope.arena, "/usr/bin/python3 %s %s 2>&1", script, path).p, "r");
    assert_non_null(pipe);
    char *text = arena_alloc(&scope.arena, 1 << 20);
    size_t n = fread(text, 1, 1 << 20, pipe);
    pclose(pipe);
    return (str){text, n};
}

static const char read_all[] =
    "import sys, openpyxl\n"
    "sheet = openpyxl.load_workbook(open(sys.argv[1], 'rb')).worksheets\n"
    "assert len(sheet) == 1\n"
    "print(ascii(sheet[0].title), sheet[0].freeze_panes)\n"
    "for row in sheet[0].iter_rows():\n"
    "    print(' | '.join(ascii(c.value) + ':' + c.data_type + ('*' if c.font.b else '') for c in row))\n";

static void test_cells(void **state)
{
    (void)state;
    const char *path;
    struct sheet *sheet = begin(&path);
    OK(sheet_row(&scope, sheet));
    OK(sheet_heading(&scope, sheet, 0, S("name")));
    OK(sheet_heading(&scope, sheet, 1, S("")));
    OK(sheet_heading(&scope, sheet, 2, S("=x")));
    OK(sheet_row(&scope, sheet));
    OK(sheet_text(&scope, sheet, 0, S("=1+1")));
    OK(sheet_number(&scope, sheet, 1, -0.5));
    OK(sheet_bool(&scope, sheet, 2, true));
    OK(sheet_row(&scope, sheet));
    OK(sheet_text(&scope, sheet, 0, S("https://example.org/")));
    OK(sheet_number(&scope, sheet, 1, 9007199254740992.0));
    OK(sheet_bool(&scope, sheet, 2, false));
    OK(sheet_row(&scope, sheet)); /* nothing */
    OK(sheet_row(&scope, sheet));
    OK(sheet_text(&scope, sheet, 0, S(" <b>&\n\"é😀\" שלום ")));
    OK(sheet_number(&scope, sheet, 1, 1.0 / 0.0));
    OK(sheet_number(&scope, sheet, 3, -1.7976931348623157e308));
    OK(sheet_text(&scope, sheet, 2, S("")));
    OK(sheet_row(&scope, sheet)); /* nothing, at the end */
    finish(sheet);
    check_text("cells", python(path, read_all),
               S("'Lamps all' A2\n"
                 "'name':s* | None:n* | '=x':s* | None:n\n"
                 "'=1+1':s | -0.5:n | True:b | None:n\n"
                 "'https://example.org/':s | 9007199254740992:n | False:b | None:n\n"
                 "None:n | None:n | None:n | None:n\n"
                 "' <b>&\\n\"\\xe9\\U0001f600\" \\u05e9\\u05dc\\u05d5\\u05dd ':s | None:n | None:n | '-1.7976931348623157e+308':s\n"
                 "None:n | None:n | None:n | None:n\n"));
}

static void test_dates(void **state)
{
    (void)state;
    const char *path;
    struct sheet *sheet = begin(&path);
    static const int years[][3] = {{1970, 1, 1},  {1969, 12, 31}, {1900, 1, 1}, {1900, 2, 28},
                                   {1900, 3, 1},  {1899, 12, 31}, {1, 1, 1},    {9999, 12, 31},
                                   {2024, 2, 29}};
    for (size_t i = 0; i < ARRAY_LENGTH(years); i++) {
        int32_t days = date_days(years[i][0], years[i][1], years[i][2]);
        OK(sheet_row(&scope, sheet));
        OK(sheet_date(&scope, sheet, 0, days));
        OK(sheet_time(&scope, sheet, 1, days * USEC_DAY + 45296 * USEC_SECOND));
        OK(sheet_time(&scope, sheet, 2, days * USEC_DAY + 250000));
    }
    OK(sheet_row(&scope, sheet));
    OK(sheet_date(&scope, sheet, 0, date_days(9999, 12, 31) + 1));
    finish(sheet);
    str expected = S(
        "'Lamps all' None\n"
        "datetime.datetime(1970, 1, 1, 0, 0):d | datetime.datetime(1970, 1, 1, 12, 34, 56):d | datetime.datetime(1970, 1, 1, 0, 0, 0, 250000):d\n"
        "datetime.datetime(1969, 12, 31, 0, 0):d | datetime.datetime(1969, 12, 31, 12, 34, 56):d | datetime.datetime(1969, 12, 31, 0, 0, 0, 250000):d\n"
        "datetime.datetime(1900, 1, 1, 0, 0):d | datetime.datetime(1900, 1, 1, 12, 34, 56):d | datetime.datetime(1900, 1, 1, 0, 0, 0, 250000):d\n"
        "datetime.datetime(1900, 2, 28, 0, 0):d | datetime.datetime(1900, 2, 28, 12, 34, 56):d | datetime.datetime(1900, 2, 28, 0, 0, 0, 250000):d\n"
        "datetime.datetime(1900, 3, 1, 0, 0):d | datetime.datetime(1900, 3, 1, 12, 34, 56):d | datetime.datetime(1900, 3, 1, 0, 0, 0, 250000):d\n"
        "'1899-12-31':s | '1899-12-31T12:34:56':s | '1899-12-31T00:00:00.25':s\n"
        "'0001-01-01':s | '0001-01-01T12:34:56':s | '0001-01-01T00:00:00.25':s\n"
        "datetime.datetime(9999, 12, 31, 0, 0):d | datetime.datetime(9999, 12, 31, 12, 34, 56):d | datetime.datetime(9999, 12, 31, 0, 0, 0, 250000):d\n"
        "datetime.datetime(2024, 2, 29, 0, 0):d | datetime.datetime(2024, 2, 29, 12, 34, 56):d | datetime.datetime(2024, 2, 29, 0, 0, 0, 250000):d\n"
        "'+010000-01-01':s | None:n | None:n\n");
    check_text("dates", python(path, read_all), expected);
}

static void test_hostile_file(void **state)
{
    (void)state;
    const char *path;
    struct sheet *sheet = begin(&path);
    OK(sheet_row(&scope, sheet));
    OK(sheet_text(&scope, sheet, 0, S("\x01\xEF\xBF\xBF]]></t><script>&amp;_x0041_\r")));
    OK(sheet_text(&scope, sheet, 1, repeated(S("\x01"), 2 * SHEET_TEXT_MOST)));
    OK(sheet_text(&scope, sheet, 2, repeated(S("😀"), 2 * SHEET_TEXT_MOST)));
    OK(sheet_text(&scope, sheet, SHEET_COLUMNS_MOST - 1, S("last")));
    assert_int_equal(sheet_text(&scope, sheet, SHEET_COLUMNS_MOST, S("x")), ERR_TOO_LARGE);
    check_failure("columns", &scope, ERR_TOO_LARGE, "16384 columns");
    finish(sheet);
    check_text("as XML", python(path,
                                "import sys, zipfile, re, xml.etree.ElementTree as tree\n"
                                "file = zipfile.ZipFile(sys.argv[1])\n"
                                "assert file.testzip() is None\n"
                                "for name in file.namelist():\n"
                                "    root = tree.fromstring(file.read(name))\n"
                                "    assert not name.endswith('rels') or b'script' not in file.read(name)\n"
                                "    if name == 'xl/worksheets/sheet1.xml':\n"
                                "        texts = [t.text for t in root.iter() if t.tag.endswith('}t')]\n"
                                "        assert not [t for t in root.iter() if t.tag.endswith('}f')]\n"
                                "print(ascii(texts[0]), len(texts[2].encode('utf-16-le')) // 2, texts[3])\n"),
               S("'_x0001__xFFFF_]]></t><script>&amp;_x005F_x0041__x000D_' 32767 last\n"));
}

static size_t open_files(void)
{
    size_t count = 0;
    DIR *entries = opendir("/proc/self/fd");
    assert_non_null(entries);
    while (readdir(entries)) {
        count++;
    }
    closedir(entries);
    return count;
}

static void test_abandoned(void **state)
{
    (void)state;
    const char *path;
    size_t before = open_files();
    for (size_t i = 0; i < 3; i++) {
        struct sheet *sheet = begin(&path);
        OK(sheet_row(&scope, sheet));
        OK(sheet_text(&scope, sheet, 0, S("never finished")));
        sheet_close(sheet);
    }
    sheet_close(NULL);
    check_int("open files", (long long)open_files(), (long long)before);
    DIR *entries = opendir(directory.path);
    for (struct dirent *entry; (entry = readdir(entries));) {
        assert_true(entry->d_name[0] == '.');
    }
    closedir(entries);
}

static void test_no_directory(void **state)
{
    (void)state;
    struct sheet *sheet;
    OK(sheet_open(&scope, "/nonexistent/x", directory.path, S("a"), &sheet));
    OK(sheet_row(&scope, sheet));
    assert_int_equal(sheet_finish(&scope, sheet), ERR_FILE);
    check_failure("directory", &scope, ERR_FILE, "could not be written");
    sheet_close(sheet);
}

static void test_rows(void **state)
{
    (void)state;
    const char *path;
    struct sheet *sheet = begin(&path);
    for (size_t i = 0; i < SHEET_ROWS_MOST; i++) {
        OK(sheet_row(&scope, sheet));
    }
    assert_int_equal(sheet_row(&scope, sheet), ERR_TOO_LARGE);
    check_failure("rows", &scope, ERR_TOO_LARGE, "1048576 rows");
    sheet_close(sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_escapes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_length, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cells, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_dates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_abandoned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
