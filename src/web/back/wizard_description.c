/* The few words of a good start: title, description, themes, keywords, licence. */
#include <stdlib.h>

#include "domain/catalog/metadata_read.h"
#include "domain/catalog/typed_html.h"
#include "domain/catalog/vocabulary.h"
#include "web/back/unsent.h"
#include "web/back/wizard.h"
#include "web/front/vocabulary_label.h"

#define UNSENT_NAME S("description")

struct described {
    struct office_form *form;
    struct form_field *title, *description, *themes, *keywords, *licence, *publisher;
};

static const char *const licences[] = {"Licence Ouverte 2.0", "CC BY 4.0", "CC0 1.0", "ODbL 1.0"};

static str value_of(struct call *call, const json_t *metadata, const char *name)
{
    const json_t *value = metadata_value(metadata, S(""), S("default"), str_from(name));
    str text = json_read_text(value);
    return text.p ? str_copy(&call->scope->arena, text) : S("");
}

static str list_of(struct call *call, const json_t *metadata, const char *name)
{
    const json_t *list = metadata_value(metadata, S(""), S("default"), str_from(name));
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < json_array_size(list); i++) {
        buf_add(&out, i ? S(", ") : S(""));
        buf_add(&out, json_read_text(json_array_get(list, i)));
    }
    return buf_copy(&out, &call->scope->arena);
}

static void add_licences(struct described *described, str current)
{
    struct office_form *form = described->form;
    bool is_listed = current.n == 0;
    described->licence = form_radios(form, "license", MSG_BACKOFFICE_WIZARD_LICENCE, MSG_BACKOFFICE_WIZARD_LICENCE_HINT);
    for (size_t i = 0; i < ARRAY_LENGTH(licences); i++) {
        str name = str_from(licences[i]);
        is_listed |= str_eq(name, current);
        form_choice(form, described->licence, name, name, S(""), str_eq(name, current));
    }
    if (!is_listed) {
        form_choice(form, described->licence, current, current, S(""), true);
    }
    form_choice(form, described->licence, S(""), office_say(form->call, MSG_BACKOFFICE_WIZARD_LICENCE_NONE), S(""), current.n == 0);
}

static struct described make_form(struct wizard *wizard, const json_t *metadata)
{
    struct call *call = wizard->call;
    struct described described = {
        .form = wizard_form(wizard, STEP_DESCRIPTION, office_say(call, MSG_BACKOFFICE_WIZARD_DESCRIPTION_HEADING),
                            office_say(call, MSG_BACKOFFICE_WIZARD_CONTINUE), wizard_address(wizard, "/fields"))};
    struct office_form *form = described.form;
    form->lead = office_say(call, MSG_BACKOFFICE_WIZARD_DESCRIPTION_LEAD);
    form->unsent = UNSENT_NAME;
    form->scripts[0] = "unsent.js";
    form->revision = str_printf(&call->scope->arena, "%lld", (long long)wizard->dataset->metadata_processed);
    described.title = form_line(form, "title", MSG_BACKOFFICE_WIZARD_TITLE, MSG_BACKOFFICE_WIZARD_TITLE_HINT,
                                value_of(call, metadata, "title"));
    described.description = form_area(form, "description", MSG_BACKOFFICE_WIZARD_ABOUT, MSG_BACKOFFICE_WIZARD_ABOUT_HINT, 6,
                                      typed_text(&call->scope->arena, value_of(call, metadata, "description")));
    described.themes = form_line(form, "theme", MSG_BACKOFFICE_WIZARD_THEMES, MSG_BACKOFFICE_WIZARD_THEMES_HINT,
                                 list_of(call, metadata, "theme"));
    described.keywords = form_line(form, "keyword", MSG_BACKOFFICE_WIZARD_KEYWORDS, MSG_BACKOFFICE_WIZARD_KEYWORDS_HINT,
                                   list_of(call, metadata, "keyword"));
    described.publisher = form_line(form, "publisher", MSG_BACKOFFICE_WIZARD_PUBLISHER, MSG_BACKOFFICE_WIZARD_PUBLISHER_HINT,
                                    value_of(call, metadata, "publisher"));
    add_licences(&described, value_of(call, metadata, "license"));
    return described;
}

/* The portal's own list; of themes, where it has none, those of the EU. */
static enum err suggest(struct described *described, struct form_field *field, enum vocabulary list)
{
    struct call *call = described->form->call;
    const struct vocabulary_entry *entries;
    size_t count;
    bool is_ours;
    TRY(vocabulary_entries(call->scope, call->app->catalog, list, &entries, &count, &is_ours));
    for (size_t i = 0; i < count; i++) {
        form_suggest(described->form, field, entries[i].value);
    }
    size_t term_count;
    const struct vocabulary_term *terms = vocabulary_terms(&term_count);
    for (size_t i = 0; i < term_count && count == 0 && list == VOCABULARY_THEME; i++) {
        if (terms[i].in == VOCABULARY_DATA_THEME) {
            form_suggest(described->form, field, office_say(call, vocabulary_message(&terms[i])));
        }
    }
    return ERR_OK;
}

/* ---- taking ---- */

static enum err set_text(struct scope *scope, json_t *metadata, const char *name, str text)
{
    json_t *value cleanup_with(json_cleanup) = text.n ? json_stringn(text.p, text.n) : NULL;
    return metadata_set(scope, metadata, S(""), str_from(name), value);
}

/* Texts with commas or semicolons between. */
static enum err set_list(struct scope *scope, json_t *metadata, const char *name, str text)
{
    json_t *list cleanup_with(json_cleanup) = json_array();
    str group, part;
    while (text.n && str_split(&text, ';', &group)) {
        while (group.n && str_split(&group, ',', &part)) {
            part = str_trim(part);
            if (part.n) {
                json_array_append_new(list, json_stringn(part.p, part.n));
            }
        }
    }
    return metadata_set(scope, metadata, S(""), str_from(name), json_array_size(list) ? list : NULL);
}

static enum err set_values(struct described *described, json_t *metadata)
{
    struct scope *scope = described->form->call->scope;
    TRY(set_text(scope, metadata, "title", described->title->value));
    TRY(set_text(scope, metadata, "description", typed_html(&scope->arena, described->description->value)));
    TRY(set_list(scope, metadata, "theme", described->themes->value));
    TRY(set_list(scope, metadata, "keyword", described->keywords->value));
    TRY(set_text(scope, metadata, "publisher", described->publisher->value));
    return set_text(scope, metadata, "license", described->licence->value);
}

static enum err store(struct wizard *wizard, json_t *metadata)
{
    struct call *call = wizard->call;
    char *text = json_dumps(metadata, JSON_COMPACT);
    str compact = str_copy(&call->scope->arena, str_from(text));
    free(text);
    return catalog_describe(call->scope, call->app->catalog, wizard->dataset->id, compact, &wizard->dataset->schema,
                            wizard_seen(wizard));
}

/* Somebody else described it meanwhile: both are shown, and saving again is meant. */
static enum err show_conflict(struct wizard *wizard, struct described *described)
{
    struct call *call = wizard->call;
    const struct dataset *now;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    scope_forgive(call->scope);
    TRY(office_apply(call));
    TRY(office_open_dataset(call, RIGHT_PUBLISH, &now));
    TRY(json_read(call->scope, ERR_DATABASE, now->metadata, "metadata", &metadata));
    described->form->revision = str_printf(&call->scope->arena, "%lld", (long long)now->metadata_processed);
    described->form->has_faults = true;
    described->form->warning = office_tell(
        call, MSG_BACKOFFICE_WIZARD_CONFLICT_DESCRIPTION, ARG_TEXT("title", value_of(call, metadata, "title")),
        ARG_TEXT("description", typed_text(&call->scope->arena, value_of(call, metadata, "description"))),
        ARG_TEXT("themes", list_of(call, metadata, "theme")),
        ARG_TEXT("keywords", list_of(call, metadata, "keyword")), ARG_TEXT("licence", value_of(call, metadata, "license")));
    return form_send(described->form);
}

enum err wizard_description(struct call *call)
{
    struct wizard wizard;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(wizard_open(call, &wizard));
    TRY(json_read(call->scope, ERR_DATABASE, wizard.dataset->metadata.n ? wizard.dataset->metadata : S("{}"), "metadata", &metadata));
    struct described described = make_form(&wizard, metadata);
    TRY(suggest(&described, described.themes, VOCABULARY_THEME));
    TRY(suggest(&described, described.publisher, VOCABULARY_PUBLISHER));
    if (!office_is_post(call)) {
        return form_send(described.form);
    }
    if (described.title->value.n == 0 || described.title->value.n > 300) {
        form_fault(described.form, described.title, office_say(call, MSG_BACKOFFICE_WIZARD_TITLE_FAULT));
        return form_send(described.form);
    }
    TRY(set_values(&described, metadata));
    enum err result = store(&wizard, metadata);
    if (result == ERR_CONFLICT) {
        return show_conflict(&wizard, &described);
    }
    TRY(result);
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "dataset.describe", wizard.dataset->id, S(""));
    TRY(unsent_sent(call, wizard.dataset, UNSENT_NAME));
    TRY(office_apply(call));
    return office_done(call, wizard_address(&wizard, "/publish"), MSG_BACKOFFICE_WIZARD_SAVED);
}
