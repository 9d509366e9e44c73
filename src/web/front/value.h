/* Values of records as people read them: numbers and dates of the visitor's language, links, short texts. */
#ifndef WEB_FRONT_VALUE_H
#define WEB_FRONT_VALUE_H

#include "base/json_read.h"
#include "domain/catalog/field.h"
#include "web/shell/call.h"

struct value_view {
    str text;        /* empty: there is no value */
    str address;     /* where the text leads when it is an address of the web; else empty */
    bool is_number;  /* set to the end of its column */
    bool is_cut;     /* the text goes on */
    bool is_missing;
};

/** A value of the API's answers (explore-api.md 4.2) of a field; longest: letters shown at most. */
struct value_view value_view(struct call *call, const struct field *field, const json_t *value, size_t longest);

/** The same for a value that is of no field, as an aggregate. */
struct value_view value_view_plain(struct call *call, const json_t *value, size_t longest);

/** When a dataset was last modified; a day that its metadata give is that day everywhere. Empty: not said. In the call's arena. */
str modified_text(const struct call *call, const struct dataset *dataset);

/** A number of records as people say it, "3 million records"; below 10,000 exact. In the call's arena. */
str records_text(struct call *call, int64_t count);

/** Text of HTML without markup, cut behind a word to so many bytes with an ellipsis. In the arena. */
str description_plain(struct arena *arena, str html, size_t most);

/** Label of a field, else its name. */
static inline str field_title(const struct field *field)
{
    return field->label.n ? field->label : field->name;
}

#endif
