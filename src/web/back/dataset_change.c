#include "web/back/dataset_change.h"

#include <stdlib.h>

#include "domain/catalog/attachment.h"
#include "domain/catalog/metadata_read.h"
#include "domain/records/version.h"
#include "web/back/form.h"
#include "web/back/routes.h"

static void audit(struct call *call, const char *action, str id, str detail)
{
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, action, id, detail);
}

static struct office_form *form_of(struct call *call, const struct dataset *dataset, enum message heading,
                                   enum message submit)
{
    struct office_form *form = form_make(call, SECTION_DATASETS, office_say(call, heading), office_say(call, submit),
                                         office_dataset_address(call, dataset->id, ""));
    form->dataset = dataset;
    form->tab = OFFICE_TAB_OVERVIEW;
    return form;
}

/* ---- made ---- */

static enum err metadata_of(struct call *call, str title, str *ret_metadata)
{
    json_t *metadata cleanup_with(json_cleanup) = json_object();
    json_t *value cleanup_with(json_cleanup) = json_stringn(title.p, title.n);
    if (title.n) {
        TRY(metadata_set(call->scope, metadata, S(""), S("default.title"), value));
    }
    char *text = json_dumps(metadata, JSON_COMPACT);
    *ret_metadata = str_copy(&call->scope->arena, str_from(text));
    free(text);
    return ERR_OK;
}

static enum err tell_made(struct call *call, str id, str uid)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("id"), id);
    json_key_text(&json, S("uid"), uid);
    json_key_text(&json, S("state"), S("draft"));
    json_key_text(&json, S("location"), office_dataset_address(call, id, ""));
    json_object_end(&json);
    return office_json(call, 201, &out);
}

enum err back_dataset_create(struct call *call)
{
    str id = str_trim(call_value(call, S("id")));
    str metadata;
    str uid;
    if (!actor_has_role(call->actor, ROLE_PUBLISHER)) {
        return fail(call->scope, ERR_DENIED, "To make datasets takes the role of a publisher.");
    }
    TRY(metadata_of(call, str_trim(call_value(call, S("title"))), &metadata));
    TRY(catalog_create(call->scope, call->app->catalog, id, metadata, call->actor->user, &uid));
    audit(call, "dataset.create", id, S(""));
    TRY(office_apply(call));
    return page_is_for_script(call)
               ? tell_made(call, id, uid)
               : office_done(call, office_dataset_address(call, id, ""), MSG_BACKOFFICE_DATASET_DONE_CREATE);
}

/* ---- opened and withdrawn ---- */

enum message change_release_name(const struct dataset *dataset)
{
    return !dataset->is_draft       ? MSG_BACKOFFICE_DATASET_OPEN
           : dataset->version == 0 ? MSG_BACKOFFICE_DATASET_PUBLISH_EMPTY
                                   : MSG_BACKOFFICE_DATASET_PUBLISH;
}

enum err back_dataset_release(struct call *call)
{
    const struct dataset *dataset;
    TRY(office_open_dataset(call, RIGHT_PUBLISH, &dataset));
    TRY(access_check(call->scope, call->app->access, call->actor, dataset->id, change_release_right(dataset)));
    enum message name = change_release_name(dataset);
    struct office_form *form = form_of(call, dataset, name, name);
    form->lead = dataset->version ? S("") : office_say(call, MSG_BACKOFFICE_DATASET_RELEASE_EMPTY);
    struct form_field *seen = form_radios(form, "seen", MSG_BACKOFFICE_DATASET_RELEASE_FIELD, MESSAGE_NONE);
    form_choice(form, seen, S("everyone"), office_say(call, MSG_BACKOFFICE_DATASET_RELEASE_EVERYONE),
                office_say(call, MSG_BACKOFFICE_DATASET_RELEASE_EVERYONE_HINT), true);
    if (dataset->is_draft) {
        form_choice(form, seen, S("restricted"), office_say(call, MSG_BACKOFFICE_DATASET_RELEASE_RESTRICTED),
                    office_say(call, MSG_BACKOFFICE_DATASET_RELEASE_RESTRICTED_HINT), false);
    }
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (!seen->value.n) {
        form_fault(form, seen, office_say(call, MSG_BACKOFFICE_DATASET_FAULT_CHOICE));
        return form_send(form);
    }
    bool is_public = str_eq(seen->value, S("everyone"));
    TRY(catalog_release(call->scope, call->app->catalog, dataset->id, is_public));
    audit(call, "dataset.release", dataset->id, is_public ? S("public") : S("restricted"));
    TRY(office_apply(call));
    return office_done(call, office_dataset_address(call, dataset->id, ""),
                       is_public ? MSG_BACKOFFICE_DATASET_DONE_PUBLIC : MSG_BACKOFFICE_DATASET_DONE_RESTRICTED);
}

enum err back_dataset_withdraw(struct call *call)
{
    const struct dataset *dataset;
    TRY(office_open_dataset(call, RIGHT_MANAGE, &dataset));
    struct office_form *form =
        form_of(call, dataset, MSG_BACKOFFICE_DATASET_WITHDRAW, MSG_BACKOFFICE_DATASET_WITHDRAW);
    form->lead = office_say(call, MSG_BACKOFFICE_DATASET_WITHDRAW_TEXT);
    form->danger = true;
    struct form_field *state = form_radios(form, "state", MSG_BACKOFFICE_DATASET_WITHDRAW_FIELD, MESSAGE_NONE);
    form_choice(form, state, S("draft"), office_say(call, MSG_BACKOFFICE_DATASET_WITHDRAW_DRAFT),
                office_say(call, MSG_BACKOFFICE_DATASET_WITHDRAW_DRAFT_HINT), true);
    form_choice(form, state, S("restricted"), office_say(call, MSG_BACKOFFICE_DATASET_WITHDRAW_RESTRICTED),
                office_say(call, MSG_BACKOFFICE_DATASET_WITHDRAW_RESTRICTED_HINT), false);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (!state->value.n) {
        form_fault(form, state, office_say(call, MSG_BACKOFFICE_DATASET_FAULT_CHOICE));
        return form_send(form);
    }
    TRY(catalog_withdraw(call->scope, call->app->catalog, dataset->id, str_eq(state->value, S("draft"))));
    audit(call, "dataset.withdraw", dataset->id, state->value);
    TRY(office_apply(call));
    return office_done(call, office_dataset_address(call, dataset->id, ""), MSG_BACKOFFICE_DATASET_DONE_WITHDRAWN);
}

/* ---- its id ---- */

enum err back_dataset_rename(struct call *call)
{
    const struct dataset *dataset;
    TRY(office_open_dataset(call, RIGHT_MANAGE, &dataset));
    struct office_form *form =
        form_of(call, dataset, MSG_BACKOFFICE_DATASET_RENAME_TITLE, MSG_BACKOFFICE_SAVE);
    form->lead = office_say(call, MSG_BACKOFFICE_DATASET_RENAME_TEXT);
    struct form_field *id = form_line(form, "id", MSG_BACKOFFICE_DATASET_ID, MSG_BACKOFFICE_DATASET_ID_HINT,
                                      dataset->id);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (str_eq(id->value, dataset->id)) {
        return office_done(call, office_dataset_address(call, dataset->id, ""), MESSAGE_NONE);
    }
    enum err result = catalog_rename(call->scope, call->app->catalog, dataset->id, id->value);
    if (result == ERR_USAGE || result == ERR_CONFLICT) {
        scope_forgive(call->scope);
        form_fault(form, id, office_say(call, result == ERR_USAGE ? MSG_BACKOFFICE_DATASET_ID_HINT
                                                                  : MSG_BACKOFFICE_DATASET_ID_TAKEN));
        return form_send(form);
    }
    TRY(result);
    audit(call, "dataset.rename", id->value, dataset->id);
    TRY(office_apply(call));
    return office_done(call, office_dataset_address(call, id->value, ""), MSG_BACKOFFICE_DATASET_DONE_RENAMED);
}

/* ---- removed ---- */

enum err back_dataset_remove(struct call *call)
{
    const struct dataset *dataset;
    str uid;
    TRY(office_open_dataset(call, RIGHT_PUBLISH, &dataset));
    struct office_form *form =
        form_of(call, dataset, MSG_BACKOFFICE_DATASET_REMOVE_TITLE, MSG_BACKOFFICE_DATASET_REMOVE);
    form->lead = office_say(call, MSG_BACKOFFICE_DATASET_REMOVE_TEXT);
    form->danger = true;
    struct form_field *id =
        form_line(form, "id", MSG_BACKOFFICE_DATASET_REMOVE_FIELD, MSG_BACKOFFICE_DATASET_REMOVE_HINT, S(""));
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (!str_eq(id->value, dataset->id)) {
        form_fault(form, id, office_tell(call, MSG_BACKOFFICE_DATASET_REMOVE_FAULT, ARG_TEXT("id", dataset->id)));
        return form_send(form);
    }
    TRY(catalog_remove(call->scope, call->app->catalog, dataset->id, &uid));
    version_delete_all(catalog_data_directory(call->app->catalog), uid);
    attachments_delete_all(catalog_data_directory(call->app->catalog), uid);
    audit(call, "dataset.remove", dataset->id, S(""));
    TRY(office_apply(call));
    return office_done(call, S("/backoffice/datasets"), MSG_BACKOFFICE_DATASET_DONE_REMOVED);
}
