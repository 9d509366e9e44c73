/* Logo, icon and colours, with a picture of what they will look like. */
#include "domain/site/picture.h"
#include "web/back/site.h"
#include "web/shell/static.h"

#define LOGO_MOST (512u << 10)
#define WIDTH_MOST 400
#define HEIGHT_MOST 120
#define HEIGHT_USUAL 40
#define ACCENT_DARK "#93bcff" /* as in assets/src/css/tokens.css */

/* ---- the picture of the colours ---- */

struct swatch {
    str address, accent, accent_dark, light, dark;
    bool light_good, dark_good;
};

static const struct tpl_member swatch_members[] = {
    TPL_URL(struct swatch, address),     TPL_TEXT(struct swatch, light),      TPL_TEXT(struct swatch, dark),
    TPL_TEXT(struct swatch, accent),     TPL_TEXT(struct swatch, accent_dark), TPL_BOOL(struct swatch, light_good),
    TPL_BOOL(struct swatch, dark_good)};
static const struct tpl_struct swatch_struct = TPL_STRUCT(struct swatch, swatch_members);
const struct tpl_binding site_look_template = {"back/site_look", &swatch_struct};

static str contrast_text(struct call *call, double contrast)
{
    return format_number(&call->scope->arena, call->language, (double)(int64_t)(contrast * 10) / 10, 1);
}

/* Beside what every section has. Colours that are none show nothing. */
static void add_swatch(struct office_form *form, str accent, str accent_dark)
{
    struct call *call = form->call;
    struct colour light, dark;
    if (!colour_read(accent, &light) || !colour_read(accent_dark, &dark)) {
        return;
    }
    double on_light = colour_accent_contrast(light, false);
    double on_dark = colour_accent_contrast(dark, true);
    struct swatch swatch = {
        .address = str_printf(&call->scope->arena, "/backoffice/site/preview.svg?accent=%.*s&accent_dark=%.*s",
                              STR_ARG(str_slice(accent, 1, 7)), STR_ARG(str_slice(accent_dark, 1, 7))),
        .accent = accent,
        .accent_dark = accent_dark,
        .light = contrast_text(call, on_light),
        .dark = contrast_text(call, on_dark),
        .light_good = on_light >= CONTRAST_LEAST,
        .dark_good = on_dark >= CONTRAST_LEAST};
    struct html own = tpl_html(call->scope, call->app->tpl, &site_look_template, call->language, &swatch);
    form->below.text = str_printf(&call->scope->arena, "%.*s%.*s", STR_ARG(own.text), STR_ARG(form->below.text));
}

static void draw(struct buf *out, int x, str paper, str ink, str accent, str on)
{
    buf_printf(out,
               "<g transform=\"translate(%d 0)\"><rect width=\"300\" height=\"150\" fill=\"%.*s\"/>"
               "<text x=\"20\" y=\"38\" font-size=\"20\" font-weight=\"700\" fill=\"%.*s\">Aa</text>"
               "<text x=\"60\" y=\"38\" font-size=\"16\" fill=\"%.*s\" text-decoration=\"underline\">/explore/</text>"
               "<rect x=\"20\" y=\"64\" width=\"150\" height=\"44\" rx=\"6\" fill=\"%.*s\"/>"
               "<text x=\"95\" y=\"92\" font-size=\"16\" font-weight=\"600\" text-anchor=\"middle\" fill=\"%.*s\">"
               "%.*s</text></g>",
               x, STR_ARG(paper), STR_ARG(ink), STR_ARG(accent), STR_ARG(accent), STR_ARG(on), STR_ARG(accent));
}

enum err back_site_preview(struct call *call)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct arena *arena = &call->scope->arena;
    struct colour light, dark;
    str accent = str_printf(arena, "#%.*s", STR_ARG(call_query(call, S("accent"))));
    str accent_dark = str_printf(arena, "#%.*s", STR_ARG(call_query(call, S("accent_dark"))));
    if (!colour_read(accent, &light) || !colour_read(accent_dark, &dark)) {
        return fail(call->scope, ERR_REQUEST, "Two colours are expected, as in accent=0f4a96.");
    }
    buf_add(&out, S("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 150\" font-family=\"sans-serif\">"));
    draw(&out, 0, S("#ffffff"), S("#11161d"), colour_text(arena, light), S("#ffffff"));
    draw(&out, 300, S("#11161d"), S("#ffffff"), colour_text(arena, dark), S("#0b1c36"));
    buf_add(&out, S("</svg>"));
    return static_send(call, buf_copy(&out, arena), S("image/svg+xml"));
}

/* ---- pictures ---- */

static void tell_picture(struct office_form *form, struct form_field *field, enum picture_fault fault)
{
    enum message message = fault == PICTURE_KIND     ? MSG_BACKOFFICE_SITE_FAULT_PICTURE
                           : fault == PICTURE_LARGE  ? MSG_BACKOFFICE_SITE_FAULT_PICTURE_LARGE
                           : fault == PICTURE_ACTIVE ? MSG_BACKOFFICE_SITE_FAULT_PICTURE_ACTIVE
                                                     : MSG_BACKOFFICE_SITE_FAULT_PICTURE_SIZE;
    form_fault(form, field, office_say(form->call, message));
}

/* The value that is now: JSON of a setting, or NULL. */
static json_t *value_now(struct call *call, enum site_member member)
{
    const struct site_value *value = &call->site->values[member];
    return value->origin == SITE_FROM_STORE ? json_loadb(value->text.p, value->text.n, JSON_DECODE_ANY, NULL) : NULL;
}

static enum err keep_picture(struct call *call, const char *purpose, const struct picture_kind *kind, str bytes,
                             json_t **ret_file)
{
    str name;
    TRY(site_keep_file(call->scope, call->app->sites, purpose, kind->ending, bytes, &name));
    *ret_file = json_object();
    site_put(*ret_file, "stored", site_text(name));
    return ERR_OK;
}

struct look {
    struct office_form *form;
    struct form_field *accent, *accent_dark, *logo, *height, *parts, *icon;
};

/* As wide as its proportion makes it. */
static int64_t width_of(const struct picture_kind *kind, int64_t height)
{
    int64_t width = kind->height ? height * kind->width / kind->height : height;
    return width < 8 ? 8 : width > WIDTH_MOST ? WIDTH_MOST : width;
}

static enum err read_logo(struct look *look, json_t **ret_value)
{
    struct call *call = look->form->call;
    struct picture_kind kind;
    str name;
    json_t *file = NULL;
    str bytes = form_file_sent(look->form, look->logo, &name);
    int64_t height = site_number(look->form, look->height, 8, HEIGHT_MOST, HEIGHT_USUAL);
    *ret_value = form_is_chosen(look->parts, S("no_logo")) ? NULL : value_now(call, SITE_MEMBER_LOGO);
    if (bytes.n) {
        enum picture_fault fault = picture_look(bytes, LOGO_MOST, false, &kind);
        if (fault != PICTURE_GOOD) {
            tell_picture(look->form, look->logo, fault);
            return ERR_OK;
        }
        if (look->form->has_faults) {
            return ERR_OK;
        }
        TRY(keep_picture(call, "logo", &kind, bytes, &file));
        json_decref(*ret_value);
        *ret_value = json_object();
        site_put(*ret_value, "file", file);
        site_put(*ret_value, "width", json_integer(width_of(&kind, height)));
    } else if (*ret_value && call->site->logo_height) {
        int64_t width = height * call->site->logo_width / call->site->logo_height;
        site_put(*ret_value, "width", json_integer(width < 8 ? 8 : width > WIDTH_MOST ? WIDTH_MOST : width));
    }
    if (*ret_value) {
        site_put(*ret_value, "height", json_integer(height));
        site_put(*ret_value, "holds_name", json_boolean(form_is_chosen(look->parts, S("holds_name"))));
    }
    return ERR_OK;
}

static enum err read_icon(struct look *look, json_t **ret_value)
{
    struct picture_kind kind;
    str name;
    str bytes = form_file_sent(look->form, look->icon, &name);
    *ret_value = form_is_chosen(look->parts, S("no_icon")) ? NULL : value_now(look->form->call, SITE_MEMBER_ICON);
    if (bytes.n == 0) {
        return ERR_OK;
    }
    enum picture_fault fault = picture_look(bytes, LOGO_MOST, true, &kind);
    bool is_shown = str_eq(kind.ending, S(".svg")) || str_eq(kind.ending, S(".png")) || str_eq(kind.ending, S(".ico"));
    if (fault != PICTURE_GOOD || !is_shown) {
        tell_picture(look->form, look->icon, fault == PICTURE_GOOD ? PICTURE_KIND : fault);
        return ERR_OK;
    }
    json_decref(*ret_value);
    *ret_value = NULL;
    return look->form->has_faults ? ERR_OK : keep_picture(look->form->call, "icon", &kind, bytes, ret_value);
}

static void check_colour(struct office_form *form, struct form_field *field, bool is_dark)
{
    struct call *call = form->call;
    struct colour colour;
    if (!colour_read(field->value, &colour)) {
        form_fault(form, field, office_say(call, MSG_BACKOFFICE_SITE_FAULT_COLOUR));
        return;
    }
    double contrast = colour_accent_contrast(colour, is_dark);
    if (contrast < CONTRAST_LEAST) {
        form_fault(form, field,
                   office_tell(call, is_dark ? MSG_BACKOFFICE_SITE_FAULT_DARK : MSG_BACKOFFICE_SITE_FAULT_LIGHT,
                               ARG_TEXT("contrast", contrast_text(call, contrast))));
    }
}

static json_t *colours_of(const struct look *look)
{
    json_t *colours = json_object();
    site_put(colours, "accent", site_text(look->accent->value));
    site_put(colours, "accent_dark", site_text(look->accent_dark->value));
    return colours;
}

/* ---- the form ---- */

static str accent_dark_now(struct call *call)
{
    const struct site_value *value = &call->site->values[SITE_MEMBER_COLOURS];
    json_t *colours cleanup_with(json_cleanup) = value->text.n ? json_loadb(value->text.p, value->text.n, 0, NULL) : NULL;
    str text = json_read_text(json_object_get(colours, "accent_dark"));
    return text.n ? str_copy(&call->scope->arena, text) : S(ACCENT_DARK);
}

static void make_fields(struct look *look)
{
    struct office_form *form = look->form;
    struct call *call = form->call;
    int64_t height = call->site->logo.bytes.p ? call->site->logo_height : HEIGHT_USUAL;
    look->accent = form_line(form, "accent", MSG_BACKOFFICE_SITE_ACCENT, MSG_BACKOFFICE_SITE_ACCENT_HINT, call->site->accent);
    look->accent_dark =
        form_line(form, "accent_dark", MSG_BACKOFFICE_SITE_ACCENT_DARK, MSG_BACKOFFICE_SITE_ACCENT_DARK_HINT, accent_dark_now(call));
    look->accent->type = look->accent_dark->type = S("color");
    look->logo = form_file(form, "logo", MSG_BACKOFFICE_SITE_LOGO, MSG_BACKOFFICE_SITE_LOGO_HINT);
    look->height = form_line(form, "logo_height", MSG_BACKOFFICE_SITE_LOGO_HEIGHT, MSG_BACKOFFICE_SITE_LOGO_HEIGHT_HINT,
                             str_printf(&call->scope->arena, "%lld", (long long)height));
    look->height->type = S("number");
    look->icon = form_file(form, "icon", MSG_BACKOFFICE_SITE_ICON, MSG_BACKOFFICE_SITE_ICON_HINT);
    look->parts = form_checks(form, "parts", MSG_BACKOFFICE_SITE_PARTS, MESSAGE_NONE);
    form_choice(form, look->parts, S("holds_name"), office_say(call, MSG_BACKOFFICE_SITE_HOLDS_NAME), S(""),
                call->site->logo_holds_name);
    form_choice(form, look->parts, S("no_logo"), office_say(call, MSG_BACKOFFICE_SITE_NO_LOGO), S(""), false);
    form_choice(form, look->parts, S("no_icon"), office_say(call, MSG_BACKOFFICE_SITE_NO_ICON), S(""), false);
}

enum err back_site_look(struct call *call)
{
    const struct site_section *section = site_section_find(S("look"));
    struct look look = {.form = site_form_make(call, section)};
    json_t *values[3] = {NULL, NULL, NULL};
    make_fields(&look);
    look.form->has_preview = true;
    look.form->second_name = S("preview");
    look.form->second = office_say(call, MSG_BACKOFFICE_SITE_PREVIEW);
    add_swatch(look.form, look.accent->value, look.accent_dark->value);
    if (!office_is_post(call)) {
        return form_send(look.form);
    }
    check_colour(look.form, look.accent, false);
    check_colour(look.form, look.accent_dark, true);
    if (form_has(&call->form, S("preview"))) {
        return form_send(look.form);
    }
    enum err result = read_logo(&look, &values[1]);
    if (result == ERR_OK) {
        result = read_icon(&look, &values[2]);
    }
    if (result != ERR_OK) {
        json_decref(values[1]);
        json_decref(values[2]);
        return result;
    }
    bool is_changed = call->site->values[SITE_MEMBER_COLOURS].origin != SITE_FROM_DEFAULT ||
                      !str_eq(look.accent->value, call->site->accent) || !str_eq(look.accent_dark->value, S(ACCENT_DARK));
    values[0] = is_changed ? colours_of(&look) : NULL;
    return site_form_save(look.form, section, values, STR_NONE);
}
