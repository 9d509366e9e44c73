/*
 * Pages of content: texts in Markdown that administrators write, at /pages/SLUG/, with their revisions and pictures.
 * They are kept beside the settings of the site, and taken into service as those are.
 */
#ifndef DOMAIN_SITE_CONTENT_H
#define DOMAIN_SITE_CONTENT_H

#include "domain/site/keeper.h"

#define CONTENT_SLUG_BYTES 80
#define CONTENT_TITLE_BYTES 200
#define CONTENT_TEXT_BYTES ((size_t)64 << 10) /* of one language */
#define CONTENT_PAGES_MOST 500
#define CONTENT_REVISIONS_MOST 50 /* of a page; older ones go */
#define CONTENT_FILES_MOST 50     /* of a page */
#define CONTENT_FILE_BYTES (2u << 20)

/* Where links to a page stand. */
enum content_menu { MENU_NONE, MENU_HEADER, MENU_FOOTER, MENU__COUNT };

struct content {
    struct site_page page;
    struct translated text; /* Markdown */
};

/** Whether a slug is good: a-z 0-9 -, 1 to CONTENT_SLUG_BYTES, no - at its ends or twice. */
bool content_slug_is_good(str slug);

/** A text as it is kept: lines end with \n, no control characters but tabs. In the arena. */
str content_clean(struct arena *arena, str text);

/** A slug made of a title; perhaps empty. */
str content_slug_of(struct arena *arena, str title);

/** The page of a slug as the site knows it, or NULL. */
const struct site_page *content_find(const struct site *site, str slug);

/** A page with its texts. revision: one of its history; 0: as it is now. Errors: ERR_NO_PAGE, ERR_DATABASE. */
enum err content_get(struct scope *scope, struct site_keeper *keeper, int64_t id, int64_t revision,
                     struct content *ret_content) must_check;

/**
 * Stores a page, a new one when its id is 0. page.revision: the one that was read; the stored one is the next.
 * Errors: ERR_CONFLICT (somebody stored it since; another page has the slug; there are too many), ERR_NO_PAGE,
 * ERR_DATABASE.
 */
enum err content_store(struct scope *scope, struct site_keeper *keeper, const struct content *content, str author,
                       int64_t *ret_id) must_check;

/** Removes a page with its history and files. Errors: ERR_NO_PAGE, ERR_DATABASE. */
enum err content_remove(struct scope *scope, struct site_keeper *keeper, int64_t id) must_check;

struct content_revision {
    int64_t revision;
    usec changed;
    str author;
};

/** The revisions that are kept, the latest first. Errors: ERR_DATABASE. */
enum err content_history(struct scope *scope, struct site_keeper *keeper, int64_t id,
                         const struct content_revision **ret_revisions, size_t *ret_count) must_check;

/* A picture of a page. */
struct content_file {
    str name;
    int64_t size;
};

/** Names of the files of a page, in their order. Errors: ERR_DATABASE. */
enum err content_files(struct scope *scope, struct site_keeper *keeper, int64_t id,
                       const struct content_file **ret_files, size_t *ret_count) must_check;

/** One of them; bytes.p NULL: there is none of that name. Errors: ERR_DATABASE. */
enum err content_file_get(struct scope *scope, struct site_keeper *keeper, int64_t id, str name,
                          struct site_file *ret_file) must_check;

/** Stores a picture in place of one of that name. Errors: ERR_CONFLICT (too many), ERR_NO_PAGE, ERR_DATABASE. */
enum err content_file_put(struct scope *scope, struct site_keeper *keeper, int64_t id, str name, str bytes) must_check;

/** Removes a picture. Errors: ERR_DATABASE. */
enum err content_file_remove(struct scope *scope, struct site_keeper *keeper, int64_t id, str name) must_check;

/** A name for a picture that was sent: "Mairie 2.PNG" → "mairie-2.png"; STR_NONE: of no kind that is shown. */
str content_file_name(struct arena *arena, str sent);

#endif
