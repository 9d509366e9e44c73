/* Ways between the parts of the tab Metadata, and between the languages of a description. */
#include "domain/catalog/attachment.h"
#include "domain/catalog/reuse.h"
#include "web/back/metadata_page.h"
#include "web/front/metadata_view.h"

struct way {
    str address, label, note;
    bool current;
};

struct ways {
    struct tpl_list ways, more;
    bool has_more;
    str path, template_key; /* of the form that adds a language */
};

static const struct tpl_member way_members[] = {TPL_URL(struct way, address), TPL_TEXT(struct way, label),
                                                TPL_TEXT(struct way, note), TPL_BOOL(struct way, current)};
static const struct tpl_struct way_struct = TPL_STRUCT(struct way, way_members);
static const struct tpl_member navigation_members[] = {TPL_LIST(struct ways, ways, way_struct),
                                                       TPL_LIST(struct ways, more, way_struct),
                                                       TPL_BOOL(struct ways, has_more)};
static const struct tpl_struct navigation_shape = TPL_STRUCT(struct ways, navigation_members);
const struct tpl_binding metadata_navigation_template = {"back/metadata_navigation", &navigation_shape};

static const struct tpl_member languages_members[] = {
    TPL_LIST(struct ways, ways, way_struct), TPL_URL(struct ways, path), TPL_TEXT(struct ways, template_key)};
static const struct tpl_struct languages_shape = TPL_STRUCT(struct ways, languages_members);
const struct tpl_binding metadata_languages_template = {"back/metadata_languages", &languages_shape};

typedef VEC(struct way) way_list;

/* ---- parts ---- */

static void add_template(struct call *call, way_list *ways, str base, str key, str label, str current, str lang)
{
    struct arena *arena = &call->scope->arena;
    str address = str_printf(arena, "%.*s?template=%.*s%s%.*s", STR_ARG(base), STR_ARG(key), lang.n ? "&write=" : "",
                             STR_ARG(lang));
    vec_add(arena, ways, (struct way){address, label, S(""), str_eq(key, current)});
}

static void add_part(struct call *call, way_list *ways, str base, str key, enum message label, size_t count, str current)
{
    struct arena *arena = &call->scope->arena;
    str address = str_printf(arena, "%.*s/%.*s", STR_ARG(base), STR_ARG(key));
    str note = count ? format_int(arena, call->language, (int64_t)count) : S("");
    vec_add(arena, ways, (struct way){address, office_say(call, label), note, str_eq(key, current)});
}

static void add_templates(struct call *call, way_list *ways, str base, str current, str lang)
{
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    for (size_t i = 0; i < count; i++) {
        if (metadata_template_is_offered(&templates[i]) && !metadata_is_open(&templates[i])) {
            str label = office_say(call, metadata_template_label(&templates[i]));
            add_template(call, ways, base, templates[i].name, label, current, lang);
        }
    }
}

/* Templates without names of their own are many; those that hold nothing here stand aside. */
static enum err add_open(struct call *call, const struct dataset *dataset, way_list *ways, way_list *more, str base,
                         str current, str lang)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    TRY(json_read(call->scope, ERR_DATABASE, dataset->metadata.n ? dataset->metadata : S("{}"), "stored metadata",
                  &metadata));
    for (size_t i = 0; i < count; i++) {
        str name = templates[i].name;
        if (metadata_template_is_offered(&templates[i]) && metadata_is_open(&templates[i])) {
            bool is_used = json_object_size(json_object_getn(metadata, name.p, name.n)) > 0 || str_eq(name, current);
            str label = office_say(call, metadata_template_label(&templates[i]));
            add_template(call, is_used ? ways : more, base, name, label, current, lang);
        }
    }
    return ERR_OK;
}

static enum err add_customs(struct call *call, way_list *ways, str base, str current, str lang)
{
    const struct custom_template *customs;
    size_t count;
    TRY(custom_templates(call->scope, call->app->catalog, &customs, &count));
    for (size_t i = 0; i < count; i++) {
        str label = translated_text(&customs[i].label, call->language);
        str key = str_printf(&call->scope->arena, "custom-%.*s", STR_ARG(customs[i].name));
        add_template(call, ways, base, key, label.n ? label : customs[i].name, current, lang);
    }
    return ERR_OK;
}

enum err metadata_navigation(struct call *call, const struct dataset *dataset, str key, str lang, struct html *ret_html)
{
    way_list ways = {0};
    way_list more = {0};
    const struct attachment *attachments;
    const struct reuse *reuses;
    size_t attachment_count;
    size_t reuse_count;
    str base = office_dataset_address(call, dataset->id, "/metadata");
    TRY(attachments_of(call->scope, dataset, &attachments, &attachment_count));
    TRY(reuses_of(call->scope, dataset, &reuses, &reuse_count));
    add_templates(call, &ways, base, key, lang);
    TRY(add_customs(call, &ways, base, key, lang));
    TRY(add_open(call, dataset, &ways, &more, base, key, lang));
    add_part(call, &ways, base, METADATA_PART_FIELDS, MSG_BACKOFFICE_METADATA_FIELDS, dataset->schema.count, key);
    add_part(call, &ways, base, METADATA_PART_ATTACHMENTS, MSG_BACKOFFICE_METADATA_ATTACHMENTS, attachment_count, key);
    add_part(call, &ways, base, METADATA_PART_REUSES, MSG_BACKOFFICE_METADATA_REUSES, reuse_count, key);
    struct ways data = {.ways = {ways.items, ways.count},
                        .more = {more.items, more.count},
                        .has_more = more.count > 0};
    *ret_html = tpl_html(call->scope, call->app->tpl, &metadata_navigation_template, call->language, &data);
    return ERR_OK;
}

/* ---- languages ---- */

static bool is_text(const json_t *value)
{
    return json_is_array(value) ? json_array_size(value) > 0 : json_is_string(value) ? json_string_length(value) > 0
                                                                                      : value && !json_is_null(value);
}

/* Values of all templates that there are in the own language and not in this one; and texts of fields. */
static int64_t count_missing(const struct metadata_form *form, str lang)
{
    size_t count;
    int64_t missing = 0;
    const struct metadata_row *rows = metadata_rows(&count);
    const json_t *there = json_object_getn(json_object_get(form->metadata, "languages"), lang.p, lang.n);
    for (size_t i = 0; i < count; i++) {
        str in = rows[i].in->name;
        str name = rows[i].name;
        bool is_written = is_text(json_object_getn(json_object_getn(form->metadata, in.p, in.n), name.p, name.n));
        bool is_translated = is_text(json_object_getn(json_object_getn(there, in.p, in.n), name.p, name.n));
        missing += (rows[i].flags & METADATA_LANG) && metadata_is_offered(&rows[i]) && is_written && !is_translated;
    }
    for (size_t i = 0; i < form->dataset->schema.count; i++) {
        const struct field *field = &form->dataset->schema.fields[i];
        missing += !str_eq(field->label, field->name) &&
                   !metadata_field_text(form->metadata, lang, field->name, "label").n;
    }
    return missing;
}

/* Where the source language is not named it most likely is that of the portal, in which nothing is to be translated then. */
static bool is_source(const struct metadata_form *form, str lang)
{
    bool is_likely = !form->own_language.n && str_eq(lang, language_code(form->call->site->language));
    const json_t *there = json_object_getn(json_object_get(form->metadata, "languages"), lang.p, lang.n);
    return str_eq(lang, form->own_language) || !lang.n || (is_likely && !json_object_size(there));
}

static void add_language(struct metadata_form *form, way_list *ways, str path, str fixed, str lang)
{
    struct call *call = form->call;
    struct arena *arena = &call->scope->arena;
    bool is_own = str_eq(lang, form->own_language) || !lang.n;
    for (size_t i = 0; i < ways->count; i++) { /* once each; the first is the own one */
        if (str_ends(ways->items[i].address, str_printf(arena, "write=%.*s", STR_ARG(lang)))) {
            return;
        }
    }
    bool is_counted = !is_source(form, lang);
    int64_t missing = is_counted ? count_missing(form, lang) : 0;
    str name = lang.n ? format_language_name(arena, call->language, lang)
                      : office_say(call, MSG_BACKOFFICE_METADATA_SOURCE);
    str label = is_own && lang.n ? office_tell(call, MSG_BACKOFFICE_METADATA_SOURCE_NAMED, ARG_TEXT("language", name)) : name;
    str note = !is_counted ? S("")
               : missing   ? office_tell(call, MSG_BACKOFFICE_METADATA_MISSING, ARG_INT("count", missing))
                           : office_say(call, MSG_BACKOFFICE_METADATA_COMPLETE);
    str address = str_printf(arena, "%.*s?%.*s%swrite=%.*s", STR_ARG(path), STR_ARG(fixed), fixed.n ? "&" : "",
                             STR_ARG(lang));
    bool current = is_own ? metadata_form_key(form).n == 0 : str_eq(form->lang, lang);
    vec_add(arena, ways, (struct way){address, label, note, current});
}

enum err metadata_languages(struct metadata_form *form, str path, str fixed, struct html *ret_html)
{
    way_list ways = {0};
    const char *tag;
    json_t *values;
    add_language(form, &ways, path, fixed, form->own_language);
    for (language lang = 0; lang < language_count(); lang++) {
        if (!str_eq(language_code(lang), S("ar-xb"))) { /* of development builds */
            add_language(form, &ways, path, fixed, language_code(lang));
        }
    }
    json_object_foreach(json_object_get(form->metadata, "languages"), tag, values) {
        add_language(form, &ways, path, fixed, str_copy(&form->call->scope->arena, str_from(tag)));
    }
    if (form->lang.n) {
        add_language(form, &ways, path, fixed, form->lang);
    }
    struct ways data = {.ways = {ways.items, ways.count}, .path = path, .template_key = form->template_key};
    *ret_html = tpl_html(form->call->scope, form->call->app->tpl, &metadata_languages_template, form->call->language,
                         &data);
    return ERR_OK;
}
