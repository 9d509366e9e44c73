/* Statistics in the back office: administrators see the portal, others the datasets that they may publish. */
#include "web/back/routes.h"
#include "web/front/statistics.h"

#define PATH S("/backoffice/statistics")
#define DATASETS_MOST 500

struct dataset_link {
    str address, label;
};

struct choose {
    struct tpl_list datasets;
};

static const struct tpl_member link_members[] = {TPL_URL(struct dataset_link, address), TPL_TEXT(struct dataset_link, label)};
static const struct tpl_struct link_struct = TPL_STRUCT(struct dataset_link, link_members);
static const struct tpl_member choose_members[] = {TPL_LIST(struct choose, datasets, link_struct)};
static const struct tpl_struct choose_struct = TPL_STRUCT(struct choose, choose_members);
static const struct tpl_binding choose_template = {"back/statistics_choose", &choose_struct};

static bool sees_all(const struct call *call)
{
    return gate_acts_as(call, ROLE_ADMINISTRATOR);
}

static enum err open(struct call *call, struct statistics *ret)
{
    TRY(statistics_read(call, PATH, false, ret));
    if (sees_all(call)) {
        return ERR_OK;
    }
    if (!ret->dataset || ret->page.n) {
        return fail(call->scope, ERR_DENIED, "Choose one of your datasets: the figures of the whole portal are for administrators.");
    }
    return access_check(call->scope, call->app->access, call->actor, ret->dataset->uid, RIGHT_PUBLISH);
}

/* The datasets of somebody who is no administrator. */
static enum err choose(struct call *call)
{
    struct arena *arena = &call->scope->arena;
    struct dataset_link *links = arena_array(arena, struct dataset_link, DATASETS_MOST);
    size_t count = 0;
    for (size_t i = 0; i < call->snapshot->count && count < DATASETS_MOST; i++) {
        const struct dataset *dataset = call->snapshot->datasets[i];
        if (access_rights(call->scope, call->app->access, call->actor, dataset) & RIGHT_PUBLISH) {
            links[count++] = (struct dataset_link){office_path(call, "/backoffice/statistics?dataset=", dataset->id),
                                                   dataset->title.n ? dataset->title : dataset->id};
        }
    }
    struct choose data = {{links, count}};
    return office_send(call, &(struct office_page){.section = SECTION_STATISTICS,
                                                   .title = office_say(call, MSG_STATISTICS_TITLE),
                                                   .body = &choose_template,
                                                   .data = &data});
}

static enum err back_statistics(struct call *call)
{
    struct statistics statistics;
    const void *data;
    if (!sees_all(call) && !call_query(call, S("dataset")).n && !page_is_for_script(call)) {
        return choose(call);
    }
    TRY(open(call, &statistics));
    if (page_is_for_script(call)) {
        return statistics_send_json(&statistics);
    }
    TRY(statistics_page(&statistics, &data));
    return office_send(call, &(struct office_page){.section = SECTION_STATISTICS,
                                                   .title = office_say(call, MSG_STATISTICS_TITLE),
                                                   .body = &statistics_template,
                                                   .data = data,
                                                   .is_wide = true});
}

static enum err back_statistics_json(struct call *call)
{
    struct statistics statistics;
    TRY(open(call, &statistics));
    return statistics_send_json(&statistics);
}

static enum err back_statistics_csv(struct call *call)
{
    struct statistics statistics;
    TRY(open(call, &statistics));
    return statistics_send_csv(&statistics);
}

static const struct route routes[] = {
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/statistics", back_statistics, "back_statistics",
              "Visits, downloads and API calls."), .keys = true},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/statistics.json", back_statistics_json, "back_statistics_json",
              "The same for programs."), .keys = true},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/statistics.csv", back_statistics_csv, "back_statistics_csv",
              "The same as a table."), .keys = true},
};

static const struct tpl_binding *const templates[] = {&choose_template};

const struct office_part statistics_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
