#include "domain/site/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/utf8.h"
#include "platform/crypto/crypto.h"

#define SETTINGS_BYTES (256u << 10)

static const char *const member_names[] = {
#define MEMBER(id, name) [SITE_MEMBER_##id] = name,
    SITE_MEMBERS(MEMBER)
#undef MEMBER
};

const char *site_member_name(enum site_member member)
{
    return member_names[member];
}

enum err site_wrong(const struct reading *reading, const char *member, const char *what)
{
    return reading->path.n
               ? fail(reading->scope, ERR_METADATA, "%.*s: %s: %s", STR_ARG(reading->path), member, what)
               : fail(reading->scope, ERR_METADATA, "%s: %s", member, what);
}

/* ---- texts ---- */

enum err site_read_line(const struct reading *reading, const char *member, const json_t *value,
                          size_t most, bool may_break, str *ret_text)
{
    str text = str_trim(json_read_text(value));
    if (text.n == 0 || text.n > most || (!may_break && !utf8_is_line(text))) {
        return site_wrong(reading, member,
                     str_printf(&reading->scope->arena, "a text of 1 to %zu bytes%s is expected", most,
                                may_break ? "" : " without line breaks")
                         .p);
    }
    *ret_text = str_copy(&reading->scope->arena, text);
    return ERR_OK;
}

/* One text for all languages, or texts by language. */
enum err site_read_translated(const struct reading *reading, const char *member, const json_t *value,
                                size_t most, bool may_break, struct translated *ret)
{
    const char *code;
    json_t *text;
    if (json_is_string(value)) {
        str whole;
        TRY(site_read_line(reading, member, value, most, may_break, &whole));
        for (language lang = 0; lang < language_count(); lang++) {
            ret->texts[lang] = whole;
        }
        return ERR_OK;
    }
    if (!json_is_object(value) || json_object_size(value) == 0) {
        return site_wrong(reading, member, "a text is expected, or texts by language as in {\"en\": \"…\"}");
    }
    json_object_foreach((json_t *)(uintptr_t)value, code, text) {
        language lang = language_exact(str_from(code));
        if (lang == LANGUAGE_NONE) {
            return site_wrong(reading, member, "texts are in the languages that the portal offers");
        }
        TRY(site_read_line(reading, member, text, most, may_break, &ret->texts[lang]));
    }
    return ERR_OK;
}

enum err site_read_address(const struct reading *reading, const char *member, const json_t *value,
                             str *ret)
{
    TRY(site_read_line(reading, member, value, ADDRESS_BYTES, false, ret));
    bool is_ours = str_starts(*ret, S("/")) && !str_starts(*ret, S("//"));
    bool is_web = str_starts(*ret, S("https://")) || str_starts(*ret, S("http://"));
    return is_ours || is_web ? ERR_OK
                             : site_wrong(reading, member,
                                     "a path of the portal (/…) or an address that begins with https:// "
                                     "or http:// is expected");
}

/* ---- files ---- */

static const struct {
    const char *ending, *type;
} file_types[] = {{".svg", "image/svg+xml"}, {".png", "image/png"},   {".webp", "image/webp"},
                  {".jpg", "image/jpeg"},    {".ico", "image/x-icon"}, {".woff2", "font/woff2"}};

enum err site_load_bytes(const struct reading *reading, const char *member, str name, size_t most,
                           str *ret_bytes)
{
    struct scope *scope = reading->scope;
    const char *path = str_printf(&scope->arena, "%.*s%.*s", STR_ARG(reading->directory), STR_ARG(name)).p;
    FILE *file = fopen(path, "re");
    if (!file) {
        return fail(scope, ERR_FILE, "%.*s: %s: %s cannot be opened (%s)", STR_ARG(reading->path), member,
                    path, strerror(errno));
    }
    char *bytes = arena_alloc(&scope->arena, most + 1);
    size_t n = fread(bytes, 1, most + 1, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed || n == 0 || n > most) {
        return site_wrong(reading, member,
                     str_printf(&scope->arena, "%s: a file of 1 to %zu bytes is expected", path, most).p);
    }
    *ret_bytes = (str){bytes, n};
    return ERR_OK;
}

str site_file_name(struct arena *arena, const char *purpose, str bytes, str ending)
{
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(bytes, digest);
    return str_printf(arena, "%s-%.*s%.*s", purpose,
                      STR_ARG(str_slice(hex_encode(arena, digest, sizeof(digest)), 0, 16)), STR_ARG(ending));
}

str site_file_type(str ending)
{
    for (size_t i = 0; i < ARRAY_LENGTH(file_types); i++) {
        if (str_eq(ending, str_from(file_types[i].ending))) {
            return str_from(file_types[i].type);
        }
    }
    return STR_NONE;
}

/* What was sent to the back office was checked there. */
static enum err find_stored(const struct reading *reading, const char *member, const json_t *value,
                            struct site_file *ret)
{
    *ret = (struct site_file){0};
    TRY(reading->find ? reading->find(reading->scope, reading->user, json_read_text(value), ret) : ERR_OK);
    return ret->bytes.p ? ERR_OK : site_wrong(reading, member, "the stored file is not there");
}

/* The file's name is beside the settings: no way out of their directory. */
enum err site_load_file(const struct reading *reading, const char *member, const char *purpose,
                        const json_t *value, const char *kinds, size_t most, struct site_file *ret)
{
    str name;
    json_t *stored = json_object_get(value, "stored");
    if (stored) {
        return find_stored(reading, member, stored, ret);
    }
    TRY(site_read_line(reading, member, value, 255, false, &name));
    if (str_find_char(name, '/', 0) != SIZE_MAX || str_starts(name, S("."))) {
        return site_wrong(reading, member, "the name of a file beside the settings is expected");
    }
    for (size_t i = 0; i < ARRAY_LENGTH(file_types); i++) {
        str ending = str_from(file_types[i].ending);
        if (str_ends(name, ending) && strstr(kinds, file_types[i].ending)) {
            ret->type = str_from(file_types[i].type);
            TRY(site_load_bytes(reading, member, name, most, &ret->bytes));
            ret->name = site_file_name(&reading->scope->arena, purpose, ret->bytes, ending);
            return ERR_OK;
        }
    }
    return site_wrong(reading, member,
                      str_printf(&reading->scope->arena, "a file of one of these kinds is expected: %s", kinds).p);
}

static enum err read_logo(struct reading *reading, const json_t *value)
{
    struct site *site = reading->site;
    const json_t *width = json_object_get(value, "width");
    const json_t *height = json_object_get(value, "height");
    TRY(site_load_file(reading, "logo.file", "logo", json_object_get(value, "file"), ".svg .png .webp .jpg",
                  LOGO_BYTES, &site->logo));
    site->logo_width = json_integer_value(width);
    site->logo_height = json_integer_value(height);
    site->logo_holds_name = json_is_true(json_object_get(value, "holds_name"));
    return site->logo_width >= 8 && site->logo_width <= 400 && site->logo_height >= 8 &&
                   site->logo_height <= 120
               ? ERR_OK
               : site_wrong(reading, "logo", "width (8 to 400) and height (8 to 120) in pixels are expected");
}

/* ---- the whole ---- */

static enum err check_members(const struct reading *reading, const json_t *settings)
{
    const char *name;
    json_t *value;
    if (!json_is_object(settings)) {
        return site_wrong(reading, "the file", "an object is expected");
    }
    json_object_foreach((json_t *)(uintptr_t)settings, name, value) {
        bool is_known = false;
        for (size_t i = 0; i < SITE_MEMBER__COUNT; i++) {
            is_known |= strcmp(member_names[i], name) == 0;
        }
        if (!is_known) {
            return site_wrong(
                reading, str_cz(&reading->scope->arena, utf8_truncate(str_from(name), 60)),
                "is not known; there are name, lead, about, logo, icon, colours, font, themes, footer, home, featured, "
                "languages, language, facets, mail, embed_ancestors, retention, timezone");
        }
    }
    return ERR_OK;
}

static enum err read_members(struct reading *reading, const json_t *settings)
{
    struct site *site = reading->site;
    json_t *value;
    if ((value = json_object_get(settings, "name"))) {
        TRY(site_read_line(reading, "name", value, LABEL_BYTES, false, &site->name));
    }
    if ((value = json_object_get(settings, "lead"))) {
        TRY(site_read_translated(reading, "lead", value, LABEL_BYTES * 2, false, &site->lead));
    }
    if ((value = json_object_get(settings, "about"))) {
        TRY(site_read_translated(reading, "about", value, TEXT_BYTES, true, &site->about));
    }
    if ((value = json_object_get(settings, "logo"))) {
        TRY(read_logo(reading, value));
    }
    if ((value = json_object_get(settings, "icon"))) {
        TRY(site_load_file(reading, "icon", "icon", value, ".svg .png .ico", LOGO_BYTES, &site->icon));
    }
    TRY(site_read_lists(reading, settings));
    TRY(site_read_values(reading, settings));
    return site_read_style(reading, settings);
}

static str directory_of(str path)
{
    size_t end = path.n;
    while (end > 0 && path.p[end - 1] != '/') {
        end--;
    }
    return str_slice(path, 0, end);
}

enum err site_read_file(struct scope *scope, const char *path, json_t **ret_members)
{
    struct reading plain = {.scope = scope, .path = str_from(path), .directory = S("")};
    str text;
    TRY(site_load_bytes(&plain, "the file", str_from(path), SETTINGS_BYTES, &text));
    TRY(json_read(scope, ERR_METADATA, text, path, ret_members));
    enum err result = check_members(&plain, *ret_members);
    if (result != ERR_OK) {
        json_cleanup(ret_members);
    }
    return result;
}

enum err site_make(struct scope *scope, const char *path, const json_t *members, site_find_file *find,
                   void *user, struct site *ret_site)
{
    struct reading reading = {.scope = scope,
                              .path = str_from(path),
                              .directory = directory_of(str_from(path)),
                              .site = ret_site,
                              .find = find,
                              .user = user};
    *ret_site = (struct site){.name = S("Open data"),
                              .blocks = {SITE_SEARCH, SITE_FEATURED, SITE_THEMES, SITE_POPULAR, SITE_LATEST, SITE_FIGURES,
                                         SITE_ABOUT, SITE_EMBEDS},
                              .block_count = SITE_BLOCK__COUNT,
                              .embed_ancestors = S("*"),
                              .zone = zone_find(S("UTC")),
                              .retention = {.audit_days = 365, .job_days = 90, .versions = SITE_VERSIONS_KEPT},
                              .accent = S("#0f4a96")}; /* as in assets/src/css/tokens.css */
    for (language lang = 0; lang < language_count(); lang++) {
        ret_site->offers[lang] = true;
    }
    return read_members(&reading, members);
}

str site_json_text(struct arena *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
    bug_if(!text);
    str copy = str_copy(arena, str_from(text));
    free(text);
    return copy;
}

const struct site_theme *site_theme_find(const struct site *site, str name)
{
    for (size_t i = 0; i < site->theme_count; i++) {
        if (str_eq(site->themes[i].name, name)) {
            return &site->themes[i];
        }
    }
    return NULL;
}

const struct site_file *site_file_find(const struct site *site, str name)
{
    const struct site_file *files[] = {&site->logo, &site->icon, &site->font, &site->style};
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        if (files[i]->bytes.p && str_eq(files[i]->name, name)) {
            return files[i];
        }
    }
    return NULL;
}
