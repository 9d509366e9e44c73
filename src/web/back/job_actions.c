/* What is done with jobs: cancelled, tried again; a file is asked for, and downloaded. */
#include <unistd.h>

#include "base/num.h"
#include "domain/records/format.h"
#include "domain/resource/refresh.h"
#include "web/api/delivery.h"
#include "web/back/csv.h"
#include "web/back/form.h"
#include "web/back/jobs.h"
#include "web/front/format_text.h"
#include "web/shell/fault_text.h"

static void audit(struct call *call, const char *action, const struct job *job)
{
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, action,
              str_printf(&call->scope->arena, "%lld", (long long)job->id),
              str_printf(&call->scope->arena, "%.*s %.*s", STR_ARG(job->kind), STR_ARG(job->label)));
}

enum err back_job_cancel(struct call *call)
{
    struct job job;
    TRY(office_job(call, true, &job));
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_JOBS, office_say(call, MSG_BACKOFFICE_JOB_CANCEL_TITLE),
                            office_say(call, MSG_BACKOFFICE_JOB_CANCEL_TEXT),
                            office_say(call, MSG_BACKOFFICE_JOB_CANCEL_SUBMIT), office_job_path(call, job.id, ""),
                            S(""));
    }
    TRY(job_cancel(call->scope, call->app->catalog, job.id));
    audit(call, "job.cancel", &job);
    return office_done(call, office_job_path(call, job.id, ""), MSG_BACKOFFICE_DONE_JOB_CANCELLED);
}

enum err back_job_retry(struct call *call)
{
    struct job job;
    TRY(office_job(call, true, &job));
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_JOBS, office_say(call, MSG_BACKOFFICE_JOB_RETRY_TITLE),
                            office_say(call, MSG_BACKOFFICE_JOB_RETRY_TEXT),
                            office_say(call, MSG_BACKOFFICE_JOB_RETRY_SUBMIT), office_job_path(call, job.id, ""),
                            S(""));
    }
    TRY(job_retry(call->scope, call->app->catalog, job.id));
    audit(call, "job.retry", &job);
    return office_done(call, office_job_path(call, job.id, ""), MSG_BACKOFFICE_DONE_JOB_RETRIED);
}

/* ---- a source that is read again ---- */

enum err back_refresh(struct call *call)
{
    const struct dataset *dataset;
    int64_t job;
    TRY(office_open_dataset(call, RIGHT_PUBLISH, &dataset));
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_DATASETS,
                            office_tell(call, MSG_BACKOFFICE_REFRESH_TITLE,
                                        ARG_TEXT("dataset", office_dataset_title(dataset))),
                            office_say(call, MSG_BACKOFFICE_REFRESH_TEXT),
                            office_say(call, MSG_BACKOFFICE_REFRESH_SUBMIT),
                            office_dataset_address(call, dataset->id, "/source"), S(""));
    }
    bool whole = str_eq(form_value(&call->form, S("whole")), S("1"));
    TRY(refresh_ask(call->scope, call->app->catalog, dataset, call->actor, whole, &job));
    audit(call, "source.refresh", &(struct job){.id = job, .kind = S(REFRESH_KIND), .label = dataset->id});
    return office_done(call, office_job_path(call, job, ""), MSG_BACKOFFICE_DONE_JOB_RETRIED);
}

/* ---- the file of an export ---- */

/* Names of datasets and formats are plain ASCII. */
static enum err deliver(struct call *call, const struct export_file *file, int descriptor)
{
    struct delivery delivery cleanup_with(delivery_close) = {0};
    file_headers(call, str_cz(&call->scope->arena, file->name), file->content_type);
    TRY(delivery_open(call, false, &delivery));
    TRY(delivery_send_file(&delivery, descriptor));
    return delivery_finish(&delivery);
}

enum err back_job_file(struct call *call)
{
    struct job job;
    struct export_file file;
    bool found;
    int descriptor;
    TRY(office_job(call, false, &job));
    TRY(export_file_find(call->scope, call->app->catalog, job.id, &found, &file));
    if (!found) {
        return fail(call->scope, ERR_NO_RECORD, "There is no file of this job, or it has been deleted; ask for it again.");
    }
    TRY(export_file_open(call->scope, call->app->catalog, &file, &descriptor));
    enum err result = deliver(call, &file, descriptor);
    close(descriptor);
    return result;
}

/* ---- asking for one ---- */

static bool is_geographic(const struct dataset *dataset)
{
    bool is = false;
    for (size_t i = 0; i < dataset->schema.count; i++) {
        enum field_type type = dataset->schema.fields[i].type;
        is |= type == FIELD_GEO_POINT || type == FIELD_GEO_SHAPE;
    }
    return is;
}

static struct form_field *add_formats(struct office_form *form, const struct dataset *dataset)
{
    size_t count;
    const struct format *formats = formats_all(&count);
    struct form_field *field =
        form_radios(form, "format", MSG_BACKOFFICE_EXPORT_FORMAT, MESSAGE_NONE);
    for (size_t i = 0; i < count; i++) {
        if (!(formats[i].flags & FORMAT_GEOGRAPHIC) || is_geographic(dataset)) {
            const struct format_text *text = format_text_find(formats[i].name);
            form_choice(form, field, formats[i].name, text ? str_from(text->title) : formats[i].name,
                        text ? office_say(form->call, text->help) : S(""), str_eq(formats[i].name, S("csv")));
        }
    }
    return field;
}

/* Faults of the order stand beside what they are about; others are passed on. */
static enum err explain(struct office_form *form, enum err result, struct form_field *format,
                        struct form_field *where, struct form_field *select)
{
    struct scope *scope = form->call->scope;
    str message = str_copy(&scope->arena, scope->failure.message);
    str words = fault_text(form->call, NULL);
    if (result == ERR_QUOTA) {
        scope_forgive(scope);
        form->warning = words;
        form->has_faults = true;
        return ERR_OK;
    }
    if (result != ERR_PARAMETER && result != ERR_SYNTAX && result != ERR_QUERY) {
        return result;
    }
    bool is_select = str_find(message, S("error(s): select"), 0) != SIZE_MAX || !where->value.n;
    scope_forgive(scope);
    form_fault(form, result == ERR_PARAMETER ? format : is_select ? select : where, words);
    return ERR_OK;
}

enum err back_export_new(struct call *call)
{
    str id = call->path_values[0];
    const struct dataset *dataset;
    int64_t job = 0;
    TRY(snapshot_load(call->scope, call->snapshot, id, &dataset));
    if (!dataset) {
        return dataset_absent(call->scope, id);
    }
    struct office_form *form = form_make(
        call, SECTION_JOBS,
        office_tell(call, MSG_BACKOFFICE_EXPORT_TITLE, ARG_TEXT("dataset", office_dataset_title(dataset))),
        office_say(call, MSG_BACKOFFICE_EXPORT_SUBMIT), S("/backoffice/jobs"));
    form->lead = office_say(call, MSG_BACKOFFICE_EXPORT_LEAD);
    if (access_rights(call->scope, call->app->access, call->actor, dataset) & RIGHT_EDIT) {
        form->dataset = dataset;
        form->tab = OFFICE_TAB_OVERVIEW;
        form->cancel = office_dataset_address(call, dataset->id, "");
    }
    struct form_field *format = add_formats(form, dataset);
    struct form_field *where =
        form_line(form, "where", MSG_BACKOFFICE_EXPORT_WHERE, MSG_BACKOFFICE_EXPORT_WHERE_HINT, S(""));
    struct form_field *select =
        form_line(form, "select", MSG_BACKOFFICE_EXPORT_SELECT, MSG_BACKOFFICE_EXPORT_SELECT_HINT, S(""));
    struct form_field *labels =
        form_checks(form, "use_labels", MSG_BACKOFFICE_EXPORT_HEADINGS, MESSAGE_NONE);
    form_choice(form, labels, S("1"), office_say(call, MSG_BACKOFFICE_EXPORT_LABELS), S(""), false);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    struct export_tools tools = office_export_tools(call);
    struct export_order order = {.dataset = dataset->id,
                                 .format = form_value(&call->form, S("format")),
                                 .where = where->value,
                                 .select = select->value,
                                 .lang = language_code(call->language),
                                 .use_labels = str_eq(form_value(&call->form, S("use_labels")), S("1"))};
    enum err result = export_order_add(call->scope, &tools, call->app->catalog, call->actor, &order, &job);
    if (result != ERR_OK) {
        TRY(explain(form, result, format, where, select));
        return form_send(form);
    }
    audit(call, "export.order", &(struct job){.id = job, .kind = dataset->id, .label = order.format});
    return office_done(call, office_job_path(call, job, ""), MSG_BACKOFFICE_DONE_EXPORT);
}
