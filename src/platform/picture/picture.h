/*
 * Pictures that previews of links show in place of a page (Open Graph). Drawn by cairo, text set by pango;
 * nothing above this directory names them. Any thread; one picture at a time is drawn in a process.
 */
#ifndef PLATFORM_PICTURE_PICTURE_H
#define PLATFORM_PICTURE_PICTURE_H

#include "base/buf.h"
#include "base/scope.h"

#define PICTURE_WIDTH 1200
#define PICTURE_HEIGHT 630

struct picture_colour {
    double red, green, blue; /* 0 to 1, sRGB */
};

/* What a picture says; texts of any length and script, which are cut where they do not fit. May be empty. */
struct picture_card {
    str portal;    /* at the top, behind the mark */
    str theme;     /* above the title */
    str title;     /* four lines at most */
    str publisher; /* at the bottom */
    str facts;     /* below it */
    struct picture_colour accent; /* of the mark and the portal's name, on white */
    struct picture_colour band;   /* at the edge, and of the theme's dot */
};

/** Appends the picture as PNG. Errors: ERR_INTERNAL (the library cannot draw). */
enum err picture_draw(struct scope *scope, const struct picture_card *card, struct buf *out) must_check;

#endif
