/* The catalogue as a feed: RSS 2.0. */
#include "base/date.h"
#include "base/xml_write.h"
#include "domain/interop/interop.h"

static enum err rss_begin(struct catalogue_writing *writing)
{
    struct buf *out = writing->out;
    const struct interop_portal *portal = &writing->portal;
    buf_add(out,
            S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n"));
    xml_element(out, S("title"), portal->name);
    xml_element(out, S("link"), portal->catalogue);
    xml_element(out, S("description"), portal->name);
    xml_element(out, S("language"), portal->lang);
    buf_add(out, S("<atom:link href=\""));
    xml_escape(out, writing->self);
    buf_add(out, S("\" rel=\"self\" type=\"application/rss+xml\"/>\n"));
    return ERR_OK;
}

/* RFC 822 with four digits of the year, as RSS has it. */
static str feed_date(struct arena *arena, str text)
{
    usec instant;
    if (!interop_read_instant(text, &instant)) {
        return STR_NONE;
    }
    return str_printf(arena, "%.*s +0000", STR_ARG(date_header_text(arena, instant)));
}

static void write_categories(struct buf *out, const struct entry *entry, const char *name)
{
    str category;
    for (size_t i = 0; (category = entry_item(entry, "default", name, i)).p; i++) {
        xml_element(out, S("category"), category);
    }
}

static enum err rss_dataset(struct catalogue_writing *writing, const struct entry *entry)
{
    struct buf *out = writing->out;
    buf_add(out, S("<item>\n"));
    xml_element(out, S("title"), entry_title(entry));
    xml_element(out, S("link"), entry->address);
    xml_element(out, S("description"), entry_description(entry));
    write_categories(out, entry, "theme");
    write_categories(out, entry, "keyword");
    buf_add(out, S("<guid isPermaLink=\"true\">"));
    xml_escape(out, entry->address);
    buf_add(out, S("</guid>\n"));
    xml_element(out, S("pubDate"),
                feed_date(&writing->scope->arena, entry_text(entry, "default", "modified")));
    buf_add(out, S("</item>\n"));
    return ERR_OK;
}

static enum err rss_end(struct catalogue_writing *writing)
{
    buf_add(writing->out, S("</channel>\n</rss>\n"));
    return ERR_OK;
}

const struct catalogue_encoder catalogue_rss = {
    .begin = rss_begin, .dataset = rss_dataset, .end = rss_end};
