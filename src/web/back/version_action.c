/* What is done with a version: made current, pinned, deleted; and how many are kept. */
#include "base/num.h"
#include "domain/records/version.h"
#include "web/back/form.h"
#include "web/back/routes.h"
#include "web/back/versions.h"

struct act {
    struct call *call;
    const struct dataset *dataset;
    int64_t number;
};

static void audit(const struct act *act, const char *action, str detail)
{
    struct call *call = act->call;
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, action, act->dataset->id, detail);
}

static str number_text(const struct act *act)
{
    return str_printf(&act->call->scope->arena, "%lld", (long long)act->number);
}

static enum err make_current(const struct act *act)
{
    struct call *call = act->call;
    int64_t before;
    TRY(catalog_make_current(call->scope, call->app->catalog, act->dataset->id, act->number, &before));
    audit(act, "version.current",
          str_printf(&call->scope->arena, "version %lld, before %lld", (long long)act->number,
                     (long long)before));
    return office_apply(call);
}

static enum err pin(const struct act *act)
{
    TRY(catalog_pin(act->call->scope, act->call->app->catalog, act->dataset->id, act->number, true));
    audit(act, "version.pin", number_text(act));
    return ERR_OK;
}

static enum err unpin(const struct act *act)
{
    TRY(catalog_pin(act->call->scope, act->call->app->catalog, act->dataset->id, act->number, false));
    audit(act, "version.unpin", number_text(act));
    return ERR_OK;
}

static enum err drop(const struct act *act)
{
    struct call *call = act->call;
    str uid;
    TRY(catalog_drop_version(call->scope, call->app->catalog, act->dataset->id, act->number, &uid));
    version_delete(catalog_data_directory(call->app->catalog), uid, act->number);
    audit(act, "version.drop", number_text(act));
    return office_apply(call);
}

static const struct action {
    const char *name;
    enum message title, text, submit, done;
    enum err (*act)(const struct act *act);
    bool is_danger;
} actions[] = {
    {"current", MSG_BACKOFFICE_VERSIONS_CURRENT_TITLE, MSG_BACKOFFICE_VERSIONS_CURRENT_TEXT,
     MSG_BACKOFFICE_VERSIONS_CURRENT_SUBMIT, MSG_BACKOFFICE_VERSIONS_DONE_CURRENT, make_current, false},
    {"pin", MSG_BACKOFFICE_VERSIONS_PIN_TITLE, MSG_BACKOFFICE_VERSIONS_PIN_TEXT, MSG_BACKOFFICE_VERSIONS_PIN,
     MSG_BACKOFFICE_VERSIONS_DONE_PIN, pin, false},
    {"unpin", MSG_BACKOFFICE_VERSIONS_UNPIN_TITLE, MSG_BACKOFFICE_VERSIONS_UNPIN_TEXT,
     MSG_BACKOFFICE_VERSIONS_UNPIN, MSG_BACKOFFICE_VERSIONS_DONE_UNPIN, unpin, false},
    {"delete", MSG_BACKOFFICE_VERSIONS_DELETE_TITLE, MSG_BACKOFFICE_VERSIONS_DELETE_TEXT,
     MSG_BACKOFFICE_VERSIONS_DELETE_SUBMIT, MSG_BACKOFFICE_VERSIONS_DONE_DELETE, drop, true},
};

static const struct action *find_action(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        if (str_eq(str_from(actions[i].name), name)) {
            return &actions[i];
        }
    }
    return NULL;
}

/* Asks. fault: why it could not be done. */
static enum err confirm(const struct act *act, const struct action *action, str fault)
{
    struct call *call = act->call;
    struct office_form *form = form_make(
        call, SECTION_DATASETS, office_tell(call, action->title, ARG_INT("number", act->number)),
        office_say(call, action->submit), office_dataset_address(call, act->dataset->id, "/versions"));
    form->dataset = act->dataset;
    form->tab = OFFICE_TAB_VERSIONS;
    form->lead = office_say(call, action->text);
    form->danger = action->is_danger;
    form->warning = fault;
    form->has_faults = fault.n > 0;
    return form_send(form);
}

enum err back_version_action(struct call *call)
{
    struct act act = {.call = call};
    struct version version;
    const struct action *action = find_action(call->path_values[2]);
    if (!action) {
        return fail(call->scope, ERR_NO_ROUTE, "The requested URI does not exist.");
    }
    TRY(office_open_dataset(call, RIGHT_PUBLISH, &act.dataset));
    TRY(office_id(call, 1, ERR_NO_VERSION, &act.number));
    TRY(catalog_version(call->scope, call->app->catalog, act.dataset->uid, act.number, &version));
    if (!office_is_post(call)) {
        return confirm(&act, action, S(""));
    }
    enum err result = action->act(&act);
    if (result == ERR_CONFLICT) {
        scope_forgive(call->scope);
        return confirm(&act, action, office_say(call, MSG_BACKOFFICE_VERSIONS_FAULT_IN_USE));
    }
    TRY(result);
    return office_done(call, office_dataset_address(call, act.dataset->id, "/versions"), action->done);
}

enum err back_versions_keep(struct call *call)
{
    struct act act = {.call = call};
    int64_t keep = 0;
    TRY(office_open_dataset(call, RIGHT_PUBLISH, &act.dataset));
    TRY(catalog_kept(call->scope, call->app->catalog, act.dataset->id, &keep));
    str before = keep ? str_printf(&call->scope->arena, "%lld", (long long)keep) : S("");
    struct office_form *form =
        form_make(call, SECTION_DATASETS, office_say(call, MSG_BACKOFFICE_VERSIONS_KEEP_TITLE),
                  office_say(call, MSG_BACKOFFICE_SAVE), office_dataset_address(call, act.dataset->id, "/versions"));
    form->dataset = act.dataset;
    form->tab = OFFICE_TAB_VERSIONS;
    struct form_field *field = form_line(form, "keep", MSG_BACKOFFICE_VERSIONS_KEEP_FIELD,
                                         MSG_BACKOFFICE_VERSIONS_KEEP_HINT, before);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    keep = 0;
    if (field->value.n && (!num_read_int(field->value, &keep) || keep < 1 || keep > VERSIONS_KEPT_MOST)) {
        form_fault(form, field,
                   office_tell(call, MSG_BACKOFFICE_VERSIONS_KEEP_FAULT, ARG_INT("most", VERSIONS_KEPT_MOST)));
        return form_send(form);
    }
    TRY(catalog_keep(call->scope, call->app->catalog, act.dataset->id, keep));
    act.number = keep;
    audit(&act, "version.keep", number_text(&act));
    return office_done(call, office_dataset_address(call, act.dataset->id, "/versions"),
                       MSG_BACKOFFICE_VERSIONS_DONE_KEEP);
}
