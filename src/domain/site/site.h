/*
 * The look and the texts of a portal, from a settings file that its administrator writes (docs/site.md).
 * Read at start, immutable afterwards; without a file everything is as the program comes.
 */
#ifndef DOMAIN_SITE_SITE_H
#define DOMAIN_SITE_SITE_H

#include "base/scope.h"
#include "platform/i18n/translated.h"

/* A file that pages load, kept in memory. bytes.p == NULL: none. */
struct site_file {
    str bytes;
    str type; /* of the content */
    str name; /* of what it is for and a hash of its bytes: "logo-0123456789abcdef.svg" */
};

struct site_link {
    struct translated label;
    str address; /* a path of the portal, or http(s) */
};

/* How a theme of datasets is shown. */
struct site_theme {
    str name; /* as the metadata have it */
    struct translated label;
    str colour; /* "#2e7d32"; empty: none */
};

/* Parts of the home page. */
enum site_block { SITE_THEMES, SITE_POPULAR, SITE_LATEST, SITE_FIGURES, SITE_ABOUT, SITE_EMBEDS, SITE_BLOCK__COUNT };

struct site {
    struct translated lead;  /* one sentence below the portal's name; empty: ours */
    struct translated about; /* paragraphs, separated by empty lines */
    struct site_file logo, icon, font;
    int64_t logo_width, logo_height; /* pixels */
    bool logo_holds_name;    /* the portal's name is part of the picture */
    str accent;              /* of links and buttons on white, "#0f4a96" */
    struct site_file style;  /* colours and font as a style sheet that comes behind ours */
    const struct site_theme *themes;
    size_t theme_count;
    const struct site_link *footer;
    size_t footer_count;
    enum site_block blocks[SITE_BLOCK__COUNT]; /* of the home page, in order */
    size_t block_count;
};

/**
 * Reads the settings; files named in them lie beside the file. path NULL: the portal as it comes.
 * Lives in the scope's arena. Errors: ERR_FILE, ERR_METADATA (which member, what is expected; colours
 * that cannot be read on the page).
 */
enum err site_read(struct scope *scope, const char *path, struct site *ret_site) must_check;

/** The theme of a name, or NULL. */
const struct site_theme *site_theme_find(const struct site *site, str name);

/** The file of that name (site_file.name), or NULL. */
const struct site_file *site_file_find(const struct site *site, str name);

/* ---- colours (colour.c), for this directory and its tests ---- */

struct colour {
    double red, green, blue; /* 0 to 1, sRGB */
};

/** Reads "#rrggbb"; false when it is anything else. */
bool colour_read(str text, struct colour *ret);

/** "#rrggbb", in the arena. */
str colour_text(struct arena *arena, struct colour colour);

/** Contrast of two colours, 1 to 21 (WCAG 2.2, contrast ratio). */
double colour_contrast(struct colour a, struct colour b);

/** Between two colours: share of the second, 0 to 1. */
struct colour colour_mix(struct colour a, struct colour b, double share);

#endif
