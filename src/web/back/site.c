/* Settings of the site: what is set, where it comes from, and back to what lies below. */
#include "base/json_write.h"
#include "base/utf8.h"
#include "web/back/site.h"

#define SHOWN_BYTES 160

const struct site_section site_sections[] = {
    {"texts", MSG_BACKOFFICE_SITE_TEXTS_TITLE, MSG_BACKOFFICE_SITE_TEXTS_LEAD, {SITE_MEMBER_NAME, SITE_MEMBER_LEAD}, 2},
    {"about", MSG_BACKOFFICE_SITE_ABOUT_TITLE, MSG_BACKOFFICE_SITE_ABOUT_LEAD, {SITE_MEMBER_ABOUT}, 1},
    {"look", MSG_BACKOFFICE_SITE_LOOK_TITLE, MSG_BACKOFFICE_SITE_LOOK_LEAD,
     {SITE_MEMBER_COLOURS, SITE_MEMBER_LOGO, SITE_MEMBER_ICON}, 3},
    {"home", MSG_BACKOFFICE_SITE_HOME_TITLE, MSG_BACKOFFICE_SITE_HOME_LEAD, {SITE_MEMBER_HOME, SITE_MEMBER_FEATURED}, 2},
    {"facets", MSG_BACKOFFICE_SITE_FACETS_TITLE, MSG_BACKOFFICE_SITE_FACETS_LEAD, {SITE_MEMBER_FACETS}, 1},
    {"footer", MSG_BACKOFFICE_SITE_FOOTER_TITLE, MSG_BACKOFFICE_SITE_FOOTER_LEAD, {SITE_MEMBER_FOOTER}, 1},
    {"languages", MSG_BACKOFFICE_SITE_LANGUAGES_TITLE, MSG_BACKOFFICE_SITE_LANGUAGES_LEAD,
     {SITE_MEMBER_LANGUAGES, SITE_MEMBER_LANGUAGE, SITE_MEMBER_TIMEZONE}, 3},
    {"mail", MSG_BACKOFFICE_SITE_MAIL_TITLE, MSG_BACKOFFICE_SITE_MAIL_LEAD, {SITE_MEMBER_MAIL}, 1},
    {"embeds", MSG_BACKOFFICE_SITE_EMBEDS_TITLE, MSG_BACKOFFICE_SITE_EMBEDS_LEAD, {SITE_MEMBER_EMBED_ANCESTORS}, 1},
    {"retention", MSG_BACKOFFICE_SITE_RETENTION_TITLE, MSG_BACKOFFICE_SITE_RETENTION_LEAD, {SITE_MEMBER_RETENTION}, 1},
};
const size_t site_section_count = ARRAY_LENGTH(site_sections);

const struct site_section *site_section_find(str name)
{
    for (size_t i = 0; i < site_section_count; i++) {
        if (str_eq(name, str_from(site_sections[i].name))) {
            return &site_sections[i];
        }
    }
    return NULL;
}

/* ---- values for people ---- */

static str join(struct call *call, const str *names, size_t count)
{
    return str_join(&call->scope->arena, names, count, sizeof(*names), S(", "));
}

static str shown_home(struct call *call, const struct site *site)
{
    str names[SITE_BLOCK__COUNT];
    for (size_t i = 0; i < site->block_count; i++) {
        names[i] = office_say(call, site_block_title(site->blocks[i]));
    }
    return join(call, names, site->block_count);
}

static str shown_languages(struct call *call, const struct site *site)
{
    str names[LANGUAGES_MOST];
    size_t count = 0;
    for (language lang = 0; lang < language_count(); lang++) {
        if (site_offers(site, lang)) {
            names[count++] = language_own_name(lang);
        }
    }
    return join(call, names, count);
}

static str shown_footer(struct call *call, const struct site *site)
{
    str *names = arena_array(&call->scope->arena, str, site->footer_count + 1);
    for (size_t i = 0; i < site->footer_count; i++) {
        names[i] = translated_text(&site->footer[i].label, call->language);
    }
    return join(call, names, site->footer_count);
}

static str shown_mail(struct call *call, const struct site_mail *mail)
{
    return mail->url ? str_printf(&call->scope->arena, "%s, %s", mail->url, mail->from) : S("");
}

static str shown_retention(struct call *call, const struct site_retention *retention)
{
    return office_tell(call, MSG_BACKOFFICE_SITE_RETENTION_SHOWN, ARG_INT("audit", retention->audit_days),
                       ARG_INT("jobs", retention->job_days), ARG_INT("versions", retention->versions));
}

static str shown_embeds(struct call *call, str ancestors)
{
    return str_eq(ancestors, S("*"))        ? office_say(call, MSG_BACKOFFICE_SITE_EMBEDS_ANY)
           : str_eq(ancestors, S("'none'")) ? office_say(call, MSG_BACKOFFICE_SITE_EMBEDS_NONE)
                                            : ancestors;
}

str site_shown(struct call *call, enum site_member member, const struct site *site)
{
    switch (member) {
    case SITE_MEMBER_NAME: return site->name;
    case SITE_MEMBER_LEAD: return translated_text(&site->lead, call->language);
    case SITE_MEMBER_ABOUT: return utf8_truncate(translated_text(&site->about, call->language), SHOWN_BYTES);
    case SITE_MEMBER_LOGO: return site->logo.name;
    case SITE_MEMBER_ICON: return site->icon.name;
    case SITE_MEMBER_HOME: return shown_home(call, site);
    case SITE_MEMBER_FEATURED: return join(call, site->featured, site->featured_count);
    case SITE_MEMBER_FACETS: return site_facets_shown(call, site);
    case SITE_MEMBER_FOOTER: return shown_footer(call, site);
    case SITE_MEMBER_LANGUAGES: return shown_languages(call, site);
    case SITE_MEMBER_LANGUAGE: return language_own_name(site->language);
    case SITE_MEMBER_TIMEZONE: return zone_name(site->zone);
    case SITE_MEMBER_MAIL: return shown_mail(call, &site->mail);
    case SITE_MEMBER_COLOURS: return site->accent;
    case SITE_MEMBER_EMBED_ANCESTORS: return shown_embeds(call, site->embed_ancestors);
    case SITE_MEMBER_RETENTION: return shown_retention(call, &site->retention);
    default: return utf8_truncate(site->values[member].text, SHOWN_BYTES);
    }
}

/* ---- the list ---- */

struct section_item {
    str address, title, shown, origin, kind;
};

struct site_page_view {
    struct tpl_list sections;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct section_item, address), TPL_TEXT(struct section_item, title), TPL_TEXT(struct section_item, shown),
    TPL_TEXT(struct section_item, origin), TPL_TEXT(struct section_item, kind)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct section_item, item_members);
static const struct tpl_member site_members[] = {TPL_LIST(struct site_page_view, sections, item_struct)};
static const struct tpl_struct site_struct = TPL_STRUCT(struct site_page_view, site_members);
const struct tpl_binding site_template = {"back/site", &site_struct};

/* The first of its values, and the time zone beside the languages. */
static str shown_in_list(struct call *call, const struct site_section *section)
{
    str shown = site_shown(call, section->members[0], call->site);
    return section->members[0] == SITE_MEMBER_LANGUAGES
               ? str_printf(&call->scope->arena, "%.*s · %.*s", STR_ARG(shown), STR_ARG(zone_name(call->site->zone)))
               : shown;
}

static enum site_origin highest_origin(const struct site *site, const struct site_section *section)
{
    enum site_origin highest = SITE_FROM_DEFAULT;
    for (size_t i = 0; i < section->count; i++) {
        enum site_origin origin = site->values[section->members[i]].origin;
        highest = origin > highest ? origin : highest;
    }
    return highest;
}

static const char *const origin_names[SITE_ORIGIN__COUNT] = {
    [SITE_FROM_DEFAULT] = "default", [SITE_FROM_FILE] = "file", [SITE_FROM_OPTION] = "option", [SITE_FROM_STORE] = "stored"};

/* {"settings": {"name": {"value": …, "origin": "file", "revision": 0}, …}}; no secret is among them. */
static enum err tell_values(struct call *call)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key(&json, S("settings"));
    json_object_begin(&json);
    for (int i = 0; i < SITE_MEMBER__COUNT; i++) {
        const struct site_value *value = &call->site->values[i];
        json_key(&json, str_from(site_member_name((enum site_member)i)));
        json_object_begin(&json);
        json_key(&json, S("value"));
        json_raw(&json, value->text.n ? value->text : S("null"));
        json_key_text(&json, S("origin"), str_from(origin_names[value->origin]));
        json_key_int(&json, S("revision"), value->revision);
        json_object_end(&json);
    }
    json_object_end(&json);
    json_object_end(&json);
    return office_json(call, 200, &out);
}

enum err back_site(struct call *call)
{
    struct section_item items[ARRAY_LENGTH(site_sections)];
    if (page_is_for_script(call)) {
        return tell_values(call);
    }
    for (size_t i = 0; i < site_section_count; i++) {
        const struct site_section *section = &site_sections[i];
        enum site_origin origin = highest_origin(call->site, section);
        items[i] = (struct section_item){
            .address = str_printf(&call->scope->arena, "/backoffice/site/%s", section->name),
            .title = office_say(call, section->title),
            .shown = shown_in_list(call, section),
            .origin = office_say(call, site_origin_title(origin)),
            .kind = origin == SITE_FROM_STORE ? S("tag accent") : S("tag")};
    }
    struct site_page_view view = {{items, site_section_count}};
    return office_send(call, &(struct office_page){.section = SECTION_SITE,
                                                   .title = office_say(call, MSG_BACKOFFICE_SITE_TITLE),
                                                   .body = &site_template,
                                                   .data = &view});
}

/* ---- back to what lies below ---- */

enum err back_site_reset(struct call *call)
{
    const struct site_section *section = site_section_find(call->path_values[0]);
    struct site_change changes[SECTION_MEMBERS_MOST];
    if (!section) {
        return fail(call->scope, ERR_NO_ROUTE, "The requested URI does not exist.");
    }
    str address = str_printf(&call->scope->arena, "/backoffice/site/%s", section->name);
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_SITE,
                            office_tell(call, MSG_BACKOFFICE_SITE_RESET_TITLE,
                                        ARG_TEXT("section", office_say(call, section->title))),
                            office_say(call, MSG_BACKOFFICE_SITE_RESET_TEXT),
                            office_say(call, MSG_BACKOFFICE_SITE_RESET_SUBMIT), address, S(""));
    }
    for (size_t i = 0; i < section->count; i++) {
        changes[i] = (struct site_change){section->members[i], NULL};
    }
    TRY(site_store(call->scope, call->app->sites,
                   &(struct site_save){.changes = changes,
                                       .count = section->count,
                                       .seen = site_seen(call->site, section->members, section->count),
                                       .author = call->actor->name}));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "site.change", str_from(section->name),
              S("taken back"));
    return office_done(call, address, MSG_BACKOFFICE_SITE_RESET_DONE);
}
