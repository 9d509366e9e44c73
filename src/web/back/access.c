/* Who may see which dataset, all of them: the list, from which each leads to its rules. */
#include "web/back/security.h"

struct dataset_item {
    str address, id, title, state, state_kind, rules;
};

struct access_page {
    bool found;
    bool is_paged;
    int64_t page, pages;
    str previous_page, next_page;
    struct tpl_list datasets;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct dataset_item, address),     TPL_TEXT(struct dataset_item, id),
    TPL_TEXT(struct dataset_item, title),      TPL_TEXT(struct dataset_item, state),
    TPL_TEXT(struct dataset_item, state_kind), TPL_TEXT(struct dataset_item, rules)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct dataset_item, item_members);

static const struct tpl_member access_members[] = {
    TPL_BOOL(struct access_page, found), TPL_INT(struct access_page, page),
    TPL_BOOL(struct access_page, is_paged),
    TPL_INT(struct access_page, pages), TPL_URL(struct access_page, previous_page),
    TPL_URL(struct access_page, next_page), TPL_LIST(struct access_page, datasets, item_struct)};
static const struct tpl_struct access_struct = TPL_STRUCT(struct access_page, access_members);
const struct tpl_binding access_template = {"back/access", &access_struct};

static const struct access_rule *everyone_rule(const struct access_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].kind == ACCESS_EVERYONE) {
            return &rules[i];
        }
    }
    return NULL;
}

enum message office_access_state(const struct access_rule *rules, size_t count, str *ret_kind)
{
    const struct access_rule *rule = everyone_rule(rules, count);
    bool is_closed = rule && (!(rule->rights & RIGHT_READ) || rule->fault.n);
    bool is_partial = rule && (rule->filter.n || rule->hidden_count);
    *ret_kind = is_closed ? S("tag warning") : is_partial ? S("tag info") : S("tag success");
    return is_closed    ? MSG_BACKOFFICE_ACCESS_RESTRICTED
           : is_partial ? MSG_BACKOFFICE_ACCESS_PARTIAL
                        : MSG_BACKOFFICE_ACCESS_PUBLIC;
}

static enum err show_dataset(struct call *call, const struct dataset *dataset,
                             struct dataset_item *ret_item)
{
    const struct access_rule *rules;
    size_t count;
    str kind;
    TRY(access_list(call->scope, call->app->access, dataset->id, &rules, &count));
    str state = office_say(call, office_access_state(rules, count, &kind));
    *ret_item = (struct dataset_item){
        .address = office_dataset_address(call, dataset->id, "/access"),
        .id = dataset->id,
        .title = office_dataset_title(dataset),
        .state = state,
        .state_kind = kind,
        .rules = office_tell(call, MSG_BACKOFFICE_ACCESS_RULES, ARG_INT("count", (int64_t)count))};
    return ERR_OK;
}

enum err back_access(struct call *call)
{
    struct office_pages pages =
        office_pages(call, call->snapshot->count, "/backoffice/access", S(""));
    struct dataset_item *items =
        arena_array(&call->scope->arena, struct dataset_item, OFFICE_PAGE_ITEMS);
    for (size_t i = pages.from; i < pages.to; i++) {
        TRY(show_dataset(call, call->snapshot->datasets[i], &items[i - pages.from]));
    }
    struct access_page page = {.found = pages.to > pages.from,
                               .page = pages.page,
                               .pages = pages.pages,
                               .is_paged = pages.pages > 1,
                               .previous_page = pages.previous_page,
                               .next_page = pages.next_page,
                               .datasets = {items, pages.to - pages.from}};
    return office_send(call,
                       &(struct office_page){.section = SECTION_ACCESS,
                                             .title = office_say(call, MSG_BACKOFFICE_ACCESS_TITLE),
                                             .body = &access_template,
                                             .data = &page});
}

/* Where the rules of a dataset were before they became a tab of it. */
enum err back_access_moved(struct call *call)
{
    str query = exchange_raw_query(call->exchange);
    str path = exchange_raw_path(call->exchange);
    str rest = str_slice(path, S("/backoffice/access/").n, path.n);
    size_t slash = str_find_char(rest, '/', 0);
    str id = str_slice(rest, 0, slash);
    str action = slash == SIZE_MAX ? S("") : str_slice(rest, slash, rest.n);
    page_redirect(call, str_printf(&call->scope->arena, "/backoffice/datasets/%.*s/access%.*s%s%.*s", STR_ARG(id),
                                   STR_ARG(str_eq(action, S("/")) ? S("") : action), query.n ? "?" : "",
                                   STR_ARG(query)));
    return ERR_OK;
}
