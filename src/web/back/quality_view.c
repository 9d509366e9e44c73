#include "web/back/quality_view.h"

#include <stdlib.h>

#include "base/vec.h"
#include "web/back/dataset_frame.h"

#define GOOD_SCORE 80
#define FAIR_SCORE 50

struct quality_item {
    str address, text;
    int64_t points;
    int position;
};

struct quality_view {
    int64_t score;
    str kind; /* classes of its tag */
    bool is_complete;
    struct tpl_list missing;
};

static const struct tpl_member item_members[] = {TPL_URL(struct quality_item, address),
                                                 TPL_TEXT(struct quality_item, text),
                                                 TPL_INT(struct quality_item, points)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct quality_item, item_members);
static const struct tpl_member view_members[] = {TPL_INT(struct quality_view, score),
                                                 TPL_TEXT(struct quality_view, kind),
                                                 TPL_BOOL(struct quality_view, is_complete),
                                                 TPL_LIST(struct quality_view, missing, item_struct)};
static const struct tpl_struct view_struct = TPL_STRUCT(struct quality_view, view_members);
const struct tpl_binding quality_template = {"back/quality", &view_struct};

str office_metadata_anchor(const struct call *call, str template_name, str name)
{
    return str_printf(&call->scope->arena, "%.*s-%.*s", STR_ARG(template_name), STR_ARG(name));
}

str office_quality_address(const struct call *call, str dataset, enum quality_check check, str field)
{
    const struct quality_row *row = &quality_rows()[check];
    struct arena *arena = &call->scope->arena;
    if (row->template_name.n == 0) {
        str path = office_dataset_address(call, dataset, "/metadata/fields");
        struct buf out cleanup_with(buf_cleanup) = {0};
        buf_printf(&out, "%.*s?field=", STR_ARG(path));
        url_encode(&out, field);
        buf_printf(&out, "#%.*s", STR_ARG(row->name));
        return buf_copy(&out, arena);
    }
    return str_printf(arena, "%.*s?template=%.*s#%.*s", STR_ARG(office_dataset_address(call, dataset, "/metadata")),
                      STR_ARG(row->template_name), STR_ARG(office_metadata_anchor(call, row->template_name, row->name)));
}

str office_quality_text(const struct call *call, enum quality_check check, const struct quality_result *result)
{
    switch (check) {
    case QUALITY_LABELS:
        return office_tell(call, MSG_QUALITY_LABELS, ARG_INT("count", result->missing));
    case QUALITY_TEXTS:
        return office_tell(call, MSG_QUALITY_TEXTS, ARG_INT("count", result->missing));
    case QUALITY_DESCRIPTION:
        return office_say(call, result->points ? MSG_QUALITY_DESCRIPTION_LONGER : MSG_QUALITY_DESCRIPTION);
    default:
        break;
    }
    return office_say(call, message_find(str_printf(&call->scope->arena, "quality.%.*s",
                                                    STR_ARG(quality_rows()[check].key))));
}

/* What gives most stands first, else the order of the form. */
static int compare_items(const void *a, const void *b)
{
    const struct quality_item *first = a;
    const struct quality_item *second = b;
    if (first->points != second->points) {
        return first->points > second->points ? -1 : 1;
    }
    return first->position - second->position;
}

enum err office_quality(struct call *call, const struct dataset *dataset, struct html *ret_html)
{
    struct quality quality;
    VEC(struct quality_item) items = {0};
    TRY(quality_of(call->scope, dataset, &quality));
    for (int i = 0; i < QUALITY__COUNT; i++) {
        const struct quality_result *result = &quality.results[i];
        int lost = quality_rows()[i].weight - result->points;
        if (result->applies && lost) {
            enum quality_check check = (enum quality_check)i;
            vec_add(&call->scope->arena, &items,
                    (struct quality_item){office_quality_address(call, dataset->id, check, result->field),
                                          office_quality_text(call, check, result), lost, i});
        }
    }
    if (items.count) {
        qsort(items.items, items.count, sizeof(items.items[0]), compare_items);
    }
    struct quality_view view = {.score = quality.score,
                                .kind = quality.score >= GOOD_SCORE   ? S("tag success")
                                        : quality.score >= FAIR_SCORE ? S("tag info")
                                                                      : S("tag warning"),
                                .is_complete = items.count == 0,
                                .missing = {items.items, items.count}};
    *ret_html = tpl_html(call->scope, call->app->tpl, &quality_template, call->language, &view);
    return ERR_OK;
}
