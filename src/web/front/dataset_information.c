/* What a dataset is: description, metadata, fields, files, versions, and how to reuse and cite it. */
#include "base/date.h"
#include "base/vec.h"
#include "domain/catalog/uses.h"
#include "web/front/citation.h"
#include "web/front/dataset_head.h"
#include "web/front/description.h"
#include "web/front/explore.h"
#include "web/front/information_lists.h"
#include "web/front/licence.h"
#include "web/front/metadata_view.h"

struct use_line {
    str text;
};
static const struct tpl_member use_members[] = {TPL_TEXT(struct use_line, text)};
static const struct tpl_struct use_struct = TPL_STRUCT(struct use_line, use_members);

struct information {
    str license, license_address, license_statement, citation, bibtex, export_address, api_address;
    str mail, name, fields_count;
    struct html description;
    struct tpl_list groups, fields, attachments, exports, versions, related, reuses, uses;
    bool has_fields, has_attachments, has_exports, has_versions, has_related, has_reuses, has_uses, has_contact, has_records, has_description;
};

static const struct tpl_member information_members[] = {
    TPL_TEXT(struct information, license),        TPL_URL(struct information, license_address),
    TPL_TEXT(struct information, license_statement), TPL_TEXT(struct information, citation),
    TPL_TEXT(struct information, bibtex),         TPL_URL(struct information, export_address),
    TPL_URL(struct information, api_address),
    TPL_URL(struct information, mail),            TPL_TEXT(struct information, name),
    TPL_TEXT(struct information, fields_count),  TPL_LIST(struct information, uses, use_struct),
    TPL_HTML(struct information, description),
    TPL_LIST(struct information, groups, metadata_group_struct),
    TPL_LIST(struct information, fields, information_field_struct),
    TPL_LIST(struct information, attachments, information_file_struct),
    TPL_LIST(struct information, exports, information_file_struct),
    TPL_LIST(struct information, versions, information_version_struct),
    TPL_LIST(struct information, related, information_related_struct),
    TPL_LIST(struct information, reuses, information_reuse_struct),
    TPL_BOOL(struct information, has_reuses),    TPL_BOOL(struct information, has_uses),
    TPL_BOOL(struct information, has_fields),     TPL_BOOL(struct information, has_attachments),
    TPL_BOOL(struct information, has_exports),    TPL_BOOL(struct information, has_versions),
    TPL_BOOL(struct information, has_related),    TPL_BOOL(struct information, has_contact),
    TPL_BOOL(struct information, has_records),    TPL_BOOL(struct information, has_description)};
static const struct tpl_struct information_struct =
    TPL_STRUCT(struct information, information_members);
const struct tpl_binding dataset_information_template = {"front/dataset_information",
                                                         &information_struct};

/* ---- texts ---- */

static void fill_license(struct dataset_page *page, struct information *data)
{
    str name = dataset_page_text(page, "default", "license");
    str address = dataset_page_text(page, "default", "license_url");
    bool is_link = interop_is_web_address(address);
    struct arena *arena = &page->call->scope->arena;
    data->license = name.n ? name : is_link ? address : S("");
    data->license_address = is_link ? address : interop_is_web_address(name) ? name : S("");
    data->license_statement =
        message_plain(page->call->language, licence_statement(arena, data->license, data->license_address));
}

/* The year of the state that is cited: of the last change, as the publisher gives it. */
static str citation_year(struct dataset_page *page)
{
    bool is_old = page->version && page->version != page->current->version;
    usec modified = is_old ? page->dataset->data_processed : page->dataset->modified;
    if (!modified) {
        return message_plain(page->call->language, MSG_INFORMATION_NO_DATE);
    }
    usec local = modified + zone_offset_at(page->zone, modified) * USEC_SECOND;
    return str_printf(&page->call->scope->arena, "%04d", date_civil_instant(local).year);
}

static void fill_citation(struct dataset_page *page, struct information *data)
{
    struct call *call = page->call;
    struct arena *arena = &call->scope->arena;
    str creator = dataset_page_text(page, "dcat", "creator");
    struct citation citation = {
        .id = page->dataset->id,
        .author = creator.n ? creator : dataset_page_text(page, "default", "publisher"),
        .title = page->title,
        .year = citation_year(page),
        .version = page->has_records ? message_text(arena, call->language, MSG_INFORMATION_CITATION_VERSION,
                                                    &ARG_INT("number", page->dataset->version), 1)
                                     : S(""),
        .kind = message_plain(call->language, MSG_INFORMATION_CITATION_KIND),
        .portal = call->site->name,
        .address = str_printf(arena, "%.*s%.*s", STR_ARG(call->base_url),
                              STR_ARG(page->has_records ? dataset_version_path(page, page->dataset->version)
                                                        : dataset_base_path(page)))};
    data->citation = citation_text(arena, &citation);
    data->bibtex = citation_bibtex(arena, &citation);
}

static void fill_contact(struct dataset_page *page, struct information *data)
{
    struct call *call = page->call;
    struct arena *arena = &call->scope->arena;
    str mail = dataset_page_text(page, "dcat", "contact_email");
    str name = dataset_page_text(page, "dcat", "contact_name");
    str publisher = dataset_page_text(page, "default", "publisher");
    
    data->name = name.n ? name : publisher.n ? publisher : mail;
    data->mail = S("");
    if (str_find_char(mail, '@', 0) != SIZE_MAX) {
        struct buf out cleanup_with(buf_cleanup) = {0};
        buf_add(&out, interop_mail_address(arena, mail));
        buf_add(&out, S("?subject="));
        url_encode(&out, message_text(arena, call->language, MSG_INFORMATION_CONTACT_SUBJECT,
                                      &ARG_TEXT("title", page->title), 1));
        data->mail = buf_copy(&out, arena);
    }
    data->has_contact = name.n || data->mail.n;
}

/* What is known of the last days: too little is not. */
static enum err fill_uses(struct dataset_page *page, struct information *data)
{
    static const struct {
        enum use_figure figure;
        enum message text;
    } rows[] = {{USE_RECENT_VIEWS, MSG_INFORMATION_USES_VIEWS},
                {USE_RECENT_DOWNLOADS, MSG_INFORMATION_USES_DOWNLOADS},
                {USE_RECENT_CALLS, MSG_INFORMATION_USES_CALLS}};
    struct call *call = page->call;
    struct uses uses;
    VEC(struct use_line) lines = {0};
    TRY(uses_of(call->scope, page->dataset, &uses));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        double figure = uses.figures[rows[i].figure];
        if (figure != USE_UNKNOWN) {
            vec_add(&call->scope->arena, &lines,
                    (struct use_line){message_text(&call->scope->arena, call->language, rows[i].text,
                                                   &ARG_INT("count", (int64_t)figure), 1)});
        }
    }
    data->uses = (struct tpl_list){lines.items, lines.count};
    data->has_uses = lines.count > 0;
    return ERR_OK;
}

/* ---- the page ---- */

static enum err fill(struct dataset_page *page, const struct entry *entry, struct information *data)
{
    struct call *call = page->call;
    TRY(information_fields(page, &data->fields));
    records_release(&page->lease); /* of which there is one for each worker; the catalogue needs it */
    TRY(information_attachments(page, &data->attachments));
    TRY(information_versions(page, &data->versions));
    TRY(information_related(page, entry, &data->related));
    TRY(fill_uses(page, data));
    TRY(information_reuses(page, &data->reuses));
    data->has_reuses = data->reuses.count > 0;
    data->exports = information_exports(page, entry);
    data->groups = metadata_groups(call, entry, page->zone);
    data->description = sanitized_html(call, dataset_page_text(page, "default", "description"));
    data->has_description = data->description.text.n > 0;
    fill_license(page, data);
    fill_citation(page, data);
    fill_contact(page, data);
    data->export_address = dataset_tab_address(page, TAB_EXPORT);
    data->api_address = dataset_tab_address(page, TAB_API);
    data->fields_count = message_text(&call->scope->arena, call->language, MSG_INFORMATION_FIELDS_COUNT,
                                      &ARG_INT("count", (int64_t)data->fields.count), 1);
    data->has_records = page->has_records;
    data->has_fields = data->fields.count > 0;
    data->has_attachments = data->attachments.count > 0;
    data->has_exports = data->exports.count > 0;
    data->has_versions = data->versions.count > 0;
    data->has_related = data->related.count > 0;
    return ERR_OK;
}

enum err dataset_information_get(struct call *call)
{
    struct dataset_page page cleanup_with(dataset_page_close) = {0};
    struct entry entry cleanup_with(entry_close) = {0};
    struct information data = {0};
    TRY(dataset_page_open(call, TAB_INFORMATION, &page));
    struct interop_portal portal = front_portal(call, page.lang);
    TRY(entry_open(call->scope, &portal, page.dataset, &entry));
    TRY(fill(&page, &entry, &data));
    struct dataset_body body = {.binding = &dataset_information_template,
                                .data = &data,
                                .title = MSG_DATASET_INFORMATION,
                                .is_indexed = true};
    if (!page.dataset->is_restricted) {
        body.head = dataset_json_ld(call, &portal, &entry);
    }
    return dataset_page_send(&page, &body);
}
