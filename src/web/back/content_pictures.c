/* Pictures of a page of content: the list, sending one, showing and removing one. */
#include "domain/site/picture.h"
#include "web/back/content.h"

struct picture_item {
    str name, address, size, markdown, remove;
};

struct pictures_view {
    bool found;
    struct tpl_list pictures;
};

static const struct tpl_member item_members[] = {
    TPL_TEXT(struct picture_item, name), TPL_URL(struct picture_item, address), TPL_TEXT(struct picture_item, size),
    TPL_TEXT(struct picture_item, markdown), TPL_URL(struct picture_item, remove)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct picture_item, item_members);
static const struct tpl_member pictures_members[] = {TPL_BOOL(struct pictures_view, found),
                                                     TPL_LIST(struct pictures_view, pictures, item_struct)};
static const struct tpl_struct pictures_struct = TPL_STRUCT(struct pictures_view, pictures_members);
const struct tpl_binding page_files_template = {"back/page_pictures", &pictures_struct};

static enum err list_pictures(struct call *call, const struct content *content, struct html *ret_html)
{
    struct arena *arena = &call->scope->arena;
    const struct content_file *files;
    size_t count;
    TRY(content_files(call->scope, call->app->sites, content->page.id, &files, &count));
    struct picture_item *items = arena_array(arena, struct picture_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        str address = str_printf(arena, "%.*s%.*s", STR_ARG(content_path(call, content->page.id, "/pictures/")),
                                 STR_ARG(files[i].name));
        items[i] = (struct picture_item){files[i].name, address, format_bytes(arena, call->language, files[i].size),
                                         str_printf(arena, "![…](%.*s)", STR_ARG(files[i].name)),
                                         str_printf(arena, "%.*s/remove", STR_ARG(address))};
    }
    struct pictures_view view = {count > 0, {items, count}};
    *ret_html = tpl_html(call->scope, call->app->tpl, &page_files_template, call->language, &view);
    return ERR_OK;
}

/* The name that the picture gets: that of the file, with the ending of what it is. */
static enum err keep(struct office_form *form, struct form_field *field, const struct content *content, bool *ret_kept)
{
    struct call *call = form->call;
    struct picture_kind kind;
    str sent;
    str bytes = form_file_sent(form, field, &sent);
    *ret_kept = false;
    if (bytes.n == 0) {
        form_fault(form, field, office_say(call, MSG_BACKOFFICE_PAGES_FAULT_NO_FILE));
        return ERR_OK;
    }
    enum picture_fault fault = picture_look(bytes, CONTENT_FILE_BYTES, false, &kind);
    if (fault != PICTURE_GOOD) {
        form_fault(form, field, office_say(call, fault == PICTURE_KIND     ? MSG_BACKOFFICE_SITE_FAULT_PICTURE
                                                 : fault == PICTURE_LARGE  ? MSG_BACKOFFICE_PAGES_FAULT_LARGE
                                                 : fault == PICTURE_ACTIVE ? MSG_BACKOFFICE_SITE_FAULT_PICTURE_ACTIVE
                                                                           : MSG_BACKOFFICE_SITE_FAULT_PICTURE_SIZE));
        return ERR_OK;
    }
    size_t dot = sent.n;
    while (dot > 0 && sent.p[dot - 1] != '.') {
        dot--;
    }
    str stem = dot ? str_slice(sent, 0, dot - 1) : sent;
    str name = content_file_name(&call->scope->arena,
                                 str_printf(&call->scope->arena, "%.*s%.*s", STR_ARG(stem), STR_ARG(kind.ending)));
    TRY(content_file_put(call->scope, call->app->sites, content->page.id, name, bytes));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "page.change", content->page.slug,
              str_printf(&call->scope->arena, "picture %.*s", STR_ARG(name)));
    *ret_kept = true;
    return ERR_OK;
}

enum err back_page_files(struct call *call)
{
    struct content content;
    bool is_kept;
    TRY(content_open(call, &content));
    struct office_form *form = form_make(
        call, SECTION_PAGES, office_tell(call, MSG_BACKOFFICE_PAGES_PICTURES_TITLE, ARG_TEXT("title", content_title(call, &content.page))),
        office_say(call, MSG_BACKOFFICE_PAGES_SEND), content_path(call, content.page.id, ""));
    struct form_field *file = form_file(form, "picture", MSG_BACKOFFICE_PAGES_PICTURE, MSG_BACKOFFICE_PAGES_PICTURE_HINT);
    TRY(list_pictures(call, &content, &form->below));
    if (!office_is_post(call)) {
        return form_send(form);
    }
    enum err result = keep(form, file, &content, &is_kept);
    if (result == ERR_CONFLICT) {
        form_fault(form, file, office_tell(call, MSG_BACKOFFICE_SITE_FAULT_MANY, ARG_INT("most", CONTENT_FILES_MOST)));
        scope_forgive(call->scope);
        return form_send(form);
    }
    TRY(result);
    return is_kept ? office_done(call, content_path(call, content.page.id, "/pictures"), MSG_BACKOFFICE_PAGES_SENT)
                   : form_send(form);
}

enum err back_page_file(struct call *call)
{
    struct site_file file;
    int64_t id;
    TRY(office_id(call, 0, ERR_NO_PAGE, &id));
    TRY(content_file_get(call->scope, call->app->sites, id, call->path_values[1], &file));
    return content_send_file(call, &file);
}

enum err back_page_file_remove(struct call *call)
{
    struct content content;
    TRY(content_open(call, &content));
    str name = call->path_values[1];
    str back = content_path(call, content.page.id, "/pictures");
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_PAGES, office_tell(call, MSG_BACKOFFICE_PAGES_PICTURE_REMOVE_TITLE, ARG_TEXT("name", name)),
                            office_say(call, MSG_BACKOFFICE_PAGES_PICTURE_REMOVE_TEXT),
                            office_say(call, MSG_BACKOFFICE_REMOVE), back, S(""));
    }
    TRY(content_file_remove(call->scope, call->app->sites, content.page.id, name));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "page.change", content.page.slug,
              str_printf(&call->scope->arena, "picture %.*s removed", STR_ARG(name)));
    return office_done(call, back, MSG_BACKOFFICE_PAGES_PICTURE_REMOVED);
}
