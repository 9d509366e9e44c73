/* What a dataset is: description, metadata, fields. */
#include "base/vec.h"
#include "web/front/explore.h"

struct field_view {
    str name, label, type, description, unit;
};

struct information {
    str description;
    struct tpl_list fields;
    bool has_fields;
};

static const struct tpl_member field_members[] = {
    TPL_TEXT(struct field_view, name), TPL_TEXT(struct field_view, label),
    TPL_TEXT(struct field_view, type), TPL_TEXT(struct field_view, description),
    TPL_TEXT(struct field_view, unit)};
static const struct tpl_struct field_struct = TPL_STRUCT(struct field_view, field_members);

static const struct tpl_member information_members[] = {
    TPL_TEXT(struct information, description), TPL_LIST(struct information, fields, field_struct),
    TPL_BOOL(struct information, has_fields)};
static const struct tpl_struct information_struct =
    TPL_STRUCT(struct information, information_members);
const struct tpl_binding dataset_information_template = {"front/dataset_information",
                                                         &information_struct};

static struct tpl_list list_fields(struct dataset_page *page)
{
    struct field_view *views =
        arena_array(&page->call->scope->arena, struct field_view, page->schema->count + 1);
    for (size_t i = 0; i < page->schema->count; i++) {
        const struct field *field = &page->schema->fields[i];
        views[i] = (struct field_view){.name = field->name,
                                       .label = field_title(field),
                                       .type = field_type_text(field->type),
                                       .description = field->description.p ? field->description : S(""),
                                       .unit = field->unit.p ? field->unit : S("")};
    }
    return (struct tpl_list){views, page->schema->count};
}

enum err dataset_information_get(struct call *call)
{
    struct dataset_page page cleanup_with(dataset_page_close) = {0};
    TRY(dataset_page_open(call, TAB_INFORMATION, &page));
    struct information data = {.description = page.description, .fields = list_fields(&page)};
    data.has_fields = data.fields.count > 0;
    struct dataset_body body = {.binding = &dataset_information_template,
                                .data = &data,
                                .title = MSG_DATASET_INFORMATION,
                                .is_indexed = true};
    return dataset_page_send(&page, &body);
}
