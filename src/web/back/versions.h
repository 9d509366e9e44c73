/* The versions of a dataset in the back office: list, comparison, and what is done with one. */
#ifndef WEB_BACK_VERSIONS_H
#define WEB_BACK_VERSIONS_H

#include "domain/catalog/version.h"
#include "web/back/dataset_frame.h"
#include "web/shell/route.h"

call_handler back_versions, back_version_action, back_versions_keep, back_versions_compare;

extern const struct tpl_binding versions_template, versions_compare_template;

/** "12 added, 3 removed, 1 changed" of records, or that they were not counted. changed: -1: counted as the others. */
str versions_counts(struct call *call, int64_t added, int64_t removed, int64_t changed);

#endif
