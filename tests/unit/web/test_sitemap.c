/* How sitemaps are split, and that what they hold is escaped. */
#include "check.h"

#include "web/front/sitemap.h"

#define DATASETS 7

static struct dataset datasets[DATASETS];
static const struct dataset *list[DATASETS];

static struct sitemap make(size_t count, size_t most)
{
    static char ids[DATASETS][4];
    for (size_t i = 0; i < DATASETS; i++) {
        snprintf(ids[i], sizeof(ids[i]), "d%zu", i);
        datasets[i] = (struct dataset){.id = str_from(ids[i]),
                                       .data_processed = (usec)i * USEC_SECOND * 86400,
                                       .metadata_processed = 5 * USEC_SECOND + 7};
        list[i] = &datasets[i];
    }
    return (struct sitemap){.address = S("https://x.example/a&b"), .datasets = list, .count = count, .most = most};
}

static size_t count_of(str text, const char *part)
{
    size_t count = 0;
    for (size_t at = 0; (at = str_find(text, str_from(part), at)) != SIZE_MAX; at++) {
        count++;
    }
    return count;
}

static void test_split(void **state)
{
    (void)state;
    static const struct {
        size_t count, most, files;
    } cases[] = {{0, 3, 0}, {1, 3, 1}, {3, 3, 1}, {4, 3, 2}, {7, 3, 3}, {7, 7, 1}, {7, 1, 7}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct sitemap sitemap = make(cases[i].count, cases[i].most);
        size_t next = 0;
        check_int("files", (long long)sitemap_files(&sitemap), (long long)cases[i].files);
        for (size_t number = 1; number <= cases[i].files; number++) {
            size_t first, end;
            assert_true(sitemap_range(&sitemap, number, &first, &end));
            check_int("nothing between", (long long)first, (long long)next);
            assert_true(end > first && end - first <= cases[i].most);
            next = end;
        }
        size_t first = 99, end = 99;
        check_int("everything", (long long)next, (long long)cases[i].count);
        assert_false(sitemap_range(&sitemap, 0, &first, &end));
        assert_false(sitemap_range(&sitemap, cases[i].files + 1, &first, &end));
        assert_false(sitemap_range(&sitemap, SIZE_MAX, &first, &end));
    }
}

static void test_index(void **state)
{
    (void)state;
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct sitemap sitemap = make(7, 3);
    sitemap_write_index(&out, &sitemap);
    str text = buf_str(&out);
    check_int("files and the pages", (long long)count_of(text, "<sitemap>"), 4);
    assert_int_equal(count_of(text, "<loc>https://x.example/a&amp;b/sitemap/3.xml</loc>"), 1);
    assert_int_equal(count_of(text, "<loc>https://x.example/a&amp;b/sitemap/pages.xml</loc>"), 1);
    assert_int_equal(count_of(text, "<lastmod>1970-01-07T00:00:00+00:00</lastmod>"), 2); /* the last file, all pages */
    assert_int_equal(count_of(text, "a&b"), 0);
}

static void test_datasets(void **state)
{
    (void)state;
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct sitemap sitemap = make(7, 3);
    sitemap_begin(&out);
    sitemap_add_dataset(&out, &sitemap, list[0]);
    sitemap_end(&out);
    str text = buf_str(&out);
    assert_int_equal(count_of(text, "<loc>https://x.example/a&amp;b/explore/dataset/d0/</loc>"), 1);
    assert_int_equal(count_of(text, "<lastmod>1970-01-01T00:00:05+00:00</lastmod>"), 1);
    assert_int_equal(count_of(text, "hreflang=\"x-default\" href=\"https://x.example/a&amp;b/explore/dataset/d0/\""), 1);
    assert_int_equal(count_of(text, "hreflang=\"fr\" href=\"https://x.example/a&amp;b/explore/dataset/d0/?lang=fr\""), 1);
    assert_true(text.n * SITEMAP_DATASETS_MOST < 50u << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_index),
        cmocka_unit_test(test_datasets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
