/* Bodies of forms, good and bad. */
#include "check.h"
#include "one_scope.h"

#include "base/buf.h"
#include "base/limits.h"
#include "platform/http/form.h"

#define URLENCODED "application/x-www-form-urlencoded"

/* The fields as name=value, files as name=<file_name content_type>content, each in brackets. */
static str text_of(const struct form *form)
{
    struct buf out = {0};
    for (size_t i = 0; i < form->count; i++) {
        const struct form_item *item = &form->items[i];
        buf_printf(&out, "[%.*s=", STR_ARG(item->name));
        if (item->is_file) {
            buf_printf(&out, "<%.*s %.*s>", STR_ARG(item->file_name), STR_ARG(item->content_type));
        }
        buf_add(&out, item->value);
        buf_add(&out, S("]"));
    }
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

struct row {
    const char *body;
    const char *fields;  /* NULL: it fails */
    const char *message; /* part of it */
};

static void check_row(str content_type, str body, const struct row *row)
{
    struct form form;
    const char *name = row->body;
    str copy = exact_copy(body);
    enum err result = form_read(&scope, content_type, copy, &form);
    if (row->fields) {
        check_ok(name, &scope, result);
        check_text(name, text_of(&form), str_from(row->fields));
    } else {
        check_int(name, result != ERR_OK, true);
        check_failure(name, &scope, ERR_REQUEST, row->message);
    }
    exact_free(copy);
}

static void test_urlencoded(void **state)
{
    static const struct row rows[] = {
        {"", "", NULL},
        {"&&", "", NULL},
        {"a=b", "[a=b]", NULL},
        {"a=b&c=d&a=e", "[a=b][c=d][a=e]", NULL},
        {"a", "[a=]", NULL},
        {"=b", "[=b]", NULL},
        {"a=b=c", "[a=b=c]", NULL},
        {"a=1+2%2B3", "[a=1 2+3]", NULL},
        {"a%20b=%C3%A9&c=\xc3\xa9", "[a b=\xc3\xa9][c=\xc3\xa9]", NULL},
        {"a=1;b=2", "[a=1;b=2]", NULL},
        {"a=%0D%0A", "[a=\r\n]", NULL},
        {"good=1&bad=%zz", NULL, "'bad'"},
        {"bad=%", NULL, "'bad'"},
        {"bad=%4", NULL, "'bad'"},
        {"bad=%FF", NULL, "'bad'"},
        {"bad=\xff", NULL, "'bad'"},
        {"bad=%00", NULL, "'bad'"},
        {"bad=%ED%A0%80", NULL, "'bad'"},
        {"a=1&%FF=2", NULL, "field 2"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        check_row(S(URLENCODED), str_from(rows[i].body), &rows[i]);
    }
}

static void test_types(void **state)
{
    static const struct {
        const char *type;
        bool good;
    } rows[] = {
        {URLENCODED, true},
        {"Application/X-WWW-Form-URLencoded", true},
        {URLENCODED "; charset=utf-8", true},
        {URLENCODED ";CHARSET=\"UTF-8\"", true},
        {URLENCODED " ; charset = utf8 ; x=y", true},
        {URLENCODED "; charset=iso-8859-1", false},
        {URLENCODED "; charset", false},
        {URLENCODED "; charset=\"utf-8", false},
        {URLENCODED "; charset=\"utf-8\" x", false},
        {URLENCODED ";", false},
        {"", false},
        {"text/plain", false},
        {"application/json", false},
        {"multipart/mixed; boundary=x", false},
        {"multipart/form-data", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct form form;
        str copy = exact_copy(str_from(rows[i].type));
        enum err result = form_read(&scope, copy, S("a=b"), &form);
        check_int(rows[i].type, result, rows[i].good ? ERR_OK : ERR_REQUEST);
        scope_forgive(&scope);
        check_ok("empty", &scope, form_read(&scope, copy, S(""), &form));
        assert_int_equal(form.count, 0);
        exact_free(copy);
    }
}

#define PART(disposition, rest)                                                                    \
    "--xyz\r\nContent-Disposition: form-data; " disposition "\r\n" rest "\r\n"
#define FIELD(name, value) PART("name=\"" name "\"", "\r\n" value)
#define END "--xyz--\r\n"

static void test_multipart(void **state)
{
    static const struct row rows[] = {
        {END, "", NULL},
        {"--xyz--", "", NULL},
        {FIELD("a", "b") END, "[a=b]", NULL},
        {FIELD("a", "b") "--xyz--", "[a=b]", NULL},
        {FIELD("a", "") FIELD("a", "2") END, "[a=][a=2]", NULL},
        {"preamble\r\n" FIELD("a", "b") END "epilogue --xyz", "[a=b]", NULL},
        {"\r\n" FIELD("a", "b") END, "[a=b]", NULL},
        {"--xyz \t\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--xyz-- ", "[a=b]", NULL},
        {FIELD("a", "\r\n\r\nb\r\n") END, "[a=\r\n\r\nb\r\n]", NULL},
        {FIELD("a", "x--xyz") END, "[a=x--xyz]", NULL},
        {FIELD("a", "\r\n--xyzz\r\n--xy\r\n--xyz!") END, "[a=\r\n--xyzz\r\n--xy\r\n--xyz!]", NULL},
        {FIELD("a", "\n--xyz--\n") END, "[a=\n--xyz--\n]", NULL},
        {FIELD("\xc3\xa9", "\xc3\xa9") END, "[\xc3\xa9=\xc3\xa9]", NULL},
        {FIELD("a%22b%0d%0Ac%41", "1") END, "[a\"b\r\nc%41=1]", NULL},
        {FIELD("a\\\"b\\\\c\\d", "1") END, "[a\"b\\c\\d=1]", NULL},
        {FIELD("", "1") END, "[=1]", NULL},
        {PART("name=a", "\r\nb") END, "[a=b]", NULL},
        {PART("NAME=a; other=\"x;y\"", "\r\nb") END, "[a=b]", NULL},
        {PART("name=a", "Content-Type: text/plain; charset=UTF-8\r\n\r\nb") END, "[a=b]", NULL},
        {PART("name=a", "content-transfer-encoding: 8bit\r\n\r\nb") END, "[a=b]", NULL},
        {PART("name=a", "X-Other: 1\r\n\r\nb") END, "[a=b]", NULL},
        {"--xyz\r\ncontent-disposition:FORM-DATA;name=a\r\n\r\nb\r\n" END, "[a=b]", NULL},
        {PART("name=f; filename=\"x.csv\"", "Content-Type: text/csv\r\n\r\n1,2\r\n") END,
         "[f=<x.csv text/csv>1,2\r\n]", NULL},
        {PART("name=f; filename=\"\"", "Content-Type: application/octet-stream\r\n\r\n") END,
         "[f=< application/octet-stream>]", NULL},
        {PART("name=f; filename=\"C:\\dir\\a%22.csv\"", "\r\n\xff\xfe") END,
         "[f=<C:\\dir\\a\".csv >\xff\xfe]", NULL},
        {PART("name=f; filename*=UTF-8''x.csv; filename=y", "\r\n1") END, "[f=<y >1]", NULL},
        {PART("name=f; filename*=UTF-8''x.csv", "\r\n1") END, "[f=1]", NULL},

        {"no boundary", NULL, "boundary is not found"},
        {"--xyz", NULL, "boundary is not found"},
        {"--xy--\r\n", NULL, "boundary is not found"},
        {"x--xyz--\r\n", NULL, "boundary is not found"},
        {"--xyz\nContent-Disposition: form-data; name=a\n\nb\n--xyz--\n", NULL, "not found"},
        {FIELD("a", "b"), NULL, "cut off"},
        {FIELD("a", "b") "--xyz", NULL, "cut off"},
        {FIELD("a", "b") "--xyz-", NULL, "cut off"},
        {FIELD("a", "b") "--xyz--x", NULL, "cut off"},
        {"--xyz\r\n", NULL, "cut off"},
        {"--xyz\r\n" END, NULL, "do not end"},
        {"--xyz\r\n\r\n" END, NULL, "do not end"},
        {"--xyz\r\n\r\nb\r\n" END, NULL, "no name"},
        {"--xyz\r\nContent-Disposition: form-data; name=a\r\n" END, NULL, "do not end"},
        {FIELD("a", "--xyz") END, NULL, "do not end"}, /* a delimiter, for it begins a line */
        {PART("filename=x", "\r\nb") END, NULL, "no name"},
        {PART("name=a; name=b", "\r\nb") END, NULL, "two names"},
        {PART("name=\"a", "\r\nb") END, NULL, "malformed"},
        {PART("name=\"a\\\"", "\r\nb") END, NULL, "malformed"},
        {PART("name", "\r\nb") END, NULL, "malformed"},
        {PART("name=\"a\"b=c", "\r\nb") END, NULL, "malformed"},
        {"--xyz\r\nContent-Disposition: attachment; name=a\r\n\r\nb\r\n" END, NULL,
         "Content-Disposition"},
        {PART("name=a", "Content-Disposition: form-data; name=b\r\n\r\nb") END, NULL,
         "one Content-Disposition"},
        {PART("name=a", " folded\r\n\r\nb") END, NULL, "header of a part"},
        {PART("name=a", "no colon\r\n\r\nb") END, NULL, "header of a part"},
        {PART("name=a", "Content-Type: Multipart/Mixed; boundary=q\r\n\r\nb") END, NULL,
         "parts of its own"},
        {PART("name=a; filename=b", "Content-Type: multipart/mixed; boundary=q\r\n\r\nb") END, NULL,
         "parts of its own"},
        {PART("name=a", "Content-Type: text/plain; charset=iso-8859-1\r\n\r\nb") END, NULL,
         "UTF-8"},
        {PART("name=a", "Content-Transfer-Encoding: base64\r\n\r\nYg==") END, NULL, "encoded"},
        {FIELD("a", "\xff") END, NULL, "'a'"},
        {FIELD("\xff", "b") END, NULL, "not UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        check_row(S("multipart/form-data; boundary=xyz"), str_from(rows[i].body), &rows[i]);
    }
}

static void test_boundaries(void **state)
{
    static const struct {
        const char *type;
        const char *boundary; /* NULL: refused */
    } rows[] = {
        {"multipart/form-data; boundary=xyz", "xyz"},
        {"Multipart/Form-Data;BOUNDARY=\"xyz\"", "xyz"},
        {"multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundaryAb1",
         "----WebKitFormBoundaryAb1"},
        {"multipart/form-data; boundary=\"a b:c'()+_,-./=?\"", "a b:c'()+_,-./=?"},
        {"multipart/form-data; "
         "boundary=7777777777777777777777777777777777777777777777777777777777777777777777",
         "7777777777777777777777777777777777777777777777777777777777777777777777"},
        {"multipart/form-data; "
         "boundary=88888888888888888888888888888888888888888888888888888888888888888888888",
         NULL},
        {"multipart/form-data; boundary=", NULL},
        {"multipart/form-data; boundary=\"\"", NULL},
        {"multipart/form-data; boundary=\"x \"", NULL},
        {"multipart/form-data; boundary=\"a\\\"b\"", NULL},
        {"multipart/form-data; boundary=a\xc3\xa9", NULL},
        {"multipart/form-data; boundary=xyz; boundary=abc", NULL},
        {"multipart/form-data; boundary=xyz; charset=latin1", NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct form form;
        str boundary = rows[i].boundary ? str_from(rows[i].boundary) : S("xyz");
        str body =
            str_printf(&scope.arena,
                       "--%.*s\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--%.*s--\r\n",
                       STR_ARG(boundary), STR_ARG(boundary));
        enum err result = form_read(&scope, str_from(rows[i].type), body, &form);
        check_int(rows[i].type, result, rows[i].boundary ? ERR_OK : ERR_REQUEST);
        if (result == ERR_OK) {
            check_text(rows[i].type, text_of(&form), S("[a=b]"));
        }
        scope_forgive(&scope);
    }
}

static void test_limits(void **state)
{
    struct buf body = {0};
    struct form form;
    (void)state;
    for (int i = 0; i < LIMIT_FORM_ITEMS; i++) {
        buf_add(&body, S("a=b&"));
    }
    check_ok("most", &scope, form_read(&scope, S(URLENCODED), buf_str(&body), &form));
    assert_int_equal(form.count, LIMIT_FORM_ITEMS);
    buf_add(&body, S("a=b"));
    assert_int_equal(form_read(&scope, S(URLENCODED), buf_str(&body), &form), ERR_TOO_LARGE);
    check_failure("more", &scope, ERR_TOO_LARGE, "1000");
    buf_clear(&body);
    for (int i = 0; i <= LIMIT_FORM_ITEMS; i++) {
        buf_add(&body, S(FIELD("a", "b")));
    }
    buf_add(&body, S(END));
    assert_int_equal(
        form_read(&scope, S("multipart/form-data; boundary=xyz"), buf_str(&body), &form),
        ERR_TOO_LARGE);
    scope_forgive(&scope);
    buf_clear(&body);
    buf_add(&body, S("--xyz\r\nContent-Disposition: form-data; name=a\r\nX: "));
    memset(buf_reserve(&body, 10000), 'x', 10000);
    body.n += 10000;
    buf_add(&body, S("\r\n\r\nb\r\n" END));
    assert_int_equal(
        form_read(&scope, S("multipart/form-data; boundary=xyz"), buf_str(&body), &form),
        ERR_REQUEST);
    check_failure("long header", &scope, ERR_REQUEST, "do not end");
    buf_done(&body);
}

static void test_look_up(void **state)
{
    struct form form;
    (void)state;
    check_ok("form", &scope,
             form_read(&scope, S("multipart/form-data; boundary=xyz"),
                       S(PART("name=a; filename=x", "\r\nfile") FIELD("a", "1") FIELD("a", "2")
                             FIELD("empty", "") PART("name=f; filename=x", "\r\nfile") END),
                       &form));
    check_text("first", form_value(&form, S("a")), S("1"));
    assert_true(form_value(&form, S("empty")).p != NULL);
    assert_int_equal(form_value(&form, S("empty")).n, 0);
    assert_null(form_value(&form, S("f")).p);
    assert_null(form_value(&form, S("b")).p);
    assert_true(form_has(&form, S("empty")));
    assert_false(form_has(&form, S("f")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urlencoded), cmocka_unit_test(test_types),
        cmocka_unit_test(test_multipart),  cmocka_unit_test(test_boundaries),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_look_up),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
