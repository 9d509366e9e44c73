#include "one_scope.h"

#include "base/date.h"
#include "base/utf8.h"
#include "platform/text/date_pattern.h"
#include "platform/text/decode.h"
#include "platform/text/fold.h"
#include "platform/text/zone.h"

static void check_words(str text, const char *joined)
{
    str words[32];
    size_t count = text_words(&scope.arena, text, words, ARRAY_LENGTH(words));
    struct buf all = {0};
    for (size_t i = 0; i < count; i++) {
        buf_add(&all, i ? S("|") : S(""));
        buf_add(&all, words[i]);
    }
    buf_add_char(&all, 0);
    assert_string_equal(all.p, joined);
    buf_done(&all);
}

static void test_words(void **state)
{
    (void)state;
    check_words(S(""), "");
    check_words(S("  -- "), "");
    check_words(S("Saint-Étienne (42)"), "saint|etienne|42");
    check_words(S("ŒUVRE straße İstanbul"), "œuvre|strasse|istanbul");
    check_words(S("東京都に住む"), "東京|都|に|住む");
    check_words(S("ﬁn ①"), "fin|1");
}

/* What is kept for European letters must be what ICU says; a mark behind a letter forces ICU. */
static void test_kept_folds_agree_with_icu(void **state)
{
    (void)state;
    static const uint32_t ranges[][2] = {{0x80, 0x250}, {0x2000, 0x2070}};
    for (size_t i = 0; i < ARRAY_LENGTH(ranges); i++) {
        for (uint32_t c = ranges[i][0]; c < ranges[i][1]; c++) {
            char text[12];
            size_t n = utf8_write(text, c);
            str kept = text_fold(&scope.arena, (str){text, n});
            n += utf8_write(text + n, 0x301);
            str whole = text_fold(&scope.arena, (str){text, n});
            if (!str_eq(kept, whole)) {
                print_error("U+%04X is '%.*s' alone and '%.*s' by ICU\n", c, STR_ARG(kept),
                            STR_ARG(whole));
            }
            assert_true(str_eq(kept, whole));
        }
    }
}

/* A long text is folded in parts; where they are cut must not show. */
static void test_long_texts_fold_like_their_words(void **state)
{
    (void)state;
    static const char *const words[] = {"Écoles", "Ελλάδα", "e\u0301te\u0301", "ﬁn", "東京", "ab", "Приве́т", "😀", "ﷺ", "İ"};
    struct buf text = {0};
    struct buf folded = {0};
    for (unsigned i = 0; i < 30000; i++) {
        str word = str_from(words[i * 2654435761u % ARRAY_LENGTH(words)]);
        buf_add(&text, word);
        buf_add(&folded, text_fold(&scope.arena, word));
        if (i % 7 == 0) {
            buf_add_char(&text, ' ');
            buf_add_char(&folded, ' ');
        }
    }
    assert_true(str_eq(text_fold(&scope.arena, buf_str(&text)), buf_str(&folded)));
    buf_done(&text);
    buf_done(&folded);
}

/* 16 MB and a letter that is not kept: folding it at once would take a thousand times the room of a page. */
static void test_a_text_as_large_as_a_record_may_be(void **state)
{
    (void)state;
    struct buf text = {0};
    while (text.n < (16u << 20)) {
        buf_add(&text, S("Ελλάδα 東京 "));
    }
    str folded = text_fold(&scope.arena, buf_str(&text));
    assert_true(str_starts(folded, S("ελλαδα 東京 ελλαδα")));
    assert_int_equal(folded.n, text.n);
    buf_done(&text);
}

static void test_word_limit_and_length(void **state)
{
    (void)state;
    str words[2];
    assert_int_equal(text_words(&scope.arena, S("a b c d"), words, 2), 2);
    char longest[200];
    memset(longest, 'x', sizeof(longest));
    assert_int_equal(text_words(&scope.arena, (str){longest, sizeof(longest)}, words, 2), 1);
    assert_int_equal(words[0].n, TEXT_WORD_BYTES);
}

static void test_identifier(void **state)
{
    (void)state;
    assert_true(str_eq(text_identifier(&scope.arena, S("Année d'ouverture")),
                       S("annee_d_ouverture")));
    assert_true(str_eq(text_identifier(&scope.arena, S("  Code (INSEE)  ")), S("code_insee")));
    assert_true(str_eq(text_identifier(&scope.arena, S("1er tour")), S("1er_tour")));
    assert_true(str_eq(text_identifier(&scope.arena, S("€")), S("")));
}

static usec at(const char *text)
{
    struct date_text date;
    assert_true(date_read(str_from(text), &date));
    return date_instant(&date.civil);
}

static void test_zones(void **state)
{
    (void)state;
    assert_null(zone_find(S("Mars/Olympus")));
    const struct zone *paris = zone_find(S("europe/PARIS"));
    assert_non_null(paris);
    assert_true(str_eq(zone_name(paris), S("Europe/Paris")));
    assert_ptr_equal(paris, zone_find(S("Europe/Paris")));
    assert_int_equal(zone_offset_at(paris, at("2026-01-05T07:30:00")), 3600);
    assert_int_equal(zone_offset_at(paris, at("2026-07-05T07:30:00")), 7200);
    assert_int_equal(zone_offset_at(paris, at("2026-03-29T00:59:59")), 3600);
    assert_int_equal(zone_offset_at(paris, at("2026-03-29T01:00:00")), 7200);
    assert_int_equal(zone_offset_at(zone_find(S("")), at("2026-07-05")), 0);
    assert_true(zone_instant_of_local(paris, at("2026-07-05T12:00")) == at("2026-07-05T10:00"));
    assert_true(zone_instant_of_local(paris, at("2026-01-05T12:00")) == at("2026-01-05T11:00"));
    /* The hour that happens twice: the first; the hour that does not exist: shifted. */
    assert_true(zone_instant_of_local(paris, at("2026-10-25T02:30")) == at("2026-10-25T00:30"));
    assert_true(zone_instant_of_local(paris, at("2026-03-29T02:30")) == at("2026-03-29T01:30"));
    assert_int_equal(zone_offset_at(zone_find(S("Asia/Kolkata")), at("2026-01-01")), 19800);
}

static void check_date(const char *language, const char *pattern, const char *expected)
{
    /* Tuesday 2026-08-04 09:05:03 */
    const struct civil civil = {2026, 8, 4, 9, 5, 3, 250000};
    struct buf out = {0};
    str unknown;
    assert_true(date_pattern_check(str_from(pattern), &unknown));
    date_pattern_write(&out, str_from(pattern), date_names_find(str_from(language)),
                       date_instant(&civil));
    buf_add_char(&out, 0);
    assert_string_equal(out.p, expected);
    buf_done(&out);
}

static void test_dates_in_words(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"en", "E d MMMM yyyy", "Tue 4 August 2026"},
        {"fr", "EEEE d MMMM yyyy", "mardi 4 août 2026"},
        {"fr", "E d MMM", "mar. 4 août"},
        {"nl", "EEEE d MMMM", "dinsdag 4 augustus"},
        {"pt", "E, MMM", "ter., ago."},
        {"it", "EEEE MMMM", "martedì agosto"},
        {"ar", "EEEE dd MMMM yyyy", "الثلاثاء 04 أغسطس 2026"},
        {"de", "E, d. MMMM", "Di., 4. August"},
        {"es", "EEEE d MMMM", "martes 4 agosto"},
        {"ca", "d MMMM", "4 d’agost"},
        {"ca", "MMMM 'd'", "agost d"},
        {"eu", "EEEE, MMMM", "asteartea, abuztua"},
        {"sv", "EEEE d MMMM", "tisdag 4 augusti"},
        {"a language of none", "MMMM", "August"},
        {"", "MMM", "Aug"},
        {"en", "xxxx-'W'ww-e w D DDD", "2026-W32-2 32 216 216"},
        {"en", "yy/YY M MM d dd H HH m mm s ss", "26/26 8 08 4 04 9 09 5 05 3 03"},
        {"en", "'o''clock' '' 'open", "o'clock ' open"},
        {"en", "é ?,.:/-", "é ?,.:/-"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        check_date(rows[i][0], rows[i][1], rows[i][2]);
    }
}

static void test_weeks_and_distant_years(void **state)
{
    (void)state;
    static const struct {
        int year, month, day;
        const char *expected;
    } rows[] = {
        {2021, 1, 3, "2021 20-53 7 3"}, {2020, 12, 28, "2020 20-53 1 363"},
        {2024, 12, 30, "2024 25-01 1 365"}, {1969, 12, 31, "1969 70-01 3 365"},
        {1, 1, 1, "0001 01-01 1 1"}, {2000, 1, 1, "2000 99-52 6 1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct civil civil = {.year = rows[i].year, .month = rows[i].month, .day = rows[i].day};
        struct buf out = {0};
        date_pattern_write(&out, S("yyyy xx-ww e D"), date_names_find(S("en")), date_instant(&civil));
        buf_add_char(&out, 0);
        assert_string_equal(out.p, rows[i].expected);
        buf_done(&out);
    }
    struct buf out = {0}; /* times that the engine holds, although no date has a text there */
    date_pattern_write(&out, S("yyyy yy xx EEEE"), date_names_find(S("en")), -INT64_MAX + 1);
    date_pattern_write(&out, S("yyyy yy xx EEEE"), date_names_find(S("en")), INT64_MAX - 1);
    assert_true(out.n > 0);
    buf_done(&out);
}

static void test_letters_without_meaning(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"yyy", "yyy"}, {"yyyy-Q", "Q"}, {"h a", "h"},
                                          {"EE", "EE"}, {"d 'of' MMMMM", "MMMMM"}, {"DD", "DD"}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str unknown;
        assert_false(date_pattern_check(str_from(rows[i][0]), &unknown));
        assert_true(str_eq(unknown, str_from(rows[i][1])));
    }
}

static void test_recognise(void **state)
{
    (void)state;
    size_t mark;
    assert_int_equal(encoding_recognise(S("a;b\n"), &mark), ENCODING_UTF8);
    assert_int_equal(encoding_recognise(S("\xef\xbb\xbf" "a"), &mark), ENCODING_UTF8);
    assert_int_equal(mark, 3);
    assert_int_equal(encoding_recognise(S("caf\xe9;cr\xe8me\n"), &mark), ENCODING_WINDOWS_1252);
    assert_int_equal(encoding_recognise(S("caf\xc3\xa9 \xc3"), &mark), ENCODING_UTF8);
    assert_int_equal(encoding_recognise(S("a\0;\0b\0\n\0"), &mark), ENCODING_UTF16LE);
    assert_int_equal(encoding_recognise(S("\0a\0;\0b\0\n"), &mark), ENCODING_UTF16BE);
    assert_int_equal(encoding_recognise(S("\xff\xfe" "a\0"), &mark), ENCODING_UTF16LE);
    assert_int_equal(mark, 2);
}

static void test_decode_in_pieces(void **state)
{
    (void)state;
    struct buf out = {0};
    struct decoder *decoder = decoder_open(ENCODING_WINDOWS_1252);
    assert_int_equal(decoder_feed(&scope, decoder, S("caf\xe9 \x80"), true, &out), ERR_OK);
    assert_true(str_eq(buf_str(&out), S("café €")));
    decoder_close(decoder);

    buf_clear(&out);
    decoder = decoder_open(ENCODING_UTF16LE);
    str wide = S("\xe9\0\x3d\xd8\x00\xde"); /* é, and a surrogate pair cut in two */
    assert_int_equal(decoder_feed(&scope, decoder, str_slice(wide, 0, 3), false, &out), ERR_OK);
    assert_int_equal(decoder_feed(&scope, decoder, str_slice(wide, 3, 6), true, &out), ERR_OK);
    assert_true(str_eq(buf_str(&out), S("é😀")));
    decoder_close(decoder);

    decoder = decoder_open(ENCODING_UTF8);
    assert_int_equal(decoder_feed(&scope, decoder, S("abc\xff"), true, &out), ERR_DATA);
    decoder_close(decoder);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_words, open_scope, close_scope),
cmocka_unit_test_setup_teardown(test_kept_folds_agree_with_icu, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_long_texts_fold_like_their_words, open_scope,
                                        close_scope),
        cmocka_unit_test_setup_teardown(test_a_text_as_large_as_a_record_may_be, open_scope,
                                        close_scope),
        cmocka_unit_test_setup_teardown(test_word_limit_and_length, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_identifier, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_zones, open_scope, close_scope),
        cmocka_unit_test(test_dates_in_words),
        cmocka_unit_test(test_weeks_and_distant_years),
        cmocka_unit_test(test_letters_without_meaning),
        cmocka_unit_test_setup_teardown(test_recognise, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_decode_in_pieces, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
