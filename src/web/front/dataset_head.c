#include "web/front/dataset_head.h"

#include "platform/picture/picture.h"

struct head {
    str portal, title, description, address, picture, picture_text, jsonld, ttl, rdf, csv;
    int64_t width, height;
    bool has_records;
};

static const struct tpl_member head_members[] = {
    TPL_TEXT(struct head, portal),  TPL_TEXT(struct head, title), TPL_TEXT(struct head, description),
    TPL_TEXT(struct head, address), TPL_TEXT(struct head, picture), TPL_TEXT(struct head, picture_text),
    TPL_URL(struct head, jsonld),   TPL_URL(struct head, ttl),    TPL_URL(struct head, rdf),
    TPL_URL(struct head, csv),      TPL_NUMBER(struct head, width), TPL_NUMBER(struct head, height),
    TPL_BOOL(struct head, has_records)};
static const struct tpl_struct head_struct = TPL_STRUCT(struct head, head_members);
const struct tpl_binding dataset_head_template = {"front/dataset_head", &head_struct};

struct interop_portal front_portal(struct call *call, str lang)
{
    return (struct interop_portal){.address = call->base_url,
                                   .catalogue = str_printf(&call->scope->arena, "%.*s/explore/",
                                                           STR_ARG(call->base_url)),
                                   .name = call->site->name,
                                   .lang = language_code(call->site->language),
                                   .values = lang};
}

static str join(struct arena *arena, str first, str second)
{
    return str_printf(arena, "%.*s%.*s", STR_ARG(first), STR_ARG(second));
}

/* Ids have letters, digits, - and _ only. */
static str catalogue_export(struct arena *arena, str id, const char *format)
{
    return str_printf(arena, "/api/explore/v2.1/catalog/exports/%s?where=dataset_id%%3D%%22%.*s%%22", format,
                      STR_ARG(id));
}

struct html dataset_head(struct dataset_page *page, struct html more)
{
    struct call *call = page->call;
    struct arena *arena = &call->scope->arena;
    str id = page->dataset->id;
    str own = str_printf(arena, "%.*s/explore/dataset/%.*s/", STR_ARG(call->base_url), STR_ARG(id));
    str lang = call_query(call, PAGE_LANGUAGE_PARAMETER);
    str parameter = language_exact(lang) == LANGUAGE_NONE ? S("")
                                                          : str_printf(arena, "?lang=%.*s", STR_ARG(lang));
    if (page->dataset->is_restricted || page->version) {
        return page->version ? (struct html){S("")} : more; /* it tells of the current version */
    }
    struct head head = {
        .portal = call->site->name,
        .title = page->title,
        .description = page->description,
        .address = str_printf(arena, "%.*s%.*s%.*s", STR_ARG(call->base_url), STR_ARG(page->path),
                              STR_ARG(parameter)),
        .picture = str_printf(arena, "%.*spicture.png%.*s", STR_ARG(own), STR_ARG(parameter)),
        .picture_text = page->title,
        .width = PICTURE_WIDTH,
        .height = PICTURE_HEIGHT,
        .jsonld = join(arena, own, S("schema.jsonld")),
        .ttl = catalogue_export(arena, id, "ttl"),
        .rdf = catalogue_export(arena, id, "rdf"),
        .csv = dataset_api_address(page, S("/exports/csv?use_labels=true")),
        .has_records = page->has_records};
    struct html made = tpl_html(call->scope, call->app->tpl, &dataset_head_template, call->language, &head);
    return (struct html){join(arena, made.text, more.text)};
}

str dataset_edit_address(const struct dataset_page *page)
{
    struct call *call = page->call;
    /* Who sees the portal as others do sees their pages. */
    bool may = call->session && !call->view_as &&
               (access_rights(call->scope, call->app->access, call->actor, page->current) & RIGHT_EDIT);
    return may ? str_printf(&call->scope->arena, "/backoffice/datasets/%.*s", STR_ARG(page->current->id)) : S("");
}

struct html dataset_json_ld(struct call *call, const struct interop_portal *portal, const struct entry *entry)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, S("<script type=\"application/ld+json\">"));
    schema_org_write(&call->scope->arena, portal, entry, &out); /* without < > & */
    buf_add(&out, S("</script>\n"));
    return (struct html){buf_copy(&out, &call->scope->arena)};
}
