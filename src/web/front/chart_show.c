#include "web/front/chart.h"

static const char *const names[] = {"chart", "x",      "bucket", "bins",  "y",
                                    "of",    "series", "order",  "limit", "stacked"};

void chart_keep(struct dataset_page *page)
{
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        dataset_page_keep(page, str_from(names[i]));
    }
}

static bool has_parameters(const struct query *query)
{
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (query_find(query, str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_of_the_visitor(enum err error)
{
    return err_kind(error) == KIND_CALLER || err_kind(error) == KIND_TOO_MUCH;
}

static enum err make(struct dataset_page *page, struct chart_shown *shown)
{
    TRY(chart_complete(page, &shown->chart, &shown->has_chart));
    return shown->has_chart ? chart_view_make(page, &shown->chart, &shown->view) : ERR_OK;
}

/* The publisher's first chart, as an address of ours has it behind its "?"; one that no longer fits is passed over. */
static bool make_publishers(struct dataset_page *page, struct chart_shown *shown)
{
    struct scope *scope = page->call->scope;
    struct query query;
    str text = dataset_page_text(page, "visualization", "analyze_default");
    size_t mark = str_find_char(text, '?', 0);
    text = str_slice(text, mark == SIZE_MAX ? 0 : mark + 1, text.n);
    enum err result = query_parse(scope, text, &query);
    if (result == ERR_OK && !has_parameters(&query)) {
        return false;
    }
    if (result == ERR_OK) {
        result = chart_read(page, &query, &shown->chart);
    }
    if (result == ERR_OK) {
        result = make(page, shown);
    }
    if (result != ERR_OK) {
        scope_forgive(scope);
    }
    return result == ERR_OK;
}

static enum err show(struct dataset_page *page, struct chart_shown *shown)
{
    TRY(chart_read(page, &page->call->query, &shown->asked));
    if (!has_parameters(&page->call->query) && make_publishers(page, shown)) {
        return ERR_OK;
    }
    shown->chart = shown->asked;
    return make(page, shown);
}

enum err chart_show(struct dataset_page *page, struct chart_shown *ret_shown)
{
    struct scope *scope = page->call->scope;
    *ret_shown = (struct chart_shown){.fault = S(""), .asked = {.kind = CHART__COUNT}, .chart = {.kind = CHART__COUNT}};
    if (page->fault.n || !page->has_records) {
        return ERR_OK;
    }
    enum err result = show(page, ret_shown);
    if (result != ERR_OK && is_of_the_visitor(result)) {
        ret_shown->fault = fault_text(page->call, &ret_shown->place);
        ret_shown->has_chart = false;
        scope_forgive(scope);
        result = ERR_OK;
    }
    return result;
}
