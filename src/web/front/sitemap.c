#include "web/front/sitemap.h"

#include "base/date.h"
#include "base/xml_write.h"
#include "platform/i18n/locale.h"

#define SCHEMA "http://www.sitemaps.org/schemas/sitemap/0.9"

size_t sitemap_files(const struct sitemap *sitemap)
{
    return (sitemap->count + sitemap->most - 1) / sitemap->most;
}

bool sitemap_range(const struct sitemap *sitemap, size_t number, size_t *ret_first, size_t *ret_end)
{
    if (number < 1 || number > sitemap_files(sitemap)) {
        return false;
    }
    *ret_first = (number - 1) * sitemap->most;
    *ret_end = *ret_first + sitemap->most < sitemap->count ? *ret_first + sitemap->most : sitemap->count;
    return true;
}

/* When a page of the dataset last changed; what its publisher says of the data may lie in the future. */
static usec changed_at(const struct dataset *dataset)
{
    return dataset->metadata_processed > dataset->data_processed ? dataset->metadata_processed
                                                                 : dataset->data_processed;
}

static void add_time(struct buf *out, usec instant)
{
    char text[DATE_TEXT_BYTES];
    if (instant) {
        size_t n = date_write_instant(text, instant - instant % USEC_SECOND, 0);
        xml_element(out, S("lastmod"), (str){text, n});
    }
}

static void add_alternate(struct buf *out, str code, str address, str parameter)
{
    buf_printf(out, "<xhtml:link rel=\"alternate\" hreflang=\"%.*s\" href=\"", STR_ARG(code));
    xml_escape(out, address);
    xml_escape(out, parameter);
    buf_add(out, S("\"/>\n"));
}

static void add_address(struct buf *out, const struct site *site, str address, usec changed)
{
    buf_add(out, S("<url>\n"));
    xml_element(out, S("loc"), address);
    add_time(out, changed);
    for (language lang = 0; lang < language_count(); lang++) {
        if (!site || site_offers(site, lang)) {
            char parameter[48];
            int n = snprintf(parameter, sizeof(parameter), "?lang=%.*s", STR_ARG(language_code(lang)));
            add_alternate(out, language_code(lang), address, (str){parameter, (size_t)n});
        }
    }
    add_alternate(out, S("x-default"), address, S(""));
    buf_add(out, S("</url>\n"));
}

void sitemap_begin(struct buf *out)
{
    buf_add(out, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"" SCHEMA
                   "\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n"));
}

void sitemap_end(struct buf *out)
{
    buf_add(out, S("</urlset>\n"));
}

void sitemap_add_dataset(struct buf *out, const struct sitemap *sitemap, const struct dataset *dataset)
{
    struct buf address cleanup_with(buf_cleanup) = {0};
    buf_add(&address, sitemap->address);
    buf_add(&address, S("/explore/dataset/"));
    buf_add(&address, dataset->id);
    buf_add_char(&address, '/');
    add_address(out, sitemap->site, buf_str(&address), changed_at(dataset));
}

static usec latest_change(const struct sitemap *sitemap, size_t first, size_t end)
{
    usec latest = 0;
    for (size_t i = first; i < end; i++) {
        usec changed = changed_at(sitemap->datasets[i]);
        latest = changed > latest ? changed : latest;
    }
    return latest;
}

static void add_content(struct buf *out, const struct sitemap *sitemap, const struct site_page *page)
{
    struct buf address cleanup_with(buf_cleanup) = {0};
    buf_add(&address, sitemap->address);
    buf_printf(&address, "/pages/%.*s/", STR_ARG(page->slug));
    add_address(out, sitemap->site, buf_str(&address), page->changed);
}

void sitemap_write_pages(struct buf *out, const struct sitemap *sitemap)
{
    static const char *const paths[] = {"/", "/explore/", "/cookies/policy"};
    usec latest = latest_change(sitemap, 0, sitemap->count);
    sitemap_begin(out);
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        struct buf address cleanup_with(buf_cleanup) = {0};
        buf_add(&address, sitemap->address);
        buf_add(&address, str_from(paths[i]));
        add_address(out, sitemap->site, buf_str(&address), i < 2 ? latest : 0);
    }
    for (size_t i = 0; sitemap->site && i < sitemap->site->page_count; i++) {
        if (sitemap->site->pages[i].is_published) {
            add_content(out, sitemap, &sitemap->site->pages[i]);
        }
    }
    sitemap_end(out);
}

static void add_file(struct buf *out, const struct sitemap *sitemap, str name, usec changed)
{
    buf_add(out, S("<sitemap>\n<loc>"));
    xml_escape(out, sitemap->address);
    buf_printf(out, "/sitemap/%.*s.xml</loc>\n", STR_ARG(name));
    add_time(out, changed);
    buf_add(out, S("</sitemap>\n"));
}

void sitemap_write_index(struct buf *out, const struct sitemap *sitemap)
{
    size_t first = 0;
    size_t end = 0;
    buf_add(out, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex xmlns=\"" SCHEMA "\">\n"));
    add_file(out, sitemap, S("pages"), latest_change(sitemap, 0, sitemap->count));
    for (size_t number = 1; sitemap_range(sitemap, number, &first, &end); number++) {
        char name[24];
        int n = snprintf(name, sizeof(name), "%zu", number);
        add_file(out, sitemap, (str){name, (size_t)n}, latest_change(sitemap, first, end));
    }
    buf_add(out, S("</sitemapindex>\n"));
}
