#include "web/front/content_page.h"

#include "base/url.h"
#include "domain/catalog/metadata_read.h"
#include "domain/site/embed.h"
#include "platform/markdown/markdown.h"
#include "platform/markup/sanitize.h"
#include "web/shell/static.h"

#define TOP_HEADING 2
#define PICTURES_MOST 100

/* ---- pictures and embeds stand behind marks until all else is sanitised ---- */

struct writing {
    struct call *call;
    const struct content_file *files;
    size_t file_count;
    str address; /* of pictures */
    struct embed_lines embeds;
    str pictures[PICTURES_MOST]; /* as HTML */
    size_t picture_count;
};

static void add_attribute(struct buf *out, const char *name, str value)
{
    buf_printf(out, " %s=\"", name);
    markup_escape(out, value);
    buf_add_char(out, '"');
}

/* Files of the page alone: nothing is loaded from elsewhere. */
static str make_picture(void *user, str address, str alternative)
{
    struct writing *writing = user;
    struct arena *arena = &writing->call->scope->arena;
    for (size_t i = 0; i < writing->file_count && writing->picture_count < PICTURES_MOST; i++) {
        if (str_eq(writing->files[i].name, address)) {
            struct buf out cleanup_with(buf_cleanup) = {0};
            buf_add(&out, S("<img"));
            add_attribute(&out, "src",
                          str_printf(arena, "%.*s%.*s", STR_ARG(writing->address), STR_ARG(address)));
            add_attribute(&out, "alt", alternative);
            buf_add(&out, S(" loading=\"lazy\">"));
            writing->pictures[writing->picture_count] = buf_copy(&out, arena);
            return str_printf(arena, "%.*s%03zuy", STR_ARG(writing->embeds.mark), writing->picture_count++);
        }
    }
    return STR_NONE;
}

static enum message kind_title(enum embed_kind kind)
{
    return kind == EMBED_TABLE ? MSG_CONTENT_EMBED_TABLE
           : kind == EMBED_MAP ? MSG_CONTENT_EMBED_MAP
                               : MSG_CONTENT_EMBED_CHART;
}

static void add_note(struct call *call, const struct embed_line *line, struct buf *out)
{
    str text = message_text(&call->scope->arena, call->language, MSG_CONTENT_EMBED_HIDDEN,
                            &ARG_TEXT("id", line->dataset), 1);
    buf_add(out, S("<div class=\"notice\"><p>"));
    markup_escape(out, text);
    buf_add(out, S("</p></div>\n"));
}

/* Embeds are shown as nobody known sees them, whoever looks at the page. */
static enum err find_dataset(struct call *call, str id, const struct dataset **ret_dataset)
{
    const struct snapshot *snapshot = NULL;
    TRY(access_snapshot(call->scope, call->app->access, &actor_anonymous, &snapshot));
    enum err result = snapshot_load(call->scope, snapshot, id, ret_dataset);
    snapshot_unref(snapshot);
    return result;
}

static enum err add_embed(struct call *call, const struct embed_line *line, struct buf *out)
{
    struct arena *arena = &call->scope->arena;
    const struct dataset *dataset;
    TRY(find_dataset(call, line->dataset, &dataset));
    if (!dataset) {
        add_note(call, line, out);
        return ERR_OK;
    }
    struct message_argument of = ARG_TEXT("title", dataset->title.n ? dataset->title : line->dataset);
    str title = line->title.n ? line->title
                              : message_text(arena, call->language, kind_title(line->kind), &of, 1);
    buf_add(out, S("<figure class=\"content-embed\"><iframe"));
    add_attribute(out, "src",
                  str_printf(arena, "/embed/dataset/%.*s/%s?%.*s%slang=%.*s", STR_ARG(line->dataset),
                             embed_kind_name(line->kind), STR_ARG(line->query), line->query.n ? "&" : "",
                             STR_ARG(language_code(call->language))));
    add_attribute(out, "title", title);
    buf_printf(out, " height=\"%lld\" loading=\"lazy\"></iframe><figcaption><a href=\"/explore/dataset/%.*s/\">",
               (long long)line->height, STR_ARG(line->dataset));
    markup_escape(out, title);
    buf_add(out, S("</a></figcaption></figure>\n"));
    return ERR_OK;
}

/* ---- putting them back ---- */

/* A number of three digits and a letter behind the mark; SIZE_MAX: something else. */
static size_t number_behind(str html, size_t at, char letter)
{
    size_t number = 0;
    if (at + 4 > html.n || html.p[at + 3] != letter) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < 3; i++) {
        if (!is_ascii_digit(html.p[at + i])) {
            return SIZE_MAX;
        }
        number = number * 10 + (size_t)(html.p[at + i] - '0');
    }
    return number;
}

static enum err put_back(struct writing *writing, str html, struct buf *out)
{
    str mark = writing->embeds.mark;
    size_t from = 0;
    for (size_t at = str_find(html, mark, 0); at != SIZE_MAX; at = str_find(html, mark, from)) {
        size_t behind = at + mark.n;
        size_t embed = number_behind(html, behind, 'x');
        size_t picture = number_behind(html, behind, 'y');
        bool is_paragraph = embed < writing->embeds.count && at >= from + 3 &&
                            str_eq(str_slice(html, at - 3, at), S("<p>")) &&
                            str_starts(str_slice(html, behind + 4, html.n), S("</p>"));
        buf_add(out, str_slice(html, from, is_paragraph ? at - 3 : at));
        from = behind + 4;
        if (is_paragraph) {
            TRY(add_embed(writing->call, &writing->embeds.items[embed], out));
            from += 4;
        } else if (embed < writing->embeds.count) {
            markup_escape(out, writing->embeds.items[embed].source);
        } else if (picture < writing->picture_count) {
            buf_add(out, writing->pictures[picture]);
        } else {
            from = behind;
            buf_add(out, mark);
        }
    }
    buf_add(out, str_slice(html, from, html.n));
    return ERR_OK;
}

/* A region that scrolls must be reached by the keyboard and have a name. */
static str before_table(struct call *call)
{
    struct buf html cleanup_with(buf_cleanup) = {0};
    buf_add(&html, S("<div class=\"table-scroll\" role=\"region\" tabindex=\"0\""));
    add_attribute(&html, "aria-label", message_plain(call->language, MSG_DESCRIPTION_TABLE));
    buf_add(&html, S(">"));
    return buf_copy(&html, &call->scope->arena);
}

enum err content_html(struct call *call, str text, const struct content_file *files, size_t file_count, str pictures,
                      struct html *ret_html)
{
    struct scope *scope = call->scope;
    struct writing *writing = arena_new(&scope->arena, struct writing);
    *writing = (struct writing){.call = call, .files = files, .file_count = file_count, .address = pictures};
    struct markup_options options = {
        .top_heading = TOP_HEADING, .before_table = before_table(call), .behind_table = S("</div>")};
    struct buf raw cleanup_with(buf_cleanup) = {0};
    struct buf clean cleanup_with(buf_cleanup) = {0};
    struct buf out cleanup_with(buf_cleanup) = {0};
    str marked = embed_lines_take(&scope->arena, text, &writing->embeds);
    TRY(markdown_html(scope, marked, make_picture, writing, &raw));
    TRY(markup_sanitize(scope, buf_str(&raw), &options, &clean));
    TRY(put_back(writing, buf_str(&clean), &out));
    *ret_html = (struct html){buf_copy(&out, &scope->arena)};
    return ERR_OK;
}

/* ---- the page ---- */

struct content_view {
    str title, changed, lang;
    struct html text;
    bool is_other; /* the text is in another language than the page around it */
};

static const struct tpl_member view_members[] = {
    TPL_TEXT(struct content_view, title), TPL_TEXT(struct content_view, changed), TPL_TEXT(struct content_view, lang),
    TPL_HTML(struct content_view, text), TPL_BOOL(struct content_view, is_other)};
static const struct tpl_struct view_struct = TPL_STRUCT(struct content_view, view_members);
const struct tpl_binding content_page_template = {"front/content_page", &view_struct};

/* The language of a text: the visitor's, else that of the portal, else the first one. */
static language choose(const struct call *call, const struct translated *text)
{
    language wanted[] = {call->language, call->site->language};
    for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++) {
        if (text->texts[wanted[i]].n) {
            return wanted[i];
        }
    }
    language lang = 0;
    while (lang + 1 < language_count() && text->texts[lang].n == 0) {
        lang++;
    }
    return lang;
}

static enum err find_page(struct call *call, const struct site_page **ret_page)
{
    *ret_page = content_find(call->site, call->path_values[0]);
    return *ret_page && (*ret_page)->is_published ? ERR_OK
                                                  : fail(call->scope, ERR_NO_PAGE, "There is no such page.");
}

enum err content_page_get(struct call *call)
{
    struct scope *scope = call->scope;
    const struct site_page *found;
    const struct content_file *files;
    size_t count;
    struct content content;
    struct content_view view = {0};
    TRY(find_page(call, &found));
    TRY(content_get(scope, call->app->sites, found->id, 0, &content));
    TRY(content_files(scope, call->app->sites, found->id, &files, &count));
    language lang = choose(call, &content.text);
    str title = content.page.title.texts[lang];
    str address = str_printf(&scope->arena, "/pages/%.*s/", STR_ARG(found->slug));
    TRY(content_html(call, content.text.texts[lang], files, count, address, &view.text));
    view.title = title.n ? title : translated_text(&content.page.title, call->language);
    view.changed = format_instant_date(&scope->arena, call->language, content.page.changed);
    view.lang = language_code(lang);
    view.is_other = lang != call->language;
    page_send(call, &(struct page){.title_text = view.title,
                                   .body = &content_page_template,
                                   .data = &view,
                                   .canonical = address,
                                   .description = markup_plain(&scope->arena, view.text.text, 200),
                                   .is_indexed = true,
                                   .is_public = true});
    return ERR_OK;
}

/* ---- its pictures ---- */

enum err content_send_file(struct call *call, const struct site_file *file)
{
    return file->bytes.p ? static_send(call, file->bytes, file->type)
                         : fail(call->scope, ERR_NO_ROUTE, "The requested URI does not exist.");
}

enum err content_file_send_get(struct call *call)
{
    const struct site_page *page;
    struct site_file file;
    TRY(find_page(call, &page));
    TRY(content_file_get(call->scope, call->app->sites, page->id, call->path_values[1], &file));
    return content_send_file(call, &file);
}
