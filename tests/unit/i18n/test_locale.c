#include "check.h"

#include <unicode/uenum.h>
#include <unicode/uloc.h>

#include "platform/i18n/locale_internal.h"

static const char *const codes[] = {"ar", "de", "en", "es",    "es-ar",   "fr",
                                    "nl", "pl", "pt", "pt-br", "zh-hans", "zh-hant"};
static const struct language_list all = {codes, ARRAY_LENGTH(codes)};
static const char *const variant_codes[] = {"en-gb", "fr", "pt-br", "pt-pt"};
static const struct language_list variants = {variant_codes, ARRAY_LENGTH(variant_codes)};

struct case_row {
    const char *given;
    const char *expected; /* NULL: none */
};

static void check_row(const struct language_list *list, const char *given, int found,
                      const char *expected)
{
    check_text(given, str_from(found < 0 ? "none" : list->codes[found]),
               str_from(expected ? expected : "none"));
    assert_true(found != LANGUAGE_NONE || !expected);
}

static void check_accepted(const struct language_list *list, const struct case_row *rows,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str header = exact_copy(str_from(rows[i].given));
        check_row(list, rows[i].given, language_list_accepted(list, header), rows[i].expected);
        exact_free(header);
    }
}

static void test_accepted(void **state)
{
    (void)state;
    static const struct case_row rows[] = {
        {"pt", "pt"},
        {"en-us", "en"},
        {"es-us", "es"},
        {"es-ar", "es-ar"},
        {"es-ar,de", "es-ar"},
        {"de,es-ar", "de"},
        {"NL", "nl"},
        {"ES-AR", "es-ar"},
        {"zh-cn", "zh-hans"},
        {"zh-my", "zh-hans"},
        {"zh-sg", "zh-hans"},
        {"zh-tw", "zh-hant"},
        {"zh-hk", "zh-hant"},
        {"zh-mo", "zh-hant"},
        {"ZH-TW", "zh-hant"},
        {"zh", "zh-hans"},
        {"zh-hans-cn", "zh-hans"},
        {"zh-hant-tw", "zh-hant"},
        {"xx,pl", "pl"},
        {"xx", NULL},
        {"", NULL},
        {"de-simple-page", "de"},
        {"es-419", "es"},
        {"fr-fr-x-abc", "fr"},
        /* order by q, stable */
        {"en;q=0.5,fr", "fr"},
        {"en;q=0.5,fr;q=0.5", "en"},
        {"fr;q=0.5,en;q=0.501", "en"},
        {"fr;q=0.1,de;q=0.9,pl;q=0.5", "de"},
        {"xx;q=1,fr;q=0.001", "fr"},
        {"da, en-gb;q=0.25, en;q=0.5", "en"},
        {"da, en-gb;q=0.5, fr;q=0.25", "en"},
        {"fr-ca;q=0.9,de;q=0.8", "fr"},
        /* q */
        {"de;q=0", NULL},
        {"de;q=0.0", NULL},
        {"de;q=0.000", NULL},
        {"de;q=0.,fr", "fr"},
        {"de;q=0,fr;q=0.1", "fr"},
        {"de;q=1.", "de"},
        {"de;q=1.0", "de"},
        {"de;q=1.000", "de"},
        {"de;q=0.123", "de"},
        {"de ; q=0.5", "de"},
        {"de; q=0.5", "de"},
        {"de;Q=0.5", "de"},
        {"de;\tq=0.5 ,\tfr", "fr"},
        {"en; q=1,", "en"},
        {"en; q=1, * ; q=0.5", "en"},
        {"en; q=1 , * ; q=0.5", "en"},
        {"en,", "en"},
        {"en , ", "en"},
        /* the star stops the search */
        {"*", NULL},
        {"*,de", NULL},
        {"xx,*;q=0.5,de;q=0.2", NULL},
        {"de,*", "de"},
        {"*;q=0.5,de", "de"},
        {"*;q=0.1,de;q=0.5", "de"},
        {"*;q=0,de;q=0.5", "de"},
        {"de,*;q=0", "de"},
        /* one error voids all of it */
        {"de;q=.2", NULL},
        {"de;q=1.0000", NULL},
        {"de;q=2", NULL},
        {"de;q=1e0", NULL},
        {"de;q=0.a", NULL},
        {"de;q=0.2345", NULL},
        {"de;q=1.001", NULL},
        {"de;q=-1", NULL},
        {"de;q=", NULL},
        {"de;q", NULL},
        {"de;", NULL},
        {"de;q =1", NULL},
        {"de;q= 1", NULL},
        {"de;x=1", NULL},
        {"de;q=01", NULL},
        {"de,fr;q=2", NULL},
        {"en,,gb", NULL},
        {",de", NULL},
        {"en-gb;q=1.0000", NULL},
        {"en;q=0.1234", NULL},
        {"en;q=.2", NULL},
        {"abcdefghi-au", NULL},
        {"**", NULL},
        {"en,gb;q=1.0000", NULL},
        {"12-345", NULL},
        {"en-abcdefghi", NULL},
        {"de-", NULL},
        {"-de", NULL},
        {"de--at", NULL},
        {"de_at", NULL},
        {"de fr", NULL},
        {"de ", NULL},
        {" de", NULL},
        {"de;q=1 ", NULL},
        {"de#", NULL},
        {"en; q=1,#", NULL},
        {"de;q=0.5;q=0.6", NULL},
        {"d\xc3\xa9", NULL},
        {"*-de", NULL},
        {"fr@euro", NULL},
        {"de,\xff", NULL},
    };
    static const struct case_row of_variants[] = {
        {"pt", "pt-br"}, {"pt-ao", "pt-br"},    {"pt-pt", "pt-pt"},
        {"en", "en-gb"}, {"en-us,fr", "en-gb"}, {"fr-ca", "fr"},
        {"e", NULL},     {"p", NULL},           {"pt-b", "pt-br"},
    };
    check_accepted(&all, rows, ARRAY_LENGTH(rows));
    check_accepted(&variants, of_variants, ARRAY_LENGTH(of_variants));
    check_row(&all, "NUL", language_list_accepted(&all, S("de\0")), NULL);
    check_row(&all, "no bytes", language_list_accepted(&all, STR_NONE), NULL);
}

static void test_long_headers(void **state)
{
    (void)state;
    char text[1200];
    memset(text, 'x', sizeof(text));
    memcpy(text, "de,", 3);
    check_row(&all, "cut at the comma", language_list_accepted(&all, (str){text, sizeof(text)}),
              "de");
    check_row(&all, "500 are read", language_list_accepted(&all, (str){text, 500}), NULL);
    memset(text, 'x', sizeof(text));
    check_row(&all, "no comma", language_list_accepted(&all, (str){text, sizeof(text)}), NULL);
    for (size_t i = 0; i + 3 <= sizeof(text); i += 3) {
        memcpy(text + i, "xx,", 3);
    }
    memcpy(text + 497, "de", 2); /* 496 is x: the item before is malformed */
    check_row(&all, "error before the cut", language_list_accepted(&all, (str){text, 600}), NULL);
    memset(text, ',', sizeof(text));
    check_row(&all, "commas", language_list_accepted(&all, (str){text, sizeof(text)}), NULL);
    for (size_t i = 0; i + 3 <= 498; i += 3) {
        memcpy(text + i, "xx,", 3);
    }
    memcpy(text + 495, "pl,", 3);
    memcpy(text + 498, "en,fr", 5);
    check_row(&all, "last before 500", language_list_accepted(&all, (str){text, 503}), "pl");
    check_row(&all, "exactly 500", language_list_accepted(&all, (str){text, 500}), "pl");
}

static void test_find(void **state)
{
    (void)state;
    static const struct case_row rows[] = {
        {"fr", "fr"},       {"FR", "fr"},       {"fr-ca", "fr"}, {"zh-cn", "zh-hans"},
        {"es-AR", "es-ar"}, {"pt-br", "pt-br"}, {"", NULL},      {"fr ", NULL},
        {"fr;q=1", NULL},   {"*", NULL},        {"../fr", NULL}, {"fr-", NULL},
        {"fr_ca", NULL},    {"xx", NULL},       {"f", NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str code = exact_copy(str_from(rows[i].given));
        check_row(&all, rows[i].given, language_list_find(&all, code), rows[i].expected);
        exact_free(code);
    }
    char text[600];
    for (size_t i = 0; i < sizeof(text); i += 2) {
        memcpy(text + i, "-a", 2);
    }
    memcpy(text, "fr", 2);
    check_row(&all, "500 bytes", language_list_find(&all, (str){text, 500}), "fr");
    check_row(&all, "502 bytes", language_list_find(&all, (str){text, 502}), NULL);
    assert_int_equal(language_list_exact(&all, S("fr-ca")), LANGUAGE_NONE);
    assert_int_equal(language_list_exact(&all, S("zh-cn")), LANGUAGE_NONE);
    check_row(&all, "PT-BR", language_list_exact(&all, S("PT-BR")), "pt-br");
}

static void test_choose(void **state)
{
    (void)state;
    check_row(&all, "cookie", language_list_choose(&all, S("fr"), S("de"), 2), "fr");
    check_row(&all, "variant", language_list_choose(&all, S("fr-ca"), S("de"), 2), "fr");
    check_row(&all, "unknown cookie", language_list_choose(&all, S("xx"), S("de"), 2), "de");
    check_row(&all, "bad cookie", language_list_choose(&all, S("fr;"), S("de"), 2), "de");
    check_row(&all, "no cookie", language_list_choose(&all, STR_NONE, S("xx,de;q=0.1"), 2), "de");
    check_row(&all, "nothing", language_list_choose(&all, STR_NONE, STR_NONE, 2), "en");
    check_row(&all, "star", language_list_choose(&all, STR_NONE, S("*"), 5), "fr");
}

/* ICU orders by q as well; it differs on purpose in errors, stars and q=0, which are left out here.
 */
static void test_agrees_with_icu(void **state)
{
    (void)state;
    static const char *const icu_names[] = {"de", "en", "fr", "nl", "pl"};
    static const char *const headers[] = {
        "fr",
        "de,fr",
        "fr;q=0.3,de;q=0.7",
        "fr-CA,en;q=0.5",
        "xx,nl;q=0.5,de;q=0.4",
        "en-US,en;q=0.9,fr;q=0.8",
        "pl;q=0.001,de;q=0.002",
        "nl , pl;q=0.9",
        "de-at;q=0.5,fr;q=0.4",
    };
    static const struct language_list list = {icu_names, ARRAY_LENGTH(icu_names)};
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++) {
        UErrorCode status = U_ZERO_ERROR;
        UAcceptResult result;
        char out[ULOC_FULLNAME_CAPACITY] = "";
        UEnumeration *names =
            uenum_openCharStringsEnumeration(icu_names, (int32_t)ARRAY_LENGTH(icu_names), &status);
        uloc_acceptLanguageFromHTTP(out, (int32_t)sizeof(out), &result, headers[i], names, &status);
        assert_true(U_SUCCESS(status));
        check_row(&list, headers[i], language_list_accepted(&list, str_from(headers[i])), out);
        uenum_close(names);
    }
}

static void test_offered(void **state)
{
    (void)state;
    assert_int_equal(language_count(), 5);
    check_text("first", language_code(0), S("ar"));
    check_text("last", language_code(4), S("pt-br"));
    check_text("name", language_own_name(language_find(S("fr-be"))), S("Français"));
    assert_int_equal(language_exact(S("fr-be")), LANGUAGE_NONE);
    assert_int_equal(language_exact(S("EN")), 1);
    assert_int_equal(language_choose(STR_NONE, S("pt;q=0.9, en;q=0.5"), 1, NULL), 4);
    assert_int_equal(language_choose(S("pl"), S("fr"), 1, NULL), 3);
    assert_int_equal(language_choose(STR_NONE, S(""), 1, NULL), 1);
    bool offers[LANGUAGES_MOST] = {[1] = true, [3] = true};
    assert_int_equal(language_choose(STR_NONE, S("pt;q=0.9, pl;q=0.5"), 1, offers), 3); /* pt is not offered */
    assert_int_equal(language_choose(STR_NONE, S("pt"), 1, offers), 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_long_headers),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_choose),
        cmocka_unit_test(test_agrees_with_icu),
        cmocka_unit_test(test_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
