/* What visitors were asked, and since when: every revision as it was frozen (3.2, item 10). */
#include "base/num.h"
#include "web/front/privacy_pages.h"

struct revision_view {
    int64_t number;
    usec began;
    str hash, address, declaration;
    bool is_first;
    struct tpl_list changes;
};

struct revisions {
    struct tpl_list revisions;
};

static const struct tpl_member change_members[] = {
    TPL_TEXT(struct change_view, service), TPL_TEXT(struct change_view, what),
    TPL_TEXT(struct change_view, before),  TPL_TEXT(struct change_view, after),
    TPL_BOOL(struct change_view, added),   TPL_BOOL(struct change_view, removed),
    TPL_BOOL(struct change_view, changed)};
const struct tpl_struct change_struct = TPL_STRUCT(struct change_view, change_members);

static const struct tpl_member revision_members[] = {
    TPL_NUMBER(struct revision_view, number),
    TPL_INSTANT(struct revision_view, began),
    TPL_TEXT(struct revision_view, hash),
    TPL_URL(struct revision_view, address),
    TPL_URL(struct revision_view, declaration),
    TPL_BOOL(struct revision_view, is_first),
    TPL_LIST(struct revision_view, changes, change_struct)};
static const struct tpl_struct revision_struct = TPL_STRUCT(struct revision_view, revision_members);
const struct tpl_binding revision_template = {"front/revision", &revision_struct};

static const struct tpl_member revisions_members[] = {
    TPL_LIST(struct revisions, revisions, revision_struct)};
static const struct tpl_struct revisions_struct = TPL_STRUCT(struct revisions, revisions_members);
const struct tpl_binding revisions_template = {"front/revisions", &revisions_struct};

/* ---- differences ---- */

/* "hosts" … as visitors read it; a kind that has no message yet is shown as it is named. */
static str what_text(struct call *call, str what)
{
    enum message message =
        message_find(str_printf(&call->scope->arena, "revisions.what.%.*s", STR_ARG(what)));
    return message == MESSAGE_NONE ? what : front_text(call, message);
}

static str value_text(struct call *call, const struct revision_change *change, str value)
{
    for (enum purpose purpose = 0; str_eq(change->what, S("purpose")) && purpose < PURPOSE__COUNT;
         purpose++) {
        if (str_eq(value, str_from(purpose_name(purpose)))) {
            return front_text(call, purpose_title(purpose));
        }
    }
    return value;
}

enum err change_views(struct call *call, int64_t from, int64_t to, struct tpl_list *ret_changes)
{
    const struct revision_change *changes;
    size_t count;
    enum err result = revision_compare(call->scope, call->app->privacy, from, to, &changes, &count);
    *ret_changes = (struct tpl_list){NULL, 0};
    if (result == ERR_NO_SERVICE) {
        scope_forgive(call->scope);
        return ERR_OK;
    }
    TRY(result);
    struct change_view *views = arena_array(&call->scope->arena, struct change_view, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct revision_change *change = &changes[i];
        views[i] = (struct change_view){.service = change->service,
                                        .what = what_text(call, change->what),
                                        .before = value_text(call, change, change->before),
                                        .after = value_text(call, change, change->after),
                                        .added = change->kind == CHANGE_ADDED,
                                        .removed = change->kind == CHANGE_REMOVED,
                                        .changed = change->kind == CHANGE_CHANGED};
    }
    *ret_changes = (struct tpl_list){views, count};
    return ERR_OK;
}

/* ---- pages ---- */

static enum err view_of(struct call *call, const struct revision *revision,
                        const struct revision *earlier, struct revision_view *ret_view)
{
    struct arena *arena = &call->scope->arena;
    long long number = (long long)revision->number;
    *ret_view = (struct revision_view){
        .number = revision->number,
        .began = revision->began,
        .hash = revision->hash,
        .address = str_printf(arena, "/cookies/revisions/%lld", number),
        .declaration = str_printf(arena, "/cookies/revisions/%lld/declaration.json", number),
        .is_first = earlier == NULL};
    return earlier ? change_views(call, earlier->number, revision->number, &ret_view->changes)
                   : ERR_OK;
}

static enum err no_revision(struct call *call)
{
    return fail(call->scope, ERR_NO_SERVICE, "There is no such revision.");
}

/* The revision that the path names, and the one before it, or NULL. */
static enum err find(struct call *call, const struct revision **ret_revision,
                     const struct revision **ret_earlier)
{
    const struct revision *rows;
    size_t count;
    int64_t number;
    TRY(revision_list(call->scope, call->app->privacy, &rows, &count));
    bool is_number = num_read_int(call->path_values[0], &number);
    for (size_t i = 0; is_number && i < count; i++) {
        if (rows[i].number == number) {
            *ret_revision = &rows[i];
            *ret_earlier = i + 1 < count ? &rows[i + 1] : NULL;
            return ERR_OK;
        }
    }
    return no_revision(call);
}

enum err revisions_get(struct call *call)
{
    const struct revision *rows;
    size_t count;
    TRY(revision_list(call->scope, call->app->privacy, &rows, &count));
    struct revision_view *views = arena_array(&call->scope->arena, struct revision_view, count + 1);
    for (size_t i = 0; i < count; i++) {
        TRY(view_of(call, &rows[i], i + 1 < count ? &rows[i + 1] : NULL, &views[i]));
    }
    struct revisions data = {{views, count}};
    struct page page = {.title = MSG_REVISIONS_TITLE,
                        .body = &revisions_template,
                        .data = &data,
                        .is_indexed = true,
                        .is_public = true};
    page_send(call, &page);
    return ERR_OK;
}

enum err revision_get(struct call *call)
{
    const struct revision *revision, *earlier;
    struct revision_view view;
    TRY(find(call, &revision, &earlier));
    TRY(view_of(call, revision, earlier, &view));
    struct message_argument number = ARG_INT("number", view.number);
    struct page page = {.title_text = message_text(&call->scope->arena, call->language,
                                                   MSG_REVISIONS_ONE, &number, 1),
                        .body = &revision_template,
                        .data = &view,
                        .is_indexed = true,
                        .is_public = true};
    page_send(call, &page);
    return ERR_OK;
}

enum err revision_declaration_get(struct call *call)
{
    struct revision revision;
    int64_t number;
    if (!num_read_int(call->path_values[0], &number)) {
        return no_revision(call);
    }
    TRY(revision_find(call->scope, call->app->privacy, number, &revision));
    document_send(call, revision.declaration, revision.hash);
    return ERR_OK;
}
