/* What is offered for a value: of a closed list choices, of an open one suggestions. */
#include "platform/i18n/names.h"
#include "platform/text/zone.h"
#include "web/back/metadata_form.h"
#include "web/front/vocabulary_label.h"

typedef VEC(struct metadata_option) options;

/* Choices without a label are their own. */
static void add(struct metadata_form *form, options *all, str value, str label)
{
    struct metadata_option option = {.value = value, .label = label.n ? label : value};
    vec_add(&form->call->scope->arena, all, option);
}

static void add_terms(struct metadata_form *form, enum vocabulary vocabulary, options *all)
{
    size_t count;
    const struct vocabulary_term *terms = vocabulary_terms(&count);
    for (size_t i = 0; i < count; i++) {
        if (terms[i].in == vocabulary) {
            add(form, all, terms[i].value, office_say(form->call, vocabulary_message(&terms[i])));
        }
    }
}

/* The offered language that is written in, for names of things; else that of the page. */
static language written(const struct metadata_form *form)
{
    str code = form->lang.n ? form->lang : form->own_language;
    language lang = code.n ? language_find(code) : LANGUAGE_NONE;
    return lang == LANGUAGE_NONE ? form->call->language : lang;
}

static void add_languages(struct metadata_form *form, options *all)
{
    struct arena *arena = &form->call->scope->arena;
    for (const char *const *code = names_languages(); *code; code++) {
        add(form, all, str_from(*code), format_language_name(arena, form->call->language, str_from(*code)));
    }
}

static void add_countries(struct metadata_form *form, options *all)
{
    for (const char *const *code = names_countries(); *code; code++) {
        add(form, all, names_country(&form->call->scope->arena, written(form), str_from(*code)), S(""));
    }
}

static void add_zones(struct metadata_form *form, options *all)
{
    size_t count;
    const char *const *names = zone_names(&count);
    for (size_t i = 0; i < count; i++) {
        add(form, all, str_from(names[i]), S(""));
    }
}

static void add_fields(struct metadata_form *form, options *all)
{
    for (size_t i = 0; i < form->dataset->schema.count; i++) {
        const struct field *field = &form->dataset->schema.fields[i];
        add(form, all, field->name,
            str_printf(&form->call->scope->arena, "%.*s (%.*s)", STR_ARG(field->label), STR_ARG(field->name)));
    }
}

/* In the language that is written: what is called so in it is what people look for. */
static enum err add_entries(struct metadata_form *form, enum vocabulary list, options *all)
{
    const struct vocabulary_entry *entries;
    size_t count;
    bool is_ours;
    bool by_language = list == VOCABULARY_THEME || list == VOCABULARY_KEYWORD;
    TRY(vocabulary_entries(form->call->scope, form->call->app->catalog, list, &entries, &count, &is_ours));
    for (size_t i = 0; i < count; i++) {
        str label = by_language ? entries[i].labels.texts[written(form)] : S("");
        add(form, all, label.n ? label : entries[i].value, S(""));
    }
    if (list == VOCABULARY_THEME && count == 0) {
        size_t term_count;
        const struct vocabulary_term *terms = vocabulary_terms(&term_count);
        for (size_t i = 0; i < term_count; i++) {
            if (terms[i].in == VOCABULARY_DATA_THEME) {
                add(form, all, message_plain(written(form), vocabulary_message(&terms[i])), S(""));
            }
        }
    }
    return ERR_OK;
}

static enum err add_all(struct metadata_form *form, enum vocabulary vocabulary, options *all)
{
    switch (vocabulary) {
    case VOCABULARY_THEME:
    case VOCABULARY_PUBLISHER:
    case VOCABULARY_KEYWORD:
    case VOCABULARY_LICENSE:
        return add_entries(form, vocabulary, all);
    case VOCABULARY_LANGUAGE:
        add_languages(form, all);
        break;
    case VOCABULARY_COUNTRY:
        add_countries(form, all);
        break;
    case VOCABULARY_TIMEZONE:
        add_zones(form, all);
        break;
    case VOCABULARY_FIELD:
        add_fields(form, all);
        break;
    case VOCABULARY_DIRECTION:
        add(form, all, S("asc"), office_say(form->call, MSG_BACKOFFICE_METADATA_ASCENDING));
        add(form, all, S("desc"), office_say(form->call, MSG_BACKOFFICE_METADATA_DESCENDING));
        break;
    default:
        add_terms(form, vocabulary, all);
    }
    return ERR_OK;
}

static void add_choices(struct metadata_form *form, str choices, options *all)
{
    str line;
    while (str_split(&choices, '\n', &line)) {
        if (str_trim(line).n) {
            add(form, all, str_trim(line), S(""));
        }
    }
}

/* Order of the list, but for names of languages, which are sorted as their readers expect. */
static void sort(struct metadata_form *form, options *all)
{
    for (size_t i = 1; i < all->count; i++) {
        struct metadata_option one = all->items[i];
        size_t at = i;
        while (at > 0 && format_compare(form->call->language, all->items[at - 1].label, one.label) > 0) {
            all->items[at] = all->items[at - 1];
            at--;
        }
        all->items[at] = one;
    }
}

enum err metadata_offer(struct metadata_form *form, struct metadata_field *field)
{
    bool is_closed = false;
    options all = {0};
    enum vocabulary vocabulary =
        field->custom ? VOCABULARY_NONE : vocabulary_of(field->row, &is_closed);
    if (field->custom && field->custom->choices.n) {
        add_choices(form, field->custom->choices, &all);
        is_closed = true;
    } else if (field->row->type == METADATA_BOOLEAN) {
        add(form, &all, S("true"), office_say(form->call, MSG_BACKOFFICE_METADATA_YES));
        add(form, &all, S("false"), office_say(form->call, MSG_BACKOFFICE_METADATA_NO));
        is_closed = true;
    } else if (vocabulary != VOCABULARY_NONE) {
        TRY(add_all(form, vocabulary, &all));
    }
    if (vocabulary == VOCABULARY_LANGUAGE || vocabulary == VOCABULARY_COUNTRY) {
        sort(form, &all);
    }
    field->is_checks = is_closed && field->row->type == METADATA_TEXTS;
    field->is_select = is_closed && !field->is_checks;
    *(is_closed ? &field->options : &field->suggestions) = (struct tpl_list){all.items, all.count};
    return ERR_OK;
}
