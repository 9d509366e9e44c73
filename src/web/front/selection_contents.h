/* What a selection holds, as the one who asks may see it, for its page, its archive and its scripts. */
#ifndef WEB_FRONT_SELECTION_CONTENTS_H
#define WEB_FRONT_SELECTION_CONTENTS_H

#include "base/json_read.h"
#include "domain/records/format.h"
#include "web/front/selection.h"

struct selected {
    const struct dataset *dataset;
    str title, publisher, license, license_url; /* of the metadata, in the visitor's language; perhaps empty */
    const struct format *format; /* of its file: the one chosen, or CSV where that does not suit; NULL: no records */
    str file;                    /* "ID.csv"; empty without records */
    str address;                 /* of its export in the API, absolute; empty without records */
};

struct selection_contents {
    struct selection selection;
    struct selected *items;
    size_t count;
    const str *missing; /* ids of datasets that are not there, or not for who asks */
    size_t missing_count;
    const struct format *format;
    bool use_labels;
};

/**
 * Reads dataset=, format=, use_labels= and, for downloads, lang= of the address (selection_named). Errors: ERR_PARAMETER (format,
 * more than SELECTION_MOST datasets); those of reading the catalogue.
 */
enum err selection_contents_read(struct call *call, struct selection_contents *ret_contents) must_check;

#endif
