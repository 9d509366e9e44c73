/*
 * What administrators decide of a portal: its look, its texts, its home page, languages, mail and so on (docs/site.md).
 * Settings lie in layers: what the program comes with, a file of settings, options of serve, and above all what
 * was saved in the back office. A struct site is one state of all that, immutable; keeper.h has the current one.
 */
#ifndef DOMAIN_SITE_SITE_H
#define DOMAIN_SITE_SITE_H

#include "base/json_read.h"
#include "base/scope.h"
#include "platform/i18n/translated.h"
#include "platform/text/zone.h"

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
enum site_block {
    SITE_THEMES,
    SITE_POPULAR,
    SITE_LATEST,
    SITE_FIGURES,
    SITE_ABOUT,
    SITE_EMBEDS,
    SITE_FEATURED,
    SITE_SEARCH, /* at the top wherever it stands in the list */
    SITE_BLOCK__COUNT
};

/** "themes", "latest" … as in settings. */
const char *site_block_name(enum site_block block);

/* The settings: members of the file and of what is stored. */
#define SITE_MEMBERS(M)                                                                            \
    M(NAME, "name") M(LEAD, "lead") M(ABOUT, "about") M(LOGO, "logo") M(ICON, "icon")              \
    M(COLOURS, "colours") M(FONT, "font") M(THEMES, "themes") M(FOOTER, "footer") M(HOME, "home")  \
    M(FEATURED, "featured") M(LANGUAGES, "languages") M(LANGUAGE, "language")                      \
    M(FACETS, "facets") M(MAIL, "mail") M(EMBED_ANCESTORS, "embed_ancestors")                      \
    M(RETENTION, "retention") M(TIMEZONE, "timezone")
enum site_member {
#define MEMBER(id, name) SITE_MEMBER_##id,
    SITE_MEMBERS(MEMBER)
#undef MEMBER
    SITE_MEMBER__COUNT
};

/** "name", "lead" … */
const char *site_member_name(enum site_member member);

/* Where a value comes from, the lowest layer first. */
enum site_origin { SITE_FROM_DEFAULT, SITE_FROM_FILE, SITE_FROM_OPTION, SITE_FROM_STORE, SITE_ORIGIN__COUNT };

/* A setting as JSON, and what is known of it. */
struct site_value {
    str text;                /* canonical JSON; empty: not set anywhere */
    enum site_origin origin;
    str below;               /* what would hold if nothing were stored; empty: nothing is set there */
    enum site_origin below_origin;
    int64_t revision;        /* raised by each change of what is stored; 0: never stored */
    usec changed;            /* of what is stored */
    str author;              /* who stored it, a sign-in name */
};

/* The mail relay. */
struct site_mail {
    const char *url, *from, *user; /* NULL: none */
    const char *password;          /* stored in the back office */
    const char *password_file;     /* named by an option */
};

#define SITE_VERSIONS_KEPT 3 /* besides pinned ones, when nobody says how many */

/* For how long things are kept. */
struct site_retention {
    int64_t audit_days, job_days; /* 0: for ever */
    int64_t versions;             /* of a dataset, besides pinned ones */
};

/* A page of content, as menus and lists need it. */
struct site_page {
    int64_t id;
    str slug;
    struct translated title;
    bool is_published;
    int menu;         /* enum content_menu */
    int64_t position; /* in its menu */
    int64_t revision;
    usec changed;
    str author;
};

struct site {
    int64_t generation; /* raised by each change */
    str name;           /* of the portal, as pages show it */
    struct site_value values[SITE_MEMBER__COUNT];
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
    const str *featured; /* ids of datasets on the home page */
    size_t featured_count;
    language language;   /* when neither cookie nor browser decides */
    bool offers[LANGUAGES_MOST]; /* to visitors; always language */
    const struct zone *zone; /* in which instants are shown */
    const str *facets;   /* of the catalogue, in order */
    size_t facet_count;  /* 0: all, in the order that they come */
    str embed_ancestors; /* sites whose frames may show embeds, as frame-ancestors has them */
    struct site_mail mail;
    bool sends_mail;     /* there is a relay, and an address that links begin with */
    struct site_retention retention;
    const struct site_page *pages; /* in the order of their menus */
    size_t page_count;
};

/* What is read from a file of settings or given by options. The JSON is dropped by who made it. */
struct site_layers {
    const char *path;      /* of the file; NULL: there is none */
    const json_t *file;    /* its members; NULL: none */
    const json_t *options; /* of serve that were given, as members; NULL: none */
    const json_t *defaults;
    const char *password_file; /* of the relay of the options; NULL: none */
};

/** Reads a file of settings as JSON. Errors: ERR_FILE, ERR_METADATA (no object, a member that is not known). */
enum err site_read_file(struct scope *scope, const char *path, json_t **ret_members) must_check;

/* How a stored file is found: false where there is none of that name. */
typedef enum err site_find_file(struct scope *scope, void *user, str name, struct site_file *ret_file);

/**
 * Makes a site of members; files named in them lie beside the file at path, or, as {"stored": NAME}, where find
 * finds them (NULL: nowhere). Lives in the scope's arena. Errors: ERR_FILE, ERR_METADATA (which member, what is
 * expected; colours that cannot be read on the page).
 */
enum err site_make(struct scope *scope, const char *path, const json_t *members, site_find_file *find,
                   void *user, struct site *ret_site) must_check;

/** Whether a language is offered to visitors. */
static inline bool site_offers(const struct site *site, language lang)
{
    return lang != LANGUAGE_NONE && site->offers[lang];
}

/**
 * Sites whose frames may show embeds, from "*", "none" or origins with commas between, to the words of
 * frame-ancestors; STR_NONE: it is none of that.
 */
str site_ancestors(struct arena *arena, str text);

/** The members of a layer or of what is stored, known or not. Canonical JSON in the arena. */
str site_json_text(struct arena *arena, const json_t *value);

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

#define CONTRAST_LEAST 4.5 /* WCAG 2.2, 1.4.3 */

/** The least contrast that a colour of links and buttons has with what it is shown on. */
double colour_accent_contrast(struct colour accent, bool is_dark);

#endif
