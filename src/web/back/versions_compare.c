/* Two versions of a dataset side by side: what differs in fields and records. */
#include "base/json_write.h"
#include "base/num.h"
#include "base/utf8.h"
#include "domain/records/compare.h"
#include "domain/records/past.h"
#include "domain/records/schema_changes.h"
#include "web/back/routes.h"
#include "web/back/versions.h"
#include "web/back/versions_pairs.h"
#include "web/front/value.h"

#define RECORDS_SHOWN 20
#define RECORDS_PAIRED 60 /* so many removed and added ones are compared for those that are alike */
#define NAMES_SHOWN 2
#define COLUMNS_SHOWN 6
#define VALUE_BYTES 160

struct field_item {
    str name, change, text;
};

struct value_item {
    str record, field;
    str before_start, before, before_end, after_start, after, after_end;
    bool is_seen; /* else the two values look the same where they are shown */
};

struct cell_item {
    str label, text;
};

struct row_item {
    struct tpl_list cells;
};

struct compare_page {
    str heading, counts, records_before, records_after, swap_address, list_address;
    bool has_ids, has_fields, has_changed, has_alike, has_added, has_removed, is_same;
    struct tpl_list fields, changed, alike, added, removed, columns;
};

static const struct tpl_member field_members[] = {
    TPL_TEXT(struct field_item, name), TPL_TEXT(struct field_item, change), TPL_TEXT(struct field_item, text)};
static const struct tpl_struct field_struct = TPL_STRUCT(struct field_item, field_members);

static const struct tpl_member value_members[] = {
    TPL_TEXT(struct value_item, record),     TPL_TEXT(struct value_item, field),
    TPL_TEXT(struct value_item, before),     TPL_TEXT(struct value_item, before_start),
    TPL_TEXT(struct value_item, before_end), TPL_TEXT(struct value_item, after),
    TPL_TEXT(struct value_item, after_start), TPL_TEXT(struct value_item, after_end),
    TPL_BOOL(struct value_item, is_seen)};
static const struct tpl_struct value_struct = TPL_STRUCT(struct value_item, value_members);

static const struct tpl_member cell_members[] = {TPL_TEXT(struct cell_item, label),
                                                 TPL_TEXT(struct cell_item, text)};
static const struct tpl_struct cell_struct = TPL_STRUCT(struct cell_item, cell_members);
static const struct tpl_member row_members[] = {TPL_LIST(struct row_item, cells, cell_struct)};
static const struct tpl_struct row_struct = TPL_STRUCT(struct row_item, row_members);

static const struct tpl_member page_members[] = {
    TPL_TEXT(struct compare_page, heading),        TPL_TEXT(struct compare_page, counts),
    TPL_TEXT(struct compare_page, records_before), TPL_TEXT(struct compare_page, records_after),
    TPL_URL(struct compare_page, swap_address),    TPL_URL(struct compare_page, list_address),
    TPL_BOOL(struct compare_page, has_ids),        TPL_BOOL(struct compare_page, has_fields),
    TPL_BOOL(struct compare_page, has_changed),    TPL_BOOL(struct compare_page, has_added),
    TPL_BOOL(struct compare_page, has_removed),    TPL_BOOL(struct compare_page, is_same),
    TPL_LIST(struct compare_page, fields, field_struct),
    TPL_LIST(struct compare_page, changed, value_struct),
    TPL_BOOL(struct compare_page, has_alike),
    TPL_LIST(struct compare_page, alike, value_struct),
    TPL_LIST(struct compare_page, columns, cell_struct),
    TPL_LIST(struct compare_page, added, row_struct),
    TPL_LIST(struct compare_page, removed, row_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct compare_page, page_members);
const struct tpl_binding versions_compare_template = {"back/versions_compare", &page_struct};

struct compare {
    struct call *call;
    const struct dataset *dataset, *seen, *before, *after;
    bool has_ids;
    struct schema common;
    struct comparison counts;
    bool is_paired;    /* records that are alike are looked for */
    str samples[3][2]; /* by enum difference: JSON of before and after */
};

/* Records before and after side by side, borrowed from the comparison's documents. */
struct changed_records {
    const json_t *before, *after;
};

/* ---- reading ---- */

static enum err read_records(struct compare *compare)
{
    struct version_pair pair cleanup_with(version_pair_close) = {0};
    struct call *call = compare->call;
    TRY(version_pair_open(call->scope, call->app->export_records, compare->before, compare->after, &pair));
    compare->has_ids = pair.has_ids;
    compare->common = pair.common;
    TRY(version_pair_count(call->scope, &pair, &compare->counts));
    compare->is_paired = !compare->has_ids && !page_is_for_script(call) &&
                         compare->counts.added <= RECORDS_PAIRED && compare->counts.removed <= RECORDS_PAIRED;
    int64_t most = compare->is_paired ? RECORDS_PAIRED : RECORDS_SHOWN;
    for (int i = DIFFERENCE_ADDED; i <= DIFFERENCE_CHANGED; i++) {
        TRY(version_pair_sample(call->scope, &pair, (enum difference)i, most, &compare->samples[i][0],
                                &compare->samples[i][1]));
    }
    return ERR_OK;
}

static enum err open_version(struct compare *compare, const char *name, const struct dataset **ret_version)
{
    struct call *call = compare->call;
    int64_t number;
    if (!num_read_int(call_query(call, str_from(name)), &number) || number < 1) {
        return fail(call->scope, ERR_PARAMETER, "%s: the number of a version is expected.", name);
    }
    return dataset_at_version(call->scope, call->app->export_records, call->snapshot, compare->seen, number, ret_version);
}

/* The dataset as his rules show it: a right to change it does not show what they hide. */
static enum err open_seen(struct compare *compare)
{
    struct call *call = compare->call;
    TRY(snapshot_load(call->scope, call->snapshot, compare->dataset->id, &compare->seen));
    if (!compare->seen) {
        return dataset_absent(call->scope, compare->dataset->id);
    }
    return compare->seen->filter_count == 0
               ? ERR_OK
               : fail(call->scope, ERR_DENIED, "Only who may see all records of a dataset compares its versions.");
}

/* ---- showing ---- */

static str change_text(struct call *call, const struct schema_change *change)
{
    struct arena *arena = &call->scope->arena;
    switch (change->kind) {
    case SCHEMA_TYPE:
        return str_printf(arena, "%.*s%s → %.*s%s", STR_ARG(field_type_text(change->before->type)),
                          field_is_list(change->before) ? "[]" : "", STR_ARG(field_type_text(change->after->type)),
                          field_is_list(change->after) ? "[]" : "");
    case SCHEMA_DESCRIBED:
        return str_join(arena, change->aspects, change->aspect_count, sizeof(str), S(", "));
    case SCHEMA_ADDED:
        return field_type_text(change->after->type);
    case SCHEMA_REMOVED:
        return field_type_text(change->before->type);
    }
    return S("");
}

static enum message change_message(enum schema_change_kind kind)
{
    static const enum message messages[] = {
        [SCHEMA_ADDED] = MSG_BACKOFFICE_VERSIONS_FIELD_ADDED, [SCHEMA_REMOVED] = MSG_BACKOFFICE_VERSIONS_FIELD_REMOVED,
        [SCHEMA_TYPE] = MSG_BACKOFFICE_VERSIONS_FIELD_TYPE, [SCHEMA_DESCRIBED] = MSG_BACKOFFICE_VERSIONS_FIELD_DESCRIBED};
    return messages[kind];
}

static struct tpl_list list_fields(const struct compare *compare)
{
    struct call *call = compare->call;
    size_t count;
    const struct schema_change *changes =
        schema_changes(&call->scope->arena, &compare->before->schema, &compare->after->schema, &count);
    struct field_item *items = arena_array(&call->scope->arena, struct field_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct field *field = changes[i].after ? changes[i].after : changes[i].before;
        items[i] = (struct field_item){field->name, office_say(call, change_message(changes[i].kind)),
                                       change_text(call, &changes[i])};
    }
    return (struct tpl_list){items, count};
}

static str value_text(struct call *call, const struct field *field, const json_t *record)
{
    const json_t *value = json_object_getn(record, field->name.p, field->name.n);
    struct value_view view = value_view(call, field, value, VALUE_BYTES);
    return view.is_missing || !view.text.n ? S("–") : str_copy(&call->scope->arena, view.text);
}

/* A difference that is long by its beginning. */
static str shorten_middle(struct arena *arena, str text)
{
    str shown = utf8_truncate(text, VALUE_BYTES);
    return shown.n < text.n ? str_printf(arena, "%.*s…", STR_ARG(shown)) : text;
}

static const json_t *value_of(const struct field *field, const json_t *record)
{
    return json_object_getn(record, field->name.p, field->name.n);
}

/* What says to people which record it is: the values of its id fields, else the first that are the same in both. */
static str record_name(struct call *call, const struct schema *schema, const struct changed_records *pair, bool has_ids)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    size_t shown = 0;
    for (size_t i = 0; i < schema->count && (has_ids || shown < NAMES_SHOWN); i++) {
        const struct field *field = &schema->fields[i];
        const json_t *value = value_of(field, pair->after);
        if (has_ids ? field->id : value && !json_is_null(value) && json_equal(value, value_of(field, pair->before))) {
            buf_add(&out, shown++ ? S(" · ") : S(""));
            buf_add(&out, value_text(call, field, pair->after));
        }
    }
    return buf_copy(&out, &call->scope->arena);
}

static const json_t *same_record(const json_t *records, const json_t *wanted)
{
    for (size_t i = 0; i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i);
        if (json_equal(json_object_get(record, "_id"), json_object_get(wanted, "_id"))) {
            return record;
        }
    }
    return NULL;
}

static struct value_item compare_value(struct call *call, const struct field *field, const struct changed_records *pair)
{
    const json_t *was = value_of(field, pair->before);
    const json_t *value = value_of(field, pair->after);
    struct text_parts before = {.middle = value_text(call, field, pair->before)};
    struct text_parts after = {.middle = value_text(call, field, pair->after)};
    if (field->type == FIELD_TEXT && json_is_string(was) && json_is_string(value)) {
        struct arena *arena = &call->scope->arena;
        split_texts(arena, str_copy(arena, json_read_text(was)), str_copy(arena, json_read_text(value)), &before, &after);
        before.middle = shorten_middle(arena, before.middle);
        after.middle = shorten_middle(arena, after.middle);
    }
    return (struct value_item){.field = field_title(field),
                               .before_start = before.start, .before = before.middle, .before_end = before.end,
                               .after_start = after.start, .after = after.middle, .after_end = after.end,
                               .is_seen = !str_eq(before.middle, after.middle)};
}

static struct tpl_list list_values(const struct compare *compare, const struct changed_records *pairs, size_t count)
{
    struct call *call = compare->call;
    VEC(struct value_item) items = {0};
    for (size_t i = 0; i < count; i++) {
        str name = record_name(call, &compare->common, &pairs[i], compare->has_ids);
        size_t first = items.count;
        for (size_t k = 0; k < compare->common.count; k++) {
            const struct field *field = &compare->common.fields[k];
            if (!json_equal(value_of(field, pairs[i].before), value_of(field, pairs[i].after))) {
                struct value_item item = compare_value(call, field, &pairs[i]);
                item.record = name;
                vec_add(&call->scope->arena, &items, item);
            }
        }
        if (items.count == first) { /* shapes are read by their kind alone, long texts by their beginning */
            vec_add(&call->scope->arena, &items, (struct value_item){.record = name, .field = S("–")});
        }
    }
    return (struct tpl_list){items.items, items.count};
}

static enum err list_changed(const struct compare *compare, struct compare_page *page)
{
    struct call *call = compare->call;
    struct changed_records pairs[RECORDS_SHOWN];
    size_t count = 0;
    json_t *before cleanup_with(json_cleanup) = NULL;
    json_t *after cleanup_with(json_cleanup) = NULL;
    TRY(json_read(call->scope, ERR_INTERNAL, compare->samples[DIFFERENCE_CHANGED][0], "records", &before));
    TRY(json_read(call->scope, ERR_INTERNAL, compare->samples[DIFFERENCE_CHANGED][1], "records", &after));
    for (size_t i = 0; i < json_array_size(after) && count < RECORDS_SHOWN; i++) {
        const json_t *other = same_record(before, json_array_get(after, i));
        if (other) {
            pairs[count++] = (struct changed_records){other, json_array_get(after, i)};
        }
    }
    page->changed = list_values(compare, pairs, count);
    return ERR_OK;
}

static size_t column_count(const struct schema *schema)
{
    return schema->count < COLUMNS_SHOWN ? schema->count : COLUMNS_SHOWN;
}

static struct row_item make_row(struct call *call, const struct schema *schema, const json_t *record)
{
    size_t columns = column_count(schema);
    struct cell_item *cells = arena_array(&call->scope->arena, struct cell_item, columns + 1);
    for (size_t i = 0; i < columns; i++) {
        cells[i] = (struct cell_item){field_title(&schema->fields[i]), value_text(call, &schema->fields[i], record)};
    }
    return (struct row_item){{cells, columns}};
}

/* Those of the records that are not left out. */
static struct tpl_list list_rows(const struct compare *compare, const json_t *records, const bool *left_out)
{
    struct row_item *rows = arena_array(&compare->call->scope->arena, struct row_item, RECORDS_SHOWN);
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(records) && count < RECORDS_SHOWN; i++) {
        if (!left_out[i]) {
            rows[count++] = make_row(compare->call, &compare->common, json_array_get(records, i));
        }
    }
    return (struct tpl_list){rows, count};
}

/* Records that are gone and those that are new; of two that are alike their difference in place of both. */
static enum err list_others(const struct compare *compare, struct compare_page *page)
{
    struct call *call = compare->call;
    struct arena *arena = &call->scope->arena;
    struct changed_records changed[RECORDS_SHOWN];
    size_t count = 0;
    json_t *removed cleanup_with(json_cleanup) = NULL;
    json_t *added cleanup_with(json_cleanup) = NULL;
    TRY(json_read(call->scope, ERR_INTERNAL, compare->samples[DIFFERENCE_REMOVED][0], "records", &removed));
    TRY(json_read(call->scope, ERR_INTERNAL, compare->samples[DIFFERENCE_ADDED][1], "records", &added));
    bool *without_removed = arena_array(arena, bool, json_array_size(removed) + 1);
    bool *without_added = arena_array(arena, bool, json_array_size(added) + 1);
    const size_t *pairs = compare->is_paired ? pair_records(arena, &compare->common, removed, added) : NULL;
    for (size_t i = 0; pairs && i < json_array_size(removed) && count < RECORDS_SHOWN; i++) {
        if (pairs[i] != SIZE_MAX) {
            changed[count++] = (struct changed_records){json_array_get(removed, i), json_array_get(added, pairs[i])};
            without_removed[i] = true;
            without_added[pairs[i]] = true;
        }
    }
    page->alike = list_values(compare, changed, count);
    page->removed = list_rows(compare, removed, without_removed);
    page->added = list_rows(compare, added, without_added);
    return ERR_OK;
}

static struct tpl_list list_columns(const struct compare *compare)
{
    const struct schema *schema = &compare->common;
    struct cell_item *cells = arena_array(&compare->call->scope->arena, struct cell_item, COLUMNS_SHOWN + 1);
    for (size_t i = 0; i < column_count(schema); i++) {
        cells[i] = (struct cell_item){field_title(&schema->fields[i]), S("")};
    }
    return (struct tpl_list){cells, column_count(schema)};
}

static enum err send_page(const struct compare *compare)
{
    struct call *call = compare->call;
    struct arena *arena = &call->scope->arena;
    const struct dataset *before = compare->before;
    const struct dataset *after = compare->after;
    struct compare_page page = {
        .heading = office_tell(call, MSG_BACKOFFICE_VERSIONS_COMPARE_TITLE, ARG_INT("from", before->version),
                               ARG_INT("to", after->version)),
        .counts = versions_counts(call, compare->counts.added, compare->counts.removed,
                                  compare->has_ids ? compare->counts.changed : -1),
        .records_before = format_int(arena, call->language, before->records_count),
        .records_after = format_int(arena, call->language, after->records_count),
        .swap_address = str_printf(arena, "%.*s?from=%lld&to=%lld",
                                   STR_ARG(office_dataset_address(call, before->id, "/versions/compare")),
                                   (long long)after->version, (long long)before->version),
        .list_address = office_dataset_address(call, before->id, "/versions"),
        .has_ids = compare->has_ids,
        .fields = list_fields(compare),
        .columns = list_columns(compare)};
    TRY(list_changed(compare, &page));
    TRY(list_others(compare, &page));
    page.has_fields = page.fields.count > 0;
    page.has_changed = page.changed.count > 0;
    page.has_alike = page.alike.count > 0;
    page.has_added = page.added.count > 0;
    page.has_removed = page.removed.count > 0;
    page.is_same = !page.has_fields && !page.has_changed && !page.has_alike && !page.has_added && !page.has_removed;
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = compare->dataset,
                                                                   .tab = OFFICE_TAB_VERSIONS,
                                                                   .title = page.heading,
                                                                   .body = &versions_compare_template,
                                                                   .data = &page,
                                                                   .is_wide = true});
}

/* ---- for scripts ---- */

static void write_fields(const struct compare *compare, struct json_writer *json)
{
    static const char *const kinds[] = {"added", "removed", "type", "described"};
    size_t count;
    struct call *call = compare->call;
    const struct schema_change *changes =
        schema_changes(&call->scope->arena, &compare->before->schema, &compare->after->schema, &count);
    json_key(json, S("fields"));
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        const struct field *field = changes[i].after ? changes[i].after : changes[i].before;
        json_object_begin(json);
        json_key_text(json, S("name"), field->name);
        json_key_text(json, S("change"), str_from(kinds[changes[i].kind]));
        json_key_text(json, S("detail"), change_text(call, &changes[i]));
        json_object_end(json);
    }
    json_array_end(json);
}

static enum err send_json(const struct compare *compare)
{
    static const char *const names[] = {"added", "removed", "changed"};
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_int(&json, S("from"), compare->before->version);
    json_key_int(&json, S("to"), compare->after->version);
    json_key_bool(&json, S("has_ids"), compare->has_ids);
    json_key_int(&json, S("added"), compare->counts.added);
    json_key_int(&json, S("removed"), compare->counts.removed);
    json_key_int(&json, S("changed"), compare->has_ids ? compare->counts.changed : -1);
    write_fields(compare, &json);
    json_key(&json, S("records"));
    json_object_begin(&json);
    for (int i = DIFFERENCE_ADDED; i <= DIFFERENCE_CHANGED; i++) {
        json_key(&json, str_from(names[i]));
        json_object_begin(&json);
        json_key(&json, S("before"));
        json_raw(&json, compare->samples[i][0]);
        json_key(&json, S("after"));
        json_raw(&json, compare->samples[i][1]);
        json_object_end(&json);
    }
    json_object_end(&json);
    json_object_end(&json);
    return office_json(compare->call, 200, &out);
}

enum err back_versions_compare(struct call *call)
{
    struct compare compare = {.call = call};
    TRY(office_open_dataset(call, RIGHT_EDIT, &compare.dataset));
    TRY(open_seen(&compare));
    TRY(open_version(&compare, "from", &compare.before));
    TRY(open_version(&compare, "to", &compare.after));
    TRY(read_records(&compare));
    return page_is_for_script(call) ? send_json(&compare) : send_page(&compare);
}
