/* The tab Versions: what was published, by whom, what it changed, and which one visitors see. */
#include "web/back/versions.h"

#include "base/json_write.h"
#include "base/num.h"
#include "web/back/form.h"
#include "web/back/routes.h"

#define SHOWN_MOST 1000

struct version_item {
    str number, date, author, note, source, records, changes, size, csrf, address;
    str compare_address, current_address, pin_address, unpin_address, delete_address, make_current;
    bool is_current, is_pinned, may_change, may_drop, has_before;
};

struct version_choice {
    str number;
    bool is_from, is_to;
};

struct versions_page {
    str lead, keep, csrf, keep_address, compare_address, source_address;
    bool found, may_change, has_two;
    struct tpl_list versions, choices;
};

static const struct tpl_member item_members[] = {
    TPL_TEXT(struct version_item, number),         TPL_TEXT(struct version_item, date),
    TPL_TEXT(struct version_item, author),         TPL_TEXT(struct version_item, note),
    TPL_TEXT(struct version_item, source),         TPL_TEXT(struct version_item, records),
    TPL_TEXT(struct version_item, changes),        TPL_TEXT(struct version_item, size),
    TPL_TEXT(struct version_item, csrf),           TPL_URL(struct version_item, address),
    TPL_URL(struct version_item, compare_address), TPL_URL(struct version_item, current_address),
    TPL_URL(struct version_item, pin_address),     TPL_URL(struct version_item, unpin_address),
    TPL_URL(struct version_item, delete_address),  TPL_TEXT(struct version_item, make_current),
    TPL_BOOL(struct version_item, is_current),     TPL_BOOL(struct version_item, is_pinned),
    TPL_BOOL(struct version_item, may_change),     TPL_BOOL(struct version_item, may_drop),
    TPL_BOOL(struct version_item, has_before)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct version_item, item_members);

static const struct tpl_member choice_members[] = {TPL_TEXT(struct version_choice, number),
                                                   TPL_BOOL(struct version_choice, is_from),
                                                   TPL_BOOL(struct version_choice, is_to)};
static const struct tpl_struct choice_struct = TPL_STRUCT(struct version_choice, choice_members);

static const struct tpl_member page_members[] = {
    TPL_TEXT(struct versions_page, lead),         TPL_TEXT(struct versions_page, keep),
    TPL_TEXT(struct versions_page, csrf),         TPL_URL(struct versions_page, keep_address),
    TPL_URL(struct versions_page, compare_address), TPL_BOOL(struct versions_page, found),
    TPL_URL(struct versions_page, source_address), TPL_BOOL(struct versions_page, may_change),   TPL_BOOL(struct versions_page, has_two),
    TPL_LIST(struct versions_page, versions, item_struct),
    TPL_LIST(struct versions_page, choices, choice_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct versions_page, page_members);
const struct tpl_binding versions_template = {"back/versions", &page_struct};

str versions_counts(struct call *call, int64_t added, int64_t removed, int64_t changed)
{
    struct message_argument arguments[] = {ARG_INT("added", added), ARG_INT("removed", removed),
                                           ARG_INT("changed", changed)};
    if (added < 0) {
        return office_say(call, MSG_BACKOFFICE_VERSIONS_NOT_COUNTED);
    }
    return message_text(&call->scope->arena, call->language,
                        changed >= 0 ? MSG_INFORMATION_VERSION_COUNTS : MSG_INFORMATION_VERSION_COUNTS_SIMPLE,
                        arguments, changed >= 0 ? 3 : 2);
}

static str version_address(struct call *call, const struct dataset *dataset, int64_t number, const char *action)
{
    str path = str_printf(&call->scope->arena, "/versions/%lld%s", (long long)number, action);
    return office_dataset_address(call, dataset->id, path.p);
}

/* Without the directory it was read from, which is of no use to people. */
static str file_name(str source)
{
    for (size_t i = source.n; i > 0; i--) {
        if (source.p[i - 1] == '/' && i < source.n) {
            return str_slice(source, i, source.n);
        }
    }
    return source;
}

static struct version_item show(struct call *call, const struct dataset *dataset, const struct version *version,
                                bool may_change, str csrf)
{
    struct arena *arena = &call->scope->arena;
    struct version_item item = {
        .number = str_printf(arena, "%lld", (long long)version->number),
        .date = office_instant(call, version->created, MESSAGE_NONE),
        .author = version->author.n ? version->author : office_say(call, MSG_BACKOFFICE_AUDIT_COMMAND_LINE),
        .note = version->note,
        .source = file_name(version->source),
        .records = format_int(arena, call->language, version->records),
        .changes = version->compared == 0 ? office_say(call, MSG_BACKOFFICE_VERSIONS_FIRST)
                                          : versions_counts(call, version->added, version->removed, version->changed),
        .size = format_bytes(arena, call->language, version->bytes),
        .csrf = csrf,
        .address = str_printf(arena, "/explore/dataset/%.*s/version/%lld/", STR_ARG(dataset->id),
                              (long long)version->number),
        .compare_address = str_printf(
            arena, "%.*s?from=%lld&to=%lld",
            STR_ARG(office_dataset_address(call, dataset->id, "/versions/compare")),
            (long long)version->compared, (long long)version->number),
        .current_address = version_address(call, dataset, version->number, "/current"),
        .pin_address = version_address(call, dataset, version->number, "/pin"),
        .unpin_address = version_address(call, dataset, version->number, "/unpin"),
        .delete_address = version_address(call, dataset, version->number, "/delete"),
        .is_current = version->is_current,
        .is_pinned = version->is_pinned,
        .may_change = may_change,
        .may_drop = may_change && !version->is_pinned && !version->is_current};
    item.make_current = office_say(call, version->number < dataset->version ? MSG_BACKOFFICE_VERSIONS_ROLL_BACK
                                                                            : MSG_BACKOFFICE_VERSIONS_ROLL_FORWARD);
    return item;
}

static bool is_there(const struct version *versions, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (versions[i].number == number) {
            return true;
        }
    }
    return false;
}

static enum err write_json(struct call *call, const struct version *versions, size_t count, int64_t keep)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_int(&json, S("keep"), keep);
    json_key(&json, S("versions"));
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        const struct version *version = &versions[i];
        json_object_begin(&json);
        json_key_int(&json, S("number"), version->number);
        json_key_text(&json, S("created"), office_json_instant(call, version->created));
        json_key_text(&json, S("author"), version->author);
        json_key_text(&json, S("note"), version->note);
        json_key_text(&json, S("source"), file_name(version->source));
        json_key_int(&json, S("records"), version->records);
        json_key_int(&json, S("bytes"), version->bytes);
        json_key_int(&json, S("compared"), version->compared);
        json_key_int(&json, S("added"), version->added);
        json_key_int(&json, S("removed"), version->removed);
        json_key_int(&json, S("changed"), version->changed);
        json_key_bool(&json, S("current"), version->is_current);
        json_key_bool(&json, S("pinned"), version->is_pinned);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    return office_json(call, 200, &out);
}

static struct tpl_list list_choices(struct call *call, const struct dataset *dataset,
                                    const struct version *versions, size_t count)
{
    struct version_choice *choices = arena_array(&call->scope->arena, struct version_choice, count + 1);
    bool has_from = false;
    for (size_t i = 0; i < count; i++) {
        bool is_from = !has_from && versions[i].number != dataset->version;
        choices[i] = (struct version_choice){
            str_printf(&call->scope->arena, "%lld", (long long)versions[i].number), is_from,
            versions[i].number == dataset->version};
        has_from |= is_from;
    }
    return (struct tpl_list){choices, count};
}

static enum err send_page(struct call *call, const struct dataset *dataset, const struct version *versions,
                          size_t count, int64_t keep)
{
    unsigned rights = access_rights(call->scope, call->app->access, call->actor, dataset);
    struct version_item *items = arena_array(&call->scope->arena, struct version_item, count + 1);
    struct versions_page page = {
        .lead = keep ? office_tell(call, MSG_BACKOFFICE_VERSIONS_KEEP_OWN, ARG_INT("count", keep))
                     : office_say(call, MSG_BACKOFFICE_VERSIONS_KEEP_ANY),
        .keep = keep ? str_printf(&call->scope->arena, "%lld", (long long)keep) : S(""),
        .keep_address = office_dataset_address(call, dataset->id, "/versions/keep"),
        .compare_address = office_dataset_address(call, dataset->id, "/versions/compare"),
        .source_address = office_dataset_address(call, dataset->id, "/source"),
        .found = count > 0,
        .has_two = count > 1,
        .may_change = rights & RIGHT_PUBLISH,
        .choices = list_choices(call, dataset, versions, count)};
    page.csrf = page.may_change && !call->ignores_cookies ? csrf_token(call) : S("");
    for (size_t i = 0; i < count; i++) {
        items[i] = show(call, dataset, &versions[i], page.may_change, page.csrf);
        items[i].has_before = is_there(versions, count, versions[i].compared);
    }
    page.versions = (struct tpl_list){items, count};
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = dataset,
                                                                   .tab = OFFICE_TAB_VERSIONS,
                                                                   .body = &versions_template,
                                                                   .data = &page,
                                                                   .is_wide = true});
}

enum err back_versions(struct call *call)
{
    const struct dataset *dataset;
    const struct version *versions;
    size_t count;
    int64_t keep;
    TRY(office_open_dataset(call, RIGHT_EDIT, &dataset));
    TRY(catalog_versions(call->scope, call->app->catalog, dataset->uid, SHOWN_MOST, &versions, &count));
    TRY(catalog_kept(call->scope, call->app->catalog, dataset->id, &keep));
    return page_is_for_script(call) ? write_json(call, versions, count, keep)
                                    : send_page(call, dataset, versions, count, keep);
}
