/* The catalogue: search, facets, a list of datasets (explore-api.md 9.1). */
#include "base/num.h"
#include "base/vec.h"
#include "web/front/catalogue_head.h"
#include "web/front/catalogue_names.h"
#include "web/front/dataset_card.h"
#include "web/front/explore.h"
#include "web/shell/fault_text.h"
#include "web/shell/near_datasets.h"

#define PAGE_DATASETS 20
#define PAGES_MOST 500 /* further ones are found by narrowing down */

struct choice_view {
    str label, value, address;
    bool current;
};

struct catalogue {
    str query, clear, action, next_page, previous_page, count, fault;
    int64_t page, pages, shown;
    bool narrows, is_empty, has_query, as_cards, has_pages, has_partial;
    struct tpl_list partial; /* when nothing has all words: what has some of them */
    struct tpl_list datasets, facets, chips, hidden, sorts, views, exports;
    struct fault_place place; /* of fault */
};

static const struct tpl_member choice_members[] = {
    TPL_TEXT(struct choice_view, label), TPL_TEXT(struct choice_view, value),
    TPL_URL(struct choice_view, address), TPL_BOOL(struct choice_view, current)};
static const struct tpl_struct choice_struct = TPL_STRUCT(struct choice_view, choice_members);

static const struct tpl_member catalogue_members[] = {
    TPL_TEXT(struct catalogue, query),       TPL_URL(struct catalogue, clear),
    TPL_URL(struct catalogue, action),       TPL_URL(struct catalogue, next_page),
    TPL_URL(struct catalogue, previous_page),     TPL_TEXT(struct catalogue, count),
    FAULT_PLACE_MEMBERS(struct catalogue, place),
    TPL_TEXT(struct catalogue, fault),       TPL_INT(struct catalogue, page),
    TPL_INT(struct catalogue, pages),        TPL_BOOL(struct catalogue, narrows),
    TPL_BOOL(struct catalogue, is_empty),    TPL_BOOL(struct catalogue, has_query),
    TPL_BOOL(struct catalogue, as_cards),    TPL_BOOL(struct catalogue, has_pages),
    TPL_BOOL(struct catalogue, has_partial), TPL_LIST(struct catalogue, partial, dataset_card_struct),
    TPL_LIST(struct catalogue, datasets, dataset_card_struct),
    TPL_LIST(struct catalogue, facets, facet_struct),
    TPL_LIST(struct catalogue, chips, chip_struct),
    TPL_LIST(struct catalogue, hidden, hidden_struct),
    TPL_LIST(struct catalogue, sorts, choice_struct),
    TPL_LIST(struct catalogue, views, choice_struct),
    TPL_LIST(struct catalogue, exports, choice_struct)};
static const struct tpl_struct catalogue_struct = TPL_STRUCT(struct catalogue, catalogue_members);
const struct tpl_binding catalogue_template = {"front/catalogue", &catalogue_struct};

struct reading {
    struct call *call;
    struct filter filter;
    struct facet_context context;
    struct selection selection;
    struct clauses clauses;
    struct records_lease lease;
    const struct plan *plan;
    int64_t page; /* from 1 */
    int64_t total;
};

/* ---- reading ---- */

/* A dataset has one publisher, licence and language: two of them chosen can only mean either. */
static bool is_always_disjunctive(str name)
{
    return str_eq(name, S("publisher")) || str_eq(name, S("license")) || str_eq(name, S("language"));
}

/* Those that the settings of the site name, in their order. */
static size_t choose_facets(const struct reading *reading, struct facet_request *requests, size_t count)
{
    const struct site *site = reading->call->site;
    size_t chosen = 0;
    for (size_t i = 0; i < site->facet_count; i++) {
        for (size_t k = chosen; k < count; k++) {
            if (str_eq(facet_name(&reading->lease.source, requests[k].field), site->facets[i])) {
                struct facet_request found = requests[k];
                memmove(&requests[chosen + 1], &requests[chosen], (k - chosen) * sizeof(*requests));
                requests[chosen++] = found;
                break;
            }
        }
    }
    return site->facet_count ? chosen : count;
}

static enum err set_requests(struct reading *reading)
{
    struct scope *scope = reading->call->scope;
    const struct facet_request *defaults;
    size_t count;
    TRY(facet_requests_default(scope, &reading->lease.source, &defaults, &count));
    struct facet_request *requests = arena_array(&scope->arena, struct facet_request, count + 1);
    for (size_t i = 0; i < count; i++) {
        requests[i] = defaults[i];
        str name = facet_name(&reading->lease.source, requests[i].field);
        requests[i].disjunctive |= is_always_disjunctive(name);
    }
    count = choose_facets(reading, requests, count);
    facet_requests_follow(&reading->filter, &reading->lease.source, requests, count);
    reading->clauses.facets = requests;
    reading->clauses.facet_count = count;
    return ERR_OK;
}

static enum err read_rows(struct reading *reading, const int64_t **ret_rows, size_t *ret_count)
{
    struct scope *scope = reading->call->scope;
    VEC(int64_t) rows = {0};
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, reading->lease.db, &reading->plan->rows, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        for (size_t row = 0; row < batch->rows; row++) {
            vec_add(&scope->arena, &rows,
                    batch->columns[reading->plan->outputs[0].column].numbers[row]);
        }
    }
    *ret_rows = rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

static enum err count_all(struct reading *reading)
{
    cell total;
    const struct plan *plan = reading->plan;
    if (plan->is_unfiltered) {
        reading->total = records_catalogue_count(&reading->lease);
    } else if (plan->choices.are_known) {
        reading->total = records_catalogue_total(reading->call->scope, &reading->lease, &plan->choices);
    } else {
        TRY(db_query_cell(reading->call->scope, reading->lease.db, &plan->total, &total));
        reading->total = total.type == CELL_INT ? total.number : 0;
    }
    return ERR_OK;
}

/* ---- the list ---- */

static enum err make_cards(struct reading *reading, const int64_t *rows, size_t count,
                           struct tpl_list *ret_cards)
{
    struct scope *scope = reading->call->scope;
    VEC(struct dataset_card) cards = {0};
    for (size_t i = 0; i < count; i++) {
        const struct dataset *dataset;
        TRY(snapshot_load(scope, reading->call->snapshot,
                          records_catalogue_id(&reading->lease, rows[i]), &dataset));
        if (dataset) {
            struct dataset_card card;
            TRY(dataset_card_make(&reading->context, dataset, &card));
            vec_add(&scope->arena, &cards, card);
        }
    }
    *ret_cards = (struct tpl_list){cards.items, cards.count};
    return ERR_OK;
}

static enum err list_datasets(struct reading *reading, struct tpl_list *ret_cards)
{
    struct scope *scope = reading->call->scope;
    struct plan *plan;
    const int64_t *rows;
    size_t count;
    reading->clauses.limit = PAGE_DATASETS;
    reading->clauses.offset = (reading->page - 1) * PAGE_DATASETS;
    TRY(odsql_compile(scope, &reading->lease.source, &reading->clauses, &plan));
    reading->plan = plan;
    if (plan->is_listing) {
        records_catalogue_page(scope, &reading->lease, &plan->choices, reading->clauses.offset,
                               PAGE_DATASETS, &rows, &count, &reading->total);
    } else {
        TRY(count_all(reading));
        TRY(read_rows(reading, &rows, &count));
    }
    return make_cards(reading, rows, count, ret_cards);
}

/* Nothing has all the words: what has some of them, whatever else was chosen. */
static enum err list_partial(struct reading *reading, struct tpl_list *ret_cards)
{
    const struct dataset *found[NEAR_DATASETS_MOST];
    struct call *call = reading->call;
    str words = filter_value(&reading->filter, FILTER_WORDS);
    size_t count = words.n ? near_datasets_some_words(call, words, found) : 0;
    struct dataset_card *cards = arena_array(&call->scope->arena, struct dataset_card, count + 1);
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        const struct dataset *dataset;
        TRY(snapshot_load(call->scope, call->snapshot, found[i]->id, &dataset));
        if (dataset) {
            TRY(dataset_card_make(&reading->context, dataset, &cards[made]));
            cards[made++].is_nested = true;
        }
    }
    *ret_cards = (struct tpl_list){cards, made};
    return ERR_OK;
}

/* ---- the page ---- */

static str page_address(struct reading *reading, int64_t page)
{
    str address = facet_address(&reading->context, &reading->filter);
    bool has_query = str_find_char(address, '?', 0) != SIZE_MAX;
    return page <= 1 ? address
                     : str_printf(&reading->call->scope->arena, "%.*s%cpage=%lld", STR_ARG(address),
                                  has_query ? '&' : '?', (long long)page);
}

static struct tpl_list list_sorts(struct reading *reading, bool has_query)
{
    static const struct {
        const char *sort;
        enum message label;
    } sorts[] = {{"", MSG_CATALOGUE_SORT_RELEVANCE},
                 {"-modified", MSG_CATALOGUE_SORT_MODIFIED},
                 {"title", MSG_CATALOGUE_SORT_TITLE},
                 {"-records_count", MSG_CATALOGUE_SORT_RECORDS},
                 {"-explore.popularity_score", MSG_CATALOGUE_SORT_POPULAR},
                 {"-explore.download_count", MSG_CATALOGUE_SORT_DOWNLOADS}};
    const struct analytics *analytics = reading->call->app->analytics;
    size_t count = ARRAY_LENGTH(sorts) - (analytics ? analytics_settings(analytics)->is_public ? 0 : 1 : 2);
    struct arena *arena = &reading->call->scope->arena;
    str current = filter_value(&reading->filter, FILTER_SORT);
    VEC(struct choice_view) views = {0};
    for (size_t i = has_query ? 0 : 1; i < count; i++) {
        str sort = str_from(sorts[i].sort);
        bool is_default = has_query ? sort.n == 0 : i == 1;
        vec_add(arena, &views,
                (struct choice_view){
                    .label = message_plain(reading->call->language, sorts[i].label),
                    .value = sort,
                    .current = current.n ? str_eq(current, sort) : is_default});
    }
    return (struct tpl_list){views.items, views.count};
}

static struct tpl_list list_views(struct reading *reading, bool as_cards)
{
    static const struct {
        const char *extra;
        enum message label;
    } views[] = {{"", MSG_CATALOGUE_VIEW_LIST}, {"view=cards", MSG_CATALOGUE_VIEW_CARDS}};
    struct choice_view *items = arena_array(&reading->call->scope->arena, struct choice_view, 2);
    for (int i = 0; i < 2; i++) {
        struct facet_context context = reading->context;
        context.extra = str_from(views[i].extra);
        items[i] = (struct choice_view){
            .label = message_plain(reading->call->language, views[i].label),
            .address = facet_address(&context, &reading->filter),
            .current = as_cards == (i == 1)};
    }
    return (struct tpl_list){items, 2};
}

static struct tpl_list list_exports(struct reading *reading)
{
    static const char *const formats[][2] = {{"csv", "CSV"}, {"xlsx", "Excel"}, {"json", "JSON"},
                                             {"ttl", "DCAT"}, {"rss", "RSS"}};
    struct arena *arena = &reading->call->scope->arena;
    struct choice_view *items = arena_array(arena, struct choice_view, ARRAY_LENGTH(formats));
    cleanup_with(buf_cleanup) struct buf query = {0};
    filter_write_api(&query, &reading->clauses);
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++) {
        items[i] = (struct choice_view){
            .label = str_from(formats[i][1]),
            .address = str_printf(arena, "/api/explore/v2.1/catalog/exports/%s%s%.*s", formats[i][0],
                                  query.n ? "?" : "", STR_ARG(buf_str(&query)))};
    }
    return (struct tpl_list){items, ARRAY_LENGTH(formats)};
}

static enum err read_page_number(struct call *call, int64_t *ret_page)
{
    str text = call_query(call, S("page"));
    *ret_page = 1;
    if (text.n && (!num_read_int(text, ret_page) || *ret_page < 1 || *ret_page > PAGES_MOST)) {
        return fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_WHOLE_NUMBER,
                             SAYS(ARG_TEXT("name", S("page")), argument_digits(&call->scope->arena, "most", PAGES_MOST)));
    }
    return ERR_OK;
}

static enum err open_reading(struct call *call, struct reading *reading)
{
    reading->call = call;
    TRY(filter_read(call, &reading->filter));
    TRY(read_page_number(call, &reading->page));
    bool as_cards = str_eq(call_query(call, S("view")), S("cards"));
    reading->context = catalogue_context(call, &reading->filter);
    TRY(selection_read(call, &reading->selection));
    reading->context.selection = &reading->selection;
    reading->context.extra = as_cards ? S("view=cards") : S("");
    reading->clauses = (struct clauses){.now = clock_wall()};
    odsql_language_find(language_code(call->language), &reading->clauses.lang);
    filter_clauses(&call->scope->arena, &reading->filter, FILTER_SEARCH_CATALOGUE, &reading->clauses);
    TRY(records_lease_catalogue(call->scope, call->app->records, call->snapshot,
                                reading->clauses.lang, &reading->lease));
    return set_requests(reading);
}

static int64_t pages_of(const struct reading *reading)
{
    int64_t pages = (reading->total + PAGE_DATASETS - 1) / PAGE_DATASETS;
    return pages > PAGES_MOST ? PAGES_MOST : pages;
}

static enum err read_all(struct reading *reading, struct catalogue *page)
{
    TRY(list_datasets(reading, &page->datasets));
    if (page->datasets.count == 0 && reading->page > 1 && reading->total > 0) {
        return fail_in_words(reading->call->scope, ERR_PARAMETER, MSG_FAULT_WHOLE_NUMBER,
                             SAYS(ARG_TEXT("name", S("page")), argument_digits(&reading->call->scope->arena, "most", pages_of(reading))));
    }
    if (page->datasets.count == 0) {
        TRY(list_partial(reading, &page->partial));
        page->has_partial = page->partial.count > 0;
    }
    reading->clauses.limit = -1;
    reading->clauses.offset = 0;
    return facet_views(&reading->context, &reading->lease, &reading->clauses,
                       reading->clauses.facets, reading->clauses.facet_count, &page->facets);
}

static void fill(struct reading *reading, struct catalogue *page)
{
    struct call *call = reading->call;
    struct arena *arena = &call->scope->arena;
    struct filter cleared = filter_cleared(arena, &reading->filter);
    int64_t pages = pages_of(reading);
    page->query = filter_value(&reading->filter, FILTER_WORDS);
    page->has_query = page->query.n > 0;
    page->as_cards = reading->context.extra.n > 0;
    page->action = S("/explore/");
    page->clear = facet_address(&reading->context, &cleared);
    page->narrows = filter_narrows(&reading->filter);
    page->chips = filter_chips(&reading->context);
    page->hidden = filter_hidden(&reading->context, FILTER_WORDS);
    page->sorts = list_sorts(reading, page->has_query);
    page->views = list_views(reading, page->as_cards);
    page->exports = list_exports(reading);
    page->is_empty = page->datasets.count == 0;
    page->page = reading->page;
    page->pages = pages;
    page->has_pages = pages > 1;
    page->previous_page = reading->page > 1 ? page_address(reading, reading->page - 1) : S("");
    page->next_page = reading->page < pages ? page_address(reading, reading->page + 1) : S("");
    page->count = message_text(arena, call->language, MSG_CATALOGUE_COUNT,
                               &ARG_INT("count", reading->total), 1);
}

enum err catalogue_get(struct call *call)
{
    struct reading reading = {0};
    struct catalogue data = {0};
    enum err result = open_reading(call, &reading);
    if (result == ERR_OK) {
        result = read_all(&reading, &data);
    }
    bool is_no_page = data.datasets.count == 0 && reading.total > 0;
    if (result != ERR_OK && err_kind(result) == KIND_CALLER && reading.lease.db && !is_no_page) {
        data.fault = fault_text(call, &data.place);
        scope_forgive(call->scope);
        result = ERR_OK;
    }
    if (result == ERR_OK) {
        fill(&reading, &data);
    }
    records_release(&reading.lease);
    TRY(result);
    response_records(call->exchange, reading.total);
    struct page page = {.title = MSG_CATALOGUE_TITLE,
                        .body = &catalogue_template,
                        .data = &data,
                        .status = data.fault.n ? 400 : 200,
                        .scripts = {"catalogue.js"},
                        .canonical = S("/explore/"),
                        .is_indexed = !data.narrows && data.page == 1,
                        .has_search = true,
                        .head = catalogue_head(call, &reading.clauses),
                        .is_public = true};
    selection_tell(call, &reading.selection, &page);
    page_send(call, &page);
    return ERR_OK;
}
