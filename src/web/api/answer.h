/* What all answers of the API share: headers, validators, the frame of a page. */
#ifndef WEB_API_ANSWER_H
#define WEB_API_ANSWER_H

#include "web/api/links.h"

/* uid of the catalogue itself where answers name what they were made from. */
#define ANSWER_CATALOG S("catalog")

/** The dataset of that id or uid. Errors: ERR_NO_DATASET. */
enum err answer_find_dataset(struct call *call, str id, const struct dataset **ret_dataset)
    must_check;

/**
 * Sets the validator of an answer made from one version of a dataset (or generation of the
 * catalogue). identity names everything else that the bytes depend on. True when the client has
 * these bytes already: the answer is complete and the handler returns.
 * Answers that depend on the clock (now() in a clause) get no validator.
 */
bool answer_is_known(struct call *call, const struct params *params, str uid, uint64_t version,
                     str identity);

/** Sends a JSON body; body is empty afterwards. */
void answer_json(struct call *call, const struct params *params, struct buf *body);

/* What a page is read from, and how its results are linked. */
struct page_source {
    str uid;
    uint64_t version;
    int64_t count;   /* rows of the source */
    str address;     /* of the list, for paging links */
    str subject;     /* dataset id; empty: the catalogue */
    const struct sql *id_expression; /* id of a row, for its links */
};

/** Reads a page and sends it: total_count, _links if asked for, results. Errors: any of reading. */
enum err answer_page(struct call *call, struct records_lease *lease, struct params *params,
                     const struct page_source *source) must_check;

#endif
