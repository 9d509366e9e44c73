#include "web/front/dataset_card.h"

#include "base/vec.h"
#include "domain/catalog/metadata.h"
#include "web/front/catalogue_names.h"

#define SUMMARY_BYTES 260
#define KEYWORDS_SHOWN 5

struct keyword_view {
    str label, address;
};

static const struct tpl_member keyword_members[] = {TPL_TEXT(struct keyword_view, label),
                                                    TPL_URL(struct keyword_view, address)};
static const struct tpl_struct keyword_struct = TPL_STRUCT(struct keyword_view, keyword_members);

static const struct tpl_member card_members[] = {
    TPL_TEXT(struct dataset_card, id),         TPL_TEXT(struct dataset_card, title),
    TPL_TEXT(struct dataset_card, summary),    TPL_TEXT(struct dataset_card, publisher),
    TPL_TEXT(struct dataset_card, theme),      TPL_TEXT(struct dataset_card, theme_class),
    TPL_TEXT(struct dataset_card, license),
    TPL_TEXT(struct dataset_card, modified),   TPL_TEXT(struct dataset_card, records),
    TPL_TEXT(struct dataset_card, exact),
    TPL_URL(struct dataset_card, address),     TPL_URL(struct dataset_card, theme_address),
    TPL_BOOL(struct dataset_card, is_restricted), TPL_BOOL(struct dataset_card, is_draft),
    TPL_BOOL(struct dataset_card, has_records),
    TPL_BOOL(struct dataset_card, is_nested),
    TPL_LIST(struct dataset_card, choice, selection_choice_struct),
    TPL_LIST(struct dataset_card, keywords, keyword_struct)};
const struct tpl_struct dataset_card_struct = TPL_STRUCT(struct dataset_card, card_members);

/* The catalogue narrowed down by one value. */
static str refined(const struct facet_context *context, str name, str value)
{
    struct filter filter = filter_with(&context->call->scope->arena, context->filter,
                                       (struct filter_part){FILTER_REFINE, name, value});
    return facet_address(context, &filter);
}

static struct tpl_list list_keywords(const struct facet_context *context, const json_t *keywords)
{
    struct arena *arena = &context->call->scope->arena;
    VEC(struct keyword_view) views = {0};
    for (size_t i = 0; i < json_array_size(keywords) && i < KEYWORDS_SHOWN; i++) {
        str label = str_copy(arena, json_read_text(json_array_get(keywords, i)));
        vec_add(arena, &views, (struct keyword_view){label, refined(context, S("keyword"), label)});
    }
    return (struct tpl_list){views.items, views.count};
}

static str text_of(const struct facet_context *context, const json_t *metadata, const char *name)
{
    str text = json_read_text(metadata_value(metadata, language_code(context->call->language),
                                             S("default"), str_from(name)));
    return str_copy(&context->call->scope->arena, text.n ? text : S(""));
}

enum err dataset_card_make(const struct facet_context *context, const struct dataset *dataset,
                          struct dataset_card *ret_card)
{
    struct call *call = context->call;
    struct arena *arena = &call->scope->arena;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(call->scope, ERR_INTERNAL, dataset->metadata.n ? dataset->metadata : S("{}"),
                  "metadata", &metadata));
    str lang = language_code(call->language);
    str theme = str_copy(arena, json_read_text(json_array_get(
                                    metadata_value(metadata, lang, S("default"), S("theme")), 0)));
    str title = text_of(context, metadata, "title");
    *ret_card = (struct dataset_card){
        .id = dataset->id,
        .title = title.n ? title : dataset->id,
        .summary = description_plain(arena, text_of(context, metadata, "description"), SUMMARY_BYTES),
        .publisher = text_of(context, metadata, "publisher"),
        .license = text_of(context, metadata, "license"),
        .theme = theme_label(call, theme),
        .theme_class = theme_class(call, theme),
        .theme_address = theme.n ? refined(context, S("theme"), theme) : S(""),
        .modified = modified_text(call, dataset),
        .records = records_text(call, dataset->records_count),
        .exact = format_int(arena, call->language, dataset->records_count),
        .address = selection_link(arena, context->selection,
                                  str_printf(arena, "/explore/dataset/%.*s/", STR_ARG(dataset->id))),
        .choice = selection_choices(call, context->selection, dataset->id, title.n ? title : dataset->id),
        .is_restricted = dataset->is_restricted,
        .is_draft = dataset->is_draft,
        .has_records = dataset->version > 0,
        .keywords = list_keywords(context, metadata_value(metadata, lang, S("default"), S("keyword")))};
    return ERR_OK;
}
