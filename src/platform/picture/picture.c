#include "platform/picture/picture.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <pthread.h>

#include "base/utf8.h"

#define TEXT_BYTES 600 /* more never fits */
#define MARGIN 84
#define BAND 26
#define TEXT_WIDTH (PICTURE_WIDTH - 2 * MARGIN - BAND)
#define START (MARGIN + BAND)
#define TITLE_TOP 226
#define FAMILIES "DejaVu Sans,Noto Sans,Liberation Sans,sans-serif"

static const struct picture_colour ink = {0.082, 0.125, 0.180};
static const struct picture_colour ink_soft = {0.275, 0.325, 0.404};

/*
 * Font maps are not for several threads at once, and one for each thread would hold the fonts as often as there
 * are workers. A picture takes some 20 ms and is then kept (response cache).
 */
static pthread_mutex_t drawing = PTHREAD_MUTEX_INITIALIZER;
static PangoFontMap *fonts;

struct canvas {
    cairo_t *cairo;
    PangoContext *context;
};

struct setting {
    int pixels; /* size of the font */
    PangoWeight weight;
    int lines;  /* at most; behind them an ellipsis */
    struct picture_colour colour;
};

static void set_colour(cairo_t *cairo, struct picture_colour colour, double alpha)
{
    cairo_set_source_rgba(cairo, colour.red, colour.green, colour.blue, alpha);
}

/* One paragraph without characters that would begin a line or end the text. */
static str one_line(struct arena *arena, str text)
{
    str cut = utf8_truncate(text, TEXT_BYTES);
    char *out = arena_alloc(arena, cut.n + 1);
    for (size_t i = 0; i < cut.n; i++) {
        out[i] = (unsigned char)cut.p[i] < ' ' || cut.p[i] == 0x7f ? ' ' : cut.p[i];
    }
    str line = {out, cut.n};
    return utf8_is_valid(line) ? str_trim(line) : S("");
}

static PangoLayout *set_text(const struct canvas *canvas, str text, const struct setting *setting)
{
    PangoLayout *layout = pango_layout_new(canvas->context);
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, FAMILIES);
    pango_font_description_set_weight(font, setting->weight);
    pango_font_description_set_absolute_size(font, (double)setting->pixels * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(layout, TEXT_WIDTH * PANGO_SCALE);
    pango_layout_set_height(layout, -setting->lines);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_text(layout, text.p, (int)text.n);
    return layout;
}

/* Draws text from a height on and returns where it ends. */
static int draw_text(const struct canvas *canvas, str text, int start, int top, const struct setting *setting)
{
    int height = 0;
    if (text.n) {
        PangoLayout *layout = set_text(canvas, text, setting);
        set_colour(canvas->cairo, setting->colour, 1);
        cairo_move_to(canvas->cairo, start, top);
        pango_cairo_show_layout(canvas->cairo, layout);
        pango_layout_get_pixel_size(layout, NULL, &height);
        g_object_unref(layout);
    }
    return top + height;
}

/* A title that is short is large. */
static void draw_title(const struct canvas *canvas, str title, int top)
{
    struct setting setting = {64, PANGO_WEIGHT_BOLD, 3, ink};
    PangoLayout *layout = set_text(canvas, title, &setting);
    bool fits = !pango_layout_is_ellipsized(layout);
    g_object_unref(layout);
    if (!fits) {
        setting.pixels = 48;
        setting.lines = 4;
    }
    draw_text(canvas, title, START, top, &setting);
}

static void draw_arches(cairo_t *cairo)
{
    cairo_move_to(cairo, 6, 25);
    cairo_line_to(cairo, 26, 25);
    for (int i = 0; i < 2; i++) {
        double left = i ? 17 : 8;
        cairo_move_to(cairo, left, 25);
        cairo_line_to(cairo, left, 15.5);
        cairo_arc(cairo, left + 3.5, 15.5, 3.5, M_PI, 2 * M_PI);
        cairo_line_to(cairo, left + 7, 25);
    }
    cairo_move_to(cairo, 6, 8);
    cairo_line_to(cairo, 26, 8);
    cairo_set_line_width(cairo, 2);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    cairo_stroke(cairo);
}

/* The mark of tpl/part/mark.html, which is 32 wide. */
static void draw_mark(cairo_t *cairo, double left, double top, double size, struct picture_colour colour)
{
    cairo_save(cairo);
    cairo_translate(cairo, left, top);
    cairo_scale(cairo, size / 32, size / 32);
    cairo_new_path(cairo);
    cairo_arc(cairo, 27, 5, 5, -M_PI / 2, 0);
    cairo_arc(cairo, 27, 27, 5, 0, M_PI / 2);
    cairo_arc(cairo, 5, 27, 5, M_PI / 2, M_PI);
    cairo_arc(cairo, 5, 5, 5, M_PI, 3 * M_PI / 2);
    cairo_close_path(cairo);
    set_colour(cairo, colour, 1);
    cairo_fill(cairo);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    draw_arches(cairo);
    cairo_restore(cairo);
}

static void draw_ground(cairo_t *cairo, const struct picture_card *card)
{
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    set_colour(cairo, card->band, 1);
    cairo_rectangle(cairo, 0, 0, BAND, PICTURE_HEIGHT);
    cairo_fill(cairo);
    cairo_save(cairo); /* the arches of the mark, large and faint */
    cairo_translate(cairo, PICTURE_WIDTH - 380, PICTURE_HEIGHT - 400);
    cairo_scale(cairo, 15, 15);
    set_colour(cairo, card->band, 0.05);
    draw_arches(cairo);
    cairo_restore(cairo);
}

static void draw_theme(const struct canvas *canvas, str theme, const struct picture_card *card)
{
    static const struct setting setting = {28, PANGO_WEIGHT_SEMIBOLD, 1, {0.275, 0.325, 0.404}};
    if (theme.n) {
        set_colour(canvas->cairo, card->band, 1);
        cairo_arc(canvas->cairo, START + 11, TITLE_TOP - 32, 11, 0, 2 * M_PI);
        cairo_fill(canvas->cairo);
        draw_text(canvas, theme, START + 36, TITLE_TOP - 50, &setting);
    }
}

static void draw_all(struct arena *arena, const struct canvas *canvas, const struct picture_card *card)
{
    struct setting name = {32, PANGO_WEIGHT_BOLD, 1, card->accent};
    struct setting publisher = {32, PANGO_WEIGHT_SEMIBOLD, 1, ink};
    struct setting facts = {28, PANGO_WEIGHT_NORMAL, 1, ink_soft};
    draw_ground(canvas->cairo, card);
    draw_mark(canvas->cairo, START, 56, 56, card->accent);
    draw_text(canvas, one_line(arena, card->portal), START + 76, 64, &name);
    draw_theme(canvas, one_line(arena, card->theme), card);
    draw_title(canvas, one_line(arena, card->title), TITLE_TOP);
    draw_text(canvas, one_line(arena, card->publisher), START, PICTURE_HEIGHT - 146, &publisher);
    draw_text(canvas, one_line(arena, card->facts), START, PICTURE_HEIGHT - 96, &facts);
}

static cairo_status_t add_bytes(void *user, const unsigned char *bytes, unsigned n)
{
    buf_add(user, (str){(const char *)bytes, n});
    return CAIRO_STATUS_SUCCESS;
}

static cairo_status_t draw(struct arena *arena, const struct picture_card *card, struct buf *out)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, PICTURE_WIDTH, PICTURE_HEIGHT);
    cairo_t *cairo = cairo_create(surface);
    if (!fonts) {
        fonts = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    }
    struct canvas canvas = {cairo, pango_font_map_create_context(fonts)};
    pango_cairo_update_context(cairo, canvas.context);
    draw_all(arena, &canvas, card);
    cairo_status_t status = cairo_status(cairo);
    if (status == CAIRO_STATUS_SUCCESS) {
        status = cairo_surface_write_to_png_stream(surface, add_bytes, out);
    }
    g_object_unref(canvas.context);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return status;
}

enum err picture_draw(struct scope *scope, const struct picture_card *card, struct buf *out)
{
    pthread_mutex_lock(&drawing);
    cairo_status_t status = draw(&scope->arena, card, out);
    pthread_mutex_unlock(&drawing);
    return status == CAIRO_STATUS_SUCCESS
               ? ERR_OK
               : fail(scope, ERR_INTERNAL, "The picture could not be drawn: %s.",
                      cairo_status_to_string(status));
}
