/* Colours and font of a site, as a style sheet. */
#include "base/buf.h"
#include "domain/site/internal.h"

/* A colour of links and buttons, and those made of it, in one scheme. */
struct scheme {
    const char *member;
    str paper, ground, ink_on; /* what it is read on, what is read on it */
    bool is_dark;
};

static double least_contrast(struct colour accent, const struct scheme *scheme)
{
    struct colour paper, ground, on;
    if (!colour_read(scheme->paper, &paper) || !colour_read(scheme->ground, &ground) ||
        !colour_read(scheme->ink_on, &on)) {
        return 0;
    }
    struct colour soft = colour_mix(paper, accent, scheme->is_dark ? 0.16 : 0.1);
    double contrasts[] = {colour_contrast(accent, soft), colour_contrast(accent, paper),
                          colour_contrast(accent, ground), colour_contrast(accent, on)};
    double least = contrasts[0];
    for (size_t i = 1; i < ARRAY_LENGTH(contrasts); i++) {
        least = contrasts[i] < least ? contrasts[i] : least;
    }
    return least;
}

static const struct scheme light = {"colours.accent", {"#ffffff", 7}, {"#f4f6f9", 7}, {"#ffffff", 7}, false};
static const struct scheme dark = {"colours.accent_dark", {"#11161d", 7}, {"#191f29", 7}, {"#0b1c36", 7}, true};

double colour_accent_contrast(struct colour accent, bool is_dark)
{
    return least_contrast(accent, is_dark ? &dark : &light);
}

static enum err add_scheme(const struct reading *reading, const json_t *value, const struct scheme *scheme,
                           struct buf *out)
{
    struct colour accent, paper, on;
    struct arena *arena = &reading->scope->arena;
    if (!colour_read(json_read_text(value), &accent) || !colour_read(scheme->paper, &paper) ||
        !colour_read(scheme->ink_on, &on)) {
        return site_wrong(reading, scheme->member, "a colour as in #0f4a96 is expected");
    }
    struct colour strong = colour_mix(accent, scheme->is_dark ? (struct colour){1, 1, 1} : (struct colour){0, 0, 0}, 0.3);
    struct colour soft = colour_mix(paper, accent, scheme->is_dark ? 0.16 : 0.1);
    double least = least_contrast(accent, scheme);
    if (least < CONTRAST_LEAST) {
        return site_wrong(reading, scheme->member,
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
    json_t *accent = json_object_get(colours, "accent");
    json_t *accent_dark = json_object_get(colours, "accent_dark");
    if (!accent || !accent_dark) {
        return site_wrong(reading, "colours", "accent (on white) and accent_dark (on black) are expected");
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
    TRY(site_read_line(reading, "font.family", json_object_get(font, "family"), 60, false, &family));
    for (size_t i = 0; i < family.n; i++) {
        if (!is_ascii_letter(family.p[i]) && !is_ascii_digit(family.p[i]) && family.p[i] != ' ') {
            return site_wrong(reading, "font.family", "letters, digits and blanks are expected");
        }
    }
    TRY(site_load_file(reading, "font.file", "font", json_object_get(font, "file"), ".woff2", FONT_BYTES,
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

enum err site_read_style(struct reading *reading, const json_t *settings)
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
        style->name = site_file_name(&reading->scope->arena, "theme", style->bytes, S(".css"));
    }
    return ERR_OK;
}

