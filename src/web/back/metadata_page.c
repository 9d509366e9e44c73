/* The form of metadata: shown, checked, saved; and what happens when two save the same. */
#include "web/back/metadata_page.h"

#include "base/num.h"
#include "domain/catalog/metadata_read.h"
#include "web/back/quality_view.h"
#include "web/back/routes.h"
#include "web/back/unsent.h"
#include "web/front/metadata_view.h"
#include "web/shell/faults.h"

#define NEW_NAMES 3 /* lines for names that the template has not */

struct new_name {
    str name_id, value_id, name, value;
};

struct form_page {
    struct html navigation, languages;
    str heading, csrf, cancel, translation, unsent, unsent_address;
    int64_t seen;
    bool has_conflict, has_html, takes_names, is_empty, is_answer;
    struct tpl_list errors, fields, names;
};

static const struct tpl_member name_members[] = {TPL_TEXT(struct new_name, name_id), TPL_TEXT(struct new_name, value_id),
                                                 TPL_TEXT(struct new_name, name), TPL_TEXT(struct new_name, value)};
static const struct tpl_struct name_struct = TPL_STRUCT(struct new_name, name_members);
static const struct tpl_member page_members[] = {
    TPL_HTML(struct form_page, navigation), TPL_HTML(struct form_page, languages), TPL_TEXT(struct form_page, heading),
    TPL_TEXT(struct form_page, csrf),       TPL_URL(struct form_page, cancel),     TPL_TEXT(struct form_page, translation),
    TPL_NUMBER(struct form_page, seen),     TPL_BOOL(struct form_page, has_conflict), TPL_BOOL(struct form_page, has_html),
    TPL_TEXT(struct form_page, unsent), TPL_TEXT(struct form_page, unsent_address), TPL_BOOL(struct form_page, is_answer),
    TPL_BOOL(struct form_page, takes_names), TPL_BOOL(struct form_page, is_empty), TPL_LIST(struct form_page, errors, fault_struct),
    TPL_LIST(struct form_page, fields, metadata_field_struct), TPL_LIST(struct form_page, names, name_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct form_page, page_members);
const struct tpl_binding metadata_template = {"back/metadata", &page_struct};

/* ---- showing ---- */

static str title_of(const struct metadata_form *form)
{
    if (form->custom) {
        str label = translated_text(&form->custom->label, form->call->language);
        return label.n ? label : form->custom->name;
    }
    return office_say(form->call, metadata_template_label(form->in));
}

static struct tpl_list list_names(struct arena *arena)
{
    struct new_name *names = arena_array(arena, struct new_name, NEW_NAMES);
    for (size_t i = 0; i < NEW_NAMES; i++) {
        names[i].name_id = str_printf(arena, "new-name-%zu", i);
        names[i].value_id = str_printf(arena, "new-value-%zu", i);
    }
    return (struct tpl_list){names, NEW_NAMES};
}

static struct tpl_list list_faults(struct metadata_form *form)
{
    struct faults *faults = arena_new(&form->call->scope->arena, struct faults);
    for (size_t i = 0; i < form->fields.count && faults->count < FAULTS_MOST; i++) {
        const struct metadata_field *field = &form->fields.items[i];
        if (field->fault.n) {
            faults_add_text(form->call, faults, field->id,
                            str_printf(&form->call->scope->arena, "%.*s: %.*s", STR_ARG(field->label), STR_ARG(field->fault)));
        }
    }
    return faults_list(faults);
}

/* What the form is called where typed text is kept: each template and language has its own. */
static str unsent_name(const struct metadata_form *form)
{
    return str_printf(&form->call->scope->arena, "metadata/%.*s/%.*s", STR_ARG(form->template_key), STR_ARG(form->lang));
}

static enum err show(struct metadata_form *form, bool has_conflict)
{
    struct call *call = form->call;
    struct arena *arena = &call->scope->arena;
    str path = office_dataset_address(call, form->dataset->id, "/metadata");
    struct form_page page = {.heading = title_of(form),
                        .csrf = call->ignores_cookies ? S("") : csrf_token(call),
                        .cancel = office_dataset_address(call, form->dataset->id, ""),
                        .seen = form->dataset->metadata_processed,
                        .unsent = unsent_name(form),
                        .unsent_address = unsent_address(call, form->dataset),
                        .is_answer = office_is_post(call),
                        .has_conflict = has_conflict,
                        .takes_names = metadata_is_open(form->in) && !form->custom && !metadata_form_key(form).n};
    for (size_t i = 0; i < form->fields.count; i++) {
        struct metadata_field *field = &form->fields.items[i];
        field->was = metadata_texts_digest(arena, &field->stored);
        page.has_html |= field->row->type == METADATA_HTML;
        TRY(metadata_offer(form, field));
    }
    metadata_controls(form);
    if (metadata_form_key(form).n) {
        page.translation = office_tell(call, MSG_BACKOFFICE_METADATA_TRANSLATION,
                                       ARG_TEXT("language", format_language_name(arena, call->language, form->lang)));
    }
    page.is_empty = form->fields.count == 0 && !page.takes_names;
    page.names = list_names(arena);
    page.fields = (struct tpl_list){form->fields.items, form->fields.count};
    page.errors = list_faults(form);
    TRY(metadata_navigation(call, form->dataset, form->template_key, form->lang, &page.navigation));
    TRY(metadata_languages(form, path, str_printf(arena, "template=%.*s", STR_ARG(form->template_key)), &page.languages));
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = form->dataset,
                                                                  .tab = OFFICE_TAB_METADATA,
                                                                  .title = page.heading,
                                                                  .body = &metadata_template,
                                                                  .data = &page,
                                                                  .scripts = {"unsent.js"},
                                                                  .has_errors = form->has_faults || has_conflict});
}

/* ---- what was typed ---- */

/* The value beside the name that somebody made up; of the list of names the place is that of the values. */
static str new_value(const struct metadata_form *form, str name, bool *ret_found)
{
    const struct form *sent = &form->call->form;
    size_t at = 0;
    *ret_found = false;
    for (size_t i = 0; i < sent->count; i++) {
        if (str_eq(sent->items[i].name, S("new_name"))) {
            *ret_found = str_eq(str_trim(sent->items[i].value), name);
            if (*ret_found) {
                break;
            }
            at++;
        }
    }
    for (size_t i = 0; i < sent->count && *ret_found; i++) {
        if (str_eq(sent->items[i].name, S("new_value")) && at-- == 0) {
            return sent->items[i].value;
        }
    }
    return S("");
}

static void receive(struct metadata_form *form)
{
    struct call *call = form->call;
    struct arena *arena = &call->scope->arena;
    for (size_t i = 0; i < form->fields.count; i++) {
        struct metadata_field *field = &form->fields.items[i];
        bool is_new = false;
        field->was_sent = form_has(&call->form, field->was_name);
        if (field->was_sent) {
            field->typed = metadata_texts_sent(call, field->row, field->name);
            field->was = form_value(&call->form, field->was_name);
        } else if (metadata_is_open(field->row->in) && !field->custom) {
            str value = str_trim(new_value(form, field->row->name, &is_new));
            if (is_new && value.n && !field->stored.count) {
                vec_add(arena, &field->typed, value);
                field->was_sent = true;
            }
        }
        field->was_touched = field->was_sent && !str_eq(metadata_texts_digest(arena, &field->typed), field->was);
    }
}

static struct metadata_field *find_field(struct metadata_form *form, str name)
{
    for (size_t i = 0; i < form->fields.count; i++) {
        if (str_eq(form->fields.items[i].name, name)) {
            return &form->fields.items[i];
        }
    }
    return NULL;
}

/* Who chooses a licence of the list gets its address, unless another one was typed. */
static enum err fill_licence_address(struct metadata_form *form)
{
    struct metadata_field *name = find_field(form, S("default.license"));
    struct metadata_field *address = find_field(form, S("default.license_url"));
    const struct vocabulary_entry *entries;
    size_t count;
    bool is_ours;
    bool is_wanted = name && address && name->was_touched && name->typed.count &&
                     (!address->was_touched || !address->typed.count);
    if (!is_wanted) {
        return ERR_OK;
    }
    TRY(vocabulary_entries(form->call->scope, form->call->app->catalog, VOCABULARY_LICENSE, &entries, &count, &is_ours));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(entries[i].value, name->typed.items[0]) && entries[i].address.n) {
            address->typed = (texts){0};
            vec_add(&form->call->scope->arena, &address->typed, entries[i].address);
            address->was_touched = true;
        }
    }
    return ERR_OK;
}

/* ---- two at once ---- */

/* Compares what was typed with what others stored meanwhile. Returns whether anything differs. */
static bool find_conflicts(struct metadata_form *form)
{
    struct arena *arena = &form->call->scope->arena;
    bool found = false;
    for (size_t i = 0; i < form->fields.count; i++) {
        struct metadata_field *field = &form->fields.items[i];
        if (!field->was_sent || metadata_texts_equal(&field->typed, &field->stored)) {
            continue;
        }
        str chosen = form_value(&form->call->form, field->choose_name);
        bool was_changed = !str_eq(metadata_texts_digest(arena, &field->stored), field->was);
        found = true;
        field->has_conflict = true;
        field->takes_stored = chosen.n && !was_changed ? str_eq(chosen, S("stored")) : !field->was_touched;
        field->takes_mine = chosen.n && !was_changed ? str_eq(chosen, S("mine")) : field->was_touched && !was_changed;
    }
    return found;
}

static bool was_conflict(const struct metadata_form *form, str name)
{
    for (size_t i = 0; i < form->call->form.count; i++) {
        const struct form_item *item = &form->call->form.items[i];
        if (str_eq(item->name, S("conflict")) && str_eq(item->value, name)) {
            return true;
        }
    }
    return false;
}

static void fault(struct metadata_form *form, struct metadata_field *field, str text)
{
    field->fault = text;
    form->has_faults = true;
}

/* What was decided of fields that both had changed. */
static void settle(struct metadata_form *form)
{
    for (size_t i = 0; i < form->fields.count; i++) {
        struct metadata_field *field = &form->fields.items[i];
        if (!field->was_sent || !was_conflict(form, field->name)) {
            continue;
        }
        str chosen = form_value(&form->call->form, field->choose_name);
        if (str_eq(chosen, S("stored"))) {
            field->typed = field->stored;
        } else if (!str_eq(chosen, S("mine"))) {
            field->has_conflict = true;
            fault(form, field, office_say(form->call, MSG_BACKOFFICE_METADATA_FAULT_DECIDE));
        }
    }
}

/* ---- saving ---- */

static enum err apply_field(struct metadata_form *form, struct metadata_field *field, struct buf *names)
{
    struct scope *scope = form->call->scope;
    json_t *value cleanup_with(json_cleanup) = NULL;
    enum message expected = MESSAGE_NONE;
    if (!field->was_sent || field->fault.n || metadata_texts_equal(&field->typed, &field->stored)) {
        return ERR_OK;
    }
    if (!metadata_texts_read(scope, field->row, &field->typed, &value, &expected)) {
        fault(form, field, office_say(form->call, expected));
        return ERR_OK;
    }
    enum err result = metadata_form_set(scope, form->metadata, metadata_form_key(form), field->row, field->custom, value);
    if (result == ERR_METADATA) {
        fault(form, field, scope->failure.message);
        scope_forgive(scope);
        return ERR_OK;
    }
    buf_printf(names, "%s%.*s", names->n ? " " : "", STR_ARG(field->name));
    return result;
}

static enum err apply(struct metadata_form *form, struct buf *names)
{
    bool sets_modified = false;
    for (size_t i = 0; i < form->fields.count; i++) {
        struct metadata_field *field = &form->fields.items[i];
        if (field->is_required && field->was_sent && !field->typed.count && !metadata_form_key(form).n) {
            fault(form, field, office_say(form->call, MSG_BACKOFFICE_METADATA_FAULT_REQUIRED));
        }
        TRY(apply_field(form, field, names));
        sets_modified |= str_eq(field->name, S("default.modified")) && field->was_sent && field->typed.count &&
                         !metadata_texts_equal(&field->typed, &field->stored);
    }
    if (!sets_modified) {
        json_object_del(json_object_get(form->metadata, "default"), "modified");
    }
    return ERR_OK;
}

static str here(const struct metadata_form *form)
{
    return str_printf(&form->call->scope->arena, "%.*s?template=%.*s%s%.*s",
                      STR_ARG(office_dataset_address(form->call, form->dataset->id, "/metadata")),
                      STR_ARG(form->template_key), form->lang.n ? "&write=" : "", STR_ARG(form->lang));
}

/* Somebody was faster between our look and our change. */
static enum err begin_again(struct metadata_form *form)
{
    const struct dataset *dataset;
    struct call *call = form->call;
    scope_forgive(call->scope);
    TRY(metadata_reload(call, &dataset));
    struct metadata_form again cleanup_with(metadata_form_close) = {0};
    TRY(metadata_form_open(call, dataset, &again));
    receive(&again);
    find_conflicts(&again);
    return show(&again, true);
}

static enum err save(struct metadata_form *form)
{
    struct call *call = form->call;
    struct buf names cleanup_with(buf_cleanup) = {0};
    settle(form);
    TRY(apply(form, &names));
    if (form->has_faults) {
        return show(form, false);
    }
    if (names.n) {
        enum err result = catalog_describe(call->scope, call->app->catalog, form->dataset->id, metadata_json(call->scope, form->metadata), NULL,
                                           form->dataset->metadata_processed);
        if (result == ERR_CONFLICT) {
            return begin_again(form);
        }
        TRY(result);
        TRY(office_apply(call));
        metadata_note(call, form->dataset, buf_str(&names));
    }
    TRY(unsent_sent(call, form->dataset, unsent_name(form)));
    /* The fragment of the way here would lead back down to the field, past what is said above. */
    return office_done(call, str_printf(&call->scope->arena, "%.*s#main", STR_ARG(here(form))), names.n ? MSG_BACKOFFICE_DONE_SAVED : MSG_BACKOFFICE_METADATA_SAME);
}

static enum err post(struct metadata_form *form)
{
    struct call *call = form->call;
    int64_t seen = 0;
    receive(form);
    TRY(fill_licence_address(form));
    if (form_has(&call->form, S("preview"))) {
        return show(form, false);
    }
    bool was_seen = num_read_int(form_value(&call->form, S("seen")), &seen) && seen == form->dataset->metadata_processed;
    return !was_seen && find_conflicts(form) ? show(form, true) : save(form);
}

enum err back_metadata(struct call *call)
{
    const struct dataset *dataset;
    if (office_is_post(call)) {
        TRY(office_apply(call)); /* what another node has stored a moment ago counts, too */
    }
    TRY(office_open_dataset(call, RIGHT_EDIT, &dataset));
    if (office_is_post(call) && metadata_is_document(call)) {
        return metadata_take(call, dataset);
    }
    if (!office_is_post(call) && page_is_for_script(call)) {
        return metadata_tell(call, dataset);
    }
    struct metadata_form form cleanup_with(metadata_form_close) = {0};
    TRY(metadata_form_open(call, dataset, &form));
    return office_is_post(call) ? post(&form) : show(&form, false);
}
