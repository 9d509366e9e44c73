/* The front door: what the portal is, a search, themes, the latest datasets, figures, content from elsewhere. */
#include "base/vec.h"
#include "web/front/catalogue_names.h"
#include "web/front/dataset_card.h"
#include "web/front/privacy_pages.h"

#define LATEST_SHOWN 6
#define VALUES_MOST 20000 /* publishers that are told apart */

struct theme_view {
    str label, class_name, address;
    int64_t count;
};

struct figure_view {
    str value, exact, label;
};

struct paragraph {
    str text;
};

struct block {
    bool themes, popular, latest, figures, about, embeds, featured; /* one of them */
};

struct home {
    str portal, lead;
    int64_t count;
    bool searches;
    struct tpl_list blocks, theme_list, popular_list, datasets, featured_list, figure_list, paragraphs, embed_list;
};

static const struct tpl_member theme_members[] = {
    TPL_TEXT(struct theme_view, label), TPL_TEXT(struct theme_view, class_name),
    TPL_URL(struct theme_view, address), TPL_INT(struct theme_view, count)};
static const struct tpl_struct theme_struct = TPL_STRUCT(struct theme_view, theme_members);

static const struct tpl_member figure_members[] = {TPL_TEXT(struct figure_view, value),
                                                   TPL_TEXT(struct figure_view, exact),
                                                   TPL_TEXT(struct figure_view, label)};
static const struct tpl_struct figure_struct = TPL_STRUCT(struct figure_view, figure_members);

static const struct tpl_member paragraph_members[] = {TPL_TEXT(struct paragraph, text)};
static const struct tpl_struct paragraph_struct = TPL_STRUCT(struct paragraph, paragraph_members);

static const struct tpl_member block_members[] = {
    TPL_BOOL(struct block, themes), TPL_BOOL(struct block, popular), TPL_BOOL(struct block, latest), TPL_BOOL(struct block, figures),
    TPL_BOOL(struct block, about), TPL_BOOL(struct block, embeds),
    TPL_BOOL(struct block, featured)};
static const struct tpl_struct block_struct = TPL_STRUCT(struct block, block_members);

static const struct tpl_member home_members[] = {
    TPL_TEXT(struct home, portal), TPL_TEXT(struct home, lead), TPL_INT(struct home, count),
    TPL_BOOL(struct home, searches),
    TPL_LIST(struct home, blocks, block_struct), TPL_LIST(struct home, theme_list, theme_struct),
    TPL_LIST(struct home, popular_list, dataset_card_struct),
    TPL_LIST(struct home, datasets, dataset_card_struct),
    TPL_LIST(struct home, featured_list, dataset_card_struct),
    TPL_LIST(struct home, figure_list, figure_struct),
    TPL_LIST(struct home, paragraphs, paragraph_struct),
    TPL_LIST(struct home, embed_list, embed_struct)};
static const struct tpl_struct home_struct = TPL_STRUCT(struct home, home_members);
const struct tpl_binding home_template = {"front/home", &home_struct};

typedef VEC(struct dataset_card) dataset_cards;

/* ---- the catalogue ---- */

static enum err count_facet(struct call *call, struct records_lease *lease, str name, int64_t limit,
                            const struct facet_value **ret_values)
{
    struct facet_request request;
    struct clauses clauses = {.limit = -1, .now = clock_wall(), .facets = &request, .facet_count = 1};
    TRY(odsql_facet_parse(call->scope, &lease->source, name, &request));
    request.limit = limit;
    return facet_read(call->scope, lease, &clauses, &request, ret_values);
}

static enum err list_themes(struct call *call, struct records_lease *lease, struct tpl_list *ret_themes)
{
    VEC(struct theme_view) views = {0};
    const struct filter none = {0};
    struct facet_context context = catalogue_context(call, &none);
    const struct facet_value *values;
    TRY(count_facet(call, lease, S("theme"), 100, &values));
    for (const struct facet_value *value = values; value; value = value->next) {
        struct filter filter = filter_with(
            &call->scope->arena, &none, (struct filter_part){FILTER_REFINE, S("theme"), value->value});
        vec_add(&call->scope->arena, &views,
                (struct theme_view){theme_label(call, value->value), theme_class(call, value->value),
                                    facet_address(&context, &filter), value->count});
    }
    *ret_themes = (struct tpl_list){views.items, views.count};
    return ERR_OK;
}

/* A card for a dataset that the visitor may see. */
static enum err add_card(const struct facet_context *context, str id, dataset_cards *cards)
{
    struct call *call = context->call;
    const struct dataset *dataset;
    struct dataset_card card;
    TRY(snapshot_load(call->scope, call->snapshot, id, &dataset));
    if (dataset) {
        TRY(dataset_card_make(context, dataset, &card));
        card.is_nested = true;
        vec_add(&call->scope->arena, cards, card);
    }
    return ERR_OK;
}

static enum err list_featured(struct call *call, struct tpl_list *ret_cards)
{
    dataset_cards cards = {0};
    const struct filter none = {0};
    struct facet_context context = catalogue_context(call, &none);
    for (size_t i = 0; i < call->site->featured_count; i++) {
        TRY(add_card(&context, call->site->featured[i], &cards));
    }
    *ret_cards = (struct tpl_list){cards.items, cards.count};
    return ERR_OK;
}

static enum err list_latest(struct call *call, struct records_lease *lease, struct tpl_list *ret_cards)
{
    dataset_cards cards = {0};
    const struct filter none = {0};
    struct facet_context context = catalogue_context(call, &none);
    const int64_t *rows;
    size_t count;
    int64_t total;
    records_catalogue_page(call->scope, lease, NULL, 0, LATEST_SHOWN, &rows, &count, &total);
    for (size_t i = 0; i < count; i++) {
        TRY(add_card(&context, records_catalogue_id(lease, rows[i]), &cards));
    }
    *ret_cards = (struct tpl_list){cards.items, cards.count};
    return ERR_OK;
}

/* Those that enough people used lately, in the order of the catalogue's popularity. */
static enum err list_popular(struct call *call, struct records_lease *lease, struct tpl_list *ret_cards)
{
    dataset_cards cards = {0};
    const struct filter none = {0};
    struct facet_context context = catalogue_context(call, &none);
    str is_used = S("explore.popularity_score > 0");
    struct clauses clauses = {.select = S("dataset_id"), .where = &is_used, .where_count = 1,
                              .order_by = S("explore.popularity_score desc"), .limit = LATEST_SHOWN, .now = clock_wall()};
    struct plan *plan;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(odsql_compile(call->scope, &lease->source, &clauses, &plan));
    TRY(db_run(call->scope, lease->db, &plan->rows, &cursor));
    EACH_BATCH(call->scope, cursor, row) {
        for (size_t i = 0; i < row->rows; i++) {
            TRY(add_card(&context, row->columns[plan->outputs[0].column].texts[i], &cards));
        }
    }
    *ret_cards = (struct tpl_list){cards.items, cards.count};
    return ERR_OK;
}

static struct figure_view figure(struct call *call, int64_t number, enum message label)
{
    struct arena *arena = &call->scope->arena;
    return (struct figure_view){format_compact(arena, call->language, number),
                                format_int(arena, call->language, number),
                                message_text(arena, call->language, label, &ARG_INT("count", number), 1)};
}

static enum err list_figures(struct call *call, struct records_lease *lease, struct tpl_list *ret_figures)
{
    struct figure_view *figures = arena_array(&call->scope->arena, struct figure_view, 3);
    const struct facet_value *values;
    int64_t records = 0;
    int64_t publishers = 0;
    for (size_t i = 0; i < call->snapshot->count; i++) {
        records += call->snapshot->datasets[i]->records_count;
    }
    TRY(count_facet(call, lease, S("publisher"), VALUES_MOST, &values));
    for (const struct facet_value *value = values; value; value = value->next) {
        publishers++;
    }
    figures[0] = figure(call, (int64_t)call->snapshot->count, MSG_HOME_FIGURE_DATASETS);
    figures[1] = figure(call, records, MSG_HOME_FIGURE_RECORDS);
    figures[2] = figure(call, publishers, MSG_HOME_FIGURE_PUBLISHERS);
    *ret_figures = (struct tpl_list){figures, 3};
    return ERR_OK;
}

static bool has_block(const struct site *site, enum site_block block)
{
    for (size_t i = 0; i < site->block_count; i++) {
        if (site->blocks[i] == block) {
            return true;
        }
    }
    return false;
}

static enum err read_catalogue(struct call *call, struct home *home)
{
    struct records_lease lease cleanup_with(records_release) = {0};
    str lang = STR_NONE;
    odsql_language_find(language_code(call->language), &lang);
    TRY(records_lease_catalogue(call->scope, call->app->records, call->snapshot, lang, &lease));
    TRY(list_themes(call, &lease, &home->theme_list));
    TRY(list_latest(call, &lease, &home->datasets));
    TRY(list_featured(call, &home->featured_list));
    if (has_block(call->site, SITE_POPULAR)) {
        TRY(list_popular(call, &lease, &home->popular_list));
    }
    return list_figures(call, &lease, &home->figure_list);
}

/* ---- texts and the rest ---- */

static struct tpl_list list_embeds(struct call *call)
{
    VEC(struct embed_view) views = {0};
    const struct registry *registry = call->registry;
    for (size_t i = 0; i < registry->service_count; i++) {
        const struct service *service = &registry->services[i];
        for (size_t k = 0; k < service->embed_count; k++) {
            if (service->embeds[k].on_home) {
                vec_add(&call->scope->arena, &views,
                        embed_view(call, service, &service->embeds[k], S("/"), false));
            }
        }
    }
    return (struct tpl_list){views.items, views.count};
}

/* Paragraphs are separated by empty lines. */
static struct tpl_list list_paragraphs(struct call *call)
{
    VEC(struct paragraph) paragraphs = {0};
    str rest = translated_text(&call->site->about, call->language);
    while (rest.n) {
        size_t end = str_find(rest, S("\n\n"), 0);
        str text = str_trim(str_slice(rest, 0, end));
        if (text.n) {
            vec_add(&call->scope->arena, &paragraphs, (struct paragraph){text});
        }
        rest = end == SIZE_MAX ? S("") : str_slice(rest, end + 2, rest.n);
    }
    return (struct tpl_list){paragraphs.items, paragraphs.count};
}

/* Blocks with nothing in them are left out. */
static struct tpl_list list_blocks(struct call *call, const struct home *home)
{
    VEC(struct block) blocks = {0};
    const struct site *site = call->site;
    for (size_t i = 0; i < site->block_count; i++) {
        struct block block = {
            .themes = site->blocks[i] == SITE_THEMES && home->theme_list.count > 0,
            .popular = site->blocks[i] == SITE_POPULAR && home->popular_list.count > 0,
            .latest = site->blocks[i] == SITE_LATEST && home->datasets.count > 0,
            .figures = site->blocks[i] == SITE_FIGURES && home->datasets.count > 0,
            .about = site->blocks[i] == SITE_ABOUT && home->paragraphs.count > 0,
            .embeds = site->blocks[i] == SITE_EMBEDS && home->embed_list.count > 0,
            .featured = site->blocks[i] == SITE_FEATURED && home->featured_list.count > 0};
        if (block.themes || block.popular || block.latest || block.figures || block.about || block.embeds ||
            block.featured) {
            vec_add(&call->scope->arena, &blocks, block);
        }
    }
    return (struct tpl_list){blocks.items, blocks.count};
}

enum err home_get(struct call *call)
{
    str lead = translated_text(&call->site->lead, call->language);
    struct home home = {.portal = call->site->name,
                        .lead = lead.n ? lead : message_plain(call->language, MSG_HOME_LEAD),
                        .count = (int64_t)call->snapshot->count,
                        .paragraphs = list_paragraphs(call),
                        .embed_list = list_embeds(call)};
    TRY(read_catalogue(call, &home));
    home.blocks = list_blocks(call, &home);
    home.searches = has_block(call->site, SITE_SEARCH);
    struct page page = {.title = MSG_HOME_TITLE,
                        .body = &home_template,
                        .data = &home,
                        .description = home.lead,
                        .has_search = home.searches,
                        .is_indexed = true,
                        .is_public = true};
    page_send(call, &page);
    return ERR_OK;
}
