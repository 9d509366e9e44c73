/* What the portal holds, and the content from elsewhere that its administrators put in front. */
#include "base/vec.h"
#include "web/front/privacy_pages.h"

#define DATASETS_SHOWN 100

struct dataset_view {
    str id, title, address;
    int64_t records;
};

struct home {
    str portal;
    int64_t count;
    bool has_more;
    struct tpl_list datasets, embeds;
};

static const struct tpl_member dataset_members[] = {
    TPL_TEXT(struct dataset_view, id), TPL_TEXT(struct dataset_view, title),
    TPL_URL(struct dataset_view, address), TPL_INT(struct dataset_view, records)};
static const struct tpl_struct dataset_struct = TPL_STRUCT(struct dataset_view, dataset_members);

static const struct tpl_member home_members[] = {
    TPL_TEXT(struct home, portal), TPL_INT(struct home, count), TPL_BOOL(struct home, has_more),
    TPL_LIST(struct home, datasets, dataset_struct), TPL_LIST(struct home, embeds, embed_struct)};
static const struct tpl_struct home_struct = TPL_STRUCT(struct home, home_members);
const struct tpl_binding home_template = {"front/home", &home_struct};

static struct tpl_list list_datasets(struct call *call)
{
    const struct snapshot *snapshot = call->snapshot;
    size_t count = snapshot->count < DATASETS_SHOWN ? snapshot->count : DATASETS_SHOWN;
    struct dataset_view *views = arena_array(&call->scope->arena, struct dataset_view, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct dataset *dataset = snapshot->datasets[i];
        views[i] = (struct dataset_view){
            .id = dataset->id,
            .title = dataset->title.n ? dataset->title : dataset->id,
            .address = str_printf(&call->scope->arena, "/api/explore/v2.1/catalog/datasets/%.*s",
                                  STR_ARG(dataset->id)),
            .records = dataset->records_count};
    }
    return (struct tpl_list){views, count};
}

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

enum err home_get(struct call *call)
{
    struct home home = {.portal = call->app->portal,
                        .count = (int64_t)call->snapshot->count,
                        .datasets = list_datasets(call),
                        .embeds = list_embeds(call)};
    home.has_more = home.datasets.count < call->snapshot->count;
    struct page page = {.title = MSG_HOME_TITLE,
                        .body = &home_template,
                        .data = &home,
                        .is_indexed = true,
                        .is_public = true};
    page_send(call, &page);
    return ERR_OK;
}
