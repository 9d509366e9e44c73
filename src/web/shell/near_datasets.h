/* Datasets that somebody may have meant with an id that there is not. */
#ifndef WEB_SHELL_NEAR_DATASETS_H
#define WEB_SHELL_NEAR_DATASETS_H

#include "web/shell/call.h"

struct near_dataset {
    str title, address;
};

/** Items of the list below. */
extern const struct tpl_struct near_dataset_struct;

/**
 * The datasets that the visitor may see whose id differs by a few letters, and those whose title or keywords have
 * its words, or nearly. The call has its snapshot. A search that fails finds nothing.
 */
struct tpl_list near_datasets(struct call *call, str id);

#define NEAR_DATASETS_MOST 10

/**
 * The datasets that the visitor may see in which some of the words of a text occur, besides in what their fields
 * are called; the best first, at most NEAR_DATASETS_MOST. Light rows. The call has its snapshot. A search that
 * fails finds nothing.
 */
size_t near_datasets_some_words(struct call *call, str text, const struct dataset **ret_datasets);

/** The versions of a dataset that are kept, the newest first, as links of the same kind; so many at most. */
struct tpl_list near_versions(struct call *call, const struct dataset *dataset);

#endif
