/*
 * The pages of one dataset in the back office: heading, state, tabs, and beside them what a tab shows.
 */
#ifndef WEB_BACK_DATASET_FRAME_H
#define WEB_BACK_DATASET_FRAME_H

#include "web/back/office.h"

/* In the order in which they stand. */
enum office_tab {
    OFFICE_TAB_OVERVIEW, /* state, quality, latest jobs, what to do next */
    OFFICE_TAB_SOURCE,   /* where the records come from, fields, preview, publishing */
    OFFICE_TAB_METADATA,
    OFFICE_TAB_ACCESS,
    OFFICE_TAB_VERSIONS,
    OFFICE_TAB__COUNT
};

struct office_dataset_page {
    const struct dataset *dataset;
    enum office_tab tab;
    str title;                     /* of what the tab shows, for the window; empty: the tab's */
    const struct tpl_binding *body;
    const void *data;
    bool has_errors;
    bool is_wide;
    const char *scripts[PAGE_SCRIPTS_MOST];
};

/**
 * The dataset whose id is the first {} of the route, whole: with the fields and records that the actor may not
 * see, because who changes it must not lose them. right: what he must be allowed to do with it.
 * Errors: ERR_NO_DATASET, ERR_DENIED, those of dataset_load.
 */
enum err office_open_dataset(struct call *call, enum right right, const struct dataset **ret_dataset)
    must_check;

/** Renders such a page and answers. Returns ERR_OK. */
enum err office_dataset_send(struct call *call, const struct office_dataset_page *page);

/** "/backoffice/datasets/ID" followed by action: "" or "/versions". */
str office_dataset_address(const struct call *call, str id, const char *action);

/** Title of a dataset for people: never empty. */
str office_dataset_title(const struct dataset *dataset);

/** What visitors see of it: Draft, Restricted, Public; ret_kind: classes of its tag. */
str office_dataset_state(const struct call *call, const struct dataset *dataset, str *ret_kind);

extern const struct tpl_binding office_dataset_template;

#endif
