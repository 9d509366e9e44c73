/* How often a person's API keys were used, for that person alone: what one's own programs did is no secret, so nothing is too little. */
#include "base/date.h"
#include "domain/analytics/figures.h"
#include "web/front/account.h"
#include "web/shell/gate.h"

#define DAYS 30

struct key_sum {
    str name, prefix;
    int64_t calls, records;
};

struct key_day {
    str day, name, prefix;
    int64_t calls, records;
};

struct key_uses_page {
    bool is_counted, has_calls;
    struct tpl_list navigation, sums, days;
};

static const struct tpl_member sum_members[] = {TPL_TEXT(struct key_sum, name), TPL_TEXT(struct key_sum, prefix),
                                                TPL_INT(struct key_sum, calls), TPL_INT(struct key_sum, records)};
static const struct tpl_struct sum_struct = TPL_STRUCT(struct key_sum, sum_members);
static const struct tpl_member day_members[] = {TPL_TEXT(struct key_day, day), TPL_TEXT(struct key_day, name),
                                                TPL_TEXT(struct key_day, prefix), TPL_INT(struct key_day, calls),
                                                TPL_INT(struct key_day, records)};
static const struct tpl_struct day_struct = TPL_STRUCT(struct key_day, day_members);
static const struct tpl_member members[] = {
    TPL_BOOL(struct key_uses_page, is_counted), TPL_BOOL(struct key_uses_page, has_calls),
    TPL_LIST(struct key_uses_page, sums, sum_struct), TPL_LIST(struct key_uses_page, days, day_struct),
    TPL_LIST(struct key_uses_page, navigation, navigation_struct)};
static const struct tpl_struct shape = TPL_STRUCT(struct key_uses_page, members);
const struct tpl_binding key_uses_template = {"account/key_uses", &shape};

static void list_days(struct call *call, const struct api_key *keys, size_t key_count, const struct key_use *uses,
                      size_t count, struct key_uses_page *view)
{
    struct arena *arena = &call->scope->arena;
    struct key_sum *sums = arena_array(arena, struct key_sum, key_count + 1);
    struct key_day *days = arena_array(arena, struct key_day, count + 1);
    size_t sum_count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (keys[at].id != uses[i].key) {
            at++; /* nothing of other keys was asked for */
        }
        days[i] = (struct key_day){format_date(arena, call->language, uses[i].day * USEC_DAY), keys[at].name,
                                   keys[at].prefix, uses[i].calls, uses[i].records};
    }
    for (size_t at = 0; at < key_count; at++) {
        struct key_sum sum = {.name = keys[at].name, .prefix = keys[at].prefix};
        for (size_t i = 0; i < count; i++) {
            bool is_its = uses[i].key == keys[at].id;
            sum.calls += is_its ? uses[i].calls : 0;
            sum.records += is_its ? uses[i].records : 0;
        }
        if (sum.calls) {
            sums[sum_count++] = sum;
        }
    }
    view->sums = (struct tpl_list){sums, sum_count};
    view->days = (struct tpl_list){days, count};
    view->has_calls = sum_count > 0;
}

static enum err fill(struct call *call, struct key_uses_page *view)
{
    const struct api_key *keys;
    const struct key_use *uses;
    size_t key_count, count;
    int64_t today = period_of(GRAIN_DAY, analytics_settings(call->app->analytics)->clock());
    TRY(api_key_list(call->scope, call->app->identity, call->actor->user, &keys, &key_count));
    int64_t *ids = arena_array(&call->scope->arena, int64_t, key_count + 1);
    for (size_t i = 0; i < key_count; i++) {
        ids[i] = keys[i].id;
    }
    TRY(figures_keys(call->scope, catalog_database(call->app->catalog), ids, key_count, today - DAYS + 1, today, &uses,
                     &count));
    list_days(call, keys, key_count, uses, count, view);
    return ERR_OK;
}

enum err account_key_uses(struct call *call)
{
    struct key_uses_page view = {.is_counted = call->app->analytics != NULL,
                                 .navigation = account_navigation(call, "/account/keys")};
    if (view.is_counted) {
        TRY(fill(call, &view));
    }
    struct page page = {.title = MSG_ACCOUNT_KEY_USES_TITLE, .body = &key_uses_template, .data = &view};
    page_send(call, &page);
    return ERR_OK;
}
