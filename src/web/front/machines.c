/* What the portal tells crawlers and browsers: robots.txt, sitemaps, the description of its search. The same for all. */
#include "base/num.h"
#include "base/utf8.h"
#include "base/xml_write.h"
#include "web/front/explore.h"
#include "web/front/sitemap.h"

#define PIECE_BYTES ((size_t)64 << 10)
#define SHORT_NAME_MOST 16 /* letters, OpenSearch 1.1 */
#define LONG_NAME_MOST 48

static void begin_answer(struct call *call, str type)
{
    struct exchange *exchange = call->exchange;
    response_status(exchange, 200);
    response_header(exchange, S("Content-Type"), type);
    response_header(exchange, S("Cache-Control"), S("no-cache"));
    response_header(exchange, S("Cross-Origin-Resource-Policy"), S("same-origin"));
    response_header(exchange, S("Referrer-Policy"), S("same-origin"));
    response_header(exchange, S("Content-Security-Policy"), S("default-src 'none'; frame-ancestors 'none'"));
}

static enum err send_whole(struct call *call, str type, struct buf *body)
{
    begin_answer(call, type);
    call->may_cache = true;
    str tag = str_printf(&call->scope->arena, "%016llx", (unsigned long long)str_hash(buf_str(body)));
    if (!response_etag(call->exchange, tag)) {
        response_body(call->exchange, body);
    }
    return ERR_OK;
}

/* ---- robots.txt ---- */

/*
 * Datasets are to be found; addresses that only order, filter or cut the same records anew would keep a crawler
 * busy for ever, and so would the API, of which what harvesters read stays open. Longer rules win (RFC 9309 2.2.2).
 */
enum err robots_get(struct call *call)
{
    static const char rules[] = "User-agent: *\n"
                                "Disallow: /account\n"
                                "Disallow: /backoffice\n"
                                "Disallow: /language\n"
                                "Disallow: /i18n/\n"
                                "Disallow: /embed/\n"
                                "Disallow: /embedded/\n"
                                "Disallow: /selection\n"
                                "Disallow: /map/\n"
                                "Disallow: /cookies?\n"
                                "Disallow: /explore?\n"
                                "Disallow: /explore/?\n"
                                "Disallow: /explore/dataset/*?\n"
                                "Disallow: /explore/dataset/*/records/\n"
                                "Disallow: /api/\n"
                                "Allow: /api/explore/v2.1/swagger.json\n"
                                "Allow: /api/explore/v2.1/catalog/exports/\n"
                                "Disallow: /api/explore/v2.1/catalog/exports/*?*&\n"
                                "Allow: /explore/dataset/*/picture.png\n";
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, str_from(rules));
    for (language lang = 0; lang < language_count(); lang++) {
        str code = language_code(lang);
        if (site_offers(call->site, lang)) {
            buf_printf(&out, "Allow: /explore/?lang=%.*s$\nAllow: /explore/dataset/*/?lang=%.*s$\n", STR_ARG(code),
                       STR_ARG(code));
        }
    }
    buf_printf(&out, "\nSitemap: %.*s/sitemap.xml\n", STR_ARG(call->base_url));
    return send_whole(call, S("text/plain; charset=utf-8"), &out);
}

/* ---- sitemaps ---- */

static struct sitemap make_sitemap(const struct call *call)
{
    return (struct sitemap){.address = call->base_url,
                            .datasets = call->snapshot->datasets,
                            .count = call->snapshot->count,
                            .site = call->site,
                            .most = SITEMAP_DATASETS_MOST};
}

enum err sitemap_index_get(struct call *call)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct sitemap sitemap = make_sitemap(call);
    sitemap_write_index(&out, &sitemap);
    return send_whole(call, S("application/xml; charset=utf-8"), &out);
}

static enum err send_datasets(struct call *call, const struct sitemap *sitemap, size_t first, size_t end)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    begin_answer(call, S("application/xml; charset=utf-8"));
    str tag = str_printf(&call->scope->arena, "%llu-%zu-%lld-%016llx", (unsigned long long)call->snapshot->generation,
                         first, (long long)call->site->generation, (unsigned long long)str_hash(call->base_url));
    if (response_etag(call->exchange, tag)) {
        return ERR_OK;
    }
    TRY(response_stream(call->exchange));
    sitemap_begin(&out);
    for (size_t i = first; i < end; i++) {
        sitemap_add_dataset(&out, sitemap, sitemap->datasets[i]);
        if (out.n > PIECE_BYTES) {
            TRY(response_write(call->exchange, buf_str(&out)));
            buf_clear(&out);
        }
    }
    sitemap_end(&out);
    return response_write(call->exchange, buf_str(&out));
}

enum err sitemap_get(struct call *call)
{
    struct sitemap sitemap = make_sitemap(call);
    str name = call->path_values[0];
    bool is_file = str_ends(name, S(".xml"));
    str number = str_slice(name, 0, is_file ? name.n - 4 : 0);
    int64_t value;
    size_t first;
    size_t end;
    if (str_eq(number, S("pages"))) {
        struct buf out cleanup_with(buf_cleanup) = {0};
        sitemap_write_pages(&out, &sitemap);
        return send_whole(call, S("application/xml; charset=utf-8"), &out);
    }
    bool is_number = number.n && number.n < 10 && number.p[0] >= '1' && number.p[0] <= '9' &&
                     num_read_int(number, &value) && value > 0;
    if (!is_number || !sitemap_range(&sitemap, (size_t)value, &first, &end)) {
        return fail(call->scope, ERR_NO_ROUTE, "There is no such sitemap.");
    }
    return send_datasets(call, &sitemap, first, end);
}

/* ---- the search, for browsers ---- */

/* The first letters of a text. */
static str first_letters(str text, size_t most)
{
    size_t at = 0;
    for (size_t i = 0; i < most && at < text.n; i++) {
        utf8_next(text, &at);
    }
    return str_slice(text, 0, at);
}

enum err opensearch_get(struct call *call)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    str portal = call->site->name;
    struct arena *arena = &call->scope->arena;
    str description = message_text(arena, call->site->language, MSG_OPENSEARCH_DESCRIPTION,
                                   &ARG_TEXT("portal", portal), 1);
    buf_add(&out, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n"));
    xml_element(&out, S("ShortName"), first_letters(portal, SHORT_NAME_MOST));
    xml_element(&out, S("LongName"), first_letters(portal, LONG_NAME_MOST));
    xml_element(&out, S("Description"), description);
    xml_element(&out, S("InputEncoding"), S("UTF-8"));
    xml_element(&out, S("OutputEncoding"), S("UTF-8"));
    buf_add(&out, S("<Image width=\"16\" height=\"16\" type=\"image/svg+xml\">"));
    xml_escape(&out, call->base_url);
    buf_add(&out, S("/favicon.svg</Image>\n<Url type=\"text/html\" template=\""));
    xml_escape(&out, call->base_url);
    buf_add(&out, S("/explore/?q={searchTerms}\"/>\n<Url type=\"application/rss+xml\" template=\""));
    xml_escape(&out, call->base_url);
    buf_add(&out, S("/api/explore/v2.1/catalog/exports/rss?where=search(%22{searchTerms}%22)\"/>\n"
                    "<Url type=\"application/opensearchdescription+xml\" rel=\"self\" template=\""));
    xml_escape(&out, call->base_url);
    buf_add(&out, S("/opensearch.xml\"/>\n</OpenSearchDescription>\n"));
    return send_whole(call, S("application/opensearchdescription+xml; charset=utf-8"), &out);
}
