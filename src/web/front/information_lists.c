#include "web/front/information_lists.h"

#include "base/utf8.h"
#include "base/vec.h"
#include "domain/catalog/attachment.h"
#include "domain/catalog/reuse.h"
#include "domain/catalog/version.h"
#include "web/front/first_record.h"
#include "web/front/metadata_view.h"

#define EXAMPLE_BYTES 80
#define VERSIONS_SHOWN 10
#define FILES_SHOWN 100
#define RELATED_SHOWN 3
#define RELATED_KEYWORDS 5
#define RELATED_SUMMARY_BYTES 140

struct information_field {
    str name, label, type, description, unit, example;
    str facet_address; /* of the table with its values to choose from; empty: it is no facet */
    bool has_unit, has_label; /* has_label: one that is not its name */
};

struct information_file {
    str title, kind, size, address, description;
};

struct information_version {
    int64_t number;
    str date, records, note, changes, address;
    bool is_current, has_records;
};

struct information_reuse {
    str title, address, author, description;
};

struct information_dataset {
    str title, address, summary, publisher;
};

static const struct tpl_member reuse_members[] = {
    TPL_TEXT(struct information_reuse, title), TPL_URL(struct information_reuse, address),
    TPL_TEXT(struct information_reuse, author), TPL_TEXT(struct information_reuse, description)};
const struct tpl_struct information_reuse_struct = TPL_STRUCT(struct information_reuse, reuse_members);

static const struct tpl_member field_members[] = {
    TPL_TEXT(struct information_field, name),        TPL_TEXT(struct information_field, label),
    TPL_TEXT(struct information_field, type),        TPL_TEXT(struct information_field, description),
    TPL_TEXT(struct information_field, unit),        TPL_TEXT(struct information_field, example),
    TPL_URL(struct information_field, facet_address),    TPL_BOOL(struct information_field, has_unit),
    TPL_BOOL(struct information_field, has_label)};
const struct tpl_struct information_field_struct = TPL_STRUCT(struct information_field, field_members);

static const struct tpl_member file_members[] = {
    TPL_TEXT(struct information_file, title), TPL_TEXT(struct information_file, kind),
    TPL_TEXT(struct information_file, size), TPL_URL(struct information_file, address),
    TPL_TEXT(struct information_file, description)};
const struct tpl_struct information_file_struct = TPL_STRUCT(struct information_file, file_members);

static const struct tpl_member version_members[] = {
    TPL_INT(struct information_version, number),      TPL_TEXT(struct information_version, date),
    TPL_TEXT(struct information_version, records),    TPL_BOOL(struct information_version, is_current),
    TPL_TEXT(struct information_version, note),       TPL_TEXT(struct information_version, changes),
    TPL_URL(struct information_version, address),     TPL_BOOL(struct information_version, has_records)};
const struct tpl_struct information_version_struct =
    TPL_STRUCT(struct information_version, version_members);

static const struct tpl_member dataset_members[] = {
    TPL_TEXT(struct information_dataset, title), TPL_URL(struct information_dataset, address),
    TPL_TEXT(struct information_dataset, summary), TPL_TEXT(struct information_dataset, publisher)};
const struct tpl_struct information_related_struct =
    TPL_STRUCT(struct information_dataset, dataset_members);

static str present(str text)
{
    return text.n ? text : S("");
}

/* ---- fields ---- */

static str facet_address_of(const struct dataset_page *page, const struct field *field)
{
    str address = dataset_address_with(page, dataset_tab_address(page, TAB_TABLE), S("facet"), field->name);
    return str_printf(&page->call->scope->arena, "%.*s#facet-%.*s", STR_ARG(address), STR_ARG(field->name));
}

enum err information_fields(struct dataset_page *page, struct tpl_list *ret_fields)
{
    struct call *call = page->call;
    json_t *record cleanup_with(json_cleanup) = NULL;
    struct arena *arena = &call->scope->arena;
    size_t count = page->schema->count;
    if (page->has_records) {
        TRY(first_record(call->scope, &page->lease, &page->clauses, page->zone, &record));
    }
    struct information_field *views = arena_array(arena, struct information_field, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &page->schema->fields[i];
        const json_t *value = json_object_getn(record, field->name.p, field->name.n);
        struct value_view example = value_view(call, field, value, EXAMPLE_BYTES);
        str text = str_copy(arena, present(example.text));
        views[i] = (struct information_field){
            .name = field->name,
            .label = field_title(field),
            .type = message_plain(call->language, field_type_label(field)),
            .description = present(field->description),
            .unit = present(field->unit),
            .has_unit = field->unit.n > 0,
            .has_label = !str_eq(field_title(field), field->name),
            .example = example.is_cut ? str_printf(arena, "%.*s…", STR_ARG(text)) : text,
            .facet_address = field->facet ? facet_address_of(page, field) : S("")};
    }
    *ret_fields = (struct tpl_list){views, count};
    return ERR_OK;
}

/* ---- files ---- */

/* "PDF" for report.pdf; empty where a name has no short ending. */
static str kind_of(struct arena *arena, str file_name)
{
    size_t dot = SIZE_MAX;
    for (size_t at = 0; (at = str_find_char(file_name, '.', at)) != SIZE_MAX; at++) {
        dot = at;
    }
    str ending = dot == SIZE_MAX ? S("") : str_slice(file_name, dot + 1, file_name.n);
    char *out = arena_alloc(arena, ending.n + 1);
    for (size_t i = 0; i < ending.n; i++) {
        char c = ascii_lower(ending.p[i]);
        if (ending.n > 8 || !(is_ascii_letter(c) || is_ascii_digit(c))) {
            return S("");
        }
        out[i] = is_ascii_letter(c) ? (char)(c - 32) : c;
    }
    return (str){out, ending.n};
}

enum err information_attachments(struct dataset_page *page, struct tpl_list *ret_files)
{
    struct call *call = page->call;
    struct arena *arena = &call->scope->arena;
    const struct attachment *attachments;
    size_t count;
    TRY(attachments_of(call->scope, page->dataset, &attachments, &count));
    struct information_file *files = arena_array(arena, struct information_file, count + 1);
    for (size_t i = 0; i < count; i++) {
        files[i] = (struct information_file){
            .title = attachments[i].title.n ? attachments[i].title : attachments[i].file_name,
            .kind = kind_of(arena, attachments[i].file_name),
            .size = format_bytes(arena, call->language, attachments[i].bytes),
            .address = str_printf(arena, "/api/explore/v2.1/catalog/datasets/%.*s/attachments/%.*s",
                                  STR_ARG(page->dataset->id), STR_ARG(attachments[i].id)),
            .description = S("")};
    }
    *ret_files = (struct tpl_list){files, count};
    return ERR_OK;
}

enum err information_reuses(struct dataset_page *page, struct tpl_list *ret_reuses)
{
    const struct reuse *reuses;
    size_t count;
    TRY(reuses_of(page->call->scope, page->dataset, &reuses, &count));
    struct information_reuse *items = arena_array(&page->call->scope->arena, struct information_reuse, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct information_reuse){reuses[i].title, reuses[i].address, reuses[i].author,
                                              reuses[i].description};
    }
    *ret_reuses = (struct tpl_list){items, count};
    return ERR_OK;
}

static str copy_member(struct arena *arena, const json_t *object, const char *name)
{
    return str_copy(arena, present(json_read_text(json_object_get(object, name))));
}

struct tpl_list information_exports(struct dataset_page *page, const struct entry *entry)
{
    struct arena *arena = &page->call->scope->arena;
    const json_t *list = json_object_get(entry->document, "alternative_exports");
    VEC(struct information_file) files = {0};
    for (size_t i = 0; i < json_array_size(list) && i < FILES_SHOWN; i++) {
        const json_t *item = json_array_get(list, i);
        str address = copy_member(arena, item, "url");
        str title = copy_member(arena, item, "title");
        if (interop_is_web_address(address)) {
            struct information_file file = {.title = title.n ? title : address,
                                            .kind = copy_member(arena, item, "mimetype"),
                                            .size = S(""),
                                            .address = address,
                                            .description = copy_member(arena, item, "description")};
            vec_add(arena, &files, file);
        }
    }
    return (struct tpl_list){files.items, files.count};
}

/* ---- versions ---- */

/* What it changed, where that is known. */
static str changes_text(struct call *call, const struct version *version)
{
    struct message_argument arguments[] = {ARG_INT("added", version->added), ARG_INT("removed", version->removed),
                                           ARG_INT("changed", version->changed)};
    bool has_changed = version->changed >= 0;
    if (version->added < 0 || version->compared == 0) {
        return S("");
    }
    return message_text(&call->scope->arena, call->language,
                        has_changed ? MSG_INFORMATION_VERSION_COUNTS : MSG_INFORMATION_VERSION_COUNTS_SIMPLE,
                        arguments, has_changed ? 3 : 2);
}

enum err information_versions(struct dataset_page *page, struct tpl_list *ret_versions)
{
    struct call *call = page->call;
    struct arena *arena = &call->scope->arena;
    const struct version *versions;
    size_t count;
    TRY(catalog_versions(call->scope, call->app->catalog, page->dataset->uid, VERSIONS_SHOWN, &versions,
                         &count));
    struct information_version *views = arena_array(arena, struct information_version, count + 1);
    size_t shown = 0;
    bool sees_all = !page->dataset->is_partial && !page->dataset->hidden_count;
    for (size_t i = 0; i < count; i++) {
        views[shown++] = (struct information_version){
            .number = versions[i].number,
            .date = format_instant_date(arena, call->language, versions[i].created),
            .records = format_int(arena, call->language, versions[i].records),
            .note = versions[i].note,
            .changes = sees_all ? changes_text(call, &versions[i]) : S(""),
            .address = dataset_version_path(page, versions[i].number),
            .is_current = versions[i].number == page->current->version,
            .has_records = !page->dataset->is_partial};
    }
    *ret_versions = (struct tpl_list){views, shown};
    return ERR_OK;
}

/* ---- related ---- */

typedef VEC(struct information_dataset) dataset_list;

static enum err add_related(struct dataset_page *page, str id, dataset_list *datasets)
{
    struct call *call = page->call;
    struct arena *arena = &call->scope->arena;
    const struct dataset *dataset;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(snapshot_load(call->scope, call->snapshot, id, &dataset));
    if (!dataset) {
        return ERR_OK;
    }
    TRY(json_read(call->scope, ERR_INTERNAL, dataset->metadata.n ? dataset->metadata : S("{}"), "metadata",
                  &metadata));
    str title = json_read_text(metadata_value(metadata, page->lang, S("default"), S("title")));
    str description = json_read_text(metadata_value(metadata, page->lang, S("default"), S("description")));
    str publisher = json_read_text(metadata_value(metadata, page->lang, S("default"), S("publisher")));
    struct information_dataset view = {
        .title = str_copy(arena, title.n ? title : dataset->id),
        .address = str_printf(arena, "/explore/dataset/%.*s/", STR_ARG(dataset->id)),
        .summary = description_plain(arena, present(description), RELATED_SUMMARY_BYTES),
        .publisher = str_copy(arena, present(publisher))};
    vec_add(arena, datasets, view);
    return ERR_OK;
}

/* Ids of the datasets that a condition finds, copied: the lease is one of few. */
static enum err find_related(struct dataset_page *page, str condition, const str *known, size_t known_count,
                             str *ret_ids, size_t *ret_count)
{
    struct call *call = page->call;
    struct scope *scope = call->scope;
    struct records_lease lease cleanup_with(records_release) = {0};
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct clauses clauses = {.select = S("dataset_id"), .where = &condition, .where_count = 1,
                              .limit = RELATED_SHOWN + 1 + (int64_t)known_count,
                              .now = page->clauses.now, .lang = page->clauses.lang};
    struct plan *plan;
    const struct batch *batch;
    *ret_count = 0;
    TRY(records_lease_catalogue(scope, call->app->records, call->snapshot, page->lang, &lease));
    TRY(odsql_compile(scope, &lease.source, &clauses, &plan));
    TRY(db_run(scope, lease.db, &plan->rows, &cursor));
    for (;;) {
        TRY(cursor_next(scope, cursor, &batch));
        if (!batch) {
            return ERR_OK;
        }
        for (size_t row = 0; row < batch->rows; row++) {
            str id = batch->columns[plan->outputs[0].column].texts[row];
            bool is_known = str_eq(id, page->dataset->id);
            for (size_t i = 0; i < known_count; i++) {
                is_known |= str_eq(id, known[i]);
            }
            if (!is_known && *ret_count + known_count < RELATED_SHOWN) {
                ret_ids[(*ret_count)++] = str_copy(&scope->arena, id);
            }
        }
    }
}

static str keyword_condition(struct arena *arena, const struct entry *entry)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    str keyword;
    for (size_t i = 0; i < RELATED_KEYWORDS && (keyword = entry_item(entry, "default", "keyword", i)).p; i++) {
        buf_add(&out, i ? S(" or keyword = ") : S("keyword = "));
        buf_add(&out, odsql_literal(arena, keyword));
    }
    return buf_copy(&out, arena);
}

enum err information_related(struct dataset_page *page, const struct entry *entry, struct tpl_list *ret_related)
{
    struct arena *arena = &page->call->scope->arena;
    str ids[RELATED_SHOWN];
    size_t count = 0;
    size_t more = 0;
    dataset_list datasets = {0};
    str keywords = keyword_condition(arena, entry);
    str publisher = entry_text(entry, "default", "publisher");
    if (keywords.n) {
        TRY(find_related(page, keywords, NULL, 0, ids, &count));
    }
    if (count < RELATED_SHOWN && publisher.n) {
        str same = str_printf(arena, "publisher = %.*s", STR_ARG(odsql_literal(arena, publisher)));
        TRY(find_related(page, same, ids, count, ids + count, &more));
    }
    for (size_t i = 0; i < count + more; i++) {
        TRY(add_related(page, ids[i], &datasets));
    }
    *ret_related = (struct tpl_list){datasets.items, datasets.count};
    return ERR_OK;
}
