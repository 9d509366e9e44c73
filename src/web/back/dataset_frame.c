#include "web/back/dataset_frame.h"

#include "web/shell/navigation.h"

struct frame {
    str title, id, state, state_kind, portal_address, export_address;
    struct tpl_list navigation;
    struct html content;
};

static const struct tpl_member frame_members[] = {
    TPL_TEXT(struct frame, title),      TPL_TEXT(struct frame, id),
    TPL_TEXT(struct frame, state),      TPL_TEXT(struct frame, state_kind),
    TPL_URL(struct frame, portal_address), TPL_URL(struct frame, export_address),
    TPL_LIST(struct frame, navigation, navigation_struct), TPL_HTML(struct frame, content)};
static const struct tpl_struct frame_struct = TPL_STRUCT(struct frame, frame_members);
const struct tpl_binding office_dataset_template = {"back/dataset_frame", &frame_struct};

/* Tabs without a path are not there. */
static const struct {
    const char *path;
    enum message label;
    enum right right;
} tabs[OFFICE_TAB__COUNT] = {
    [OFFICE_TAB_OVERVIEW] = {"", MSG_BACKOFFICE_DATASET_OVERVIEW, RIGHT_EDIT},
    [OFFICE_TAB_VERSIONS] = {"/versions", MSG_BACKOFFICE_VERSIONS_TAB, RIGHT_EDIT},
    [OFFICE_TAB_SOURCE] = {"/source", MSG_BACKOFFICE_DATASET_SOURCE, RIGHT_PUBLISH},
    [OFFICE_TAB_METADATA] = {"/metadata", MSG_BACKOFFICE_DATASET_METADATA, RIGHT_EDIT},
    [OFFICE_TAB_ACCESS] = {"/access", MSG_BACKOFFICE_ACCESS_TAB, RIGHT_MANAGE},
};

enum err office_open_dataset(struct call *call, enum right right, const struct dataset **ret_dataset)
{
    str id = call->path_values[0];
    TRY(access_check(call->scope, call->app->access, call->actor, id, right));
    const struct snapshot *whole = catalog_snapshot(call->app->catalog);
    *ret_dataset = NULL;
    enum err result = snapshot_load(call->scope, whole, id, ret_dataset);
    snapshot_unref(whole);
    TRY(result);
    return *ret_dataset ? ERR_OK : dataset_absent(call->scope, id);
}

str office_dataset_address(const struct call *call, str id, const char *action)
{
    return str_printf(&call->scope->arena, "/backoffice/datasets/%.*s%s", STR_ARG(id), action);
}

str office_dataset_title(const struct dataset *dataset)
{
    return dataset->title.n ? dataset->title : dataset->id;
}

str office_dataset_state(const struct call *call, const struct dataset *dataset, str *ret_kind)
{
    *ret_kind = dataset->is_draft        ? S("tag info")
                : dataset->is_restricted ? S("tag warning")
                                         : S("tag success");
    return office_say(call, dataset->is_draft        ? MSG_BACKOFFICE_DATASET_DRAFT
                            : dataset->is_restricted ? MSG_BACKOFFICE_ACCESS_RESTRICTED
                                                     : MSG_BACKOFFICE_ACCESS_PUBLIC);
}

static struct tpl_list list_tabs(struct call *call, const struct office_dataset_page *page)
{
    struct navigation_entry entries[OFFICE_TAB__COUNT];
    size_t count = 0;
    const char *current = "";
    unsigned rights = access_rights(call->scope, call->app->access, call->actor, page->dataset);
    for (size_t i = 0; i < OFFICE_TAB__COUNT; i++) {
        if (tabs[i].path && (rights & (unsigned)tabs[i].right)) {
            const char *address = office_dataset_address(call, page->dataset->id, tabs[i].path).p;
            current = i == (size_t)page->tab ? address : current;
            entries[count++] = (struct navigation_entry){address, tabs[i].label};
        }
    }
    return navigation_list(call, entries, count, current);
}

enum err office_dataset_send(struct call *call, const struct office_dataset_page *page)
{
    const struct dataset *dataset = page->dataset;
    str title = office_dataset_title(dataset);
    str tab = page->title.n ? page->title : office_say(call, tabs[page->tab].label);
    struct frame frame = {
        .title = title,
        .id = dataset->id,
        .portal_address = dataset->version > 0 ? str_printf(&call->scope->arena, "/explore/dataset/%.*s/", STR_ARG(dataset->id))
                                               : S(""),
        .export_address = dataset->version > 0 ? office_dataset_address(call, dataset->id, "/export") : S(""),
        .navigation = list_tabs(call, page),
        .content = tpl_html(call->scope, call->app->tpl, page->body, call->language, page->data)};
    frame.state = office_dataset_state(call, dataset, &frame.state_kind);
    struct office_page whole = {.section = SECTION_DATASETS,
                                .title = str_printf(&call->scope->arena, "%.*s · %.*s", STR_ARG(tab),
                                                    STR_ARG(title)),
                                .body = &office_dataset_template,
                                .data = &frame,
                                .has_errors = page->has_errors,
                                .is_wide = page->is_wide};
    memcpy(whole.scripts, page->scripts, sizeof(whole.scripts));
    return office_send(call, &whole);
}
