/* A dataset in a list of them. */
#ifndef WEB_FRONT_DATASET_CARD_H
#define WEB_FRONT_DATASET_CARD_H

#include "web/front/facets.h"
#include "web/front/value.h"

struct dataset_card {
    str id, title, summary, publisher, theme, theme_class, license, modified, records, exact;
    str address;       /* of its page */
    str theme_address; /* of the catalogue, narrowed down by it */
    bool is_restricted, is_draft, has_records;
    struct tpl_list choice; /* selection_choices */
    bool is_nested; /* below a heading of the second level */
    struct tpl_list keywords; /* linked to the catalogue, narrowed down by them */
};

/** Items of lists of dataset_card, for tpl/part/dataset_card.html. */
extern const struct tpl_struct dataset_card_struct;

/**
 * Makes the card of a loaded dataset in the visitor's language. context: the catalogue that its theme and
 * keywords lead to. Errors: ERR_INTERNAL (stored metadata).
 */
enum err dataset_card_make(const struct facet_context *context, const struct dataset *dataset,
                           struct dataset_card *ret_card) must_check;

#endif
