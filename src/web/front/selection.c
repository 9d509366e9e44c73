#include "web/front/selection.h"

#include "base/limits.h"
#include "base/vec.h"
#include "web/shell/gate.h"

typedef VEC(str) id_list;

static const struct tpl_member choice_members[] = {
    TPL_TEXT(struct selection_choice, id),     TPL_TEXT(struct selection_choice, title),
    TPL_TEXT(struct selection_choice, csrf),   TPL_TEXT(struct selection_choice, next),
    TPL_URL(struct selection_choice, toggle),  TPL_BOOL(struct selection_choice, is_kept),
    TPL_BOOL(struct selection_choice, is_chosen)};
const struct tpl_struct selection_choice_struct = TPL_STRUCT(struct selection_choice, choice_members);

/* ---- reading ---- */

static bool is_id(str text)
{
    bool good = text.n > 0 && text.n <= LIMIT_NAME_BYTES;
    for (size_t i = 0; i < text.n && good; i++) {
        char c = text.p[i];
        good = is_ascii_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
    }
    return good;
}

static bool has_id(const id_list *ids, str id)
{
    for (size_t i = 0; i < ids->count; i++) {
        if (str_eq(ids->items[i], id)) {
            return true;
        }
    }
    return false;
}

static void add_id(struct call *call, id_list *ids, str id, bool *is_cut)
{
    if (!is_id(id) || has_id(ids, id)) {
        return;
    }
    if (ids->count == SELECTION_MOST) {
        *is_cut = true;
        return;
    }
    vec_add(&call->scope->arena, ids, id);
}

static enum err read_kept(struct call *call, struct selection *ret_selection)
{
    *ret_selection = (struct selection){.is_kept = true};
    return selection_list(call->scope, call->app->identity, call->actor->user, &ret_selection->ids,
                          &ret_selection->count);
}

enum err selection_read(struct call *call, struct selection *ret_selection)
{
    id_list ids = {0};
    struct selection selection = {0};
    str rest = call_query(call, S("selection")), id;
    if (call->session) {
        return read_kept(call, ret_selection);
    }
    while (rest.n && str_split(&rest, ',', &id)) {
        add_id(call, &ids, id, &selection.is_cut);
    }
    selection.ids = ids.items;
    selection.count = ids.count;
    *ret_selection = selection;
    return ERR_OK;
}

enum err selection_named(struct call *call, struct selection *ret_selection)
{
    id_list ids = {0};
    struct selection selection = {0};
    bool is_named = false;
    for (size_t i = 0; i < call->query.count; i++) {
        if (str_eq(call->query.items[i].name, S("dataset"))) {
            is_named = true;
            add_id(call, &ids, call->query.items[i].value, &selection.is_cut);
        }
    }
    if (!is_named && actor_is_known(call->actor)) {
        return read_kept(call, ret_selection);
    }
    selection.ids = ids.items;
    selection.count = ids.count;
    *ret_selection = selection;
    return ERR_OK;
}

bool selection_has(const struct selection *selection, str id)
{
    for (size_t i = 0; i < selection->count; i++) {
        if (str_eq(selection->ids[i], id)) {
            return true;
        }
    }
    return false;
}

/* ---- addresses: ids need no percent-coding ---- */

/* The ids joined by commas, without one, and with another. */
static str join_ids(struct arena *arena, const struct selection *selection, str left_out, str added)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < selection->count; i++) {
        if (!str_eq(selection->ids[i], left_out)) {
            buf_add(&out, out.n ? S(",") : S(""));
            buf_add(&out, selection->ids[i]);
        }
    }
    if (added.n) {
        buf_add(&out, out.n ? S(",") : S(""));
        buf_add(&out, added);
    }
    return buf_copy(&out, arena);
}

str selection_query(struct arena *arena, const struct selection *selection)
{
    if (!selection || selection->is_kept || selection->count == 0) {
        return S("");
    }
    str ids = join_ids(arena, selection, STR_NONE, STR_NONE);
    return str_printf(arena, "selection=%.*s", STR_ARG(ids));
}

str selection_link(struct arena *arena, const struct selection *selection, str address)
{
    str query = selection_query(arena, selection);
    bool has_query = str_find_char(address, '?', 0) != SIZE_MAX;
    return query.n ? str_printf(arena, "%.*s%c%.*s", STR_ARG(address), has_query ? '&' : '?', STR_ARG(query))
                   : address;
}

str selection_names(struct arena *arena, const struct selection *selection, str left_out)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < selection->count; i++) {
        if (!str_eq(selection->ids[i], left_out)) {
            buf_printf(&out, "%sdataset=%.*s", out.n ? "&" : "", STR_ARG(selection->ids[i]));
        }
    }
    return buf_copy(&out, arena);
}

void selection_tell(struct call *call, const struct selection *selection, struct page *page)
{
    struct arena *arena = &call->scope->arena;
    str names = selection->is_kept ? S("") : selection_names(arena, selection, STR_NONE);
    page->selection = selection->is_kept ? S("") : join_ids(arena, selection, STR_NONE, STR_NONE);
    page->selection_count = (int64_t)selection->count;
    page->selection_address =
        str_printf(arena, "%.*s%s%.*s", STR_ARG(SELECTION_PATH), names.n ? "?" : "", STR_ARG(names));
}

/* ---- choosing ---- */

/* This page with another selection in its query. */
static str page_with(struct call *call, str ids)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    char joint = '?';
    buf_add(&out, exchange_raw_path(call->exchange));
    for (size_t i = 0; i < call->query.count; i++) {
        const struct query_parameter *parameter = &call->query.items[i];
        if (!str_eq(parameter->name, S("selection"))) {
            buf_add_char(&out, joint);
            url_encode(&out, parameter->name);
            buf_add_char(&out, '=');
            url_encode(&out, parameter->value);
            joint = '&';
        }
    }
    if (ids.n) {
        buf_printf(&out, "%cselection=%.*s", joint, STR_ARG(ids));
    }
    return buf_copy(&out, &call->scope->arena);
}

struct tpl_list selection_choices(struct call *call, const struct selection *selection, str id, str title)
{
    struct arena *arena = &call->scope->arena;
    bool is_chosen = selection && selection_has(selection, id);
    if (!selection || (!is_chosen && selection->count >= SELECTION_MOST)) {
        return (struct tpl_list){0};
    }
    struct selection_choice *choice = arena_new(arena, struct selection_choice);
    *choice = (struct selection_choice){
        .id = id, .title = title, .is_kept = selection->is_kept, .is_chosen = is_chosen};
    if (selection->is_kept) {
        choice->csrf = csrf_token(call);
        choice->next = page_with(call, STR_NONE);
    } else {
        str ids = join_ids(arena, selection, id, is_chosen ? STR_NONE : id);
        str page = page_with(call, ids);
        choice->toggle = str_printf(arena, "%.*s#choice-%.*s", STR_ARG(page), STR_ARG(id));
    }
    return (struct tpl_list){choice, 1};
}
