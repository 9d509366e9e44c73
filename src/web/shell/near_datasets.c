#include "web/shell/near_datasets.h"

#include "base/utf8.h"
#include "base/vec.h"
#include "domain/catalog/search.h"
#include "domain/catalog/version.h"
#include "platform/text/near.h"

#define SHOWN 5
#define VERSIONS_SHOWN 20
#define FOUND_MOST 20 /* of the search, looked up among the datasets */
#define ID_BYTES 100  /* no id is longer */
#define DISTANCE_MOST 3

static const struct tpl_member near_members[] = {TPL_TEXT(struct near_dataset, title),
                                                 TPL_URL(struct near_dataset, address)};
const struct tpl_struct near_dataset_struct = TPL_STRUCT(struct near_dataset, near_members);

typedef VEC(const struct dataset *) dataset_list;

/* Short ids are near when they differ by one letter, long ones by three. */
static int farthest(str id)
{
    return id.n < 5 ? 1 : id.n < 9 ? 2 : DISTANCE_MOST;
}

static void add(struct call *call, dataset_list *list, const struct dataset *dataset)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == dataset) {
            return;
        }
    }
    if (list->count < SHOWN) {
        vec_add(&call->scope->arena, list, dataset);
    }
}

/* The nearest ids first; those of a distance in the order of the catalogue. */
static void add_by_id(struct call *call, str id, dataset_list *list)
{
    dataset_list by_distance[DISTANCE_MOST + 1] = {0};
    int most = farthest(id);
    for (size_t i = 0; i < call->snapshot->count; i++) {
        const struct dataset *dataset = call->snapshot->datasets[i];
        int distance = text_distance(id, dataset->id, most);
        if (distance <= most && by_distance[distance].count < SHOWN) {
            vec_add(&call->scope->arena, &by_distance[distance], dataset);
        }
    }
    for (int distance = 0; distance <= most; distance++) {
        for (size_t i = 0; i < by_distance[distance].count; i++) {
            add(call, list, by_distance[distance].items[i]);
        }
    }
}

static const struct dataset *find_number(const struct snapshot *snapshot, int64_t number)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        if (snapshot->datasets[i]->number == number) {
            return snapshot->datasets[i];
        }
    }
    return NULL; /* not there for who asks */
}

/* Labels of fields are left out, which may be hidden from who asks. */
static void add_by_words(struct call *call, str id, dataset_list *list)
{
    struct search_options options = {.parts = SEARCH_TITLE | SEARCH_KEYWORD, .is_fuzzy = true};
    struct search_matches matches = {0};
    char *words = arena_alloc(&call->scope->arena, id.n + 1);
    for (size_t i = 0; i < id.n; i++) {
        words[i] = id.p[i] == '-' || id.p[i] == '_' ? ' ' : id.p[i];
    }
    if (catalog_search(call->scope, call->app->catalog, (str){words, id.n}, &options, &matches) != ERR_OK) {
        scope_forgive(call->scope);
        return;
    }
    for (size_t i = 0; i < matches.count && i < FOUND_MOST && list->count < SHOWN; i++) {
        const struct dataset *dataset = find_number(call->snapshot, matches.numbers[i]);
        if (dataset) {
            add(call, list, dataset);
        }
    }
}

struct tpl_list near_datasets(struct call *call, str id)
{
    dataset_list found = {0};
    struct arena *arena = &call->scope->arena;
    id = str_lower_ascii(arena, utf8_truncate(id, ID_BYTES));
    if (id.n == 0 || !utf8_is_valid(id)) {
        return (struct tpl_list){0};
    }
    add_by_id(call, id, &found);
    add_by_words(call, id, &found);
    struct near_dataset *views = arena_array(arena, struct near_dataset, found.count + 1);
    for (size_t i = 0; i < found.count; i++) {
        const struct dataset *dataset = found.items[i];
        views[i] = (struct near_dataset){
            .title = dataset->title.n ? dataset->title : dataset->id,
            .address = str_printf(arena, "/explore/dataset/%.*s/", STR_ARG(dataset->id))};
    }
    return (struct tpl_list){views, found.count};
}

size_t near_datasets_some_words(struct call *call, str text, const struct dataset **ret_datasets)
{
    struct search_options options = {.parts = SEARCH_EVERYWHERE & ~(unsigned)SEARCH_LABELS,
                                     .is_any = true, .is_fuzzy = true};
    struct search_matches matches = {0};
    size_t count = 0;
    if (catalog_search(call->scope, call->app->catalog, text, &options, &matches) != ERR_OK) {
        scope_forgive(call->scope);
        return 0;
    }
    /* Of too many to be ranked those in whose titles a word occurs come first. */
    bool by_title = !matches.is_ranked && matches.in_title_count > 0;
    const int64_t *numbers = by_title ? matches.in_title : matches.numbers;
    size_t found = by_title ? matches.in_title_count : matches.count;
    for (size_t i = 0; i < found && i < FOUND_MOST && count < NEAR_DATASETS_MOST; i++) {
        const struct dataset *dataset = find_number(call->snapshot, numbers[i]);
        if (dataset) {
            ret_datasets[count++] = dataset;
        }
    }
    return count;
}

struct tpl_list near_versions(struct call *call, const struct dataset *dataset)
{
    struct arena *arena = &call->scope->arena;
    const struct version *versions;
    size_t count;
    if (catalog_versions(call->scope, call->app->catalog, dataset->uid, VERSIONS_SHOWN, &versions, &count) != ERR_OK) {
        scope_forgive(call->scope);
        return (struct tpl_list){0};
    }
    struct near_dataset *near = arena_array(arena, struct near_dataset, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct message_argument arguments[] = {
            ARG_INT("number", versions[i].number),
            ARG_TEXT("date", format_instant_date(arena, call->language, versions[i].created))};
        enum message message = versions[i].is_current ? MSG_PROBLEM_VERSION_CURRENT : MSG_PROBLEM_VERSION_ONE;
        near[i].title = message_text(arena, call->language, message, arguments, ARRAY_LENGTH(arguments));
        near[i].address = str_printf(arena, "/explore/dataset/%.*s/version/%lld/", STR_ARG(dataset->id),
                                     (long long)versions[i].number);
    }
    return (struct tpl_list){near, count};
}
