/*
 * Logic-less HTML templates bound to C structs: a subset of mustache, compiled and checked against
 * the structs at start, escaped by type. The files are tpl/NAME.html, embedded in the program.
 *
 *   {{name}}                   a member, escaped for where it stands
 *   {{#list}} … {{/list}}      once per item, names looked up in the item, then outwards; on a bool
 *                              member: when true; on text: when not empty
 *   {{^list}} … {{/list}}      when empty or false
 *   {{>part/name}}             another template with the current struct's members
 *   {{_some.key}}              a message; its arguments are members of the same names
 *   {{! comment }}
 *
 * A place is text or a quoted attribute value; anything else is refused at start: unquoted
 * attributes, tag and attribute names, script, style, comments. Attributes that hold addresses
 * (href, src, action, formaction, poster) accept only TPL_URL, or literal text followed by one.
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
    TPL_TYPE_URL,     /* str: path, query or http(s) address; another scheme renders as "#" */
    TPL_TYPE_INT,     /* int64_t, written for the language */
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

/** Appends text escaped for an HTML text place or a double-quoted attribute. */
void html_escape(struct buf *out, str text);

#endif
