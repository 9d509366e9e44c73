/* Putting a map, a chart or a table of a dataset into a page of content. */
#include "base/bug.h"
#include "domain/identity/access.h"
#include "domain/site/embed.h"
#include "web/back/content.h"

#define DATASETS_MOST 2000

struct insert_option {
    str value, label;
    bool chosen;
};

struct insert_view {
    str line, fault;
    bool found;
    struct tpl_list datasets, kinds;
};

static const struct tpl_member option_members[] = {TPL_TEXT(struct insert_option, value), TPL_TEXT(struct insert_option, label),
                                                   TPL_BOOL(struct insert_option, chosen)};
static const struct tpl_struct option_struct = TPL_STRUCT(struct insert_option, option_members);
static const struct tpl_member insert_members[] = {
    TPL_TEXT(struct insert_view, line), TPL_TEXT(struct insert_view, fault), TPL_BOOL(struct insert_view, found),
    TPL_LIST(struct insert_view, datasets, option_struct), TPL_LIST(struct insert_view, kinds, option_struct)};
static const struct tpl_struct insert_struct = TPL_STRUCT(struct insert_view, insert_members);
const struct tpl_binding page_insert_template = {"back/page_insert", &insert_struct};

static struct tpl_list list_kinds(struct call *call, str chosen)
{
    static const struct {
        enum embed_kind kind;
        enum message label;
    } kinds[] = {{EMBED_MAP, MSG_BACKOFFICE_PAGES_INSERT_MAP},
                 {EMBED_CHART, MSG_BACKOFFICE_PAGES_INSERT_CHART},
                 {EMBED_TABLE, MSG_BACKOFFICE_PAGES_INSERT_TABLE}};
    struct insert_option *items = arena_array(&call->scope->arena, struct insert_option, ARRAY_LENGTH(kinds));
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        str name = str_from(embed_kind_name(kinds[i].kind));
        items[i] = (struct insert_option){name, office_say(call, kinds[i].label),
                                          chosen.n ? str_eq(chosen, name) : i == 0};
    }
    return (struct tpl_list){items, ARRAY_LENGTH(kinds)};
}

/* Those that everybody sees: of others a page shows a note alone. */
static struct tpl_list list_datasets(struct call *call, const struct snapshot *snapshot, str chosen)
{
    struct arena *arena = &call->scope->arena;
    size_t count = snapshot->count < DATASETS_MOST ? snapshot->count : DATASETS_MOST;
    struct insert_option *items = arena_array(arena, struct insert_option, count + 1);
    for (size_t i = 0; i < count; i++) {
        str id = str_copy(arena, snapshot->datasets[i]->id);
        str title = snapshot->datasets[i]->title;
        items[i] = (struct insert_option){
            id, title.n ? str_printf(arena, "%.*s (%.*s)", STR_ARG(title), STR_ARG(id)) : id, str_eq(id, chosen)};
    }
    return (struct tpl_list){items, count};
}

static void append(struct call *call, struct insert_view *view, str dataset, str kind, bool is_there, str *text)
{
    struct arena *arena = &call->scope->arena;
    struct embed_line read;
    str line = str_printf(arena, "{{%.*s %.*s}}", STR_ARG(kind), STR_ARG(dataset));
    if (!is_there || !embed_line_read(arena, line, &read)) {
        view->fault = office_say(call, MSG_BACKOFFICE_PAGES_INSERT_FAULT);
        return;
    }
    bool is_apart = text->n == 0 || str_ends(*text, S("\n"));
    *text = str_printf(arena, "%.*s%s%.*s\n", STR_ARG(*text), is_apart ? "" : "\n\n", STR_ARG(line));
    view->line = line;
}

enum err content_insert(struct office_form *form, str *text, bool *ret_is_asked)
{
    struct call *call = form->call;
    const struct snapshot *snapshot = NULL;
    struct insert_view view = {.line = S(""), .fault = S("")};
    str dataset = form_value(&call->form, S("insert_dataset"));
    str kind = form_value(&call->form, S("insert_kind"));
    TRY(access_snapshot(call->scope, call->app->access, &actor_anonymous, &snapshot));
    *ret_is_asked = office_is_post(call) && form_has(&call->form, S("insert"));
    if (*ret_is_asked) {
        append(call, &view, dataset, kind, snapshot_find(snapshot, dataset) != NULL, text);
    }
    view.datasets = list_datasets(call, snapshot, dataset);
    view.kinds = list_kinds(call, kind);
    view.found = view.datasets.count > 0;
    form->beside = tpl_html(call->scope, call->app->tpl, &page_insert_template, call->language, &view);
    snapshot_unref(snapshot);
    return ERR_OK;
}
