/* Writing pages of content: making one, its settings, its text in a language with a preview. */
#include "base/num.h"
#include "domain/site/embed.h"
#include "web/back/content.h"

struct left_out_item {
    str source, advice;
};

struct beside_text {
    struct html text;
    str saved_title, saved_text, author, embed_code, adopted;
    bool conflict, has_left_out;
    struct tpl_list left_out;
};

static const struct tpl_member left_out_members[] = {TPL_TEXT(struct left_out_item, source),
                                                     TPL_TEXT(struct left_out_item, advice)};
static const struct tpl_struct left_out_struct = TPL_STRUCT(struct left_out_item, left_out_members);

static const struct tpl_member beside_members[] = {
    TPL_HTML(struct beside_text, text), TPL_TEXT(struct beside_text, saved_title), TPL_TEXT(struct beside_text, saved_text),
    TPL_TEXT(struct beside_text, author), TPL_TEXT(struct beside_text, embed_code),
    TPL_TEXT(struct beside_text, adopted), TPL_BOOL(struct beside_text, conflict),
    TPL_BOOL(struct beside_text, has_left_out), TPL_LIST(struct beside_text, left_out, left_out_struct)};
static const struct tpl_struct beside_struct = TPL_STRUCT(struct beside_text, beside_members);
const struct tpl_binding page_text_template = {"back/page_text", &beside_struct};

/* ---- saving ---- */

/* What somebody else saved, with what was typed above it; who saves once more replaces it. */
static enum err show_both(struct office_form *form, const struct content *content, language lang)
{
    struct call *call = form->call;
    struct content now;
    scope_forgive(call->scope);
    TRY(content_get(call->scope, call->app->sites, content->page.id, 0, &now));
    struct beside_text beside = {.conflict = true,
                                 .author = now.page.author,
                                 .saved_title = lang == LANGUAGE_NONE ? now.page.slug : now.page.title.texts[lang],
                                 .saved_text = lang == LANGUAGE_NONE ? S("") : now.text.texts[lang]};
    form->below = tpl_html(call->scope, call->app->tpl, &page_text_template, call->language, &beside);
    form->warning = office_say(call, MSG_BACKOFFICE_SITE_CONFLICT);
    form->has_faults = true;
    form->revision = str_printf(&call->scope->arena, "%lld", (long long)now.page.revision);
    return form_send(form);
}

static bool slug_is_taken(struct call *call, const struct site_page *page)
{
    bool changed;
    if (site_refresh(call->scope, call->app->sites, &changed) != ERR_OK) {
        scope_forgive(call->scope);
    }
    const struct site *site = site_current(call->app->sites);
    const struct site_page *other = content_find(site, page->slug);
    bool is_taken = other && other->id != page->id;
    site_unref(site);
    return is_taken;
}

enum err content_form_save(struct office_form *form, struct content *content, language lang, const char *detail,
                           struct form_field *slug, str back, enum message done)
{
    struct call *call = form->call;
    int64_t id;
    bool is_new = content->page.id == 0;
    if (form->has_faults) {
        return form_send(form);
    }
    /* A script that does not say what it saw takes what there is. */
    int64_t seen;
    if (num_read_int(form_value(&call->form, S("revision")), &seen)) {
        content->page.revision = seen;
    }
    enum err result = content_store(call->scope, call->app->sites, content, call->actor->name, &id);
    if (result == ERR_CONFLICT && slug && slug_is_taken(call, &content->page)) {
        scope_forgive(call->scope);
        form_fault(form, slug, office_tell(call, MSG_BACKOFFICE_PAGES_FAULT_TAKEN, ARG_TEXT("slug", content->page.slug)));
        return form_send(form);
    }
    if (result == ERR_CONFLICT && !is_new) {
        return show_both(form, content, lang);
    }
    TRY(result);
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, is_new ? "page.add" : "page.change",
              content->page.slug, str_from(detail));
    return office_done(call, back.n ? back : content_path(call, id, ""), done);
}

static struct office_form *make_form(struct call *call, str heading, const struct content *content)
{
    struct office_form *form = form_make(call, SECTION_PAGES, heading, office_say(call, MSG_BACKOFFICE_SAVE),
                                         content->page.id ? content_path(call, content->page.id, "") : S("/backoffice/pages"));
    if (content->page.id) {
        form->revision = str_printf(&call->scope->arena, "%lld", (long long)content->page.revision);
    }
    return form;
}

/* ---- address, state and place ---- */

struct place_fields {
    struct form_field *slug, *state, *menu, *position;
};

static void add_menu(struct office_form *form, struct place_fields *fields, const struct site_page *page)
{
    struct call *call = form->call;
    static const struct {
        const char *value;
        enum message label;
    } menus[MENU__COUNT] = {[MENU_NONE] = {"none", MSG_BACKOFFICE_PAGES_MENU_NONE},
                            [MENU_HEADER] = {"header", MSG_BACKOFFICE_PAGES_MENU_HEADER},
                            [MENU_FOOTER] = {"footer", MSG_BACKOFFICE_PAGES_MENU_FOOTER}};
    fields->menu = form_radios(form, "menu", MSG_BACKOFFICE_PAGES_MENU, MESSAGE_NONE);
    for (int i = 0; i < MENU__COUNT; i++) {
        form_choice(form, fields->menu, str_from(menus[i].value), office_say(call, menus[i].label), S(""), page->menu == i);
    }
    fields->position = form_line(form, "position", MSG_BACKOFFICE_PAGES_POSITION, MSG_BACKOFFICE_PAGES_POSITION_HINT,
                                 str_printf(&call->scope->arena, "%lld", (long long)page->position));
    fields->position->type = S("number");
}

static void read_menu(struct office_form *form, const struct place_fields *fields, struct site_page *page)
{
    page->menu = form_is_chosen(fields->menu, S("header"))   ? MENU_HEADER
                 : form_is_chosen(fields->menu, S("footer")) ? MENU_FOOTER
                                                             : MENU_NONE;
    page->position = site_number(form, fields->position, 0, 1000, 0);
}

static void read_slug(struct office_form *form, struct form_field *field, struct site_page *page)
{
    page->slug = field->value;
    if (!content_slug_is_good(page->slug)) {
        form_fault(form, field, office_tell(form->call, MSG_BACKOFFICE_PAGES_FAULT_SLUG, ARG_INT("most", CONTENT_SLUG_BYTES)));
    }
}

static void read_title(struct office_form *form, struct form_field *field, bool must_be, str *ret)
{
    *ret = field->value;
    if (field->value.n > CONTENT_TITLE_BYTES || (must_be && field->value.n == 0)) {
        form_fault(form, field,
                   office_tell(form->call, MSG_BACKOFFICE_SITE_FAULT_LENGTH, ARG_INT("most", CONTENT_TITLE_BYTES)));
    }
}

enum err back_page_new(struct call *call)
{
    struct content content = {0};
    struct place_fields fields;
    struct office_form *form = make_form(call, office_say(call, MSG_BACKOFFICE_PAGES_NEW_TITLE), &content);
    form->lead = office_say(call, MSG_BACKOFFICE_PAGES_NEW_LEAD);
    struct form_field *title = form_line(form, "title", MSG_BACKOFFICE_PAGES_FIELD_TITLE, MESSAGE_NONE, S(""));
    title->label = str_printf(&call->scope->arena, "%.*s (%.*s)", STR_ARG(title->label),
                              STR_ARG(language_own_name(call->language)));
    fields.slug = form_line(form, "slug", MSG_BACKOFFICE_PAGES_SLUG, MSG_BACKOFFICE_PAGES_SLUG_HINT, S(""));
    add_menu(form, &fields, &content.page);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    read_title(form, title, true, &content.page.title.texts[call->language]);
    if (fields.slug->value.n == 0) {
        fields.slug->value = content_slug_of(&call->scope->arena, title->value);
    }
    read_slug(form, fields.slug, &content.page);
    read_menu(form, &fields, &content.page);
    return content_form_save(form, &content, LANGUAGE_NONE, "", fields.slug, S(""), MSG_BACKOFFICE_PAGES_SAVED);
}

enum err back_page_settings(struct call *call)
{
    struct content content;
    struct place_fields fields;
    TRY(content_open(call, &content));
    struct office_form *form = make_form(call, content_title(call, &content.page), &content);
    fields.slug = form_line(form, "slug", MSG_BACKOFFICE_PAGES_SLUG, MSG_BACKOFFICE_PAGES_SLUG_HINT, content.page.slug);
    fields.state = form_radios(form, "state", MSG_BACKOFFICE_PAGES_STATE, MESSAGE_NONE);
    form_choice(form, fields.state, S("draft"), office_say(call, MSG_BACKOFFICE_PAGES_DRAFT),
                office_say(call, MSG_BACKOFFICE_PAGES_DRAFT_HINT), !content.page.is_published);
    form_choice(form, fields.state, S("published"), office_say(call, MSG_BACKOFFICE_PAGES_PUBLISHED),
                office_say(call, MSG_BACKOFFICE_PAGES_PUBLISHED_HINT), content.page.is_published);
    add_menu(form, &fields, &content.page);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    read_slug(form, fields.slug, &content.page);
    read_menu(form, &fields, &content.page);
    content.page.is_published = form_is_chosen(fields.state, S("published"));
    if (content.page.is_published && translated_text(&content.text, call->language).n == 0) {
        form_fault(form, fields.state, office_say(call, MSG_BACKOFFICE_PAGES_FAULT_EMPTY));
    }
    return content_form_save(form, &content, LANGUAGE_NONE,
                             content.page.is_published ? "address, place; published" : "address, place; draft",
                             fields.slug, S(""), MSG_BACKOFFICE_PAGES_SAVED);
}

/* ---- the text in a language ---- */

static enum message left_out_advice(enum left_out_kind kind)
{
    return kind == LEFT_OUT_FRAME     ? MSG_BACKOFFICE_PAGES_LEFT_OUT_FRAME
           : kind == LEFT_OUT_SCRIPT  ? MSG_BACKOFFICE_PAGES_LEFT_OUT_SCRIPT
           : kind == LEFT_OUT_PICTURE ? MSG_BACKOFFICE_PAGES_LEFT_OUT_PICTURE
                                      : MSG_BACKOFFICE_PAGES_LEFT_OUT_HTML;
}

/* Nothing that somebody wrote vanishes without a word. */
static enum err list_left_out(struct call *call, const struct content *content, str text, struct tpl_list *ret_list)
{
    const struct content_file *files;
    const struct left_out *found;
    size_t file_count, count;
    TRY(content_files(call->scope, call->app->sites, content->page.id, &files, &file_count));
    TRY(content_left_out(call, text, files, file_count, &found, &count));
    struct left_out_item *items = arena_array(&call->scope->arena, struct left_out_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct left_out_item){found[i].source, office_say(call, left_out_advice(found[i].kind))};
    }
    *ret_list = (struct tpl_list){items, count};
    return ERR_OK;
}

static enum err show_preview(struct office_form *form, const struct content *content, str text, size_t adopted,
                             bool *ret_has_left_out)
{
    struct call *call = form->call;
    struct beside_text beside = {.embed_code = S("{{map communes?refine.region=Bretagne | title=… | height=420}}"),
                                 .adopted = adopted ? office_say(call, MSG_BACKOFFICE_PAGES_ADOPTED) : S("")};
    TRY(content_show(call, content, text, &beside.text));
    TRY(list_left_out(call, content, text, &beside.left_out));
    beside.has_left_out = beside.left_out.count > 0;
    *ret_has_left_out = beside.has_left_out;
    form->below = tpl_html(call->scope, call->app->tpl, &page_text_template, call->language, &beside);
    return ERR_OK;
}

/* Of a text that is not all shown its form is shown again, which says what is left out. */
static enum err save_text(struct office_form *form, struct content *content, language lang, size_t adopted,
                          bool has_left_out)
{
    struct call *call = form->call;
    str code = language_code(lang);
    const char *detail = str_printf(&call->scope->arena, "text in %.*s", STR_ARG(code)).p;
    const char *action = str_printf(&call->scope->arena, "/text/%.*s", STR_ARG(code)).p;
    return content_form_save(form, content, lang, detail, NULL,
                             has_left_out ? content_path(call, content->page.id, action) : S(""),
                             has_left_out ? MSG_BACKOFFICE_PAGES_SAVED_WITHOUT
                             : adopted    ? MSG_BACKOFFICE_PAGES_SAVED_ADOPTED
                                          : MSG_BACKOFFICE_PAGES_SAVED);
}

enum err back_page_text(struct call *call)
{
    struct content content;
    size_t adopted = 0;
    bool has_left_out = false;
    bool inserts;
    language lang = language_exact(call->path_values[1]);
    TRY(content_open(call, &content));
    if (lang == LANGUAGE_NONE) {
        return fail(call->scope, ERR_NO_PAGE, "There is no such language.");
    }
    struct office_form *form = make_form(
        call, str_printf(&call->scope->arena, "%.*s (%.*s)", STR_ARG(content_title(call, &content.page)),
                         STR_ARG(language_own_name(lang))), &content);
    struct form_field *title =
        form_line(form, "title", MSG_BACKOFFICE_PAGES_FIELD_TITLE, MESSAGE_NONE, content.page.title.texts[lang]);
    struct form_field *text = form_area(form, "text", MSG_BACKOFFICE_PAGES_TEXT, MSG_BACKOFFICE_PAGES_TEXT_HINT, 18,
                                        content.text.texts[lang]);
    form->has_preview = true;
    form->second_name = S("preview");
    form->second = office_say(call, MSG_BACKOFFICE_SITE_PREVIEW);
    if (text->value.n <= CONTENT_TEXT_BYTES) {
        text->value = embed_codes_take(&call->scope->arena, text->value, call->base_url, &adopted);
    }
    TRY(content_insert(form, &text->value, &inserts));
    if (text->value.n > CONTENT_TEXT_BYTES) {
        form_fault(form, text, office_tell(call, MSG_BACKOFFICE_SITE_FAULT_LONG, ARG_INT("most", (int64_t)CONTENT_TEXT_BYTES)));
    } else {
        TRY(show_preview(form, &content, text->value, adopted, &has_left_out));
    }
    if (!office_is_post(call) || inserts || form_has(&call->form, S("preview"))) {
        return form_send(form);
    }
    read_title(form, title, text->value.n > 0, &content.page.title.texts[lang]);
    content.text.texts[lang] = text->value;
    return save_text(form, &content, lang, adopted, has_left_out);
}
