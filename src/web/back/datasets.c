/* The datasets that somebody may change. */
#include "base/vec.h"
#include "platform/text/fold.h"
#include "web/back/dataset_frame.h"
#include "web/back/routes.h"

struct dataset_item {
    str address, id, title, state, state_kind, records, modified;
};

struct datasets_page {
    str query;
    bool found, is_paged;
    int64_t page, pages;
    str previous_page, next_page;
    struct tpl_list datasets;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct dataset_item, address),     TPL_TEXT(struct dataset_item, id),
    TPL_TEXT(struct dataset_item, title),      TPL_TEXT(struct dataset_item, state),
    TPL_TEXT(struct dataset_item, state_kind), TPL_TEXT(struct dataset_item, records),
    TPL_TEXT(struct dataset_item, modified)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct dataset_item, item_members);

static const struct tpl_member page_members[] = {
    TPL_TEXT(struct datasets_page, query),        TPL_BOOL(struct datasets_page, found),
    TPL_BOOL(struct datasets_page, is_paged),     TPL_INT(struct datasets_page, page),
    TPL_INT(struct datasets_page, pages),         TPL_URL(struct datasets_page, previous_page),
    TPL_URL(struct datasets_page, next_page),     TPL_LIST(struct datasets_page, datasets, item_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct datasets_page, page_members);
const struct tpl_binding datasets_template = {"back/datasets", &page_struct};

static bool fits(struct arena *arena, const struct dataset *dataset, str folded)
{
    return folded.n == 0 || str_find(dataset->id, folded, 0) != SIZE_MAX ||
           str_find(text_fold(arena, office_dataset_title(dataset)), folded, 0) != SIZE_MAX;
}

static struct dataset_item show(struct call *call, const struct dataset *dataset)
{
    struct dataset_item item = {
        .address = office_dataset_address(call, dataset->id, ""),
        .id = dataset->id,
        .title = office_dataset_title(dataset),
        .records = format_whole(&call->scope->arena, call->language, dataset->records_count),
        .modified = office_instant(call, dataset->modified, MESSAGE_NONE)};
    item.state = office_dataset_state(call, dataset, &item.state_kind);
    return item;
}

enum err back_datasets(struct call *call)
{
    VEC(const struct dataset *) own = {0};
    str query = str_trim(call_query(call, S("q")));
    str folded = text_fold(&call->scope->arena, query);
    for (size_t i = 0; i < call->snapshot->count; i++) {
        const struct dataset *dataset = call->snapshot->datasets[i];
        if (fits(&call->scope->arena, dataset, folded) &&
            (access_rights(call->scope, call->app->access, call->actor, dataset) & RIGHT_EDIT)) {
            vec_add(&call->scope->arena, &own, dataset);
        }
    }
    struct buf address cleanup_with(buf_cleanup) = {0};
    buf_add(&address, query.n ? S("q=") : S(""));
    url_encode(&address, query);
    struct office_pages pages =
        office_pages(call, own.count, "/backoffice/datasets", buf_copy(&address, &call->scope->arena));
    struct dataset_item *items = arena_array(&call->scope->arena, struct dataset_item, OFFICE_PAGE_ITEMS);
    for (size_t i = pages.from; i < pages.to; i++) {
        items[i - pages.from] = show(call, own.items[i]);
    }
    struct datasets_page page = {.query = query,
                                 .found = own.count > 0,
                                 .is_paged = pages.pages > 1,
                                 .page = pages.page,
                                 .pages = pages.pages,
                                 .previous_page = pages.previous_page,
                                 .next_page = pages.next_page,
                                 .datasets = {items, pages.to - pages.from}};
    return office_send(call,
                       &(struct office_page){.section = SECTION_DATASETS,
                                             .title = office_say(call, MSG_BACKOFFICE_DATASETS_TITLE),
                                             .body = &datasets_template,
                                             .data = &page});
}

/* ---- one of them ---- */

struct overview {
    str records, modified, processed;
};

static const struct tpl_member overview_members[] = {TPL_TEXT(struct overview, records),
                                                     TPL_TEXT(struct overview, modified),
                                                     TPL_TEXT(struct overview, processed)};
static const struct tpl_struct overview_struct = TPL_STRUCT(struct overview, overview_members);
const struct tpl_binding dataset_overview_template = {"back/dataset_overview", &overview_struct};

enum err back_dataset(struct call *call)
{
    const struct dataset *dataset;
    TRY(office_open_dataset(call, RIGHT_EDIT, &dataset));
    struct overview overview = {
        .records = format_whole(&call->scope->arena, call->language, dataset->records_count),
        .modified = office_instant(call, dataset->modified, MESSAGE_NONE),
        .processed = office_instant(call, dataset->data_processed, MSG_BACKOFFICE_NEVER)};
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = dataset,
                                                                   .tab = OFFICE_TAB_OVERVIEW,
                                                                   .body = &dataset_overview_template,
                                                                   .data = &overview});
}
