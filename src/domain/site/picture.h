/* Pictures that administrators send: what they are, whether they may be shown, how large they are. */
#ifndef DOMAIN_SITE_PICTURE_H
#define DOMAIN_SITE_PICTURE_H

#include "base/scope.h"

/* What is wrong with a picture. */
enum picture_fault {
    PICTURE_GOOD,
    PICTURE_KIND,   /* neither SVG, PNG, WebP, JPEG nor (where it may be) ICO */
    PICTURE_LARGE,  /* more bytes than allowed */
    PICTURE_SIZE,   /* width and height cannot be read, or no screen is that large */
    PICTURE_ACTIVE  /* an SVG that does or loads something */
};

struct picture_kind {
    str ending;            /* ".svg"; by the bytes, whatever the file was called */
    int64_t width, height; /* pixels, or the proportion of an SVG */
};

/** Looks at bytes. may_be_icon: ICO is a kind, too. */
enum picture_fault picture_look(str bytes, size_t most, bool may_be_icon,
                                struct picture_kind *ret_kind);

#endif
