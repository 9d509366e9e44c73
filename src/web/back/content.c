/* Pages of content: the list, one page with its languages and history, restoring, removing. */
#include "web/back/content.h"

#include "base/json_write.h"
#include "base/num.h"

/* ---- what the files share ---- */

enum err content_open(struct call *call, struct content *ret_content)
{
    int64_t id;
    TRY(office_id(call, 0, ERR_NO_PAGE, &id));
    return content_get(call->scope, call->app->sites, id, 0, ret_content);
}

str content_path(const struct call *call, int64_t id, const char *action)
{
    return str_printf(&call->scope->arena, "/backoffice/pages/%lld%s", (long long)id, action);
}

str content_title(const struct call *call, const struct site_page *page)
{
    str title = translated_text(&page->title, call->language);
    return title.n ? title : page->slug;
}

enum err content_show(struct call *call, const struct content *content, str text, struct html *ret_html)
{
    const struct content_file *files;
    size_t count;
    TRY(content_files(call->scope, call->app->sites, content->page.id, &files, &count));
    return content_html(call, text, files, count, content_path(call, content->page.id, "/pictures/"), ret_html);
}

/* ---- the list ---- */

struct page_item {
    str address, title, path, state, kind, menu, changed, author;
};

struct pages_view {
    bool found;
    struct tpl_list pages;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct page_item, address), TPL_TEXT(struct page_item, title), TPL_TEXT(struct page_item, path),
    TPL_TEXT(struct page_item, state),  TPL_TEXT(struct page_item, kind),  TPL_TEXT(struct page_item, menu),
    TPL_TEXT(struct page_item, changed), TPL_TEXT(struct page_item, author)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct page_item, item_members);
static const struct tpl_member pages_members[] = {TPL_BOOL(struct pages_view, found),
                                                  TPL_LIST(struct pages_view, pages, item_struct)};
static const struct tpl_struct pages_struct = TPL_STRUCT(struct pages_view, pages_members);
const struct tpl_binding pages_template = {"back/pages", &pages_struct};

static enum message menu_title(int menu)
{
    return menu == MENU_HEADER   ? MSG_BACKOFFICE_PAGES_MENU_HEADER
           : menu == MENU_FOOTER ? MSG_BACKOFFICE_PAGES_MENU_FOOTER
                                 : MSG_BACKOFFICE_PAGES_MENU_NONE;
}

static struct page_item make_item(struct call *call, const struct site_page *page)
{
    return (struct page_item){
        .address = content_path(call, page->id, ""),
        .title = content_title(call, page),
        .path = str_printf(&call->scope->arena, "/pages/%.*s/", STR_ARG(page->slug)),
        .state = office_say(call, page->is_published ? MSG_BACKOFFICE_PAGES_PUBLISHED : MSG_BACKOFFICE_PAGES_DRAFT),
        .kind = page->is_published ? S("tag success") : S("tag warning"),
        .menu = office_say(call, menu_title(page->menu)),
        .changed = office_instant(call, page->changed, MESSAGE_NONE),
        .author = page->author};
}

static enum err tell_pages(struct call *call)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key(&json, S("pages"));
    json_array_begin(&json);
    for (size_t i = 0; i < call->site->page_count; i++) {
        const struct site_page *page = &call->site->pages[i];
        json_object_begin(&json);
        json_key_int(&json, S("id"), page->id);
        json_key_text(&json, S("slug"), page->slug);
        json_key_bool(&json, S("published"), page->is_published);
        json_key_int(&json, S("revision"), page->revision);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    return office_json(call, 200, &out);
}

enum err back_pages(struct call *call)
{
    const struct site *site = call->site;
    struct page_item *items = arena_array(&call->scope->arena, struct page_item, site->page_count + 1);
    if (page_is_for_script(call)) {
        return tell_pages(call);
    }
    for (size_t i = 0; i < site->page_count; i++) {
        items[i] = make_item(call, &site->pages[i]);
    }
    struct pages_view view = {site->page_count > 0, {items, site->page_count}};
    return office_send(call, &(struct office_page){.section = SECTION_PAGES,
                                                   .title = office_say(call, MSG_BACKOFFICE_PAGES_TITLE),
                                                   .body = &pages_template,
                                                   .data = &view});
}

/* ---- one page ---- */

struct language_item {
    str name, code, title, state, kind, address;
};

struct revision_item {
    str number, changed, author, address, restore;
    bool is_current;
};

struct page_view {
    struct page_item page;
    str title, path, state, kind, menu, settings, pictures, remove, csrf;
    bool is_published;
    struct tpl_list languages, revisions;
};

static const struct tpl_member language_members[] = {
    TPL_TEXT(struct language_item, name),  TPL_TEXT(struct language_item, code), TPL_TEXT(struct language_item, title),
    TPL_TEXT(struct language_item, state), TPL_TEXT(struct language_item, kind), TPL_URL(struct language_item, address)};
static const struct tpl_struct language_struct = TPL_STRUCT(struct language_item, language_members);
static const struct tpl_member revision_members[] = {
    TPL_TEXT(struct revision_item, number),  TPL_TEXT(struct revision_item, changed),
    TPL_TEXT(struct revision_item, author),  TPL_URL(struct revision_item, address),
    TPL_URL(struct revision_item, restore),  TPL_BOOL(struct revision_item, is_current)};
static const struct tpl_struct revision_struct = TPL_STRUCT(struct revision_item, revision_members);
static const struct tpl_member page_members[] = {
    TPL_TEXT(struct page_view, title),   TPL_URL(struct page_view, path),      TPL_TEXT(struct page_view, state),
    TPL_TEXT(struct page_view, kind),    TPL_TEXT(struct page_view, menu),     TPL_URL(struct page_view, settings),
    TPL_URL(struct page_view, pictures), TPL_URL(struct page_view, remove),    TPL_TEXT(struct page_view, csrf),
    TPL_BOOL(struct page_view, is_published),
    TPL_LIST(struct page_view, languages, language_struct), TPL_LIST(struct page_view, revisions, revision_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct page_view, page_members);
const struct tpl_binding page_template = {"back/page", &page_struct};

static struct tpl_list list_languages(struct call *call, const struct content *content)
{
    struct language_item *items = arena_array(&call->scope->arena, struct language_item, (size_t)language_count());
    for (language lang = 0; lang < language_count(); lang++) {
        bool is_written = content->text.texts[lang].n > 0;
        const char *action = str_printf(&call->scope->arena, "/text/%.*s", STR_ARG(language_code(lang))).p;
        items[lang] = (struct language_item){
            language_own_name(lang), language_code(lang), content->page.title.texts[lang],
            office_say(call, is_written ? MSG_BACKOFFICE_PAGES_WRITTEN : MSG_BACKOFFICE_PAGES_MISSING),
            is_written ? S("tag success") : S("tag"), content_path(call, content->page.id, action)};
    }
    return (struct tpl_list){items, (size_t)language_count()};
}

static enum err list_revisions(struct call *call, const struct content *content, struct tpl_list *ret_list)
{
    const struct content_revision *revisions;
    size_t count;
    TRY(content_history(call->scope, call->app->sites, content->page.id, &revisions, &count));
    struct revision_item *items = arena_array(&call->scope->arena, struct revision_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        str number = str_printf(&call->scope->arena, "%lld", (long long)revisions[i].revision);
        str address = content_path(call, content->page.id, str_printf(&call->scope->arena, "/revisions/%.*s", STR_ARG(number)).p);
        items[i] = (struct revision_item){
            number, office_instant(call, revisions[i].changed, MESSAGE_NONE), revisions[i].author, address,
            str_printf(&call->scope->arena, "%.*s/restore", STR_ARG(address)),
            revisions[i].revision == content->page.revision};
    }
    *ret_list = (struct tpl_list){items, count};
    return ERR_OK;
}

enum err back_page(struct call *call)
{
    struct content content;
    TRY(content_open(call, &content));
    struct page_item item = make_item(call, &content.page);
    struct page_view view = {.title = item.title,
                             .path = item.path,
                             .state = item.state,
                             .kind = item.kind,
                             .menu = item.menu,
                             .is_published = content.page.is_published,
                             .settings = content_path(call, content.page.id, "/settings"),
                             .pictures = content_path(call, content.page.id, "/pictures"),
                             .remove = content_path(call, content.page.id, "/delete"),
                             .csrf = call->ignores_cookies ? S("") : csrf_token(call),
                             .languages = list_languages(call, &content)};
    TRY(list_revisions(call, &content, &view.revisions));
    return office_send(call, &(struct office_page){
                                 .section = SECTION_PAGES, .title = view.title, .body = &page_template, .data = &view});
}

/* ---- history ---- */

struct preview_view {
    str title;
    struct html text;
    bool is_alone;
};

static const struct tpl_member preview_members[] = {
    TPL_TEXT(struct preview_view, title), TPL_HTML(struct preview_view, text), TPL_BOOL(struct preview_view, is_alone)};
static const struct tpl_struct preview_struct = TPL_STRUCT(struct preview_view, preview_members);
const struct tpl_binding page_preview_template = {"back/page_revision", &preview_struct};

static enum err open_revision(struct call *call, struct content *ret_content)
{
    int64_t id, revision;
    TRY(office_id(call, 0, ERR_NO_PAGE, &id));
    TRY(office_id(call, 1, ERR_NO_PAGE, &revision));
    return content_get(call->scope, call->app->sites, id, revision, ret_content);
}

enum err back_page_revision(struct call *call)
{
    struct content content;
    struct preview_view view = {.is_alone = true};
    TRY(open_revision(call, &content));
    view.title = content_title(call, &content.page);
    TRY(content_show(call, &content, translated_text(&content.text, call->language), &view.text));
    return office_send(call, &(struct office_page){.section = SECTION_PAGES,
                                                   .title = view.title,
                                                   .body = &page_preview_template,
                                                   .data = &view});
}

enum err back_page_restore(struct call *call)
{
    struct content content;
    int64_t id;
    TRY(open_revision(call, &content));
    str back = content_path(call, content.page.id, "");
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_PAGES,
                            office_tell(call, MSG_BACKOFFICE_PAGES_RESTORE_TITLE, ARG_TEXT("number", call->path_values[1])),
                            office_say(call, MSG_BACKOFFICE_PAGES_RESTORE_TEXT),
                            office_say(call, MSG_BACKOFFICE_PAGES_RESTORE_SUBMIT), back, S(""));
    }
    TRY(content_store(call->scope, call->app->sites, &content, call->actor->name, &id));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "page.change", content.page.slug,
              str_printf(&call->scope->arena, "revision %.*s restored", STR_ARG(call->path_values[1])));
    return office_done(call, back, MSG_BACKOFFICE_PAGES_RESTORED);
}

/* ---- removing ---- */

enum err back_page_delete(struct call *call)
{
    struct content content;
    TRY(content_open(call, &content));
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_PAGES,
                            office_tell(call, MSG_BACKOFFICE_PAGES_DELETE_TITLE,
                                        ARG_TEXT("title", content_title(call, &content.page))),
                            office_say(call, MSG_BACKOFFICE_PAGES_DELETE_TEXT),
                            office_say(call, MSG_BACKOFFICE_PAGES_DELETE_SUBMIT),
                            content_path(call, content.page.id, ""), S(""));
    }
    TRY(content_remove(call->scope, call->app->sites, content.page.id));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "page.remove", content.page.slug, S(""));
    return office_done(call, S("/backoffice/pages"), MSG_BACKOFFICE_PAGES_DELETED);
}
