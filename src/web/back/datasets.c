/* The datasets that somebody may change: list, filters, selection, and a new draft by a script. */
#include <stdlib.h>

#include "base/json_write.h"
#include "base/vec.h"
#include "domain/catalog/metadata_read.h"
#include "platform/text/fold.h"
#include "web/back/quality_view.h"
#include "web/back/routes.h"
#include "web/back/work.h"

#define GOOD_ENOUGH 50     /* score of a description below which it is a problem */
#define MEASURED_MOST 2000 /* descriptions that are measured for one list */

struct option_item {
    str value, label;
    bool chosen;
};

struct dataset_item {
    str address, id, title, state, state_kind, records, modified, size, problem, score, box;
};

struct datasets_page {
    str query, total, unmeasured;
    bool found, is_paged, may_create, has_any;
    int64_t page, pages;
    str previous_page, next_page;
    struct tpl_list datasets, states, problems, owners, sorts;
};

static const struct tpl_member option_members[] = {TPL_TEXT(struct option_item, value),
                                                   TPL_TEXT(struct option_item, label),
                                                   TPL_BOOL(struct option_item, chosen)};
static const struct tpl_struct option_struct = TPL_STRUCT(struct option_item, option_members);

static const struct tpl_member item_members[] = {
    TPL_URL(struct dataset_item, address),     TPL_TEXT(struct dataset_item, id),
    TPL_TEXT(struct dataset_item, title),      TPL_TEXT(struct dataset_item, state),
    TPL_TEXT(struct dataset_item, state_kind), TPL_TEXT(struct dataset_item, records),
    TPL_TEXT(struct dataset_item, modified),   TPL_TEXT(struct dataset_item, size),
    TPL_TEXT(struct dataset_item, problem),    TPL_TEXT(struct dataset_item, score),
    TPL_TEXT(struct dataset_item, box)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct dataset_item, item_members);

static const struct tpl_member page_members[] = {
    TPL_TEXT(struct datasets_page, query),        TPL_TEXT(struct datasets_page, total),
    TPL_TEXT(struct datasets_page, unmeasured),
    TPL_BOOL(struct datasets_page, found),        TPL_BOOL(struct datasets_page, is_paged),
    TPL_BOOL(struct datasets_page, may_create),   TPL_BOOL(struct datasets_page, has_any),
    TPL_INT(struct datasets_page, page),          TPL_INT(struct datasets_page, pages),
    TPL_URL(struct datasets_page, previous_page), TPL_URL(struct datasets_page, next_page),
    TPL_LIST(struct datasets_page, datasets, item_struct),
    TPL_LIST(struct datasets_page, states, option_struct),
    TPL_LIST(struct datasets_page, problems, option_struct),
    TPL_LIST(struct datasets_page, owners, option_struct),
    TPL_LIST(struct datasets_page, sorts, option_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct datasets_page, page_members);
const struct tpl_binding datasets_template = {"back/datasets", &page_struct};

/* ---- what is asked for ---- */

struct list_choice {
    const char *value;
    enum message label;
};

static const struct list_choice states[] = {{"", MSG_BACKOFFICE_DATASETS_ANY_STATE},
                                       {"draft", MSG_BACKOFFICE_DATASET_DRAFT},
                                       {"restricted", MSG_BACKOFFICE_ACCESS_RESTRICTED},
                                       {"public", MSG_BACKOFFICE_ACCESS_PUBLIC}};
static const struct list_choice problems[] = {{"", MSG_BACKOFFICE_DATASETS_ANY_PROBLEM},
                                         {"job", MSG_BACKOFFICE_PROBLEM_JOB},
                                         {"records", MSG_BACKOFFICE_PROBLEM_RECORDS},
                                         {"description", MSG_BACKOFFICE_PROBLEM_DESCRIPTION}};
static const struct list_choice owners[] = {{"", MSG_BACKOFFICE_DATASETS_ALL}, {"own", MSG_BACKOFFICE_DATASETS_OWN}};
static const struct list_choice sorts[] = {{"title", MSG_BACKOFFICE_DATASETS_BY_TITLE},
                                      {"modified", MSG_BACKOFFICE_DATASETS_BY_MODIFIED},
                                      {"records", MSG_BACKOFFICE_DATASETS_BY_RECORDS},
                                      {"size", MSG_BACKOFFICE_DATASETS_BY_SIZE}};

struct wanted {
    str words, folded, state, problem, owner, sort;
    int64_t measured, unmeasured; /* descriptions, and those that were too many to be */
};

/* The value of a parameter when it is one of the choices; else the first. */
static str chosen(const struct call *call, const char *name, const struct list_choice *choices, size_t count)
{
    str value = call_query(call, str_from(name));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(str_from(choices[i].value), value)) {
            return str_from(choices[i].value);
        }
    }
    return str_from(choices[0].value);
}

static struct wanted read_wanted(struct call *call)
{
    struct wanted wanted = {.words = str_trim(call_query(call, S("q"))),
                            .state = chosen(call, "state", states, ARRAY_LENGTH(states)),
                            .problem = chosen(call, "problem", problems, ARRAY_LENGTH(problems)),
                            .owner = chosen(call, "owner", owners, ARRAY_LENGTH(owners)),
                            .sort = chosen(call, "sort", sorts, ARRAY_LENGTH(sorts))};
    wanted.folded = text_fold(&call->scope->arena, wanted.words);
    return wanted;
}

static struct tpl_list list_options(struct call *call, const struct list_choice *choices, size_t count, str value)
{
    struct option_item *items = arena_array(&call->scope->arena, struct option_item, count);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct option_item){str_from(choices[i].value), office_say(call, choices[i].label),
                                        str_eq(str_from(choices[i].value), value)};
    }
    return (struct tpl_list){items, count};
}

/* -1: its description cannot be read. */
static int score_of(struct call *call, const struct dataset *light)
{
    struct quality quality;
    struct dataset *dataset;
    struct scope own;
    int score = -1;
    scope_open(&own);
    if (dataset_load_stored(&own, call->snapshot, light, NULL, &dataset) == ERR_OK &&
        quality_of(&own, dataset, &quality) == ERR_OK) {
        score = quality.score;
    }
    scope_close(&own);
    return score;
}

static bool is_poor(struct call *call, struct wanted *wanted, const struct dataset *dataset)
{
    if (wanted->measured == MEASURED_MOST) {
        wanted->unmeasured++;
        return false;
    }
    wanted->measured++;
    return score_of(call, dataset) < GOOD_ENOUGH;
}

static bool fits(struct call *call, struct wanted *wanted, const struct work_item *item)
{
    const struct dataset *dataset = item->dataset;
    str state = dataset->is_draft ? S("draft") : dataset->is_restricted ? S("restricted") : S("public");
    bool is_wanted =
        (wanted->folded.n == 0 || str_find(dataset->id, wanted->folded, 0) != SIZE_MAX ||
         str_find(text_fold(&call->scope->arena, office_dataset_title(dataset)), wanted->folded, 0) != SIZE_MAX) &&
        (wanted->state.n == 0 || str_eq(wanted->state, state)) && (wanted->owner.n == 0 || item->is_own) &&
        (!str_eq(wanted->problem, S("job")) || item->failed) &&
        (!str_eq(wanted->problem, S("records")) || work_is_empty(item));
    return is_wanted && (!str_eq(wanted->problem, S("description")) || is_poor(call, wanted, dataset));
}

/* ---- order ---- */

static int by_title(const void *a, const void *b)
{
    const struct work_item *left = *(const struct work_item *const *)a;
    const struct work_item *right = *(const struct work_item *const *)b;
    int order = str_compare(office_dataset_title(left->dataset), office_dataset_title(right->dataset));
    return order ? order : str_compare(left->dataset->id, right->dataset->id);
}

/* The highest first, then by title. */
static int by_number(const void *a, const void *b, int64_t left, int64_t right)
{
    return left == right ? by_title(a, b) : left < right ? 1 : -1;
}

static int by_modified(const void *a, const void *b)
{
    return by_number(a, b, (*(const struct work_item *const *)a)->dataset->modified,
                     (*(const struct work_item *const *)b)->dataset->modified);
}

static int by_records(const void *a, const void *b)
{
    return by_number(a, b, (*(const struct work_item *const *)a)->dataset->records_count,
                     (*(const struct work_item *const *)b)->dataset->records_count);
}

static int by_size(const void *a, const void *b)
{
    return by_number(a, b, (*(const struct work_item *const *)a)->bytes, (*(const struct work_item *const *)b)->bytes);
}

typedef VEC(const struct work_item *) item_list;

static void sort_items(item_list *list, str sort)
{
    int (*compare)(const void *a, const void *b) = str_eq(sort, S("modified"))  ? by_modified
                                                   : str_eq(sort, S("records")) ? by_records
                                                   : str_eq(sort, S("size"))    ? by_size
                                                                                : by_title;
    if (list->count) {
        qsort(list->items, list->count, sizeof(*list->items), compare);
    }
}

/* ---- showing ---- */

static str problem_text(struct call *call, const struct work_item *item)
{
    return item->failed            ? office_say(call, MSG_BACKOFFICE_PROBLEM_JOB)
           : work_is_empty(item) ? office_say(call, MSG_BACKOFFICE_PROBLEM_RECORDS)
                                   : S("");
}

static struct dataset_item show(struct call *call, const struct work_item *work)
{
    const struct dataset *dataset = work->dataset;
    struct arena *arena = &call->scope->arena;
    int score = score_of(call, dataset);
    struct dataset_item item = {
        .address = office_dataset_address(call, dataset->id, ""),
        .id = dataset->id,
        .box = str_printf(arena, "choose-%.*s", STR_ARG(dataset->id)),
        .title = office_dataset_title(dataset),
        .records = dataset->version ? format_int(arena, call->language, dataset->records_count) : S("–"),
        .modified = office_instant(call, dataset->modified, MESSAGE_NONE),
        .size = format_bytes(arena, call->language, work->bytes),
        .score = score < 0 ? S("–") : str_printf(arena, "%d", score),
        .problem = problem_text(call, work)};
    item.state = office_dataset_state(call, dataset, &item.state_kind);
    return item;
}

static void add_parameter(struct buf *out, const char *name, str value)
{
    if (value.n) {
        buf_printf(out, "%s%s=", out->n ? "&" : "", name);
        url_encode(out, value);
    }
}

static str query_of(struct call *call, const struct wanted *wanted)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    add_parameter(&out, "q", wanted->words);
    add_parameter(&out, "state", wanted->state);
    add_parameter(&out, "problem", wanted->problem);
    add_parameter(&out, "owner", wanted->owner);
    add_parameter(&out, "sort", str_eq(wanted->sort, S("title")) ? S("") : wanted->sort);
    return buf_copy(&out, &call->scope->arena);
}

static void write_item(struct call *call, struct json_writer *json, const struct work_item *item)
{
    const struct dataset *dataset = item->dataset;
    json_object_begin(json);
    json_key_text(json, S("id"), dataset->id);
    json_key_text(json, S("uid"), dataset->uid);
    json_key_text(json, S("title"), dataset->title);
    json_key_text(json, S("state"),
                  dataset->is_draft ? S("draft") : dataset->is_restricted ? S("restricted") : S("public"));
    json_key_int(json, S("version"), dataset->version);
    json_key_int(json, S("records"), dataset->records_count);
    json_key_int(json, S("bytes"), item->bytes);
    json_key_text(json, S("modified"), office_json_instant(call, dataset->modified));
    json_key_text_or_null(json, S("problem"),
                          item->failed ? S("job") : work_is_empty(item) ? S("records") : STR_NONE);
    json_object_end(json);
}

static enum err send_json(struct call *call, const struct wanted *wanted, const item_list *list,
                          const struct office_pages *pages)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_int(&json, S("total_count"), (int64_t)list->count);
    json_key_int(&json, S("unmeasured"), wanted->unmeasured);
    json_key_int(&json, S("page"), pages->page);
    json_key_int(&json, S("pages"), pages->pages);
    json_key(&json, S("datasets"));
    json_array_begin(&json);
    for (size_t i = pages->from; i < pages->to; i++) {
        write_item(call, &json, list->items[i]);
    }
    json_array_end(&json);
    json_object_end(&json);
    return office_json(call, 200, &out);
}

static enum err send_page(struct call *call, const struct work *work, const struct wanted *wanted,
                          const item_list *list, const struct office_pages *pages)
{
    struct dataset_item *items = arena_array(&call->scope->arena, struct dataset_item, OFFICE_PAGE_ITEMS);
    for (size_t i = pages->from; i < pages->to; i++) {
        items[i - pages->from] = show(call, list->items[i]);
    }
    struct datasets_page page = {
        .query = wanted->words,
        .total = office_tell(call, MSG_BACKOFFICE_DATASETS_TOTAL, ARG_INT("count", (int64_t)list->count)),
        .unmeasured = wanted->unmeasured ? office_tell(call, MSG_BACKOFFICE_DATASETS_UNMEASURED,
                                                       ARG_INT("count", wanted->unmeasured), ARG_INT("most", MEASURED_MOST))
                                         : S(""),
        .found = list->count > 0,
        .has_any = work->count > 0,
        .may_create = actor_has_role(call->actor, ROLE_PUBLISHER),
        .is_paged = pages->pages > 1,
        .page = pages->page,
        .pages = pages->pages,
        .previous_page = pages->previous_page,
        .next_page = pages->next_page,
        .states = list_options(call, states, ARRAY_LENGTH(states), wanted->state),
        .problems = list_options(call, problems, ARRAY_LENGTH(problems), wanted->problem),
        .owners = list_options(call, owners, ARRAY_LENGTH(owners), wanted->owner),
        .sorts = list_options(call, sorts, ARRAY_LENGTH(sorts), wanted->sort),
        .datasets = {items, pages->to - pages->from}};
    return office_send(call, &(struct office_page){.section = SECTION_DATASETS,
                                                   .title = office_say(call, MSG_BACKOFFICE_DATASETS_TITLE),
                                                   .body = &datasets_template,
                                                   .data = &page,
                                                   .is_wide = true});
}

enum err back_datasets(struct call *call)
{
    struct work work;
    item_list list = {0};
    struct wanted wanted = read_wanted(call);
    TRY(work_read(call, &work));
    for (size_t i = 0; i < work.count; i++) {
        if (fits(call, &wanted, &work.items[i])) {
            vec_add(&call->scope->arena, &list, (const struct work_item *)&work.items[i]);
        }
    }
    sort_items(&list, wanted.sort);
    struct office_pages pages = office_pages(call, list.count, "/backoffice/datasets", query_of(call, &wanted));
    return page_is_for_script(call) ? send_json(call, &wanted, &list, &pages)
                                    : send_page(call, &work, &wanted, &list, &pages);
}
