/*
 * Logic-less HTML templates bound to C structs: a subset of mustache, compiled and checked against
 * the structs at start, escaped by type. The files are tpl/NAME.html, embedded in the program.
 *
 *   {{name}}                   a member, escaped for where it stands
 *   {{#list}} … {{/list}}      once per item, names looked up in the item, then outwards; on
 * another member: when true, not empty, not zero
 *   {{^list}} … {{/list}}      when empty, zero or false
 *   {{>part/name}}             another template with the current struct's members; in text only
 *   {{_some.key}}              a message; its arguments are members of the same names in scope
 *   {{! comment }}
 *
 * A line with nothing but a section's begin or end, a part or a comment leaves no line behind.
 *
 * A place is text or a quoted attribute value; anything else is refused at start: unquoted values,
 * names of tags and attributes, script, style, comments, end tags. So are values in on…, style,
 * srcdoc, srcset, http-equiv. A section may contain whole elements, whole attributes with the blank
 * before them (<option{{#chosen}} selected{{/chosen}}>), or a piece of one attribute value; it must
 * end where it began.
 *
 * Attributes that hold addresses (href, src, action, formaction, poster, cite, data, ping …) take
 *   - TPL_URL at the start, then nothing or a literal that begins with ? & or #, and as below;
 *   - behind a literal that begins with / (not //), ? or #, or with http(s)://host/, or a relative
 *     path up to its / or ?: TPL_TEXT and TPL_NUMBER, percent-coded; in a path an empty value, "."
 *     and ".." become U+FFFD, so that the address keeps its segments;
 *   - in a query or fragment also TPL_URL, percent-coded whole.
 * Behind a section that may have changed more than this, literals only.
 */
#ifndef PLATFORM_TPL_TPL_H
#define PLATFORM_TPL_TPL_H

#include <stddef.h>

#include "base/buf.h"
#include "base/scope.h"
#include "platform/i18n/message.h"

/* HTML made by a template or another trusted writer. */
struct html {
    str text;
};

struct tpl_list {
    const void *items; /* of the struct named in the descriptor */
    size_t count;
};

enum tpl_type {
    TPL_TYPE_TEXT,    /* str */
    TPL_TYPE_URL,     /* str: absolute path, query, fragment, http(s) or mailto address, empty; else "#" */
    TPL_TYPE_INT,     /* int64_t, written for the language; not in addresses */
    TPL_TYPE_NUMBER,  /* int64_t, plain digits: values of forms, addresses */
    TPL_TYPE_BOOL,    /* bool: for sections only */
    TPL_TYPE_INSTANT, /* usec: date and time for the language; 0 is empty */
    TPL_TYPE_MESSAGE, /* enum message without arguments; MESSAGE_NONE is empty */
    TPL_TYPE_HTML,    /* struct html, text places only */
    TPL_TYPE_LIST     /* struct tpl_list */
};

struct tpl_member {
    const char *name;
    enum tpl_type type;
    size_t offset;
    const struct tpl_struct *items; /* of a list */
};

struct tpl_struct {
    size_t size;
    const struct tpl_member *members;
    size_t count;
};

/*
 * Describes struct TYPE:
 *   static const struct tpl_member person_members[] = {TPL_TEXT(struct person, name), …};
 *   static const struct tpl_struct person_struct = TPL_STRUCT(struct person, person_members);
 */
#define TPL_MEMBER(type_, member, kind, items_) {#member, kind, offsetof(type_, member), items_}
#define TPL_TEXT(type, member) TPL_MEMBER(type, member, TPL_TYPE_TEXT, NULL)
#define TPL_URL(type, member) TPL_MEMBER(type, member, TPL_TYPE_URL, NULL)
#define TPL_INT(type, member) TPL_MEMBER(type, member, TPL_TYPE_INT, NULL)
#define TPL_NUMBER(type, member) TPL_MEMBER(type, member, TPL_TYPE_NUMBER, NULL)
#define TPL_BOOL(type, member) TPL_MEMBER(type, member, TPL_TYPE_BOOL, NULL)
#define TPL_INSTANT(type, member) TPL_MEMBER(type, member, TPL_TYPE_INSTANT, NULL)
#define TPL_MESSAGE(type, member) TPL_MEMBER(type, member, TPL_TYPE_MESSAGE, NULL)
#define TPL_HTML(type, member) TPL_MEMBER(type, member, TPL_TYPE_HTML, NULL)
#define TPL_LIST(type, member, items) TPL_MEMBER(type, member, TPL_TYPE_LIST, &(items))
#define TPL_STRUCT(type, members_)                                                                 \
    {sizeof(type), members_, sizeof(members_) / sizeof((members_)[0])}

/* A page and the struct it shows. */
struct tpl_binding {
    const char *name; /* "front/sign_in": tpl/front/sign_in.html */
    const struct tpl_struct *shape;
};

struct tpl;

/**
 * Compiles the templates of the bindings. Undone by tpl_close.
 * Errors: ERR_INTERNAL (template, line, column, what is wrong): a fault of the build.
 */
enum err tpl_open(struct scope *scope, const struct tpl_binding *const *bindings, size_t count,
                  struct tpl **ret_tpl) must_check;
void tpl_close(struct tpl *tpl);

/** Appends a page. binding must be one that tpl_open was given. Any thread. */
void tpl_render(struct scope *scope, const struct tpl *tpl, const struct tpl_binding *binding,
                language lang, const void *data, struct buf *out);

/** tpl_render into an html value. */
struct html tpl_html(struct scope *scope, const struct tpl *tpl, const struct tpl_binding *binding,
                     language lang, const void *data);

#endif
