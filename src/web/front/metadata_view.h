/* Metadata of a dataset as people read them: what is set, by template, with labels in their language. */
#ifndef WEB_FRONT_METADATA_VIEW_H
#define WEB_FRONT_METADATA_VIEW_H

#include "domain/catalog/metadata.h"
#include "domain/interop/interop.h"
#include "platform/text/zone.h"
#include "web/front/value.h"

struct metadata_item {
    str text;
    str address;  /* where it leads; empty: nowhere */
    str language; /* of the text, where it is another one than the page's */
    bool is_filter; /* address is a refined catalogue, which engines need not follow */
};

struct metadata_line {
    str label;
    struct tpl_list items;
};

struct metadata_group {
    str name, title;
    struct tpl_list lines;
};

/** Items of lists of metadata_group. */
extern const struct tpl_struct metadata_group_struct;

/** Whether a row is shown among the others: it has no place of its own on the page, and means something to people. */
bool metadata_is_shown(const struct metadata_row *row);

/** Label of a row, title of a template; MESSAGE_NONE: there is none, which is a fault (test_metadata_view.c). */
enum message metadata_label(const struct metadata_row *row);
enum message metadata_template_label(const struct metadata_template *in);

/** Name of a type of field in words. */
enum message field_type_label(const struct field *field);

/** What is set of an entry, in the order of the templates; groups without anything are left out. zone: of times. */
struct tpl_list metadata_groups(struct call *call, const struct entry *entry, const struct zone *zone);

/** Address of the catalogue refined by a value: "/explore/?refine.keyword=…". In the call's arena. */
str catalogue_refined(struct call *call, const char *facet, str value);

#endif
