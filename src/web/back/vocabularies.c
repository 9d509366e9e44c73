/* The portal's own lists of values, and the page that leads to them, to templates and to changes of many datasets. */
#include "domain/catalog/custom_template.h"
#include "base/utf8.h"
#include "web/back/form.h"
#include "web/back/routes.h"

#define BASE "/backoffice/metadata"

struct item {
    str address, remove_address, label, detail;
    int64_t count;
};

struct overview_page {
    bool has_templates;
    struct tpl_list lists, templates;
};

struct list_page {
    str heading, lead, add_address;
    bool found, is_ours;
    struct tpl_list entries;
};

static const struct tpl_member item_members[] = {TPL_URL(struct item, address), TPL_URL(struct item, remove_address),
                                                 TPL_TEXT(struct item, label), TPL_TEXT(struct item, detail),
                                                 TPL_INT(struct item, count)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct item, item_members);
static const struct tpl_member overview_members[] = {TPL_BOOL(struct overview_page, has_templates),
                                                     TPL_LIST(struct overview_page, lists, item_struct),
                                                     TPL_LIST(struct overview_page, templates, item_struct)};
static const struct tpl_struct overview_struct = TPL_STRUCT(struct overview_page, overview_members);
const struct tpl_binding metadata_office_template = {"back/metadata_office", &overview_struct};
static const struct tpl_member list_members[] = {TPL_TEXT(struct list_page, heading), TPL_TEXT(struct list_page, lead),
                                                 TPL_URL(struct list_page, add_address), TPL_BOOL(struct list_page, found),
                                                 TPL_BOOL(struct list_page, is_ours),
                                                 TPL_LIST(struct list_page, entries, item_struct)};
static const struct tpl_struct list_struct = TPL_STRUCT(struct list_page, list_members);
const struct tpl_binding vocabulary_template = {"back/vocabulary", &list_struct};

/* ---- which there are ---- */

static const struct {
    enum vocabulary list;
    enum message title, lead;
    bool by_language, has_address;
    const char *path; /* of the values in metadata */
} lists[] = {
    {VOCABULARY_THEME, MSG_BACKOFFICE_VOCABULARY_THEME, MSG_BACKOFFICE_VOCABULARY_THEME_LEAD, true, false, "default.theme"},
    {VOCABULARY_KEYWORD, MSG_BACKOFFICE_VOCABULARY_KEYWORD, MSG_BACKOFFICE_VOCABULARY_KEYWORD_LEAD, true, false,
     "default.keyword"},
    {VOCABULARY_PUBLISHER, MSG_BACKOFFICE_VOCABULARY_PUBLISHER, MSG_BACKOFFICE_VOCABULARY_PUBLISHER_LEAD, false, false,
     "default.publisher"},
    {VOCABULARY_LICENSE, MSG_BACKOFFICE_VOCABULARY_LICENSE, MSG_BACKOFFICE_VOCABULARY_LICENSE_LEAD, false, true,
     "default.license"},
};

static enum err find_list(struct call *call, size_t *ret_at)
{
    enum vocabulary list = vocabulary_own(call->path_values[0]);
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        if (lists[i].list == list) {
            *ret_at = i;
            return ERR_OK;
        }
    }
    return fail(call->scope, ERR_NO_RECORD, "There is no such list.");
}

static str list_path(struct call *call, size_t at, const char *action)
{
    return str_printf(&call->scope->arena, BASE "/vocabularies/%.*s%s", STR_ARG(vocabulary_name(lists[at].list)), action);
}

enum err back_metadata_office(struct call *call)
{
    const struct custom_template *customs;
    const struct vocabulary_entry *entries;
    size_t count;
    bool is_ours;
    struct item items[ARRAY_LENGTH(lists)];
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        TRY(vocabulary_entries(call->scope, call->app->catalog, lists[i].list, &entries, &count, &is_ours));
        items[i] = (struct item){.address = list_path(call, i, ""),
                                 .label = office_say(call, lists[i].title),
                                 .detail = office_say(call, lists[i].lead),
                                 .count = (int64_t)count};
    }
    TRY(custom_templates(call->scope, call->app->catalog, &customs, &count));
    struct item *templates = arena_array(&call->scope->arena, struct item, count + 1);
    for (size_t i = 0; i < count; i++) {
        str label = translated_text(&customs[i].label, call->language);
        templates[i] = (struct item){.address = office_path(call, BASE "/templates/", customs[i].name),
                                     .label = label.n ? label : customs[i].name,
                                     .detail = customs[i].name,
                                     .count = (int64_t)customs[i].count};
    }
    struct overview_page page = {.has_templates = count > 0,
                                 .lists = {items, ARRAY_LENGTH(lists)},
                                 .templates = {templates, count}};
    return office_send(call, &(struct office_page){.section = SECTION_TEMPLATES,
                                                   .title = office_say(call, MSG_BACKOFFICE_VOCABULARY_TITLE),
                                                   .body = &metadata_office_template,
                                                   .data = &page});
}

/* ---- a list ---- */

static str entry_path(struct call *call, size_t at, const char *action, str value)
{
    return office_path(call, list_path(call, at, action).p, value);
}

enum err back_vocabulary(struct call *call)
{
    const struct vocabulary_entry *entries;
    size_t count;
    size_t at;
    bool is_ours;
    TRY(find_list(call, &at));
    TRY(vocabulary_entries(call->scope, call->app->catalog, lists[at].list, &entries, &count, &is_ours));
    struct item *items = arena_array(&call->scope->arena, struct item, count + 1);
    for (size_t i = 0; i < count; i++) {
        str label = translated_text(&entries[i].labels, call->language);
        items[i] = (struct item){.address = entry_path(call, at, "/edit?value=", entries[i].value),
                                 .remove_address = entry_path(call, at, "/remove?value=", entries[i].value),
                                 .label = entries[i].value,
                                 .detail = entries[i].address.n ? entries[i].address : label};
    }
    struct list_page page = {.heading = office_say(call, lists[at].title),
                             .lead = office_say(call, lists[at].lead),
                             .add_address = list_path(call, at, "/new"),
                             .found = count > 0,
                             .is_ours = is_ours,
                             .entries = {items, count}};
    return office_send(call, &(struct office_page){.section = SECTION_TEMPLATES,
                                                   .title = page.heading,
                                                   .body = &vocabulary_template,
                                                   .data = &page});
}

/* ---- an entry ---- */

struct controls {
    struct form_field *value, *address;
    struct form_field *labels[LANGUAGES_MOST];
};

static bool is_offered(language lang)
{
    return !str_eq(language_code(lang), S("ar-xb")); /* of development builds */
}

static void add_controls(struct office_form *form, size_t at, const struct vocabulary_entry *entry,
                         struct controls *controls)
{
    struct arena *arena = &form->call->scope->arena;
    controls->value = form_line(form, "value", MSG_BACKOFFICE_VOCABULARY_VALUE, MSG_BACKOFFICE_VOCABULARY_VALUE_HINT, entry->value);
    if (lists[at].has_address) {
        controls->address = form_line(form, "address", MSG_BACKOFFICE_VOCABULARY_ADDRESS,
                                      MSG_BACKOFFICE_VOCABULARY_ADDRESS_HINT, entry->address);
    }
    for (language lang = 0; lang < language_count() && lists[at].by_language; lang++) {
        if (is_offered(lang)) {
            str code = language_code(lang);
            const char *name = str_printf(arena, "label-%.*s", STR_ARG(code)).p;
            controls->labels[lang] = form_line(form, name, MSG_BACKOFFICE_VOCABULARY_LABEL, MESSAGE_NONE, entry->labels.texts[lang]);
            controls->labels[lang]->label = office_tell(form->call, MSG_BACKOFFICE_VOCABULARY_LABEL_IN,
                ARG_TEXT("language", format_language_name(arena, form->call->language, code)));
        }
    }
}

static void check_text(struct office_form *form, struct form_field *field, bool is_needed)
{
    bool is_good = field->value.n ? field->value.n <= VOCABULARY_VALUE_BYTES && utf8_is_line(field->value) : !is_needed;
    if (!is_good) {
        form_fault(form, field, office_say(form->call, MSG_BACKOFFICE_VOCABULARY_FAULT));
    }
}

static void read_controls(struct office_form *form, const struct controls *controls, struct vocabulary_entry *entry)
{
    *entry = (struct vocabulary_entry){.value = controls->value->value};
    check_text(form, controls->value, true);
    if (controls->address) {
        check_text(form, controls->address, false);
        entry->address = controls->address->value;
    }
    for (language lang = 0; lang < language_count(); lang++) {
        if (controls->labels[lang]) {
            check_text(form, controls->labels[lang], false);
            entry->labels.texts[lang] = controls->labels[lang]->value;
        }
    }
}

/* Who renames is asked whether datasets shall follow. */
static str rename_path(struct call *call, size_t at, str before, str value)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_printf(&out, BASE "/bulk?all=1&operation=replace&path=%s&old=", lists[at].path);
    url_encode(&out, before);
    buf_add(&out, S("&value="));
    url_encode(&out, value);
    return buf_copy(&out, &call->scope->arena);
}

static enum err edit(struct call *call, size_t at, str heading, const struct vocabulary_entry *stored)
{
    struct controls controls = {0};
    struct vocabulary_entry entry;
    struct office_form *form =
        form_make(call, SECTION_TEMPLATES, heading, office_say(call, MSG_BACKOFFICE_SAVE), list_path(call, at, ""));
    add_controls(form, at, stored, &controls);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    read_controls(form, &controls, &entry);
    if (form->has_faults) {
        return form_send(form);
    }
    enum err result = vocabulary_put(call->scope, call->app->catalog, lists[at].list, stored->value, &entry);
    if (result == ERR_CONFLICT) {
        scope_forgive(call->scope);
        form_fault(form, controls.value, office_say(call, MSG_BACKOFFICE_VOCABULARY_TAKEN));
        return form_send(form);
    }
    TRY(result);
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "vocabulary.put",
              vocabulary_name(lists[at].list), entry.value);
    bool is_renamed = stored->value.n && !str_eq(stored->value, entry.value);
    return is_renamed ? office_done(call, rename_path(call, at, stored->value, entry.value), MSG_BACKOFFICE_VOCABULARY_RENAMED)
                      : office_done(call, list_path(call, at, ""), MSG_BACKOFFICE_DONE_SAVED);
}

static enum err find_entry(struct call *call, size_t *ret_at, struct vocabulary_entry *ret_entry)
{
    const struct vocabulary_entry *entries;
    size_t count;
    bool is_ours;
    TRY(find_list(call, ret_at));
    TRY(vocabulary_entries(call->scope, call->app->catalog, lists[*ret_at].list, &entries, &count, &is_ours));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(entries[i].value, call_query(call, S("value")))) {
            *ret_entry = entries[i];
            return ERR_OK;
        }
    }
    return fail(call->scope, ERR_NO_RECORD, "The list has no such entry.");
}

enum err back_vocabulary_new(struct call *call)
{
    size_t at;
    TRY(find_list(call, &at));
    return edit(call, at, office_say(call, MSG_BACKOFFICE_VOCABULARY_ADD), &(struct vocabulary_entry){0});
}

enum err back_vocabulary_edit(struct call *call)
{
    size_t at;
    struct vocabulary_entry entry;
    TRY(find_entry(call, &at, &entry));
    return edit(call, at, entry.value, &entry);
}

enum err back_vocabulary_remove(struct call *call)
{
    size_t at;
    struct vocabulary_entry entry;
    TRY(find_entry(call, &at, &entry));
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_TEMPLATES,
                            office_tell(call, MSG_BACKOFFICE_VOCABULARY_REMOVE, ARG_TEXT("value", entry.value)),
                            office_say(call, MSG_BACKOFFICE_VOCABULARY_REMOVE_TEXT), office_say(call, MSG_BACKOFFICE_REMOVE),
                            list_path(call, at, ""), S(""));
    }
    TRY(vocabulary_remove(call->scope, call->app->catalog, lists[at].list, entry.value));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "vocabulary.remove",
              vocabulary_name(lists[at].list), entry.value);
    return office_done(call, list_path(call, at, ""), MSG_BACKOFFICE_VOCABULARY_REMOVED);
}
