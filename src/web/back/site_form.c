/* What the forms of the settings share. */
#include "base/bug.h"
#include "base/num.h"
#include "base/utf8.h"
#include "web/back/site.h"

/* ---- JSON ---- */

void site_put(json_t *object, const char *key, json_t *value)
{
    bug_if(value && json_object_set_new(object, key, value) != 0);
}

json_t *site_text(str text)
{
    json_t *value = json_stringn(text.p ? text.p : "", text.n);
    bug_if(!value); /* forms are UTF-8 */
    return value;
}

/* ---- what stands below the form ---- */

struct beside_value {
    str label, text, origin, below, below_origin;
    bool is_stored;
};

struct site_beside {
    str reset_address, saved;
    bool is_stored, conflict;
    struct tpl_list values;
};

static const struct tpl_member value_members[] = {
    TPL_TEXT(struct beside_value, label),  TPL_TEXT(struct beside_value, text),
    TPL_TEXT(struct beside_value, origin), TPL_TEXT(struct beside_value, below),
    TPL_TEXT(struct beside_value, below_origin), TPL_BOOL(struct beside_value, is_stored)};
static const struct tpl_struct value_struct = TPL_STRUCT(struct beside_value, value_members);
static const struct tpl_member beside_members[] = {
    TPL_URL(struct site_beside, reset_address), TPL_TEXT(struct site_beside, saved),
    TPL_BOOL(struct site_beside, is_stored), TPL_BOOL(struct site_beside, conflict),
    TPL_LIST(struct site_beside, values, value_struct)};
static const struct tpl_struct beside_struct = TPL_STRUCT(struct site_beside, beside_members);
const struct tpl_binding site_beside_template = {"back/site_beside", &beside_struct};

enum message site_origin_title(enum site_origin origin)
{
    static const enum message titles[SITE_ORIGIN__COUNT] = {
        [SITE_FROM_DEFAULT] = MSG_BACKOFFICE_SITE_FROM_DEFAULT,
        [SITE_FROM_FILE] = MSG_BACKOFFICE_SITE_FROM_FILE,
        [SITE_FROM_OPTION] = MSG_BACKOFFICE_SITE_FROM_OPTION,
        [SITE_FROM_STORE] = MSG_BACKOFFICE_SITE_FROM_STORE};
    return titles[origin];
}

/* Where each value comes from, and what would hold without what was saved here. */
static struct html make_beside(struct call *call, const struct site_section *section, const struct site *site,
                               bool conflict)
{
    struct arena *arena = &call->scope->arena;
    struct beside_value *values = arena_array(arena, struct beside_value, SECTION_MEMBERS_MOST);
    struct site_beside beside = {
        .conflict = conflict,
        .reset_address = str_printf(arena, "/backoffice/site/%s/reset", section->name),
        .values = {values, section->count}};
    for (size_t i = 0; i < section->count; i++) {
        const struct site_value *value = &site->values[section->members[i]];
        bool is_stored = value->origin == SITE_FROM_STORE;
        values[i] = (struct beside_value){
            .label = str_from(site_member_name(section->members[i])),
            .text = site_shown(call, section->members[i], site),
            .origin = office_say(call, site_origin_title(value->origin)),
            .is_stored = is_stored,
            .below = utf8_truncate(value->below, 300),
            .below_origin = office_say(call, site_origin_title(value->below_origin))};
        beside.is_stored |= is_stored;
        if (is_stored && beside.saved.n == 0) {
            beside.saved = office_tell(call, MSG_BACKOFFICE_SITE_SAVED_BY, ARG_TEXT("name", value->author),
                                       ARG_TEXT("at", office_instant(call, value->changed, MESSAGE_NONE)));
        }
    }
    return tpl_html(call->scope, call->app->tpl, &site_beside_template, call->language, &beside);
}

static void set_seen(struct office_form *form, const struct site_section *section, const struct site *site)
{
    form->revision = str_printf(&form->call->scope->arena, "%lld",
                            (long long)site_seen(site, section->members, section->count));
}

struct office_form *site_form_make(struct call *call, const struct site_section *section)
{
    struct office_form *form = form_make(call, SECTION_SITE, office_say(call, section->title),
                                         office_say(call, MSG_BACKOFFICE_SAVE), S("/backoffice/site"));
    form->lead = office_say(call, section->lead);
    form->below = make_beside(call, section, call->site, false);
    set_seen(form, section, call->site);
    return form;
}

/* ---- texts by language ---- */

struct form_field *site_form_texts(struct office_form *form, const char *name, enum message label, int64_t rows,
                                   const struct translated *texts)
{
    struct arena *arena = &form->call->scope->arena;
    struct form_field *first = NULL;
    for (language lang = 0; lang < language_count(); lang++) {
        const char *id = str_printf(arena, "%s_%.*s", name, STR_ARG(language_code(lang))).p;
        struct form_field *field = rows ? form_area(form, id, label, MESSAGE_NONE, rows, texts->texts[lang])
                                        : form_line(form, id, label, MESSAGE_NONE, texts->texts[lang]);
        field->label = str_printf(arena, "%.*s (%.*s)", STR_ARG(field->label), STR_ARG(language_own_name(lang)));
        first = first ? first : field;
    }
    return first;
}

json_t *site_typed_texts(struct office_form *form, struct form_field *first, size_t most)
{
    struct arena *arena = &form->call->scope->arena;
    json_t *texts = json_object();
    for (language lang = 0; lang < language_count(); lang++) {
        struct form_field *field = &first[lang];
        str text = str_trim(content_clean(arena, field->value));
        if (text.n > most) {
            form_fault(form, field, office_tell(form->call, MSG_BACKOFFICE_SITE_FAULT_LONG, ARG_INT("most", (int64_t)most)));
        } else if (text.n) {
            site_put(texts, str_cz(arena, language_code(lang)), site_text(text));
        }
    }
    if (json_object_size(texts) == 0) {
        json_decref(texts);
        return NULL;
    }
    return texts;
}

/* ---- numbers and places ---- */

int64_t site_number(struct office_form *form, struct form_field *field, int64_t least, int64_t most, int64_t empty)
{
    int64_t number = empty;
    bool is_good = field->value.n == 0 || (num_read_int(field->value, &number) && number >= least && number <= most);
    if (!is_good) {
        form_fault(form, field,
                   office_tell(form->call, MSG_BACKOFFICE_SITE_FAULT_NUMBER, ARG_INT("least", least), ARG_INT("most", most)));
    }
    return number;
}

/* The place of a name among those chosen, from 1; 0: it is not shown. */
static size_t place_of(str name, const str *chosen, size_t chosen_count)
{
    for (size_t k = 0; k < chosen_count; k++) {
        if (str_eq(chosen[k], name)) {
            return k + 1;
        }
    }
    return 0;
}

static void add_place(struct office_form *form, const char *prefix, str name, str label, size_t place)
{
    struct arena *arena = &form->call->scope->arena;
    struct form_field *field = form_line(form, str_printf(arena, "%s_%.*s", prefix, STR_ARG(name)).p,
                                         MSG_BACKOFFICE_SITE_PLACE, MESSAGE_NONE,
                                         place ? str_printf(arena, "%zu", place) : S(""));
    field->label = label;
    field->type = S("number");
}

void site_form_places(struct office_form *form, const char *prefix, const str *names, const str *labels, size_t count,
                      const str *chosen, size_t chosen_count)
{
    for (size_t place = 1; place <= chosen_count; place++) {
        for (size_t i = 0; i < count; i++) {
            if (place_of(names[i], chosen, chosen_count) == place) {
                add_place(form, prefix, names[i], labels[i], place);
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (place_of(names[i], chosen, chosen_count) == 0) {
            add_place(form, prefix, names[i], labels[i], 0);
        }
    }
}

json_t *site_typed_places(struct office_form *form, const char *prefix, const str *names, size_t count)
{
    json_t *list = json_array();
    int64_t places[FORM_FIELDS_MOST] = {0};
    for (size_t i = 0; i < form->count; i++) {
        for (size_t k = 0; k < count; k++) {
            str id = str_printf(&form->call->scope->arena, "%s_%.*s", prefix, STR_ARG(names[k]));
            if (str_eq(form->items[i].id, id)) {
                places[k] = site_number(form, &form->items[i], 0, 99, 0);
            }
        }
    }
    /* Those of the same place in the order of the form. */
    for (int64_t place = 1; place <= 99; place++) {
        for (size_t k = 0; k < count; k++) {
            bug_if(places[k] == place && json_array_append_new(list, site_text(names[k])) != 0);
        }
    }
    return list;
}

/* ---- saving ---- */

/* The form again, with what was typed, and below it what somebody else saved. */
static enum err show_both(struct office_form *form, const struct site_section *section)
{
    struct call *call = form->call;
    bool changed;
    scope_forgive(call->scope);
    TRY(site_refresh(call->scope, call->app->sites, &changed));
    const struct site *site = site_current(call->app->sites);
    form->warning = office_say(call, MSG_BACKOFFICE_SITE_CONFLICT);
    form->has_faults = true;
    form->below = make_beside(call, section, site, true);
    set_seen(form, section, site);
    enum err result = form_send(form);
    site_unref(site);
    return result;
}

static void drop_all(json_t **values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_decref(values[i]);
    }
}

enum err site_form_save(struct office_form *form, const struct site_section *section, json_t **values, str password)
{
    struct call *call = form->call;
    struct site_change changes[SECTION_MEMBERS_MOST];
    struct site_save save = {
        .changes = changes, .count = section->count, .author = call->actor->name, .password = password};
    if (form->has_faults) {
        drop_all(values, section->count);
        return form_send(form);
    }
    for (size_t i = 0; i < section->count; i++) {
        changes[i] = (struct site_change){section->members[i], values[i]};
    }
    /* A script that does not say what it saw takes what there is. */
    if (!num_read_int(form_value(&call->form, S("revision")), &save.seen)) {
        save.seen = site_seen(call->site, section->members, section->count);
    }
    enum err result = site_store(call->scope, call->app->sites, &save);
    drop_all(values, section->count);
    if (result == ERR_CONFLICT) {
        return show_both(form, section);
    }
    if (result == ERR_METADATA) {
        form->warning = office_tell(call, MSG_BACKOFFICE_FAULT_DOCUMENT, ARG_TEXT("reason", call->scope->failure.message));
        form->has_faults = true;
        scope_forgive(call->scope);
        return form_send(form);
    }
    TRY(result);
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "site.change", str_from(section->name), S(""));
    return office_done(call, S("/backoffice/site"), MSG_BACKOFFICE_SITE_DONE);
}
