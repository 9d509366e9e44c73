/* What is done with a whole dataset: made, opened, withdrawn, renamed, removed. */
#ifndef WEB_BACK_DATASET_CHANGE_H
#define WEB_BACK_DATASET_CHANGE_H

#include "web/back/dataset_frame.h"
#include "web/shell/route.h"

call_handler back_dataset_create, back_dataset_release, back_dataset_withdraw, back_dataset_rename, back_dataset_remove;

/** The right that opening a dataset takes: a draft may be opened by who publishes, else it is a change of rules. */
static inline enum right change_release_right(const struct dataset *dataset)
{
    return dataset->is_draft ? RIGHT_PUBLISH : RIGHT_MANAGE;
}

/** What opening it is called: a draft is published, one without records by that name. */
enum message change_release_name(const struct dataset *dataset);

#endif
