/* What all answers of the API share: headers, validators, the frame of a page. */
#ifndef WEB_API_ANSWER_H
#define WEB_API_ANSWER_H

#include "web/api/links.h"

/**
 * The dataset of that id or uid, in the version that is asked for. Errors: ERR_NO_DATASET, ERR_NO_VERSION,
 * ERR_PARAMETER (version), those of reading.
 */
enum err answer_find_dataset(struct call *call, str id, const struct dataset **ret_dataset)
    must_check;

/**
 * Says from what the answer is made: the current version of a dataset, or with NULL the catalogue's
 * generation, and identity, which names everything else that the bytes depend on (the parameters of
 * params_identify and, with has_links, the base address are added). Sets the validator and allows
 * caching. True when the client has these bytes already: the answer is complete.
 * Answers that depend on the clock (now() in a clause) get no validator and are not kept.
 */
bool answer_is_known(struct call *call, const struct params *params, const struct dataset *dataset,
                     bool has_links, str identity);

/** Sends a JSON body; body is empty afterwards. */
void answer_json(struct call *call, const struct params *params, struct buf *body);

/** Sends {"links": …}: self, which is address, and the names below it. */
void answer_links(struct call *call, const struct params *params, str address, const str *names,
                  size_t count);

/* What a page is read from, and how its results are linked. */
struct page_source {
    const struct dataset *dataset;   /* NULL: the catalogue */
    str address;                     /* of the list, for paging links */
    const struct sql *id_expression; /* id of a row, for its links */
};

/** Reads a page and sends it: total_count, _links if asked for, results. Errors: any of reading. */
enum err answer_page(struct call *call, struct records_lease *lease, struct params *params,
                     const struct page_source *source) must_check;

#endif
