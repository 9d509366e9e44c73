/* The last step: who sees it, what is new, and how far the publication is. */
#include "domain/resource/publication.h"
#include "web/back/quality_view.h"
#include "web/back/wizard.h"

#define NOTE_BYTES 1000

struct publish_page {
    struct html steps, quality;
    str csrf, revision, own_address, source_address, fields_address, portal_address, public_address, published, map_address, rejected_address, files, job_state, job_message,
        rejected_text, warning, note, description_address;
    int64_t job_percent;
    bool has_job, is_active, is_done, has_failed, is_draft, can_publish, has_records, appends, skips_bad_rows, empties_bad_cells, has_rejected,
        is_restricted, has_map, is_published, is_hidden, has_no_description, has_no_licence;
};

static const struct tpl_member page_members[] = {
    TPL_HTML(struct publish_page, steps),           TPL_HTML(struct publish_page, quality),
    TPL_TEXT(struct publish_page, csrf),            TPL_TEXT(struct publish_page, revision),
    TPL_URL(struct publish_page, own_address),      TPL_URL(struct publish_page, source_address),
    TPL_URL(struct publish_page, portal_address),   TPL_URL(struct publish_page, map_address),
    TPL_URL(struct publish_page, rejected_address), TPL_TEXT(struct publish_page, files),
    TPL_TEXT(struct publish_page, job_state),       TPL_TEXT(struct publish_page, job_message),
    TPL_TEXT(struct publish_page, rejected_text),   TPL_TEXT(struct publish_page, warning),
    TPL_TEXT(struct publish_page, note),            TPL_NUMBER(struct publish_page, job_percent),
    TPL_BOOL(struct publish_page, has_job),         TPL_BOOL(struct publish_page, is_active),
    TPL_BOOL(struct publish_page, is_done),         TPL_BOOL(struct publish_page, has_failed),
    TPL_BOOL(struct publish_page, is_draft),        TPL_BOOL(struct publish_page, can_publish),
    TPL_BOOL(struct publish_page, has_records),     TPL_BOOL(struct publish_page, appends),
    TPL_BOOL(struct publish_page, skips_bad_rows),  TPL_BOOL(struct publish_page, has_rejected),
    TPL_BOOL(struct publish_page, empties_bad_cells), TPL_URL(struct publish_page, fields_address),
    TPL_BOOL(struct publish_page, is_restricted),   TPL_BOOL(struct publish_page, has_map),
    TPL_TEXT(struct publish_page, public_address),  TPL_TEXT(struct publish_page, published),
    TPL_BOOL(struct publish_page, is_published),    TPL_BOOL(struct publish_page, is_hidden),
    TPL_BOOL(struct publish_page, has_no_description), TPL_BOOL(struct publish_page, has_no_licence),
    TPL_URL(struct publish_page, description_address)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct publish_page, page_members);
const struct tpl_binding wizard_publish_template = {"back/wizard_publish", &page_struct};

/* What will be published: names of files, an address, a table. */
static enum err name_source(struct wizard *wizard, str *ret_text)
{
    struct call *call = wizard->call;
    struct buf out cleanup_with(buf_cleanup) = {0};
    *ret_text = fetch_shown_address(&call->scope->arena, wizard->resource.location);
    for (size_t i = 0; i < wizard->resource.upload_count && wizard->resource.kind == RESOURCE_UPLOAD; i++) {
        struct upload upload;
        TRY(upload_find(call->scope, call->app->catalog, wizard->resource.uploads[i], &upload));
        buf_add(&out, i ? S(", ") : S(""));
        buf_add(&out, upload.name);
    }
    *ret_text = out.n ? buf_copy(&out, &call->scope->arena) : *ret_text;
    return ERR_OK;
}

static bool has_map(const struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->schema.count; i++) {
        if (dataset->schema.fields[i].type == FIELD_GEO_POINT || dataset->schema.fields[i].type == FIELD_GEO_SHAPE) {
            return true;
        }
    }
    return false;
}

static enum err show_rejected(struct wizard *wizard, struct publish_page *page)
{
    struct resource_rejects rejects;
    TRY(resource_rejects_find(wizard->call->scope, wizard->call->app->catalog, wizard->dataset->uid, &rejects));
    page->has_rejected = rejects.count > 0;
    page->rejected_text = office_tell(wizard->call, MSG_BACKOFFICE_WIZARD_LEFT_OUT, ARG_INT("count", rejects.count));
    return ERR_OK;
}

static void show_job(const struct wizard_job *job, struct publish_page *page)
{
    page->has_job = job->is_there;
    page->is_active = job->is_active;
    page->is_done = job->is_done;
    page->has_failed = job->has_failed;
    page->job_state = job->state;
    page->job_message = job->message;
    page->job_percent = job->percent;
}

/* What was published, for people; the form then steps back, unless the source has changed since. */
static void show_published(const struct wizard *wizard, struct publish_page *page)
{
    struct call *call = wizard->call;
    const struct dataset *dataset = wizard->dataset;
    if (page->is_done && dataset->version > 0 && !dataset->is_draft) {
        page->is_published = wizard->resource.changed <= dataset->data_processed;
        page->is_hidden = dataset->is_restricted;
        page->public_address = str_printf(&call->scope->arena, "%.*s%.*s", STR_ARG(call->base_url), STR_ARG(page->portal_address));
        page->published = office_tell(call, MSG_BACKOFFICE_WIZARD_PUBLISHED, ARG_INT("version", dataset->version),
                                      ARG_INT("count", dataset->records_count));
    }
}

/* What was done with another source than the present one is of no help here: its job has a page of its own. */
static void forget_past(const struct wizard *wizard, struct publish_page *page)
{
    bool is_past = page->is_done && wizard->dataset->version > 0 && wizard->resource.changed > wizard->dataset->data_processed;
    page->has_job &= !is_past;
    page->has_rejected &= !is_past;
}

/* A draft without them can be published; who does it, should know. */
static enum err show_missing(const struct wizard *wizard, struct publish_page *page)
{
    struct quality quality;
    TRY(quality_of(wizard->call->scope, wizard->dataset, &quality));
    page->has_no_description = wizard->dataset->is_draft && quality.results[QUALITY_DESCRIPTION].points == 0;
    page->has_no_licence = wizard->dataset->is_draft && quality.results[QUALITY_LICENSE].points == 0;
    return ERR_OK;
}

static bool has_source(const struct wizard *wizard)
{
    bool is_read_again = wizard->resource.kind == RESOURCE_URL && wizard->resource.etag.n && wizard->dataset->version > 0;
    return wizard->resource.kind == RESOURCE_DATASET || wizard->resource.upload_count > 0 || is_read_again;
}

static enum err show(struct wizard *wizard, str warning)
{
    struct call *call = wizard->call;
    const struct dataset *dataset = wizard->dataset;
    struct wizard_job job;
    struct publish_page page = {.steps = wizard_steps(wizard, STEP_PUBLISH),
                                .csrf = call->ignores_cookies ? S("") : csrf_token(call),
                                .revision = wizard_revision(wizard),
                                .own_address = wizard_address(wizard, "/publish"),
                                .source_address = wizard_address(wizard, ""),
                                .fields_address = wizard_address(wizard, "/fields"),
                                .description_address = wizard_address(wizard, "/description"),
                                .rejected_address = wizard_address(wizard, "/rejected"),
                                .portal_address = str_printf(&call->scope->arena, "/explore/dataset/%.*s/", STR_ARG(dataset->id)),
                                .map_address = str_printf(&call->scope->arena, "/explore/dataset/%.*s/map/", STR_ARG(dataset->id)),
                                .warning = warning,
                                .note = form_value(&call->form, S("note")),
                                .is_draft = dataset->is_draft,
                                .has_records = dataset->version > 0,
                                .appends = wizard->settings.appends,
                                .skips_bad_rows = wizard->settings.skips_bad_rows,
                                .empties_bad_cells = wizard->settings.empties_bad_cells,
                                .is_restricted = str_eq(form_value(&call->form, S("visible")), S("restricted")),
                                .has_map = has_map(dataset)};
    TRY(wizard_find_job(wizard, PUBLICATION_JOB, &job));
    if (page_is_for_script(call)) {
        return wizard_tell_job(wizard, &job);
    }
    show_job(&job, &page);
    show_published(wizard, &page);
    page.can_publish = has_source(wizard) && !page.is_active;
    TRY(name_source(wizard, &page.files));
    TRY(show_rejected(wizard, &page));
    forget_past(wizard, &page);
    TRY(show_missing(wizard, &page));
    TRY(office_quality(call, dataset, &page.quality));
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = dataset,
                                                                   .tab = OFFICE_TAB_SOURCE,
                                                                   .title = office_say(call, MSG_BACKOFFICE_WIZARD_STEP_PUBLISH),
                                                                   .body = &wizard_publish_template,
                                                                   .data = &page,
                                                                   .has_errors = warning.n > 0,
                                                                   .scripts = {"wizard.js"}});
}

/* What to do with rows and records is kept with the resource, so that the next reading does the same. */
static enum err keep_choices(struct wizard *wizard, bool *ret_conflict)
{
    const struct form *form = &wizard->call->form;
    bool appends = str_eq(form_value(form, S("records")), S("append"));
    bool is_not_asked = wizard->settings.empties_bad_cells; /* the page has no box for it then */
    bool skips = form_has(form, S("skip")) || (is_not_asked && wizard->settings.skips_bad_rows);
    *ret_conflict = false;
    if (appends == wizard->settings.appends && skips == wizard->settings.skips_bad_rows) {
        usec seen = wizard_seen(wizard);
        *ret_conflict = seen && seen != wizard->resource.changed;
        return ERR_OK;
    }
    wizard->settings.appends = appends;
    wizard->settings.skips_bad_rows = skips;
    TRY(wizard_save(wizard, wizard_seen(wizard), ret_conflict));
    return resource_find(wizard->call->scope, wizard->call->app->catalog, wizard->dataset->uid, &wizard->resource);
}

static enum err publish(struct wizard *wizard)
{
    struct call *call = wizard->call;
    struct publication_wish wish = {.dataset = wizard->dataset,
                                    .by = call->actor,
                                    .language = call->language,
                                    .is_public = !str_eq(form_value(&call->form, S("visible")), S("restricted")),
                                    .note = str_trim(form_value(&call->form, S("note")))};
    int64_t job;
    bool conflict;
    if (!has_source(wizard)) {
        return show(wizard, office_say(call, MSG_BACKOFFICE_WIZARD_NO_SOURCE));
    }
    if (wish.note.n > NOTE_BYTES) {
        return show(wizard, office_say(call, MSG_BACKOFFICE_WIZARD_NOTE_FAULT));
    }
    TRY(keep_choices(wizard, &conflict));
    if (conflict) {
        return show(wizard, wizard_conflict_text(wizard));
    }
    wish.resource = &wizard->resource;
    TRY(publication_ask(call->scope, call->app->catalog, &wish, &job));
    return office_done(call, wizard_address(wizard, "/publish"), MESSAGE_NONE);
}

enum err wizard_publish(struct call *call)
{
    struct wizard wizard;
    TRY(wizard_open(call, &wizard));
    return office_is_post(call) ? publish(&wizard) : show(&wizard, S(""));
}
