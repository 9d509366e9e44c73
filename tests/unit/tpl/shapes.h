/* A struct with a member of each type, and what compiles a text against it. */
#ifndef TESTS_UNIT_TPL_SHAPES_H
#define TESTS_UNIT_TPL_SHAPES_H

#include "check.h"
#include "one_scope.h"

#include "platform/tpl/tpl_internal.h"

struct tag {
    str name;
    bool last;
};

struct person {
    str name;
    str code;
    int64_t id;
    bool chosen;
    struct tpl_list tags;
};

struct all {
    str text;
    str url;
    str name;
    str role;
    int64_t count;
    int64_t id;
    int64_t total;
    int64_t amount;
    bool yes;
    bool no;
    usec day;
    usec moment;
    enum message note;
    struct html body;
    struct tpl_list people;
    struct tpl_list none;
};

static const struct tpl_member tag_members[] = {TPL_TEXT(struct tag, name),
                                                TPL_BOOL(struct tag, last)};
static const struct tpl_struct tag_struct = TPL_STRUCT(struct tag, tag_members);

static const struct tpl_member person_members[] = {
    TPL_TEXT(struct person, name),
    TPL_TEXT(struct person, code),
    TPL_NUMBER(struct person, id),
    TPL_BOOL(struct person, chosen),
    TPL_LIST(struct person, tags, tag_struct),
};
static const struct tpl_struct person_struct = TPL_STRUCT(struct person, person_members);

static const struct tpl_member all_members[] = {
    TPL_TEXT(struct all, text),
    TPL_URL(struct all, url),
    TPL_TEXT(struct all, name),
    TPL_TEXT(struct all, role),
    TPL_INT(struct all, count),
    TPL_NUMBER(struct all, id),
    TPL_INT(struct all, total),
    TPL_INT(struct all, amount),
    TPL_BOOL(struct all, yes),
    TPL_BOOL(struct all, no),
    TPL_INSTANT(struct all, day),
    TPL_INSTANT(struct all, moment),
    TPL_MESSAGE(struct all, note),
    TPL_HTML(struct all, body),
    TPL_LIST(struct all, people, person_struct),
    TPL_LIST(struct all, none, person_struct),
};
static const struct tpl_struct all_struct = TPL_STRUCT(struct all, all_members);

static const struct tpl_binding page_binding = {"page", &all_struct};

static const struct tpl_binding *const page_bindings[] = {&page_binding};

/* The text is the template "page"; parts "part/name" and others are there as well. */
static inline enum err compile(str text, struct tpl **ret_tpl)
{
    struct tpl_source *sources = arena_array(&scope.arena, struct tpl_source, 6);
    sources[0] = (struct tpl_source){"page", text};
    sources[1] = (struct tpl_source){"part/name", S("<i>{{name}}</i>")};
    sources[2] = (struct tpl_source){"part/open", S("<i ")};
    sources[3] = (struct tpl_source){"part/a", S("{{>part/b}}")};
    sources[4] = (struct tpl_source){"part/b", S("\n {{>part/a}}")};
    sources[5] = (struct tpl_source){"part/bad", S("<p>\n<p id={{name}}>")};
    return tpl_open_sources(&scope, sources, 6, page_bindings, 1, ret_tpl);
}

#endif
