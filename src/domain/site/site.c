#include "domain/site/site.h"

#include <errno.h>
#include <stdio.h>

#include "base/json_read.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "platform/crypto/crypto.h"

#define SETTINGS_BYTES (256u << 10)
#define LOGO_BYTES (512u << 10)
#define FONT_BYTES (1u << 20)
#define LABEL_BYTES 200
#define TEXT_BYTES 10000
#define ADDRESS_BYTES 2000
#define THEMES_MOST 100
#define LINKS_MOST 30
#define CONTRAST_LEAST 4.5 /* WCAG 2.2, 1.4.3 */

static const char *const block_names[] = {[SITE_THEMES] = "themes", [SITE_POPULAR] = "popular", [SITE_LATEST] = "latest",
                                          [SITE_FIGURES] = "figures", [SITE_ABOUT] = "about",
                                          [SITE_EMBEDS] = "embeds"};

struct reading {
    struct scope *scope;
    str path;       /* of the settings */
    str directory;  /* with its slash; may be empty */
    struct site *site;
};

static enum err wrong(const struct reading *reading, const char *member, const char *what)
{
    return fail(reading->scope, ERR_METADATA, "%.*s: %s: %s", STR_ARG(reading->path), member, what);
}

/* ---- texts ---- */

static enum err read_line(const struct reading *reading, const char *member, const json_t *value,
                          size_t most, bool may_break, str *ret_text)
{
    str text = str_trim(json_read_text(value));
    if (text.n == 0 || text.n > most || (!may_break && !utf8_is_line(text))) {
        return wrong(reading, member,
                     str_printf(&reading->scope->arena, "a text of 1 to %zu bytes%s is expected", most,
                                may_break ? "" : " without line breaks")
                         .p);
    }
    *ret_text = str_copy(&reading->scope->arena, text);
    return ERR_OK;
}

/* One text for all languages, or texts by language. */
static enum err read_translated(const struct reading *reading, const char *member, const json_t *value,
                                size_t most, bool may_break, struct translated *ret)
{
    const char *code;
    json_t *text;
    if (json_is_string(value)) {
        str whole;
        TRY(read_line(reading, member, value, most, may_break, &whole));
        for (language lang = 0; lang < language_count(); lang++) {
            ret->texts[lang] = whole;
        }
        return ERR_OK;
    }
    if (!json_is_object(value) || json_object_size(value) == 0) {
        return wrong(reading, member, "a text is expected, or texts by language as in {\"en\": \"…\"}");
    }
    json_object_foreach((json_t *)(uintptr_t)value, code, text) {
        language lang = language_exact(str_from(code));
        if (lang == LANGUAGE_NONE) {
            return wrong(reading, member, "texts are in the languages that the portal offers");
        }
        TRY(read_line(reading, member, text, most, may_break, &ret->texts[lang]));
    }
    return ERR_OK;
}

static enum err read_address(const struct reading *reading, const char *member, const json_t *value,
                             str *ret)
{
    TRY(read_line(reading, member, value, ADDRESS_BYTES, false, ret));
    bool is_ours = str_starts(*ret, S("/")) && !str_starts(*ret, S("//"));
    bool is_web = str_starts(*ret, S("https://")) || str_starts(*ret, S("http://"));
    return is_ours || is_web ? ERR_OK
                             : wrong(reading, member,
                                     "a path of the portal (/…) or an address that begins with https:// "
                                     "or http:// is expected");
}

/* ---- files ---- */

static const struct {
    const char *ending, *type;
} file_types[] = {{".svg", "image/svg+xml"}, {".png", "image/png"},   {".webp", "image/webp"},
                  {".jpg", "image/jpeg"},    {".ico", "image/x-icon"}, {".woff2", "font/woff2"}};

static enum err read_bytes(const struct reading *reading, const char *member, str name, size_t most,
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
        return wrong(reading, member,
                     str_printf(&scope->arena, "%s: a file of 1 to %zu bytes is expected", path, most).p);
    }
    *ret_bytes = (str){bytes, n};
    return ERR_OK;
}

static void name_file(struct arena *arena, const char *purpose, str ending, struct site_file *file)
{
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(file->bytes, digest);
    file->name = str_printf(arena, "%s-%.*s%.*s", purpose,
                            STR_ARG(str_slice(hex_encode(arena, digest, sizeof(digest)), 0, 16)),
                            STR_ARG(ending));
}

/* The file's name is beside the settings: no way out of their directory. */
static enum err read_file(const struct reading *reading, const char *member, const char *purpose,
                          const json_t *value, const char *kinds, size_t most, struct site_file *ret)
{
    str name;
    TRY(read_line(reading, member, value, 255, false, &name));
    if (str_find_char(name, '/', 0) != SIZE_MAX || str_starts(name, S("."))) {
        return wrong(reading, member, "the name of a file beside the settings is expected");
    }
    for (size_t i = 0; i < ARRAY_LENGTH(file_types); i++) {
        str ending = str_from(file_types[i].ending);
        if (str_ends(name, ending) && strstr(kinds, file_types[i].ending)) {
            ret->type = str_from(file_types[i].type);
            TRY(read_bytes(reading, member, name, most, &ret->bytes));
            name_file(&reading->scope->arena, purpose, ending, ret);
            return ERR_OK;
        }
    }
    return wrong(reading, member,
                 str_printf(&reading->scope->arena, "a file of one of these kinds is expected: %s", kinds).p);
}

static enum err read_logo(struct reading *reading, const json_t *value)
{
    struct site *site = reading->site;
    const json_t *width = json_object_get(value, "width");
    const json_t *height = json_object_get(value, "height");
    TRY(read_file(reading, "logo.file", "logo", json_object_get(value, "file"), ".svg .png .webp .jpg",
                  LOGO_BYTES, &site->logo));
    site->logo_width = json_integer_value(width);
    site->logo_height = json_integer_value(height);
    site->logo_holds_name = json_is_true(json_object_get(value, "holds_name"));
    return site->logo_width >= 8 && site->logo_width <= 400 && site->logo_height >= 8 &&
                   site->logo_height <= 120
               ? ERR_OK
               : wrong(reading, "logo", "width (8 to 400) and height (8 to 120) in pixels are expected");
}

/* ---- colours and font ---- */

/* A colour of links and buttons, and those made of it, in one scheme. */
struct scheme {
    const char *member;
    str paper, ground, ink_on; /* what it is read on, what is read on it */
    bool is_dark;
};

static enum err add_scheme(const struct reading *reading, const json_t *value, const struct scheme *scheme,
                           struct buf *out)
{
    struct colour accent, paper, ground, on;
    struct arena *arena = &reading->scope->arena;
    bool is_read = colour_read(json_read_text(value), &accent) && colour_read(scheme->paper, &paper) &&
                   colour_read(scheme->ground, &ground) && colour_read(scheme->ink_on, &on);
    if (!is_read) {
        return wrong(reading, scheme->member, "a colour as in #0f4a96 is expected");
    }
    struct colour strong = colour_mix(accent, scheme->is_dark ? (struct colour){1, 1, 1} : (struct colour){0, 0, 0}, 0.3);
    struct colour soft = colour_mix(paper, accent, scheme->is_dark ? 0.16 : 0.1);
    double least = colour_contrast(accent, soft);
    double others[] = {colour_contrast(accent, paper), colour_contrast(accent, ground), colour_contrast(accent, on)};
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        least = others[i] < least ? others[i] : least;
    }
    if (least < CONTRAST_LEAST) {
        return wrong(reading, scheme->member,
                     str_printf(arena, "text in this colour, or on it, could not be read: its contrast is %.1f, "
                                       "and at least 4.5 is needed; choose a %s colour",
                                least, scheme->is_dark ? "lighter" : "darker")
                         .p);
    }
    buf_printf(out,
               "--accent:%.*s;--accent-strong:%.*s;--accent-soft:%.*s;--fill:%.*s;--fill-hover:%.*s;"
               "--on-fill:%.*s;",
               STR_ARG(colour_text(arena, accent)), STR_ARG(colour_text(arena, strong)),
               STR_ARG(colour_text(arena, soft)), STR_ARG(colour_text(arena, accent)),
               STR_ARG(colour_text(arena, strong)), STR_ARG(colour_text(arena, on)));
    return ERR_OK;
}

static enum err add_colours(const struct reading *reading, const json_t *colours, struct buf *out)
{
    static const struct scheme light = {"colours.accent", {"#ffffff", 7}, {"#f4f6f9", 7}, {"#ffffff", 7}, false};
    static const struct scheme dark = {"colours.accent_dark", {"#11161d", 7}, {"#191f29", 7}, {"#0b1c36", 7}, true};
    json_t *accent = json_object_get(colours, "accent");
    json_t *accent_dark = json_object_get(colours, "accent_dark");
    if (!accent || !accent_dark) {
        return wrong(reading, "colours", "accent (on white) and accent_dark (on black) are expected");
    }
    /* Who asks for more contrast keeps the colours that were made for it. */
    buf_add(out, S("@media not (prefers-contrast: more){:root{"));
    TRY(add_scheme(reading, accent, &light, out));
    buf_add(out, S("}@media (prefers-color-scheme: dark){:root{"));
    TRY(add_scheme(reading, accent_dark, &dark, out));
    buf_add(out, S("}}}"));
    return ERR_OK;
}

static enum err add_font(struct reading *reading, const json_t *font, struct buf *out)
{
    str family;
    TRY(read_line(reading, "font.family", json_object_get(font, "family"), 60, false, &family));
    for (size_t i = 0; i < family.n; i++) {
        if (!is_ascii_letter(family.p[i]) && !is_ascii_digit(family.p[i]) && family.p[i] != ' ') {
            return wrong(reading, "font.family", "letters, digits and blanks are expected");
        }
    }
    TRY(read_file(reading, "font.file", "font", json_object_get(font, "file"), ".woff2", FONT_BYTES,
                  &reading->site->font));
    buf_printf(out,
               "@font-face{font-family:\"%.*s\";src:url(\"/site/%.*s\") format(\"woff2\");font-weight:100 900;"
               "font-display:optional}:root{--sans:\"%.*s\",system-ui,sans-serif}",
               STR_ARG(family), STR_ARG(reading->site->font.name), STR_ARG(family));
    return ERR_OK;
}

static void add_themes(const struct site *site, struct buf *out)
{
    for (size_t i = 0; i < site->theme_count; i++) {
        if (site->themes[i].colour.n) {
            buf_printf(out, ".theme-%zu{--theme:%.*s}", i, STR_ARG(site->themes[i].colour));
        }
    }
}

static enum err make_style(struct reading *reading, const json_t *settings)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    json_t *colours = json_object_get(settings, "colours");
    json_t *font = json_object_get(settings, "font");
    TRY(colours ? add_colours(reading, colours, &out) : ERR_OK);
    if (colours) {
        reading->site->accent =
            str_copy(&reading->scope->arena, json_read_text(json_object_get(colours, "accent")));
    }
    TRY(font ? add_font(reading, font, &out) : ERR_OK);
    add_themes(reading->site, &out);
    if (out.n) {
        struct site_file *style = &reading->site->style;
        style->bytes = buf_copy(&out, &reading->scope->arena);
        style->type = S("text/css; charset=utf-8");
        name_file(&reading->scope->arena, "theme", S(".css"), style);
    }
    return ERR_OK;
}

/* ---- lists ---- */

static enum err read_themes(struct reading *reading, const json_t *list)
{
    size_t count = json_array_size(list);
    struct colour colour;
    if (!json_is_array(list) || count > THEMES_MOST) {
        return wrong(reading, "themes", "a list of at most 100 themes is expected");
    }
    struct site_theme *themes = arena_array(&reading->scope->arena, struct site_theme, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        json_t *label = json_object_get(item, "label");
        json_t *shade = json_object_get(item, "colour");
        themes[i] = (struct site_theme){.colour = S("")};
        TRY(read_line(reading, "themes.name", json_object_get(item, "name"), LABEL_BYTES, false,
                      &themes[i].name));
        TRY(label ? read_translated(reading, "themes.label", label, LABEL_BYTES, false, &themes[i].label)
                  : ERR_OK);
        if (shade && !colour_read(json_read_text(shade), &colour)) {
            return wrong(reading, "themes.colour", "a colour as in #2e7d32 is expected");
        }
        themes[i].colour = shade ? colour_text(&reading->scope->arena, colour) : S("");
    }
    reading->site->themes = themes;
    reading->site->theme_count = count;
    return ERR_OK;
}

static enum err read_footer(struct reading *reading, const json_t *list)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > LINKS_MOST) {
        return wrong(reading, "footer", "a list of at most 30 links is expected");
    }
    struct site_link *links = arena_array(&reading->scope->arena, struct site_link, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        links[i] = (struct site_link){0};
        TRY(read_translated(reading, "footer.label", json_object_get(item, "label"), LABEL_BYTES, false,
                            &links[i].label));
        TRY(read_address(reading, "footer.address", json_object_get(item, "address"), &links[i].address));
    }
    reading->site->footer = links;
    reading->site->footer_count = count;
    return ERR_OK;
}

static bool find_block(str name, enum site_block *ret)
{
    for (int i = 0; i < SITE_BLOCK__COUNT; i++) {
        if (str_eq(name, str_from(block_names[i]))) {
            *ret = (enum site_block)i;
            return true;
        }
    }
    return false;
}

static enum err read_blocks(struct reading *reading, const json_t *list)
{
    struct site *site = reading->site;
    site->block_count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum site_block block;
        bool is_new = find_block(json_read_text(json_array_get(list, i)), &block);
        for (size_t k = 0; is_new && k < site->block_count; k++) {
            is_new = site->blocks[k] != block;
        }
        if (!is_new) {
            return wrong(reading, "home", "some of themes, popular, latest, figures, about, embeds, each once");
        }
        site->blocks[site->block_count++] = block;
    }
    return json_is_array(list) ? ERR_OK : wrong(reading, "home", "a list is expected");
}

/* ---- the whole ---- */

static enum err check_members(const struct reading *reading, const json_t *settings)
{
    static const char *const known[] = {"lead",   "about",  "logo",   "icon", "colours",
                                        "font",   "themes", "footer", "home"};
    const char *name;
    json_t *value;
    if (!json_is_object(settings)) {
        return wrong(reading, "the file", "an object is expected");
    }
    json_object_foreach((json_t *)(uintptr_t)settings, name, value) {
        bool is_known = false;
        for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
            is_known |= strcmp(known[i], name) == 0;
        }
        if (!is_known) {
            return wrong(reading, str_cz(&reading->scope->arena, utf8_truncate(str_from(name), 60)),
                         "is not known; there are lead, about, logo, icon, colours, font, themes, footer, home");
        }
    }
    return ERR_OK;
}

static enum err read_members(struct reading *reading, const json_t *settings)
{
    struct site *site = reading->site;
    json_t *value;
    if ((value = json_object_get(settings, "lead"))) {
        TRY(read_translated(reading, "lead", value, LABEL_BYTES * 2, false, &site->lead));
    }
    if ((value = json_object_get(settings, "about"))) {
        TRY(read_translated(reading, "about", value, TEXT_BYTES, true, &site->about));
    }
    if ((value = json_object_get(settings, "logo"))) {
        TRY(read_logo(reading, value));
    }
    if ((value = json_object_get(settings, "icon"))) {
        TRY(read_file(reading, "icon", "icon", value, ".svg .png .ico", LOGO_BYTES, &site->icon));
    }
    if ((value = json_object_get(settings, "themes"))) {
        TRY(read_themes(reading, value));
    }
    if ((value = json_object_get(settings, "footer"))) {
        TRY(read_footer(reading, value));
    }
    if ((value = json_object_get(settings, "home"))) {
        TRY(read_blocks(reading, value));
    }
    return make_style(reading, settings);
}

static str directory_of(str path)
{
    size_t end = path.n;
    while (end > 0 && path.p[end - 1] != '/') {
        end--;
    }
    return str_slice(path, 0, end);
}

enum err site_read(struct scope *scope, const char *path, struct site *ret_site)
{
    *ret_site = (struct site){.blocks = {SITE_THEMES, SITE_POPULAR, SITE_LATEST, SITE_FIGURES, SITE_ABOUT, SITE_EMBEDS},
                              .block_count = SITE_BLOCK__COUNT,
                              .accent = S("#0f4a96")}; /* as in assets/src/css/tokens.css */
    if (!path) {
        return ERR_OK;
    }
    struct reading reading = {scope, str_from(path), directory_of(str_from(path)), ret_site};
    struct reading plain = {scope, str_from(path), S(""), ret_site};
    json_t *settings cleanup_with(json_cleanup) = NULL;
    str text;
    TRY(read_bytes(&plain, "the file", str_from(path), SETTINGS_BYTES, &text));
    TRY(json_read(scope, ERR_METADATA, text, path, &settings));
    TRY(check_members(&reading, settings));
    return read_members(&reading, settings);
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
