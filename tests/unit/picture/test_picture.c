/* Pictures are PNG of one size, differ when what they say differs, and are drawn by any thread. */
#include "check.h"

#include <pthread.h>

#include "platform/picture/picture.h"

#define THREADS 4
#define ROUNDS 3

static struct picture_card sample(void)
{
    return (struct picture_card){.portal = S("Open data"), .theme = S("Transport"), .title = S("Bicycle counts"),
                                 .publisher = S("City Works"), .facts = S("3 records"),
                                 .accent = {0, 0.3, 0.6}, .band = {0.2, 0.5, 0.2}};
}

static str draw(struct scope *scope, const struct picture_card *card)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    assert_int_equal(picture_draw(scope, card, &out), ERR_OK);
    return buf_copy(&out, &scope->arena);
}

static uint32_t read_number(str bytes, size_t at)
{
    const unsigned char *p = (const unsigned char *)bytes.p + at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void check_png(str png)
{
    assert_true(str_starts(png, (str){"\x89PNG\r\n\x1a\n", 8}));
    check_int("width", read_number(png, 16), PICTURE_WIDTH);
    check_int("height", read_number(png, 20), PICTURE_HEIGHT);
}

static void test_same_and_other(void **state)
{
    (void)state;
    struct scope scope;
    scope_open(&scope);
    struct picture_card card = sample();
    str first = draw(&scope, &card);
    check_png(first);
    assert_true(str_eq(first, draw(&scope, &card)));
    str *const members[] = {&card.portal, &card.theme, &card.title, &card.publisher, &card.facts};
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        str kept = *members[i];
        *members[i] = S("Otherwise");
        assert_false(str_eq(first, draw(&scope, &card)));
        *members[i] = kept;
    }
    card.band.red = 1;
    assert_false(str_eq(first, draw(&scope, &card)));
    scope_close(&scope);
}

/* A million letters, no text at all, control characters, markup, text from right to left, bytes that are no text. */
static void test_hostile_texts(void **state)
{
    (void)state;
    struct scope scope;
    scope_open(&scope);
    size_t n = 1 << 20;
    char *large = malloc(n);
    memset(large, 'W', n);
    const str texts[] = {{large, n}, S(""), STR_NONE, S("a\0b\nc\td\x1b[0m"), S("<b>&amp;</b> %s %n"),
                         S("مرحبا بالعالم hello"), S("\xe2\x80\xae" "abc"), {"\xff\xfe\x80", 3}, S("日本語 😀 ünï")};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct picture_card card = {.portal = texts[i], .theme = texts[i], .title = texts[i],
                                    .publisher = texts[i], .facts = texts[i]};
        check_png(draw(&scope, &card));
    }
    free(large);
    scope_close(&scope);
}

static void *draw_often(void *user)
{
    (void)user;
    struct scope scope;
    scope_open(&scope);
    struct picture_card card = sample();
    for (int i = 0; i < ROUNDS; i++) {
        struct buf out cleanup_with(buf_cleanup) = {0};
        if (picture_draw(&scope, &card, &out) != ERR_OK || out.n < 1000) {
            scope_close(&scope);
            return NULL;
        }
    }
    scope_close(&scope);
    return (void *)1;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, draw_often, NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        assert_non_null(result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_and_other),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
