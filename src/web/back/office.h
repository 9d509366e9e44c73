/*
 * What the pages of the back office share: their navigation, texts, addresses, and how they end.
 */
#ifndef WEB_BACK_OFFICE_H
#define WEB_BACK_OFFICE_H

#include "web/shell/gate.h"
#include "web/shell/page.h"

/* In the order of the navigation. */
enum section {
    SECTION_OVERVIEW,
    SECTION_DATASETS,
    SECTION_JOBS,
    SECTION_STATISTICS,
    SECTION_USERS,
    SECTION_GROUPS,
    SECTION_KEYS,
    SECTION_SESSIONS,
    SECTION_ACCESS,
    SECTION_TEMPLATES, /* of metadata, with their vocabularies */
    SECTION_SITE,
    SECTION_PAGES,     /* of content */
    SECTION_SERVICES,
    SECTION_COOKIES,
    SECTION_BACKUPS,
    SECTION_AUDIT,
    SECTION__COUNT
};

/* A page of the back office: its content, beside which the navigation stands. */
struct office_page {
    enum section section;
    str title;
    const struct tpl_binding *body;
    const void *data;
    bool has_errors; /* the title says so, the status is 422 */
    const char *scripts[PAGE_SCRIPTS_MOST]; /* bundles that it needs besides app.js */
    bool is_wide;
};

/** Renders and answers. Returns ERR_OK, as a handler does. */
enum err office_send(struct call *call, const struct office_page *page);

/** Answers a script (page_is_for_script) with JSON, which json holds; it is empty afterwards. Returns ERR_OK. */
enum err office_json(struct call *call, int status, struct buf *json);

/**
 * Leads to a path of ours, where flash (MESSAGE_NONE: nothing) is shown; tells a script both:
 * {"location": …, "message": …}. Returns ERR_OK.
 */
enum err office_done(struct call *call, str path, enum message flash);

/**
 * Makes a change of permissions hold for this process at once, before the answer is seen; others notice
 * it within a second. Errors: ERR_DATABASE.
 */
enum err office_apply(struct call *call) must_check;

/** Whether a form was sent. */
bool office_is_post(const struct call *call);

/** A message in the visitor's language. */
static inline str office_say(const struct call *call, enum message message)
{
    return message_plain(call->language, message);
}

/** The same with arguments. */
#define office_tell(call, message, ...)                                                            \
    message_text(&(call)->scope->arena, (call)->language, (message),                               \
                 (const struct message_argument[]){__VA_ARGS__},                                   \
                 sizeof((const struct message_argument[]){__VA_ARGS__}) /                          \
                     sizeof(struct message_argument))

/** An instant for people; 0 gives the message instead. */
str office_instant(const struct call *call, usec instant, enum message never);

/** An instant for scripts, 2026-01-05T08:30:00+00:00; empty for 0. */
str office_json_instant(const struct call *call, usec instant);

/** base followed by a percent-encoded segment or value. */
str office_path(const struct call *call, const char *base, str value);

/** base followed by an id. */
str office_path_id(const struct call *call, const char *base, int64_t id);

/** The id that stands for {} in the route. Errors: the given one, for what is no number. */
enum err office_id(struct call *call, size_t at, enum err absent, int64_t *ret_id) must_check;

/* A window on a list that is in memory as a whole. */
struct office_pages {
    int64_t page, pages;
    str previous_page, next_page;
    size_t from, to; /* items to show */
};

#define OFFICE_PAGE_ITEMS 50

/** The window that parameter "page" asks for. base: address of the list, without page; query: "q=…" or empty. */
struct office_pages office_pages(const struct call *call, size_t count, const char *base, str query);

/** Messages of roles. */
enum message office_role_title(enum role role);
enum message office_role_text(enum role role);

/** The highest right among these bits, as a message: "Publish". */
enum message office_right_title(unsigned rights);

/** The same as text. */
static inline str office_rights(const struct call *call, unsigned rights)
{
    return office_say(call, office_right_title(rights));
}

/** Who did what the audit log says: a sign-in name, or in words nobody or the command line. */
str office_audit_actor(const struct call *call, str actor);

/** What an action of the audit log is called; its key, when it is of a later version. */
str office_action(const struct call *call, str action);

/* A link in a list of links, for templates: address, label. */
struct office_link {
    str address, label;
    bool danger;
};
extern const struct tpl_struct office_link_struct;

extern const struct tpl_binding office_template;

#endif
