/* The first step of all: a title, from which the id is made. */
#include <stdlib.h>

#include "base/date.h"
#include "base/limits.h"
#include "domain/identity/own.h"
#include "platform/text/fold.h"
#include "web/back/wizard.h"

#define ATTEMPTS 100 /* ids that are taken */
#define BEGUN_TIME (3600 * USEC_SECOND) /* so long a draft without data is taken for the one that is under way */

struct begun {
    str text, address;
};

static const struct tpl_member begun_members[] = {TPL_TEXT(struct begun, text), TPL_URL(struct begun, address)};
static const struct tpl_struct begun_struct = TPL_STRUCT(struct begun, begun_members);
const struct tpl_binding wizard_begun_template = {"back/wizard_begun", &begun_struct};

/* "Lampadaires de Lyon" → "lampadaires-de-lyon" */
static str id_of_title(struct arena *arena, str title)
{
    str name = text_identifier(arena, title);
    char *id = arena_alloc(arena, name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < LIMIT_NAME_BYTES - 5; i++) {
        char c = name.p[i] == '_' ? '-' : name.p[i];
        bool is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && n && id[n - 1] != '-');
        if (is_good) {
            id[n++] = c;
        }
    }
    n -= n && id[n - 1] == '-';
    return n ? (str){id, n} : S("dataset");
}

static str metadata_of_title(struct arena *arena, str title)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key(&json, S("default"));
    json_object_begin(&json);
    json_key_text(&json, S("title"), title);
    json_object_end(&json);
    json_object_end(&json);
    return buf_copy(&out, arena);
}

static enum err create(struct call *call, str title, str id, str *ret_uid)
{
    return catalog_create(call->scope, call->app->catalog, id, metadata_of_title(&call->scope->arena, title),
                          call->actor->user, ret_uid);
}

enum err wizard_create_draft(struct call *call, str title, str *ret_id, str *ret_uid)
{
    str base = id_of_title(&call->scope->arena, title);
    enum err result = ERR_CONFLICT;
    for (int i = 1; i <= ATTEMPTS && result == ERR_CONFLICT; i++) {
        scope_forgive(call->scope);
        *ret_id = i == 1 ? base : str_printf(&call->scope->arena, "%.*s-%d", STR_ARG(base), i);
        result = create(call, title, *ret_id, ret_uid);
    }
    TRY(result);
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "dataset.create", *ret_id, S(""));
    return ERR_OK;
}

/* ---- a draft that was just begun: who goes back in the browser does not mean another one ---- */

static int compare_uids(const void *a, const void *b)
{
    return str_compare(*(const str *)a, *(const str *)b);
}

static enum err has_data(struct call *call, const struct dataset *dataset, bool *ret_has)
{
    struct resource resource;
    const struct upload *uploads;
    size_t count;
    TRY(resource_find(call->scope, call->app->catalog, dataset->uid, &resource));
    TRY(upload_list(call->scope, call->app->catalog, dataset->uid, 0, &uploads, &count));
    *ret_has = resource.kind != RESOURCE_NONE || count > 0;
    return ERR_OK;
}

/* The latest draft of one's own that has nothing yet, with this title (empty: with any); NULL: there is none. */
static enum err find_begun(struct call *call, str title, const struct dataset **ret_dataset)
{
    const str *own;
    size_t count;
    usec since = clock_wall() - BEGUN_TIME;
    *ret_dataset = NULL;
    TRY(own_datasets(call->scope, call->app->catalog, call->actor->user, &own, &count));
    for (size_t i = 0; i < call->snapshot->count && count; i++) {
        const struct dataset *dataset = call->snapshot->datasets[i];
        bool may_be = dataset->is_draft && dataset->version == 0 && dataset->metadata_processed > since &&
                      (title.n == 0 || str_eq(dataset->title, title)) &&
                      (!*ret_dataset || (*ret_dataset)->metadata_processed < dataset->metadata_processed) &&
                      bsearch(&dataset->uid, own, count, sizeof(*own), compare_uids);
        bool is_full = true;
        if (may_be) {
            TRY(has_data(call, dataset, &is_full));
        }
        *ret_dataset = is_full ? *ret_dataset : dataset;
    }
    return ERR_OK;
}

static enum err offer_begun(struct office_form *form)
{
    struct call *call = form->call;
    const struct dataset *dataset;
    TRY(find_begun(call, S(""), &dataset));
    if (dataset) {
        struct begun begun = {office_tell(call, MSG_BACKOFFICE_WIZARD_BEGUN, ARG_TEXT("title", office_dataset_title(dataset))),
                              office_dataset_address(call, dataset->id, "/source")};
        form->above = tpl_html(call->scope, call->app->tpl, &wizard_begun_template, call->language, &begun);
    }
    return ERR_OK;
}

static enum err create_asked(struct office_form *form, struct form_field *title, struct form_field *id, str *ret_id)
{
    struct call *call = form->call;
    str uid;
    if (id->value.n == 0) {
        return wizard_create_draft(call, title->value, ret_id, &uid);
    }
    enum err result = create(call, title->value, id->value, &uid);
    *ret_id = id->value;
    if (result == ERR_CONFLICT || result == ERR_USAGE) {
        form_fault(form, id, result == ERR_CONFLICT ? office_say(call, MSG_BACKOFFICE_WIZARD_ID_TAKEN)
                                                    : office_say(call, MSG_BACKOFFICE_WIZARD_ID_FORM));
        scope_forgive(call->scope);
        return ERR_OK;
    }
    TRY(result);
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "dataset.create", id->value, S(""));
    return ERR_OK;
}

enum err wizard_new(struct call *call)
{
    str id;
    struct office_form *form =
        form_make(call, SECTION_DATASETS, office_say(call, MSG_BACKOFFICE_WIZARD_NEW_TITLE),
                  office_say(call, MSG_BACKOFFICE_WIZARD_NEW_SUBMIT), S("/backoffice/datasets"));
    form->lead = office_say(call, MSG_BACKOFFICE_WIZARD_NEW_LEAD);
    struct form_field *title = form_line(form, "title", MSG_BACKOFFICE_WIZARD_TITLE, MSG_BACKOFFICE_WIZARD_TITLE_HINT, S(""));
    struct form_field *wanted = form_line(form, "id", MSG_BACKOFFICE_WIZARD_ID, MSG_BACKOFFICE_WIZARD_ID_HINT, S(""));
    if (!office_is_post(call)) {
        TRY(offer_begun(form));
        return form_send(form);
    }
    if (title->value.n == 0 || title->value.n > 300) {
        form_fault(form, title, office_say(call, MSG_BACKOFFICE_WIZARD_TITLE_FAULT));
        return form_send(form);
    }
    const struct dataset *begun;
    TRY(find_begun(call, title->value, &begun));
    if (begun && (wanted->value.n == 0 || str_eq(wanted->value, begun->id))) {
        return office_done(call, office_dataset_address(call, begun->id, "/source"), MESSAGE_NONE);
    }
    TRY(create_asked(form, title, wanted, &id));
    if (form->has_faults) {
        return form_send(form);
    }
    TRY(office_apply(call));
    return office_done(call, office_dataset_address(call, id, "/source"), MESSAGE_NONE);
}
