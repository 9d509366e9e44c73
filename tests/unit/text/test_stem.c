/* Stems of folded words, the same in index and query. */
#include "one_scope.h"

#include <pthread.h>

#include "platform/text/fold.h"
#include "platform/text/stem.h"

static str stem_of(const char *text, const char *lang)
{
    str word = S("");
    assert_int_equal(text_words(&scope.arena, str_from(text), &word, 1), 1);
    return text_stem(&scope.arena, word, str_from(lang));
}

static void check_stem(const char *name, str actual, str expected)
{
    if (!str_eq(actual, expected)) {
        print_error("%s: '%.*s', '%.*s' expected\n", name, STR_ARG(actual), STR_ARG(expected));
    }
    assert_true(str_eq(actual, expected));
}

static void test_forms_of_a_word_have_one_stem(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"en", "schools", "school"},       {"en", "libraries", "library"},
        {"fr", "écoles", "ecole"},         {"fr", "Bibliothèques", "bibliotheque"},
        {"de", "Schulen", "Schule"},       {"es", "escuelas", "escuela"},
        {"it", "scuole", "scuola"},        {"nl", "scholen", "scholen"},
        {"pt", "escolas", "escola"},       {"sv", "skolorna", "skolor"},
        {"ca", "escoles", "escola"},       {"eu", "eskolaren", "eskola"},
        {"ar", "المدارس", "مدارس"},        {"fr-CA", "écoles", "école"},
        {"fr", "vélos", "vélo"},           {"fr", "cinémas", "cinéma"},
        {"fr", "menus", "menu"},           {"fr", "taxis", "taxi"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_stem(cases[i][1], stem_of(cases[i][1], cases[i][0]),
                   stem_of(cases[i][2], cases[i][0]));
    }
    assert_true(str_eq(stem_of("schools", "en"), S("school")));
    check_stem("œ", stem_of("Œuvres", "fr"), stem_of("oeuvre", "fr"));
    check_stem("œ", stem_of("cœur", "fr"), S("coeur"));
    check_stem("æ", stem_of("Encyclopædia", "en"), stem_of("encyclopaedia", "en"));
    assert_true(str_eq(stem_of("bus", "fr"), S("bus")));
    assert_true(str_eq(stem_of("mais", "fr"), S("mais")));
}

static void test_other_languages_leave_words_alone(void **state)
{
    (void)state;
    static const char *const langs[] = {"", "e", "xx", "eng", "enx", "en_GB", "-", "ja"};
    for (size_t i = 0; i < ARRAY_LENGTH(langs); i++) {
        check_stem(langs[i], stem_of("schools", langs[i]), S("schools"));
    }
    assert_true(str_eq(text_stem(&scope.arena, S(""), S("en")), S("")));
}

static void test_there_is_a_stemmer_for_each_language(void **state)
{
    (void)state;
    size_t count;
    const str *languages = stem_languages(&count);
    static const char *const words[] = {"schools",  "ecoles", "schulen",  "escuelas",
                                        "scuole",   "boeken", "escolas",  "skolorna",
                                        "escoles",  "eskolak", "المدارس"};
    assert_int_equal(count, ARRAY_LENGTH(words));
    for (size_t i = 0; i < count; i++) {
        str word = str_from(words[i]);
        bool is_stemmed = !str_eq(text_stem(&scope.arena, word, languages[i]), word);
        if (!is_stemmed) {
            print_error("%s: left alone\n", words[i]);
        }
        assert_true(is_stemmed);
    }
}

static void *stem_often(void *wrong)
{
    struct scope own;
    scope_open(&own);
    for (int i = 0; i < 2000; i++) {
        if (!str_eq(text_stem(&own.arena, S("ecoles"), S("fr")), S("ecol")) ||
            !str_eq(text_stem(&own.arena, S("libraries"), S("en")), S("librari"))) {
            *(bool *)wrong = true;
        }
    }
    scope_close(&own);
    return NULL;
}

static void test_threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    pthread_t threads[4];
    bool wrong[4] = {false};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, stem_often, &wrong[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_false(wrong[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_forms_of_a_word_have_one_stem, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_other_languages_leave_words_alone, open_scope,
                                        close_scope),
        cmocka_unit_test_setup_teardown(test_there_is_a_stemmer_for_each_language, open_scope,
                                        close_scope),
        cmocka_unit_test(test_threads_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
